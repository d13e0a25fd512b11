"""A name from a stored document, an argument or an address is a plain file name, or it is refused in one sentence."""

import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from core import files
from core.errors import InputError
from core.loading.archive import rebuild
from core.loading.archive.archive import Archive
from core.loading.archive.journal import ArchiveJournal
from core.loading.archive.minute_store import MinuteStore
from core.loading.services import iaga2002_answer
from core.loading.services.http import Reply
from support import strangers
from support.fake_server import Fake
from support.fake_services import Gin
from support.strangers import NAMES


@pytest.fixture
def outside(tmp_path):
    """A folder beside the data folder into which nothing may be written."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "authorized_keys").write_text("mine")
    return folder


def spelt(name, outside):
    return name.replace("{outside}", str(outside)) if isinstance(name, str) else name


def everything_but(folder, but):
    return {name: what for name, what in strangers.tree(folder).items() if not name.startswith(but.name)}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_a_name_that_is_no_plain_file_name_is_refused_with_where_it_stood(name, tmp_path, outside):
    with pytest.raises(InputError, match=r"^the journal: .* expected a plain file name") as caught:
        files.child(tmp_path, spelt(name, outside), "the journal")
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value) and "\0" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["a.min", "dur20160101dmin.min.gz", ".hidden", "a b (1).csv", "Größe.min", "a..b", "é" * 127]
)
def test_a_plain_file_name_stands(name, tmp_path):
    assert files.child(tmp_path, name, "the journal") == Path(str(tmp_path), name)


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(name, str)], ids=lambda name: ascii(name)[:30])
def test_no_name_in_a_journal_leads_out_when_the_archive_is_opened_for_writing(name, data_folder, tmp_path, outside):
    strangers.note(data_folder, spelt(name, outside), strangers.keep(data_folder, strangers.minute_bytes(tmp_path)))
    strangers.leave_unfinished(data_folder)
    before = everything_but(tmp_path, data_folder)
    archive = Archive(data_folder / "archive")
    with archive.alone():
        pass
    assert everything_but(tmp_path, data_folder) == before
    assert archive.stations() == []
    assert not (data_folder / "archive" / ".unfinished").exists()


@pytest.mark.parametrize("name", ["../../../x", "/planted"])
def test_check_and_rebuild_name_the_line_with_a_name_that_leads_out(name, precursor, data_folder, tmp_path):
    strangers.note(data_folder, name, strangers.keep(data_folder, strangers.minute_bytes(tmp_path)))
    code, out, _ = precursor("archive", "check", "--json")
    (row,) = json.loads(out)
    assert code == 1 and row["file"].endswith("journal.jsonl")
    assert "line 1" in row["problem"] and repr(name) in row["problem"]
    code, _, err = precursor("archive", "rebuild")
    assert code == 1 and "expected a plain file name" in err


@pytest.mark.parametrize(
    "digest", ["{outside}/authorized_keys", "../../outside/authorized_keys", "", ".", "0" * 63, "0" * 65, "G" * 64, 7]
)
def test_a_digest_that_is_none_is_never_a_path(digest, data_folder, outside):
    journal = ArchiveJournal(data_folder / "raw")
    digest = spelt(digest, outside)
    strangers.note(data_folder, "a.min", digest)
    (problem,) = journal.problems()
    assert "line 1" in problem and "64 hexadecimal digits" in problem
    (said,) = rebuild.rebuild(journal, Archive(data_folder / "again"))
    assert "64 hexadecimal digits" in said


def test_an_index_whose_digest_is_a_path_reads_no_file_elsewhere(data_folder, outside):
    journal = ArchiveJournal(data_folder / "raw")
    line = dict.fromkeys(["url", "service", "licence", "credit"], "x") | {
        "status": 200,
        "length": 4,
        "retrieved": strangers.TIME,
    }
    line |= {"sha256": str(outside / "authorized_keys")}
    (data_folder / "raw").mkdir()
    journal.raw.index.write_text(json.dumps(line) + "\n")
    (problem,) = journal.raw.problems()
    assert "64 hexadecimal digits" in problem
    (entry,) = journal.raw.entries()
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        journal.raw.read(entry)


@pytest.mark.parametrize("name", ["a\\b.min", "a\nb.min", "a.min."])
def test_a_file_whose_name_could_not_be_rebuilt_elsewhere_is_refused_before_it_is_stored(
    name, precursor, data_folder, tmp_path
):
    files_to_take = tmp_path / "files"
    files_to_take.mkdir()
    (files_to_take / name).write_bytes(strangers.minute_bytes(tmp_path))
    (files_to_take / "sound.min").write_bytes(strangers.minute_bytes(tmp_path).replace(b"2018-01-01", b"2018-03-01"))
    code, out, _ = precursor("ingest", files_to_take, "--json")
    outcomes = {row["file"]: row for row in json.loads(out)}
    refused, stored = outcomes[str(files_to_take / name)], outcomes[str(files_to_take / "sound.min")]
    assert (code, refused["outcome"], stored["outcome"]) == (1, "refused", "stored")
    assert "expected a plain file name" in refused["message"]
    assert len(Archive(data_folder / "archive").journal.steps()) == 1


@pytest.mark.parametrize("code", ["../", "/ab", "..", ".", "D\\R", "D/R", "C:D", "../X", "ÄÖÜ"])
def test_a_station_code_in_a_header_that_is_none_makes_no_folder(code, precursor, data_folder, tmp_path):
    content = strangers.minute_bytes(tmp_path).replace(b"DUR", code.encode())
    path = tmp_path / "a.min"
    path.write_bytes(content)
    before = everything_but(tmp_path, data_folder)
    exit_code, out, _ = precursor("ingest", path, "--json")
    (row,) = json.loads(out)
    assert (exit_code, row["outcome"]) == (2, "refused") and row["message"]
    assert everything_but(tmp_path, data_folder) == before
    assert not list(data_folder.rglob("*.parquet"))


@pytest.mark.parametrize("code", ["../X", "..", "/ab", "D/R", "C:D", ""])
def test_a_station_code_of_a_caller_that_is_none_is_never_a_path(code, data_folder):
    archive = Archive(data_folder / "archive")
    with pytest.raises(InputError, match="no minute data of"):
        archive.minute(code)
    with pytest.raises(InputError, match="three upper-case letters or digits"):
        MinuteStore(data_folder / "archive" / "minute").path(code, 2018)


@pytest.mark.parametrize("station", ["../../PLANTED", "..\\PLANTED", "/PLANTED"])
def test_a_station_of_a_journal_leads_no_stored_answer_out_of_the_scratch_folder(station, tmp_path, monkeypatch):
    (tmp_path / "scratch" / "deep").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch" / "deep"))
    content = strangers.minute_bytes(tmp_path)
    before = strangers.tree(tmp_path)
    start, end = pd.Timestamp("2018-01-01", tz="UTC"), pd.Timestamp("2018-01-02", tz="UTC")
    answer = Reply("https://example.org", 200, content, {}, start)
    with pytest.raises(InputError, match="the answer is of the station DUR"):
        iaga2002_answer.record(answer, station, start, end, "the service")
    assert strangers.tree(tmp_path) == before


@pytest.mark.parametrize("service", ["hapi", "gin", "usgs"])
def test_no_service_is_asked_for_a_station_whose_code_is_none(service, precursor, data_folder):
    with Fake(Gin()) as fake:
        arguments = ("--start", "2018-01-01", "--end", "2018-01-02", "--service", service, "--base", fake.base)
        code, _, err = precursor("fetch", "minute", "../../x", *arguments)
        assert code == 2 and "three upper-case letters or digits" in " ".join(err.split())
        assert fake.asked == []
    assert not list(data_folder.rglob("*.jsonl"))
