"""One table of formats, and every recipe of the journal can be taken again."""

import ast
import inspect
import os

import pytest

from core.data_folder import ROOT
from core.errors import InputError
from core.loading.archive import rebuild
from core.loading.archive.journal import Maker
from core.loading.formats import recognise
from core.loading.formats.recognise import FORMATS, Kind
from support import wdc_text

# Modules of the formats' rooms that are parts of a reader, or whose files nothing can tell from any other CSV.
PARTS = {"assembly", "by_mapping", "cdf_check", "columns", "isf", "header", "rows", "seconds", "__init__"}


def test_every_reader_of_the_formats_room_stands_in_the_table():
    files = (ROOT / "core" / "loading" / "formats").glob("*/*.py")
    readers = {path.stem for path in files} - PARTS | {"iaga2002"}
    table = {inspect.getmodule(each.read).__name__.rsplit(".", 1)[-1] for each in FORMATS}
    assert table == readers


def test_no_client_of_a_service_picks_a_reader_by_itself():
    # Beside the table: what bytes are, the sentence of an empty file, the schema of Kp.
    allowed = {"recognise", "unpacking", "nothing", "indices.kp"}
    rooms = "core.loading.formats."
    for path in (ROOT / "core" / "loading" / "services").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(rooms):
                names = {f"{node.module}.{alias.name}".removeprefix(rooms) for alias in node.names}
                modules = {name for name in names if name.split(".")[-1][0].islower()} or {node.module[len(rooms) :]}
                assert modules <= allowed, f"{path.name} imports {modules}"


@pytest.mark.parametrize("maker", Maker, ids=str)
def test_every_recipe_that_can_be_written_down_can_be_taken_again(maker):
    assert maker in rebuild.READERS


def test_no_recipe_is_written_down_under_a_name_of_its_own():
    for path in (ROOT / "core").rglob("*.py"):
        assert 'Recipe("' not in path.read_text(encoding="utf-8"), path


def test_the_words_of_recipes_are_those_that_stand_in_journals():
    # Written down by every version so far; a journal with them must be read for ever.
    assert {str(maker) for maker in Maker} == {
        "minute file",
        "events file",
        "events added from a file",
        "Kp file",
        "Dst file",
        "merge",
        "Mw proxies",
        "minutes of a service",
        "events of a service",
        "Kp of a service",
    }


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"DATATYPE CssiSpaceWeather\nVERSION 1.2\n", "Kp of CelesTrak or GFZ"),
        (b'{"meta": {"source": "GFZ Potsdam"}, "datetime": ["2024-05-10T00:00:00Z", ', "Kp JSON of GFZ"),
        (b"DST1503*17RRX220   0   4\n", "Dst of Kyoto"),
        (
            b"#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|"
            b"MagAuthor|EventLocationName\n",
            "FDSN text",
        ),
        (b" Format                 IAGA-2002                                    |\n", "IAGA-2002"),
        (b'<?xml version="1.0"?>\n<q:quakeml xmlns:q="http://quakeml.org/xmlns/quakeml/1.2">', "QuakeML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_known_by_its_beginning(head, name):
    assert recognise.format_of(head).name == name


def test_a_kind_that_is_not_asked_for_is_not_found():
    assert recognise.format_of(b"DST1503*17RRX220   0   4\n", Kind.EVENTS, Kind.MINUTES) is None
    assert recognise.format_of(b"nothing of the kind") is None


STRANGE = {
    "a number.json": (b"[1, 2, 3]", "begins with '[1, 2, 3]'"),
    "an object.json": (b'{"hello": [1, 2, 3]}', "begins with '{\"hello\": [1, 2, 3]}'"),
    "bytes.txt": (b"\x01\x02\x80 abc \x05\n\x07 def\n", "binary, not text"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_is_refused_in_words_that_show_it_as_it_is(tmp_path, name):
    content, words = STRANGE[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refusal:
        recognise.read_events(tmp_path / name)
    assert words in str(refusal.value)


def test_hourly_means_are_sent_to_the_verb_that_shows_them(tmp_path):
    path = tmp_path / "hours.wdc"
    path.write_text(wdc_text.daily(200, [100] * 24))
    for reader in (recognise.read_events, recognise.read_index):
        with pytest.raises(InputError, match=r"hourly means.*`precursor hourly` takes it"):
            reader(path)
    with pytest.raises(InputError, match=r"`precursor hourly FILE` shows this one"):
        recognise.read_minutes(path)


def test_a_catalogue_is_no_index_and_the_verb_that_takes_it_is_named(tmp_path):
    path = tmp_path / "events.txt"
    names = "#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude"
    path.write_text(f"{names}|MagAuthor|EventLocationName\n")
    with pytest.raises(
        InputError, match=r"an earthquake catalogue \(FDSN text\), no file of Kp or Dst. `precursor catal"
    ):
        recognise.read_index(path)


@pytest.mark.parametrize("reader", [recognise.read_events, recognise.read_index, recognise.read_minutes])
def test_a_pipe_is_not_waited_for_but_said_to_be_no_file(tmp_path, reader):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe: cannot be read .It is no regular file"):
        reader(tmp_path / "pipe")


def test_letters_of_an_old_encoding_are_shown_as_they_are(tmp_path):
    (tmp_path / "old.txt").write_bytes("Şile ve Gölcük\nİzmir\n".encode("cp1254"))
    with pytest.raises(InputError, match="begins with 'Şile ve Gölcük'"):
        recognise.read_minutes(tmp_path / "old.txt")
