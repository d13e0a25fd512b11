"""A real browser, and pages in it that remember their faults."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.browser_page import LOCAL, note
from support.live_dashboard import serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="module")
def full_url(full_folder):
    with serving(full_folder, PRECURSOR_NO_DEMO="1") as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    assert Path(CHROMIUM).exists(), f"There is no Chromium at {CHROMIUM}; install Debian's package or set CHROMIUM."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    """Open pages that remember their console errors and every request that left the machine."""
    contexts = []

    def open_one(**options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.outside, page.problems = [], []
        page.on("request", lambda r: None if r.url.startswith(LOCAL) else page.outside.append(r.url))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda message: note(page, message))
        return page

    yield open_one
    for context in contexts:
        context.close()
