"""The words that stand in tables and files everywhere: splits, the pooled row, the cells of the confusion matrix."""

import enum

SPLITS = ("train", "validation", "test")
POOLED = "all"  # the station of a row that holds for all stations together
CELLS = ("hits", "misses", "false_alarms", "correct_negatives")


class Checked(enum.StrEnum):
    """What came of a check; one that could not be made has not been passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"
