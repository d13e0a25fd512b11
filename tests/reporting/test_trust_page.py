"""Can it be fooled?: the battery in words, on the site, in docs/trust.md and on its page."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import binom, binomtest
from streamlit.testing.v1 import AppTest

from core.data_folder import ROOT
from core.judgement.battery import results
from core.judgement.battery.results import Battery, Round, RowResult
from core.judgement.battery.row import Measure
from core.judgement.battery.rows import ROWS
from core.reporting import site, trust_words
from core.reporting.figures.judgement import battery as figures
from core.reporting.pages import trust

HOME = ROOT / "dashboard" / "Home.py"
BY_NAME = {row.name: row for row in ROWS}


BARS = ((1000, 0.08), (400, 0.10))  # worlds and bar


def came_out(name, *hits, n=100):
    rounds = tuple(Round(number * n, n, each, {"null": n - each, "detects": each}) for number, each in enumerate(hits))
    return RowResult(name, rounds, "abc", "2026-02-03T04:05:06+00:00")


BATTERY = Battery((came_out("events-12", 2), came_out("shaken", 40, 42)))  # the second misses its bar of 8 %


def test_docs_trust_md_is_what_the_shipped_result_says():
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    assert text == trust_words.document(results.with_the_program()), "run `precursor calibrate --write-docs`"


def test_every_row_stands_in_one_group_and_in_the_document():
    grouped = [row.name for _, rows in trust_words.GROUPS for row in rows]
    assert sorted(grouped) == sorted(row.name for row in ROWS)
    text = trust_words.document(Battery())
    assert all(f"| {row.title} | {row.words} |" in text for row in ROWS)


def test_a_row_says_its_worlds_its_rate_its_exact_interval_its_bar_and_how_it_stands():
    rows = {cells["row"]: cells for cells in trust_words.table(BATTERY).to_dict("records")}
    held, red, waiting = rows["events-12"], rows["shaken"], rows["peeking"]
    # binom.test(2, 100) of R: 0.00243 to 0.0704; binom.test(82, 200): 0.341 to 0.482.
    assert (held["worlds"], held["rate"], held["interval"]) == (100, "fooled 2 %", "0.2 % to 7 %")
    assert (held["bar"], held["outcome"]) == ("upper end at most 8 %", "held")
    assert (red["worlds"], red["rate"]) == (200, "fooled 41 % (40 %, then 42 %)")
    assert (red["interval"], red["outcome"]) == ("34.1 % to 48.2 %", "misses its bar")
    assert waiting["worlds"] == 0 and waiting["outcome"] == "not run yet"


def test_a_row_says_how_its_worlds_were_judged_the_most_frequent_verdict_first():
    rounds = (Round(0, 10, 1, {"null": 4, "explained": 5, "detects": 1}), Round(10, 10, 0, {"null": 8, "broken": 2}))
    earlier = RowResult("events-12", (Round(0, 10, 1),), "abc", "2026-02-03T04:05:06+00:00")  # before it was kept
    battery = Battery((RowResult("shaken", rounds, "abc", "2026-02-03T04:05:06+00:00"), earlier))
    words = "no precursor shown 12, explained otherwise 5, no result 2, detects 1"
    shown = trust_words.table(battery).set_index("row")["verdicts"]
    assert (shown["shaken"], shown["events-12"], shown["peeking"]) == (words, "–", "–")
    assert f"| {words} |" in trust_words.document(battery) and words in site.render(trust.page(battery))
    assert trust_words.numbers(battery).set_index("row").at["shaken", "verdicts"] == words


def test_what_is_seen_of_a_real_precursor_is_held_against_the_least_rate_that_is_written_and_drawn():
    # Promised 0.7 from 60 worlds, seen in 400: 0.7 - 3 sqrt(0.21 (1/400 + 1/60)) = 0.5097; 204 of 400 are 0.51.
    by_hits = {hits: Battery((came_out("real-some", hits, n=400),)) for hits in (203, 204)}
    for hits, outcome in ((203, "misses its bar"), (204, "held")):
        rows = {cells["row"]: cells for cells in trust_words.table(by_hits[hits]).to_dict("records")}
        assert rows["real-some"]["bar"] == "at least 51 %, for 70 % promised"
        assert rows["real-some"]["outcome"] == outcome
        drawn = trust_words.numbers(by_hits[hits]).iloc[0]
        assert drawn["bar"] == pytest.approx(0.5097, abs=1e-4) and (drawn["rate"] >= drawn["bar"]) == (
            outcome == "held"
        )
        assert "at least 51 %, for 70 % promised" in site.render(trust.page(by_hits[hits]))
    assert "three standard errors below the promise" in trust_words.document(Battery())


def test_every_shipped_row_that_holds_its_bar_lies_on_the_right_side_of_what_is_drawn():
    for row in trust_words.numbers(results.with_the_program()).to_dict("records"):
        least = BY_NAME[row["row"]].measure != Measure.FOOLED
        assert (row["rate"] >= row["bar"] if least else row["high"] <= row["bar"]) == (row["outcome"] == "held"), row


def test_rows_with_fewer_worlds_than_the_full_form_are_counted_and_said():
    full = came_out("events-12", 20, n=BY_NAME["events-12"].n)
    assert trust_words.made(Battery((full,))) == f"Run 2026-02-03, {full.n:,} worlds in all."
    assert trust_words.made(BATTERY).endswith("2 of these rows have fewer worlds than the full form asks for.")


def test_what_is_red_is_named_first_and_nothing_is_where_nothing_is():
    assert trust_words.missed(BATTERY) == f"1 of {len(ROWS)} rows miss their bar: A shaken sensor."
    assert trust_words.missed(Battery()) == ""
    assert f"1 of {len(ROWS)} rows hold their bar, 1 miss it. Not run yet: {len(ROWS) - 2}." in trust_words.summary(
        BATTERY
    )


def test_rows_that_were_played_twice_are_counted_and_named_beside_how_many_hold():
    assert trust_words.summary(BATTERY).endswith(
        "1 row missed its bar in the first round and had a second one with new worlds, by a rule that was fixed before "
        "any row was played: A shaken sensor."
    )
    once = Battery((came_out("events-12", 2),))
    assert "second" not in trust_words.summary(once) and trust_words.summary(once).endswith(
        f"Not run yet: {len(ROWS) - 1}."
    )
    twice = Battery((came_out("events-12", 2, 1), came_out("shaken", 40, 42)))
    assert "2 rows missed their bar" in trust_words.summary(twice)


def test_why_the_bars_are_8_and_10_percent_is_said_with_chances_that_scipy_gives():
    most = {(n, bar): max(k for k in range(n) if binomtest(k, n).proportion_ci().high <= bar) for n, bar in BARS}
    held = {key: round(100 * binom.cdf(k, key[0], 0.05)) for key, k in most.items()}
    assert set(held.values()) == {97} and "in 97 of 100 calibrations" in trust_words.BARS
    assert round(100 * binom.cdf(most[1000, 0.08], 1000, 0.08)) == 2 and "in 2 of 100" in trust_words.BARS


def test_headings_say_candidate_where_candidates_are_counted_and_that_no_network_plays():
    fooled = [heading for heading, rows in trust_words.GROUPS if rows[0].measure == Measure.FOOLED]
    assert len(fooled) == 3 and all("candidate or more" in each and "finding" not in each for each in fooled)
    for told in (trust_words.document(BATTERY), site.render(trust.page(BATTERY))):
        assert "No trained network plays in any row" in told and "Why 8 and 10 %" in told


def test_the_figure_has_a_dot_for_each_row_that_was_run_and_a_cross_for_what_misses_its_bar():
    figure = figures.rates(trust_words.numbers(BATTERY))
    held, red, bars = figure.data
    assert (held.name, list(held.x), held.marker.symbol) == ("held", [0.02], "circle")
    assert (red.name, list(red.x), red.marker.symbol) == ("misses its bar", [0.41], "x")
    assert list(bars.x) == [0.08, 0.08] and held.marker.color != red.marker.color
    assert "no row has been run yet" in str(figures.rates(trust_words.numbers(Battery())).layout.annotations)


def test_a_limit_of_the_method_is_drawn_without_a_bar_and_is_neither_held_nor_missed():
    battery = Battery((came_out("unlisted-all", 20),))
    limit, bars = figures.rates(trust_words.numbers(battery)).data
    assert (limit.name, limit.marker.symbol, list(bars.x)) == ("a limit of the method", "diamond", [])
    assert f"0 of {len(ROWS)} rows hold their bar, 0 miss it. 1 show" in trust_words.summary(battery)
    assert trust_words.bar(BY_NAME["unlisted-all"]).startswith("none")


@pytest.mark.parametrize(
    "battery",
    [
        Battery((came_out("events-12", 0),)),
        Battery((came_out("real-some", 100), came_out("real-lasting", 99))),
        Battery((came_out("real-some", 5),)),
        results.with_the_program(),
    ],
)
def test_every_dot_and_every_bar_is_whole_on_the_axis(battery):
    for _, rows in trust_words.GROUPS:
        table = trust_words.numbers(battery, rows)
        if not len(table):
            continue
        low, high = figures.rates(table).layout.xaxis.range
        room = 5 / 300 * (high - low)  # half of a dot, on the panel of a phone: pixels
        shown = table[["rate", "low", "high", "bar"]].to_numpy()
        assert low + room <= np.nanmin(shown) and np.nanmax(shown) <= high - room  # a limit has no bar


def test_the_page_of_the_site_shows_every_row_and_the_red_ones_in_red():
    html = site.render(trust.page(BATTERY, own=True))
    assert all(row.title.replace("'", "&#39;") in html for row in ROWS)
    assert re.findall(r'<td class="missed">(.*?)</td>', html) == ["misses its bar"]
    assert "It was run in this data folder." in html and trust_words.QUESTION in html


def test_the_site_shows_the_result_of_the_program_where_there_is_none_of_ones_own(data_folder):
    page = next(page for page in site.pages(data_folder) if page.file == trust.FILE)
    assert "came with the program" in page.content["made"]


def test_a_result_that_cannot_be_read_costs_the_site_no_page(data_folder):
    (data_folder / "battery.json").write_text("{")
    page = next(page for page in site.pages(data_folder) if page.file == trust.FILE)
    assert "cannot be read" in site.render(page)


@pytest.fixture
def visit(data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")

    def look():
        app = AppTest.from_file(HOME, default_timeout=60).run()
        app.switch_page("views/trust.py").run()
        assert not app.exception, [error.stack_trace for error in app.exception]
        return app

    return look


def test_the_page_of_the_dashboard_shows_ones_own_result_with_the_red_rows_first(visit, data_folder):
    results.write(BATTERY, data_folder / "battery.json")
    app = visit()
    assert [element.value for element in app.error] == [trust_words.missed(BATTERY)]
    shown = [row for frame in app.dataframe for row in frame.value["trick"]]
    assert sorted(shown) == sorted(row.title for row in ROWS)
    assert any("It was run in this data folder." in element.value for element in app.caption)


def test_the_page_of_the_dashboard_shows_the_result_of_the_program_where_there_is_none(visit):
    assert any("This result came with the program." in element.value for element in visit().caption)


def test_a_damaged_result_is_a_sentence_above_that_of_the_program(visit, data_folder):
    (data_folder / "battery.json").write_text("[]")
    app = visit()
    assert any("battery.json holds no result" in element.value for element in app.error)
    assert any("This result came with the program." in element.value for element in app.caption)
