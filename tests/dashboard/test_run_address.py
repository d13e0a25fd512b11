"""In a real browser: the run and the station of the address stay from page to page, and Back undoes what was chosen."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from core.runs.runs import RunStore
from support.browser_page import clean, settled, still

pytestmark = pytest.mark.browser

OF_A_RUN = (
    "Verdict",
    "Evaluation",
    "Significance",
    "How chance looks",
    "Dataset audit",
    "Explain",
    "Forecast",
    "Results",
)


@pytest.fixture
def older(full_folder):
    """The run that no page shows by itself: each opens on the newest."""
    newest, *others = RunStore(full_folder).ids()
    return next(run_id for run_id in [newest, *others] if run_id.startswith("small-random"))


def go(page, name):
    """Click a page on the menu and wait until it stands there."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"{name}$")).click()
    page.get_by_role("heading", name=name, level=1, exact=True).wait_for()
    settled(page)


def says(page, **expected):
    """Wait until the address says what is expected; returns all that it says."""
    for name, value in expected.items():
        page.wait_for_url(lambda url, name=name, value=value: parse_qs(urlsplit(url).query).get(name) == [value])
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def shows(page, value, label="Run"):
    """Wait until a list shows a value that begins so."""
    page.wait_for_function(
        """([label, value]) => [...document.querySelectorAll('[data-testid=stSelectbox]')].some(list =>
            list.querySelector('label')?.innerText.trim() === label &&
            list.querySelector('input')?.value.startsWith(value))""",
        arg=[label, value],
    )


def steps(page):
    return page.evaluate("history.length")


def test_the_run_of_the_address_stays_on_every_page_that_the_menu_opens(open_page, full_url, older):
    page = open_page()
    page.goto(f"{full_url}/results?run={older}")
    settled(page)
    for name in OF_A_RUN:
        go(page, name)
        shows(page, older)
        says(page, run=older)
    go(page, "Windows")
    shows(page, f"run {older}", "Configuration")
    says(page, run=older)
    go(page, "Compare")
    shows(page, older, "Held against")
    go(page, "Forecast")
    page.get_by_text("This run has not been slid over DUR yet.").wait_for()  # the newest has been
    clean(page)


def test_a_run_chosen_from_the_list_is_kept_and_back_undoes_the_choice(open_page, full_url, full_folder, older):
    newest = next(run_id for run_id in RunStore(full_folder).ids() if run_id != older)
    page = open_page()
    page.goto(f"{full_url}/results?run={newest}")
    settled(page)
    says(page, run=newest)
    page.get_by_role("combobox", name="Run", exact=True).click()
    page.get_by_role("option", name=older).click()
    says(page, run=older)
    settled(page)
    go(page, "Verdict")
    shows(page, older)
    page.go_back()
    page.get_by_role("heading", name="Results", level=1).wait_for()
    shows(page, older)
    page.go_back()
    says(page, run=newest)
    shows(page, newest)
    page.go_forward()
    says(page, run=older)
    shows(page, older)
    clean(page)


def test_one_click_is_one_step_back(open_page, full_url, older):
    page = open_page()
    page.goto(f"{full_url}/results?run={older}")
    settled(page)
    says(page, run=older)
    before = steps(page)
    opened = ["Results"]
    for name in ("Verdict", "Record", "Map", "Forecast"):
        go(page, name)
        opened.append(name)
        page.wait_for_url("**source=**")
        assert steps(page) == before + len(opened) - 1, name
    for name in reversed(opened[:-1]):
        page.go_back()
        page.get_by_role("heading", name=name, level=1, exact=True).wait_for()
        settled(page)
    says(page, run=older)
    clean(page)


def test_a_row_opens_its_run_in_one_step_and_back_leads_home(open_page, full_url):
    page = open_page()
    page.goto(full_url)
    settled(page)
    page.wait_for_url("**source=**")
    before = steps(page)
    box = still(page, ".st-key-latest canvas")
    page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box of the first row
    page.get_by_role("heading", name="Results", level=1).wait_for()
    settled(page)
    page.wait_for_url("**run=small-**")
    assert steps(page) == before + 1
    page.go_back()
    page.get_by_role("heading", name="Geomagnetic Precursor Lab").wait_for()
    settled(page)
    assert "run" not in says(page)
    clean(page)


def test_a_row_opens_its_run_also_where_the_address_says_which_runs_are_compared(open_page, full_url, older):
    page = open_page()
    page.goto(f"{full_url}/compare?runs={older}")
    settled(page)
    box = still(page, ".st-key-compared canvas")
    page.mouse.click(box["x"] + 18, box["y"] + 52)
    page.get_by_role("heading", name="Results", level=1).wait_for()
    shows(page, older)
    assert "runs" not in says(page, run=older)
    clean(page)


