"""An assessment: what is judged and how it is kept; an oracle and a blind score find their places."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits
from typer.testing import CliRunner

from core import config as configs
from core.cli import app
from core.errors import InputError
from core.evaluation import alarm_series, molchan
from core.evaluation.power import words as power_words
from core.evaluation.power.planting import Lasting
from core.evaluation.rivals import scorecard
from core.judgement import assessment, evidence, tries, verdicts
from core.judgement.assessment import Options
from core.judgement.journals import noted_numbers
from core.judgement.power import kept as power_kept
from core.judgement.power import of_run
from core.labelling import windows
from core.progress import Cancelled, Progress
from core.runs import sources
from core.training import measures

CONFIG = configs.from_dict(
    {
        "name": "short",
        "data": {"source": "synthetic", "stations": ["DUR", "IZN"]},
        "world": {"seed": 6, "start": "2016-01-01", "end": "2016-05-15", "events_per_year": 400, "gap_fraction": 0.03},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240},
        "labels": {"horizon_days": 0.5},
        "split": {"test_fraction": 0.5},
        "training": {"epochs": 1},
    }
)
QUICK = Options(n_bootstrap=100, n_shifts=50)


@pytest.fixture(scope="module")
def looked(run, world) -> evidence.Judged:
    return evidence.look(run, world)


@pytest.fixture(scope="module")
def made(run, world, home) -> assessment.Assessment:
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    found = assessment.assess(run, world, home, options=QUICK)
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before  # a run is never changed
    return found


def test_the_network_row_is_the_judged_score_of_the_run(made, run):
    line = made.table("scorecard").iloc[0]
    stored = run.scores[(run.scores["split"] == "test") & (run.scores["station"] == "all")].iloc[0]
    assert line["model"] == "network" and line["n"] == stored["n"]
    assert line["auc"] == pytest.approx(stored["auc"]) and made.summary.auc == pytest.approx(stored["auc"])
    assert made.summary.brier == pytest.approx(stored["brier"])
    assert made.document.judged_split == "test"


def test_an_assessment_computes_on_one_thread(run, world, home, monkeypatch):
    def stops(*_):
        raise InputError(str({library["num_threads"] for library in threadpool_info()}))

    monkeypatch.setattr(assessment.assessment_tables, "make", stops)
    with threadpool_limits(2), pytest.raises(InputError, match=r"^\{1\}$"):
        assessment.assess(run, world, home, options=QUICK)


def test_every_table_is_there_and_opens_again(made, home, run):
    again = assessment.open(home, run.run_id)
    assert again is not None and set(again.names) >= {
        "scorecard", "strata", "reliability", "precision_recall", "molchan", "targets", "scan", "significance",
        "null_draws", "lead_profile", "chance",
    }  # fmt: skip
    assert again.table("scorecard")["model"].tolist()[:2] == ["network", "majority"]
    assert again.table("scorecard")["model"].iloc[-1] == scorecard.BEST
    for name in again.names:
        pd.testing.assert_frame_equal(again.table(name), made.table(name))
    for name in ("ass", "auc", "brier_skill", "log_score", "information_gain", "expected_calibration_error"):
        assert np.isfinite(getattr(again.summary, name))
    assert again.summary.ass_low < again.summary.ass < again.summary.ass_high


def test_the_same_seed_gives_the_same_tables(made, run, world, home, tmp_path):
    again = assessment.assess(run, world, tmp_path, options=QUICK)
    for name in made.names:
        pd.testing.assert_frame_equal(again.table(name), made.table(name))
    assert again.summary == made.summary


def test_the_scan_stays_in_the_judged_period_and_gives_the_probabilities_of_the_evaluation(looked, run):
    test = run.predictions[run.predictions["split"] == "test"]
    assert looked.scan["start"].min() == test["start"].min()
    both = test.merge(looked.scan, on=["station", "start", "end"], suffixes=("", "_scan"))
    assert len(both) > 50 and (both["rejected"] == "").all()
    np.testing.assert_allclose(both["probability_scan"], both["probability"], rtol=0, atol=1e-6)
    last = run.windows.loc[run.windows["split"] == "test", "footprint_end"].max()
    assert (looked.scan["end"] + pd.Timedelta(days=0.5)).max() <= last
    reasons = set(looked.scan["rejected"])
    assert any(reason.startswith("storm") for reason in reasons) and any("gap" in reason for reason in reasons)
    assert (looked.scan["probability"].notna() == (looked.scan["rejected"] == "")).all()


def test_windows_that_share_a_minute_with_training_are_not_judged(run, world):
    rows = run.predictions.merge(run.windows[["window_id", "footprint_end"]], on="window_id")
    start = rows.loc[(rows["split"] == "test") & (rows["station"] == "DUR"), "start"].iloc[[5]]
    extra = rows.iloc[[0]].assign(split="train", station="DUR", start=start.to_numpy(), footprint_end=pd.NaT)
    extra["start"] = extra["start"].dt.tz_localize("UTC") if extra["start"].dt.tz is None else extra["start"]
    table = pd.concat([rows, extra], ignore_index=True)
    flat = lambda cut, positions, step: [(positions, np.full(len(positions), 0.5))]  # noqa: E731
    scanned = evidence.scan(run, world, table, "test", Progress(), flat)
    seen = scanned[scanned["rejected"] == alarm_series.SEEN]
    length = pd.Timedelta(minutes=240)
    near = (scanned["start"] - start.iloc[0]).abs() < length
    assert len(seen) > 3 and set(seen["station"]) == {"DUR"}
    assert ((scanned["rejected"] != "") | ~near | (scanned["station"] != "DUR")).all()
    assert near[seen.index].all()


def test_the_time_before_the_catalogue_begins_is_not_judged(run, world, looked, monkeypatch):
    last = world.events_period()[1]
    begins = looked.scan["end"].min() + pd.Timedelta(days=5)
    monkeypatch.setattr(world, "events_period", lambda catalogue="": (begins, last))
    flat = lambda cut, positions, step: [(positions, np.full(len(positions), 0.5))]  # noqa: E731
    scanned = evidence.scan(run, world, looked.rows, "test", Progress(), flat)
    early = scanned["end"] < begins  # no latency
    assert early.sum() > 20 and scanned.loc[early, "probability"].isna().all()
    assert windows.OUTSIDE_CATALOGUE in set(scanned.loc[early, "rejected"])
    pd.testing.assert_series_equal(scanned.loc[~early, "rejected"], looked.scan.loc[~early, "rejected"])


def test_the_targets_are_those_of_the_labels(looked, run):
    positive = run.windows[(run.windows["split"] == "test") & (run.windows["label"] == windows.POSITIVE)]
    pairs = set(zip(positive["station"], positive["event_id"], strict=True))
    assert pairs <= set(zip(looked.targets["station"], looked.targets["event_id"], strict=True))
    assert looked.targets.columns.tolist() == alarm_series.TARGET_COLUMNS
    same = positive.merge(looked.targets, on=["station", "event_id"])
    assert (same.groupby("cluster_x")["cluster_y"].nunique() == 1).all()
    assert (same.groupby("cluster_y")["cluster_x"].nunique() == 1).all()


def oracle(world, noise):
    """A score that knows the future: high where a target event follows the window within the horizon."""
    events = evidence.station_events(CONFIG, world, ["DUR", "IZN"])
    events = events[events["target"]]

    def score(cut, rows, step):
        part = cut.table.iloc[rows]
        origin = windows.microseconds(events.loc[events["station"] == part["station"].iloc[0], "origin_time"])
        end = windows.microseconds(part["end"])
        ahead = np.searchsorted(origin, end) < np.searchsorted(origin, end + 43_200_000_000)
        return [(rows, 0.5 * ahead * (noise == 0) + 0.4 * np.random.default_rng([noise, len(rows)]).random(len(rows)))]

    return score


def test_an_oracle_finds_every_target_and_a_blind_score_finds_none(run, world, tmp_path):
    knows = assessment.assess(run, world, tmp_path, options=QUICK, score=oracle(world, 0)).summary
    assert knows.nu < 0.15 and knows.ass > 0.8 and knows.ass_low > 0.5
    assert knows.gain > 2 and knows.tau < 0.5
    blind = assessment.assess(run, world, tmp_path, options=QUICK, score=oracle(world, 1)).summary
    assert blind.ass_low < 0.5 < blind.ass_high


def test_a_run_without_an_assessment_opens_as_none(run, tmp_path):
    assert assessment.open(tmp_path, run.run_id) is None


def test_a_damaged_assessment_is_a_sentence_that_says_what_to_do(run, made, tmp_path):
    folder = tmp_path / "assessments" / run.run_id
    shutil.copytree(made.folder, folder)
    (folder / "molchan.parquet").write_bytes(b"PAR1 torn")
    found = assessment.open(tmp_path, run.run_id)
    with pytest.raises(InputError, match=r"molchan\.parquet cannot be used .*`precursor assess"):
        found.table("molchan")
    (folder / "assessment.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"assessment\.json cannot be used"):
        assessment.open(tmp_path, run.run_id)


EDITS = {
    "p": ("findings", "primary", "p"),
    "both p": ("tried", "p"),
    "a gate": ("findings", "foreshocks", "share_left"),
    "a number of the summary": ("summary", "auc"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_assessment_that_was_edited_is_refused_in_a_sentence(edit, run, made, home, tmp_path):
    """Its p was believed though the journal of tries kept another one."""
    shutil.copytree(made.folder, tmp_path / "assessments" / run.run_id)
    shutil.copy(home / "tested.jsonl", tmp_path)
    path = tmp_path / "assessments" / run.run_id / "assessment.json"
    assert assessment.open(tmp_path, run.run_id).document == made.document
    document = json.loads(path.read_text())
    for place in (EDITS[edit], *([EDITS["p"]] if edit == "both p" else [])):
        part = document
        for name in place[:-1]:
            part = part[name]
        part[place[-1]] = 0.0123
    path.write_text(json.dumps(document))
    said = r"its p is 0\.012, and the journal" if edit == "both p" else "was changed after it was made"
    with pytest.raises(InputError, match=rf"{said}.*Judge the run anew with `precursor assess"):
        assessment.open(tmp_path, run.run_id)
    lines = (tmp_path / "tested.jsonl").read_text().splitlines(keepends=True)
    assert '"assessed"' in lines[-1]
    (tmp_path / "tested.jsonl").write_text("".join(lines[:-1]))  # as an older version left it
    if edit in ("p", "both p"):
        with pytest.raises(InputError, match="was changed after it was made"):
            assessment.open(tmp_path, run.run_id)
    else:
        assert assessment.open(tmp_path, run.run_id) is not None


def test_the_journal_keeps_what_was_measured_once_and_a_verdict_without_its_scoring_claims_nothing(
    run, made, home, tmp_path
):
    lines = [json.loads(line) for line in (home / "tested.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines if line["run_id"] == run.run_id][-2:] == ["scored", "assessed"]
    assert lines[-1]["split"] == "test"
    noted_numbers.note(made.document.to_dict(), made.document.tried, home)
    assert len((home / "tested.jsonl").read_text().splitlines()) == len(lines)
    told = verdicts.write(run, made.document.findings, made.document.tried, tmp_path)  # a folder without a journal
    assert "does not hold the scoring that this assessment is made of" in told.tries or told.kind == "untestable"
    assert told.family.lost and not assessment.verdict_of(run, made, home).family.lost


def test_a_journal_that_was_deleted_after_a_run_was_judged_is_told_and_judging_it_anew_does_not_hide_it(
    run, world, made, home, tmp_path
):
    folder = tmp_path / "data"
    shutil.copytree(home, folder)
    assert not assessment.verdict_of(run, assessment.open(folder, run.run_id), folder).family.lost
    (folder / "tested.jsonl").unlink()
    told = assessment.verdict_of(run, assessment.open(folder, run.run_id), folder)
    assert "Lines of data/tested.jsonl are gone: an assessment names its line" in told.family.lost
    again = assessment.assess(run, world, folder, options=QUICK)
    assert assessment.verdict_of(run, again, folder).family.lost == told.family.lost
    shutil.copy(home / "tested.jsonl", folder)  # as it was: what is restored is not lost, what came between is
    assert "an assessment names its line" in assessment.verdict_of(run, again, folder).family.lost
    shutil.rmtree(again.folder)
    again = assessment.assess(run, world, folder, options=QUICK)
    assert not assessment.verdict_of(run, again, folder).family.lost


def test_tables_of_a_newer_assessment_are_not_given_under_an_older_document(run, made, tmp_path):
    folder = tmp_path / "assessments" / run.run_id
    shutil.copytree(made.folder, folder)
    reader = assessment.open(tmp_path, run.run_id)
    document = json.loads((folder / "assessment.json").read_text())
    (folder / "assessment.json").write_text(json.dumps(document | {"created": "2026-02-01T00:00:00+00:00"}))
    with pytest.raises(InputError, match="was made anew while it was read"):
        reader.table(reader.names[0])
    assert len(assessment.open(tmp_path, run.run_id).table(reader.names[0]))
    reader = assessment.open(tmp_path, run.run_id)
    (folder / "assessment.json").unlink()  # as while it is being made anew
    with pytest.raises(InputError, match="was made anew while it was read"):
        reader.table(reader.names[0])


def test_a_cancelled_assessment_leaves_nothing(run, world, tmp_path):
    class Stop(Progress):
        def should_stop(self):
            return True

    with pytest.raises(Cancelled):
        assessment.assess(run, world, tmp_path, Stop(), QUICK)
    assert assessment.open(tmp_path, run.run_id) is None


def test_what_cannot_be_assessed_is_a_sentence_and_the_run_stands(run, world, tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise InputError("There is no minute data of DUR.")

    monkeypatch.setattr(assessment, "assess", broken)
    (sentence,) = assessment.ensure(run, world, tmp_path)
    assert sentence.startswith("The run is complete, but") and sentence.endswith("no minute data of DUR.")


def test_changed_data_are_said(run, world, monkeypatch):
    assert evidence.changed(run, world) == []
    monkeypatch.setattr(sources, "digests", lambda config, source: {**run.digests, "minute/DUR": "other"})
    (caveat,) = evidence.changed(run, world)
    assert caveat.kind == "data_changed" and "(minute/DUR)" in caveat.sentence


def test_the_step_of_the_scan_is_fine_enough_for_the_horizon_and_bounded():
    day, year = 1440, 525_960
    weekly = configs.from_dict({"windows": {"length_minutes": 7 * day}, "labels": {"horizon_days": 7}})
    assert evidence.step_minutes(weekly, 3 * year, 1) <= 7 * day
    assert 3 * year / evidence.step_minutes(weekly, 3 * year, 1) <= evidence.MOST_WINDOWS
    hourly = configs.from_dict({"windows": {"length_minutes": 60}, "labels": {"horizon_days": 1 / 24}})
    assert evidence.step_minutes(hourly, 3 * year, 1) == 60  # every moment needs a forecast, however many windows
    assert evidence.step_minutes(hourly, 2 * day, 1) == 5


def test_the_verb_prints_the_score_card_and_machines_get_the_document(home, run, made, monkeypatch):
    asked = []
    monkeypatch.setattr(assessment, "assess", lambda run, *rest: asked.append(run.run_id) or made)
    runner = CliRunner()
    told = runner.invoke(app, ["assess", run.run_id[:8], "--data", str(home)])
    assert told.exit_code == 0, told.output
    for words in ("climatology", "Molchan area skill", "Synthetic data"):
        assert words in told.output
    told = runner.invoke(app, ["assess", run.run_id, "--data", str(home), "--json"])
    (document,) = json.loads(told.stdout)
    assert document["run_id"] == run.run_id and document["summary"]["n"] == made.summary.n
    assert asked == [run.run_id] * 2


def test_the_area_skill_score_of_one_station_is_the_auc_of_its_target_moments(looked):
    one = [s for s in alarm_series.build(looked.scan, CONFIG) if s.station == "DUR"]
    targets = looked.targets[looked.targets["station"] == "DUR"]
    at = alarm_series.at_targets(one, targets)
    at, everywhere = at[~np.isnan(at)], one[0].score[one[0].admissible]
    label = np.repeat([1, 0], [len(at), len(everywhere)])
    area = measures.auc(label, np.concatenate([at, everywhere]))
    assert molchan.area(molchan.per_target(one, targets)).ass == pytest.approx(area, abs=1e-6)


def test_a_simulation_of_the_run_itself_is_kept_beside_its_assessment_and_said_by_its_verdict(made, run, world, home):
    before = assessment.verdict_of(run, made, home)
    own = of_run.simulate(run, made, world, home, n_worlds=4, seed=1)
    assert power_kept.read(home, run.run_id, "test") == own and (made.folder / "power.json").exists()
    assert len(own.p) == 4 * 2 * 5 and set(own.lasting) == set(Lasting)
    assert own.largest_p == pytest.approx(0.05)  # the only run of its family
    findings = made.document.findings
    seen = own.power(findings.primary.n_clusters, findings.primary.days, own.n_runs)
    after, tried = assessment.verdict_of(run, made, home), made.document.tried
    family = tries.family(tried, tries.read(home), 0, home)
    said = power_kept.could_have_seen(findings, family, tried.draws, home)
    assert said == power_words.sentence(seen, findings.primary.n_clusters, power_words.DONE)
    assert after.could_have_seen == ""  # nothing is promised of one block of 91 days, which is untestable
    assert after.kind == before.kind and after.gates == before.gates
    assert of_run.simulate(run, made, world, home, n_worlds=4, seed=1).p == own.p
