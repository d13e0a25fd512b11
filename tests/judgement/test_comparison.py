"""Comparing runs on the windows they share, and making a run once more."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest

from core import files
from core.errors import InputError
from core.evaluation import scores
from core.judgement import comparison
from core.reporting.figures import theme
from core.reporting.figures.judgement import differences
from core.runs import environment, reproduction
from core.runs.runs import Run, RunStore
from core.runs.sources import open_source
from support.untrained_run import write_run

N_DAYS = 200


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path)


def judged_run(store: RunStore, name: str, probability: np.ndarray, first_day: int = 0, label=None) -> Run:
    """A run that is judged by one day-long window a day; every second one is positive unless `label` says more."""
    start = pd.date_range("2020-01-01", periods=N_DAYS, freq="2D", tz="UTC") + pd.Timedelta(days=2 * first_day)
    label = np.arange(N_DAYS) % 2 if label is None else label
    table = pd.DataFrame(
        {
            "window_id": range(N_DAYS),
            "station": "DUR",
            "start": start,
            "end": start + pd.Timedelta(days=1),
            "label": label,
            "event_id": "",
            "lead_days": np.nan,
            "split": "test",
            "probability": probability,
        }
    )
    folder = write_run(store, name)
    table.to_parquet(folder / "predictions.parquet", index=False)
    table.drop(columns="probability").assign(cluster=-1).to_parquet(folder / "windows.parquet", index=False)
    files.replace_json(folder / "scores.json", scores.records(scores.table(table, 0.5)))
    return store.open(name)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(N_DAYS)


def test_a_perfect_run_exceeds_a_blind_one_by_half_and_the_interval_says_so(store):
    runs = [judged_run(store, "blind", noise(1)), judged_run(store, "sees", (np.arange(N_DAYS) % 2).astype(float))]
    row = comparison.table(runs).iloc[0]
    assert row["auc"] == 1.0
    assert row["difference"] == pytest.approx(1.0 - row["auc_reference"])
    assert 0.35 < float(row["difference_low"]) < float(row["difference"]) < float(row["difference_high"]) < 0.65
    assert row["words"].startswith("sees exceeds blind")


def test_two_runs_with_the_same_order_of_windows_differ_by_exactly_nothing(store):
    runs = [judged_run(store, "one", noise(1)), judged_run(store, "other", noise(1) ** 3)]
    row = comparison.table(runs).iloc[0]
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (0, 0, 0)
    assert row["words"].startswith("The two cannot be told apart")


def test_windows_that_a_run_was_trained_on_do_not_count(store):
    blind = judged_run(store, "blind", noise(1))
    learned = judged_run(store, "learned", noise(2))
    answers = learned.predictions
    trained = answers.index < N_DAYS // 2  # it knows the labels of these by heart
    answers = answers.assign(split=np.where(trained, "train", "test"))
    answers["probability"] = np.where(trained, answers["label"].astype(float), answers["probability"])
    answers.to_parquet(learned.folder / "predictions.parquet", index=False)
    files.replace_json(learned.folder / "scores.json", scores.records(scores.table(answers, 0.5)))
    row = comparison.table([blind, store.open("learned")]).iloc[0]
    unseen = answers[~trained]
    assert row["n"] == N_DAYS // 2
    assert row["auc"] == pytest.approx(scores.auc(unseen["label"].to_numpy(), unseen["probability"].to_numpy()))


def test_pairing_makes_the_interval_narrower_than_that_of_independent_runs(store):
    base = 0.5 * noise(1) + 0.15 * (np.arange(N_DAYS) % 2)
    alike = comparison.table([judged_run(store, "a", base), judged_run(store, "b", base + 0.01 * noise(2))]).iloc[0]
    other = 0.5 * noise(3) + 0.15 * (np.arange(N_DAYS) % 2)
    unlike = comparison.table([judged_run(store, "c", base), judged_run(store, "d", other)]).iloc[0]
    width = [float(row["difference_high"] - row["difference_low"]) for row in (alike, unlike)]
    assert width[0] < width[1] / 3


def test_only_shared_windows_with_one_label_count(store):
    flipped = np.arange(N_DAYS) % 2
    flipped[:20] = 1 - flipped[:20]
    runs = [judged_run(store, "a", noise(1)), judged_run(store, "b", noise(2), first_day=100, label=flipped)]
    row = comparison.table(runs).iloc[0]
    # 100 days are shared; the first 20 of those have another label in b
    assert (row["n"], row["n_positive"]) == (80, 40)
    assert "20 shared windows with different labels were left out" in row["words"]


def test_runs_without_a_shared_window_cannot_be_compared_and_the_words_say_why(store):
    row = comparison.table([judged_run(store, "a", noise(1)), judged_run(store, "b", noise(1), first_day=900)]).iloc[0]
    assert row["n"] == 0
    assert np.isnan(row["difference"])
    assert "no window together" in row["words"]


def test_a_comparison_of_nothing_is_one_sentence_and_one_that_holds_a_pair_leaves_the_others_out(
    precursor, data_folder
):
    store = RunStore(data_folder)
    for name, first_day in (("early", 0), ("same", 0), ("late", 900)):
        judged_run(store, name, noise(1), first_day)
    code, out, err = precursor("compare", "early", "late")
    assert (code, out) == (2, "")
    assert err == "Error: late and early are judged by no window together: they cannot be compared.\n"
    code, out, _ = precursor("compare", "early", "same", "late")
    assert code == 0 and "late and early are judged by no window together" in out
    assert [line.split("\t")[0] for line in out.splitlines() if "\t" in line] == ["run", "same"]


def test_one_run_alone_is_refused(store):
    run = judged_run(store, "a", noise(1))
    with pytest.raises(InputError, match="two different runs"):
        comparison.table([run, run])


def test_a_run_made_again_gives_the_same_predictions(full_folder):
    run = RunStore(full_folder).open("small-random")
    found = reproduction.reproduce(run, open_source(run.config, full_folder))
    assert found.ok
    assert found.largest == 0
    assert found.n == len(run.predictions)
    assert found.surroundings == []


def test_other_predictions_are_not_taken_for_a_reproduction(full_folder, tmp_path):
    run = RunStore(full_folder).open("small-random")
    shutil.copytree(run.folder, tmp_path / "runs" / run.run_id)
    changed = RunStore(tmp_path).open(run.run_id)
    table = changed.predictions.assign(probability=lambda t: t["probability"] + 2e-6)
    table.to_parquet(changed.folder / "predictions.parquet", index=False)
    found = reproduction.reproduce(RunStore(tmp_path).open(run.run_id), open_source(run.config, full_folder))
    assert not found.ok
    assert found.largest == pytest.approx(2e-6, rel=1e-3)
    assert "not reproduced" in found.sentence


def test_changed_data_are_named_and_nothing_is_trained(full_folder, tmp_path):
    run = RunStore(full_folder).open("small-random")
    shutil.copytree(run.folder, tmp_path / "runs" / run.run_id)
    path = tmp_path / "runs" / run.run_id / "environment.json"
    stored = json.loads(path.read_text())
    name = sorted(stored["digests"])[0]
    stored["digests"][name] = "0" * 64
    stored["packages"]["keras"] = "0.1"
    files.replace_json(path, stored)
    found = reproduction.reproduce(RunStore(tmp_path).open(run.run_id), open_source(run.config, full_folder))
    assert not found.ok
    assert found.inputs == [name]
    assert found.surroundings == ["packages keras"]
    assert name in found.sentence


def test_the_verb_takes_the_threads_of_the_run(full_folder, data_folder, precursor, monkeypatch):
    for name in environment.THREADS:
        monkeypatch.setenv(name, "7")
    run = RunStore(full_folder).open("small-random")
    shutil.copytree(run.folder, data_folder / "runs" / run.run_id)
    path = data_folder / "runs" / run.run_id / "environment.json"
    files.replace_json(path, {**run.environment.to_dict(), "threads": {"TF_NUM_INTRAOP_THREADS": "1", "PATH": "9"}})
    seen = {}

    def reproduce(chosen, *_):
        seen.update(environment.describe().threads, PATH=os.environ["PATH"])
        return reproduction.Reproduction(chosen.run_id, True, 1, 0.0, [], [], "Reproduced.")

    monkeypatch.setattr(reproduction, "reproduce", reproduce)
    assert precursor("reproduce", run.run_id)[0] == 0
    assert seen == {"TF_NUM_INTRAOP_THREADS": "1", "PATH": os.environ["PATH"]}
    assert os.environ["PATH"] != "9"


@pytest.mark.parametrize("threads", [None, [], {"OMP_NUM_THREADS": "1\0"}, {"OMP_NUM_THREADS": None}])
def test_damaged_settings_of_threads_are_one_sentence(full_folder, data_folder, precursor, threads):
    run = RunStore(full_folder).open("small-random")
    shutil.copytree(run.folder, data_folder / "runs" / run.run_id)
    files.replace_json(
        data_folder / "runs" / run.run_id / "environment.json", {**run.environment.to_dict(), "threads": threads}
    )
    code, _, err = precursor("reproduce", run.run_id)
    assert code == 2
    assert "environment.json cannot be used (its settings of threads are not numbers)" in err


def test_the_figure_of_differences_has_the_line_of_no_difference_and_each_interval(store):
    table = comparison.table([judged_run(store, "a", noise(1)), judged_run(store, "b", noise(2))])
    line, dots = differences.differences(table, synthetic=True).data
    assert (line.line.color, list(line.x)) == (theme.colour("chance"), [0, 0, None])
    row = table.iloc[0]
    assert dots.x[0] + dots.error_x.array[0] == pytest.approx(row["difference_high"])
    assert dots.x[0] - dots.error_x.arrayminus[0] == pytest.approx(row["difference_low"])
