"""What is kept of the battery, and how a row stands."""

import json
from dataclasses import replace

import pytest

from core.errors import InputError
from core.judgement.battery import results
from core.judgement.battery.results import Battery, Round, RowResult, RowState
from core.judgement.battery.row import Measure, Row, promised
from core.judgement.battery.rows import ROWS

BY_NAME = {each.name: each for each in ROWS}


def row(measure=Measure.FOOLED, bar=0.08, **other):
    return Row("trick", "A trick", "What is done.", measure, bar, **other)


def came_out(n_hits, n, name="trick"):
    return RowResult(
        name, (Round(0, n, n_hits, {"null": n - n_hits, "detects": n_hits}),), "abc", "2026-01-01T00:00:00"
    )


# Exact intervals of 5 and 12 of 200 end at 0.057 and 0.103; that of 50 of 1,000 at 0.065 (binom.test of R).
@pytest.mark.parametrize(
    ("n_hits", "n", "state"), [(5, 200, RowState.HELD), (12, 200, RowState.RED), (50, 1000, RowState.HELD)]
)
def test_an_attack_is_held_where_the_upper_end_of_the_interval_is_below_the_bar(n_hits, n, state):
    assert results.state(row(), came_out(n_hits, n)) == state


# Of 45 worlds, 5 have a lower end of 0.037, and 7 one of 0.065.
@pytest.mark.parametrize(("n_hits", "state"), [(5, RowState.HELD), (7, RowState.RED)])
def test_the_quick_form_is_red_only_where_the_lower_end_is_above_five_percent(n_hits, state):
    assert results.state(row(), came_out(n_hits, 45), quick=True) == state
    assert results.state(row(), came_out(n_hits, 45)) == RowState.RED  # 45 worlds show too little for the full form


def test_coverage_is_held_by_its_rate():
    band = row(Measure.BAND, 0.92)
    assert results.state(band, came_out(92, 100)) == RowState.HELD
    assert results.state(band, came_out(91, 100)) == RowState.RED


def test_what_is_seen_may_stay_three_standard_errors_behind_what_is_promised():
    # Promised 0.8 from 100 worlds and seen in 100: the standard error is sqrt(0.16 * 2 / 100) = 0.0566.
    seen = row(Measure.SEEN, 0.8, n_promised=100)
    assert results.state(seen, came_out(64, 100)) == RowState.HELD  # 0.8 - 3 x 0.0566 = 0.630
    assert results.state(seen, came_out(62, 100)) == RowState.RED


def test_what_the_program_promises_is_neither_less_nor_more():
    kept = BY_NAME["promise-week-24"]
    share, n_promised = promised(kept)
    error = (share * (1 - share) * (1 / 400 + 1 / n_promised)) ** 0.5
    for away, state in ((2.9, RowState.HELD), (3.1, RowState.RED)):
        assert results.state(kept, came_out(round(400 * (share + away * error)), 400)) == state
        assert results.state(kept, came_out(round(400 * (share - away * error)), 400)) == state
    assert results.state(BY_NAME["real-burst"], came_out(400, 400)) == RowState.HELD


def test_a_row_without_a_result_is_not_run_and_not_red():
    assert results.state(row(), None) == RowState.NOT_RUN
    assert results.red(Battery(), (row(),)) == []


def test_two_rounds_count_together():
    both = RowResult("trick", (Round(0, 10, 3, {"null": 7}), Round(10, 10, 1, {"null": 9})), "abc", "")
    assert (both.n, both.n_hits, both.rate) == (20, 4, 0.2)


def test_the_document_is_read_as_it_was_written(tmp_path):
    battery = Battery((came_out(1, 20), came_out(2, 30, "other")))
    results.write(battery, tmp_path / "battery.json")
    assert results.stored(tmp_path) == battery
    assert json.loads((tmp_path / "battery.json").read_text())["version"] == 1


def test_a_folder_without_one_has_none(tmp_path):
    assert results.stored(tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"rows": 3}', '{"rows": [{"name": "x"}]}'])
def test_a_damaged_document_is_one_sentence_with_its_file(tmp_path, text):
    (tmp_path / "battery.json").write_text(text)
    with pytest.raises(InputError, match=r"battery\.json holds no result.*precursor calibrate"):
        results.stored(tmp_path)


def test_a_document_of_a_newer_program_is_refused(tmp_path):
    (tmp_path / "battery.json").write_text('{"version": 9, "rows": []}')
    with pytest.raises(InputError, match="version 9"):
        results.stored(tmp_path)


def test_a_new_result_of_a_row_takes_the_place_of_the_old_one_and_rows_keep_their_order():
    first, second = ROWS[0].name, ROWS[1].name
    battery = Battery().with_row(came_out(1, 20, second)).with_row(came_out(2, 20, first))
    battery = battery.with_row(replace(came_out(3, 20, second)))
    assert [(each.name, each.n_hits) for each in battery.rows] == [(first, 2), (second, 3)]


def test_the_result_that_comes_with_the_program_can_be_read_and_knows_only_rows_of_the_battery():
    assert {each.name for each in results.with_the_program().rows} <= {each.name for each in ROWS}
