"""The id of a run, a sweep, a plan or a job leads to no file elsewhere, whether a document gives it or a caller."""

import json

import pandas as pd
import pytest
import tomli_w

from core.chained_log import ChainedLog
from core.errors import InputError
from core.forecasting import scan
from core.judgement import assessment, explanation, freeze, null_gallery, refit
from core.loading.archive.archive import Archive
from core.runs.runs import RunStore
from core.studies import jobs, sweep
from dashboard import assessments, loaders
from support.archive_rows import events, record

IDS = ["../../outside", "..", "{outside}", "a\\b", "C:x", "", "x\n", None, 7]
PLAIN = "expected a plain file name|three upper-case letters or digits"


@pytest.fixture
def outside(tmp_path):
    """A folder beside the data folder with everything that an id could be taken to lead to."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("assessment.json", "gallery.json", "explanation.json", "sweep.json", "status.json"):
        (folder / name).write_text(json.dumps({"version": 1, "varied": []}))
    (folder / "draws.csv").write_text("draw,seed,shift_minutes,auc\n0,0,5,0.5\n")
    (folder / "runs.csv").write_text("run_id\nx\n")
    windows = pd.DataFrame({"label": [0, 1, 1], "rejected": "", "split": "validation"})
    windows.to_parquet(folder / "windows.parquet", index=False)
    pd.DataFrame(columns=scan.COLUMNS).to_parquet(folder / "DUR.parquet", index=False)
    return folder


def spelt(name, outside):
    return name.replace("{outside}", str(outside)) if isinstance(name, str) else name


@pytest.mark.parametrize("run_id", IDS)
@pytest.mark.parametrize(
    "read",
    [
        lambda data, name: assessment.open(data, name),
        lambda data, name: null_gallery.stored(data, name),
        lambda data, name: explanation.stored(data, name),
        lambda data, name: refit.stored(data, name),
        lambda data, name: sweep.open(data, name),
        lambda data, name: scan.load(data, name, "DUR"),
        lambda data, name: scan.load(data, "honest-1", name),
        lambda data, name: scan.save(pd.DataFrame({"start": []}), data, name, "DUR"),
        lambda data, name: assessments.of(name),
        lambda data, name: RunStore(data).note_asker(name, "sweep", first=True),
        lambda data, name: RunStore(data).writing(name).__enter__(),
    ],
    ids=["assessment", "gallery", "explanation", "refit", "sweep", "scan", "station", "save", "page", "asker", "write"],
)
def test_an_id_that_is_no_plain_file_name_is_refused_before_a_file_is_looked_for(read, run_id, data_folder, outside):
    with pytest.raises(InputError, match=PLAIN):
        read(data_folder, spelt(run_id, outside))
    assert not list(outside.rglob("*.study.json")) and not (data_folder / "scans").exists()


@pytest.mark.parametrize("run_id", IDS)
def test_no_run_is_opened_that_the_folder_of_runs_does_not_list(run_id, data_folder, outside):
    (data_folder / "runs").mkdir()
    with pytest.raises(InputError, match="No run with an id beginning"):
        RunStore(data_folder).open(spelt(run_id, outside))


@pytest.mark.parametrize("run_id", IDS)
def test_the_majority_share_of_a_run_that_a_job_names_is_not_read_elsewhere(run_id, data_folder, outside):
    (data_folder / "runs").mkdir()
    assert loaders.majority_share(spelt(run_id, outside)) is None


@pytest.mark.parametrize("plan", ["../../outside/status", "{outside}/status", "..\\x"])
def test_a_plan_that_a_journal_names_elsewhere_is_refused(plan, data_folder, outside):
    ChainedLog(data_folder / "frozen" / "journal.jsonl").append({"id": spelt(plan, outside), "sha256": "0" * 64})
    with pytest.raises(InputError, match=PLAIN):
        freeze.frozen(data_folder)


def test_a_folder_of_runs_with_a_name_that_is_none_is_left_out_with_a_sentence(data_folder):
    (data_folder / "runs" / "a\\b").mkdir(parents=True)
    (data_folder / "runs" / "a\\b" / "status.json").write_text("{}")
    table = RunStore(data_folder).list()
    assert table.empty
    (note,) = table.attrs["notes"]
    assert "expected a plain file name" in note
    with pytest.raises(InputError, match=PLAIN):
        RunStore(data_folder).open("a\\b")


@pytest.mark.parametrize("verb", ["show", "verdict", "assess", "export", "explain", "reproduce", "refit", "scan"])
@pytest.mark.parametrize("run_id", ["../..", "../../outside", "/", ".."])
def test_a_verb_opens_no_run_by_a_path(verb, run_id, precursor, tmp_path, outside):
    more = ("--tensorboard", tmp_path / "out") if verb == "export" else ()
    code, _, err = precursor(verb, run_id, *more)
    assert code == 2 and "No run with an id beginning" in " ".join(err.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../x", "/x", "..", "a\\b", "C:x", "a" * 61])
def test_a_verb_takes_no_path_for_the_name_of_a_catalogue(name, precursor, data_folder, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "time,latitude,longitude,depth,mag,magType,id,type\n2016-01-01T03:04:05.000Z,42,14,10,4,ml,e1,earthquake\n"
    )
    assert precursor("catalogue", path, "--name", "sound")[0] == 0
    for arguments in (
        (path, "--name", name),
        ("history", name),
        ("diff", "sound", name),
        ("merge", "sound", f"{name}@2026-01-01", "--name", "both"),
        ("convert", "sound", "--name", name),
    ):
        code, _, err = precursor("catalogue", *arguments)
        assert code == 2 and ("atalogue" in err), arguments
    assert [each.name for each in (data_folder / "archive" / "events").glob("*.parquet")] == ["sound.parquet"]
    assert not list(tmp_path.glob("x*")) and not (data_folder / "archive" / "x.parquet").exists()


@pytest.mark.parametrize(("option", "said"), [("stations", "no minute data of"), ("catalogues", "no catalogue")])
@pytest.mark.parametrize("name", ["../../outside", "..", "/x", "a\\b"])
def test_a_config_that_names_a_path_for_its_data_is_refused(name, option, said, precursor, data_folder, tmp_path):
    archive = Archive(data_folder / "archive")
    archive.store(record([1, 2, 3]))
    archive.store_events("sound", events(3), "a.csv")
    named = {"stations": ["DUR"], "catalogues": ["sound"]} | {option: [name]}
    path = tmp_path / "a.toml"
    path.write_text(tomli_w.dumps({"data": named}))
    for verb in ("preview", "train"):
        code, _, err = precursor(verb, path)
        assert code == 2 and said in " ".join(err.split())


def test_a_run_whose_parent_is_a_path_opens_nothing_elsewhere(data_folder, outside):
    folder = data_folder / "runs" / "child-1"
    folder.mkdir(parents=True)
    facts = {"created": "2026-01-02T03:04:05+00:00", "seconds": 1.5, "synthetic": False, "source": "archive"}
    facts |= {"parent": "../../outside", "dead": False, "dead_sentence": ""}
    (folder / "status.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match="No run with an id beginning"):
        _ = RunStore(data_folder).open("child-1").parent


@pytest.mark.parametrize("name", ["a\\b", "x\n", "NUL", "x."])
def test_a_folder_among_the_jobs_whose_name_is_no_id_hides_no_job(name, data_folder):
    for job_id in (name, "20260102-030405-abcd"):
        (data_folder / "jobs" / job_id).mkdir(parents=True)
        (data_folder / "jobs" / job_id / "job.json").write_text("{}")
    assert [job.job_id for job in jobs.listed(data_folder)] == ["20260102-030405-abcd"]
