"""The battery is run: numbered worlds, once more where a bar is missed, resumed row by row."""

import pytest

from core.errors import InputError
from core.judgement.battery import runner
from core.judgement.battery.results import Battery
from core.judgement.battery.row import Measure, Row, promised
from core.judgement.battery.rows import ROWS
from core.judgement.battery.score_worlds import Recipe
from core.judgement.battery.trial import Trial
from core.judgement.verdict import VerdictKind
from core.progress import Cancelled, Progress

REAL = Recipe(days=91 * 4, n_sequences=24, lift=4.0)


def row(name="a", measure=Measure.FOOLED, bar=0.5, world=None, **other):
    return Row(name, name, "What is done.", measure, bar, world or Recipe(n_sequences=8), **other)


def played(*asked, before=Battery(), n=12, workers=0, progress=None, **other):  # noqa: B008
    kept = []
    battery = runner.run(asked, before, kept.append, progress, n_worlds=n, n_workers=workers, **other)
    return battery, kept


def test_worlds_are_the_same_in_worker_processes_and_without():
    assert played(row(), n=7)[0].of("a").rounds == played(row(), n=7, workers=2)[0].of("a").rounds


def test_rows_of_another_name_have_other_worlds():
    first, second = runner.play(row("a", world=REAL), 0, 3), runner.play(row("b", world=REAL), 0, 3)
    assert {each.skill for each in first}.isdisjoint({each.skill for each in second})
    assert [each.skill for each in first] == [each.skill for each in runner.play(row("a", world=REAL), 0, 3)]


def test_a_row_that_misses_its_bar_is_played_once_more_with_the_worlds_that_follow():
    battery, _ = played(row(world=REAL))  # what is real is taken for a candidate each time
    rounds = battery.of("a").rounds
    assert [(part.first, part.n, part.n_hits) for part in rounds] == [(0, 12, 12), (12, 12, 12)]


def test_a_row_that_holds_its_bar_and_one_of_the_quick_form_is_played_once():
    held = row(measure=Measure.SEEN, bar=0.9, n_promised=50, world=REAL)
    assert len(played(held)[0].of("a").rounds) == 1
    assert len(played(row(world=REAL), quick=True)[0].of("a").rounds) == 1


def test_a_row_that_is_there_is_not_run_again_unless_the_code_or_the_number_changed(monkeypatch):
    battery, kept = played(row())
    assert len(kept) == 1
    assert played(row(), before=battery)[1] == []
    assert len(played(row(), before=battery, n=6)[1]) == 1
    monkeypatch.setattr(runner.environment, "code_digest", lambda: "another")
    assert len(played(row(), before=battery)[1]) == 1


def test_what_was_complete_is_kept_when_somebody_stops_it():
    class StopInTheSecond(Progress):
        stages: tuple[str, ...] = ()

        def stage(self, name, done=0, total=0, message=""):
            self.stages = (*self.stages, name)

        def should_stop(self):
            return "a" in self.stages and len(self.stages) > 3

    kept = []
    with pytest.raises(Cancelled):
        runner.run((row("a"), row("b")), Battery(), kept.append, StopInTheSecond(), n_worlds=12, n_workers=0)
    assert [[each.name for each in battery.rows] for battery in kept] == [["a"]]


def test_a_row_that_cannot_be_played_yet_is_passed_over():
    waiting = Row("later", "later", "What is done.", Measure.FOOLED, 0.08, why_not="It is not built.")
    assert played(waiting)[0] == Battery()


def test_the_band_is_counted_where_the_skill_lies_in_it_and_the_interval_where_the_mean_skill_does():
    trials = [
        Trial(VerdictKind.NULL, 0.5, (0.4, 0.6), (0.4, 0.6)),
        Trial(VerdictKind.NULL, 0.7, (0.4, 0.6), (0.58, 0.8)),
        Trial(VerdictKind.NULL, 0.6, (0.4, 0.6), (0.65, 0.9)),
        Trial(VerdictKind.UNTESTABLE, None),
    ]
    band = runner.counted(row(measure=Measure.BAND), 0, trials)
    interval = runner.counted(row(measure=Measure.INTERVAL), 0, trials)  # the mean is 0.6
    assert (band.n, band.n_hits) == (3, 2)
    assert (interval.n, interval.n_hits) == (3, 2)
    assert band.kinds == {"null": 3, "untestable": 1}


def test_a_strange_name_is_one_sentence_that_lists_the_rows():
    with pytest.raises(InputError, match="no row 'nonsense'.*memory-60"):
        runner.chosen(["nonsense"])


def test_the_quick_form_has_six_rows_one_of_them_a_real_precursor():
    quick = runner.chosen([], quick=True)
    assert len(quick) == 6 and [each.measure for each in quick].count(Measure.SEEN) == 1


def test_a_row_has_worlds_or_says_why_not_and_names_are_unlike():
    assert len({each.name for each in ROWS}) == len(ROWS)
    assert all((each.world is None) == bool(each.why_not) for each in ROWS)
    assert all(promised(each)[1] >= 50 for each in ROWS if each.measure == Measure.SEEN)
