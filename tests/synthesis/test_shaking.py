"""Shaken sensors: noise from an earthquake's minute on, larger near great ones, and nothing else of a world changes."""

import dataclasses
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.config import WorldConfig
from core.errors import InputError
from core.loading.record.minute import epoch_minutes
from core.runs import sources
from core.synthesis import shaking, world_document
from core.synthesis.world import World, store

STORED = Path(__file__).parents[1] / "stored" / "0.1.0.zip"
STILL = WorldConfig(seed=3, start="2016-03-01", end="2016-05-30", events_per_year=150, gap_fraction=0.0)
SHAKEN = dataclasses.replace(STILL, shaking_nt=5.0, shaking_minutes=60.0)
DUR = stations.get("DUR")


def quake(time: str, magnitude: float = 5.0, km_north: float = 60.0, depth_km: float = 10.0) -> pd.DataFrame:
    """A catalogue of one event north of Duronia."""
    return pd.DataFrame(
        {
            "origin_time": pd.DatetimeIndex([time]),
            "latitude_deg": [DUR.latitude_deg + np.degrees(km_north / 6371.0)],
            "longitude_deg": [DUR.longitude_deg],
            "depth_km": [depth_km],
            "magnitude": [magnitude],
        }
    )


def shaken_zeros(events: pd.DataFrame, n_minutes: int = 1440, **changes: float) -> np.ndarray:
    """What the earthquakes of 2 January 2016 leave in readings that were all zero, shape (3, n_minutes)."""
    readings = np.zeros((3, n_minutes))
    first = int(epoch_minutes(pd.DatetimeIndex(["2016-01-02T00:00Z"]))[0])
    shaking.shake(readings, DUR, events, first, dataclasses.replace(SHAKEN, **changes))
    return readings


def test_nothing_is_shaken_before_the_minute_of_the_origin_time_and_all_components_from_it_on():
    for second in (0, 1, 59):
        readings = shaken_zeros(quake(f"2016-01-02T10:00:{second:02d}Z"))
        assert not readings[:, :600].any()
        assert readings[:, 600].all()


