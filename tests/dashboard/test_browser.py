"""The pages in a real browser: no console error, nothing fetched from elsewhere, and what only a browser does."""

from __future__ import annotations

import contextlib
import math
import os
import signal
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
import tomli_w

from core.reporting import site
from core.reporting.figures.map import projection
from core.studies import jobs as core_jobs
from support import full_data, hostile_folder
from support.browser_page import clean, settled, still
from support.live_dashboard import serving

pytestmark = pytest.mark.browser

PAGES = [
    "",
    "map",
    "record",
    "coverage",
    "windows",
    "audit",
    "train",
    "results",
    "explain",
    "compare",
    "learning_curves",
    "verdict",
    "evaluation",
    "significance",
    "paper",
    "chance",
    "trust",
    "forecast",
    "about",
]
TAGS = "all => all.map(e => e.tagName)"
UPLOAD = """async address => {
    const form = new FormData();
    form.append("mine", new Blob([new Uint8Array(4.9 * 1024 * 1024)]), "mine.bin");
    return (await fetch(address, { method: "PUT", body: form })).status;
}"""


@pytest.fixture(scope="module")
def empty_url(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("empty"), PRECURSOR_NO_DEMO="1") as url:
        yield url


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_data_opens(open_page, empty_url, path):
    page = open_page()
    page.goto(f"{empty_url}/{path}")
    settled(page)
    assert page.locator("h1").count() == 1
    assert page.locator('[data-testid="stMarkdownContainer"]').count() > 3
    clean(page)


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_with_data_opens_with_its_pictures(open_page, full_url, path, scheme):
    page = open_page(color_scheme=scheme)
    page.goto(f"{full_url}/{path}")
    settled(page)
    if path == "map":
        page.wait_for_selector('[data-testid="stDeckGlJsonChart"] canvas')
    elif path not in ("train", "about", "explain", "paper", "chance"):  # nothing was made for the last three
        page.wait_for_selector(".js-plotly-plot .trace, .js-plotly-plot .hm, .js-plotly-plot image", state="attached")
    assert page.locator("h1").count() == 1
    levels = [int(tag[1]) for tag in page.locator("[data-testid=stMain] :is(h1, h2, h3, h4)").evaluate_all(TAGS)]
    assert all(below - above <= 1 for above, below in pairwise(levels)), levels
    named = page.locator("[data-testid=stPlotlyChart]").evaluate_all("all => all.map(e => e.ariaLabel)")
    assert all(named), named
    clean(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(open_page, full_url, path):
    page = open_page(viewport={"width": 375, "height": 800})
    page.goto(f"{full_url}/{path}")
    settled(page)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth") <= 375


# The sheet is made narrower than the charts were drawn, and all is measured before Plotly hears of it: as in print.
ON_PAPER = """() => {
    window.dispatchEvent(new Event("beforeprint"));
    const main = document.querySelector("[data-testid=stMainBlockContainer]");
    const unused = window.innerWidth - main.getBoundingClientRect().width;
    main.style.setProperty("width", "600px", "important");
    const sheet = main.getBoundingClientRect();
    const right = each => Math.round(each.getBoundingClientRect().right - sheet.left);
    const shown = each => getComputedStyle(each).display !== "none" && each.getBoundingClientRect().width > 0;
    const all = selector => [...document.querySelectorAll(selector)];
    const of_charts = {
        marks: all(".js-plotly-plot text").filter(each => each.textContent.includes("SYNTHETIC DATA")).map(right),
        lines: all(".js-plotly-plot .scatterlayer .js-line").map(right),
    };
    window.dispatchEvent(new Event("afterprint"));
    return {
        ...of_charts,
        unused,
        line: getComputedStyle(main, "::before").content,
        chrome: all("[data-testid=stSidebar], [data-testid=stHeader], .modebar-container").filter(shown).length,
        left_over: all(".main-svg[viewBox]").length,
    };
}"""


@pytest.mark.parametrize("path", ["verdict", "significance", "trust"])
def test_on_paper_a_page_has_no_sidebar_and_its_charts_are_whole(open_page, full_url, path):
    page = open_page()
    page.goto(f"{full_url}/{path}")
    settled(page)
    page.wait_for_selector(".js-plotly-plot .trace", state="attached")
    still(page, ".js-plotly-plot")
    page.emulate_media(media="print")
    paper = page.evaluate(ON_PAPER)
    assert paper["chrome"] == 0 and paper["unused"] < 20
    assert "Nothing here predicts an earthquake" in paper["line"]
    assert paper["marks"] and max(paper["marks"] + paper["lines"]) <= 601
    assert paper["left_over"] == 0  # on the screen Plotly has its charts back


def swiped_up(page, selector):
    """How far the page scrolls when a finger that lies on something moves up by 200 pixels."""
    box = still(page, selector)
    main = page.locator('[data-testid="stMain"]')
    before = main.evaluate("e => e.scrollTop")
    finger = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 600)
    for kind, moved in (("touchStart", 0), *(("touchMove", step) for step in range(20, 201, 20)), ("touchEnd", None)):
        points = [] if moved is None else [{"x": x, "y": y - moved}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(20)
    page.wait_for_timeout(500)
    return main.evaluate("e => e.scrollTop") - before


@pytest.mark.parametrize(
    ("path", "chart"),
    [("map", '[data-testid="stDeckGlJsonChart"] canvas'), ("record", ".st-key-record .js-plotly-plot .nsewdrag")],
)
def test_a_finger_on_a_chart_scrolls_the_page_also_where_the_browser_calls_itself_a_desktop(
    open_page, full_url, path, chart
):
    page = open_page(viewport={"width": 375, "height": 800}, has_touch=True)
    page.goto(f"{full_url}/{path}")
    settled(page)
    assert swiped_up(page, chart) > 100
    if path == "record":
        page.get_by_text("choose a shorter time above").or_(page.get_by_text("Every minute is drawn.")).first.wait_for()
        assert page.get_by_text("Double click shows everything.").count() == 0  # a finger does not
    assert page.locator(".modebar-container:visible, [data-testid=stElementToolbar]:visible").count() == 0
    clean(page)


def test_a_tap_on_a_cell_lists_its_windows(open_page, full_url):
    page = open_page(viewport={"width": 375, "height": 800}, has_touch=True)
    page.goto(f"{full_url}/results")
    settled(page)
    box = still(page, ".st-key-confusion .nsewdrag")
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.8 * box["height"])
    page.get_by_text("UTC: false alarm, probability").or_(page.get_by_text("There is no such window.")).wait_for()
    clean(page)


