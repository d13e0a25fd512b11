"""Where no score could have passed, nothing is known: neither skill nor its absence."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from test_verdict import NULL_SUMMARY, inputs

from core import files, typed_documents
from core.evaluation import multiple_testing, resolution, significance
from core.evaluation.multiple_testing import MultipleTesting
from core.evaluation.resolution import Resolution
from core.judgement import assessment, verdict
from core.reporting import verdict_words
from core.runs import sources
from core.runs.runs import RunStore


def planted(folder, n_unlike, n_runs, observed=0.91):
    """The verdict's inputs of a run whose score exceeds every draw, with so many runs in the journal."""
    for k in range(n_runs):
        multiple_testing.note_trained(folder, f"run{k}", "planted", True, 0.97, 0.93, 1.0, "one world")
    draws = np.random.default_rng(7).normal(0.5, 0.05, n_unlike)
    p = significance.p_value(observed, draws, significance.weight(draws))
    multiple_testing.note_judged(folder, "run0", True, observed, p, draws, data="one world")
    tried = multiple_testing.ledger(folder, "run0")
    return {
        **inputs(synthetic=True, frozen=False, p=p),
        "tried": tried,
        "room": resolution.of(draws, tried.n_runs),
    }


@pytest.mark.parametrize(
    ("n_unlike", "n_runs", "floor"),
    [
        # 1 - (n / (n + 1))^K, worked by hand; with one run fewer it is below 0.05.
        (110, 6, "0.0529"),
        (310, 16, "0.0502"),
        (999, 52, "0.0507"),
    ],
)
def test_one_more_run_does_not_turn_a_planted_precursor_into_no_skill(tmp_path, n_unlike, n_runs, floor):
    with_room = planted(tmp_path / "room", n_unlike, n_runs - 1)
    assert verdict.write(**with_room).kind == "detects"
    without = planted(tmp_path / "no room", n_unlike, n_runs)
    said = verdict.write(**without)
    assert said.kind == "untestable" and not said.detects
    assert f"cannot be tested: {n_unlike} unlike shifts and {n_runs} runs leave no room" in said.headline
    assert f"the smallest p that they allow is {floor}" in said.headline
    told = [
        said.headline,
        said.paragraph,
        verdict_words.answer(said),
        verdict_words.in_a_cell(said, without["tried"]),
    ]
    assert not any("no skill" in text.lower() or "none" in text.lower() for text in told)
    assert "cannot be tested" in told[2] and told[3] == f"cannot be tested: {n_unlike} unlike shifts, {n_runs} runs"


def test_a_score_like_chance_is_not_called_no_skill_either_where_nothing_could_have_passed():
    poor = inputs(NULL_SUMMARY, p=0.4, margin=-0.1, shifted=0.4)
    assert verdict.write(**{**poor, "room": Resolution(999, 1.0, 51)}).kind == "null"
    said = verdict.write(**{**poor, "room": Resolution(999, 1.0, 52)})
    assert said.kind == "untestable" and "no skill" not in said.paragraph.lower()


@pytest.mark.parametrize(
    ("draws", "weight", "n_runs", "room"),
    [
        (19, 1.0, 1, True),  # 1 / 20 is 0.05
        (18, 1.0, 1, False),
        (38, 2.0, 1, True),  # worth 19
        (37, 2.0, 1, False),
        (0, 1.0, 1, False),  # no shift at all
        (19, 1.0, 2, False),
    ],
)
def test_a_floor_of_exactly_one_in_twenty_leaves_room_and_less_does_not(draws, weight, n_runs, room):
    assert Resolution(draws, weight, n_runs).leaves_room is room


