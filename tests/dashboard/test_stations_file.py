"""A slip in the table of stations, which users edit: every verb and every page says it, with its line, or goes on."""

import pytest
from streamlit.testing.v1 import AppTest

from core import shipped, stations
from core.runs.runs import RunStore
from support.page_texts import HOME, VIEWS, words

VERBS = [
    ["stations"],
    ["coverage"],
    ["runs"],
    ["show", "RUN"],
    ["preview", "demo-honest"],
    ["verdict", "RUN"],
    ["ledger"],
    ["archive", "check"],
    ["catalogue"],
    ["activity"],
    ["fetch", "all", "DUR", "--start", "2016-01-01", "--end", "2016-01-02"],
    ["site", "OUT"],
]


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A copy of the project's table, read in its place; the text of it."""
    text = (shipped.folder() / stations.TABLE).read_text(encoding="utf-8")
    path = tmp_path / "stations.toml"
    path.write_text(text, encoding="utf-8")
    others = shipped.layers
    monkeypatch.setattr(
        shipped, "layers", lambda name, *where: [path] if name == stations.TABLE else others(name, *where)
    )
    return path


@pytest.fixture
def slip(table):
    """The same with a latitude in quotes."""
    text = table.read_text(encoding="utf-8")
    line = text.split("\n").index("latitude_deg = 41.650") + 1
    table.write_text(text.replace("latitude_deg = 41.650", 'latitude_deg = "41.650"', 1), encoding="utf-8")
    return f"{table}, line {line}: latitude_deg = '41.650' is text, not a number."


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: " ".join(verb[:2]))
def test_a_verb_says_the_slip_with_its_line_or_does_without_stations(precursor, full_folder, slip, tmp_path, verb):
    names = {"OUT": str(tmp_path / "site"), "RUN": RunStore(full_folder).ids()[0]}
    code, out, err = precursor(*(names.get(word, word) for word in verb), "--data", full_folder)
    assert "Traceback" not in out + err
    assert code == 0 or (code == 2 and slip in err)


def test_the_verbs_that_need_a_place_say_the_slip(precursor, full_folder, slip):
    for verb in (["stations"], ["preview", "demo-honest"], ["fetch", "all", "DUR", "--start", "2016-01-01"]):
        code, _, err = precursor(*verb, "--data", full_folder)
        assert code == 2 and err == f"Error: {slip}\n"


@pytest.fixture
def visitor(full_folder, monkeypatch):
    """A visitor of a data folder that holds everything."""
    monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    return AppTest.from_file(HOME, default_timeout=60)


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_says_the_slip_or_does_without_stations(visitor, slip, view):
    visitor.run()
    visitor.switch_page(f"views/{view}").run()
    assert not visitor.exception, [error.stack_trace for error in visitor.exception]
    if visitor.error and view != "trust.py":  # which needs no station; its red rows miss their bar
        assert slip.split(", ")[-1] in words(visitor)


def test_the_pages_that_need_a_place_say_the_slip(visitor, slip):
    visitor.run()
    for view in ("map.py", "windows.py", "about.py"):
        visitor.switch_page(f"views/{view}").run()
        assert slip.split(", ")[-1] in "\n".join(error.value for error in visitor.error)


def test_a_repair_of_the_table_is_seen_by_the_next_page(visitor, table):
    text = table.read_text(encoding="utf-8")
    visitor.run()
    visitor.switch_page("views/about.py").run()
    assert not visitor.error
    table.write_text(text.replace('"Duronia"', '"Duronia', 1), encoding="utf-8")
    visitor.run()
    assert "this is not TOML" in visitor.error[0].value
    table.write_text(text.replace('"Duronia"', '"Duronia on the hill"', 1), encoding="utf-8")
    visitor.run()
    assert not visitor.error
    assert "Duronia on the hill" in "\n".join(table.value.to_csv() for table in visitor.dataframe)


def test_a_moved_station_moves_on_the_map(visitor, table):
    visitor.run()
    visitor.switch_page("views/map.py").run()
    before = visitor.get("deck_gl_json_chart")[0].proto.json
    assert "41.65" in before and "40.98765" not in before
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("latitude_deg = 41.650", "latitude_deg = 40.98765", 1), encoding="utf-8")
    visitor.run()
    assert "40.98765" in visitor.get("deck_gl_json_chart")[0].proto.json
