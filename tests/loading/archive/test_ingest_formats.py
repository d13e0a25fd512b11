"""Ingest finds the format of a file from its bytes, whatever its name, and stores or refuses it with the reason."""

import gzip
import os

import pytest

from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from support import iaf_file, imf122_text, wdc_text

N_HOUR, N_DAY = 60, 1440


@pytest.fixture
def row(tmp_path):
    """Ingest one file of this content under a name that says nothing; its row in the report."""

    def row(content, name="data"):
        path = tmp_path / name
        path.write_bytes(content)
        archive = Archive(tmp_path / "archive")
        result = ingest([path], archive).iloc[0]
        if result["outcome"] == "stored":
            assert archive.coverage()["n_present"].sum() == result["n_rows"] - result["n_missing"]
        return result

    return row


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "content, kind, station, n",
    [
        (imf122_text.hour(imf122_text.rows()).encode(), "IMFV1.2", "TST", N_HOUR),
        (wdc_text.hour().encode(), "WDC minute", "TST", N_HOUR),
        (iaf_file.day(), "IAF", "DUR", N_DAY),
    ],
    ids=["imf", "wdc", "iaf"],
)
def test_formats_are_known_by_content(row, content, kind, station, n, pack):
    result = row(pack(content))
    assert (result["outcome"], result["kind"], result["station"]) == ("stored", kind, station)
    assert (result["n_rows"], result["n_missing"]) == (n, 0)


def test_imagcdf_is_known_by_content(row, tmp_path):
    cdf_file = pytest.importorskip("cdf_file", reason="the extra `cdf` (cdflib) is not installed")
    import numpy as np

    elements = {"X": np.full(90, 24567.1), "Y": np.full(90, 1321.2), "Z": np.full(90, 39347.3)}
    path = cdf_file.write(tmp_path / "x.cdf", elements)
    result = row(path.read_bytes(), "data.min")
    assert (result["outcome"], result["kind"], result["n_rows"]) == ("stored", "CDF", 90)


def test_hourly_means_are_refused_with_the_reason(row):
    result = row(wdc_text.daily(188, [55] * 24).encode())
    assert result["outcome"] == "refused" and "hourly means" in result["message"]


@pytest.mark.shared
def test_the_real_files_are_stored_or_refused_with_the_reason(shared_data, tmp_path):
    pytest.importorskip("cdflib", reason="the extra `cdf` (cdflib) is not installed")
    folder = shared_data / "magnetics"
    seconds = ingest([folder / "imagcdf"], Archive(tmp_path / "archive"))
    assert "second data" in seconds["message"].iloc[0] and "--average gaussian" in seconds["message"].iloc[0]
    report = ingest([folder / "imagcdf", folder / "wdc"], Archive(tmp_path / "archive"), average="gaussian")
    assert report["outcome"].tolist() == ["stored", "refused"]
    assert (report["station"].iloc[0], report["n_rows"].iloc[0], report["n_missing"].iloc[0]) == ("WIC", 5760, 1)
    assert "hourly means, expected one value per minute" in report["message"].iloc[1]


def test_files_of_which_none_can_be_stored_begin_no_archive(precursor, data_folder, tmp_path):
    (tmp_path / "words.txt").write_text("nothing of the kind\n")
    os.mkfifo(tmp_path / "pipe")
    code, out, _ = precursor("ingest", tmp_path / "words.txt", tmp_path / "pipe")
    assert code == 2 and "It is no regular file" in out
    assert list(data_folder.iterdir()) == []


def test_one_event_is_one_event(precursor, tmp_path):
    names = "#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude"
    row = "1|2016-01-02T03:04:05.6|45.0|26.0|10.0|x|x|x|1|Mw|4.5"
    (tmp_path / "alone.txt").write_text(f"{names}|MagAuthor|EventLocationName\n{row}|x|Vrancea\n")
    code, out, _ = precursor("catalogue", tmp_path / "alone.txt")
    assert code == 0 and "alone: 1 event stored." in out
    assert "alone: 1 event, all stored already." in precursor("catalogue", tmp_path / "alone.txt")[1]
