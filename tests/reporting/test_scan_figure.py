"""The probabilities of a run over time: a line only where windows follow each other, and where it was trained."""

import pandas as pd

from core.reporting.figures.record import record

HOUR = pd.Timedelta(hours=1)
START = pd.Timestamp("2016-01-01", tz="UTC")


def windows(hours):
    start = START + HOUR * pd.Index(hours)
    return pd.DataFrame({"start": start, "end": start + HOUR, "probability": 0.5, "rejected": ""})


def trace(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def test_the_line_of_a_scan_breaks_where_windows_are_missing():
    line = trace(record.record(None, scan=windows([0, 1, 2, 50, 51])), "probability")
    assert list(line.x[2:5]) == ["2016-01-01T03:00:00", "2016-01-01T03:00:00", "2016-01-03T03:00:00"]
    assert [value == value for value in line.y] == [True, True, True, False, True, True]


def test_single_windows_are_points_without_a_line_between_them():
    points = trace(record.record(None, scan=windows([0, 200, 900]), joined=False), "window")
    assert points.mode == "markers" and len(points.x) == 3


def test_what_a_run_was_trained_on_is_shaded_from_its_first_to_its_last_window():
    use = pd.DataFrame(
        {
            "start": START + HOUR * pd.Index([0, 10, 20, 30, 40]),
            "end": START + HOUR * pd.Index([5, 15, 25, 35, 45]),
            "split": ["train", "train", "test", "train", "validation"],
        }
    )
    shade = trace(record.record(None, scan=windows(range(50)), use=use), "trained here")
    edges = [x for x in shade.x if x is not None]
    hours = [(pd.Timestamp(x, tz="UTC") - START) / HOUR for x in edges]
    assert hours == [0, 0, 15, 15, 30, 30, 35, 35]


def test_without_training_windows_nothing_is_shaded():
    use = pd.DataFrame({"start": [START], "end": [START + HOUR], "split": ["test"]})
    assert "trained here" not in [each.name for each in record.record(None, scan=windows([0, 1]), use=use).data]
