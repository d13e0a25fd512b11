"""The words that stand in tables and files everywhere: splits, the pooled row, the cells of the confusion matrix."""

SPLITS = ("train", "validation", "test")
POOLED = "all"  # the station of a row that holds for all stations together
CELLS = ("hits", "misses", "false_alarms", "correct_negatives")
