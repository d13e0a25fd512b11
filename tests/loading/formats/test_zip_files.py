"""Zip archives of minute files: each file its own row; bombs, locks, links and names that lead elsewhere refused."""

import gzip
import io
import random
import stat
import struct
import zipfile

import pytest

from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats import caps, recognise, unpacking, zip_file
from support.issued_files import COMCAT, iaga


def packed(files, method=zipfile.ZIP_DEFLATED):
    """The bytes of a zip archive of {name: content}."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, one in files.items():
            archive.writestr(name, one)
    return buffer.getvalue()


@pytest.fixture
def report(tmp_path):
    """Ingest a zip archive of this content; its rows by the names in it."""

    def report(raw):
        path = tmp_path / "year.zip"
        path.write_bytes(raw if isinstance(raw, bytes) else packed(raw))
        table = ingest([path], Archive(tmp_path / "archive"))
        assert not table["message"].str.contains("\n").any()
        table["file"] = table["file"].str.removeprefix(f"{path}/")
        return table.set_index("file")

    return report


def test_each_file_of_a_zip_archive_is_a_row_and_what_is_good_is_stored(report, tmp_path):
    table = report(
        {
            "2016/dur20160101dmin.min": iaga(),
            "2016/dur20160102dmin.min.gz": gzip.compress(iaga(day="2016-01-02").encode()),
            "2016/": b"",
            "2016/.hidden": b"x",
            "__MACOSX/._dur": b"x",
            "readme.txt": b"Please cite.\n",
            "events.csv": COMCAT,
        }
    )
    assert table["outcome"].tolist() == ["stored", "stored", "refused", "refused"]
    assert "`precursor catalogue FILE`" in table.loc["events.csv", "message"]
    assert Archive(tmp_path / "archive").coverage()["n_present"].tolist() == [2880]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_usual_way_of_packing_is_read(report, method):
    assert report(packed({"a.min": iaga()}, method))["outcome"].tolist() == ["stored"]


@pytest.mark.parametrize("name", ["/etc/passwd.min", "../../up.min", "a/../../up.min", "C:\\up.min", "..\\up.min"])
def test_a_name_that_leads_outside_is_refused_and_nothing_is_written_there(report, name, tmp_path):
    table = report({name: iaga(), "good.min": iaga()})
    assert table["outcome"].tolist() == ["refused", "stored"]
    assert "leads outside the archive" in table["message"].iloc[0]
    assert not list(tmp_path.parent.rglob("up.min"))


def test_a_zip_within_a_zip_is_refused(report):
    table = report({"inner.zip": packed({"a.min": iaga()}), "good.min": iaga()})
    assert table["outcome"].tolist() == ["refused", "stored"]
    assert "a zip archive within a zip archive" in table.loc["inner.zip", "message"]


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked(report, monkeypatch):
    monkeypatch.setattr(caps, "UNQUESTIONED_BYTES", 1_000_000)
    table = report({"bomb.min": bytes(3_000_000), "good.min": iaga()})
    assert table["outcome"].tolist() == ["refused", "stored"]
    assert "packed more than 250 times" in table.loc["bomb.min", "message"]


def test_a_gzip_bomb_is_refused_by_its_ratio(tmp_path, monkeypatch):
    monkeypatch.setattr(caps, "UNQUESTIONED_BYTES", 1_000_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(3_000_000)))
    with pytest.raises(InputError, match="bomb.gz: packed more than 250 times"):
        unpacking.unpacked(path)
    path.write_bytes(gzip.compress(bytes(900_000)))
    assert len(unpacking.unpacked(path)) == 900_000


def test_the_caps_on_one_file_and_on_all_together_hold(report, monkeypatch):
    monkeypatch.setattr(caps, "LARGEST_BYTES", 200_000)
    assert "holds more than 0 MiB" in report({"large.min": random.Random(1).randbytes(200_001)})["message"].iloc[0]
    monkeypatch.setattr(zip_file, "LARGEST_TOTAL_BYTES", 150_000)  # a day of minutes is 104 kB
    table = report({"1.min": iaga(), "2.min": iaga(day="2016-01-02")})
    assert table["outcome"].tolist() == ["stored", "refused"]
    assert "Split the zip" in table.loc["2.min", "message"]


def test_thousands_of_files_are_refused_as_one_archive(report):
    table = report({f"{n}.min": b"" for n in range(zip_file.MOST_FILES + 1)})
    assert table["outcome"].tolist() == ["refused"]
    assert "more than 5000 files" in table["message"].iloc[0]


def test_links_and_locked_files_are_refused(report):
    link = zipfile.ZipInfo("link.min")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    raw = bytearray(packed({link: "/etc/passwd", "locked.min": iaga()}))
    at = raw.rfind(b"PK\x01\x02")  # the entry of the second file in the list at the end
    raw[at + 8] |= 1
    table = report(bytes(raw))
    assert table["outcome"].tolist() == ["refused", "refused"]
    assert "a link" in table["message"].iloc[0] and "password" in table["message"].iloc[1]


def test_a_size_that_is_a_lie_is_refused(report):
    raw = bytearray(packed({"a.min": iaga()}))
    at = raw.rfind(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 1000)  # it says that it unpacks to 1000 bytes
    assert "damaged" in report(bytes(raw))["message"].iloc[0]


@pytest.mark.parametrize(
    "files, match",
    [
        ({}, "holds no file"),
        ({"[Content_Types].xml": b"<x/>", "xl/a.xml": b"<x/>"}, "office program"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "a.xml": b"<x/>"}, "office program"),
    ],
)
def test_an_archive_without_data_is_one_row_with_the_reason(report, files, match):
    table = report(files)
    assert len(table) == 1 and match in table["message"].iloc[0]


def test_a_zip_of_one_catalogue_is_read_as_the_catalogue(tmp_path):
    path = tmp_path / "list.zip"
    path.write_bytes(packed({"list.csv": COMCAT}))
    assert recognise.read_events(path)["event_id"].tolist() == ["us1"]
    path.write_bytes(packed({"list.csv": COMCAT, "more.csv": COMCAT}))
    with pytest.raises(InputError, match="holds 2 files, expected one"):
        recognise.read_events(path)


def test_a_thousand_damaged_archives_end_in_rows_and_never_in_other_values(tmp_path):
    """Single bytes, cuts and lost parts: every file is refused, or its content is what was packed."""
    small = iaga(n_minutes=30).encode()
    good = packed({"a.min": small, "b.min": small.replace(b"24567", b"24568")})
    rng = random.Random(20261122)
    path = tmp_path / "some.zip"
    n_read = 0
    for _ in range(1000):
        raw = bytearray(good)
        at = rng.randrange(len(raw))
        match rng.randrange(4):
            case 0:
                raw[at] = rng.randrange(256)
            case 1:
                raw[at] ^= 1 << rng.randrange(8)
            case 2:
                del raw[at:]
            case 3:
                del raw[at : at + rng.randrange(1, 20)]
        path.write_bytes(raw)
        try:
            with zip_file.ZipFile(path) as archive:
                for n in range(len(archive.names)):
                    try:
                        one = archive.read(n)
                    except InputError as error:
                        assert str(error).startswith("some.zip") and "\n" not in str(error)
                        continue
                    assert one in (small, small.replace(b"24567", b"24568"))
                    n_read += 1
        except InputError as error:
            assert str(error).startswith("some.zip") and "\n" not in str(error)
    assert 100 < n_read < 1900
