"""
Tasks on a Dask cluster: one that is running, or one started on this machine, under SLURM or on Kubernetes.

The Dask worker only keeps a place for a worker process of our own (workers.py), which does the training: so the bits
are those of a training here, memory comes back, and Dask's own threads touch no random state. When a Dask worker dies,
the scheduler gives its task to another, which goes on from the checkpoint; every worker sees the same data folder.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Protocol

from core import commands
from core.errors import InputError
from core.studies.workers import Outcome, Place, Task

KINDS = ("local", "slurm", "kubernetes")
CONNECT_S = 30.0
_here = threading.local()  # within a Dask worker: the place of each of its threads
_places: list[Place] = []


class Future(Protocol):
    """A task that a cluster was given."""

    @property
    def status(self) -> str:
        """ "finished", or what became of it."""

    def done(self) -> bool:
        """True once it has ended."""

    def result(self) -> Outcome:
        """What it answered."""

    def exception(self) -> BaseException | None:
        """Why it has no answer."""


class Client(Protocol):
    """A connection to a scheduler."""

    def submit(
        self, function: Callable[[str, Task], Outcome], name: str, task: Task, *, key: str, pure: bool
    ) -> Future:
        """Have a task done."""

    def cancel(self, futures: list[Future]) -> None:
        """Take tasks back."""

    def run(self, function: Callable[[], None]) -> object:
        """Have something done within every worker."""


class Started(AbstractContextManager[object], Protocol):
    """A cluster that ends with its block."""

    def scale(self, n: int) -> object:
        """Have so many workers."""


class Cluster:
    """
    An engine (`workers.Engine`) on dask.distributed.

    Parameters
    ----------
    address : str
        Of a scheduler that is running, such as "tcp://10.0.0.1:8786"; or "" and then
    kind : "local", "slurm" or "kubernetes"
        The cluster to start. What a SLURM or Kubernetes job asks for comes from Dask's own configuration files.
    n_workers : int
        How many to start; 0 = one for each core of this machine.
    """

    def __init__(self, address: str = "", kind: str = "", n_workers: int = 0) -> None:
        if bool(address) == bool(kind):
            raise InputError("Give either --scheduler ADDRESS or --cluster, not both.")
        if kind and kind not in KINDS:
            raise InputError(f"--cluster {kind!r} is not known. Choose one of: {', '.join(KINDS)}.")
        self._address, self._kind, self._n = address, kind, n_workers or os.cpu_count() or 1
        self._distributed = need("distributed", "dask")
        if kind in ("slurm", "kubernetes"):
            need({"slurm": "dask_jobqueue", "kubernetes": "dask_kubernetes"}[kind], kind)

    def run(self, tasks: dict[str, Task], look: Callable[[], None]) -> Iterator[Outcome]:
        """Outcomes as they come; see `workers.Engine`. What runs where is Dask's business, so none is "started"."""
        with self._client() as client:
            # The key is the run: who asks the same scheduler for the same run gets the same one.
            waiting = {client.submit(perform, key, task, key=key, pure=False): key for key, task in tasks.items()}
            try:
                while waiting:
                    look()
                    with contextlib.suppress(TimeoutError):
                        self._distributed.wait(list(waiting), timeout=0.5, return_when="FIRST_COMPLETED")
                    for future in [each for each in waiting if each.done()]:
                        yield _outcome(waiting.pop(future), future)
            finally:
                if waiting:
                    client.cancel(list(waiting))
                    with contextlib.suppress(Exception):  # the workers may be gone, and that is all we want
                        client.run(stop)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        logging.getLogger("distributed").setLevel(logging.ERROR)  # it tells of every worker that dies
        with contextlib.ExitStack() as stack:
            where: object = self._address
            if self._kind:
                where = stack.enter_context(self._start())
            try:
                client = stack.enter_context(self._distributed.Client(where, timeout=CONNECT_S))
            except (OSError, ValueError) as error:
                raise InputError(f"No Dask scheduler answers at {where} ({error}). Is it running there?") from None
            yield client

    def _start(self) -> AbstractContextManager[object]:
        started: Started
        if self._kind == "local":
            started = self._distributed.LocalCluster(
                n_workers=self._n,
                threads_per_worker=1,
                dashboard_address=None,
                memory_limit=0,
                silence_logs=logging.ERROR,
            )
            return started
        try:
            if self._kind == "slurm":
                started = need("dask_jobqueue", "slurm").SLURMCluster(cores=1, processes=1)
            else:
                started = importlib.import_module("dask_kubernetes.operator").KubeCluster(name="precursor-sweep")
            started.scale(self._n)
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(
                f"The {self._kind} cluster cannot be started ({error}). See Dask's configuration."
            ) from None
        return started


def need(package: str, extra: str) -> ModuleType:
    """
    Import an optional package.

    Raises
    ------
    InputError
        If it is not installed: which extra of this project brings it.
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        raise InputError(f"The package {package} is not installed. {commands.how_to_install(extra)}") from None


def perform(key: str, task: Task) -> Outcome:
    """Do a task; this runs within a Dask worker."""
    if not hasattr(_here, "place") or _here.place.closed:
        _here.place = Place()
        _places.append(_here.place)
    place: Place = _here.place
    return place.do(key, task)


def stop() -> None:
    """End what is under way in a Dask worker; what the run has written so far stays."""
    while _places:
        _places.pop().close()


def _outcome(key: str, future: Future) -> Outcome:
    if future.status == "finished":
        return future.result()
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return Outcome(key, "failed", "Too many workers died with this run. Their memory may be full.")
    return Outcome(key, "failed", f"The cluster could not do it: {' '.join(str(error).split())[:300]}")
