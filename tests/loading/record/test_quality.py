"""Spikes, steps, deltaF, stuck readings and copied hours: known faults are found, storms are not taken for them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.loading.formats.minutes import iaga2002
from core.loading.record import minute, quality
from core.loading.record.minute import MinuteRecord
from support import faultless


@pytest.fixture(scope="module")
def sound():
    patch = pytest.MonkeyPatch()
    yield faultless.record(patch)
    patch.undo()


def changed(record, **columns):
    return dataclasses.replace(record, field=record.field.assign(**columns))


def found_in(record, kind):
    table = quality.findings(record)
    return table[table["kind"] == kind]


def rows_of(record, table):
    return ((table["start"] - record.start) / pd.Timedelta(minutes=1)).astype(int).tolist()


def noise(n, scale=1.0, seed=0):
    """X, Y, Z, F of a still field with white noise, rounded to 0.1 nT; F is measured on its own."""
    rng = np.random.default_rng(seed)
    vector = np.array([12_000.0, 16_000.0, 48_000.0]) + scale * rng.standard_normal((n, 3))
    total = 52_000.0 + 0.2 * rng.standard_normal(n)
    return MinuteRecord("DUR", minute.on_grid(24_000_000, np.column_stack([vector, total]).round(1)), "variation")


def test_a_sound_record_with_storms_has_no_finding(sound):
    assert float(sound.field["X"].max() - sound.field["X"].min()) > 100  # it has storms
    assert quality.findings(sound).empty
    assert not quality.flags(sound).any(axis=None)


@pytest.mark.parametrize("component, size, least", [("Z", 10.0, 0.95), ("X", 30.0, 0.95), ("Y", 10.0, 0.8)])
def test_spikes_of_one_to_five_minutes_are_found_and_nothing_else(sound, component, size, least):
    at = faultless.times_apart(len(sound.field), 80)
    length = np.random.default_rng(1).integers(1, 6, len(at))
    values = sound.field[component].to_numpy(copy=True)
    for row, n, sign in zip(at, length, np.resize([1, -1], len(at)), strict=True):
        values[row : row + n] += sign * size
    broken = changed(sound, **{component: values})
    flagged = quality.flags(broken)["spike"].to_numpy()
    true = np.zeros(len(flagged), bool)
    for row, n in zip(at, length, strict=True):
        true[row : row + n] = True
    assert np.mean([flagged[row : row + n].all() for row, n in zip(at, length, strict=True)]) >= least
    assert (flagged & ~true).sum() == 0
    assert found_in(broken, "step").empty


def test_the_component_size_and_length_of_a_spike_are_reported(sound):
    at = sound.start + pd.Timedelta(days=20, hours=2)
    z = sound.field["Z"].copy()
    z.loc[at : at + pd.Timedelta(minutes=2)] -= 50
    row = found_in(changed(sound, Z=z), "spike").set_index("component").loc["Z"]
    assert (row["start"], row["end"], row["n_minutes"]) == (at, at + pd.Timedelta(minutes=3), 3)
    assert row["size_nt"] == pytest.approx(-50, abs=2)


@pytest.mark.parametrize("component, size, least", [("Z", 5.0, 0.95), ("X", 10.0, 0.95), ("Y", 30.0, 0.9)])
def test_steps_are_found_at_their_minute_and_nothing_else(sound, component, size, least):
    at = faultless.times_apart(len(sound.field), 20)
    values = sound.field[component].to_numpy(copy=True)
    for row, sign in zip(at, np.resize([1, -1], len(at)), strict=True):
        values[row:] += sign * size
    rows = set(rows_of(sound, found_in(changed(sound, **{component: values}), "step")))
    assert len(rows & set(at.tolist())) >= least * len(at)
    assert not rows - set(at.tolist())


def test_a_jump_that_the_scalar_instrument_feels_too_was_in_the_field(sound):
    row, size = 30_000, 25.0
    x, y, z, f = sound.field.to_numpy().T
    jumped = x + size * (np.arange(len(x)) >= row)
    of_field = f + np.sqrt(jumped**2 + y**2 + z**2) - np.sqrt(x**2 + y**2 + z**2)
    assert found_in(changed(sound, X=jumped, F=of_field), "step").empty
    assert rows_of(sound, found_in(changed(sound, X=jumped), "step")) == [row] * 2  # in X, and in F - |B|


def test_delta_f_is_f_less_the_length_of_the_vector():
    field = minute.on_grid(0, np.array([[12_000.0, 16_000.0, 48_000.0, 52_001.5], [12_000, 16_000, np.nan, 52_000]]))
    difference = quality.delta_f(field)
    assert difference[0] == 1.5 and np.isnan(difference[1])  # 12² + 16² + 48² = 52²


def test_a_vector_without_a_baseline_has_no_delta_f():
    field = minute.on_grid(0, np.array([[3.0, 4.0, 12.0, 50_000.0]] * 5))
    assert np.isnan(quality.delta_f(field)).all()


def test_a_scalar_instrument_that_goes_off_for_an_hour_is_reported(sound):
    f = sound.field["F"].to_numpy(copy=True)
    f[50_000:50_060] += 6.0
    table = found_in(changed(sound, F=f), "delta_f_out")
    assert rows_of(sound, table) == [50_000] and table["n_minutes"].tolist() == [60]
    assert table["size_nt"].iloc[0] == pytest.approx(6.0, abs=1)


def test_f_computed_from_the_vector_is_no_instrument_of_its_own():
    record = noise(3000)
    x, y, z, _ = record.field.to_numpy().T
    assert quality.independent(record.field, quality.delta_f(record.field))
    computed = changed(record, F=np.sqrt(x * x + y * y + z * z).round(1))
    assert not quality.independent(computed.field, quality.delta_f(computed.field))


def test_a_stuck_component_is_reported_for_exactly_as_long_as_it_is():
    record = noise(4320)
    y = record.field["Y"].to_numpy(copy=True)
    y[1000:1091] = y[1000]
    y[999], y[1091] = y[1000] + 1, y[1000] + 1
    table = found_in(changed(record, Y=y), "constant")
    assert list(zip(rows_of(record, table), table["n_minutes"], table["component"], strict=True)) == [(1000, 91, "Y")]


def test_a_coarse_instrument_that_repeats_itself_by_right_is_not_stuck():
    hour = np.arange(14 * 1440) / 60
    wave = 20 * np.sin(2 * np.pi * hour / 24) + 3 * np.random.default_rng(0).standard_normal(len(hour))
    coarse = 13.4 * np.round(wave / 13.4)
    assert (np.diff(coarse) == 0).mean() > 0.6
    field = minute.on_grid(
        24_000_000, np.column_stack([20_000 + coarse, coarse, 40_000 + coarse, np.full(len(hour), np.nan)])
    )
    assert found_in(MinuteRecord("KOD", field, "variation"), "constant").empty


def test_hours_that_occur_twice_are_reported_where_they_occur():
    record = noise(5 * 1440)
    values = record.field.to_numpy(copy=True)
    values[3000:3120] = values[600:720]  # two hours of the first day, again on the third: the grid begins on an hour
    copied = dataclasses.replace(record, field=minute.on_grid(24_000_000, values))
    table = found_in(copied, "duplicate")
    assert rows_of(record, table) == [600, 3000] and table["n_minutes"].tolist() == [120, 120]
    assert table["note"].tolist() == ["as DUR from 2015-08-21 18:00", "as DUR from 2015-08-20 02:00"]
    assert found_in(record, "duplicate").empty


def test_an_altered_copy_is_reported_with_its_components_from_either_side():
    record = noise(5 * 1440)
    values = record.field.to_numpy(copy=True)
    values[3000:3120, 2] = values[607:727, 2] + 5  # Z of two hours, on the third day seven minutes earlier within it
    table = found_in(dataclasses.replace(record, field=minute.on_grid(24_000_000, values)), "duplicate")
    assert rows_of(record, table) == [607, 3000] and table["n_minutes"].tolist() == [120, 120]
    assert table["component"].tolist() == ["Z", "Z"]
    assert table["note"].tolist() == [
        "altered, as DUR from 2015-08-21 18:00",
        "altered, as DUR from 2015-08-20 02:07",
    ]


def test_flags_are_columns_and_the_data_stay_as_they_are(sound):
    before = sound.field.copy()
    flags = quality.flags(sound)
    assert list(flags.columns) == list(quality.KINDS) and set(flags.dtypes.astype(str)) == {"bool"}
    assert flags.index.equals(sound.field.index)
    pd.testing.assert_frame_equal(sound.field, before)


def test_the_summary_counts_by_month_what_was_put_in():
    record = noise(62 * 1440)  # 24,000,000 minutes are 2015-08-19 16:00
    values = record.field.to_numpy(copy=True)
    values[30_000, 2] += 40  # September
    values[40_000, 0] += 40
    values[10_000:10_100] = np.nan  # August
    values[70_000:, 1] += 30  # October
    table = quality.summary(dataclasses.replace(record, field=minute.on_grid(24_000_000, values)))
    assert table["month"].dt.strftime("%Y-%m").tolist() == ["2015-08", "2015-09", "2015-10"]
    n_august = (12 * 24 + 8) * 60
    assert table["n_minutes"].tolist() == [n_august, 30 * 1440, 62 * 1440 - n_august - 30 * 1440]
    assert (table["n_minutes"] - table["n_present"]).tolist() == [100, 0, 0]
    assert table["n_spikes"].tolist() == [0, 2, 0] and table["n_steps"].tolist() == [0, 0, 1]
    assert table["delta_f_median_nt"].tolist()[:2] == pytest.approx([0, 0], abs=0.05)
    assert set(table["frame"]) == {"not geographic"}  # atan2(16, 12) is 53 degrees


def test_a_record_without_a_value_has_no_finding():
    nothing = MinuteRecord("DUR", minute.on_grid(0, np.full((200, 4), np.nan)), "variation")
    assert quality.findings(nothing).empty and quality.summary(nothing).empty
    assert quality.flags(nothing).shape == (200, 5)


def test_runs_of_a_mask_are_those_of_a_loop():
    mask = np.random.default_rng(3).random(500) < 0.6
    expected, start = [], None
    for i, value in enumerate([*mask.tolist(), False]):
        if value and start is None:
            start = i
        if not value and start is not None:
            expected.append((start, i))
            start = None
    assert list(zip(*(edges.tolist() for edges in minute.stretches(mask)), strict=True)) == expected


@pytest.mark.shared
def test_the_storm_of_may_2003_at_eskdalemuir_is_not_taken_for_faults(shared_data):
    folder = shared_data / "magnetics" / "iaga2002" / "esk_2003_daily"
    records = [iaga2002.read(path) for path in sorted(folder.iterdir()) if "200305" in path.name]
    field = pd.concat([record.field for record in records])
    storm = dataclasses.replace(records[0], field=field.asfreq("min"))
    assert len(storm.field) == 31 * 1440 and storm.field["X"].max() - storm.field["X"].min() > 900
    flags = quality.flags(storm)
    assert flags["step"].sum() == 0 and flags["delta_f_out"].sum() == 0
    assert flags["spike"].sum() <= 3
