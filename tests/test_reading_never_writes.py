"""Verbs and pages that only look leave a data folder, whoever made it, exactly as it is: no file made, none changed."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from core import config_file
from core.data_folder import ROOT
from core.judgement import verdicts
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.archive.journal import Recipe
from core.runs import sources
from core.runs.runs import RunStore
from support import strangers
from support.archive_rows import events

VIEWS = sorted(path.name for path in (ROOT / "dashboard" / "views").glob("*.py"))
SMALL = """
[data]
source = "synthetic"
stations = ["DUR"]
[world]
start = "2016-01-01"
end = "2016-03-01"
events_per_year = 300.0
[windows]
length_minutes = 60
"""
UNFINISHED = "a writer was stopped, or is at work now"


def looks(run_id, other, scratch):
    """Every way to look at a data folder from the command line."""
    return [
        ("stations",),
        ("coverage",),
        ("activity",),
        ("catalogue",),
        ("catalogue", "history", "mine"),
        ("catalogue", "diff", "mine", "mine"),
        ("quality", "DUR"),
        ("quality", "DUR", "--list"),
        ("archive", "gaps", "DUR"),
        ("archive", "revisions", "DUR"),
        ("archive", "check"),
        ("archive", "check", "--json"),
        ("runs", "--all"),
        ("show", run_id),
        ("compare", run_id, other),
        ("verdict", run_id),
        ("preview", "honest-default"),
        ("ledger",),
        ("site", scratch / "site"),
        ("export", run_id, "--tensorboard", scratch / "events"),
    ]


@pytest.fixture(scope="module")
def filled(full_folder, tmp_path_factory):
    """A copy of a data folder that holds everything, with real minutes, a catalogue, and a writer that was killed."""
    scratch = tmp_path_factory.mktemp("filled")
    folder = scratch / "copy"
    shutil.copytree(full_folder, folder, symlinks=True)
    archive, path = Archive(folder / "archive"), scratch / "a.min"
    path.write_bytes(strangers.minute_bytes(scratch))
    ingest([path], archive)
    archive.store_events("mine", events(3), "a.csv", recipe=Recipe("events file", {"name": "mine"}, files=(path,)))
    left_by_a_killed_writer(folder, scratch)
    return folder


def left_by_a_killed_writer(folder, scratch):
    strangers.note(folder, "b.min", strangers.keep(folder, strangers.minute_bytes(scratch).replace(b"2018", b"2019")))
    strangers.leave_unfinished(folder)
    for place in ("raw", "archive/minute/DUR"):
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / ".half.x1.parquet").write_text("half")
        os.utime(folder / place / ".half.x1.parquet", (0, 0))


def call(precursor, folder, arguments, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    return precursor(*arguments)


def test_no_verb_that_looks_changes_a_folder_that_holds_everything(filled, precursor, monkeypatch, tmp_path):
    run_id, other = RunStore(filled).ids()[:2]
    before = strangers.tree(filled)
    for arguments in looks(run_id, other, tmp_path):
        code, _, err = call(precursor, filled, arguments, monkeypatch)
        # These two have nothing to count or compare here, and say so.
        assert code in (0, 1) or arguments[0] in ("compare", "preview"), (arguments, err)
        assert strangers.tree(filled) == before, arguments


@pytest.mark.parametrize("kind", ["empty", "foreign", "old"])
def test_no_verb_that_looks_changes_the_folder_of_a_stranger(kind, data_folder, tmp_path, precursor, monkeypatch):
    if kind == "foreign":
        left_by_a_killed_writer(data_folder, tmp_path)
        strangers.note(data_folder, "../../x", strangers.keep(data_folder, b"x"))
    if kind == "old":  # of a version that kept other files
        for name in ("archive/minute/DUR/2016.parquet", "archive/events/mine.parquet", "runs/old-1/status.json"):
            (data_folder / name).parent.mkdir(parents=True)
            (data_folder / name).write_text("{}")
        (data_folder / "ledger.txt").write_text("old")
    before = strangers.tree(data_folder)
    for arguments in looks("old-1", "old-2", tmp_path):
        call(precursor, data_folder, arguments, monkeypatch)
        assert strangers.tree(data_folder) == before, arguments


def test_a_check_names_what_a_writer_left_unfinished_and_the_verb_that_finishes_it(precursor, data_folder, tmp_path):
    left_by_a_killed_writer(data_folder, tmp_path)
    code, out, _ = precursor("archive", "check", "--json")
    (row,) = json.loads(out)
    assert (code, row["file"]) == (1, str(data_folder / "archive" / ".unfinished"))
    assert UNFINISHED in row["problem"] and "`precursor archive rebuild`" in row["problem"]
    assert Archive(data_folder / "archive").stations() == []
    assert precursor("archive", "rebuild")[0] == 0
    assert Archive(data_folder / "archive").stations() == ["DUR"]
    assert not list(data_folder.rglob(".half*"))
    code, out, _ = precursor("archive", "check")
    assert code == 0 and "Every file is as it was stored." in out


@pytest.mark.parametrize(
    "arguments", [("preview", "honest-default"), ("catalogue",), ("activity",), ("archive", "check")]
)
def test_a_verb_that_looks_makes_no_data_folder(arguments, precursor, tmp_path, monkeypatch):
    call(precursor, tmp_path / "absent", arguments, monkeypatch)
    assert not (tmp_path / "absent").exists()


@pytest.fixture
def unnoted(full_folder, tmp_path):
    """A data folder with runs that its journal does not know: copied in by hand, or made before there was a journal."""
    folder = tmp_path / "unnoted"
    shutil.copytree(full_folder, folder, symlinks=True)
    (folder / "tested.jsonl").unlink()
    (folder / ".tested.jsonl.lock").unlink(missing_ok=True)
    return folder


@pytest.mark.parametrize("way", ["verdict", "site", "verdict.py", "significance.py", "home.py"])
def test_looking_at_runs_that_the_journal_lacks_notes_none_of_them(way, unnoted, precursor, monkeypatch, tmp_path):
    monkeypatch.setenv("PRECURSOR_DATA", str(unnoted))
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    before = strangers.tree(unnoted)
    if way.endswith(".py"):
        app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=120).run()
        app.switch_page(f"views/{way}").run()
        assert not app.exception, [error.stack_trace for error in app.exception]
    else:
        code, _, err = precursor(way, RunStore(unnoted).ids()[0] if way == "verdict" else tmp_path / "site")
        assert code == 0, err
    assert strangers.tree(unnoted) == before


def test_runs_that_the_journal_lacks_count_as_if_they_were_noted(unnoted, precursor, monkeypatch):
    run_ids = RunStore(unnoted).ids()

    def tried():
        code, out, err = call(precursor, unnoted, ("verdict", run_ids[0], "--json"), monkeypatch)
        assert code == 0, err
        return json.loads(out)[0]["family"]

    seen = tried()
    assert seen["n_runs"] == len(run_ids)  # all of them are of one world
    verdicts.count(unnoted)
    assert len((unnoted / "tested.jsonl").read_text().splitlines()) == len(run_ids)
    assert tried() == seen


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv of util-linux takes the rights away")
@pytest.mark.parametrize("verb", ["check", "runs", "verdict"])
def test_a_verb_that_looks_needs_no_right_to_write(verb, filled, tmp_path):
    folder = tmp_path / "locked"
    shutil.copytree(filled, folder)
    every = [folder, *folder.rglob("*")]
    for path in every:
        path.chmod(0o555 if path.is_dir() else 0o444)
    run_id = RunStore(folder).ids()[0]
    arguments = {"check": ["archive", "check"], "runs": ["runs", "--all"], "verdict": ["verdict", run_id]}[verb]
    environment = {**os.environ, "PRECURSOR_DATA": str(folder)}
    # The superuser heeds no mode; without this right he does.
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", sys.executable, "-m", "core", *arguments]
    command = command if os.geteuid() == 0 else command[2:]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    for path in every:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == (1 if verb == "check" else 0), done.stderr
    assert "written" not in done.stderr and UNFINISHED in done.stdout if verb == "check" else not done.stderr


def test_a_preview_of_a_world_in_memory_counts_what_the_stored_world_gives(precursor, data_folder, tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    code, before, err = precursor("preview", path, "--json")
    assert code == 0, err
    assert list(data_folder.iterdir()) == []
    sources.open_source(config_file.load(path), data_folder)
    assert precursor("preview", path, "--json")[1] == before


@pytest.mark.parametrize("view", VIEWS)
def test_no_page_of_a_copy_to_look_at_changes_the_data_folder(view, filled, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(filled))
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    before = strangers.tree(filled)
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=120).run()
    app.switch_page(f"views/{view}").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    assert strangers.tree(filled) == before


@pytest.mark.parametrize("made", ["raw", "archive", "runs", "ledger.sqlite"])
def test_no_demo_starts_on_a_copy_to_look_at_whose_folder_is_not_empty(made, data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_READ_ONLY", "1")
    monkeypatch.delenv("PRECURSOR_NO_DEMO", raising=False)
    path = data_folder / made
    path.write_text("") if "." in made else (path / "x").mkdir(parents=True)
    before = strangers.tree(data_folder)
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=120).run()
    assert not app.exception
    assert strangers.tree(data_folder) == before
