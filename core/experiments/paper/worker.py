"""
Trainings in a process of their own, which is replaced now and then.

TensorFlow keeps every network that it has trained (about 13 bytes for each parameter, whatever is cleared), so one
process cannot make a hundred runs.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any

from core import config as configs
from core.config import ExperimentConfig
from core.errors import InputError
from core.experiments.progress import Cancelled, Progress
from core.training import network

MOST_PARAMETERS = 150_000_000  # of all networks that one process trains: about 2 GB that do not come back
LOOK_SECONDS = 0.5

_stop: Any = None


class Worker:
    """One process at a time; use it as a context, so that none is left behind."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._pool: ProcessPoolExecutor | None = None
        self._trained = 0

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def train(self, config: ExperimentConfig, should_stop: Callable[[], bool]) -> str:
        """
        Make one run; returns its id.

        Raises
        ------
        InputError
            If the configuration yields nothing to train on, or the process died (for want of memory, as a rule).
        Cancelled
            If `should_stop()` became true; what was trained is kept.
        """
        size = network.n_parameters(config.windows.length_minutes, config.network)
        if self._trained and self._trained + size > MOST_PARAMETERS:
            self._end()
        if self._pool is None:
            context = get_context("spawn")
            self._stop = context.Event()
            self._pool = ProcessPoolExecutor(1, context, _prepare, (self._stop,))
        self._trained += size
        future = self._pool.submit(_train, config.as_dict(), str(self._data_dir))
        try:
            return self._wait(future, should_stop)
        except BrokenProcessPool:
            self._end()
            raise InputError("The process that trained it died; most likely the memory was full.") from None

    def _wait(self, future: Future[str], should_stop: Callable[[], bool]) -> str:
        while True:
            try:
                return future.result(LOOK_SECONDS)
            except NotYet:
                if should_stop():
                    self._stop.set()
            except KeyboardInterrupt:
                self._stop.set()
                raise

    def _end(self) -> None:
        if self._pool is not None:
            self._stop.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool, self._trained = None, 0


class _Stoppable(Progress):
    def should_stop(self) -> bool:
        return bool(_stop is not None and _stop.is_set())


def _prepare(stop: Any) -> None:
    """In the new process: Ctrl-C is the parent's to hear, and a parent that is gone takes this process with it."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        watch = threading.Thread(target=lambda: connection.wait([parent.sentinel]) and os._exit(1), daemon=True)
        watch.start()


def _train(config: dict[str, Any], data_dir: str) -> str:
    return train(configs.from_dict(config), Path(data_dir), _Stoppable())


def train(config: ExperimentConfig, data_dir: Path, progress: Progress | None = None) -> str:
    """Make one run in this process; returns its id."""
    from core.experiments import pipeline
    from core.experiments.runs import RunStore
    from core.experiments.sources import open_source

    source = open_source(config, data_dir, progress)
    return pipeline.run(config, source, RunStore(data_dir), progress).run_id


__all__ = ["Cancelled", "Worker", "train"]
