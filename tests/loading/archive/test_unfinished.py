"""A writer that was killed between noting and storing: the next one finishes, so that raw/ gives what there is."""

import pandas as pd
import pytest

from core.loading.archive import rebuild, table_file, year_block, year_history
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.archive.journal import ArchiveJournal, Recipe
from core.loading.formats import recognise
from core.loading.formats.minutes import iaga2002
from core.stations import get
from support.archive_rows import MIDNIGHT_2016, events, record

HEAD = "time,latitude,longitude,depth,mag,magType,id,type\n"
YEAR = 527_040  # minutes of 2016


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def minutes(tmp_path):
    """Two files of minutes, of two years."""
    paths = [tmp_path / f"dur{year}dmin.min" for year in (2016, 2017)]
    for n, path in enumerate(paths):
        iaga2002.write(record([1, 2, 3], first=MIDNIGHT_2016 + n * YEAR), path, get("DUR"))
    return paths


def killed_after(monkeypatch, n, run):
    """Run something that is killed at its write number n + 1."""
    calls = []

    def dies(path, content, write=year_block.write_bytes):
        calls.append(path)
        if len(calls) > n:
            raise SystemExit("killed")
        write(path, content)

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        for module in (year_block, year_history, table_file):
            patched.setattr(module, "write_bytes", dies)
        run()


def problems(archive, folder):
    """What of the archive is not what its journal gives."""
    again = Archive(folder)
    assert rebuild.rebuild(archive.journal, again) == []
    table = rebuild.compare(archive.folder, again.folder)
    return table[table["outcome"] != "same"]["file"].tolist()


@pytest.mark.parametrize("n", range(6))
def test_after_a_kill_at_any_write_the_archive_is_what_its_journal_gives(archive, minutes, tmp_path, monkeypatch, n):
    killed_after(monkeypatch, n, lambda: ingest(minutes, archive))
    report = ingest(minutes, archive)
    assert set(report["outcome"]) == {"unchanged"}  # the next writer had taken the steps again, and now all is there
    assert archive.minute("DUR").field["X"].count() == 6
    assert problems(archive, tmp_path / "again") == []


def test_a_kill_before_the_journal_knows_leaves_nothing_to_finish(archive, minutes, tmp_path, monkeypatch):
    def dies(*_):
        raise SystemExit("killed")

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(ArchiveJournal, "note", dies)
        ingest(minutes, archive)
    assert set(ingest(minutes, archive)["outcome"]) == {"stored"}
    assert problems(archive, tmp_path / "again") == []


def test_a_catalogue_that_was_being_replaced_is_replaced_by_the_next_writer(archive, minutes, tmp_path, monkeypatch):
    for name, size in (("old.csv", 4.0), ("new.csv", 5.0)):
        path = tmp_path / name
        path.write_text(HEAD + f"2016-01-02T03:04:05.000Z,42,14,10,{size},ml,a,earthquake\n")

        def store(path=path):
            recipe = Recipe("events file", {"name": "italy", "start": "", "end": ""}, files=(path,))
            archive.store_events("italy", recognise.read_events(path), path.name, recipe=recipe)

        if name == "old.csv":
            store()
        else:
            killed_after(monkeypatch, 0, store)
    assert archive.events("italy")["magnitude"].tolist() == [4.0]
    ingest(minutes, archive)
    assert archive.events("italy")["magnitude"].tolist() == [5.0]
    assert archive.history("italy")["origin"].tolist() == ["old.csv", "new.csv"]
    assert problems(archive, tmp_path / "again") == []


def test_what_was_said_not_to_be_stored_is_not_stored_by_the_next_writer(archive, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(Exception, match="No space left"):
        patched.setattr(table_file.files, "replace_json", full)
        archive.store_events("italy", events(2), "a.csv", recipe=Recipe("events file"))
    assert [path.name for path in archive.folder.rglob(".*") if path.is_file()] == [".lock"]
    archive.store(record([1]), learned=pd.Timestamp("2026-01-01", tz="UTC"))
    assert archive.catalogues().empty