def test_a_copied_address_a_reload_and_a_new_tab_show_the_same_run(open_page, full_url, older):
    page = open_page()
    page.goto(f"{full_url}/results?run={older}")
    settled(page)
    go(page, "Verdict")
    says(page, run=older)
    page.reload()
    shows(page, older)
    other = open_page()
    other.goto(page.url)
    shows(other, older)
    for link in (
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Evaluation"),
        page.get_by_role("link", name="Could it be luck?"),
    ):
        page.wait_for_function("link => link.href.includes('run=')", arg=link.element_handle())
        other.goto(page.evaluate("link => link.href", link.element_handle()))
        shows(other, older)
    clean(page)


def test_two_tabs_of_a_browser_keep_their_own_runs(open_page, full_url, full_folder):
    first, second = RunStore(full_folder).ids()[:2]
    page = open_page()
    other = page.context.new_page()
    for tab, run_id in ((page, first), (other, second)):
        tab.goto(f"{full_url}/results?run={run_id}")
        settled(tab)
    for tab, run_id in ((page, first), (other, second)):
        go(tab, "Verdict")
        shows(tab, run_id)
    clean(page)


@pytest.mark.parametrize("path", ["results", "verdict", "windows", "explain", "forecast"])
def test_a_run_that_is_not_here_is_said_and_none_is_shown_in_its_place(open_page, full_url, older, path):
    page = open_page()
    page.goto(f"{full_url}/{path}?run=no-such-run")
    page.get_by_text("There is no run 'no-such-run' here.").wait_for()
    settled(page)
    assert page.get_by_text("small-").count() == 0
    assert says(page)["run"] == "no-such-run"
    label = "Configuration" if path == "windows" else "Run"
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=older).click()
    says(page, run=older)
    shows(page, f"run {older}" if path == "windows" else older, label)
    page.get_by_text("There is no run").wait_for(state="detached")
    clean(page)


def test_a_station_chosen_on_the_map_is_that_of_the_record_and_of_the_coverage(open_page, full_url):
    page = open_page()
    page.goto(f"{full_url}/map?map_station=IZN")
    settled(page)
    for name in ("Record", "Coverage", "Forecast"):
        go(page, name)
        shows(page, "IZN", "Station")
        says(page, station="IZN")
    assert not {"from", "to", "map_station"} & set(says(page))
    page.goto(f"{full_url}/coverage?station=QQQ")
    page.get_by_text("There is no station 'QQQ' here. DUR · Duronia is shown instead.").wait_for()
    clean(page)


@pytest.mark.parametrize("name", ["About", "Map", "Learning curves", "Record", "Train", "The paper"])
def test_a_reload_of_a_page_without_a_list_of_runs_keeps_the_run(open_page, full_url, older, name):
    page = open_page()
    page.goto(f"{full_url}/results?run={older}")
    settled(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"{name}$")).click()
    page.wait_for_url(re.compile(f"/({name.split()[-1].lower()}|learning_curves)"))
    settled(page)
    says(page, run=older)
    page.reload()
    settled(page)
    go(page, "Verdict")
    shows(page, older)
    says(page, run=older)
    clean(page)


def test_a_row_of_home_opens_its_run_in_one_step_also_after_another_run_was_shown(
    open_page, full_url, full_folder, older
):
    page = open_page()
    page.goto(f"{full_url}/results?run={older}")
    settled(page)
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("Home$")).click()
    page.get_by_role("heading", name="Geomagnetic Precursor Lab").wait_for()
    settled(page)
    before = steps(page)
    box = still(page, ".st-key-latest canvas")
    page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box of the first row, the newest run
    page.get_by_role("heading", name="Results", level=1).wait_for()
    settled(page)
    shows(page, RunStore(full_folder).ids()[0])
    assert steps(page) == before + 1
    page.go_back()
    page.get_by_role("heading", name="Geomagnetic Precursor Lab").wait_for()
    clean(page)


def test_an_empty_run_is_none_and_of_two_the_first_is_shown(open_page, full_url, full_folder, older):
    newest = RunStore(full_folder).ids()[0]
    page = open_page()
    page.goto(f"{full_url}/verdict?run=")
    shows(page, newest)
    says(page, run=newest)
    page.goto(f"{full_url}/verdict?run={older}&run={newest}")
    shows(page, older)
    clean(page)
