"""Stores say the version of their form: an older one is read, a newer one is refused in a sentence."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.forecasting.ledger import Forecast, Ledger
from core.loading.archive.archive import Archive
from core.loading.record.minute import MinuteRecord, on_grid

RECORD = MinuteRecord("DUR", on_grid(24_193_440, np.full((2, 4), 5.0)), "definitive")
FORECAST = Forecast(
    station="DUR",
    valid_from=pd.Timestamp("2126-01-02", tz="UTC"),
    valid_until=pd.Timestamp("2126-01-09", tz="UTC"),
    probability=0.25,
    threshold=0.5,
    run_id="honest-12345678",
    data_until=pd.Timestamp("2026-01-01", tz="UTC"),
    synthetic=False,
)


@pytest.fixture
def archive(data_folder):
    stored = Archive(data_folder / "archive")
    stored.store(RECORD)
    return data_folder / "archive"


def test_an_archive_says_its_version_and_one_of_before_is_read(archive):
    assert json.loads((archive / "version.json").read_text())["version"] == 1
    (archive / "version.json").unlink()
    assert Archive(archive).minute("DUR").field["X"].tolist() == [5.0, 5.0]


@pytest.mark.parametrize("verb", [["archive", "check"], ["coverage"], ["quality", "DUR"], ["stations"]])
def test_an_archive_of_a_newer_form_is_refused_in_a_sentence(precursor, archive, verb):
    (archive / "version.json").write_text('{"version": 2, "program": "9.0"}')
    code, out, err = precursor(*verb)
    assert code == 2 and "Install version 9.0 of the program or a newer one" in err and "Traceback" not in err


def test_nothing_is_written_into_an_archive_of_a_newer_form(archive):
    store = Archive(archive)
    (archive / "version.json").write_text('{"version": 2, "program": "9.0"}')
    with pytest.raises(InputError, match="version 2 of its form"):
        store.store(MinuteRecord("DUR", on_grid(24_193_450, np.full((2, 4), 6.0)), "definitive"))
    (archive / "version.json").unlink()
    assert len(Archive(archive).minute("DUR").field) == 2


@pytest.mark.parametrize("content", ["[]", "{", '{"version": "one"}', '{"version": -1}'])
def test_a_damaged_version_is_one_sentence(archive, content):
    (archive / "version.json").write_text(content)
    with pytest.raises(InputError, match=r"version\.json"):
        Archive(archive)


def test_a_ledger_says_its_version_one_of_before_is_read_and_a_newer_one_refused(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.append([FORECAST])
    for version, readable in ((1, True), (0, True), (2, False)):
        with closing(sqlite3.connect(ledger.path)) as database:
            found = database.execute("PRAGMA user_version").fetchone()[0]
            database.execute(f"PRAGMA user_version = {version}")
        assert found == 1 or version != 1
        if readable:
            assert len(ledger.list()) == 1
            continue
        for use in (ledger.list, lambda: ledger.append([FORECAST])):
            with pytest.raises(InputError, match="version 2 of its form.*Install a newer version"):
                use()
