"""The final block: never seen in training, opened once, and whoever opens it again is told; the verdict says so."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest

from core import chained_log
from core import config as configs
from core.errors import InputError
from core.evaluation import scores
from core.forecasting import scan, update
from core.judgement import assessment, evidence, final_block, final_opening, freeze, tries
from core.labelling import dataset, splits
from core.runs import environment, pipeline
from core.runs.runs import RunStore
from core.training import fit
from support.small_run import SMALL

CONFIG = configs.replace(SMALL, world={"end": "2016-05-01"}, split={"final_fraction": 0.2})


def waiting_from(run, start, end=""):
    """The run as one of a plan whose final block begins on a day and waits for data."""
    waiting = dataclasses.replace(run)
    split = {"final_fraction": 0.0, "final_start": start}
    waiting.__dict__["config"] = configs.replace(run.config, split=split, data={"end": end})
    return waiting


def test_the_final_block_is_in_no_prediction_and_lies_last(run):
    assert splits.FINAL not in set(run.predictions["split"])
    final = run.windows[run.windows["split"] == splits.FINAL]
    others = run.windows[run.windows["split"].isin(splits.SPLITS)]
    assert len(final) > 10
    assert final["footprint_start"].min() >= others["footprint_end"].max()


def test_a_scan_says_nothing_of_a_block_that_was_not_opened(run, world):
    final = run.windows[run.windows["split"] == splits.FINAL]
    series = scan.scan(run, world, "DUR", step_minutes=60)
    inside = (series["end"] > final["start"].min()) & (series["start"] < final["end"].max())
    assert inside.sum() > 100 and series.loc[inside, "probability"].isna().all()
    assert final_block.CLOSED in set(series.loc[inside, "rejected"])
    assert series.loc[~inside, "probability"].notna().sum() > 1000


@pytest.mark.parametrize(("ends", "open_from"), [("", 366), ("2016-06-01", 152)])
def test_data_that_came_after_the_training_of_a_run_are_hidden_as_far_as_its_block_reaches(run, home, ends, open_from):
    """A scan of them was a look at a stretch whose plan waits for just these data."""
    waiting = waiting_from(run, "2016-03-01", ends)  # day 60
    start = pd.date_range("2016-01-01", "2016-12-31", freq="D", tz="UTC")
    hidden = final_block.hidden(waiting, pd.DataFrame({"start": start, "end": start + pd.Timedelta(hours=1)}), home)
    assert list(np.flatnonzero(hidden)) == list(range(60, open_from))


def test_no_forecast_is_made_within_a_block_that_was_not_opened(run, world):
    """Matured, the ledger would show the skill in a stretch that nothing may score yet."""
    forecasts, silent = update.newest_forecasts(waiting_from(run, "2016-03-01"), world)
    assert forecasts == [] and silent == [
        f"DUR: the newest window is not usable ({final_block.CLOSED}), so no forecast."
    ]


def test_a_closed_block_is_not_looked_at(run, world, home):
    with pytest.raises(InputError, match=f"has not been opened. `precursor open-final {run.run_id}` opens it, once"):
        evidence.look(run, world, split="final")
    assert final_block.said(run, home).state == "closed" and assessment.of_split(home, run.run_id, "final") is None


def test_a_plan_is_refused_for_what_a_run_in_the_store_scored_though_no_journal_says_so(run, world, home):
    assert tries.read(home).of(run.run_id, "test") is None
    whole = configs.replace(CONFIG, split={"final_fraction": 0.5})  # which begins among the test windows of the run
    with pytest.raises(InputError, match=f"{run.run_id} scored it"):
        freeze.freeze(whole, world, home)
    assert freeze.freeze(configs.replace(CONFIG, training={"seed": 3}), world, home).stretch.split == "final"


def test_a_plan_is_refused_for_what_a_run_in_the_store_scanned(run, world, home, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(home, folder)
    shutil.rmtree(folder / "frozen", ignore_errors=True)
    last_days = scan.scan(run, world, "DUR", step_minutes=60).assign(probability=0.5).iloc[-200:]
    scan.save(last_days.assign(probability=np.nan), folder, run.run_id, "DUR")
    freeze.freeze(CONFIG, world, folder)  # nothing was seen in such a scan
    scan.save(last_days, folder, run.run_id, "DUR")
    with pytest.raises(InputError, match=f"{run.run_id} scored it"):
        freeze.freeze(configs.replace(CONFIG, training={"seed": 4}), world, folder)
    (folder / "scans" / run.run_id / "DUR.parquet").write_bytes(b"damaged")
    shutil.rmtree(folder / "runs")  # the journal keeps that it was looked at: such a scan left no trace
    with pytest.raises(InputError, match=f"{run.run_id} scored it"):
        freeze.freeze(configs.replace(CONFIG, training={"seed": 4}), world, folder)
    n_lines = len((folder / "tested.jsonl").read_text().splitlines())
    shutil.copytree(home / "runs", folder / "runs")
    scan.save(last_days, folder, run.run_id, "DUR")  # the same stretch again
    assert len((folder / "tested.jsonl").read_text().splitlines()) == n_lines


def test_a_block_whose_end_is_to_come_stays_closed(run, world, home, monkeypatch):
    monkeypatch.setattr(final_block, "score", lambda *arguments: pytest.fail("it was scored"))
    with pytest.raises(InputError, match=r"ends on 2016-06-01, and minutes end on 2016-05-01.*stays closed"):
        final_block.open_once(waiting_from(run, "2016-04-08", "2016-06-01"), world, home)
    assert final_block.openings(home) == []


def test_other_probabilities_under_newer_code_keep_a_block_closed(run, world, home, monkeypatch):
    monkeypatch.setattr(environment, "code_digest", lambda: "newer")
    predict = fit.predict
    with monkeypatch.context() as patch:
        patch.setattr(fit, "predict", lambda *arguments: predict(*arguments) + 2e-6)
        with pytest.raises(InputError, match="stored probabilities do not come out again .allowed: 1e-06"):
            final_opening.open_final(run, world, home)
    assert final_block.said(run, home).state == "closed"
    other = configs.replace(CONFIG, labels={"quiet_margin_days": 0.2})
    windows = dataset.build(other, world)
    monkeypatch.setattr(dataset, "build", lambda *arguments, **options: windows)
    with pytest.raises(InputError, match="do not come out again"):
        final_opening.open_final(run, world, home)
    assert final_block.said(run, home).state == "closed"


def test_an_opened_block_is_judged_beside_the_run_and_noted_as_a_try(world, tmp_path, run, home):
    folder = tmp_path / "data"
    shutil.copytree(home, folder)
    (folder / "final" / "journal.jsonl").unlink(missing_ok=True)
    own = RunStore(folder).open(run.run_id)
    options = assessment.Options(n_bootstrap=50, n_shifts=50)
    opening, notes = final_opening.open_final(own, world, folder, options=options)
    made = assessment.of_split(folder, run.run_id, "final")
    assert notes == [] and opening.largest_difference is None and made.document.judged_split == "final"
    assert made.summary.n == opening.n and made.summary.auc == pytest.approx(opening.auc)
    final = run.windows[run.windows["split"] == splits.FINAL]
    scanned = made.table("scan")
    assert scanned["start"].min() >= final["start"].min() and scanned["end"].max() <= final["footprint_end"].max()
    noted = tries.read(folder).of(run.run_id, "final")
    assert noted.synthetic and pd.Timestamp(noted.start) >= final["start"].min()
    assert assessment.open(folder, run.run_id) is None  # it keeps to no plan: its own windows judge it
    assert final_opening.open_final(own, world, folder) == (opening, [])
    assert assessment.of_split(folder, run.run_id, "final").document == made.document

    (made.folder / "assessment.json").unlink()
    changed = dataclasses.replace(run, folder=own.folder)
    changed.__dict__["digests"] = {"minute/DUR": "other"}
    again, notes = final_opening.open_final(changed, world, folder)
    assert again == opening and len(notes) == 1 and "have changed since it was made" in notes[0]


def test_probabilities_that_come_out_again_under_newer_code_open_the_block_and_are_recorded(
    run, world, home, tmp_path, monkeypatch
):
    folder = tmp_path / "data"
    shutil.copytree(home, folder)
    (folder / "final" / "journal.jsonl").unlink(missing_ok=True)
    monkeypatch.setattr(environment, "code_digest", lambda: "newer")
    opened = final_block.open_once(RunStore(folder).open(run.run_id), world, folder)
    assert 0 <= opened.largest_difference <= 1e-6


def test_it_is_opened_once_and_scored_like_any_split(home, world, run):
    assert final_block.said(run, home).state == "closed"
    opened = final_block.open_once(run, world, home)
    assert final_block.open_once(run, world, home) == opened
    assert len(final_block.openings(home)) == 1

    windows = dataset.build(run.config, world)
    rows = windows.rows(splits.FINAL)
    probability = fit.predict(fit.load_model(run.config, 60, run.weights), windows, rows)
    assert opened.n == len(rows)
    assert opened.auc == pytest.approx(scores.auc(windows.labels(rows), probability))
    assert opened.auc_low < opened.auc < opened.auc_high
    assert final_block.said(run, home).state == "opened"
    assert f"on {len(rows)} windows" in final_block.said(run, home).words
    assert final_block.CLOSED not in set(scan.scan(run, world, "DUR", step_minutes=60)["rejected"])


def test_another_run_that_opens_the_same_block_says_so(home, world, run):
    final_block.open_once(run, world, home)
    second = pipeline.run(configs.replace(CONFIG, training={"seed": 7}), world, RunStore(home))
    assert final_block.said(second, home).state == "closed"
    opened = final_block.open_once(second, world, home)
    assert [entry.run_id for entry in opened.opened_before] == [run.run_id]
    words = final_block.said(second, home).words
    assert "opened once before" in words and "not that of an untouched block" in words
    assert "1 other run opened the same block later" in final_block.said(run, home).words


@pytest.fixture(scope="module")
def family(home, world):
    """A run with a final block, and the run whose weights it began from: trained on the last third of all time."""
    parts = configs.replace(CONFIG, split={"final_fraction": 0.0, "n_blocks": 3, "test_block": 1})
    parent = pipeline.run(parts, world, RunStore(home))
    return parent, pipeline.run(CONFIG, world, RunStore(home), parent=parent)


def test_a_scan_of_the_judged_period_leaves_out_what_an_ancestor_learned_from(family, world):
    parent, child = family
    learned = parent.windows[(parent.windows["split"] == "train") & (parent.windows["rejected"] == "")]
    scanned = evidence.look(child, world).scan
    seen = np.array(
        [
            ((learned["start"] < end) & (learned["end"] > start)).any()
            for start, end in zip(scanned["start"], scanned["end"], strict=True)
        ]
    )
    assert seen.sum() > 10 and scanned.loc[seen, "probability"].isna().all()
    assert scanned.loc[~seen, "probability"].notna().sum() > 10


def test_what_an_ancestor_learned_from_is_not_scored_when_the_block_is_opened(home, world, family):
    parent, child = family
    learned = parent.windows[(parent.windows["split"] == "train") & (parent.windows["rejected"] == "")]
    built = dataset.build(CONFIG, world)
    final = built.table.iloc[built.rows(splits.FINAL)]
    seen = [
        ((learned["footprint_start"] < last) & (learned["footprint_end"] > first)).any()
        for first, last in zip(final["footprint_start"], final["footprint_end"], strict=True)
    ]
    opened = final_block.open_once(child, world, home)
    assert sum(seen) > 10 and 0 < opened.n <= len(final) - sum(seen)


def block(start, end, stations=("DUR",), synthetic=False, digest="aa"):
    minutes = {f"minute/{code}": digest for code in stations}
    return final_block.Block(stations, start, end, synthetic, minutes)


def test_blocks_are_the_same_if_they_share_a_station_and_time():
    known = block("2019-01-01", "2020-01-01")
    assert final_block.same_block(known, block("2019-12-01", "2021-01-01", digest="bb"))  # the archive has grown since
    assert not final_block.same_block(known, block("2020-01-01", "2021-01-01"))
    assert not final_block.same_block(known, block("2019-01-01", "2020-01-01", ("IZN",)))
    made_up = block("2019-01-01", "2020-01-01", synthetic=True)
    assert not final_block.same_block(known, made_up)
    assert final_block.same_block(made_up, made_up)
    assert not final_block.same_block(made_up, block("2019-01-01", "2020-01-01", synthetic=True, digest="bb"))


def test_a_run_without_a_final_block_has_none_to_open(home, world):
    plain = pipeline.run(configs.replace(CONFIG, split={"final_fraction": 0.0}), world, RunStore(home))
    assert final_block.said(plain, home).state == "none"
    with pytest.raises(InputError, match="has no final block. Set .split. final_fraction"):
        final_block.open_once(plain, world, home)


def test_the_verdict_of_a_run_says_what_became_of_its_final_block_and_counts_all_runs(home, world, run):
    final_block.open_once(run, world, home)
    options = assessment.Options(n_bootstrap=50, n_shifts=50)
    made = assessment.assess(run, world, home, options=options)
    said = made.document.verdict
    assert said.headline.startswith("Made-up data. ") and said.exploratory
    assert "The final block was opened on" in said.opened
    assert said.family is not None and said.family.n_runs == len(RunStore(home).ids())
    assert assessment.verdict_of(run, made, home) == said


# A line of the journal as program 0.1.0 wrote it, less the chain of digests.
OLD_LINE = {
    "auc": 0.61,
    "auc_high": 0.8,
    "auc_low": 0.42,
    "block": {
        "end": "2016-05-01T00:00:00+00:00",
        "minutes": {"minute/DUR": "aa"},
        "start": "2016-04-10T00:00:00+00:00",
        "stations": ["DUR"],
        "synthetic": True,
    },
    "brier": 0.24,
    "brier_reference": 0.25,
    "mcc": None,
    "n": 40,
    "n_positive": 20,
    "opened_before": [{"run_id": "first-0001", "time": "2026-01-01T00:00:00+00:00"}],
    "run_id": "second-0002",
}


def test_openings_of_before_there_were_versions_are_read_and_those_of_a_newer_program_are_refused(tmp_path):
    book = chained_log.ChainedLog(tmp_path / "final" / "journal.jsonl")
    book.append(OLD_LINE)
    (opening,) = final_block.openings(tmp_path)
    assert opening.opened_before == (final_block.Earlier("first-0001", "2026-01-01T00:00:00+00:00"),)
    assert (opening.auc, opening.mcc, opening.n, opening.block.stations) == (0.61, None, 40, ("DUR",))
    chained_log.ChainedLog(book.path, version=9).append(OLD_LINE)
    with pytest.raises(InputError, match=r"Line 2 of .*journal\.jsonl has version 9 of its form"):
        final_block.openings(tmp_path)


def test_a_line_that_is_no_opening_is_one_sentence_with_the_file(tmp_path):
    chained_log.ChainedLog(tmp_path / "final" / "journal.jsonl").append({"run_id": "second-0002"})
    with pytest.raises(InputError, match="journal.jsonl holds a line that is no opening .it has no 'block'"):
        final_block.openings(tmp_path)