def test_shaking_falls_to_one_part_in_e_in_the_stated_time_and_leaves_no_step():
    many = [shaken_zeros(quake(f"2016-01-02T00:{m:02d}:{s:02d}Z")) for m in range(60) for s in (0, 20, 40)]
    aligned = np.array([readings[:, n // 3 : n // 3 + 600] for n, readings in enumerate(many)])
    sd = aligned.std(axis=(0, 1))
    assert sd[60:90].mean() / sd[:30].mean() == pytest.approx(np.exp(-1), rel=0.05)
    assert abs(aligned.mean()) < 0.01 * sd[0]  # noise about nothing, no step
    assert not shaken_zeros(quake("2016-01-02T00:00Z"), 3000)[:, -1000:].any()


def test_shaking_is_ten_times_as_large_for_each_unit_of_magnitude_and_falls_with_distance_as_hutton_and_boore_say():
    # Hutton & Boore (1987): log10 A = M - 3 - 1.110 log10(r / 100) - 0.00189 (r - 100); at M 4 and 100 km it is 1.
    reference = shaking.at_origin_nt(np.array([4.0]), np.array([100.0]), 5.0)
    assert reference == pytest.approx([5.0])
    assert shaking.at_origin_nt(np.array([3.0, 5.0]), np.array([100.0, 100.0]), 5.0) == pytest.approx([0.5, 50.0])
    by_distance = shaking.at_origin_nt(np.array([4.0, 4.0]), np.array([50.0, 200.0]), 1.0)
    assert by_distance == pytest.approx([2.683, 0.2998], rel=1e-3)  # worked by hand
    near, far, small = (
        np.std(shaken_zeros(quake("2016-01-02T01:00Z", magnitude, km))[:, 60:120])
        for magnitude, km in ((5.0, 60.0), (5.0, 180.0), (4.0, 60.0))
    )
    assert near > 2 * far and near > 5 * small


def test_the_strongest_shaking_stays_within_what_a_sensor_can_show():
    assert shaking.at_origin_nt(np.array([6.5]), np.array([5.0]), 5.0) == pytest.approx([shaking.LARGEST_NT])


def test_an_earthquake_farther_than_the_limit_shakes_nothing():
    assert not shaken_zeros(quake("2016-01-02T01:00Z", 6.5, 301.0)).any()
    assert shaken_zeros(quake("2016-01-02T01:00Z", 6.5, 299.0)).any()
    assert not shaken_zeros(quake("2016-01-02T01:00Z", 6.5, 299.0), shaking_km=200.0).any()


def test_an_earthquake_before_the_record_or_at_its_end_shakes_what_is_left_of_it():
    assert shaken_zeros(quake("2016-01-02T23:59:30Z"))[:, -1].all()
    assert not shaken_zeros(quake("2016-01-03T00:00Z")).any()
    before = shaken_zeros(quake("2016-01-01T23:59Z"))
    assert before[:, 0].all() and not before[:, 1000:].any()


@pytest.fixture(scope="module")
def pair():
    """The same 90 days with still sensors and with shaken ones."""
    return World(STILL, ("DUR",)), World(SHAKEN, ("DUR",))


def test_a_shaken_world_differs_from_a_still_one_only_after_its_earthquakes(pair):
    still, shaken = pair
    pd.testing.assert_frame_equal(still.events(), shaken.events())
    pd.testing.assert_frame_equal(still.activity(), shaken.activity())
    before, after = still.minute("DUR").field, shaken.minute("DUR").field
    pd.testing.assert_series_equal(before["F"], after["F"])  # the scalar sensor has nothing that swings
    changed = (before["X"] != after["X"]).to_numpy()
    assert changed.any()
    minute = epoch_minutes(pd.DatetimeIndex(before.index))
    origin = np.sort(epoch_minutes(pd.DatetimeIndex(still.events()["origin_time"])))
    last = np.searchsorted(origin, minute[changed], side="right") - 1
    assert last.min() >= 0  # nothing changed before the first of them
    assert (minute[changed] - origin[last]).max() < 60 * np.log(shaking.LARGEST_NT / shaking.UNSEEN_NT) + 1


def test_a_stack_of_minute_differences_around_the_target_events_rises_at_the_origin_minute(pair):
    for world, rises in zip(pair, (False, True), strict=True):
        record = world.minute("DUR").field["X"].to_numpy()
        slope = np.abs(np.diff(record, prepend=np.nan))
        minute = epoch_minutes(pd.DatetimeIndex(world.events().query("magnitude > 4")["origin_time"]))
        at = minute - int(epoch_minutes(world.minute("DUR").field.index[:1])[0])
        at = at[(at > 300) & (at < len(slope) - 300)]
        assert len(at) > 10
        profile = np.array([np.median(slope[at + lag]) for lag in range(-120, 121)])
        steps = [profile[k : k + 30].mean() - profile[k - 30 : k].mean() for k in range(30, 211)]
        if rises:
            assert profile[120:150].mean() > 2 * profile[:120].mean()
            assert abs(int(np.argmax(steps)) + 30 - 120) <= 1
        else:
            assert profile[120:150].mean() < 1.5 * profile[:120].mean()


def test_a_shaken_world_that_ends_later_has_the_same_past_and_other_stations_far_away_change_nothing(pair):
    shorter = World(dataclasses.replace(SHAKEN, end="2016-04-10T07:13"), ("DUR",))
    more = World(SHAKEN, ("DUR", "IZN"))
    whole = pair[1].minute("DUR")
    end = pd.Timestamp("2016-04-10T07:13", tz="UTC")
    pd.testing.assert_frame_equal(shorter.minute("DUR").field, pair[1].minute("DUR", end=end).field)
    pd.testing.assert_frame_equal(more.minute("DUR").field, whole.field)


def test_sensors_are_still_by_default_and_a_world_of_before_keeps_its_name_its_document_and_its_numbers(tmp_path):
    assert WorldConfig().shaking_nt == 0
    with zipfile.ZipFile(STORED) as packed:
        (document,) = (name for name in packed.namelist() if name.startswith("worlds/") and name.endswith("world.json"))
        packed.extractall(tmp_path / "then", [name for name in packed.namelist() if name.startswith("worlds/")])
    then = (tmp_path / "then" / document).parent
    config = WorldConfig(seed=4, start="2016-01-01", end="2016-01-09", events_per_year=6000.0)
    now = sources.world_folder(config, ("DUR",), tmp_path / "now")
    assert now.name == then.name
    store(World(config, ("DUR",)), now)
    assert (now / "world.json").read_bytes() == (then / "world.json").read_bytes()
    # What was learned when is a time of the wall.
    made, kept = ([path for path in sorted(at.rglob("*.parquet")) if "history" not in path.parts] for at in (now, then))
    assert [path.relative_to(now) for path in made] == [path.relative_to(then) for path in kept] and made
    for new, old in zip(made, kept, strict=True):
        pd.testing.assert_frame_equal(pd.read_parquet(new), pd.read_parquet(old))


def test_the_document_of_a_shaken_world_says_how_its_sensors_are_shaken(tmp_path):
    store(World(dataclasses.replace(SHAKEN, end="2016-03-03"), ("DUR",)), tmp_path / "world")
    words = (tmp_path / "world" / "world.json").read_text()
    assert '"shaking_nt": 5.0' in words and '"shaking_minutes": 60.0' in words
    assert world_document.read(tmp_path / "world").stations == ("DUR",)


@pytest.mark.parametrize("option", ["shaking_nt = -1", "shaking_minutes = 0", "shaking_km = 0"])
def test_shaking_that_cannot_be_is_refused_in_words(option):
    name, value = option.split(" = ")
    with pytest.raises(InputError, match=name):
        WorldConfig(**{name: float(value)})
