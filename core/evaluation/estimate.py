"""A number with its 95 % interval."""

from __future__ import annotations

import math
from typing import NamedTuple


class Estimate(NamedTuple):
    """A number and its 95 % interval; None where one does not exist."""

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        """As it stands in a sentence."""
        if self.value is None:
            return "unknown"
        return f"{self.value:.2f}" + (
            "" if self.low is None or self.high is None else f" [{self.low:.2f}, {self.high:.2f}]"
        )


def of(value: float, interval: tuple[float, float]) -> Estimate:
    """
    From computed numbers; what is not finite does not exist.

    >>> of(0.5, (0.25, float("nan")))
    Estimate(value=0.5, low=0.25, high=None)
    """
    return Estimate(*(float(number) if math.isfinite(number) else None for number in (value, *interval)))