@pytest.mark.parametrize("n_runs", [1, 2, 6, 16, 52, 1000])
def test_a_floor_that_the_correction_lifts_to_one_in_twenty_still_passes(n_runs):
    floor = 1 - 0.95 ** (1 / n_runs)
    exact = Resolution(1000, 1000 * floor / (1 - floor), n_runs)
    assert exact.smallest_p_of_best == pytest.approx(0.05, abs=1e-12) and exact.leaves_room
    assert exact.most_runs == n_runs
    said = verdict.write(
        **{
            **inputs(),
            "tried": MultipleTesting(n_runs=n_runs, p_best_of_all=exact.smallest_p_of_best),
            "room": exact,
        }
    )
    assert said.kind == "detects"


def test_what_is_known_of_the_room_is_given_as_numbers():
    said = verdict.write(**{**inputs(p=0.06), "room": Resolution(220, 2.0, 6)})
    assert typed_documents.write(said)["resolution"] == {
        "n_draws": 220,
        "n_unlike": 110.0,
        "n_runs": 6,
        "most_runs": 5,
        "smallest_p": pytest.approx(1 / 111),
        "smallest_p_of_best": pytest.approx(1 - (110 / 111) ** 6),
        "leaves_room": False,
    }
    gate = next(gate for gate in said.gates if gate.name == "adjusted p")
    assert gate.words.endswith("They have room for 5 runs; a longer judged period has room for more.")


def test_slow_scores_are_worth_fewer_shifts_than_were_drawn():
    # Runs of 40 equal draws: the autocorrelation falls in a line from 1 to 0 over 40 draws, so its integral is 40.
    slow = np.repeat(np.random.default_rng(1).normal(size=200), 40)
    assert resolution.of(slow, 1).n_unlike == pytest.approx(8000 / (resolution.significance.EXCURSION * 40), rel=0.15)
    assert resolution.of(np.empty(0), 3) == Resolution(0, 1.0, 3)


def test_without_a_draw_the_reason_stands_in_place_of_the_room():
    given = {**inputs(p=None), "room": Resolution(0)}
    said = verdict.write(**given)
    assert said.kind == "untestable"
    assert "cannot be tested. The judged period is too short." in said.headline
    assert verdict_words.in_a_cell(said, given["tried"]) == "cannot be tested: no p value"


def test_a_test_whose_journal_was_lost_is_to_be_made_again_and_is_no_null():
    given = inputs()
    given["tried"] = MultipleTesting(n_runs=1)
    said = verdict.write(**given)
    assert said.kind == "untestable" and "assess this run again" in said.headline


def test_the_draws_of_other_tests_do_not_count_as_room():
    rows = [
        {"test": significance.SEASON, "statistic": significance.AREA_SKILL, "draw": k, "value": k} for k in range(9)
    ]
    assert significance.primary_draws(pd.DataFrame(rows)).size == 0


def test_the_command_line_judges_an_old_assessment_anew_and_says_that_it_cannot_be_tested(
    precursor, data_folder, full_folder
):
    shutil.copytree(full_folder, data_folder, dirs_exist_ok=True)
    run = next(run for run in map(RunStore(data_folder).open, RunStore(data_folder).ids()) if "random" in run.run_id)
    stored = assessment.open(data_folder, run.run_id)
    document = stored.document.to_dict()
    old = {"kind": "null", "headline": "No skill above chance.", "could_have_seen": "four times in five", "gates": []}
    before = {key: value for key, value in document["verdict"].items() if key not in ("resolution", "n_clusters")}
    files.replace_json(stored.folder / "assessment.json", {**document, "verdict": before | old})
    for k in range(60):  # 999 draws have room for 51 runs at most
        multiple_testing.note_trained(data_folder, f"r{k}", "r", True, 0.5, 0.4, 0.6, sources.data_key(run.config))
    code, out, _ = precursor("verdict", run.run_id, "--json")
    (said,) = json.loads(out)
    assert code == 0 and said["kind"] == "untestable" and said["resolution"]["leaves_room"] is False
    code, out, _ = precursor("verdict", run.run_id)
    assert code == 0 and "62 runs leave no room" in out.replace("\n", " ")
    assert "no skill" not in out.lower() and "four times in five" not in out
