"""Everything that a notebook meets says what it is in a line, and in HTML that a stranger's words cannot leave."""

from __future__ import annotations

import html.parser
import shutil

import pandas as pd
import pytest

from core import Lab, jupyter
from core import config as configs
from core.loading.archive.fetching import Fetched
from support.small_run import SMALL

HOSTILE = "<script>alert('x')</script> & <b>"
CONFIG = configs.replace(SMALL, description=HOSTILE)
KINDS = ("lab", "runs", "run", "judged", "verdict", "windows", "preview", "config", "archive", "record", "fetched")


@pytest.fixture(scope="module")
def shown(home) -> dict[str, object]:
    """One of each, of made-up data."""
    lab = Lab(home)
    run = lab.train(CONFIG)
    judged = lab.assess(run)
    return {
        "lab": lab,
        "runs": lab.runs,
        "run": run,
        "judged": judged,
        "verdict": judged.verdict,
        "windows": lab.windows(CONFIG),
        "preview": lab.preview(CONFIG),
        "config": CONFIG,
        "archive": lab.source(CONFIG),
        "record": lab.source(CONFIG).minute("DUR", "2016-02-01", "2016-02-03"),
        "fetched": Fetched(pd.DataFrame({"outcome": ["data", "failed"], "message": ["", HOSTILE]}), (HOSTILE,), 1),
    }


class Tags(html.parser.HTMLParser):
    """The names of the tags in a piece of HTML, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_says_what_it_is(shown, kind):
    line = repr(shown[kind])
    assert line.startswith("<") and line.endswith(">") and "\n" not in line
    assert len(line.replace(str(shown["lab"].folder), "data")) <= 120


@pytest.mark.parametrize("kind", KINDS)
def test_the_html_is_whole_and_has_no_tag_that_a_description_brought(shown, kind):
    page = shown[kind]._repr_html_()
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert tags.names <= {"div", "strong", "span", "table", "tr", "th", "td", "p"}
    assert HOSTILE not in page


@pytest.mark.parametrize("kind", ["run", "verdict", "judged", "windows", "config", "archive", "record"])
def test_what_is_made_up_says_so_in_both(shown, kind):
    assert "synthetic" in repr(shown[kind]) and jupyter.MADE_UP in shown[kind]._repr_html_()


def test_a_score_stands_beside_what_chance_gives(shown):
    assert "chance 0.5" in repr(shown["run"])
    assert "Chance is an AUC of 0.5" in shown["run"]._repr_html_()
    assert "Chance is an AUC of 0.5" in shown["runs"]._repr_html_()


def test_every_caveat_of_a_run_and_the_whole_headline_of_a_verdict_stand_on_its_card(shown):
    words = html.unescape(shown["run"]._repr_html_())
    assert all(caveat.sentence in words for caveat in shown["run"].caveats)
    assert shown["verdict"].headline in html.unescape(shown["judged"]._repr_html_())


def test_the_card_of_windows_counts_every_candidate_once(shown):
    windows = shown["windows"]
    rows = [row for row in windows._repr_html_().split("<tr>") if "</td>" in row]
    counts = [int(row.rsplit("</td>", 1)[0].rsplit(">", 1)[1]) for row in rows if row.count("</td>") in (3, 4)]
    assert sum(counts) == len(windows.table)


def test_a_damaged_run_still_shows_itself(shown, tmp_path):
    shutil.copytree(shown["lab"].folder, tmp_path / "data")
    lab = Lab(tmp_path / "data")
    run = lab.runs[0]
    (run.folder / "scores.json").write_text("{", encoding="utf-8")
    again = Lab(tmp_path / "data").runs[run.run_id]
    assert repr(again) == f"<Run {run.run_id}: its folder is damaged>"
    assert "scores.json" in again._repr_html_() and "scores.json" in Lab(tmp_path / "data").runs._repr_html_()


def test_an_empty_lab_says_that_it_is_empty_and_makes_no_folder(tmp_path):
    lab = Lab(tmp_path / "new")
    assert repr(lab) == f"<Lab {tmp_path / 'new'}: empty>" and repr(lab.runs) == "<0 runs>"
    assert "0 runs" in lab._repr_html_() and repr(lab.archive).endswith(": empty>")
    assert not (tmp_path / "new").exists()


def test_a_long_table_says_how_many_rows_are_left_out():
    page = jupyter.table(["n"], [[n] for n in range(100)])
    assert "and 70 more" in page and "<td" in page and ">29<" in page and ">30<" not in page
