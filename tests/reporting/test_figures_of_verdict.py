"""Figures of the judgement: chance is drawn in each, nothing that does not exist is drawn, names are only text."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.evaluation import power_law
from core.judgement.summary import Summary
from core.reporting.figures import theme
from core.reporting.figures.judgement import chance, differences, intervals, reliability
from core.reporting.figures.run import class_balance
from core.reporting.figures.studies import law
from support.made_findings import PRIMARY

HOSTILE = "<b>all</b><script>"


def card():
    return pd.DataFrame(
        {
            "model": ["network", "hour", "majority"],
            "kind": ["network", "confounder", "confounder"],
            "words": ["the network", HOSTILE, "always the same answer"],
            "n": 40,
            "auc": [0.61, 0.55, 0.5],
            "auc_low": [0.45, 0.4, np.nan],
            "auc_high": [0.77, 0.7, np.nan],
            "difference": [np.nan, 0.06, 0.11],
            "difference_low": [np.nan, -0.1, -0.05],
            "difference_high": [np.nan, 0.2, 0.27],
        }
    )


def molchan_curve():
    tau = np.array([0, 0.25, 0.5, 1.0])
    return pd.DataFrame(
        {
            "threshold": [np.inf, 0.75, 0.5, 0.0],
            "tau": tau,
            "nu": [1, 0.5, 0.25, 0],
            "hits": [0, 2, 3, 4],
            "exact_low": np.maximum(0, 1 - tau - 0.3),
            "exact_high": np.minimum(1, 1 - tau + 0.3),
            "shift_low": np.nan,
            "shift_high": np.nan,
        }
    )


def profile():
    hours = [2.0, 0.0, -2.0]
    return pd.DataFrame(
        {"hours_before": hours, "skill": [0.7, 0.6, 0.5], "band_low": 0.4, "band_high": 0.6, "n_clusters": 9}
    )


def movements():
    return pd.DataFrame({"skill": np.linspace(0.3, 0.7, 41), "share": 1 / 41})


def strata():
    return pd.DataFrame(
        {
            "by": "station",
            "name": ["DUR", HOSTILE],
            "n": 9,
            "n_positive": 3,
            "auc": 0.5,
            "auc_low": 0.3,
            "auc_high": 0.7,
        }
    )


def bins():
    said = [0.2, 0.8]
    rows = {"n": [5, 0], "mean_probability": said, "observed": [0.1, np.nan], "observed_low": 0.0, "observed_high": 0.4}
    return pd.concat([pd.DataFrame({"calibrated": kind, **rows}) for kind in (False, True)], ignore_index=True)


def everything(mode="light", synthetic=False):
    look = {"mode": mode, "synthetic": synthetic}
    return {
        "scorecard": intervals.scorecard(card(), **look),
        "strata": intervals.strata(strata(), **look),
        "lead_profile": intervals.lead_profile(profile(), **look),
        "hill": chance.hill(movements(), PRIMARY, **look),
        "null": chance.null(pd.DataFrame({"value": np.linspace(0.3, 0.7, 99)}), {"observed": 0.6, "p": 0.2}, **look),
        "molchan": chance.molchan(molchan_curve(), Summary(9, 4, 0.5, ass=0.6, ass_low=0.4, ass_high=0.8), **look),
        "reliability": reliability.reliability(bins(), base_rate=0.3, **look),
        "precision_recall": reliability.precision_recall(
            pd.DataFrame({"recall": [0, 1.0], "precision": [1, 0.3], "threshold": [np.inf, 0.1]}), base_rate=0.3, **look
        ),
    }


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", list(everything()))
def test_chance_is_grey_in_every_figure_and_synthetic_data_are_stamped(name, mode):
    fig = everything(mode, synthetic=True)[name]
    grey = theme.colour("chance", mode)
    assert any(grey == (trace.line.color if trace.mode == "lines" else None) for trace in fig.data)
    assert theme.SYNTHETIC_WORDS in [note.text for note in fig.layout.annotations]


@pytest.mark.parametrize("name", ["scorecard", "strata"])
def test_names_from_outside_are_text_and_not_markup(name):
    assert "<script>" not in everything()[name].to_json().replace("\\u003c", "<").replace("\\u003e", ">")


def test_the_score_card_draws_every_model_and_the_network_differently():
    fig = intervals.scorecard(card())
    auc, difference = (trace for trace in fig.data if trace.mode == "markers")
    assert list(auc.x) == [0.61, 0.55, 0.5] and list(np.nan_to_num(difference.x)) == [0, 0.06, 0.11]
    assert auc.marker.symbol[0] != auc.marker.symbol[1] and auc.marker.color[0] != auc.marker.color[1]
    assert np.allclose(auc.error_x.array[:2], [0.16, 0.15]) and np.allclose(auc.error_x.arrayminus[:2], [0.16, 0.15])


def test_the_hill_of_chance_adds_up_to_all_catalogues_and_the_line_stands_at_the_real_one():
    draws = pd.DataFrame({"value": np.random.default_rng(0).normal(0.5, 0.1, 999)})
    hill, line = chance.null(draws, {"observed": 0.93, "p": 0.001}).data
    assert sum(hill.y[1:-1:2]) == pytest.approx(100)
    assert list(line.x) == [0.93, 0.93] and "p = 0.001" in line.name


@pytest.mark.parametrize("observed", [None, np.nan])
def test_without_a_null_the_figure_says_so_instead_of_drawing_one(observed):
    fig = chance.null(pd.DataFrame({"value": [np.nan]}), {"observed": observed, "p": None})
    assert len(fig.data) == 0 and "no null" in fig.layout.annotations[0].text


def test_a_band_that_does_not_exist_is_not_drawn():
    names = [trace.name for trace in chance.molchan(molchan_curve(), Summary(9, 4, 0.5)).data]
    assert "guessing, clusters kept (95 %)" not in names and "guessing, independent events (95 %)" in names


def test_empty_bins_are_left_out_of_the_reliability_curve():
    said = next(trace for trace in reliability.reliability(bins()).data if trace.name == "calibrated")
    assert list(said.x) == [0.2]


@pytest.mark.parametrize(
    "draw", [intervals.scorecard, intervals.strata, intervals.lead_profile, reliability.reliability]
)
def test_an_empty_table_is_a_note(draw):
    tables = {intervals.scorecard: card, intervals.strata: strata, intervals.lead_profile: profile}
    fig = draw(tables.get(draw, bins)().iloc[:0])
    assert len(fig.data) == 0 and fig.layout.annotations[0].text


def test_the_shares_of_each_class_stand_side_by_side_and_add_up():
    counts = pd.DataFrame(
        [("Kp", "0 to 1", 3, 1, 0.75, 0.25), ("Kp", HOSTILE, 1, 3, 0.25, 0.75), ("year", "2016", 4, 4, 1.0, 1.0)],
        columns=["by", "part", "n_positive", "n_negative", "share_positive", "share_negative"],
    )
    fig = class_balance.composition(counts, "Kp")
    assert [sum(bar.y) for bar in fig.data] == [100, 100] and fig.data[0].marker.pattern != fig.data[1].marker.pattern
    assert "<script>" not in "".join(fig.data[0].x)


def learned(rising):
    sizes, random = np.array([20, 40, 80, 160, 320]), np.random.default_rng(2)
    rows = [
        (int(n), repeat, (0.85 - 2 * n**-0.6 if rising else 0.5) + random.normal(0, 0.01))
        for n in sizes
        for repeat in range(10)
    ]
    return pd.DataFrame(rows, columns=["n_windows", "repeat", "validation_auc"])


def test_a_law_is_drawn_up_to_ten_times_the_data_only_where_it_is_supported():
    points = learned(rising=True)
    fig = law.law(points, power_law.fit(points))
    further = next(trace for trace in fig.data if trace.name == "extrapolated")
    assert list(further.x) == [320, 640, 1600, 3200]
    points = learned(rising=False)
    names = [trace.name for trace in law.law(points, power_law.fit(points)).data]
    assert "extrapolated" not in names and "chance 0.50" in names


def test_no_name_on_the_score_card_is_cut_and_ulf_statistics_stand_apart_from_what_knows_no_field():
    models = ["network", "ulf", "hour", "majority"]
    kinds = ["network", "baseline", "confounder", "baseline"]
    table = pd.concat([card(), card().tail(1)], ignore_index=True).assign(
        model=models, kind=kinds, words="classical ULF statistics: band power, polarisation ratio, BPOL (1996, 2004)"
    )
    fig = intervals.scorecard(table)
    names = {note.text.replace("<b>", "").replace("</b>", ""): note.y for note in fig.layout.annotations}
    assert not any("…" in name for name in names)
    order = ["The network", "What knows no field", "UT hour", "Always the same answer", "What sees the same field"]
    assert sorted(names, key=names.get) == [*order, "ULF statistics"]
    auc = next(trace for trace in fig.data if trace.mode == "markers")
    dots = dict(zip([names["The network"], names["UT hour"]], [auc.y[0], auc.y[1]], strict=True))
    assert all(0 < dot - name < 1 for name, dot in dots.items())  # each dot lies below its own name


def test_hours_before_the_earthquakes_lie_left_of_them():
    fig = intervals.lead_profile(profile())
    assert list(fig.data[2].x) == [-2.0, 0.0, 2.0] and list(fig.data[2].y) == [0.7, 0.6, 0.5]
    assert fig.data[0].name == "chance (95 %)"


def test_what_was_seen_is_one_line_in_the_hill_of_chance():
    fig = chance.hill(movements(), PRIMARY)
    hill, line = fig.data
    assert set(line.x) == {PRIMARY.skill} and "0.81" in line.name
    assert "chance" in hill.name and fig.layout.shapes[0].x0 == PRIMARY.band_low
    empty = chance.hill(movements(), dataclasses.replace(PRIMARY, n_targets=0, skill=None))
    assert not empty.data and "no target event" in empty.layout.annotations[0].text


def test_the_line_of_no_difference_passes_between_the_names_of_runs():
    table = pd.DataFrame({"run": list("abcd"), "words": "", "difference": 0.1})
    figure = differences.differences(table.assign(difference_low=0.0, difference_high=0.2))
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    letters = 6 * (bottom - top) / inside  # half the height of a name in 11 pixels, in rows
    line = next(trace for trace in figure.data if trace.name == "no difference")
    assert len(line.y) >= 2 * len(table)
    for begin, end in zip(line.y[0::3], line.y[1::3], strict=True):
        assert all(end <= name.y - letters or begin >= name.y + letters for name in figure.layout.annotations)
