"""Nothing is written through a symbolic link that leads out of the data folder, nor removed behind one."""

import json

import pytest

from core import files
from core.chained_log import ChainedLog
from core.errors import InputError
from core.loading.archive.archive import Archive
from core.runs.runs import RunStore
from core.studies import jobs
from support import strangers

REFUSED = "a symbolic link leads out of the data folder"


@pytest.fixture
def outside(tmp_path):
    """A folder beside the data folder with files that a writer's cleaning and its locks could take for theirs."""
    folder = tmp_path / "outside"
    (folder / "DUR").mkdir(parents=True)
    for name in ("mine", ".mine.bak", "DUR/.mine.bak", "assessment.json", "cancel"):
        (folder / name).write_text("mine")
    return folder


def link(place, target):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("raw", "outside"),
        ("raw/journal.jsonl", "outside/mine"),
        ("raw/journal.jsonl", "outside/new"),
        ("archive", "outside"),
        ("archive/minute", "outside"),
        ("archive/minute/DUR", "outside"),
        ("archive/minute/DUR/history", "outside"),
        ("archive/.lock", "outside/mine"),
        ("archive/.lock", "outside/new"),
        ("archive/.writer", "outside/mine"),
        ("archive/.unfinished", "outside/mine"),
        ("archive/.unfinished", "outside/new"),
        ("archive/events", "outside"),
        ("archive/activity", "outside"),
    ],
)
def test_ingesting_into_a_folder_with_a_link_that_leads_out_stores_nothing_there(
    place, target, precursor, data_folder, tmp_path, outside
):
    path = tmp_path / "a.min"
    path.write_bytes(strangers.minute_bytes(tmp_path))
    link(data_folder / place, tmp_path / target)
    before = strangers.tree(outside)
    code, out, err = precursor("ingest", path, "--json")
    assert code == 2 and REFUSED in " ".join((out + err).split())
    assert strangers.tree(outside) == before


@pytest.mark.parametrize("place", ["archive/events", "archive/events/history", "archive/events/history/mine"])
def test_a_catalogue_is_not_kept_behind_a_link_that_leads_out(place, precursor, data_folder, tmp_path, outside):
    path = tmp_path / "a.csv"
    for magnitude in (4, 5):
        rows = f"2016-01-01T03:04:05.000Z,42,14,10,{magnitude},ml,e1,earthquake\n"
        path.write_text(f"time,latitude,longitude,depth,mag,magType,id,type\n{rows}")
        if magnitude == 5:
            before = strangers.tree(outside)
            (data_folder / place).is_dir() and (data_folder / place).rename(tmp_path / "aside")
            link(data_folder / place, outside)
        code, _, err = precursor("catalogue", path, "--name", "mine")
    assert code == 2 and REFUSED in " ".join(err.split())
    assert strangers.tree(outside) == before


def test_a_link_in_the_place_of_raw_bytes_is_replaced_and_not_followed(precursor, data_folder, tmp_path, outside):
    path = tmp_path / "a.min"
    path.write_bytes(strangers.minute_bytes(tmp_path))
    digest = strangers.keep(data_folder, path.read_bytes())
    (data_folder / "raw" / digest).unlink()
    link(data_folder / "raw" / digest, outside / "mine")
    assert precursor("ingest", path)[0] == 0
    assert (outside / "mine").read_text() == "mine"
    assert (data_folder / "raw" / digest).read_bytes() == path.read_bytes()


def test_a_rebuilt_archive_is_not_made_behind_a_link(precursor, data_folder, tmp_path, outside):
    path = tmp_path / "a.min"
    path.write_bytes(strangers.minute_bytes(tmp_path))
    precursor("ingest", path)
    link(data_folder / "archive.rebuilt", outside)
    before = strangers.tree(outside)
    code, _, err = precursor("archive", "rebuild")
    assert code == 2 and REFUSED in " ".join(err.split())
    assert strangers.tree(outside) == before


@pytest.mark.parametrize("place", ["runs", "runs/honest-1.partial", "runs/.honest-1.lock"])
def test_a_run_is_not_written_behind_a_link(place, tmp_path, outside):
    link(tmp_path / "data" / place, outside)
    before = strangers.tree(outside)
    with pytest.raises(InputError, match=REFUSED), RunStore(tmp_path / "data").writing("honest-1") as folder:
        (folder / "status.json").write_text("{}")
    assert strangers.tree(outside) == before


def test_who_asked_for_a_run_is_not_noted_behind_a_link(tmp_path, outside):
    (outside / "honest-1.study.json").write_text("mine")
    link(tmp_path / "data" / "runs", outside)
    before = strangers.tree(outside)
    for study in ("", "sweep"):
        with pytest.raises(InputError, match=REFUSED):
            RunStore(tmp_path / "data").note_asker("honest-1", study, first=True)
    assert strangers.tree(outside) == before


@pytest.mark.parametrize("place", ["jobs/j1", "jobs/j1/cancel"])
def test_a_job_is_not_cancelled_behind_a_link(place, data_folder, outside):
    (data_folder / "jobs" / "j1").mkdir(parents=True)
    if place == "jobs/j1":
        (data_folder / "jobs" / "j1").rmdir()
        (outside / "cancel").unlink()
    link(data_folder / place, outside if place == "jobs/j1" else outside / "new")
    before = strangers.tree(outside)
    with pytest.raises(InputError, match=REFUSED):
        jobs.cancel("j1", data_folder)
    assert strangers.tree(outside) == before


@pytest.mark.parametrize("name", ["frozen/journal.jsonl", "tested.jsonl"])
def test_no_line_is_added_to_a_journal_behind_a_link(name, data_folder, outside):
    link(data_folder / name, outside / "new.jsonl")
    with pytest.raises(InputError, match=REFUSED):
        ChainedLog(data_folder / name).append({"id": "x"})
    assert not (outside / "new.jsonl").exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: files.replace_json(folder / "a.json", {}),
        lambda folder: files.clear_leftovers(folder),
        lambda folder: files.make_folder(folder),
        lambda folder: files.make_folder(folder / "deeper"),
        lambda folder: files.claimed(folder / ".lock", "busy").__enter__(),
    ],
    ids=["replace", "clear", "make", "make deeper", "claim"],
)
def test_every_way_to_write_refuses_a_link_out_of_the_data_folder(write, data_folder, outside):
    link(data_folder / "assessments" / "honest-1", outside)
    before = strangers.tree(outside)
    with pytest.raises(InputError, match=REFUSED):
        write(data_folder / "assessments" / "honest-1")
    assert strangers.tree(outside) == before


def test_a_link_within_the_data_folder_and_a_data_folder_behind_a_link_are_written(tmp_path, monkeypatch):
    real = tmp_path / "disk"
    (real / "large").mkdir(parents=True)
    link(tmp_path / "data", real)
    link(real / "archive", real / "large")
    monkeypatch.setenv("PRECURSOR_DATA", str(tmp_path / "data"))
    with Archive(tmp_path / "data" / "archive").alone():
        files.replace_json(tmp_path / "data" / "archive" / "a.json", {"a": 1})
    assert json.loads((real / "large" / "a.json").read_text()) == {"a": 1}


def test_a_ring_of_links_is_one_sentence(data_folder):
    link(data_folder / "archive", data_folder / "raw")
    link(data_folder / "raw", data_folder / "archive")
    with pytest.raises(InputError), Archive(data_folder / "archive").alone():
        pass
