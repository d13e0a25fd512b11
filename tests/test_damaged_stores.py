"""Damaged documents of the data folder: whoever reads them gets one sentence, or goes on; never another exception."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import files
from core.data_folder import ROOT
from core.errors import InputError
from core.evaluation import multiple_testing
from core.judgement import assessment, explanation, freeze, null_gallery
from core.judgement.plans import plan_answers
from core.loading.archive.archive import Archive
from core.loading.formats.minutes import columns
from core.reporting import sentences, site
from core.runs import presets, sources
from core.runs.runs import RunStore
from core.studies import jobs, leak_demonstrator, learning_curves, search, sweep, vary
from core.studies.paper import study
from support import document_damage
from support.document_damage import DAMAGES

JOB = "20260101-000000-0000"


def of_run(data: Path) -> None:
    store = RunStore(data)
    assert len(store.list()) + len(store.list().attrs["notes"]) == 2  # no run vanishes in silence
    run = store.open("small-r")
    for name in ("config", "caveats", "environment", "threads", "digests", "audit", "scaling", "scores", "pooled"):
        getattr(run, name)
    freeze.registration(run, data)


def of_world(data: Path) -> None:
    worlds = sources.stored_worlds(data)
    assert len(worlds) + len(sources.damaged_worlds(data)) == 1
    sentences.sources(worlds)
    for world in (data / "worlds").iterdir():
        if world.is_dir():
            sources.precursors(Archive(world))


def of_assessment(data: Path) -> None:
    made = assessment.open(data, "small-random")
    if made is not None:
        assert made.summary is not None and (made.document.outdated or made.document.verdict is not None)


def of_study(data: Path) -> None:
    for made in study.stored(data):
        assert isinstance(made.synthetic, bool)


def of_job(data: Path) -> None:
    job = jobs.status(JOB, data)
    assert job.ended or job.state == "starting"  # the process is gone, if there ever was one
    assert isinstance(job.title, str) and jobs.running(data) in (None, job)
    jobs.history(JOB, data)


# By document, who reads it. A document that no small folder holds is only ever damaged.
READERS: dict[str, Callable[[Path], object]] = {
    "worlds/*/world.json": of_world,
    "runs/small-random/config.json": of_run,
    "runs/small-random/status.json": of_run,
    "runs/small-random/environment.json": of_run,
    "runs/small-random/audit.json": of_run,
    "runs/small-random/scores.json": of_run,
    "runs/small-random/scaling.json": of_run,
    "runs/small-random.study.json": of_run,
    "assessments/small-random/assessment.json": of_assessment,
    "learning_curves/*/status.json": learning_curves.stored,
    "learning_curves/*/config.json": learning_curves.stored,
    "learning_curves/*/power_law.json": learning_curves.stored,
    "tested.jsonl": multiple_testing.ledger,
    "frozen/journal.jsonl": freeze.frozen,
    "frozen/answers.jsonl": plan_answers.read,
    "sweeps/some/sweep.json": sweep.stored,
    "explanations/small-random/occlusion/explanation.json": lambda data: explanation.stored(data, "small-random"),
    "paper/some/paper.json": of_study,
    "leak_demo/leak_demo.json": leak_demonstrator.stored,
    "null_gallery/small-random/gallery.json": lambda data: null_gallery.stored(data, "small-random"),
    f"jobs/{JOB}/job.json": of_job,
    f"jobs/{JOB}/status.json": of_job,
    f"jobs/{JOB}/history.csv": of_job,
    f"jobs/{JOB}/log.txt": of_job,
    "experiments/own.toml": lambda data: presets.find("own", data),
    "experiments/sweeps/own.toml": lambda data: vary.load("own", data),
    "mapping.toml": lambda data: columns.load_mapping(data / "mapping.toml"),
    "searches/some/study.db": lambda data: search.refuse_damaged(data / "searches" / "some" / "study.db"),
    "site/.written-by-precursor.json": lambda data: site._earlier(data / "site"),
}


@pytest.fixture(scope="module")
def short_names(full_folder, tmp_path_factory) -> Path:
    """The full data folder with one run of a plain name, a job that ran, and no tables of the minutes."""
    data = document_damage.linked_copy(full_folder, tmp_path_factory.mktemp("short") / "data")
    shutil.rmtree(next((data / "worlds").glob("*/minute")))
    for place in ("runs", "assessments"):
        (next(path for path in (data / place).glob("small-random-*"))).rename(data / place / "small-random")
    (data / "jobs" / JOB).mkdir(parents=True)
    files.replace_json(data / "jobs" / JOB / "job.json", {"arguments": [], "title": "x", "created": "", "pid": 1})
    files.replace_json(data / "jobs" / JOB / "status.json", {"state": "running", "pid": 1})
    return data


@pytest.fixture
def store(short_names, tmp_path) -> Path:
    return document_damage.linked_copy(short_names, tmp_path / "data")


def damaged(path: Path) -> Iterator[tuple[str, bytes | None]]:
    """The damages by name, and for a table of JSON those in which one value is of another kind."""
    content = path.read_bytes() if path.is_file() else b""
    yield from DAMAGES.items()
    if path.suffix == ".json" and content.startswith(b"{"):
        for name, changed in document_damage.values_of_other_kinds(json.loads(content)).items():
            yield name, json.dumps(changed).encode()


@pytest.mark.parametrize("document", READERS)
def test_a_damaged_document_is_one_sentence_or_is_passed_over(store, document):
    path = next(store.glob(document), store / document)
    path.parent.mkdir(parents=True, exist_ok=True)
    for damage, content in damaged(path):
        document_damage.put(path, content)
        try:
            READERS[document](store)
        except InputError as error:
            assert "\n" not in str(error) and len(str(error)) < 700, (damage, str(error))
        except Exception as error:
            error.add_note(f"{document}: {damage}")
            raise


@pytest.mark.parametrize("pid", [10**30, -1, -(2**40), 0, 2**40, "text", 1.5, True, None, [1]])
def test_an_impossible_process_is_no_process(store, pid):
    (store / "jobs" / JOB / "status.json").write_text(json.dumps({"state": "running", "pid": pid}))
    assert jobs.status(JOB, store).state == "crashed"
    assert jobs.running(store) is None


@pytest.mark.parametrize("value", [[], "much", {"a": 1}, True])
def test_a_number_of_another_kind_in_an_assessment_costs_the_site_no_more_than_that_verdict(store, value):
    path = store / "assessments" / "small-random" / "assessment.json"
    document = json.loads(path.read_text())
    document["summary"]["average_precision_chance"] = value
    document_damage.put(path, json.dumps(document).encode())
    with pytest.raises(InputError, match=r"assessment\.json cannot be used \('average_precision_chance'"):
        assessment.open(store, "small-random")
    pages = {page.file: site.render(page) for page in site.pages(store, every=True)}
    assert "cannot be read: small-random." in pages["index.html"]
    assert "not judged yet" in pages["run-small-random.html"]
    assert "judgement-small-random.html" not in pages


@pytest.mark.parametrize("document", ["runs/small-random/windows.parquet", "assessments/small-random/chance.parquet"])
@pytest.mark.parametrize("damage", [b"", b"PAR1 cut", document_damage.FOLDER])
def test_a_damaged_table_costs_the_site_one_run_that_is_named(store, document, damage):
    others = {page.file for page in site.pages(store, every=True) if "small-random" not in page.file}
    document_damage.put(store / document, damage)
    pages = {page.file: page for page in site.pages(store, every=True)}
    assert "cannot be read: small-random." in site.render(pages["index.html"])
    assert others <= set(pages) and ("run-small-random.html" in pages) == document.startswith("assessments")


def test_a_folder_in_place_of_a_table_is_no_empty_table_but_one_sentence(short_names, tmp_path, precursor, monkeypatch):
    store = document_damage.linked_copy(short_names, tmp_path / "copy")
    monkeypatch.setenv("PRECURSOR_DATA", str(store))
    document_damage.put(store / "assessments" / "small-random" / "scan.parquet", document_damage.FOLDER)
    code, _, err = precursor("null-gallery", "small-random")
    assert code == 2 and "scan.parquet cannot be used (it is a folder)" in " ".join(err.split())


def test_tables_are_read_by_the_one_reader_that_refuses_folders():
    modules = [path for room in ("core", "dashboard") for path in (ROOT / room).rglob("*.py")]
    readers = [path for path in modules if "pd.read_parquet" in path.read_text(encoding="utf-8")]
    assert readers == [ROOT / "core" / "files.py"]
