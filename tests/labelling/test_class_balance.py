"""Composition: every kept window of both classes is counted once in each kind; the distance is 0 only if alike."""

import numpy as np
import pandas as pd
import pytest

from core.labelling import class_balance


def table(n=200, seed=0):
    random = np.random.default_rng(seed)
    end = pd.Timestamp("2016-01-01", tz="UTC") + pd.to_timedelta(random.integers(0, 24 * 900, n), unit="h")
    kp = random.integers(0, 27, n) / 3
    kp[::17] = np.nan
    return pd.DataFrame(
        {
            "station": random.choice(["DUR", "IZN"], n),
            "end": end,
            "label": random.choice([1, 0, -1], n),
            "kp_max": kp,
            "missing_minutes": random.integers(0, 30, n),
            "rejected": random.choice(["", "not drawn"], n, p=[0.8, 0.2]),
        }
    )


def test_every_kept_window_of_both_classes_is_counted_once_in_each_kind():
    windows = table()
    kept = windows[(windows["rejected"] == "") & (windows["label"] >= 0)]
    found = class_balance.counts(windows).groupby("by")[["n_positive", "n_negative"]].sum()
    assert set(found.index) == set(class_balance.KINDS)
    assert (found["n_positive"] == (kept["label"] == 1).sum()).all()
    assert (found["n_negative"] == (kept["label"] == 0).sum()).all()


def test_parts_are_those_worked_by_hand():
    windows = table(4).assign(
        station="DUR",
        label=[1, 0, 1, 0],
        rejected="",
        kp_max=[0.0, 4.667, 5.0, np.nan],
        missing_minutes=[0, 3, 15, 16],
        end=pd.to_datetime(["2016-01-31T00:00", "2016-03-01T23:59", "2017-12-01T03:00", "2016-11-30T02:59"], utc=True),
    )
    found = class_balance.counts(windows).set_index(["by", "part"])
    assert found.loc[("Kp", "0 to 1"), "n_positive"] == 1 and found.loc[("Kp", "4 to 5"), "n_negative"] == 1
    assert found.loc[("Kp", "5 or more"), "n_positive"] == 1 and found.loc[("Kp", "unknown"), "n_negative"] == 1
    assert found.loc[("missing minutes", "1 to 3"), "n_negative"] == 1
    assert found.loc[("missing minutes", "4 to 15"), "n_positive"] == 1
    assert found.loc[("season", "December to February"), "n_positive"] == 2
    assert found.loc[("UT hour of the end", "00 to 03 h")].tolist()[:2] == [1, 1]
    assert found.loc[("UT hour of the end", "21 to 24 h"), "n_negative"] == 1
    assert found.loc[("year", "2016")].tolist() == [1, 2, 0.5, 1.0]


def test_classes_that_share_no_part_are_at_distance_one_and_equal_ones_at_zero():
    apart = pd.DataFrame(
        [("station", "DUR", 5, 0, 1.0, 0.0), ("station", "IZN", 0, 5, 0.0, 1.0), ("year", "2016", 5, 5, 1.0, 1.0)],
        columns=class_balance.COLUMNS,
    )
    found = class_balance.distance(apart).set_index("by")["distance"]
    assert found["station"] == 1.0 and found["year"] == 0.0


def test_the_distance_by_chance_is_that_of_shuffled_labels():
    sizes, n_positive, random = np.array([40, 25, 10, 5]), 32, np.random.default_rng(1)
    part = np.repeat(np.arange(4), sizes)
    drawn = []
    for _ in range(4000):
        positive = np.bincount(random.permutation(part)[:n_positive], minlength=4)
        drawn.append(0.5 * np.abs(positive / n_positive - (sizes - positive) / (len(part) - n_positive)).sum())
    rows = [
        ("Kp", str(i), int(p), int(s - p), p / 32, (s - p) / 48)
        for i, (s, p) in enumerate(zip(sizes, positive, strict=True))
    ]
    expected = class_balance.distance(pd.DataFrame(rows, columns=class_balance.COLUMNS))["by_chance"].iloc[0]
    assert expected == pytest.approx(np.mean(drawn), rel=0.05)


def test_a_class_without_windows_has_no_share_and_no_distance():
    found = class_balance.counts(table().assign(label=1))
    assert found["share_negative"].isna().all() and (found["n_negative"] == 0).all()
    assert class_balance.distance(found)[["distance", "by_chance"]].isna().all(axis=None)
