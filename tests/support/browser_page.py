"""A page in a real browser: at rest, and without a fault or a request that left the machine."""

from __future__ import annotations

import pytest

STILL = """(all, nth) => {
    const found = all[nth];
    if (!found) return null;
    if (found !== window.lastFound) { window.lastFound = found; window.timesFound = (window.timesFound || 0) + 1; }
    found.scrollIntoViewIfNeeded();
    const { x, y, width, height } = found.getBoundingClientRect();
    return { x, y, width, height, found: window.timesFound };
}"""


LOCAL = ("http://127.0.0.1", "data:", "blob:", "file:")


def note(page, message):
    """Keep an error that a page wrote on its console."""
    # on a deep link Streamlit first asks for its own files beside the page, and gets a 404
    if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
        page.problems.append(message.text)


def settled(page):
    """Wait until a page has run to its end; it shows no exception."""
    page.wait_for_selector("h1")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    assert page.locator('[data-testid="stException"]').count() == 0


def clean(page):
    """Nothing left the machine, and the console shows no error."""
    assert page.outside == []
    assert page.problems == []


def still(page, selector, nth=0):
    """Scroll to something and return its box, once the same element has stood in the same place for a second."""
    before, times = None, 0
    for _ in range(300):  # a chart is drawn anew while its page settles, and an element that was found then is gone
        box = page.locator(selector).evaluate_all(STILL, nth)
        times = times + 1 if box is not None and box == before else 0
        if times == 5:
            return box
        before = box
        page.wait_for_timeout(200)
    pytest.fail(f"{selector} does not come to rest: {before}")
