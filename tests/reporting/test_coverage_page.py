"""Calendars, quality figure and the Coverage page: one day in a year is seen, types have letters, credits are there."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.reporting import site
from core.reporting.figures import theme
from core.reporting.figures.record import calendar, quality
from core.reporting.pages import coverage
from support.archive_rows import events

FIRST = int(pd.Timestamp("2016-03-01T00:00Z").timestamp()) // 60


def record(n_days=70, station="DUR", data_type="definitive", first=FIRST):
    """A still field at a declination of 3 degrees, with a spike on the second day and a step on the 40th."""
    rng = np.random.default_rng(0)
    h, z = 24_600.0, 39_700.0
    vector = [h * np.cos(0.0524), h * np.sin(0.0524), z] + rng.normal(0, 0.5, (n_days * 1440, 3))
    total = np.hypot(h, z) + rng.normal(0, 0.1, (n_days * 1440, 1))
    values = np.hstack([vector, total]).round(1)
    values[2000:2001, 2] += 40
    values[40 * 1440 :, 1] += 12.5
    return MinuteRecord(station, minute.on_grid(first, values), data_type)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Seventy days of DUR with a hole of two days, one more day in 2021, and one day of a station nobody knows."""
    made = Archive(tmp_path_factory.mktemp("data") / "archive")
    whole = record()
    field = whole.field.copy()
    field.iloc[20 * 1440 : 22 * 1440] = np.nan
    late = FIRST + 1440 * 2000  # 2021-08-22
    one_day = record(1, data_type="variation", first=late)
    made.store_many([dataclasses.replace(whole, field=field), one_day, record(1, "QQQ", "variation")])
    return made


@pytest.fixture(scope="module")
def facts(archive):
    return coverage.facts(archive, "DUR")


def heat(figure, position):
    return [trace for trace in figure.data if trace.type == "heatmap"][position]


def test_the_calendar_of_months_has_a_row_per_year_and_says_percent_and_type(facts):
    figure = calendar.months(facts.months)
    words = {
        (x, y): text
        for trace in figure.data
        if trace.type == "scatter" and trace.mode == "text"
        for x, y, text in zip(trace.x, trace.y, trace.text, strict=True)
        if text
    }
    assert words == {
        ("Mar", "2016"): "94<br>D",  # 29 of 31 days
        ("Apr", "2016"): "100<br>D",
        ("May", "2016"): "29<br>D",  # 9 of 31
        ("Aug", "2021"): "3<br>V",
    }
    assert {trace.name for trace in figure.data if trace.showlegend} == {"D definitive", "V variation"}
    assert heat(figure, 1).customdata[0][2].startswith("March 2016: 41,760 of 44,640 minutes, definitive")


def test_one_day_in_a_year_is_a_cell_that_can_be_seen(facts):
    figure = calendar.days(facts.days, 2021)
    full = [(x, y) for trace in figure.data if trace.type == "heatmap" for y, x in np.argwhere(trace.z == 1).tolist()]
    assert (21, 7) in full  # 22 August; the other days are the faint cells of days without data
    assert len(full) == 365
    low, high = heat(figure, 1).colorscale[0][1], heat(figure, 1).colorscale[1][1]
    assert float(low.split(",")[-1].rstrip(")")) >= 0.15 and low != high


def test_a_leap_day_is_a_day_and_the_31st_of_april_is_none(facts):
    hover = heat(calendar.days(facts.days, 2016), 0).customdata
    assert hover[1][28] == "2016-02-29: no data" and hover[3][30] == ""


def test_each_data_type_has_its_own_letter_and_colour():
    assert set(calendar.LETTERS) == set(minute.DATA_TYPES)
    assert len(set(calendar.LETTERS.values())) == len(calendar.LETTERS)
    for mode in ("light", "dark"):
        assert len({calendar.colour(name, mode) for name in calendar.LETTERS}) == len(calendar.LETTERS)


def test_the_quality_figure_leaves_out_what_cannot_be_computed(facts):
    full = quality.quality(facts.summary)
    assert [full.layout[name].title.text for name in ("yaxis", "yaxis2", "yaxis3")] == [
        "Found, a month",
        "deltaF, nT",
        "D − IGRF, °",
    ]
    bars = {trace.name: trace.y.tolist() for trace in full.data if trace.type == "bar"}
    assert bars == {"spikes": [1, 0, 0, 0], "steps": [0, 1, 0, 0]}
    nothing = facts.summary.assign(delta_f_median_nt=np.nan, igrf_deg=np.nan)
    assert "yaxis2" not in quality.quality(nothing).layout


