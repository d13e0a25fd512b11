"""Stores say the version of their form: an older one is read, a newer one is refused in a sentence."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import numpy as np
import pandas as pd
import pytest

from core import files
from core.errors import InputError
from core.forecasting.ledger import Forecast, Ledger
from core.loading.archive.archive import Archive
from core.loading.record.minute import MinuteRecord, on_grid
from core.studies import jobs

NEEDED = "Install version 9.0 of the program or a newer one"
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


@pytest.fixture
def newer_job(data_folder):
    """Two jobs, of which a newer program wrote the later one; the folder of that."""
    for name, table in (("20260101-000000-0001", {}), ("20260101-000000-0002", {"version": 2, "program": "9.0"})):
        files.replace_json(data_folder / "jobs" / name / "job.json", {"arguments": ["demo"], "title": "Demo", **table})
        files.replace_json(data_folder / "jobs" / name / "status.json", {"state": "finished", **table})
    return data_folder / "jobs" / name


@pytest.mark.parametrize("name", ["job.json", "status.json"])
def test_a_job_of_a_newer_form_costs_its_own_row_and_says_which_program_is_needed(data_folder, newer_job, name):
    other = {"job.json": "status.json", "status.json": "job.json"}[name]
    (newer_job / other).write_text("{}")
    newer, older = jobs.listed(data_folder)
    assert (older.title, older.state) == ("Demo", "finished")
    assert newer.state == "unreadable" and newer.ended and jobs.running(data_folder) is None
    assert NEEDED in newer.message and newer_job.name in newer.message


def test_a_job_of_a_newer_form_whose_process_lives_is_still_the_one_that_runs(data_folder, newer_job):
    code = "import sys; sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code, str(newer_job)], stdin=subprocess.PIPE)
    try:
        table = {"version": 2, "program": "9.0", "pid": process.pid, "state": "running"}
        files.replace_json(newer_job / "status.json", table)
        with pytest.raises(InputError, match="Another job is running"):
            jobs.start(["stations"], "List", data_folder)
        assert NEEDED in jobs.running(data_folder).message
    finally:
        process.communicate()
