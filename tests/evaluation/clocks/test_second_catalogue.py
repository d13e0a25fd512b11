"""A second catalogue: what agreement of two agencies says of a clock."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.clocks import second_catalogue
from core.evaluation.clocks.second_catalogue import ClockKind

START = pd.Timestamp("2015-01-01", tz="UTC")


def catalogue(seconds, magnitudes, latitude_deg=45.0):
    seconds = np.asarray(seconds, dtype=float)
    return pd.DataFrame(
        {
            "origin_time": START + pd.to_timedelta(seconds, unit="s"),
            "latitude_deg": np.broadcast_to(np.asarray(latitude_deg, dtype=float), len(seconds)),
            "longitude_deg": 26.0,
            "magnitude": np.broadcast_to(np.asarray(magnitudes, dtype=float), len(seconds)),
        }
    )


def two(seed=0, n=30, late_s=0.0):
    """n events a day apart, as two agencies give them: times within a second or two, places within 20 km."""
    random = np.random.default_rng(seed)
    seconds, magnitudes = np.arange(n) * 90_000.0 + random.uniform(0, 3600, n), random.uniform(4, 6, n)
    first = catalogue(seconds + random.normal(0, 1, n) + late_s, magnitudes)
    second = catalogue(seconds, magnitudes + random.uniform(-0.3, 0.3, n), 45 + random.uniform(-0.15, 0.15, n))
    return first, second


@pytest.mark.parametrize(
    ("late_s", "kind"),
    [
        (0.0, ClockKind.CONFIRMED),
        (3 * 3600.0, ClockKind.BROKEN),
        (-3600.0, ClockKind.BROKEN),
        (12 * 3600.0, ClockKind.BROKEN),
        (30.0, ClockKind.NOT_CHECKED),
    ],
)
def test_a_catalogue_hours_late_is_broken_and_its_offset_is_told(late_s, kind):
    clock = second_catalogue.compared(*two(late_s=late_s))
    assert clock.kind is kind and clock.offset_s == pytest.approx(late_s, abs=2)
    assert (clock.n_events, clock.n_matched) == (30, 30)
    assert clock.share_agrees == (1.0 if abs(late_s) < 60 else 0.0)


def test_a_tenth_of_the_events_an_hour_off_breaks_a_clock_whose_offset_is_nil():
    first, second = two()
    first.loc[:2, "origin_time"] += pd.Timedelta(hours=1)
    clock = second_catalogue.compared(first, second)
    assert clock.kind is ClockKind.BROKEN and abs(clock.offset_s) < 2 and clock.share_agrees == pytest.approx(0.9)


def test_fewer_than_eight_partners_or_not_all_of_fewer_than_twenty_are_not_checked():
    assert second_catalogue.compared(*two(n=7)).kind is ClockKind.NOT_CHECKED
    assert second_catalogue.compared(*two(n=8)).kind is ClockKind.CONFIRMED
    first, second = two(n=15)
    assert second_catalogue.compared(first, second[1:]).kind is ClockKind.NOT_CHECKED
    first, second = two(n=30)
    assert second_catalogue.compared(first, second[:20]).kind is ClockKind.CONFIRMED
    none = second_catalogue.compared(first, second[:0])
    assert none.kind is ClockKind.NOT_CHECKED and np.isnan(none.offset_s) and np.isnan(none.share_agrees)


def test_an_agency_that_publishes_the_first_again_checks_nothing():
    clock = second_catalogue.compared(*two(), republished=True)
    assert clock.kind is ClockKind.NOT_CHECKED and clock.n_matched == 30


def test_far_unlike_and_incomplete_events_are_no_pairs():
    first, _ = two(n=10)
    far = first.assign(latitude_deg=46.0)  # 111 km
    unlike = first.assign(magnitude=first["magnitude"] + 0.8)
    no_place = first.assign(latitude_deg=np.nan)
    for second in (far, unlike, no_place):
        assert second_catalogue.compared(first, second).n_matched == 0
    edge = first.assign(magnitude=first["magnitude"] + 0.7)
    assert second_catalogue.compared(first, edge).n_matched == 10
    for hours, partners in ((15.0, 1), (15.1, 0)):
        earlier = first[:1].assign(origin_time=first["origin_time"][:1] - pd.Timedelta(hours=hours))
        assert second_catalogue.compared(first[:1], earlier).n_matched == partners


def test_sequences_of_which_each_catalogue_lacks_a_part_break_no_clock():
    random = np.random.default_rng(0)
    first, second = two(n=40)
    after = np.sort(random.uniform(0, 20 * 86400, 200)) + 100
    both = catalogue(after, 4.5)
    clock = second_catalogue.compared(
        pd.concat([first, both[random.random(200) < 0.7]]), pd.concat([second, both[random.random(200) < 0.7]])
    )
    assert clock.kind is ClockKind.CONFIRMED and 20 <= clock.n_matched <= clock.n_events < 100


def test_differences_without_a_system_are_not_called_a_broken_clock():
    first, second = two(n=40)
    first.loc[:5, "origin_time"] += pd.to_timedelta([0.1, 0.5, 1.1, 2.3, 4.2, 7.7], unit="h")
    clock = second_catalogue.compared(first, second)
    assert clock.kind is ClockKind.NOT_CHECKED and clock.share_agrees == pytest.approx(34 / 40)


def test_times_given_to_the_minute_only_are_not_called_broken():
    first, second = two(n=60)
    coarse = first.assign(origin_time=first["origin_time"].dt.floor("min"))
    assert second_catalogue.compared(coarse, second).kind is not ClockKind.BROKEN
