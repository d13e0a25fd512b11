"""`precursor hourly`: hourly means are shown, and never stored."""

import json
import sys

import pytest
import test_wdc

from core.cli import main


@pytest.fixture
def precursor(monkeypatch, capsys, data_folder):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["precursor", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code or 0, out, err

    return call


def test_means_of_each_month_are_shown_and_nothing_is_stored(precursor, tmp_path, data_folder):
    path = tmp_path / "tst.wdc"
    # X: 18800 nT and 0 to 23 nT, mean 18811.5; one hour of February is missing: (276 - 23) / 23 = 11.
    path.write_text(
        test_wdc.daily(188, list(range(24)), when=(15, 1, 31))
        + test_wdc.daily(188, [*range(23), 9999], when=(15, 2, 1))
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


def test_another_format_is_one_sentence(precursor, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("hello\n")
    code, _, err = precursor("hourly", path)
    assert code == 2 and "a.txt, line 1" in err and "Traceback" not in err


@pytest.mark.shared
def test_the_real_year_of_niemegk_is_shown(precursor, shared_data):
    code, out, _ = precursor("hourly", shared_data / "magnetics" / "wdc" / "ngk2015.wdc.gz", "--json")
    rows = json.loads(out)
    assert code == 0 and len(rows) == 12 and sum(row["n_hours"] for row in rows) == 365 * 24
