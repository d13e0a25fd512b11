"""One thread for each process: numerical libraries would start as many as there are cores, in every worker."""

from __future__ import annotations

import os

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def set_up() -> None:
    """Say so to libraries that are loaded later; for a process that has loaded none yet."""
    os.environ.update(dict.fromkeys(NAMES, "1"))