def test_a_click_on_a_cell_of_the_confusion_matrix_opens_a_week_of_its_windows(open_page, full_url):
    page = open_page(viewport={"width": 1280, "height": 1800})
    page.goto(f"{full_url}/results")
    settled(page)
    page.locator(".st-key-week .js-plotly-plot .trace").first.wait_for(state="attached")
    box = still(page, ".st-key-confusion .nsewdrag")
    counts = {}
    for word, x, y in (
        ("hit", 0.3, 0.3),
        ("miss", 0.8, 0.2),
        ("false alarm", 0.2, 0.7),
        ("correct negative", 0.7, 0.8),
    ):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(200)
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        found = page.get_by_text(f"UTC: {word}, probability").or_(page.get_by_text("There is no such window."))
        found.wait_for()
        counts[word] = page.get_by_text(f"UTC: {word}, probability").count()
    assert 1 in counts.values()
    clean(page)


def test_on_paper_stands_the_page_alone_and_no_chart_is_wider_than_it(open_page, full_url):
    page = open_page()
    page.goto(f"{full_url}/verdict")
    settled(page)
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.emulate_media(media="print")
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert page.locator("[data-testid=stElementToolbar]:visible").count() == 0
    page.set_viewport_size({"width": 718, "height": 1000})  # an A4 sheet with margins of a centimetre
    boxes = [plot.bounding_box() for plot in page.locator(".js-plotly-plot").all()]
    assert boxes and all(box["x"] + box["width"] <= 718 for box in boxes)
    clean(page)


