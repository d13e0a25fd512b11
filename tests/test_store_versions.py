"""Stores say the version of their form: an older one is read, a newer one is refused in a sentence."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import files, stations, typed_documents
from core.chained_log import ChainedLog
from core.errors import InputError
from core.evaluation import multiple_testing
from core.forecasting.ledger import Ledger
from core.judgement import final_block, freeze
from core.loading.archive.archive import Archive
from core.loading.archive.journal import ArchiveJournal
from core.loading.formats.minutes import iaga2002
from core.loading.record.minute import MinuteRecord, on_grid
from core.loading.services.addresses import Service
from core.loading.services.http import Reply
from core.loading.services.raw_store import RawStore
from core.reporting import site
from core.runs import run_documents
from core.runs.runs import Run, RunStore
from core.studies import jobs, leak_demonstrator, learning_curves, search_document, sweep
from core.studies.paper import study
from core.synthesis import world_document
from support import study_documents
from support.ledger_rows import FORECAST

NEEDED = "Install version 9.0 of the program or a newer one"
RECORD = MinuteRecord("DUR", on_grid(24_193_440, np.full((2, 4), 5.0)), "definitive")


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


@pytest.mark.parametrize(
    ("put", "look", "what", "identity"),
    [
        (study_documents.put_sweep, sweep.on_shelf, "Sweep", "sweep_id"),
        (study_documents.put_paper, study.on_shelf, "Study", "study_id"),
        (study_documents.put_curve, learning_curves.on_shelf, "The learning curve", "curve_id"),
    ],
)
def test_a_study_of_a_newer_form_costs_its_own_row_and_says_which_program_is_needed(
    data_folder, put, look, what, identity
):
    put(data_folder, "before")
    put(data_folder, "present", version=1, program="0.1.0")
    put(data_folder, "later", version=2, program="9.0")
    seen = look(data_folder)
    assert {getattr(each, identity) for each in seen.there} == {"before", "present"}
    ((name, sentence),) = seen.refused.items()
    assert name == "later" and sentence.startswith(f"{what} later has version 2 of its form") and NEEDED in sentence


def test_a_leak_demonstration_of_a_newer_form_is_refused_and_not_made_anew(data_folder):
    path = data_folder / "leak_demo" / "leak_demo.json"
    files.replace_json(path, {"created": "2126-01-01T00:00:00+00:00", "version": 2, "program": "9.0"})
    before = path.read_bytes()
    for use in (leak_demonstrator.stored, lambda data: leak_demonstrator.make(data, n_worlds=2)):
        with pytest.raises(InputError, match=f"The leak demonstration has version 2 of its form.*{NEEDED}"):
            use(data_folder)
    assert path.read_bytes() == before


def test_a_search_of_a_newer_form_is_not_written_over(data_folder):
    path = data_folder / "searches" / "some" / "search.json"
    for table in ({}, {"version": 1}, {"version": 2, "program": "9.0"}):
        files.replace_json(path, {"plan": {}, "best": {}, **table})
        if table.get("version", 0) < 2:
            search_document.refuse_newer(path)
    with pytest.raises(InputError, match=f"Search some has version 2 of its form.*{NEEDED}"):
        search_document.refuse_newer(path)


@pytest.mark.parametrize("name", ["paper.json", "refused.json"])
def test_a_study_of_the_paper_of_a_newer_form_is_not_written_over(precursor, data_folder, monkeypatch, name):
    monkeypatch.setattr(study, "_folder", lambda *_: data_folder / "paper" / "some")
    files.replace_json(data_folder / "paper" / "some" / name, {"version": 2, "program": "9.0"})
    code, _, err = precursor("paper", "--quick", "--synthetic", "--only", "fig5")
    assert code == 2 and NEEDED in err
    assert [path.name for path in (data_folder / "paper" / "some").iterdir()] == [name]


def test_a_newer_learning_curve_is_refused_by_the_verb_that_would_make_it(data_folder):
    study_documents.put_curve(data_folder, "some", version=2, program="9.0")
    with pytest.raises(InputError, match=f"The learning curve some has version 2 of its form.*{NEEDED}"):
        learning_curves._open(data_folder / "learning_curves" / "some")


def test_a_learning_curve_whose_config_is_of_a_newer_form_says_which_program_is_needed(data_folder):
    study_documents.put_curve(data_folder, "some")
    path = data_folder / "learning_curves" / "some" / "config.json"
    files.replace_json(path, {**json.loads(path.read_text()), "version": 2, "program": "9.0"})
    (sentence,) = learning_curves.on_shelf(data_folder).refused.values()
    assert sentence.startswith("The config some/config.json has version 2 of its form") and NEEDED in sentence


def test_a_synthetic_world_of_a_newer_form_is_refused_in_a_sentence(tmp_path):
    files.replace_json(tmp_path / "small" / "world.json", {"version": 1, "program": "9.0"})
    with pytest.raises(InputError, match=f"The document of the synthetic world small has version 1.*{NEEDED}"):
        world_document.read(tmp_path / "small")


def test_a_newer_document_of_a_study_costs_the_site_no_page(data_folder, caplog):
    puts = {"learning-curves.html": study_documents.put_curve, "paper.html": study_documents.put_paper}
    for put in puts.values():
        put(data_folder, "later", version=2, program="9.0")
    leak = data_folder / "leak_demo" / "leak_demo.json"
    files.replace_json(leak, {"created": "2126-01-01T00:00:00+00:00", "version": 2, "program": "9.0"})
    pages = {page.file: site.render(page) for page in site.pages(data_folder)}
    for name in puts:
        assert "Left out because they cannot be read: later." in pages[name] and "has been made yet" not in pages[name]
    assert "The demonstration is stored and cannot be read." in pages["chance.html"]
    assert caplog.text.count(NEEDED) == 3


# By chained log, who reads it.
LOGS = {
    "tested.jsonl": lambda data: multiple_testing.ledger(data),
    "frozen/journal.jsonl": lambda data: freeze.frozen(data),
    "final/journal.jsonl": lambda data: final_block.openings(data),
}


@pytest.fixture(scope="module")
def folder_of_0_1_0(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    with zipfile.ZipFile(Path(__file__).with_name("stored") / "0.1.0.zip") as packed:
        packed.extractall(folder)
    return folder


def chained(line):
    """A line as any program writes it: the digest is that of all else in it."""
    digest = hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()
    return json.dumps({**line, "digest": digest}, sort_keys=True) + "\n"


@pytest.mark.parametrize("name", LOGS)
def test_a_chained_log_of_before_verifies_unchanged_and_what_is_added_says_its_version(folder_of_0_1_0, tmp_path, name):
    before = (folder_of_0_1_0 / name).read_bytes()
    path = tmp_path / "log.jsonl"
    path.write_bytes(before)
    log = ChainedLog(path)
    old = log.entries()
    assert len(old) > 0 and not any("version" in line for line in old)
    log.append({"number": 1})
    assert path.read_bytes().startswith(before)
    added = log.entries()[-1]
    assert added["version"] == 1 and added["program"] and added["previous"] == old[-1]["digest"]
    content = {key: value for key, value in added.items() if key != "digest"}
    assert path.read_text().splitlines(keepends=True)[-1] == chained(content)


@pytest.mark.parametrize("name", LOGS)
def test_a_line_of_a_newer_form_is_refused_in_a_sentence_and_nothing_is_added_behind_it(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    log = ChainedLog(path)
    path.write_text(chained({"version": 2, "program": "9.0", "previous": "", "time": "2126-01-01T00:00:00+00:00"}))
    before = path.read_bytes()
    for use in (lambda: LOGS[name](tmp_path), lambda: log.append({"run_id": "a"})):
        with pytest.raises(InputError, match=r"^Line 1 of .*jsonl has version 2 of its form.*Install version 9\.0"):
            use()
    assert path.read_bytes() == before


def test_a_newer_form_that_chains_its_lines_in_another_way_is_not_called_changed(tmp_path):
    path = tmp_path / "tested.jsonl"
    path.write_text('{"version": 2, "chain": "sha3:00"}\n')
    with pytest.raises(InputError, match="Install a newer version of the program"):
        multiple_testing.ledger(tmp_path)


# By document of a run's folder, who reads it.
RUN_DOCUMENTS = {
    "audit.json": lambda run: run.audit,
    "config.json": lambda run: run.config,
    "environment.json": lambda run: run.digests,
    "scaling.json": lambda run: run.scaling,
    "scores.json": lambda run: run.scores,
    "status.json": lambda run: run.status,
}


@pytest.mark.parametrize("name", RUN_DOCUMENTS)
def test_a_document_of_a_run_says_its_version_and_a_newer_one_is_refused_in_a_sentence(full_folder, tmp_path, name):
    run = RunStore(full_folder).open("small-random")
    written = json.loads((run.folder / name).read_text())
    assert written["version"] >= 1 and written["program"]
    (tmp_path / "runs" / run.run_id).mkdir(parents=True)
    newer = {**written, "version": 99, "program": "9.0"}
    (tmp_path / "runs" / run.run_id / name).write_text(json.dumps(newer))
    with pytest.raises(InputError, match="has version 99 of its form.*Install version 9.0 of the program"):
        RUN_DOCUMENTS[name](Run(run.run_id, tmp_path / "runs" / run.run_id))


def test_a_run_of_before_has_the_scores_scaling_inputs_and_machine_that_stand_in_its_files(folder_of_0_1_0):
    run = RunStore(folder_of_0_1_0).open("stored-world")
    rows, scaling, around = (
        json.loads((run.folder / name).read_text()) for name in ("scores.json", "scaling.json", "environment.json")
    )
    assert isinstance(rows, list) and len(rows) == len(run.scores) > 2
    for row, (_, read) in zip(rows, run.scores.iterrows(), strict=True):
        assert {name: None if pd.isna(value) else value for name, value in read.items()} == row
    assert list(run.scaling) == list(scaling) == ["DUR"]
    assert run_documents.write_scaling(run.scaling)["stations"] == scaling
    assert run.digests == around.pop("digests") and typed_documents.write(run.environment.surroundings) == around


def test_a_mark_of_a_newer_program_hides_no_run_and_a_beginning_is_refused(folder_of_0_1_0, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(folder_of_0_1_0 / "runs", data / "runs")
    (mark,) = (data / "runs").glob("*.study.json")
    assert RunStore(data).studies() == {mark.name.removesuffix(".study.json"): "sweep"}
    mark.write_text(NEWER)
    assert RunStore(data).studies() == {} and len(RunStore(data).list()) == 3
    for path in (data / "runs").glob("*/began.json"):
        assert run_documents.began(path).began.startswith("2026-11-30T17:")
        path.write_text(NEWER)
        with pytest.raises(InputError, match="^The beginning of run stored-.*Install version 9.0"):
            run_documents.began(path)


NEWER = '{"version": 2, "program": "9.0"}\n'
SERVICE = Service("Example", "https://data.example.org", "CC BY 4.0", "Example")
REPLY = Reply("https://data.example.org/x", 200, b"{}", {}, pd.Timestamp("2026-01-01", tz="UTC"))


def test_the_journal_and_the_index_of_raw_bytes_of_before_are_read_to_the_last_line(folder_of_0_1_0):
    for name, read in (
        ("journal.jsonl", lambda raw: ArchiveJournal(raw).steps()),
        ("index.jsonl", lambda raw: RawStore(raw).entries()),
    ):
        lines = (folder_of_0_1_0 / "raw" / name).read_text().splitlines()
        assert "version" not in lines[0] and len(read(folder_of_0_1_0 / "raw")) == len(lines) > 2
    assert ArchiveJournal(folder_of_0_1_0 / "raw").problems() == []
    assert RawStore(folder_of_0_1_0 / "raw").problems() == []


def test_a_line_of_the_journal_and_of_the_index_says_its_version(precursor, data_folder, tmp_path):
    iaga2002.write(RECORD, tmp_path / "dur.min", stations.get("DUR"))
    assert precursor("ingest", str(tmp_path / "dur.min"))[0] == 0
    RawStore(data_folder / "raw").keep(REPLY, SERVICE)
    for name in ("journal.jsonl", "index.jsonl"):
        (line,) = (data_folder / "raw" / name).read_text().splitlines()
        assert json.loads(line)["version"] == 1 and json.loads(line)["program"]
    assert len(ArchiveJournal(data_folder / "raw").steps()) == len(RawStore(data_folder / "raw").entries()) == 1
    assert precursor("archive", "rebuild")[0] == 0


def test_a_journal_of_a_newer_form_is_refused_in_a_sentence_and_nothing_is_stored(precursor, archive, tmp_path):
    iaga2002.write(RECORD, tmp_path / "dur.min", stations.get("DUR"))
    path = archive.parent / "raw" / "journal.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text(NEWER)
    before = {file: file.read_bytes() for file in archive.parent.rglob("*") if file.is_file()}
    for verb in (["ingest", str(tmp_path / "dur.min")], ["archive", "rebuild"]):
        code, out, err = precursor(*verb)
        assert code == 2 and "Line 1 of" in out + err and "Install version 9.0 of the program" in out + err
    assert {file: file.read_bytes() for file in archive.parent.rglob("*") if file.is_file()} == before
    code, out, _ = precursor("archive", "check", "--json")
    (row,) = json.loads(out)
    assert code == 1 and row["file"] == str(path) and "Install version 9.0 of the program" in row["problem"]


def test_an_index_of_a_newer_form_is_refused_in_a_sentence_and_nothing_is_kept(precursor, archive):
    raw = archive.parent / "raw"
    raw.mkdir(exist_ok=True)
    (raw / "index.jsonl").write_text(NEWER)
    for use in (lambda: RawStore(raw).find(REPLY.url), lambda: RawStore(raw).keep(REPLY, SERVICE)):
        with pytest.raises(InputError, match=r"^Line 1 of .*index\.jsonl has version 2.*Install version 9\.0"):
            use()
    assert [file.name for file in raw.iterdir()] == ["index.jsonl"]
    (row,) = json.loads(precursor("archive", "check", "--json")[1])
    assert "Install version 9.0 of the program" in row["problem"]
