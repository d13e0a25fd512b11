"""The Molchan diagram against brute force and hand computation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.evaluation import molchan
from core.evaluation.alarm_series import AlarmSeries
from core.training import measures

STEP = 60
FIRST_MINUTE = 24_000_000


def moments(cells):
    minutes = FIRST_MINUTE + STEP * np.asarray(cells) + 7
    return pd.DatetimeIndex(pd.to_datetime(minutes * 60, unit="s", utc=True))


def targets(cells, station="AAA", cluster=None):
    n = len(cells)
    return pd.DataFrame(
        {
            "station": station if isinstance(station, list) else [station] * n,
            "event_id": [f"e{i}" for i in range(n)],
            "origin_time": moments(cells),
            "magnitude": 5.0,
            "cluster": np.arange(n) if cluster is None else cluster,
        }
    )


def series(score, station="AAA"):
    return AlarmSeries(station, FIRST_MINUTE, STEP, np.asarray(score, dtype=float))


def tied(seed, n=400, levels=12, gaps=0.2):
    random = np.random.default_rng(seed)
    score = np.round(random.random(n) * levels) / levels
    score[random.random(n) < gaps] = np.nan
    return score, random


def test_four_targets_worked_by_hand():
    # Ten hours, the scores 0 to 9; targets in the hours that score 9, 8, 4 and 0.
    table = molchan.curve([series(range(10))], targets([9, 8, 4, 0]))
    by_tau = table.drop_duplicates("tau").set_index(table["tau"].drop_duplicates().round(6))["nu"]
    expected = {0.0: 1, 0.1: 0.75, 0.2: 0.5, 0.3: 0.5, 0.5: 0.5, 0.6: 0.25, 0.9: 0.25, 1.0: 0}
    assert {tau: by_tau[tau] for tau in expected} == expected
    # 1 - integral of nu: the mean over the targets of (scores below + half of itself) / 10.
    scored = molchan.per_target([series(range(10))], targets([9, 8, 4, 0]))
    assert molchan.area(scored).ass == pytest.approx((0.95 + 0.85 + 0.45 + 0.05) / 4)
    assert molchan.operating_point([series(range(10))], scored, 8) == molchan.OperatingPoint(
        tau=0.2,
        nu=0.5,
        hits=2,
        gain=2.5,
        loss=0.7,
        # P(2 or more of 4 by chance at 0.2) = 1 - 0.8^4 - 4 * 0.2 * 0.8^3
        exact_p=pytest.approx(1 - 0.4096 - 0.4096),
    )


@pytest.mark.parametrize("seed", range(3))
def test_every_row_counts_alarmed_hours_and_missed_targets(seed):
    score, random = tied(seed)
    found = targets(random.integers(0, 400, 25))
    table = molchan.curve([series(score)], found)
    share = np.full(400, np.nan)
    known = ~np.isnan(score)
    share[known] = (measures.midranks(score[known]) - 0.5) / known.sum()
    at_target = share[(np.asarray(found["origin_time"].astype("int64")) // 60_000_000 - FIRST_MINUTE) // STEP]
    at_target = at_target[~np.isnan(at_target)]
    assert 0 < len(at_target) < 25
    for line in table.itertuples():
        assert line.tau == pytest.approx(np.mean(share[known] >= np.float32(line.threshold) - 1e-6), abs=1e-6)
        assert line.nu == pytest.approx(np.mean(at_target < line.threshold - 1e-6), abs=1e-6)
        assert line.hits == round((1 - line.nu) * len(at_target))
    assert table.iloc[0][["tau", "nu"]].tolist() == [0, 1] and table.iloc[-1][["tau", "nu"]].tolist() == [1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_the_area_skill_score_is_the_auc_of_target_moments_against_all_moments(seed):
    score, random = tied(seed)
    found = targets(random.integers(0, 400, 25))
    scored = molchan.per_target([series(score)], found)
    at_target, everywhere = scored["score"].dropna().to_numpy(), score[~np.isnan(score)]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in at_target for b in everywhere]
    assert molchan.area(scored).ass == pytest.approx(np.mean(pairs), abs=1e-6)


def test_the_trapezoid_under_the_diagram_is_the_area_skill_score():
    score, random = tied(5, gaps=0.0)
    found = targets(random.integers(0, 400, 30))
    table = molchan.curve([series(score)], found)
    trapezoid = 1 - np.trapezoid(table["nu"], table["tau"])
    assert molchan.area(molchan.per_target([series(score)], found)).ass == pytest.approx(trapezoid, abs=1e-6)


def test_the_bands_are_binomial_and_those_of_the_shifted_catalogue():
    from scipy.stats import binom

    random = np.random.default_rng(3)
    n = 24 * 200
    score = np.convolve(random.random(n + 23), np.ones(24), "valid")  # scores that last for a day
    found = targets(
        np.concatenate([random.integers(0, n, 5), 1000 + np.arange(15)]), cluster=[0, 1, 2, 3, 4] + [5] * 15
    )
    table = molchan.curve([series(score)], found, n_shifts=300, min_shift_days=30)
    line = table.iloc[(table["tau"] - 0.3).abs().argmin()]
    inside = sum(
        math.comb(20, i) * line.tau**i * (1 - line.tau) ** (20 - i)
        for i in range(21)
        if line.exact_low <= 1 - i / 20 <= line.exact_high
    )
    assert 0.95 <= inside <= 0.99
    assert line.exact_high == 1 - binom.ppf(0.025, 20, line.tau) / 20
    cells = ((found["origin_time"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(minutes=1) - FIRST_MINUTE) // STEP
    cut = np.quantile(score, 1 - line.tau)
    nu = [np.mean(score[(cells + shift) % n] < cut) for shift in range(30 * 24 + 1, n - 30 * 24)]
    assert line.shift_low == pytest.approx(np.quantile(nu, 0.025), abs=0.03)
    assert line.shift_high == pytest.approx(np.quantile(nu, 0.975), abs=0.03)
    assert line.shift_high - line.shift_low > line.exact_high - line.exact_low  # 15 of the 20 come together


def test_a_period_too_short_to_shift_has_no_shift_band():
    table = molchan.curve([series(np.arange(24 * 40))], targets([5, 500]))
    assert table["shift_low"].isna().all() and table["exact_low"].notna().all()


def test_a_station_with_more_events_and_higher_scores_is_no_skill():
    random = np.random.default_rng(0)
    both = [series(random.random(5000) * 0.1 + 0.9, "AAA"), series(random.random(5000) * 0.1, "BBB")]
    found = targets(random.integers(0, 5000, 400), station=["AAA"] * 390 + ["BBB"] * 10)
    area = molchan.area(molchan.per_target(both, found))
    assert area.ass_low < 0.5 < area.ass_high and abs(area.ass - 0.5) < 0.05


def test_the_interval_counts_clusters_of_targets_not_targets():
    random = np.random.default_rng(1)
    score = np.repeat(random.random(100), 48)  # the 20 targets of a cluster see one score
    cells = (np.arange(5)[:, None] * 48 * 19 + np.arange(20)).ravel()
    alone = molchan.area(molchan.per_target([series(score)], targets(cells)))
    together = molchan.area(molchan.per_target([series(score)], targets(cells, cluster=np.repeat(np.arange(5), 20))))
    assert (alone.n_clusters, together.n_clusters, together.n_events) == (100, 5, 100)
    assert together.ass_high - together.ass_low > 3 * (alone.ass_high - alone.ass_low)


def test_targets_outside_of_admissible_time_are_counted_apart():
    scored = molchan.per_target([series([0.1, np.nan, 0.3])], targets([0, 1, 2, 3]))
    assert scored["admissible"].tolist() == [True, False, True, False]
    area = molchan.area(scored)
    assert (area.n_events, area.n_events_outside) == (2, 2)
    assert molchan.curve([series([0.1, np.nan, 0.3])], targets([1])).empty
    assert math.isnan(molchan.area(scored.iloc[[1]]).ass)


def covered(power, seeds):
    hits = 0
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        score = random.random(3000)
        chance = score**power
        cells = random.choice(3000, 40, replace=False, p=chance / chance.sum())
        area = molchan.area(molchan.per_target([series(score)], targets(cells)), n_bootstrap=300, seed=seed)
        hits += area.ass_low <= 0.5 <= area.ass_high
    return hits / seeds


def test_the_interval_covers_one_half_without_skill_and_not_with_it():
    assert covered(0, 150) >= 0.88
    assert covered(3, 40) == 0
