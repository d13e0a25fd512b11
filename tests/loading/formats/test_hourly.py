"""`precursor hourly`: hourly means are shown, and never stored."""

import json

import numpy as np
import pandas as pd
import pytest

from core.loading.formats.minutes import hourly
from support import iaga2002_text, wdc_text


def test_means_of_each_month_are_shown_and_nothing_is_stored(precursor, tmp_path, data_folder):
    path = tmp_path / "tst.wdc"
    # X: 18800 nT and 0 to 23 nT, mean 18811.5; one hour of February is missing: (276 - 23) / 23 = 11.
    path.write_text(
        wdc_text.daily(188, list(range(24)), when=(15, 1, 31))
        + wdc_text.daily(188, [*range(23), 9999], when=(15, 2, 1))
    )
    code, out, _ = precursor("hourly", path, "--json")
    assert code == 0
    assert json.loads(out) == [
        {"month": "2015-01", "n_hours": 24, "n_missing": 0, "X": 18811.5},
        {"month": "2015-02", "n_hours": 24, "n_missing": 1, "X": 18811.0},
    ]
    _, out, _ = precursor("hourly", path)
    assert "TST: 48 hours" in out and "Nothing was stored" in out
    assert list(data_folder.rglob("*.parquet")) == []


def test_hourly_means_in_iaga_2002_are_shown_with_angles_in_degrees(precursor, tmp_path):
    def write(clock, step=1):
        rows = [
            iaga2002_text.line(f"2015-01-0{day}", clock.format(hour), (18_800 + hour, 90, 45_000, 99_999))
            for day in (1, 2)
            for hour in range(0, 24, step)
        ]
        path.write_text(iaga2002_text.file_text(rows, "HDZF", interval="hourly"))

    path = tmp_path / "tst2015dhor.hor"
    write("{:02d}:30")
    code, out, _ = precursor("hourly", path, "--json")
    # 18800 nT and 0 to 23 nT; 90 minutes of arc are 1.5 degrees; the scalar is missing throughout.
    assert code == 0 and json.loads(out) == [
        {"month": "2015-01", "n_hours": 48, "n_missing": 48, "H": 18811.5, "D": 1.5, "Z": 45000.0, "F": None}
    ]
    write("{:02d}:15")
    code, _, err = precursor("hourly", path)
    assert code == 2 and "not those of hourly means" in err


def test_minute_data_are_sent_to_ingest(precursor, tmp_path):
    path = tmp_path / "dur.min"
    rows = [iaga2002_text.line("2015-01-01", f"00:0{minute}", (1, 2, 3, 4)) for minute in range(3)]
    path.write_text(iaga2002_text.file_text(rows))
    code, _, err = precursor("hourly", path)
    assert code == 2 and "minute data" in err and "precursor ingest" in err


def test_another_format_is_one_sentence(precursor, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("hello\n")
    code, _, err = precursor("hourly", path)
    assert code == 2 and "a.txt, line 1" in err and "Traceback" not in err


@pytest.mark.shared
@pytest.mark.parametrize("year", [2012, 2015])
def test_the_real_years_of_eskdalemuir_are_what_pandas_reads(shared_data, year):
    path = shared_data / "magnetics" / "iaga2002" / "esk_hourly" / f"esk{year}dhor.hor.gz"
    means = hourly.read(path)
    plain = pd.read_csv(path, sep=r"\s+", skiprows=13, header=None)
    assert means.attrs["station"] == "ESK" and means.index[0] == pd.Timestamp(f"{year}-01-01", tz="UTC")
    values = plain[[3, 4, 5, 6]].to_numpy()
    np.testing.assert_array_equal(means.to_numpy(), np.where(values >= 88_888, np.nan, values))


@pytest.mark.shared
def test_the_real_year_of_niemegk_is_shown(precursor, shared_data):
    code, out, _ = precursor("hourly", shared_data / "magnetics" / "wdc" / "ngk2015.wdc.gz", "--json")
    rows = json.loads(out)
    assert code == 0 and len(rows) == 12 and sum(row["n_hours"] for row in rows) == 365 * 24
