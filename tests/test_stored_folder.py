"""A data folder that an earlier version made opens in this one: it shows the same numbers, and work in it goes on."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow
import pytest

from core.forecasting import scan
from core.judgement import assessment, freeze, null_gallery
from core.runs.runs import RunStore
from core.studies import jobs
from support import stored_record

STORED = Path(__file__).with_name("stored")
VERSIONS = sorted(path.stem for path in STORED.glob("*.zip"))


@pytest.fixture(params=VERSIONS)
def record(request):
    """What the version that made the folder read in it."""
    return json.loads((STORED / f"{request.param}.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(request, record, data_folder):
    """The folder as that version left it, for this test alone."""
    with zipfile.ZipFile(STORED / f"{request.node.callspec.params['record']}.zip") as packed:
        packed.extractall(data_folder)
    return data_folder


@pytest.fixture
def rows(precursor, folder):
    """What a verb prints as JSON."""

    def call(*arguments):
        code, out, err = precursor(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return call


def assert_same_values(archive, kept):
    """Two archives have the same tables; in the name of a snapshot stands the digest of its bytes, which may differ."""
    made, stored = (sorted(folder.rglob("*.parquet")) for folder in (archive, kept))
    assert len(made) == len(stored) > 10
    for now, then in zip(made, stored, strict=True):
        names = [path.name.partition("Z-")[0] for path in (now, then)]
        assert names[0] == names[1]
        pd.testing.assert_frame_equal(pd.read_parquet(now), pd.read_parquet(then))


def test_every_run_is_listed_with_the_scores_it_had(rows, record):
    assert len(record["runs"]) >= 3
    assert stored_record.runs(rows) == record["runs"]
    for run_id, scores in record["scores"].items():
        assert stored_record.scores(rows, run_id) == scores


def test_the_probabilities_of_a_run_are_those_it_had(folder, record):
    for run_id, predictions in record["predictions"].items():
        assert stored_record.predictions(folder, run_id) == predictions


def test_a_run_that_the_old_rules_judged_says_so_until_it_is_judged_anew(folder, precursor, rows, record):
    """0.1.0 judged by circular shifts: its numbers open, its verdicts stand no longer."""
    assert len(record["verdicts"]) == 2
    for run_id, verdict in record["verdicts"].items():
        code, _, err = precursor("verdict", run_id)
        assert code == 2 and "judged by an older version" in err and f"precursor assess {run_id}" in err
        code, _, err = precursor("assess", run_id)
        assert code == 0, err
        read = stored_record.verdict(rows, run_id)
        assert (read["synthetic"], read["frozen_id"]) == (verdict["synthetic"], verdict["frozen_id"])
        assert read["n_runs"] is None or read["n_runs"] >= verdict["n_trained"]  # what it tried is paid for


def test_every_table_of_an_assessment_and_of_a_null_gallery_opens(folder, record):
    for run_id in record["verdicts"]:
        made = assessment.open(folder, run_id)
        assert made is not None
        assert min(len(made.table(name).columns) for name in made.names) > 0
    (pictures,) = [found for run_id in record["verdicts"] if (found := null_gallery.stored(folder, run_id))]
    assert len(pictures.items) == 4 and pictures.items["real"].sum() == 1


def test_the_ledger_shows_the_forecasts_it_had_and_its_chain_is_whole(precursor, rows, record):
    forecasts = record["ledger"]
    assert len(forecasts) == 2
    assert stored_record.ledger(rows) == forecasts
    code, out, _ = precursor("ledger", "--verify")
    assert code == 0 and forecasts[-1]["digest"] in out


def test_the_archive_gives_every_value_that_it_gave(folder, rows, record):
    assert stored_record.minutes(folder) == record["minutes"]
    assert stored_record.indices(rows) == record["indices"]


def test_the_archive_knows_what_was_replaced(rows, record):
    assert stored_record.catalogues(rows) == record["catalogues"]
    assert max(len(snapshots) for snapshots in record["catalogues"].values()) == 2
    assert {code: stored_record.revisions(rows, code) for code in record["revisions"]} == record["revisions"]
    assert [len(replaced) for replaced in record["revisions"].values()] == [2]


def test_a_check_of_every_byte_finds_no_damage(precursor, folder):
    code, out, _ = precursor("archive", "check")
    assert code == 0, out


def test_the_archive_made_again_from_raw_is_the_one_that_was_stored(precursor, folder, record):
    kept = folder.parent / "kept"
    shutil.move(folder / "archive", kept)
    code, _, err = precursor("archive", "rebuild")
    assert code == 0, err
    made = stored_record.parquet(folder)
    if pyarrow.__version__ == record["made_with"]["pyarrow"]:
        assert made == record["parquet"]
    assert_same_values(folder / "archive", kept)


def test_under_a_pyarrow_that_packs_in_other_bytes_the_rebuilt_archive_holds_the_same_values(
    precursor, folder, record, other_pyarrow
):
    other_pyarrow()
    kept = folder.parent / "kept"
    shutil.move(folder / "archive", kept)
    code, _, err = precursor("archive", "rebuild")
    assert code == 0, err
    made = stored_record.parquet(folder)
    assert set(made.values()).isdisjoint(record["parquet"].values())
    assert_same_values(folder / "archive", kept)


def test_a_killed_training_goes_on_from_its_checkpoint_and_ends(precursor, folder, record):
    killed = record["unfinished"]
    run_id, n_before, expected = killed["run"], killed["epoch"], killed["finished"]["history"]
    assert 0 < n_before < len(expected)
    assert stored_record.checkpoint(folder, run_id) == {"epoch": n_before, "history": killed["history"]}
    code, _, err = precursor("train", "stored-half")
    assert code == 0, err
    history = stored_record.history(folder, run_id)
    # Seconds are measured, so an epoch that was trained again would have others.
    assert [row["seconds"] for row in history[:n_before]] == [row["seconds"] for row in killed["history"]]
    assert [row["loss"] for row in history] == pytest.approx([row["loss"] for row in expected], rel=0.02)
    predictions = stored_record.predictions(folder, run_id)
    assert predictions["first"] == pytest.approx(killed["finished"]["predictions"]["first"], abs=0.01)


def test_a_frozen_plan_is_known_and_its_run_stays_pre_registered(folder, rows, record):
    assert [plan.frozen_id for plan in freeze.frozen(folder)] == [record["plan"]]
    told = {}
    for run_id in record["verdicts"]:
        registration = freeze.registration(RunStore(folder).open(run_id), folder)
        told |= {registration.frozen_id: registration.state} if registration.frozen_id else {}
    assert told == {record["plan"]: "pre-registered"}


def test_a_final_block_that_was_opened_is_not_opened_again(rows, record):
    expected = dict(record["final"])
    (opened,) = rows("open-final", expected.pop("run"))
    assert {name: opened[name] for name in expected} == expected


def test_a_learning_curve_is_found_and_not_made_again(folder, rows, record):
    curve = record["learning_curve"]
    status = folder / "learning_curves" / curve["id"] / "status.json"
    before = status.stat().st_mtime_ns
    points = rows("learning-curve", *curve["command"])
    assert {point["curve_id"] for point in points} == {curve["id"]}
    names = curve["points"][0].keys()
    assert [{name: point[name] for name in names} for point in points] == curve["points"]
    assert status.stat().st_mtime_ns == before


def test_a_stored_network_gives_the_same_windows_the_same_probabilities(folder, rows, record):
    for run_id, options in record["scans"].items():
        before = scan.load(folder, run_id, "DUR")
        assert before["probability"].notna().sum() > 10
        rows("scan", run_id, *options)
        after = scan.load(folder, run_id, "DUR")
        pd.testing.assert_frame_equal(after, before, rtol=0, atol=1e-5)


def test_an_ended_job_still_says_how_it_ended(folder, record):
    assert jobs.status(record["job"], folder).state == "finished"
    assert "DUR" in jobs.log_tail(record["job"], folder, lines=100)


def test_the_static_site_shows_every_run_and_forecast(precursor, folder, record, tmp_path):
    code, _, err = precursor("site", tmp_path / "site", "--all")
    assert code == 0, err
    pages = [path.read_text(encoding="utf-8") for path in sorted((tmp_path / "site").rglob("*.html"))]
    assert [run_id for run_id in record["runs"] if not any(run_id in page for page in pages)] == []
    tables = [path.read_text(encoding="utf-8") for path in sorted((tmp_path / "site").rglob("*ledger*.csv"))]
    assert [row["digest"] for row in record["ledger"] if not any(row["digest"] in table for table in tables)] == []