def downloaded(page, button, patience=20_000, tries=4):
    """
    The file that a button gives. A table that is drawn anew just then loses a click, so it is clicked again.

    The event is sent to the button itself, wherever charts above move it to.
    """
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    with contextlib.suppress(PlaywrightTimeout):
        with page.expect_download(timeout=patience) as download:
            button.dispatch_event("click")
        return Path(download.value.path())
    assert tries > 1, "no download came"
    return downloaded(page, button, patience, tries - 1)


def test_a_table_is_downloaded_while_nothing_can_be_uploaded(open_page, full_url):
    page = open_page()
    page.goto(f"{full_url}/evaluation")
    settled(page)
    csv = downloaded(page, page.get_by_role("button", name="Download as CSV").first)
    assert len(csv.read_text(encoding="utf-8").splitlines()) > 1
    clean(page)
    assert page.evaluate(UPLOAD, f"{full_url}/_stcore/upload_file/any/mine") == 405


def test_a_chosen_row_on_home_opens_its_run(open_page, full_url, full_folder):
    page = open_page()
    page.goto(full_url)
    settled(page)
    box = still(page, ".st-key-latest canvas")
    page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box of the first row
    page.get_by_role("heading", name="Results").wait_for()
    newest = next(path.name for path in sorted((full_folder / "runs").iterdir(), key=os.path.getmtime, reverse=True))
    page.wait_for_url(f"**run={newest}**")
    clean(page)


@pytest.mark.slow
def test_words_of_the_data_and_of_an_address_stay_words(open_page, tmp_path):
    hostile_folder.fill(tmp_path)
    with serving(tmp_path, PRECURSOR_NO_DEMO="1") as url:
        asked = [
            f"{path}?{name}={quote(hostile_folder.HOSTILE)}"
            for path, name in (("results", "run"), ("record", "station"))
        ]
        for path in [*PAGES, "map?map_station=DUR", *asked]:
            page = open_page()
            page.goto(f"{url}/{path}")
            settled(page)
            page.wait_for_timeout(500)
            assert page.evaluate("window.canary") is None, path
            clean(page)
            page.context.close()
    for path in site.write(tmp_path, tmp_path / "site"):
        page = open_page(offline=True)
        page.goto(path.as_uri())
        page.wait_for_timeout(300)
        assert page.evaluate("window.canary") is None, path
        clean(page)
        page.context.close()


def test_a_click_on_the_map_chooses_the_station(open_page, full_url):
    page = open_page()
    page.goto(f"{full_url}/map")
    settled(page)
    heading = page.get_by_role("heading", name="IZN · Iznik")
    for _ in range(8):  # without a graphics card the first frames take their time, and a click before them is lost
        page.wait_for_timeout(4000)
        if heading.count():
            break
        box = still(page, '[data-testid="stDeckGlJsonChart"] canvas')
        page.mouse.click(*on_screen(box, longitude_deg=29.72, latitude_deg=40.5))
    heading.wait_for()
    assert "map_station=IZN" in page.url
    clean(page)


def on_screen(box, longitude_deg, latitude_deg):
    """Where a place lies on the map as it opens, in Mercator's projection with tiles of 512 pixels."""
    both = pd.DataFrame({"code": ["DUR", "IZN"], "latitude_deg": [41.65, 40.5], "longitude_deg": [14.466, 29.72]})
    longitude, latitude, zoom = projection.fitting_view(both, {"DUR": 200.0, "IZN": 200.0})
    scale = 512 * 2**zoom / 360

    def north(degrees):
        return math.degrees(math.asinh(math.tan(math.radians(degrees))))

    x = box["x"] + box["width"] / 2 + (longitude_deg - longitude) * scale
    return x, box["y"] + box["height"] / 2 - (north(latitude_deg) - north(latitude)) * scale


