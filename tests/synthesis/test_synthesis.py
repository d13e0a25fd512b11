"""The synthetic world: fixed by its config, changed by its planted bursts alone, the same on disk as in memory."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.signal import welch

from core import stations
from core.config import DetectabilityConfig, WorldConfig
from core.errors import InputError
from core.labelling import detectability
from core.loading.archive.archive import Archive
from core.loading.record.minute import epoch_minutes
from core.synthesis import precursor, world_document
from core.synthesis.world import World, store

CODES = ("DUR", "IZN", "MLR")

SHORT = WorldConfig(seed=4, start="2016-02-01", end="2016-03-12", events_per_year=600)
BURSTS = dataclasses.replace(
    SHORT,
    precursor_amplitude_nt=8.0,
    precursor_lead_hours=9.0,
    precursor_duration_hours=6.0,
    precursor_period_minutes=24.0,
)


@pytest.fixture(scope="module")
def planted():
    """The same 40 days without bursts and with them."""
    return World(SHORT, CODES), World(BURSTS, CODES)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


# --- precursors


def test_there_is_no_precursor_by_default():
    year = World(WorldConfig(start="2015-01-01", end="2016-01-01"), CODES)
    assert WorldConfig().precursor_amplitude_nt == 0
    assert list(year.precursors.columns) == list(precursor.MANIFEST)
    assert year.precursors.empty
    assert not year.events().empty


def test_worlds_with_and_without_precursor_differ_only_by_the_bursts_of_the_manifest(planted):
    without, with_bursts = planted
    pd.testing.assert_frame_equal(without.events(), with_bursts.events())
    pd.testing.assert_frame_equal(without.activity(), with_bursts.activity())
    manifest = with_bursts.precursors
    assert len(manifest) > 20
    for code in CODES:
        before, after = without.minute(code).field, with_bursts.minute(code).field
        inside = np.zeros(len(before), dtype=bool)
        for row in manifest[manifest["station"] == code].itertuples():
            inside |= (before.index >= row.start) & (before.index < row.end)
        pd.testing.assert_frame_equal(before[~inside], after[~inside])
        assert (before.isna() == after.isna()).all(axis=None)
        assert (before["X"][inside] != after["X"][inside]).any()


def test_a_ramp_rises_to_its_amplitude_and_leaves_the_field_after_its_end_alone():
    manifest = pd.DataFrame(
        {"station": ["DUR"], "start": [pd.Timestamp("2016-01-01T01:00Z")], "end": [pd.Timestamp("2016-01-01T02:00Z")]}
    ).assign(amplitude_nt=6.0, period_minutes=20.0)
    field = np.zeros((3, 240))
    first = int(epoch_minutes(pd.DatetimeIndex(["2016-01-01T00:00Z"]))[0])
    precursor.plant(field, first, manifest, seed=1, shape="ramp")
    assert field[0, 60:120] == pytest.approx(np.arange(1, 61) / 10)
    assert field[1, 119] == pytest.approx(3.6) and field[2, 119] == pytest.approx(4.8)
    assert not field[:, :60].any() and not field[:, 120:].any()


def lonely_bursts(world):
    """Rows of the manifest that no other burst of the station touches, without gaps, with the planted minutes."""
    without = World(dataclasses.replace(world.config, precursor_amplitude_nt=0), CODES)
    for code in CODES:
        mine = world.precursors.query("station == @code").sort_values("start")
        difference = world.minute(code).field - without.minute(code).field
        for row in mine.itertuples():
            others = mine[mine["event_id"] != row.event_id]
            free = ((others["end"] <= row.start) | (others["start"] >= row.end)).all()
            burst = difference[row.start : row.end - pd.Timedelta(minutes=1)]
            if free and not burst.isna().any(axis=None):
                yield row, burst


def test_a_burst_has_its_amplitude_period_and_lead_and_ends_before_its_event(planted):
    events = planted[1].events().set_index("event_id")["origin_time"]
    bursts = list(lonely_bursts(planted[1]))
    assert len(bursts) > 5
    for row, burst in bursts:
        assert row.amplitude_nt == 8.0 and row.end <= events[row.event_id]
        assert len(burst) in (359, 360)  # six hours, whole minutes only
        assert burst["X"].abs().max() == pytest.approx(8.0, abs=0.5)
        assert burst["Y"].to_numpy() == pytest.approx(0.6 * burst["X"].to_numpy(), abs=0.17)
        assert burst["Z"].to_numpy() == pytest.approx(0.8 * burst["X"].to_numpy(), abs=0.17)
        frequency, power = welch(burst["X"].to_numpy(), fs=1.0, nperseg=len(burst), nfft=8192)
        assert 1 / frequency[power.argmax()] == pytest.approx(24.0, rel=0.05)
        band = (frequency > 1 / 32) & (frequency < 1 / 19)
        assert power[band].sum() > 0.95 * power.sum()
        # Mean square under sin^2: the mean of sin^4 is 3/8, that of the carrier's square 1/2.
        assert (burst["X"] ** 2).mean() == pytest.approx(8.0**2 * 3 / 16, rel=0.03)
        weight = burst["X"].to_numpy() ** 2
        middle = row.start + pd.Timedelta(minutes=float((weight * np.arange(len(burst))).sum() / weight.sum()))
        lead = (events[row.event_id] - middle).total_seconds() / 3600
        assert lead == pytest.approx(9.0, abs=0.25)


def test_bursts_stand_before_exactly_the_events_that_meet_the_papers_rule(planted):
    world = planted[1]
    start, end = world.events_period()
    expected = set()
    for code, far, deep in (("DUR", 200, 30), ("IZN", 200, 30), ("MLR", 100, 100)):
        place = stations.get(code)
        for event in world.events().itertuples():
            a, b = (math.radians(v) for v in (place.latitude_deg, event.latitude_deg))
            turn = math.radians(place.longitude_deg - event.longitude_deg)
            arc = math.acos(math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn))
            fits = event.origin_time - pd.Timedelta(hours=12) >= start
            if 6371 * arc <= far and event.depth_km <= deep and event.magnitude > 4 and fits:
                expected.add((event.event_id, code))
    found = set(zip(world.precursors["event_id"], world.precursors["station"], strict=True))
    assert found == expected and found


def test_the_rule_for_bursts_is_the_paper_law_of_labelling(planted):
    world = planted[1]
    for code in CODES:
        station = stations.get(code)
        labelled = detectability.select(world.events(), station, DetectabilityConfig(law="paper"))
        assert set(labelled[labelled["target"]]["event_id"]) == set(
            precursor.targets(world.events(), station)["event_id"]
        )


def test_the_lead_may_be_just_half_the_duration_and_no_shorter():
    edge = dataclasses.replace(BURSTS, precursor_lead_hours=3.0)
    world = World(edge, ("DUR",))
    events = world.events().set_index("event_id")["origin_time"]
    manifest = world.precursors
    assert (manifest["end"].to_numpy() <= events[manifest["event_id"]].to_numpy()).all()
    with pytest.raises(InputError, match="past its earthquake"):
        World(dataclasses.replace(BURSTS, precursor_lead_hours=2.9), ("DUR",))


# --- identity


def test_the_same_config_makes_the_same_bytes_and_another_seed_others(planted):
    again = World(SHORT, CODES)
    other = World(dataclasses.replace(SHORT, seed=5), CODES)
    assert planted[0].digests(list(CODES), ["synthetic"]) == again.digests(list(CODES), ["synthetic"])
    mine, theirs = planted[0].digests(["DUR"], [""]), other.digests(["DUR"], [""])
    assert set(mine) == {"minute/DUR", "events/synthetic", "activity/kp"}
    assert all(mine[name] != theirs[name] for name in mine)


def test_a_station_does_not_change_when_others_are_added(planted):
    alone = World(SHORT, ("IZN",))
    pd.testing.assert_frame_equal(alone.minute("IZN").field, planted[0].minute("IZN").field)
    pd.testing.assert_frame_equal(alone.activity(), planted[0].activity())
    place = ["origin_time", "latitude_deg", "longitude_deg", "depth_km", "magnitude"]
    mine, all_of_them = alone.events()[place], planted[0].events()[place]
    assert len(mine.merge(all_of_them)) == len(mine) > 0


def test_a_world_that_ends_later_has_the_same_past(planted):
    end = utc("2016-02-25T07:13")
    shorter = World(dataclasses.replace(SHORT, end="2016-02-25T07:13"), CODES)
    for code in CODES:
        pd.testing.assert_frame_equal(shorter.minute(code).field, planted[0].minute(code, end=end).field)
    events = planted[0].events()
    pd.testing.assert_frame_equal(shorter.events(), events[events["origin_time"] < end])
    kp = planted[0].activity()
    pd.testing.assert_frame_equal(shorter.activity(), kp[kp["time"] < end])


# --- the protocol of a source


def test_a_part_of_a_station_equals_the_whole_and_is_nan_outside_the_world(planted):
    world = planted[0]
    whole = world.minute("DUR").field
    assert (whole.index[0], whole.index[-1]) == (utc("2016-02-01"), utc("2016-03-11T23:59"))
    part = world.minute("DUR", utc("2016-01-31T23:00"), utc("2016-02-01T02:00"))
    assert part.data_type == "synthetic" and len(part.field) == 180
    assert part.field[:60].isna().all(axis=None)
    pd.testing.assert_frame_equal(part.field[60:], whole[:120])
    late = world.minute("DUR", utc("2017-01-01"), utc("2017-01-01T00:10")).field
    assert len(late) == 10 and late.isna().all(axis=None)
    # A minute belongs to [start, end) if its own time does.
    odd = world.minute("DUR", utc("2016-02-01T00:00:30"), utc("2016-02-01T00:02:30")).field
    assert odd.index.minute.tolist() == [1, 2]


def test_a_world_says_that_it_is_synthetic_and_what_it_has(planted):
    world = planted[0]
    assert world.synthetic
    assert world.stations() == ["DUR", "IZN", "MLR"]
    assert world.period("DUR") == world.events_period() == (utc("2016-02-01"), utc("2016-03-12"))
    assert world.period("ESK") is None
    pd.testing.assert_frame_equal(world.events(), world.events("synthetic"))
    assert (world.events()["source"] == "synthetic").all() and (world.activity()["status"] == "synthetic").all()


def test_what_a_world_does_not_have_is_refused_in_words(planted):
    world = planted[0]
    with pytest.raises(InputError, match="no station 'ESK'; it has DUR, IZN, MLR"):
        world.minute("ESK")
    with pytest.raises(InputError, match="no catalogue 'italy'"):
        world.events("italy")
    with pytest.raises(InputError, match="holds no minute"):
        world.minute("DUR", utc("2016-02-02"), utc("2016-02-02"))
    with pytest.raises(InputError, match="each named once"):
        World(SHORT, ("DUR", "DUR"))
    with pytest.raises(InputError, match="not in data/stations.toml"):
        World(SHORT, ("XXX",))
    with pytest.raises(InputError, match="outside 1900 to 2030"):
        World(dataclasses.replace(SHORT, end="2031-01-01"), ("DUR",))


# --- on disk


def test_a_stored_world_answers_as_the_world_in_memory_does(planted, tmp_path):
    world, steps = planted[1], []
    folder = tmp_path / "world"
    store(world, folder, on_progress=lambda done, total: steps.append((done, total)))
    kept = Archive(folder)
    assert kept.synthetic and kept.stations() == world.stations()
    for code in CODES:
        start, end = world.period(code)
        pd.testing.assert_frame_equal(kept.minute(code, start, end).field, world.minute(code).field)
    pd.testing.assert_frame_equal(kept.events("synthetic"), world.events())
    pd.testing.assert_frame_equal(kept.activity(), world.activity())
    assert kept.events_period("synthetic") == world.events_period()
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]

    text = json.loads((folder / "world.json").read_text())
    assert text["synthetic"] is True and "none was measured" in text["what"]
    used = {name: value for name, value in dataclasses.asdict(world.config).items() if not name.startswith("shaking_")}
    assert text["config"] == used
    assert len(text["precursors"]) == len(world.precursors)
    assert text["precursors"][0]["event_id"] == world.precursors["event_id"][0]


def test_a_world_over_new_year_is_stored_year_by_year(tmp_path):
    world = World(dataclasses.replace(SHORT, start="2015-12-30", end="2016-01-02T06:00", events_per_year=0), ("MLR",))
    store(world, tmp_path / "world")
    kept = Archive(tmp_path / "world")
    start, end = world.period("MLR")
    pd.testing.assert_frame_equal(kept.minute("MLR", start, end).field, world.minute("MLR").field)
    assert kept.coverage()["year"].tolist() == [2015, 2016]


def test_an_interrupted_world_is_not_a_world(tmp_path):
    world = World(dataclasses.replace(SHORT, end="2016-02-04"), CODES)

    def stop_at_the_second(done, total):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store(world, tmp_path / "world", on_progress=stop_at_the_second)
    assert not (tmp_path / "world" / "world.json").exists()
    assert not Archive(tmp_path / "world").synthetic


def test_a_world_is_not_stored_over_other_data(tmp_path):
    (tmp_path / "minute").mkdir()
    with pytest.raises(InputError, match="already holds data"):
        store(World(SHORT, ("DUR",)), tmp_path)
    assert not (tmp_path / "world.json").exists()


def test_a_stored_world_that_does_not_say_what_was_planted_is_not_taken_for_one_without_a_precursor(tmp_path):
    table = {"stations": ["DUR"], "config": {"precursor_amplitude_nt": 8.0}, "precursors": []}
    (tmp_path / "world.json").write_text(json.dumps(table))
    assert world_document.read(tmp_path).amplitude_nt == 8.0
    (tmp_path / "world.json").write_text(json.dumps({**table, "config": {}}))
    with pytest.raises(InputError, match="it has no 'precursor_amplitude_nt'"):
        world_document.read(tmp_path)
