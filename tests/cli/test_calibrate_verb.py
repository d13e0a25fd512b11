"""`precursor calibrate`: the battery in a terminal, its exit code, and the page of a checkout."""

from __future__ import annotations

import json

import pytest

from core.cli import assess_verbs
from core.judgement.battery import results, rows, runner
from core.judgement.battery.results import Battery, Round, RowResult
from core.judgement.battery.row import Measure, Row
from core.judgement.battery.score_worlds import Recipe
from core.reporting import trust_words

HOLDS = Row("holds", "A trick that fails", "Noise.", Measure.FOOLED, 0.99, Recipe(n_sequences=8), 4)
MISSES = Row("misses", "A trick that works", "A sure precursor.", Measure.FOOLED, 0.08, Recipe(lift=5.0), 4)
LATER = Row("later", "A trick for later", "Waits.", Measure.FOOLED, 0.08, why_not="It is not built yet.")


@pytest.fixture
def calibrate(precursor, monkeypatch, data_folder):
    """Call the verb on three small rows, in this process."""
    three, play = (HOLDS, MISSES, LATER), runner.run
    for module in (rows, runner, results, trust_words):
        monkeypatch.setattr(module, "ROWS", three)
    monkeypatch.setattr(runner, "run", lambda *given: play(*given[:-1], n_workers=0))
    return lambda *given: precursor("calibrate", *given)


def test_a_red_row_is_told_and_fails_the_call_and_a_row_that_cannot_be_played_stays_in_the_table(calibrate):
    code, out, _ = calibrate()
    assert code == 1
    assert "misses its bar" in out and "Red: misses." in out
    assert "not run yet: It is not built yet." in out


def test_where_no_row_is_red_the_call_succeeds_and_the_result_is_kept(calibrate, data_folder):
    code, out, _ = calibrate("--rows", "holds")
    assert code == 0 and "No row is red." in out
    assert [row.name for row in results.stored(data_folder).rows] == ["holds"]


def test_the_same_call_again_runs_nothing_anew(calibrate, data_folder):
    calibrate("--rows", "holds")
    before = (data_folder / "battery.json").read_bytes()
    calibrate("--rows", "holds")
    assert (data_folder / "battery.json").read_bytes() == before


def test_as_json_each_row_is_a_record(calibrate):
    code, out, _ = calibrate("--json", "--rows", "holds", "--worlds", "6")
    (row,) = json.loads(out)
    assert code == 0 and row["row"] == "holds" and row["worlds"] == 6 and row["outcome"] == "held"


def test_a_strange_row_is_one_sentence(calibrate):
    code, _, err = calibrate("--rows", "nonsense")
    assert code == 2 and "no row 'nonsense'" in err


def test_the_page_is_written_in_a_checkout_only_and_never_from_the_quick_form(calibrate, monkeypatch):
    assert calibrate("--quick", "--write-docs")[0] == 2
    monkeypatch.setattr(assess_verbs.data_folder, "is_checkout", lambda: False)
    code, _, err = calibrate("--write-docs")
    assert code == 2 and "in a checkout" in err


def test_what_is_published_takes_the_place_of_its_rows_and_leaves_the_others(monkeypatch, tmp_path):
    def came_out(name, n):
        return RowResult(name, (Round(0, n, 0, {"null": n}),), "abc", "2026-01-01T00:00:00")

    results.write(Battery((came_out("events-5", 10), came_out("events-12", 10))), tmp_path / "battery.json")
    monkeypatch.setattr(results, "shipped_file", lambda: tmp_path / "battery.json")
    monkeypatch.setattr(assess_verbs, "DOCUMENT", tmp_path / "trust.md")
    assess_verbs.publish(Battery((came_out("events-12", 30),)))
    assert [(row.name, row.n) for row in results.with_the_program().rows] == [("events-5", 10), ("events-12", 30)]
    assert (
        "| 12 earthquakes | Noise for a score; 12 earthquakes in a year. | 30 |" in (tmp_path / "trust.md").read_text()
    )