def points_and_range(page):
    """Time between two points in ms, and the x range, of the record as the browser shows it."""
    return page.wait_for_function(
        """() => {
            const plot = document.querySelector(".st-key-record .js-plotly-plot");
            const line = plot && plot.data.find(trace => (trace.hovertemplate || "").endsWith("nT"));
            if (!line) return null;
            return [line.dx, ...plot.layout.xaxis.range.map(end => Date.parse(String(end).replace(" ", "T") + "Z"))];
        }"""
    ).json_value()


def test_zooming_into_the_record_fetches_finer_data(open_page, full_url):
    page = open_page()
    page.goto(f"{full_url}/record?station=DUR&from=2016-02-01T00:00&to=2016-04-01T00:00")
    settled(page)
    page.wait_for_selector(".st-key-record .js-plotly-plot .trace", state="attached")
    box = still(page, ".st-key-record .nsewdrag", nth=1)
    coarse, start, end = points_and_range(page)
    assert coarse > 60_000
    page.mouse.move(box["x"] + box["width"] * 0.50, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.51, box["y"] + box["height"] / 2, steps=4)
    page.mouse.move(box["x"] + box["width"] * 0.52, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_function(
        """() => {
            const plot = document.querySelector(".st-key-record .js-plotly-plot");
            const line = plot && plot.data.find(trace => (trace.hovertemplate || "").endsWith("nT"));
            return line && line.dx === 60000;
        }"""
    )
    fine, zoomed_start, zoomed_end = points_and_range(page)
    assert fine == 60_000
    assert start < zoomed_start < zoomed_end < end
    assert zoomed_end - zoomed_start < 0.05 * (end - start)
    assert "from=2016-03-0" in page.url
    clean(page)


def test_a_training_is_seen_by_every_viewer_and_stops_when_one_asks(open_page, full_url, full_folder):
    long = {**full_data.SMALL, "name": "long", "training": {"epochs": 2000}}
    presets = full_folder / "experiments"
    presets.mkdir(exist_ok=True)
    (presets / "long.toml").write_text(tomli_w.dumps(long), encoding="utf-8")
    page = open_page()
    page.goto(f"{full_url}/train")
    settled(page)
    page.get_by_role("combobox", name="Start from a preset").click()
    page.get_by_role("option", name="long · yours", exact=True).click()
    page.get_by_text("203,394 parameters").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Cancel this training").wait_for()
    page.locator(".st-key-live .js-plotly-plot .trace").first.wait_for(state="attached")
    page.reload()
    page.get_by_role("button", name="Cancel this training").wait_for()
    other = open_page()
    other.goto(f"{full_url}/train")
    other.get_by_role("button", name="Cancel this training").click()
    for viewer in (page, other):
        viewer.get_by_text("Training long was cancelled").wait_for()
    assert core_jobs.running(full_folder) is None
    clean(page)
    clean(other)


def test_the_first_visit_to_an_empty_folder_starts_the_demo_once_and_shows_it(open_page, tmp_path):
    with serving(tmp_path, PRECURSOR_NO_DEMO="") as url:
        try:
            home, map_page = open_page(), open_page()
            home.goto(url)
            map_page.goto(f"{url}/map")
            home.get_by_text("Making the synthetic world").first.wait_for()
            map_page.get_by_text("this page fills by itself").wait_for()
            (job,) = core_jobs.listed(tmp_path)
            assert job.arguments == ("demo",)
            clean(home)
        finally:
            for job in core_jobs.listed(tmp_path):
                core_jobs.cancel(job.job_id, tmp_path)
                os.kill(job.pid, signal.SIGTERM)


def test_the_static_site_opens_from_disk_without_a_network(open_page, full_folder, tmp_path):
    pages = [path for path in site.write(full_folder, tmp_path / "site") if path.suffix == ".html"]
    assert len(pages) > 5
    for path in pages:
        page = open_page(offline=True)
        page.goto(path.as_uri())
        assert page.locator("h1").count() == 1
        if page.locator("[data-plot]").count():
            page.wait_for_selector(".js-plotly-plot", state="attached")
        clean(page)
