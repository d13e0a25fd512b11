"""The static site: complete, honest, harmless, and the same files when nothing changed."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.reporting import glossary, sentences, site, tables
from core.reporting.pages import record as record_page
from core.runs.runs import RunStore
from support.hostile_folder import DAYS, HOSTILE, fill, minutes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    fill(folder)
    return folder


@pytest.fixture(scope="module")
def built(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    return {path.name: path for path in site.write(data, out)}


class Parsed(HTMLParser):
    """Every element with its attributes, and the text."""

    def __init__(self, path):
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_an_empty_data_folder_gives_a_site_that_says_what_to_do(tmp_path):
    pages = site.write(tmp_path / "nothing", tmp_path / "site")
    assert [page.name for page in pages] == [
        "index.html",
        "map.html",
        "coverage.html",
        "learning-curves.html",
        "paper.html",
        "chance.html",
        "can-it-be-fooled.html",
        "ledger.html",
        "about.html",
    ]
    text = "".join(page.read_text() for page in pages)
    for command in ("precursor demo", "precursor ingest", "precursor learning-curve", "precursor update"):
        assert command in text


def test_there_is_a_page_for_every_run_and_every_station(built):
    assert {"run-real-0123abcd.html", "run-madeup-0123abcd.html"} <= set(built)
    assert {"record-archive-DUR.html", "record-archive-QQQ.html", "record-w1-DUR.html"} <= set(built)


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_loaded_from_elsewhere(built):
    for path in built.values():
        page = Parsed(path)
        for attributes in (*page.all("a"), *page.all("link"), *page.all("script"), *page.all("img")):
            for name in ("href", "src"):
                target = attributes.get(name)
                if target is None or target.startswith("data:"):
                    continue
                assert not re.match(r"\w+:|//", target), target
                file, _, anchor = target.partition("#")
                assert (path.parent / file).is_file() if file else True, target
                if anchor:
                    aimed = Parsed(path.parent / file) if file else page
                    assert anchor in {a["id"] for _, a in aimed.elements if "id" in a}


def test_every_page_has_what_a_page_needs(built):
    for path in built.values():
        page = Parsed(path)
        assert page.all("html")[0]["lang"] == "en"
        assert any(a.get("name") == "viewport" for a in page.all("meta"))
        assert page.all("nav")[0]["aria-label"]
        assert page.all("a")[0] == {"class": "skip", "href": "#content"}
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), path.name
        assert "A research record, not an alert service." in page.text


def test_ids_are_unique_and_every_figure_has_its_place_and_its_data(built):
    n_figures = 0
    for path in built.values():
        page = Parsed(path)
        ids = [a["id"] for _, a in page.elements if "id" in a]
        assert len(ids) == len(set(ids)), path.name
        for attributes in page.all("script"):
            if "data-plot" in attributes:
                n_figures += 1
                assert attributes["data-plot"] in ids
    assert n_figures > 20
    scripts = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', built["index.html"].read_text(), re.S)
    assert all(isinstance(json.loads(text), dict) for text in scripts)


def test_no_word_from_the_data_becomes_markup(built):
    for path in built.values():
        text = path.read_text(encoding="utf-8")
        assert "<script>window" not in text
        assert "<img" not in text
    assert "&lt;/script&gt;" in built["run-real-0123abcd.html"].read_text()


def test_json_in_a_page_cannot_end_its_script_element_and_stays_the_same_json():
    value = {"place": HOSTILE + "&amp;<!--"}
    text = str(site.script_json(json.dumps(value)))
    assert not set("<>&") & set(text)
    assert json.loads(text) == value


def test_pages_of_synthetic_things_say_so_and_pages_of_real_ones_do_not(built):
    everything = "Everything on this page comes from a made-up world."
    for name in ("run-madeup-0123abcd.html", "record-w1-DUR.html", "learning-curves.html", "ledger.html"):
        text = built[name].read_text()
        assert everything in text, name
        assert text.count("SYNTHETIC DATA") == text.count("data-plot="), name
    for name in ("index.html", "map.html"):
        assert "Some of what this page shows" in built[name].read_text()
    for name in ("run-real-0123abcd.html", "record-archive-DUR.html", "about.html"):
        text = built[name].read_text()
        assert "SYNTHETIC DATA" not in text
        assert "made-up world." not in text


def test_files_of_synthetic_numbers_say_so_in_name_and_content(built):
    folder = built["index.html"].parent / "data"
    marked = sorted(path.name for path in folder.glob("synthetic-*.csv"))
    assert "synthetic-madeup-0123abcd-scores.csv" in marked
    assert "synthetic-record-w1-DUR-months.csv" in marked
    assert all(pd.read_csv(folder / name)["synthetic"].all() for name in marked)
    assert "synthetic" not in pd.read_csv(folder / "real-0123abcd-scores.csv")


def test_the_caveats_of_a_run_stand_on_its_page_and_on_the_overview(built):
    for name in ("run-real-0123abcd.html", "index.html"):
        assert "Leak: 3 windows are shared." in built[name].read_text()


def test_a_leaking_learning_curve_says_so(built):
    assert "The split leaks" in built["learning-curves.html"].read_text()


def test_a_stored_scan_stands_on_its_runs_page_with_what_the_run_was_trained_on(built):
    text = built["run-real-0123abcd.html"].read_text()
    (figure,) = re.findall(r'data-plot="scan-DUR">(.*?)</script>', text, re.S)
    names = {trace.get("name") for trace in json.loads(figure)["data"]}
    assert {"probability", "alarm", "base rate 0.50", "train", "validation", "test"} <= names
    assert "20 windows, 1 without a probability" in text
    assert len(pd.read_csv(built["index.html"].parent / "data" / "real-0123abcd-scan-DUR.csv")) == 20
    assert "scan-DUR" not in built["run-madeup-0123abcd.html"].read_text()


def test_the_words_of_the_pages_are_explained_in_the_same_words(built):
    about = Parsed(built["about.html"]).text
    assert all(term in about and meaning in about for term, meaning in glossary.TERMS.items())
    titles = {attributes.get("title") for attributes in Parsed(built["run-real-0123abcd.html"]).all("abbr")}
    assert {glossary.TERMS[term] for term in ("AUC", "MCC", "Brier score", "hit", "embargo")} <= titles
    assert all('href="about.html#words"' in path.read_text() for path in built.values())


def test_chance_stands_beside_the_scores(built):
    text = Parsed(built["run-real-0123abcd.html"]).text
    for words in ("chance 0.50", "majority 0.50", "base rate 0.50", "class share 0.250", "by chance"):
        assert words in text


def test_the_ledger_says_that_its_number_is_no_probability_and_its_time_that_of_its_own_clock(built):
    text = Parsed(built["ledger.html"]).text
    for words in (
        "not the probability of an earthquake",
        "in time, by its own clock",
        "shows their order, not their time",
    ):
        assert words in text
    assert "by chance" not in text


def test_the_csv_beside_the_scores_has_the_numbers_of_the_run(built, data):
    written = pd.read_csv(built["index.html"].parent / "data" / "real-0123abcd-scores.csv")
    stored = RunStore(data).open("real-0123abcd").scores
    assert list(written.columns) == list(stored.columns)
    np.testing.assert_allclose(written["auc"], stored["auc"].astype(float), rtol=1e-5)


def test_two_builds_of_the_same_data_are_the_same_files(data, tmp_path):
    contents = []
    for name in ("one", "two"):
        site.write(data, tmp_path / name)
        paths = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        contents.append({path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in paths})
    assert contents[0] == contents[1]


def test_a_rebuild_removes_its_own_stale_pages_and_nothing_else(data, tmp_path):
    out = tmp_path / "site"
    site.write(data, out)
    (out / "notes.html").write_text("mine")
    outside = tmp_path / "precious.txt"
    outside.write_text("keep")
    listing = out / site.LISTING
    listing.write_text(json.dumps([*json.loads(listing.read_text()), "../precious.txt", str(outside)]))
    site.write(tmp_path / "nothing", out)
    assert not (out / "run-real-0123abcd.html").exists()
    assert not (out / "data" / "runs.csv").exists()
    assert (out / "notes.html").read_text() == "mine"
    assert outside.exists()


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        site.write(tmp_path / "nothing", tmp_path / "file" / "site")


def test_a_station_without_coordinates_is_named_beside_the_map(built):
    assert "QQQ" in Parsed(built["map.html"]).text
    assert "has no coordinates" in built["record-archive-QQQ.html"].read_text()


def test_the_credit_of_every_real_station_is_on_the_about_page(built):
    text = Parsed(built["about.html"]).text
    assert "We thank Istituto Nazionale di Geofisica e Vulcanologia" in text
    assert "10.5880/Kp.0001" in text
    assert "Bird (2003)" in text


@pytest.mark.parametrize("text", ["=1+1", "+1+A1", "-A1", "-1+cmd", "@SUM(A1)", "\tx"])
def test_text_that_a_spreadsheet_would_run_is_disarmed_and_numbers_are_not(text):
    written = tables.csv(pd.DataFrame({"place": [text], "lead_days": [-1.5]}))
    row = pd.read_csv(pd.io.common.StringIO(written)).iloc[0]
    assert row["place"] == "'" + text
    assert row["lead_days"] == -1.5


@pytest.mark.parametrize("text", ["-1", "+1", "-0.25"])
def test_a_number_that_stands_as_text_is_no_formula(text):
    assert tables.csv(pd.DataFrame({"value": [text]})).splitlines()[1] == text


@pytest.mark.parametrize(("low", "high"), [(0.4, 0.6), (0.51, 0.7), (0.3, 0.45)])
def test_of_a_run_that_was_not_judged_only_the_auc_is_told(low, high):
    told = sentences.not_judged("test", (low + high) / 2, low, high)
    assert f"[{low:.2f}, {high:.2f}]" in told and "by chance 0.50" in told and "not judged yet" in told
    assert "skill" not in told.lower() and "above" not in told.lower()


def test_a_run_without_an_interval_claims_nothing():
    assert sentences.not_judged("test", 1.0, np.nan, np.nan).startswith("No interval")
    assert sentences.not_judged("test", np.nan, np.nan, np.nan).startswith("No score")


def test_a_long_hole_divides_a_record_and_a_short_one_does_not():
    values = np.ones((100 * 1440, 3))
    values[10 * 1440 : 20 * 1440] = np.nan
    values[40 * 1440 : 75 * 1440] = np.nan
    assert record_page.stretches(values) == [(75 * 1440, 100 * 1440), (0, 40 * 1440)]
    assert record_page.stretches(np.full((10, 3), np.nan)) == []


def test_monthly_numbers_are_those_of_a_plain_loop():
    field = minutes("DUR", "definitive").field
    table = record_page.months(field)
    october = field.loc["2016-10", "X"].dropna()
    assert table["month"].tolist() == ["2016-10"]
    assert table["x_min_nt"][0] == pytest.approx(min(october), abs=0.005)
    assert table["x_mean_nt"][0] == pytest.approx(sum(october) / len(october), abs=0.005)
    assert table["present_fraction"][0] == pytest.approx((DAYS * 1440 - 200) / (DAYS * 1440), abs=1e-4)


@pytest.mark.browser
def test_in_a_browser_the_site_draws_everything_runs_nothing_and_follows_light_and_dark(built):
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(chromium).exists(), f"There is no Chromium at {chromium}; install Debian's package or set CHROMIUM."
    problems, inks = [], {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        for scheme, width in (("light", 1200), ("dark", 375)):
            context = browser.new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": 800})
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            page.on(
                "request",
                lambda r: problems.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None,
            )
            for path in built.values():
                page.goto(path.as_uri())
                n_figures = page.locator("script[data-plot]").count()
                page.wait_for_function(
                    "n => document.querySelectorAll('.js-plotly-plot .main-svg').length >= n", arg=n_figures
                )
                assert page.evaluate("window.canary") is None, path.name
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path.name, width)
            page.goto(built["record-archive-DUR.html"].as_uri())
            page.wait_for_selector(".js-plotly-plot .scatterlayer .trace path.js-line", state="attached")
            lines = page.locator(".js-plotly-plot path.js-line")
            inks[scheme] = lines.evaluate_all("paths => paths.map(path => getComputedStyle(path).stroke)")
        browser.close()
    assert problems == []
    assert "rgb(31, 111, 178)" in inks["light"]
    assert "rgb(90, 171, 240)" in inks["dark"]
