"""Damaged documents of the archive of real data: named by `archive check`, passed over or one sentence elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core import cli
from core.errors import InputError
from core.loading.archive import rebuild
from core.loading.archive.archive import Archive
from core.reporting.pages import about
from support import document_damage
from support.document_damage import DAMAGES

READING = [["coverage"], ["catalogue", "history", "italy"], ["activity"], ["archive", "check"]]
# By document, whether `archive check` names its damage.
DOCUMENTS = {
    "raw/journal.jsonl": True,
    "raw/index.jsonl": True,
    "archive/.unfinished": False,
    "archive/.writer": False,
    "archive/events/italy.json": True,
    "archive/activity/kp.json": True,
    "archive/minute/DUR/2016.sha256.json": False,
}


@pytest.fixture(scope="module")
def filled(published, tmp_path_factory) -> Path:
    """A data folder with minutes, a catalogue and Kp."""
    from core.loading.archive.ingest import ingest
    from core.loading.archive.journal import Maker, Recipe
    from core.loading.formats import recognise
    from core.loading.formats.indices import kp as activity

    data = tmp_path_factory.mktemp("filled") / "data"
    archive = Archive(data / "archive")
    ingest([published / "minutes"], archive)
    events, kp = published / "catalogue.csv", published / "kp.csv"
    how = {"name": "italy", "start": "", "end": ""}
    recipe = Recipe(Maker.EVENTS_FILE, how, (events,))
    archive.store_events("italy", recognise.read_events(events), events.name, recipe=recipe)
    archive.store_activity(activity.read(kp), kp.name, Recipe(Maker.KP_FILE, {}, (kp,)))
    return data


@pytest.fixture
def data(filled, tmp_path, monkeypatch) -> Path:
    folder = document_damage.linked_copy(filled, tmp_path / "data")
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    return folder


def said(monkeypatch, capsys, verb) -> tuple[int, str]:
    """Exit code and words of a verb; any exception but its exit fails the test."""
    monkeypatch.setattr("sys.argv", ["precursor", *verb])
    with pytest.raises(SystemExit) as end:
        cli.main()
    out, err = capsys.readouterr()
    return end.value.code or 0, out + err


def test_the_folder_that_is_damaged_below_is_sound(data, monkeypatch, capsys):
    for verb in READING:
        assert said(monkeypatch, capsys, verb)[0] == 0
    assert Archive(data / "archive").check().empty


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("damage", ["empty", "not UTF-8", "lists in lists", "a list", "a folder"])
def test_verbs_over_a_damaged_document_say_so_or_go_on(data, monkeypatch, capsys, document, damage):
    path = data / document
    document_damage.put(path, DAMAGES[damage])
    for verb in READING:
        code, words = said(monkeypatch, capsys, verb)
        assert code in (0, 1, 2), words
        assert code != 2 or words.startswith("Error: "), words
    if DOCUMENTS[document] and damage != "empty":
        document_damage.put(path, DAMAGES[damage])  # a writer takes an unfinished mark away
        code, words = said(monkeypatch, capsys, ["archive", "check"])
        assert path.name in words and code in (1, 2)


LINES = {
    "nested too deep": b"[" * 100_000,
    "not UTF-8": b'{"url": "\xff"}',
    "5000 digits": b'{"status": ' + b"9" * 5000 + b"}",
    "a list": b"[1]",
    "a number": b"5",
    "an empty table": b"{}",
    "null bytes": b"\0" * 9,
}


@pytest.mark.parametrize("name", ["journal.jsonl", "index.jsonl"])
@pytest.mark.parametrize("damage", LINES)
def test_a_damaged_line_is_named_with_its_number_and_the_others_stand(data, name, damage):
    path = data / "raw" / name
    before = len(Archive(data / "archive").journal.steps())
    sound = [line for line in (path.read_bytes() if path.exists() else b"").split(b"\n") if line]
    document_damage.put(path, b"\n".join([*sound, LINES[damage]]) + b"\n")
    archive = Archive(data / "archive")
    assert len(archive.journal.steps()) == before
    found = archive.check()
    assert f"line {len(sound) + 1}: cut off or damaged" in " ".join(found["problem"])


def test_a_line_of_the_journal_with_values_of_other_kinds_is_no_step(data):
    archive = Archive(data / "archive")
    path, steps = archive.journal.path, archive.journal.steps()
    first, *others = path.read_bytes().splitlines()
    for name, changed in document_damage.values_of_other_kinds(json.loads(first)).items():
        document_damage.put(path, b"\n".join([json.dumps(changed).encode(), *others]) + b"\n")
        kept = archive.journal.steps()
        assert kept[-1] == steps[-1] and len(kept) in (len(steps), len(steps) - 1), name
        rebuild.rebuild(archive.journal, Archive(data / f"again {name[:9]}"))


@pytest.mark.parametrize("content", [b"\xff\xfe2016", b"", b"[" * 9000, b"yesterday\0"])
def test_a_damaged_mark_of_a_killed_writer_lets_what_was_noted_be_stored(data, content):
    """The kill came between the journal and the archive: Kp is noted and not stored."""
    archive = Archive(data / "archive")
    whole = archive.activity()
    for path in (data / "archive" / "activity").iterdir():
        path.unlink()
    document_damage.put(data / "archive" / ".unfinished", content)
    assert Archive(data / "archive").activity().empty
    with Archive(data / "archive").alone():
        pass
    pd.testing.assert_frame_equal(Archive(data / "archive").activity(), whole)
    assert not (data / "archive" / ".unfinished").exists()


@pytest.mark.parametrize("damage", ["cut", "not UTF-8", "lists in lists", "5000 digits", "a list", "an empty table"])
@pytest.mark.parametrize("name", ["events/italy.parquet", "activity/kp.parquet", "minute/DUR/2016.parquet"])
def test_damaged_facts_within_a_parquet_file_are_one_sentence(data, name, damage):
    path = data / "archive" / name
    table = pq.read_table(path)
    path.unlink()
    pq.write_table(table.replace_schema_metadata({b"precursor": DAMAGES[damage], b"pandas": DAMAGES[damage]}), path)
    archive = Archive(data / "archive")
    for read in (archive.coverage, archive.events, archive.activity, lambda: archive.minute("DUR"), archive.check):
        try:
            read()
        except InputError as error:
            assert path.name in str(error) and "\n" not in str(error)


OF_NO_ORIGIN = {
    "a list": b"[]",
    "cut": b'{"origin": "italy.csv"',
    "an origin that is a number": b'{"origin": 5, "retrieved": "2026-11-22T18:41:05+00:00", "notes": []}',
    "a time that is none": b'{"origin": "italy.csv", "retrieved": "yesterday", "notes": []}',
    "no time": b'{"origin": "italy.csv", "notes": []}',
}


@pytest.mark.parametrize("damage", OF_NO_ORIGIN)
def test_a_catalogue_whose_origin_is_lost_is_listed_with_a_sentence_that_says_so(data, monkeypatch, capsys, damage):
    beside = data / "archive" / "events" / "italy.json"
    document_damage.put(beside, OF_NO_ORIGIN[damage])
    for verb in (["catalogue"], ["catalogue", "history", "italy"], ["activity"], ["archive", "check"]):
        code, words = said(monkeypatch, capsys, verb)
        assert (code in (0, 1)) and ("italy.json" in words) == (verb != ["activity"]), (verb, words)


def test_an_index_whose_origin_is_lost_is_listed_with_a_sentence_that_says_so(data, monkeypatch, capsys):
    document_damage.put(data / "archive" / "activity" / "kp.json", b"[]")
    code, words = said(monkeypatch, capsys, ["activity"])
    assert code == 0 and "kp.json" in words and "kp.json" not in said(monkeypatch, capsys, ["catalogue"])[1]


def test_a_preview_says_that_the_origin_of_its_catalogue_is_lost(data, tmp_path, monkeypatch, capsys):
    config = tmp_path / "look.toml"
    config.write_text('name = "look"\n[data]\nstations = ["DUR"]\n')
    assert "italy.json" not in said(monkeypatch, capsys, ["preview", str(config)])[1]
    document_damage.put(data / "archive" / "events" / "italy.json", b"[]")
    assert "italy.json" in said(monkeypatch, capsys, ["preview", str(config)])[1]


def test_a_catalogue_that_is_stored_again_from_its_source_has_an_origin_again(data, published, monkeypatch, capsys):
    beside = data / "archive" / "events" / "italy.json"
    document_damage.put(beside, b"[]")
    store = ["catalogue", str(published / "catalogue.csv"), "--name", "italy"]
    assert said(monkeypatch, capsys, store)[0] == 0
    assert json.loads(beside.read_text())["origin"] == "catalogue.csv"
    assert said(monkeypatch, capsys, ["archive", "check"])[0] == 0


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"version": "x"}', b'{"version": 99}'])
def test_a_damaged_or_newer_version_of_the_archive_is_one_sentence_that_names_the_file_once(
    data, monkeypatch, capsys, content
):
    path = data / "archive" / "version.json"
    document_damage.put(path, content)
    code, words = said(monkeypatch, capsys, ["catalogue"])
    assert code == 2 and words.count("Error: ") == 1 and words.count("version.json") <= 1 and ".." not in words, words


def test_the_site_says_of_a_catalogue_that_its_origin_is_not_known(data):
    document_damage.put(data / "archive" / "events" / "italy.json", b"[]")
    (row,) = about.catalogues({"archive": Archive(data / "archive")}).rows
    assert [cell.text for cell in row].count("not known") == 1
