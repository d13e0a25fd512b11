"""The verbs of honesty on the command line, from a frozen plan to the opened final block."""

from __future__ import annotations

import json

import pytest
import tomli_w

from core import config as configs
from core.judgement import assessment, tries
from core.judgement.plans import plan_answers
from core.runs.runs import RunStore

YEAR = configs.from_dict(
    {
        "name": "year",
        "data": {"source": "synthetic", "stations": ["DUR"]},
        "world": {"seed": 3, "start": "2016-01-01", "end": "2016-12-01", "events_per_year": 400.0},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 60, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 0.125},
        "split": {"embargo_days": 0.125, "validation_fraction": 0.1, "test_fraction": 0.5, "final_fraction": 0.2},
        "training": {"epochs": 1},
    }
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verbs")
    (folder / "year.toml").write_text(tomli_w.dumps(YEAR.as_dict()))
    return folder


@pytest.fixture
def precursor(precursor, monkeypatch, home):
    """Call `precursor ...` on the data folder of this module."""
    monkeypatch.setenv("PRECURSOR_DATA", str(home))
    return precursor


def test_from_a_frozen_plan_to_the_opened_final_block(precursor, home, monkeypatch):
    from core.runs import environment

    monkeypatch.setattr(environment, "code_digest", lambda: "c0de")
    code, out, _ = precursor("freeze", home / "year.toml")
    assert code == 0 and "was frozen on" in out
    (line,) = (home / "frozen" / "journal.jsonl").read_text().splitlines()
    assert json.loads(line)["digest"] in out
    assert precursor("train", home / "year.toml")[0] == 0
    (run_id,) = RunStore(home).ids()

    code, out, _ = precursor("assess", run_id)
    assert code == 0
    code, out, _ = precursor("verdict", run_id)
    assert code == 0
    headline = out.splitlines()[0]
    assert headline.startswith("Made-up data. ")
    assert "pre-registered" in out.lower() and "The plan's verdict is that of the final block." in out
    assert "The final block of this run has not been opened." in out
    (said,) = json.loads(precursor("verdict", run_id, "--json")[1])
    assert said["headline"] == headline and said["kind"] != "detects"
    assert said["exploratory"] and said["primary"]["split"] == "test"

    code, out, _ = precursor("power", run_id, "--n", "20")
    assert code == 0 and "Share of 20 worlds" in out and "with the scores and the catalogue of this run" in out
    assert "Synthetic data: " in out
    sentence = next(line for line in out.splitlines() if line.startswith(("A run like this", "Even a change")))
    told = precursor("verdict", run_id)[1]
    assert said["kind"] == "untestable" and sentence not in told  # of what cannot be told nothing is promised

    code, out, _ = precursor("null-gallery", run_id, "--n", "3")
    assert code == 0 and "of 4." in out
    assert (home / "null_gallery" / run_id / "gallery.json").exists()

    code, out, _ = precursor("open-final", run_id)
    assert code == 0 and "Chance is an AUC of 0.5." in out and "was opened on" in out and "Synthetic data: " in out
    made = assessment.open(home, run_id)
    assert made.document.judged_split == "final" and made.folder.name == "final"
    assert assessment.of_split(home, run_id).document.judged_split == "test"
    noted = tries.read(home).of(run_id, "final")
    assert noted.stations == ("DUR",) and 0 < noted.p <= 1
    (answer,) = plan_answers.read(home)
    assert (answer.run_id, answer.split, answer.largest_difference) == (run_id, "final", None)

    assert precursor("open-final", run_id)[1] == out
    assert assessment.open(home, run_id).document == made.document and len(plan_answers.read(home)) == 1
    assert "The final block was opened on" in precursor("verdict", run_id)[1]
    (said,) = json.loads(precursor("verdict", run_id, "--json")[1])
    assert not said["exploratory"] and said["primary"]["split"] == "final" and said["primary"]["p"] == noted.p
    assert said["family"] is None or said["family"]["plans"] == [answer.plan]
    again = precursor("freeze", home / "year.toml")[1]
    assert answer.plan in again  # the same plan, not one for a stretch that was scored


def test_a_plan_that_waits_for_data_says_how_to_go_on_and_is_trained_from_its_file(precursor, home):
    config = configs.replace(YEAR, name="ahead", split={"final_fraction": 0.0}, world={"seed": 4})
    (home / "ahead.toml").write_text(tomli_w.dumps(config.as_dict()))
    code, out, err = precursor("freeze", home / "ahead.toml", "--until", "2016-12-01")
    assert code == 2 and "Bind the end" in err
    code, out, err = precursor("freeze", home / "ahead.toml", "--until", "2016-12-01", "--end", "2017-03-01")
    assert code == 0, err
    assert "final block, 2016-12-01 to 2017-03-01, of DUR" in out
    assert "When the data from 2016-12-01 to 2017-03-01 have come" in out and "not before its end" in out
    assert "Note that outside the data folder: if this line is not there later, tries are gone" in out
    (plan,) = (home / "frozen").glob("ahead-*.json")
    assert f"precursor train {plan}" in out
    code, _, err = precursor("train", plan)
    assert code == 2 and "The final split has no window" in err
    code, _, err = precursor("freeze", home / "ahead.toml", "--until", "soon")
    assert code == 2 and "is not a day such as 2026-12-01" in err


def test_what_is_not_there_is_a_sentence(precursor, home):
    assert precursor("freeze", "no-such-config")[0] == 2
    code, _, err = precursor("verdict", "no-such-run")
    assert code == 2 and "No run" in err


def test_the_leak_demo_is_a_table(precursor, home):
    code, out, _ = precursor("leak-demo", "--worlds", "2")
    assert code == 0 and "blocked" in out and "grouped" in out and "chance: 0.5" in out
    rows = json.loads(precursor("leak-demo", "--worlds", "2", "--json")[1])
    assert [row["method"] for row in rows] == ["random", "grouped", "blocked"]
