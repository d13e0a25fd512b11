"""Plans and their stretches: what was looked at cannot be planned for, and what was planned survives data and code."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from core import clock, stations, typed_documents
from core import config as configs
from core.errors import InputError
from core.evaluation import tested_runs
from core.judgement import final_block, freeze, tries, verdicts
from core.judgement.plans import plan_answers, planned, scorings, stretch_end
from core.judgement.plans import stretch as stretches
from core.labelling import dataset
from core.loading.record.minute import epoch_minutes
from core.runs import environment
from support import made_findings
from support.fake_source import FIRST, STATIONS, activity_table, events_table, utc
from support.planned_days import ORIGINS, Archive, config_of, note_try, run_of


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(stations, "table", lambda: STATIONS)
    monkeypatch.setattr(environment, "code_digest", lambda: "c0de")


def test_a_run_without_a_final_block_scores_the_stretch_then_a_plan_is_frozen_for_it(tmp_path):
    note_try(tmp_path, "peek-00000001", 60, 20)
    with pytest.raises(InputError, match=r"not closed: peek-00000001 scored it.*--until DAY"):
        freeze.freeze(config_of(final_fraction=0.2), Archive(80), tmp_path)
    assert freeze.frozen(tmp_path) == []
    freeze.freeze(config_of(final_fraction=0.2), Archive(60), tmp_path)  # which ends before what was scored


def test_a_neighbouring_station_with_the_same_earthquakes_has_looked_too(tmp_path):
    note_try(tmp_path, "neighbour-00000001", 60, 20, code="BBB")
    with pytest.raises(InputError, match="neighbour-00000001 scored it"):
        freeze.freeze(config_of(final_fraction=0.2), Archive(80), tmp_path)


def test_a_far_station_with_other_earthquakes_has_looked_at_something_else(tmp_path):
    elsewhere = [time + pd.Timedelta(hours=7) for time in ORIGINS if time >= FIRST + pd.Timedelta(days=61)]
    note_try(tmp_path, "far-00000001", 60, 20, code="BBB", at=elsewhere[:-1])
    assert freeze.freeze(config_of(final_fraction=0.2), Archive(80), tmp_path).stretch.stations == ("AAA",)


def test_the_sentence_of_a_refusal_names_three_runs_and_how_many_more(tmp_path):
    for number in range(5):
        note_try(tmp_path, f"peek-{number}", 60, 20)
    with pytest.raises(InputError, match=r"peek-0, peek-1, peek-2 and 2 more scored it"):
        freeze.freeze(config_of(final_fraction=0.2), Archive(80), tmp_path)


def test_a_plan_without_a_final_block_is_for_its_test_block(tmp_path):
    plan = freeze.freeze(config_of(), Archive(80), tmp_path)
    table = dataset.labelled(config_of(), Archive(80))[0]
    rows = table[table["split"] == "test"]
    assert plan.stretch.split == "test" and plan.windows.n == int(
        table["split"].isin(["train", "validation", "test"]).sum()
    )
    assert pd.Timestamp(plan.stretch.start) == rows["start"].min()
    origin = pd.DatetimeIndex(epoch_minutes(pd.DatetimeIndex(ORIGINS)) * 60_000_000_000, tz="UTC")
    inside = (origin >= rows["start"].min()) & (origin < rows["footprint_end"].max())
    assert plan.stretch.events == tuple(epoch_minutes(origin[inside]).tolist()) and inside.sum() > 1


def test_a_plan_survives_a_new_day_of_data(tmp_path):
    config = config_of(data={"end": "2016-03-01"})  # day 60
    plan = freeze.freeze(config, Archive(62), tmp_path)
    found = freeze.registration(run_of(config, Archive(63)), tmp_path)
    assert found.state == "pre-registered" and found.frozen_id == plan.frozen_id and found.split == "test"
    assert "the data of minute/AAA is no longer what was frozen" in found.words
    moving = freeze.freeze(config_of("AAA", final_fraction=0.2), Archive(62), tmp_path)
    other = freeze.registration(run_of(moving.config, Archive(63)), tmp_path)
    assert other.state == "exploratory" and "its windows or their labels" in other.words


def test_a_plan_survives_newer_code_and_says_both_digests(tmp_path):
    config = config_of()
    freeze.freeze(config, Archive(80), tmp_path)
    found = freeze.registration(run_of(config, Archive(80), code="beefcafe99"), tmp_path)
    assert found.state == "pre-registered" and "the code (c0de when frozen, beefcafe in the run)" in found.words


def test_an_earthquake_that_the_catalogue_learns_of_late_makes_a_plan_exploratory(tmp_path):
    config = config_of()
    freeze.freeze(config, Archive(80), tmp_path)
    later = Archive(80)
    later._events = events_table([*ORIGINS[:4], ORIGINS[4] + pd.Timedelta(days=2), *ORIGINS[5:]])
    assert freeze.registration(run_of(config, later), tmp_path).state == "exploratory"


@pytest.mark.parametrize(("sampling", "known"), [("grid", 60), ("event_aligned", 60), ("grid", 50)])
def test_a_plan_waits_for_data_to_come(tmp_path, sampling, known):
    plan = freeze.freeze(
        config_of(sampling=sampling), Archive(known), tmp_path, until="2016-03-01", end="2016-03-21"
    )  # day 60
    assert plan.config.split.final_start == "2016-03-01" and plan.stretch.split == "final"
    assert (
        plan.stretch.start == "2016-03-01T00:00:00+00:00"
        and plan.stretch.end == "2016-03-21T00:00:00+00:00"
        and plan.stretch.events == ()
    )
    assert plan.windows.n > 5
    found = freeze.registration(run_of(plan.config, Archive(80)), tmp_path)
    assert found.state == "pre-registered" and found.frozen_id == plan.frozen_id and found.split == "final"


def test_the_same_plan_is_found_again_when_data_have_come_and_its_run_has_scored_it(tmp_path):
    plan = freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-21")
    note_try(tmp_path, "plan-11111111", 60, 20, split="final")
    assert freeze.freeze(plan.config, Archive(80), tmp_path) == plan
    with pytest.raises(InputError, match="plan-11111111 scored it"):
        freeze.freeze(config_of(test_fraction=0.3), Archive(80), tmp_path, until="2016-03-01", end="2016-03-21")


def test_a_plan_for_data_to_come_binds_where_they_end(tmp_path):
    """Whoever could choose the day found 32 of 200 worlds without skill at p of 0.05 or less; with an end 11 of 200."""
    with pytest.raises(InputError, match=r"begins on 2016-03-01 and has no end.*--end DAY"):
        freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01")
    with pytest.raises(InputError, match=r"has no end"):
        freeze.freeze(config_of(final_start="2016-03-01"), Archive(80), tmp_path)
    with pytest.raises(InputError, match=r"end 2016-03-01 is not after \[split\] final_start 2016-03-01"):
        freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-01")
    plan = freeze.freeze(config_of(data={"end": "2016-03-21"}), Archive(60), tmp_path, until="2016-03-01")
    assert plan.stretch.end == "2016-03-21T00:00:00+00:00"
    assert freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-21") == plan


def test_a_block_is_opened_when_all_of_it_is_there_and_not_on_a_day_that_suits(tmp_path):
    plan = freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-19")  # day 78
    with pytest.raises(InputError, match=r"run r ends on 2016-03-19, and minutes end on 2016-03-11.*stays closed"):
        stretch_end.refuse_before("r", plan.config, Archive(70))
    with pytest.raises(InputError, match=r"ends on 2016-03-19, and earthquakes and Kp are known up to 2016-03-19"):
        stretch_end.refuse_before("r", plan.config, Archive(78))  # labels look a day further
    stretch_end.refuse_before("r", plan.config, Archive(79))
    silent = Archive(79)
    silent.period = lambda code: (FIRST, FIRST + pd.Timedelta(days=72))  # a station without its last days
    stretch_end.refuse_before("r", plan.config, silent)
    silent.period = lambda code: (FIRST, FIRST + pd.Timedelta(days=70))
    with pytest.raises(InputError, match="minutes end on 2016-03-11"):
        stretch_end.refuse_before("r", plan.config, silent)
    stretch_end.refuse_before("r", config_of(final_fraction=0.2), Archive(70))  # it does not wait for anything


def test_a_plan_that_an_older_version_froze_without_an_end_is_none_and_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(stretch_end, "refuse_unbound", lambda config: None)
    plan = freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01")
    found = freeze.registration(run_of(plan.config, Archive(80)), tmp_path)
    assert found.state == "exploratory" and "binds no end of the stretch" in found.words


def test_a_plan_is_opened_once_though_its_first_run_was_never_judged(tmp_path):
    """Opened and stopped before it was judged, a plan could be opened again when more data had come."""
    plan = freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-19")
    run, again = (run_of(plan.config, Archive(n), run_id=f"plan-{n}{n}{n}{n}") for n in (79, 80))
    block = final_block.Block(("AAA",), "2016-03-01", "2016-03-19", False, {})
    for each in (run, again):
        opening = final_block.Opening(
            each.run_id, block, (), 9, 1, None, None, None, None, None, None, "", "", "", None, plan.frozen_id
        )
        line = typed_documents.write(opening)
        final_block.journal(tmp_path).append({key: value for key, value in line.items() if value != ""})
    assert freeze.registration(run, tmp_path).state == "pre-registered"
    found = freeze.registration(again, tmp_path)
    assert found.state == "exploratory" and "was opened by plan-79797979" in found.words and "once" in found.words


def test_event_aligned_windows_before_a_day_ahead_cannot_be_bound(tmp_path):
    with pytest.raises(InputError, match=r"known up to 2016-02-20.*Let the final block begin on 2016-02-20"):
        freeze.freeze(config_of(sampling="event_aligned"), Archive(50), tmp_path, until="2016-03-01", end="2016-03-21")


def test_a_day_beside_a_share_is_refused(tmp_path):
    with pytest.raises(InputError, match="Give one of them"):
        freeze.freeze(config_of(final_fraction=0.2), Archive(60), tmp_path, until="2016-03-01", end="2016-03-21")


def test_a_config_that_leaves_nothing_to_judge_cannot_be_frozen(tmp_path):
    with pytest.raises(InputError, match="final block of this config has no window"):
        freeze.freeze(config_of(final_fraction=0.001), Archive(60), tmp_path)


def test_a_plan_for_a_stretch_that_another_run_had_scored_before_is_none(tmp_path, monkeypatch):
    config = config_of()
    plan = freeze.freeze(config, Archive(80), tmp_path)
    monkeypatch.setattr(clock, "stamp", lambda: (plan.created - timedelta(days=1)).isoformat(timespec="seconds"))
    note_try(tmp_path, "peek-00000001", 60, 20)  # as in a journal that was copied here later
    found = freeze.registration(run_of(config, Archive(80)), tmp_path)
    assert found.state == "exploratory" and "peek-00000001 had scored the stretch" in found.words


def test_other_runs_that_score_the_stretch_after_the_plan_do_it_no_harm(tmp_path):
    config = config_of()
    freeze.freeze(config, Archive(80), tmp_path)
    note_try(tmp_path, "other-00000001", 60, 20)
    assert freeze.registration(run_of(config, Archive(80)), tmp_path).state == "pre-registered"


def test_a_plan_is_answered_once_so_that_nobody_waits_for_a_better_p(tmp_path):
    plan = freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-03-01", end="2016-03-21")
    early = run_of(plan.config, Archive(70), run_id="plan-22222222")
    late = run_of(plan.config, Archive(80), run_id="plan-33333333")
    freeze.answer(early, "test", tmp_path)  # judged on another split than that of the plan
    assert plan_answers.first(plan.frozen_id, tmp_path) is None
    freeze.answer(early, "final", tmp_path)
    freeze.answer(early, "final", tmp_path)
    freeze.answer(late, "final", tmp_path)
    (kept,) = plan_answers.read(tmp_path)
    assert (kept.plan, kept.run_id, kept.split) == (plan.frozen_id, "plan-22222222", "final")
    assert kept.inputs == ("minute/AAA",) and kept.windows == plan.windows and kept.code_run == "c0de"
    assert freeze.registration(early, tmp_path).state == "pre-registered"
    found = freeze.registration(late, tmp_path)
    assert found.state == "exploratory" and "answered by plan-22222222" in found.words and "once" in found.words


def test_the_test_windows_of_a_run_are_not_what_a_plan_for_its_final_block_speaks_of(tmp_path):
    config = config_of(final_fraction=0.2)
    freeze.freeze(config, Archive(80), tmp_path)
    found = freeze.registration(run_of(config, Archive(80)), tmp_path)
    assert found.covers("final") and not found.covers("test")
    assert not freeze.NOT_FROZEN.covers("test") and not freeze.NOT_FROZEN.covers("final")


def test_plans_for_one_stretch_pay_for_each_other_and_those_without_an_answer_too(tmp_path):
    source = Archive(60)
    first, second = (
        freeze.freeze(config_of(test_fraction=share), source, tmp_path, until="2016-03-01", end="2016-03-21")
        for share in (0.2, 0.3)
    )
    freeze.freeze(config_of(), Archive(60), tmp_path, until="2016-06-01", end="2016-07-01")  # for a later stretch
    run = run_of(first.config, Archive(80), run_id="plan-22222222")
    outcome = note_try(tmp_path, run.run_id, 60, 20, split="final", lift=3.0)
    freeze.answer(run, "final", tmp_path)
    record = tries.read(tmp_path)
    own = record.of(run.run_id, "final")
    plans = freeze.plans_for(first.frozen_id, own, record, tmp_path)
    assert list(plans.items()) == [(first.frozen_id, outcome.p), (second.frozen_id, None)]
    assert tries.confirmed(own, plans).p_family == pytest.approx(min(1, 2 * outcome.p))


def test_a_plan_whose_file_was_deleted_is_paid_for_all_the_same(tmp_path):
    source = Archive(60)
    first, loser, unopened = (
        freeze.freeze(config_of(test_fraction=share), source, tmp_path, until="2016-03-01", end="2016-03-21")
        for share in (0.2, 0.3, 0.25)
    )
    later = freeze.freeze(config_of(), source, tmp_path, until="2016-06-01", end="2016-07-01")
    ran = {}
    for plan, run_id, begins in ((first, "plan-22222222", 60), (loser, "plan-33333333", 60), (later, "plan-4", 160)):
        run = run_of(plan.config, Archive(80), run_id=run_id)
        at = [FIRST + pd.Timedelta(days=165, hours=5)] if begins == 160 else None
        ran[plan.frozen_id] = note_try(tmp_path, run_id, begins, 20, split="final", lift=3.0, at=at)
        freeze.answer(run, "final", tmp_path)
    for plan in (loser, unopened, later):
        (tmp_path / "frozen" / f"{plan.frozen_id}.json").unlink()
    record = tries.read(tmp_path)
    plans = freeze.plans_for(first.frozen_id, record.of("plan-22222222", "final"), record, tmp_path)
    paid = {first.frozen_id: ran[first.frozen_id].p, loser.frozen_id: ran[loser.frozen_id].p, unopened.frozen_id: None}
    assert plans == paid, "the later one was answered elsewhere, and costs nothing"


def test_runs_deleted_before_scorings_were_noted_are_counted_and_said(tmp_path):
    tested_runs.note_trained(tmp_path, tested_runs.of_training("old-00000001", "old", False, 0.6, 0.5, 0.7, "archive"))
    config = config_of()
    assert freeze.freeze(config, Archive(80), tmp_path).n_unknown == 1
    assert "1 run on these data that was deleted" in freeze.registration(run_of(config, Archive(80)), tmp_path).words


def test_a_plan_pays_for_runs_that_were_deleted_before_anybody_knew_what_they_scored(tmp_path):
    """They were said and cost nothing: train, look, delete, freeze what looked best."""
    for number in range(3):
        line = tested_runs.of_training(f"old-0000000{number}", "old", False, 0.6, 0.5, 0.7, "archive")
        tested_runs.note_trained(tmp_path, line)
    plan = freeze.freeze(config_of(), Archive(80), tmp_path)
    run = run_of(plan.config, Archive(80))
    outcome = note_try(tmp_path, run.run_id, 60, 20, lift=3.0)
    registered = freeze.registration(run, tmp_path)
    own = tries.read(tmp_path).of(run.run_id, "test")
    paid = verdicts.family_of(run, own, made_findings.FINDINGS, registered, tmp_path)
    assert paid.plans == (plan.frozen_id,) and paid.n_unknown == 3
    assert paid.p_family == pytest.approx(min(1, 4 * outcome.p)) and outcome.p < 0.2
    assert "3 runs that were deleted before then may have scored it" in paid.sentence


def test_what_was_deleted_before_a_plan_for_days_ahead_cannot_have_scored_them(tmp_path, monkeypatch):
    line = tested_runs.of_training("old-00000001", "old", False, 0.6, 0.5, 0.7, "archive")
    tested_runs.note_trained(tmp_path, line)
    frozen_at = (FIRST + pd.Timedelta(days=59)).isoformat()
    monkeypatch.setattr(clock, "stamp", lambda: frozen_at)
    plan = freeze.freeze(config_of(), Archive(59), tmp_path, until="2016-03-01", end="2016-03-21")
    run = run_of(plan.config, Archive(81))
    registered = freeze.registration(run, tmp_path)
    assert plan.n_unknown == 1 and freeze.n_unknown(registered, "final", tmp_path) == 0
    (tmp_path / "tested.jsonl").unlink()
    assert freeze.harmless(registered, "final", tmp_path) == plan.heads != ()


def test_what_is_known_ends_where_the_first_of_minutes_earthquakes_and_kp_does():
    source = Archive(60)
    assert planned.known_until(config_of(), source) == FIRST + pd.Timedelta(days=60)
    source._activity = activity_table(utc("2015-12-01"), 31 + 40)
    assert planned.known_until(config_of(), source) == FIRST + pd.Timedelta(days=40)
    without = configs.replace(config_of(), labels={"storm_rule": "none"})
    assert planned.known_until(without, source) == FIRST + pd.Timedelta(days=60)


def stretch(start="2016-01-01", end="2016-02-01", codes=("AAA",), events=(), synthetic=False, data="archive"):
    return stretches.Stretch(synthetic, data, "test", codes, start, end, events)


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (stretch(), True),
        (stretch("2016-02-01T00:00:00+00:00", "2016-03-01"), False),
        (stretch("2016-01-31T23:59:00+00:00", ""), True),
        (stretch("2016-02-01", ""), False),
        (stretch(codes=("BBB",)), False),
        (stretch(codes=("BBB",), events=(10, 501)), True),
        (stretch(codes=("BBB",), events=(10, 502)), False),
        (stretch(codes=("BBB",), events=None), True),
        (stretch(synthetic=True), False),
    ],
)
def test_stretches_share_a_moment_at_a_station_or_for_an_event(other, shared):
    own = stretch(events=(500,))
    assert own.shares(other) is shared and other.shares(own) is shared


def test_made_up_stretches_share_only_within_one_world():
    one = stretch(synthetic=True, data="world 1")
    assert one.shares(one) and not one.shares(dataclasses.replace(one, data="world 2"))


def test_scorings_before_a_moment_are_those_that_are_older():
    two = [scorings.Scoring(name, stretch(), f"2026-12-0{n}T00:00:00+00:00") for n, name in ((1, "a"), (2, "b"))]
    assert scorings.before(two, datetime(2026, 12, 2, tzinfo=UTC)) == two[:1]
    assert scorings.named(two) == "a and b" and scorings.named(two[:1]) == "a"
