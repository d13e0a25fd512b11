"""What the verbs about runs say: the size of the network before training, and whose runs are listed."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import tomli_w

from core.reporting import site
from core.runs.runs import RunStore
from support.hostile_folder import write_run
from support.tiny_study import TINY

# Table 2 for windows of 60 minutes: the convolutions, 3 x 15 positions of 64 filters into 64 units, the outputs.
OF_AN_HOUR = (320 + 6_208 + 12_352) + (3 * 15 * 64 * 64 + 64) + 130


@pytest.fixture
def studied(data_folder):
    """Two runs of the user and three of studies."""
    for name in ("mine", "older", "paper-a", "paper-b", "swept"):
        write_run(data_folder, name, True, "")
    store = RunStore(data_folder)
    for name, study in (("mine", ""), ("paper-a", "paper"), ("paper-b", "paper"), ("swept", "sweep")):
        store.note_asker(f"{name}-0123abcd", study, first=True)
    return data_folder


@pytest.mark.slow
def test_the_size_of_the_network_is_said_before_and_after_training(precursor, data_folder, tmp_path):
    config = tmp_path / "tiny.toml"
    config.write_text(tomli_w.dumps(TINY))
    code, out, _ = precursor("preview", config)
    assert code == 0 and "The network" in out and "203394" in out.replace(",", "")
    found = pd.DataFrame(json.loads(precursor("preview", config, "--json")[1]))
    assert "is outside the table of simulations" in out  # which begins at half a year
    (row,) = found[found["table"] == "network"].to_dict("records")
    learned = found[(found["table"] == "splits") & (found["split"] == "train")]["n"].sum()
    assert (row["n_parameters"], row["n_train"]) == (OF_AN_HOUR, learned)
    assert row["parameters_per_window"] == pytest.approx(OF_AN_HOUR / learned)
    code, out, _ = precursor("train", config)
    assert code == 0 and out.startswith("The network has 203,394 parameters to learn.")
    assert f"for each of the {learned:,.0f} training windows." in out
    (run_id,) = RunStore(data_folder).ids()
    assert {each["n_parameters"] for each in json.loads(precursor("show", run_id, "--json")[1])} == {OF_AN_HOUR}


def test_a_window_too_short_for_the_network_is_said_and_the_rest_is_counted(precursor, data_folder, tmp_path):
    config = tmp_path / "short.toml"
    config.write_text(tomli_w.dumps({**TINY, "network": {"layers": 6}}))
    code, out, err = precursor("preview", config)
    assert code == 0 and "Candidate windows" in out and "too short for the network" in err


def test_a_preview_of_a_made_up_world_begins_with_that(precursor, data_folder, tmp_path):
    config = tmp_path / "tiny.toml"
    config.write_text(tomli_w.dumps(TINY))
    code, out, _ = precursor("preview", config)
    assert code == 0 and out.startswith(
        "Synthetic data: this says something about the method, nothing about the Earth."
    )
    rows = json.loads(precursor("preview", config, "--json")[1])
    assert rows and all(row["synthetic"] is True for row in rows)


def test_runs_of_studies_are_counted_in_one_line_and_listed_on_request(precursor, studied):
    code, out, err = precursor("runs", "--json")
    assert code == 0 and {row["name"] for row in json.loads(out)} == {"mine", "older"}
    assert "3 runs that a study made (2 paper, 1 sweep)" in err and "`precursor runs --all`" in err
    _, out, err = precursor("runs", "--all")
    assert all(name in out for name in ("mine-", "older-", "paper-a-", "paper-b-", "swept-"))
    assert "Not listed" not in err


def test_a_run_that_the_user_began_stays_his_when_a_study_ends_it(studied):
    store = RunStore(studied)
    store.note_asker("older-0123abcd", "sweep", first=False)
    store.note_asker("swept-0123abcd", "", first=False)
    assert store.studies() == {"paper-a-0123abcd": "paper", "paper-b-0123abcd": "paper"}


def test_a_damaged_mark_hides_no_run(studied):
    for text in ("", "{", "[]", "3"):
        (studied / "runs" / "swept-0123abcd.study.json").write_text(text)
        assert "swept" in set(RunStore(studied).list().query("study == ''")["name"])


def test_the_site_publishes_the_users_runs_and_those_that_are_named(studied, tmp_path):
    def runs(**options):
        pages = site.write(studied, tmp_path / "site", **options)
        return {path.stem.split("-0123")[0].removeprefix("run-") for path in pages if path.stem.startswith("run-")}

    assert runs() == {"mine", "older"}
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "Not listed: 3 runs that a study made (2 paper, 1 sweep)." in index and "swept-" not in index
    assert runs(named=["swept"]) == {"mine", "older", "swept"}
    assert runs(every=True) == {"mine", "older", "paper-a", "paper-b", "swept"}
    assert "Not listed" not in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["status.json", "audit.json", "config.json", "scores.json", "predictions.parquet"])
def test_a_run_with_a_damaged_file_is_refused_before_anything_of_it_is_shown(precursor, data_folder, name):
    write_run(data_folder, "mine", True, "")
    assert precursor("show", "mine")[0] == 0
    (data_folder / "runs" / "mine-0123abcd" / name).write_bytes(b'{"version": 99, "program": "9.0"}')
    code, out, err = precursor("show", "mine")
    assert code == 2 and out == "" and err.startswith("Error: "), (out, err)
