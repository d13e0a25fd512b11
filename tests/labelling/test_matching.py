"""Matched controls: pairs agree in what they can, the order of giving up is kept, and the counts are right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import LabelsConfig
from core.labelling import controls, windows
from core.loading.record.minute import epoch_minutes

MATCHED = LabelsConfig(controls="matched")


def table_of(rows):
    """Windows of an hour from (label, start, kp)."""
    label, start, kp = zip(*rows, strict=True)
    minutes = epoch_minutes(pd.DatetimeIndex(start, tz="UTC"))
    table = windows.frame("AAA", minutes, 60)
    return table.assign(label=np.array(label, dtype=np.int8), kp_max=np.array(kp, dtype=float), split="train")


def kept(table):
    return np.flatnonzero((table["rejected"] == "").to_numpy()).tolist()


def test_the_quiet_window_that_agrees_in_everything_is_taken():
    table = table_of(
        [
            (1, "2016-01-10 06:00", 2.3),
            (0, "2016-02-20 06:30", 2.7),  # same year, winter, hour 6, Kp 2 to 3
            (0, "2016-01-11 07:00", 2.3),  # another hour
            (0, "2016-05-10 06:00", 2.3),  # another season
            (0, "2017-01-10 06:00", 2.3),  # another year
            (0, "2016-01-12 06:00", 3.0),  # another Kp
        ]
    )
    out = controls.choose(table, MATCHED)
    assert kept(out) == [0, 1]
    assert (out["rejected"].iloc[2:] == windows.NOT_DRAWN).all() and (out["split"].iloc[2:] == "").all()
    assert controls.matching(out).to_numpy().tolist() == [["AAA", "train", "year, season, hour, kp", 1]]


def test_the_year_is_given_up_first_then_the_season_then_the_hour_and_kp_last():
    positive = (1, "2016-01-10 06:00", 2.3)
    worse = [
        (0, "2015-12-20 06:00", 2.0),  # another year, same winter months
        (0, "2015-05-20 06:00", 2.0),  # another season
        (0, "2015-05-20 09:00", 2.0),  # another hour
        (0, "2016-01-11 06:00", 4.0),  # another Kp, all else the same
    ]
    agree = ["season, hour, kp", "hour, kp", "kp", "nothing"]
    for k in range(3):
        out = controls.choose(table_of([positive, *worse[k:]]), MATCHED)
        assert kept(out) == [0, 1]
        assert controls.matching(out)["agree_in"].tolist() == [agree[k]]
    assert controls.matching(table_of([positive, worse[3]]))["agree_in"].tolist() == [agree[3]]


def test_no_quiet_window_is_used_twice_and_positives_without_one_are_counted():
    table = table_of([(1, f"2016-01-{d:02d} 06:00", 2.0) for d in range(1, 6)] + [(0, "2016-01-20 06:00", 2.0)] * 3)
    found = controls.matching(table).set_index("agree_in")["n"].to_dict()
    assert found == {"year, season, hour, kp": 3, "no negative": 2}
    assert controls.matching_sentence(table) == (
        "Of 5 positive windows, the quiet partner agrees with 3 in year, season, UT hour, Kp; 2 have none."
    )


def test_the_pairs_are_as_many_as_a_plain_loop_over_the_levels_makes():
    random = np.random.default_rng(4)
    days = pd.Timestamp("2014-01-01") + pd.to_timedelta(random.integers(0, 3 * 365 * 8, 300) * 3, unit="h")
    rows = list(zip((random.random(300) < 0.3).astype(int), days, random.integers(0, 5, 300), strict=True))
    table = table_of(rows)
    kinds = controls.traits(table)
    free, waiting, expected = [i for i, r in enumerate(rows) if not r[0]], [i for i, r in enumerate(rows) if r[0]], {}
    for names in controls.LEVELS:
        n = 0
        for i in list(waiting):
            partner = next((j for j in free if all(kinds[k][i] == kinds[k][j] for k in names)), None)
            if partner is not None:
                free.remove(partner)
                waiting.remove(i)
                n += 1
        if n:
            expected[", ".join(names) or "nothing"] = n
    out = controls.choose(table, MATCHED)
    assert controls.matching(out).set_index("agree_in")["n"].to_dict() == expected
    label = out.loc[kept(out), "label"]
    assert (label == 1).sum() == (label == 0).sum() == sum(r[0] for r in rows)


def test_matching_repeats_with_the_seed_and_changes_with_it():
    table = table_of([(1, "2016-01-01", 1)] * 5 + [(0, f"2016-01-{d:02d}", 1) for d in range(2, 30)])
    first, again, other = (controls.choose(table, LabelsConfig(controls="matched", seed=s)) for s in (1, 1, 2))
    assert kept(first) == kept(again) != kept(other)
