"""Information gain per event, its interval and both of its tests: the numbers that pyCSEP gave once, recorded."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.evaluation import information_gain
from core.evaluation.alarm_series import AlarmSeries
from support import recorded

FIRST_MINUTE, DAY = 24_000_480, 1440
CASES = recorded.values("information_gain_of_pycsep")["cases"]
NORMAL_APPROXIMATION_FROM = 51  # with fewer differences Wilcoxon's p is exact here, and pyCSEP's is not


def against_climatology(case):
    series = [AlarmSeries(code, FIRST_MINUTE, DAY, np.array(rate)) for code, rate in case["rate"].items()]
    rows = [(code, FIRST_MINUTE + DAY * day + 700) for code, days in case["day"].items() for day in days]
    targets = pd.DataFrame(
        {
            "station": [code for code, _ in rows],
            "origin_time": pd.to_datetime([minute * 60 for _, minute in rows], unit="s", utc=True),
            "cluster": -1,
        }
    )
    return information_gain.against_climatology(series, case["climatology"], targets)


def n_events(case):
    return sum(map(len, case["day"].values()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{n_events(case)} events")
def test_the_gain_its_interval_and_its_t_test_are_those_that_pycsep_gave(case):
    ours = against_climatology(case)
    assert ours.n_events_forecast == ours.n_clusters_forecast == n_events(case)
    assert ours.information_gain == pytest.approx(case["information_gain"], abs=1e-12)
    assert ours.information_gain_low == pytest.approx(case["ig_lower"], abs=1e-12)
    assert ours.information_gain_high == pytest.approx(case["ig_upper"], abs=1e-12)
    assert ours.t_p == pytest.approx(2 * stats.t.sf(abs(case["t_statistic"]), n_events(case) - 1), rel=1e-9)


def test_wilcoxons_p_is_the_one_that_pycsep_gave_where_both_approximate():
    (case,) = (case for case in CASES if n_events(case) >= NORMAL_APPROXIMATION_FROM)
    assert against_climatology(case).w_p == pytest.approx(case["w_probability"], rel=1e-9)
