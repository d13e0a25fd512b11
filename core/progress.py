"""How long work tells whoever watches what it is doing, and hears that it should stop."""

from __future__ import annotations


class Progress:
    """
    The one callback of all long work; this base class says nothing and never stops.

    The listeners are `JobProgress` (files that a page polls), `TerminalProgress` (a bar) and `LogProgress` (lines).
    """

    def stage(self, name: str, done: int = 0, total: int = 0, message: str = "") -> None:
        """Work has reached `done` of `total` (0 = unknown) of the stage called `name`."""

    def batch(self, done: int, total: int) -> None:
        """Training has gone through `done` of the `total` batches of an epoch."""

    def epoch(self, row: dict[str, float], epochs: int) -> None:
        """One epoch of training has ended; `row` is its line of the history."""

    def result(self, run_id: str = "", sweep_id: str = "") -> None:
        """What the work makes, for the watcher to keep; "" leaves what was said before."""

    def should_stop(self) -> bool:
        """True once somebody has asked for the work to end."""
        return False


class Cancelled(Exception):
    """The work ended early because somebody asked; what was done is kept and can go on."""
