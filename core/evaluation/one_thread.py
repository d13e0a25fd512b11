"""
One thread for what judges: numerical libraries would start as many as there are cores.

Small trees and small matrices wait for each other more than they work: with two threads an assessment of 15 hourly
years took half as much processor time again as with one, and longer by the clock too.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
BRING_THREADS = ("scipy.optimize", "sklearn.ensemble")  # numpy is loaded everywhere


def set_up() -> None:
    """Say so to libraries that are loaded later; for a process that has loaded none yet."""
    os.environ.update(dict.fromkeys(NAMES, "1"))


@contextmanager
def held() -> Iterator[None]:
    """Keep the libraries of this process to one thread while it lasts."""
    from threadpoolctl import threadpool_limits

    for name in BRING_THREADS:  # only libraries that are loaded can be held
        importlib.import_module(name)
    with threadpool_limits(1):
        yield
