"""Tries: who scored which stretch, and what a finding pays for it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core import clock
from core.config import from_dict
from core.errors import InputError
from core.evaluation import tested_runs
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores
from core.judgement import tries

DAY = 1440
FIRST = 91 * 150 * DAY


def score(folder, run_id, seed=0, station="AAA", begins=0, days=364, n=20, lift=0.0, at=None, **kind):
    """Note a run that scored white daily scores; the events are the same for all runs unless told otherwise."""
    when = np.random.default_rng(99).choice(days, n, replace=False) if at is None else np.asarray(at)
    values = np.random.default_rng(seed).normal(size=(1, days))
    values[0, when] += lift
    first = FIRST + begins * DAY
    targets = pd.DataFrame(
        {
            "station": station,
            "origin_time": pd.to_datetime((first + when * DAY) * 60, unit="s", utc=True),
            "cluster": np.arange(len(when)),
        }
    )
    scores = Scores((station,), first, DAY, values)
    outcome = skill.tested(scores, targets)
    told = {"synthetic": False, "data": "archive", "split": "test"} | kind
    world = {"seed": int(told["data"].split()[1])} if told["synthetic"] else {}
    config = from_dict({"name": run_id, "data": {"source": "synthetic" if world else "archive"}, "world": world})
    run = SimpleNamespace(run_id=run_id, config=config, synthetic=told["synthetic"])
    tries.note(folder, run, told["split"], scores, targets, outcome)
    return outcome


def family(folder, run_id, split="test", unnoted=0):
    record = tries.read(folder)
    return tries.family(record.of(run_id, split), record, unnoted, folder)


def test_the_only_run_pays_nothing(tmp_path):
    outcome = score(tmp_path, "a")
    alone = family(tmp_path, "a")
    assert alone.p_family == alone.p == outcome.p and alone.n_runs == 1 and alone.n_unknown == 0


def test_noting_the_same_scoring_again_adds_nothing_and_another_one_replaces_it(tmp_path):
    score(tmp_path, "a")
    score(tmp_path, "a")
    assert len(tested_runs.journal(tmp_path).entries()) == 1
    outcome = score(tmp_path, "a", seed=5)
    assert [one.p for one in tries.read(tmp_path).tries] == [outcome.p]


def test_whoever_scores_one_run_again_and_again_pays_for_each_time(tmp_path):
    """Only the newest scoring of a run counted: noise that was trained anew until p was small was one try."""
    for seed in range(40):
        outcome = score(tmp_path, "a", seed=seed)
        if outcome.p <= 0.05:
            break
    assert 0 < seed < 39  # the best of so many, for the reader of the sentence
    again = family(tmp_path, "a")
    assert (again.n_runs, again.n_again, again.n_unknown) == (1, seed, 0)
    assert again.p == outcome.p <= 0.05 < again.p_family
    assert f"1 run known to this journal scored this stretch, {seed} times otherwise before" in again.sentence
    score(tmp_path, "a", seed=seed)
    assert family(tmp_path, "a") == again  # the same outcome once more is no try


def test_the_time_of_a_try_is_that_of_its_first_scoring(tmp_path, monkeypatch):
    for hour, name in enumerate(("a", "b", "a")):
        monkeypatch.setattr(clock, "stamp", lambda hour=hour: f"2026-12-01T{hour:02d}:00:00+00:00")
        score(tmp_path, name, seed=hour)
    times = [(one.run_id, one.time) for one in tries.read(tmp_path).tries]
    assert times == [("a", "2026-12-01T00:00:00+00:00"), ("b", "2026-12-01T01:00:00+00:00")]


def test_a_thousand_tries_neither_hide_nor_make_a_finding_impossible(tmp_path):
    for k in range(60):
        score(tmp_path, f"noise{k}", seed=k)
    score(tmp_path, "strong", seed=1000, lift=3.0)
    weak = min((one for one in tries.read(tmp_path).tries if one.run_id != "strong"), key=lambda one: one.p)
    assert weak.p < 0.05 < family(tmp_path, weak.run_id).p_family
    strong = family(tmp_path, "strong")
    assert strong.n_runs == 61 and strong.p_family < 0.01


def test_a_deleted_run_still_counts_and_deleting_its_scores_costs_more(tmp_path):
    for k in range(10):
        score(tmp_path, f"noise{k}", seed=k)
    score(tmp_path, "own", seed=77, lift=0.5)
    before = family(tmp_path, "own")
    assert before.n_runs == 11 and before.n_unknown == 0
    keep = tries.read(tmp_path).of("own", "test").draws
    for path in (tmp_path / "tried").glob("*.npy"):
        if path.stem != keep:
            path.unlink()
    after = family(tmp_path, "own")
    assert after.n_runs == 11 and after.n_unknown == 10
    assert after.p_family == pytest.approx(min(1, 11 * after.p)) and after.p_family >= before.p_family


def test_changed_scores_count_as_missing(tmp_path):
    score(tmp_path, "a")
    score(tmp_path, "b", seed=2)
    path = tmp_path / "tried" / f"{tries.read(tmp_path).of('b', 'test').draws}.npy"
    np.save(path, np.full(9999, -9, np.float16))
    assert family(tmp_path, "a").n_unknown == 1


def test_what_was_read_of_other_tries_is_not_read_again(tmp_path, monkeypatch):
    for k in range(5):
        score(tmp_path, f"run{k}", seed=k)
    before, opened = family(tmp_path, "run0"), []
    monkeypatch.setattr(tries.documents, "read_stored", lambda path: opened.append(path) or path.read_bytes())
    assert family(tmp_path, "run0") == before
    assert family(tmp_path, "run1").n_runs == 5
    assert opened == []


@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_scores_that_are_lost_after_a_look_cost_more_at_the_next_one(tmp_path, how):
    score(tmp_path, "a")
    score(tmp_path, "b", seed=2)
    assert family(tmp_path, "a").n_unknown == 0
    path = tmp_path / "tried" / f"{tries.read(tmp_path).of('b', 'test').draws}.npy"
    if how == "deleted":
        path.unlink()
    else:
        np.save(path, np.full(9998, -9, np.float16))
    assert family(tmp_path, "a").n_unknown == 1


def test_the_best_of_a_family_is_that_of_the_same_movements_compared_one_by_one(tmp_path):
    outcomes = {name: score(tmp_path, name, seed=k, lift=0.3) for k, name in enumerate(["own", "x", "y", "z"])}
    own = outcomes["own"]
    vectors = np.array([skill.normal_scores(each) for each in outcomes.values()])
    reached = np.float16(norm.isf(own.p))
    n = sum(any(vector[draw] >= reached for vector in vectors) for draw in range(vectors.shape[1]))
    assert family(tmp_path, "own").p_family == (1 + n) / (1 + vectors.shape[1])


def test_a_run_on_a_stretch_of_its_own_costs_nothing(tmp_path):
    score(tmp_path, "a")
    score(tmp_path, "later", begins=364)
    assert family(tmp_path, "a").n_runs == 1


def test_one_common_day_is_enough(tmp_path):
    score(tmp_path, "a")
    score(tmp_path, "later", begins=363)
    assert family(tmp_path, "a").n_runs == 2


def test_a_neighbouring_station_counts_if_it_has_an_event_in_common(tmp_path):
    score(tmp_path, "a", at=[10, 100, 200])
    score(tmp_path, "neighbour", station="BBB", at=[55, 100, 300])
    score(tmp_path, "far", station="CCC", at=[56, 101, 301])
    assert family(tmp_path, "a").n_runs == 2


def test_lost_event_times_count_as_shared(tmp_path):
    score(tmp_path, "a", at=[10, 100, 200])
    score(tmp_path, "far", station="CCC", at=[56, 101, 301])
    (tmp_path / "tried" / f"{tries.read(tmp_path).of('far', 'test').targets}.npy").unlink()
    assert family(tmp_path, "a").n_runs == 2


def test_made_up_worlds_and_real_data_do_not_pay_for_each_other(tmp_path):
    score(tmp_path, "real")
    score(tmp_path, "one", synthetic=True, data="world 1")
    score(tmp_path, "two", synthetic=True, data="world 2")
    assert [family(tmp_path, name).n_runs for name in ("real", "one", "two")] == [1, 1, 1]


def test_runs_that_an_older_version_noted_are_paid_for(tmp_path):
    for k in range(3):
        line = tested_runs.of_training(f"old{k}", "old", False, 0.6, 0.5, 0.7, "archive")
        tested_runs.note_trained(tmp_path, line)
    line = tested_runs.of_training("elsewhere", "old", True, 0.6, 0.5, 0.7, "world 3")
    tested_runs.note_trained(tmp_path, line)
    score(tmp_path, "a", lift=1.0)
    old = family(tmp_path, "a", unnoted=2)
    assert old.n_runs == 6 and old.n_unknown == 5 and old.p_family == pytest.approx(min(1, 6 * old.p))
    assert "5 of them" in old.sentence


def test_plans_for_one_stretch_pay_for_each_other_by_holm(tmp_path):
    score(tmp_path, "a", lift=1.0)
    own = tries.read(tmp_path).of("a", "test")
    assert tries.confirmed(own, {"plan-a": own.p}).p_family == own.p
    two = tries.confirmed(own, {"plan-a": own.p, "plan-b": None})
    assert two.p_family == pytest.approx(2 * own.p) and "1 other plan is" in two.sentence


def test_a_line_of_a_newer_version_is_refused_in_a_sentence(tmp_path):
    line = {"kind": "scored", "version": 2, "program": "0.3.0", "run_id": "a", "synthetic": False, "data": "archive"}
    tested_runs.journal(tmp_path).append(line)
    with pytest.raises(InputError, match=r"version 0\.3\.0 of the program or a newer one"):
        tries.read(tmp_path)


@pytest.mark.parametrize("name", ["start", "end"])
def test_a_stretch_whose_ends_are_no_times_is_refused_in_a_sentence(tmp_path, name):
    score(tmp_path, "a")
    entry = tested_runs.journal(tmp_path).entries()[0]
    tested_runs.journal(tmp_path).append({**entry, name: "some day"})
    with pytest.raises(InputError, match="holds a line that is no try"):
        tries.read(tmp_path)


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    score(tmp_path, "a")
    entry = tested_runs.journal(tmp_path).entries()[0]
    line = {key: value for key, value in entry.items() if key not in ("time", "digest", "previous")}
    tested_runs.journal(tmp_path).append({**line, "run_id": "b", "draws": "../../x"})
    with pytest.raises(InputError, match="plain file name"):
        family(tmp_path, "a")
