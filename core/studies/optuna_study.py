"""What a search uses of Optuna, which has no types here: its studies and their trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Proposed = bool | int | float | str | None  # a value as Optuna keeps it; lists as JSON


class State(Protocol):
    """How a trial ended, or that it runs."""

    @property
    def name(self) -> str:
        """RUNNING, COMPLETE, PRUNED, FAIL or WAITING."""


class FrozenTrial(Protocol):
    """A trial as it is stored."""

    @property
    def number(self) -> int:
        """Its place among all."""

    @property
    def params(self) -> Mapping[str, Proposed]:
        """What was proposed, by "section.option"."""

    @property
    def state(self) -> State:
        """How it ended."""

    @property
    def value(self) -> float | None:
        """The validation AUC of one that is complete."""

    @property
    def user_attrs(self) -> Mapping[str, str | float]:
        """What was noted: validation_auc, epochs; error of one that failed."""


class Trial(Protocol):
    """A trial that is being made."""

    @property
    def params(self) -> Mapping[str, Proposed]:
        """What was proposed, by "section.option"."""

    def report(self, value: float, step: int) -> None:
        """Tell how it stands after an epoch."""

    def should_prune(self) -> bool:
        """True if it falls behind."""

    def set_user_attr(self, key: str, value: str | float | bool | None) -> None:
        """Note something with it."""


class Study(Protocol):
    """All trials of a search."""

    sampler: object

    def ask(self, space: Mapping[str, object]) -> Trial:
        """A new trial, with what to try."""

    def tell(self, trial: Trial | int, values: float | None = None, state: State | None = None) -> object:
        """What became of a trial."""

    def enqueue_trial(self, params: Mapping[str, Proposed]) -> None:
        """Let the next trial try this."""

    def get_trials(self, deepcopy: bool = True, states: Sequence[State] | None = None) -> Sequence[FrozenTrial]:
        """The trials in these states, or all."""