@pytest.mark.parametrize("draw", [calendar.months, quality.quality, lambda t, **o: calendar.days(t, 2016, **o)])
def test_synthetic_figures_carry_the_stamp(facts, draw):
    table = facts.months if draw is calendar.months else facts.summary if draw is quality.quality else facts.days
    assert theme.SYNTHETIC_WORDS in json.dumps(draw(table, synthetic=True).to_dict()["layout"], default=str)
    assert theme.SYNTHETIC_WORDS not in json.dumps(draw(table).to_dict()["layout"], default=str)


def test_the_facts_say_what_was_found_in_sentences(facts):
    said = " ".join(facts.sentences)
    assert "1 spike, 1 step" in said and "nT in Y on 2016-04-10 00:00" in said
    assert "2 gaps of an hour or more; the longest from 2016-05-10 00:00 to 2021-08-22 00:00" in said
    assert "agrees with IGRF" in said
    largest = facts.largest()
    assert largest["kind"].tolist()[0] == "step" and largest["size_nt"].iloc[0] == pytest.approx(12.5, abs=0.5)


def test_the_site_has_the_page_with_credits_and_findings(archive):
    page = coverage.page({"archive": archive})
    text = site.render(page)
    known = stations.get("DUR")
    assert "rely on the data collected at Duronia" in text and "CC BY-NC 4.0" in text
    assert "its credit is not known" in text  # of QQQ
    assert '<a href="record-archive-DUR.html">DUR</a>' in text
    assert {"quality-archive.csv", "findings-archive.csv", "credits-archive.csv"} <= set(page.files)
    assert page.files["credits-archive.csv"].set_index("station").loc["DUR", "institute"] == known.institute
    assert set(page.files["findings-archive.csv"]["station"]) == {"DUR"} | (
        {"QQQ"} & set(page.files["findings-archive.csv"]["station"])
    )


@pytest.fixture(scope="module")
def revised(tmp_path_factory):
    """A day of which ten minutes were corrected by 3 nT, and a catalogue that was replaced."""
    made = Archive(tmp_path_factory.mktemp("revised") / "archive")
    day = record(1, data_type="variation")
    again = day.field.copy()
    again.iloc[100:110, 0] += 3
    for field, when in ((day.field, "2016-04-01"), (again, "2016-05-01")):
        made.store(dataclasses.replace(day, field=field), learned=pd.Timestamp(when, tz="UTC"))
    for n, when in ((3, "2016-04-01"), (2, "2016-05-02")):
        made.store_events("italy", events(n), f"list{n}.csv", learned=pd.Timestamp(when, tz="UTC"))
    made.store_events("once", events(1), "once.csv")
    return made


def test_what_was_replaced_is_said_and_listed_and_so_are_the_snapshots_of_a_catalogue(revised):
    known = coverage.facts(revised, "DUR")
    assert "Of 10 minutes other values were known before" in " ".join(known.sentences)
    row = known.latest_revisions().iloc[0]
    assert (row["start"], row["n_minutes"]) == (pd.Timestamp("2016-03-01T01:40Z"), 10)
    assert row["largest_change_nt"] == pytest.approx(3.0)
    found = coverage.snapshots(revised)
    assert found[["catalogue", "events", "origin"]].values.tolist() == [
        ["italy", 2, "list2.csv"],
        ["italy", 3, "list3.csv"],
    ]
    text = site.render(coverage.page({"archive": revised}))
    assert "What was replaced" in text and "variation by variation" in text and "list3.csv" in text


def test_where_nothing_was_replaced_no_table_says_so(archive, facts):
    assert "known before" not in " ".join(facts.sentences) and coverage.snapshots(archive).empty
    assert "What was replaced" not in site.render(coverage.page({"archive": archive})).replace("gaps, what was", "")


def test_the_page_of_an_empty_archive_says_what_to_do():
    assert "precursor ingest" in site.render(coverage.page({}))


def test_the_coverage_page_shows_the_station_asked_for_with_its_credit(archive, monkeypatch):
    from streamlit.testing.v1 import AppTest

    from core.data_folder import ROOT

    monkeypatch.setenv("PRECURSOR_DATA", str(archive.folder.parent))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    app.query_params["station"] = "DUR"
    app.switch_page("views/coverage.py").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    said = "\n".join(str(element.value) for kind in (app.title, app.markdown, app.caption) for element in kind)
    assert "1 spike, 1 step" in said and "rely on the data collected at Duronia" in said
    assert [len(table.value) for table in app.dataframe][1:] == [3, 2]  # the largest findings, the longest gaps
    app.selectbox(key="year").set_value(2016).run()
    assert not app.exception
