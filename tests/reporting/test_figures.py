"""Figures: chance is beside every result, synthetic data are marked, colours mean one thing, and nothing is lost."""

import dataclasses
import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest

from core import stations as station_table
from core.evaluation.cells import Cells
from core.reporting import decimation
from core.reporting.figures import theme
from core.reporting.figures.map import maps, projection
from core.reporting.figures.record import coverage, forecast, record
from core.reporting.figures.run import confusion, curves, windows
from core.vocabulary import SPLITS

T0 = pd.Timestamp("2016-10-01", tz="UTC")
HOSTILE = "<img src=x onerror=alert(1)></script>"


def events(n=6):
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(n)],
            "origin_time": T0 + pd.to_timedelta(np.arange(n) * 7, unit="h"),
            "latitude_deg": 42.0 + 0.1 * np.arange(n),
            "longitude_deg": 13.0 + 0.1 * np.arange(n),
            "depth_km": np.linspace(5, 200, n),
            "magnitude": np.linspace(3.5, 6.5, n),
            "distance_km": 100.0,
            "target": np.arange(n) % 2 == 0,
            "reason": np.where(np.arange(n) % 2 == 0, "", HOSTILE),
        }
    )


def field(n_minutes=3000, buckets=100):
    values = np.random.default_rng(0).normal(size=(n_minutes, 3)).cumsum(0) + [24_000, 1_200, 40_300]
    return decimation.envelope(values, int(T0.timestamp() // 60), 0, n_minutes, buckets)


def activity():
    times = T0 + pd.to_timedelta(3 * np.arange(40), unit="h")
    return pd.DataFrame({"time": times, "kp": np.arange(40) % 9 + 1 / 3, "ap": 0, "status": "d"})


def scanned():
    start = T0 + pd.to_timedelta(6 * np.arange(20), unit="h")
    probability = np.linspace(0, 1, 20)
    probability[3] = np.nan
    rejected = ["gap" if np.isnan(p) else "" for p in probability]
    return pd.DataFrame(
        {"start": start, "end": start + pd.Timedelta("1D"), "probability": probability, "rejected": rejected}
    )


def epochs(n=4):
    columns = {
        f"{split}{m}": np.linspace(0.4, 0.8, n) for split in ("", "validation_") for m in ("loss", "accuracy", "auc")
    }
    return pd.DataFrame({"epoch": np.arange(1, n + 1), **columns})


def roc_table():
    return pd.DataFrame(
        {"false_alarm_rate": [0, 0, 0.5, 1], "hit_rate": [0, 0.5, 0.5, 1], "threshold": [np.inf, 0.9, 0.6, 0.1]}
    )


def runs():
    return pd.DataFrame(
        {
            "run_id": ["a-1", "b-2"],
            "auc": [0.5, 0.9],
            "auc_low": [0.4, 0.85],
            "auc_high": [0.6, 0.95],
            "accuracy": [0.6, 0.8],
            "majority_share": [0.6, 0.55],
            "synthetic": [True, False],
            "dead": [True, False],
            "leak": [False, False],
            "scored_split": "test",
        }
    )


def points():
    rows = [
        {"n_windows": n, "repeat": r, "majority_share": 0.5}
        | {f"{s}_{m}": 0.5 + 0.1 * r for s in ("train", "validation") for m in ("accuracy", "loss")}
        for n in (50, 100, 200)
        for r in range(3)
    ]
    return pd.DataFrame(rows)


def window_table(n=12):
    rejected = np.array(["", "", "storm: Kp 6.0", "", "gap of 12 minutes", ""] * (n // 6), dtype=object)
    start = T0 + pd.to_timedelta(np.arange(n), unit="D")
    return pd.DataFrame(
        {
            "station": ["DUR", "IZN"] * (n // 2),
            "start": start,
            "end": start + pd.Timedelta("1D"),
            "label": np.arange(n) % 3 - 1,
            "lead_days": 1.5,
            "magnitude": 4.4,
            "rejected": rejected,
            "split": np.where(rejected == "", np.resize(["train", "validation", "test"], n), ""),
        }
    )


def predictions():
    return pd.DataFrame({"label": [0, 1, 0, 1, 1], "probability": [0.1, 0.7, 0.4, 0.2, 0.9], "split": "test"})


def ledger_table():
    issued = T0 + pd.to_timedelta(np.arange(4), unit="D")
    return pd.DataFrame(
        {
            "issued_at": issued,
            "station": "DUR",
            "valid_from": issued,
            "valid_until": issued + pd.Timedelta("7D"),
            "probability": [0.2, 0.7, 0.4, 0.6],
            "threshold": 0.5,
            "retrospective": [True, True, False, False],
        }
    )


def coverage_table():
    return pd.DataFrame(
        {
            "station": ["DUR", "DUR", "IZN"],
            "year": [2016, 2017, 2017],
            "n_minutes": [527_040, 525_600, 525_600],
            "n_present": [527_040, 525_599, 262_800],
            "present_fraction": [1.0, 0.999998, 0.5],
            "data_type": "definitive",
        }
    )


def places():
    return pd.DataFrame(
        {
            "code": ["DUR", "IZN"],
            "name": ["Duronia", "Iznik"],
            "latitude_deg": [41.65, 40.5],
            "longitude_deg": [14.466, 29.72],
        }
    )


COAST = {
    "type": "FeatureCollection",
    "features": [{"geometry": {"type": "MultiLineString", "coordinates": [[[10, 40], [15, 42], [20, 41]]]}}],
}

FIGURES = {
    "record": lambda **o: record.record(
        field(), events=events(), activity=activity(), gaps=gap_table(), scan=scanned(), threshold=0.5, chance=0.3, **o
    ),
    "record_extra": lambda **o: record.record(field(), extra=field(), centre=True, **o),
    "record_empty": lambda **o: record.record(None, **o),
    "confusion": lambda **o: confusion.matrix(Cells(3, 1, 2, 4), **o),
    "history": lambda **o: curves.history(epochs(), majority_share=0.6, measures=("accuracy", "loss", "auc"), **o),
    "history_runs": lambda **o: curves.history({"a": epochs(), "b": epochs(2)}, **o),
    "roc": lambda **o: curves.roc(roc_table(), auc=0.5, low=0.4, high=0.6, threshold=0.5, **o),
    "learning_curve": lambda **o: curves.learning_curve(points(), **o),
    "compare": lambda **o: curves.compare(runs(), **o),
    "probabilities": lambda **o: curves.probabilities(predictions(), **o),
    "rejections": lambda **o: windows.rejections(window_table(), **o),
    "timeline_split": lambda **o: windows.timeline(window_table(), **o),
    "timeline_label": lambda **o: windows.timeline(window_table(), colour_by="label", **o),
    "timeline_rejection": lambda **o: windows.timeline(window_table(), colour_by="rejection", **o),
    "gallery_lines": lambda **o: windows.gallery(np.ones((6, 3, 1440)), window_table(6), **o),
    "gallery_image": lambda **o: windows.gallery(np.ones((6, 3, 1440)), window_table(6), style="image", **o),
    "coverage": lambda **o: coverage.coverage(coverage_table(), **o),
    "scan": lambda **o: forecast.scan(scanned(), threshold=0.5, events=events(), **o),
    "ledger": lambda **o: forecast.ledger(ledger_table(), events=events(), **o),
    "static_map": lambda **o: maps.static_map(
        places(), events(), circles={"DUR": 200.0}, coast=COAST, plates=COAST, **o
    ),
}


def gap_table():
    return pd.DataFrame({"start": [T0], "end": [T0 + pd.Timedelta("2h")], "n_minutes": [120]})


def text_of(figure):
    return json.loads(figure.to_json(), strict=False)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_stamped_if_and_only_if_it_is_synthetic(name):
    assert "SYNTHETIC DATA" in FIGURES[name](synthetic=True).to_json()
    assert "SYNTHETIC DATA" not in FIGURES[name]().to_json()


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_sets_a_background_or_a_title(name):
    layout = FIGURES[name]().to_plotly_json()["layout"]
    assert "paper_bgcolor" not in layout
    assert layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "title" not in layout


@pytest.mark.parametrize("name", FIGURES)
def test_replacing_the_light_colours_of_a_figure_gives_its_dark_figure(name):
    # the static site does exactly this in the browser
    text = FIGURES[name](mode="light", synthetic=True).to_json()
    pairs = theme.dark_of_light()
    rgb = {theme.fade(light, 1)[5:-3]: theme.fade(dark, 1)[5:-3] for light, dark in pairs.items()}
    text = re.sub(r"#[0-9a-f]{6}", lambda found: pairs.get(found[0], found[0]), text)
    text = re.sub(r"rgba\((\d+,\d+,\d+),", lambda found: f"rgba({rgb.get(found[1], found[1])},", text)
    assert json.loads(text) == json.loads(FIGURES[name](mode="dark", synthetic=True).to_json())


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_from_outside_becomes_markup(name):
    assert "<img" not in FIGURES[name]().to_json()


def luminance(hex_colour):
    return linear(hex_colour) @ [0.2126, 0.7152, 0.0722]


def linear(hex_colour):
    value = np.array([int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize(("column", "page"), [(0, "#ffffff"), (1, "#0f151c")])
def test_every_colour_has_a_contrast_of_three_to_one_on_its_page(column, page):
    for pair in (*theme.COLOURS.values(), *theme.SERIES):
        bright, dim = sorted([luminance(pair[column]), luminance(page)], reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, pair[column]


# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
COLOUR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
SEEN_TOGETHER = (
    ("x", "y", "z"),
    ("target_event", "other_event", "storm", "alarm"),
    ("target_event", "other_event", "station"),
    ("train", "validation", "test", "chance"),
    ("positive", "negative", "chance", "storm"),
    ("alarm", "station", "chance"),
)


def cielab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", COLOUR_BLINDNESS)
@pytest.mark.parametrize("column", [0, 1], ids=["light", "dark"])
def test_colours_that_meet_in_a_figure_stay_apart_for_colour_blind_eyes(eyes, column):
    seen = {name: cielab(np.array(COLOUR_BLINDNESS[eyes]) @ linear(p[column])) for name, p in theme.COLOURS.items()}
    for group in SEEN_TOGETHER:
        for one, other in itertools.combinations(group, 2):
            assert np.linalg.norm(seen[one] - seen[other]) > 13, (one, other)


def test_a_thousand_events_are_the_same_few_traces_as_six():
    few, many = record.record(field(), events=events(6)), record.record(field(), events=events(1000))
    assert len(many.data) == len(few.data)
    lines = next(trace for trace in many.data if trace.mode == "lines" and trace.hoverinfo == "skip")
    assert len(lines.x) == 3 * 500
    assert lines.x[2] is None


def test_hover_words_say_why_an_event_is_not_a_target():
    table = events(2).assign(reason=["", "farther than 200 km"])
    hover = [text for trace in record.record(field(), events=table).data for text in np.atleast_1d(trace.hovertext)]
    assert (
        "<b>M 6.5</b>, 2016-10-01 07:00 UTC<br>100 km away, 200 km deep<br>not a target event: farther than 200 km"
        in hover
    )


def test_zooming_out_keeps_the_highest_kp():
    times = T0 + pd.to_timedelta(3 * np.arange(20_000), unit="h")
    table = pd.DataFrame({"time": times, "kp": 1.0})
    table.loc[12_345, "kp"] = 8.667
    shown = record.record(None, activity=table)
    bars = [trace for trace in shown.data if trace.type == "bar"]
    assert sum(len(bar.x) for bar in bars) <= 1500
    assert max(bar.y.max() for bar in bars) == pytest.approx(8.667)


def test_a_storm_is_at_or_above_the_threshold():
    table = pd.DataFrame({"time": T0 + pd.to_timedelta([0, 3, 6], unit="h"), "kp": [4.333, 4.667, 5.0]})
    quiet, storm = (trace for trace in record.record(None, activity=table, storm_kp=4.667).data if trace.type == "bar")
    assert (len(quiet.x), len(storm.x)) == (1, 2)


def test_a_rejected_window_breaks_the_line_of_a_scan_and_is_no_alarm():
    figure = forecast.scan(scanned(), threshold=0.5)
    line = next(trace for trace in figure.data if trace.name == "probability")
    alarms = next(trace for trace in figure.data if trace.name == "alarm")
    assert np.isnan(line.y[3])
    assert len(alarms.x) == int((np.linspace(0, 1, 20) >= 0.5).sum())


def test_the_confusion_matrix_says_in_words_what_chance_would_give():
    # 40 of 50 windows alarmed, 10 positive: chance puts 10 * 40 / 50 = 8 into the hits
    text = confusion.matrix(Cells(hits=9, misses=1, false_alarms=31, correct_negatives=9)).to_json()
    for words in ("Hit", "Miss", "False alarm", "Correct negative", "by chance 8", "by chance 32", "90 % of the row"):
        assert words in text


def test_a_confusion_matrix_without_windows_says_so():
    assert "no windows to score" in confusion.matrix(Cells(0, 0, 0, 0)).to_json()


def test_history_draws_the_majority_share_and_the_entropy_of_the_class_share_in_grey():
    # H(0.75) = -(0.75 ln 0.75 + 0.25 ln 0.25) = 0.5623
    figure = curves.history(epochs(), majority_share=0.75)
    grey = [trace for trace in figure.data if trace.line.color == theme.colour("chance")]
    assert [round(float(trace.y[0]), 4) for trace in grey] == [0.75, 0.5623]


def test_roc_has_the_diagonal_and_prints_the_interval():
    figure = curves.roc(roc_table(), auc=0.61, low=0.5, high=0.72)
    diagonal = next(trace for trace in figure.data if trace.line.color == theme.colour("chance"))
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert "0.50 to 0.72" in figure.layout.annotations[0].text


def test_the_marked_point_of_the_roc_is_the_rate_of_alarms_at_or_above_the_threshold():
    # thresholds 0.9 and 0.6 lie at or above 0.6: the curve stands at (0.5, 0.5) there
    marked = next(trace for trace in curves.roc(roc_table(), threshold=0.6).data if trace.mode == "markers")
    assert (marked.x[0], marked.y[0]) == (0.5, 0.5)


def test_the_learning_curve_shows_each_repeat_and_their_median():
    figure = curves.learning_curve(points())
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert all(len(trace.x) == 9 for trace in dots)
    medians = [trace for trace in figure.data if trace.name == "validation: median and range"]
    assert medians[0].y.tolist() == pytest.approx([0.6, 0.6, 0.6])


def test_comparison_marks_synthetic_and_dead_runs_by_name():
    text = curves.compare(runs()).to_json()
    assert "synthetic" in text
    assert "dead" in text


# Measured on a phone of 375 pixels: half the width of the largest dot, and the narrower of the two panels.
DOT_PIXELS, PANEL_PIXELS = 5, {"x": 170, "x2": 110}


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_a_run_at_the_end_of_the_scale_has_a_whole_dot(score):
    figure = curves.compare(runs().assign(auc=score, auc_low=score, auc_high=score, accuracy=score))
    ranges = {"x": figure.layout.xaxis.range, "x2": figure.layout.xaxis2.range}
    for trace in (each for each in figure.data if each.name in ("AUC, 95 % interval", "accuracy")):
        axis = trace.xaxis or "x"
        low, high = ranges[axis]
        room = min(score - low, high - score) / (high - low) * PANEL_PIXELS[axis]
        assert room >= DOT_PIXELS, (trace.name, room)


def test_the_line_of_chance_passes_between_the_names_of_runs():
    figure = curves.compare(pd.concat([runs()] * 4, ignore_index=True))
    top, bottom = figure.layout.yaxis.range[1], figure.layout.yaxis.range[0]
    inside = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    letters = 7 * (bottom - top) / inside  # half the height of a name in 11 pixels, with its descenders, in rows
    line = next(trace for trace in figure.data if trace.name == "chance")
    for begin, end in zip(line.y[0::3], line.y[1::3], strict=True):
        for name in figure.layout.annotations:
            assert end <= name.y - letters or begin >= name.y + letters, (begin, end, name.text)


def test_rejections_account_for_every_candidate_window():
    table = window_table(24)
    assert sum(windows.rejections(table).data[0].x) == 24


def test_the_bar_of_storms_is_the_one_that_the_config_calls_so():
    table = window_table(24).assign(rejected=["weather of space", "no storm here"] * 12)
    plain, marked = (windows.rejections(table, storm=name).data[0] for name in ("", "weather of space"))
    differ = [y for y, a, b in zip(plain.y, plain.marker.color, marked.marker.color, strict=True) if a != b]
    assert differ == ["weather of space"]


def test_many_reasons_are_summed_up_not_dropped():
    table = window_table(24).assign(rejected=[f"reason {i}" for i in range(24)])
    assert sum(windows.rejections(table).data[0].x) == 24


def test_a_crowded_timeline_merges_neighbours_and_covers_the_same_time(monkeypatch):
    table = window_table(24).assign(station="DUR", label=0, rejected="", split="train")
    monkeypatch.setattr(windows, "MOST_SEGMENTS", 10)
    (trace,) = windows.timeline(table).data
    assert list(trace.x) == ["2016-10-01T00:00:00", "2016-10-25T00:00:00", None]
    assert "24 windows" in trace.hovertext[0]


def test_a_gallery_window_keeps_its_spike():
    batch = np.zeros((1, 3, 10_080))
    batch[0, 0, 5_003] = 5.0
    tile = windows.gallery(batch, window_table(6).iloc[:1], points=100).data[0]
    assert tile.y.min() < tile.y.max()


def test_coverage_says_100_only_when_nothing_is_missing():
    cells = coverage.coverage(coverage_table()).data[0]
    assert cells.text.tolist() == [["100", ">99"], ["", "50"]]


def test_the_circle_keeps_its_great_circle_distance_everywhere():
    for latitude, longitude in ((41.65, 14.466), (65.0, -178.0), (-10.0, 179.5)):
        station = station_table.Station("TST", "Test", latitude, longitude)
        ring = projection.circle(latitude, longitude, 700.0)
        distance = station_table.distance_km(ring[:, 1], ring[:, 0], station)
        np.testing.assert_allclose(distance, 700.0, rtol=1e-9)
        assert np.abs(np.diff(ring[:, 0])).max() < 10  # does not jump across the date line


def test_mercator_and_its_inverse_agree_and_its_scale_is_one_over_cosine():
    latitude = np.array([-60.0, 0.0, 41.65, 70.0])
    np.testing.assert_allclose(projection.inverse_mercator(projection.mercator(latitude)), latitude)
    step = (projection.mercator(latitude + 1e-4) - projection.mercator(latitude - 1e-4)) / 2e-4
    np.testing.assert_allclose(step, 1 / np.cos(np.radians(latitude)), rtol=1e-6)


def test_stations_on_both_sides_of_the_date_line_make_a_narrow_map():
    table = pd.DataFrame({"code": ["A", "B"], "latitude_deg": [50.0, 52.0], "longitude_deg": [170.0, -175.0]})
    west, east, south, north = projection.bounds(table, {"A": 100.0, "B": 100.0})
    assert west < 170 < 185 < east
    assert east - west < 25
    assert south < 50 < 52 < north


def test_the_deck_has_named_layers_and_the_same_tooltip_on_stations_and_events():
    spec = json.loads(maps.deck_spec(places(), events(), circles={"DUR": 200.0}, plates=COAST, selected="DUR"))
    layers = {layer["id"]: layer for layer in spec["layers"]}
    assert list(layers) == ["plates", "circles", "events", "targets", "stations", "names"]
    # by more than their colour: each target event has a dot in its middle
    assert len(layers["targets"]["data"]) == int(events()["target"].sum()) > 0
    assert {name for name, layer in layers.items() if layer.get("pickable")} == {"stations", "events"}
    for name in ("stations", "events"):
        assert all({"name", "detail"} <= set(row) for row in layers[name]["data"])


def test_the_deck_is_compact_and_asks_nobody_for_tiles():
    spec = maps.deck_spec(places(), events(100))
    assert "\n" not in spec
    assert "http" not in spec


def test_larger_events_are_drawn_first_so_that_small_ones_can_be_picked():
    layers = json.loads(maps.deck_spec(places(), events()))["layers"]
    radius = [row["r"] for row in next(layer for layer in layers if layer["id"] == "events")["data"]]
    assert radius == sorted(radius, reverse=True)


def test_colours_of_depth_follow_the_bins():
    legend = maps.depth_legend()
    shades = maps.depth_colours([5.0, 10.0, 10.1, 600.0, np.nan])
    assert shades == [legend[0][0], legend[0][0], legend[1][0], legend[4][0], theme.colour("chance")]
    assert [words for _, words in legend][-2:] == ["70 to 150 km", "deeper than 150 km"]


def test_coast_lines_far_outside_the_map_are_left_out():
    far = {"features": [{"geometry": {"type": "LineString", "coordinates": [[100, 0], [101, 1]]}}]}
    x, _ = projection.clipped_lines(far, (10, 20, 40, 45))
    assert len(x) == 0
    x, y = projection.clipped_lines(COAST, (12, 16, 40, 45))
    assert x[:-1].tolist() == [10, 15, 20]
    assert np.isnan(y[-1])


def test_the_tracked_shapes_carry_their_attribution_and_cover_the_world():
    shapes = json.loads((station_table.ROOT / "data" / "geo" / "plate_boundaries.geojson").read_text())
    assert "Bird" in shapes["attribution"]
    assert "ODC-By" in shapes["attribution"]
    for mode in ("light", "dark"):
        path = station_table.ROOT / "dashboard" / "static" / f"basemap_{mode}.json"
        assert path.stat().st_size < 800 * 1024
        style = json.loads(path.read_text())
        land = style["sources"]["land"]["data"]["features"][0]["geometry"]["coordinates"]
        corners = np.concatenate([np.array(ring) for shape in land for ring in shape])
        assert (corners.min(0) < [-170, -60]).all()
        assert (corners.max(0) > [170, 70]).all()
        assert not re.search(r"https?://", path.read_text())


WORLD = {
    "KAK": (36.232, 140.186),
    "HUA": (-12.0, -75.3),
    "ESK": (55.3, -3.2),
    "EYR": (-43.4, 172.4),
    "ASP": (-23.8, 133.9),
}


def world_places():
    rows = [(code, code, *place) for code, place in WORLD.items()]
    return pd.DataFrame(rows, columns=["code", "name", "latitude_deg", "longitude_deg"])


def on_screen(spec, layer):
    """Pixels from the middle of the map at which the points of a layer lie when it opens (tiles of 512 pixels)."""
    view = spec["initialViewState"]
    scale = 512 * 2 ** view["zoom"] / 360
    data = next(one for one in spec["layers"] if one["id"] == layer)["data"]
    x, y = np.array([row["p"] for row in data]).T
    north = np.degrees(np.arcsinh(np.tan(np.radians([*y, view["latitude"]]))))
    return (x - view["longitude"]) * scale, (north[:-1] - north[-1]) * scale


def test_a_map_of_the_world_opens_with_every_station_and_event_in_view():
    quakes = events().assign(longitude_deg=141.0, latitude_deg=38.0)  # off Japan, across the date line from the middle
    spec = json.loads(maps.deck_spec(world_places(), quakes))
    for layer, n in (("stations", 5), ("events", 6)):
        x, y = on_screen(spec, layer)
        assert len(x) == n
        assert (np.abs(x) < 350).all()
        assert (np.abs(y) < 240).all()
    assert "140.186° E" in json.dumps(spec, ensure_ascii=False)  # words keep the usual longitude


def test_names_on_the_map_do_not_overlap_and_the_chosen_one_is_there():
    crowd = pd.DataFrame({"code": ["AAA", "BBB", "CCC"], "latitude_deg": [50.0, 50.1, 50.2], "longitude_deg": 10.0})
    far = pd.DataFrame({"code": ["FAR"], "latitude_deg": [-30.0], "longitude_deg": [150.0]})
    table = pd.concat([crowd, far], ignore_index=True).assign(name="x")
    spec = json.loads(maps.deck_spec(table, selected="BBB"))
    names = next(layer for layer in spec["layers"] if layer["id"] == "names")["data"]
    assert {row["code"] for row in names} == {"BBB", "FAR"}


def test_lines_turned_around_a_meridian_keep_their_points_and_never_cross_the_map():
    line = {"features": [{"geometry": {"type": "LineString", "coordinates": [[60, 0], [70, 1], [90, 2], [100, 3]]}}]}
    (feature,) = projection.turned_lines(line, -100.0)["features"]  # the map ends at 80 degrees east
    assert feature["geometry"]["coordinates"] == [[[60, 0], [70, 1]], [[-270, 2], [-260, 3]]]


def test_outcomes_count_as_the_confusion_matrix_does():
    rng = np.random.default_rng(3)
    label, probability = rng.integers(0, 2, 500), rng.uniform(0, 1, 500).round(1)  # many at the threshold itself
    words = confusion.outcomes(label, probability, 0.5)
    counts = dataclasses.asdict(Cells.count(label, probability, 0.5))
    assert {name: int((words == confusion.cell_words(name)).sum()) for name in counts} == counts


def test_every_cell_of_the_confusion_matrix_can_be_clicked():
    figure = confusion.matrix(Cells(9, 1, 31, 9))
    markers = next(trace for trace in figure.data if trace.type == "scatter")
    at = {name: (x, y) for (name,), x, y in zip(markers.customdata, markers.x, markers.y, strict=True)}
    assert at == {"hits": (0, 0), "misses": (1, 0), "false_alarms": (0, 1), "correct_negatives": (1, 1)}
    assert markers.hoverinfo != "skip"  # plotly then reports no click either


def test_each_compared_run_has_its_own_line_of_knowing_nothing():
    figure = curves.history(
        {"a": epochs(), "b": epochs()}, majority_share={"a": 0.5, "b": 0.75}, measures=("accuracy",)
    )
    grey = {trace.name: float(trace.y[0]) for trace in figure.data if trace.line.color == theme.colour("chance")}
    assert grey == {"majority share 0.500: a": 0.5, "majority share 0.750: b": 0.75}
    assert [trace.name for trace in figure.data if trace.showlegend] == ["a", "b"]  # the dotted training has no entry


def test_an_archive_with_long_holes_shows_only_years_with_data_and_says_so():
    table = pd.DataFrame(
        {"station": "ESK", "year": [1990, 2003, 2004, 2022], "n_minutes": 100, "n_present": [10, 20, 30, 40]}
    )
    figure = coverage.coverage(table)
    cells = dict(zip(figure.data[0].x, figure.data[0].text[0], strict=True))
    assert {year: text for year, text in cells.items() if text} == {
        "1990": "10",
        "2003": "20",
        "2004": "30",
        "2022": "40",
    }
    assert len(cells) == 6
    assert "years without data" in figure.layout.xaxis.title.text
    assert list(figure.layout.xaxis.ticktext) == [
        "1990",
        "…",
        "2003",
        "2004",
        "…",
        "2022",
    ]  # every drawn year has its label


def test_the_ribbon_of_a_scan_covers_what_was_used_and_nothing_else():
    table = window_table(12).assign(station="DUR", rejected="", split=["train"] * 4 + ["embargo"] * 2 + ["test"] * 6)
    table.loc[7, ["rejected", "split"]] = ["storm", ""]
    used = windows.used(table, "DUR")
    day = pd.Timedelta("1D")
    assert used["split"].tolist() == ["train", "test", "test"]
    assert used["start"].tolist() == [T0, T0 + 6 * day, T0 + 8 * day]
    assert used["end"].tolist() == [T0 + 4 * day, T0 + 7 * day, T0 + 12 * day]
    assert windows.used(table, "IZN").empty
    figure = forecast.scan(scanned(), threshold=0.5, use=used)
    ribbon = {trace.name: trace for trace in figure.data if trace.name in SPLITS}
    assert list(ribbon["train"].x[:2]) == ["2016-10-01T00:00:00", "2016-10-05T00:00:00"]
    assert not ribbon["validation"].showlegend
