"""In a real browser: a change between light and dark repaints every chart, without a reload."""

from __future__ import annotations

import pytest

from support.browser_page import clean, settled

pytestmark = pytest.mark.browser

WITH_CHARTS = [
    "",
    "record",
    "coverage",
    "windows",
    "audit",
    "results",
    "compare",
    "learning_curves",
    "verdict",
    "evaluation",
    "significance",
    "forecast",
]
LOWEST = 3.0  # WCAG's contrast of parts of a graphic
PALE = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const parts = colour => numbers(colour).length > 3 ? numbers(colour) : [...numbers(colour), 1];
    const light = colour => colour.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = parts(getComputedStyle(app).backgroundColor);
    const texts = [...document.querySelectorAll("[data-testid=stPlotlyChart] svg text")]
        .filter(text => text.textContent.trim());
    return {
        scheme: getComputedStyle(app).colorScheme,
        n: texts.length,
        pale: texts.map(text => {
            const style = getComputedStyle(text), ink = parts(style.fill);
            const share = ink[3] * style.fillOpacity * style.opacity;
            const seen = light(ground.slice(0, 3).map((v, i) => share * ink[i] + (1 - share) * v));
            const [low, high] = [seen, light(ground)].sort((a, b) => a - b);
            return [text.textContent, style.fill, (high + 0.05) / (low + 0.05)];
        }).filter(([, , contrast]) => contrast < LOWEST),
    };
}""".replace("LOWEST", str(LOWEST))


def readable(page, scheme):
    """Wait until the page is in a scheme and every text in its charts can be read; the last look if that never is."""
    for _ in range(150):
        seen = page.evaluate(PALE)
        if seen["scheme"] == scheme and seen["n"] and not seen["pale"]:
            return
        page.wait_for_timeout(200)
    pytest.fail(str(seen))


@pytest.mark.parametrize("path", WITH_CHARTS)
def test_every_text_of_every_chart_can_be_read_after_the_machine_changes_between_light_and_dark(
    open_page, full_url, path
):
    page = open_page(color_scheme="light")
    page.goto(f"{full_url}/{path}")
    settled(page)
    page.evaluate("window.sameDocument = true")
    readable(page, "light")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        readable(page, scheme)
    assert page.evaluate("window.sameDocument")
    clean(page)


def test_the_choice_of_light_or_dark_in_the_menu_repaints_the_charts_too(open_page, full_url):
    page = open_page(color_scheme="light")
    page.goto(f"{full_url}/significance")
    settled(page)
    readable(page, "light")
    page.get_by_test_id("stMainMenu").get_by_role("button").first.click()
    for name, scheme in (("Dark", "dark"), ("Light", "light")):  # the menu stays open
        page.get_by_test_id(f"stMainMenuItem-theme-{name}").click()
        readable(page, scheme)
    clean(page)


def test_the_map_is_drawn_anew_in_the_other_mode(open_page, full_url):
    page = open_page(color_scheme="light")
    styles = []
    page.on("request", lambda request: styles.append(request.url) if "basemap_" in request.url else None)
    page.goto(f"{full_url}/map")
    page.wait_for_selector('[data-testid="stDeckGlJsonChart"] canvas')
    settled(page)
    with page.expect_response("**/basemap_dark.json"):
        page.emulate_media(color_scheme="dark")
    assert [url.rpartition("/")[2] for url in styles][:2] == ["basemap_light.json", "basemap_dark.json"]
    clean(page)
