"""Altered copies of hours are found; what is alike by right, or looks so, is not."""

from __future__ import annotations

import numpy as np
import pytest

from core.loading.record import altered_hours, landmarks, minute
from core.loading.record.landmarks import MISSING
from core.loading.record.minute import MinuteRecord

FIRST = 24_000_480  # 2015-08-20 00:00
LEVEL = np.array([12_000.0, 16_000.0, 48_000.0, np.nan])
DAY = 1440
OF, TO = 3, 10  # the day that is copied, and where it stands again


def walk(n_days, seed=0):
    """A field that wanders by 1 nT a minute, to 0.01 nT, shape (1440 * n_days, 4)."""
    steps = np.random.default_rng(seed).normal(size=(n_days * DAY, 4))
    return (LEVEL + steps.cumsum(axis=0)).round(2)


def found(*stations):
    """Of (code, values) or (code, values, first day)."""
    series = []
    for code, values, *later in stations:
        first = FIRST + DAY * (later[0] if later else 0)
        series.append((code, landmarks.of_record(MinuteRecord(code, minute.on_grid(first, values), "variation"))))
    return altered_hours.find(series)


def with_day_altered(alter, n_days=14):
    values = walk(n_days)
    values[TO * DAY : (TO + 1) * DAY] = alter(values[OF * DAY : (OF + 1) * DAY], values[TO * DAY : (TO + 1) * DAY])
    return values


def holed(day, every):
    day = day.copy()
    day[::every] = np.nan
    return day


def one_component(day, original, component):
    mixed = original.copy()
    mixed[:, component] = day[:, component]
    return mixed


