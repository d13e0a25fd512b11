"""The four cells of the confusion matrix, and the rates and the coefficient that follow from them alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Cells:
    """
    Numbers of windows, by what was forecast and what happened; the fields are `vocabulary.CELLS`.

    A rate is a fraction from 0 to 1, and NaN where there is nothing to count.
    """

    hits: int
    misses: int
    false_alarms: int
    correct_negatives: int

    @classmethod
    def count(cls, label: ArrayLike, probability: ArrayLike, threshold: float) -> Cells:
        """
        Count the four outcomes; a probability at or above the threshold is an alarm.

        Parameters
        ----------
        label : array of int, shape (n,)
            1 if a target event followed.
        probability : array of float, shape (n,)
        threshold : float

        Examples
        --------
        >>> Cells.count([1, 1, 0, 0], [0.9, 0.2, 0.5, 0.1], 0.5)
        Cells(hits=1, misses=1, false_alarms=1, correct_negatives=1)
        """
        positive, alarm = np.asarray(label) == 1, np.asarray(probability) >= threshold
        each = (positive & alarm, positive & ~alarm, ~positive & alarm, ~positive & ~alarm)
        return cls(*(int(np.count_nonzero(inside)) for inside in each))

    @property
    def positives(self) -> int:
        """Windows that a target event followed."""
        return self.hits + self.misses

    @property
    def negatives(self) -> int:
        """Windows that none followed."""
        return self.false_alarms + self.correct_negatives

    @property
    def alarms(self) -> int:
        """Windows that were an alarm."""
        return self.hits + self.false_alarms

    @property
    def quiet(self) -> int:
        """Windows that were none."""
        return self.misses + self.correct_negatives

    @property
    def total(self) -> int:
        """All windows."""
        return self.positives + self.negatives

    @property
    def precision(self) -> float:
        """Of the alarms, those that a target event followed."""
        return _ratio(self.hits, self.alarms)

    @property
    def recall(self) -> float:
        """Of the windows that a target event followed, those that were an alarm."""
        return _ratio(self.hits, self.positives)

    @property
    def false_alarm_rate(self) -> float:
        """Of the windows that none followed, those that were an alarm."""
        return _ratio(self.false_alarms, self.negatives)

    @property
    def mcc(self) -> float:
        """
        Matthews' correlation coefficient (Matthews 1975), -1 to 1, 0 without skill.

        It is 0 by convention when all forecasts are alike, as those of a constant classifier; NaN when the rows hold
        one class only.
        """
        if not self.positives or not self.negatives:
            return math.nan
        if not self.alarms or not self.quiet:
            return 0.0
        product = math.sqrt(self.positives) * math.sqrt(self.negatives) * math.sqrt(self.alarms) * math.sqrt(self.quiet)
        return (self.hits * self.correct_negatives - self.misses * self.false_alarms) / product


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