def turned(day, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.column_stack([c * day[:, 0] + s * day[:, 1], c * day[:, 1] - s * day[:, 0], day[:, 2:]])


def disturbed(day, size):
    return day + np.random.default_rng(9).normal(scale=size, size=day.shape)


ALTERED = {
    "lifted": (lambda day, _: day + 5, 0, "X Y Z"),
    "noise": (lambda day, _: disturbed(day, 0.02), 0, "X Y Z"),
    "more noise": (lambda day, _: disturbed(day, 0.2), 0, "X Y Z"),
    "moved by 7 minutes": (lambda day, _: np.roll(day, 7, axis=0), 7, "X Y Z"),
    "rounded": (lambda day, _: day.round(1), 0, "X Y Z"),
    "to whole nanotesla": (lambda day, _: day.round(), 0, "X Y Z"),
    "a minute an hour missing": (lambda day, _: holed(day, 60), 0, "X Y Z"),
    "every fifth minute missing": (lambda day, _: holed(day, 5), 0, "X Y Z"),
    "X alone": (lambda day, original: one_component(day, original, 0), 0, "X"),
    "Z alone": (lambda day, original: one_component(day, original, 2), 0, "Z"),
    "other units": (lambda day, _: day * 1.05, 0, "X Y Z"),
    "upside down": (lambda day, _: -day, 0, "X Y Z"),
    "turned": (lambda day, _: turned(day, 10), 0, "X Y Z"),
    "with a drift": (lambda day, _: day + 0.05 * np.arange(DAY)[:, None], 0, "X Y Z"),
    "all at once": (
        lambda day, original: one_component(
            holed(disturbed(np.roll(day + 5, 7, axis=0), 0.05).round(1), 60), original, 1
        ),
        7,
        "Y",
    ),
}


@pytest.mark.parametrize("how", ALTERED)
def test_each_hour_of_an_altered_day_is_found_where_it_came_from(how):
    alter, moved, components = ALTERED[how]
    copies = found(("DUR", with_day_altered(alter)))
    hours = (copies["hour"] - FIRST // 60).tolist()
    assert set(copies["lag"]) == {(TO - OF) * DAY + moved}
    inner = range(24 * TO + 1, 24 * TO + 24)  # the first holds a jump, or 53 minutes of the copy
    assert set(hours) - {24 * TO} == set(inner)
    assert set(copies.loc[np.isin(hours, inner), "components"]) == {components}


def test_a_single_hour_is_found_wherever_it_lies_in_a_longer_copy_of_90_minutes():
    values = walk(14)
    values[TO * DAY + 25 : TO * DAY + 25 + 95] = values[OF * DAY : OF * DAY + 95] - 3
    copies = found(("DUR", values))
    assert (copies["hour"] - FIRST // 60).tolist() == [24 * TO + 1] and copies["lag"].tolist() == [(TO - OF) * DAY + 25]


def test_a_copy_in_other_years_of_another_station_is_found_in_parts_that_end_with_the_year():
    values = walk(4, seed=5)
    parts = ("DUR", walk(4)), ("DUR", walk(4, 8), 4), ("IZN", walk(4, 6), 700), ("IZN", values, 704)
    parts[1][1][:DAY] = values[2 * DAY : 3 * DAY] + 5
    copies = found(*parts)
    assert set(copies["station"]) == {"IZN"} and set(copies["equal_station"]) == {"DUR"} and len(copies) == 24
    assert set(copies["hour"]) == set(range(FIRST // 60 + 24 * 706, FIRST // 60 + 24 * 707))


def test_what_two_stations_measure_within_a_day_is_alike_by_right():
    values = walk(6)
    assert found(("DUR", values), ("IZN", disturbed(values, 0.02)), ("MLR", disturbed(values, 0.02)[1:])).empty
    late = np.concatenate([walk(1, 4)[: DAY // 2], values + 5])  # by a clock that is half a day off
    assert found(("DUR", values), ("IZN", late)).empty
    assert len(found(("DUR", values), ("IZN", values + 5, 2))) > 0


def test_commencements_waves_pulses_and_calm_hours_are_no_copies():
    random = np.random.default_rng(3)
    calm = LEVEL + (0.06 * random.normal(size=(30 * DAY, 4)).cumsum(axis=0)).round(1)  # most minutes change nothing
    for day in range(30):
        calm[day * DAY + 700 + day :, :3] += [20.0, 5.0, 8.0]  # a jump each day
        at = slice(day * DAY + 200, day * DAY + 320)
        calm[at, :3] += 3 * np.sin(2 * np.pi * np.arange(120) / 7)[:, None]  # a wave of seven minutes
        for quarter in range(500, 620, 15):  # what an instrument does to itself each quarter of an hour
            calm[day * DAY + quarter : day * DAY + quarter + 3, :3] += [[-30.0], [17.0], [-8.0]]
    assert found(("DUR", calm)).empty


def test_hours_of_independent_noise_are_never_alike():
    values = LEVEL + np.random.default_rng(11).normal(size=(200 * DAY, 4)).round(1)
    assert found(("DUR", values)).empty


def test_a_day_that_recurs_each_day_is_found_each_day_and_not_all_its_pairs_are_listed():
    values = disturbed(np.tile(walk(1), (60, 1)), 0.02)
    copies = found(("DUR", values))
    assert copies["hour"].nunique() >= 24 * 59 - 60  # an hour a day has the jump from day to day
    assert len(copies) < 24 * 60 * 59 / 2 / 2


def test_the_likeness_of_hours_of_noise_is_their_correlation_in_standard_deviations():
    """Fisher: the inverse hyperbolic tangent of a correlation of n pairs has the deviation 1 / sqrt(n - 3)."""
    random = np.random.default_rng(2)
    one = (100 * random.normal(size=(400, 60))).round().astype(np.int16)
    other = (one + 30 * random.normal(size=one.shape)).round().astype(np.int16)
    other[1] = -other[1]
    other[2, :31] = MISSING  # 29 minutes are left
    other[3] = (100 * random.normal(size=60)).round()
    certain = altered_hours.likeness(one, other)

    def fisher(row):
        within = [np.clip(each / np.quantile(abs(each), 0.25), -1, 1) for each in (one[row], other[row])]
        return np.arctanh(abs(np.corrcoef(within)[0, 1])) * np.sqrt(57)

    assert certain[2] == certain[3] == 0
    rows = np.delete(np.arange(400), [2, 3])
    assert np.median(certain[rows]) == pytest.approx(np.median([fisher(row) for row in rows]), rel=0.1)
    assert certain[1] == pytest.approx(fisher(1), rel=0.25)


def test_nothing_to_compare_is_an_empty_table():
    assert found().empty and found(("DUR", walk(1)[:1])).empty
    assert tuple(found().columns) == altered_hours.COLUMNS


@pytest.mark.shared
def test_observatories_have_no_altered_hour_and_a_day_that_is_put_there_is_found(shared_data):
    from core.loading.formats.minutes import iaga2002

    folder = shared_data / "magnetics" / "iaga2002" / "esk_2003_daily"
    values = np.concatenate([iaga2002.read(path).field.to_numpy() for path in sorted(folder.iterdir())])
    assert found(("ESK", values)).empty
    values[200 * DAY : 201 * DAY] = disturbed(values[40 * DAY : 41 * DAY] + 5, 0.02).round(1)
    copies = found(("ESK", values))
    assert set(copies["lag"]) == {160 * DAY} and len(copies) == 24
