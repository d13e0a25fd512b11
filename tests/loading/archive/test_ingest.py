"""Ingest: formats by content, one bad file among many, and a report that leaves nothing out."""

import dataclasses
import gzip

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.archive import ingest as ingest_module
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats import recognise
from core.loading.formats.minutes.columns import Mapping
from core.loading.record.minute import MinuteRecord, on_grid
from support.issued_files import COMCAT, iaga


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "archive")


@pytest.fixture
def folder(tmp_path):
    """A folder, and a function that writes files into it."""
    folder = tmp_path / "incoming"

    def write(name, content):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    folder.mkdir()
    write.folder = folder
    return write


def test_a_file_goes_in_and_its_row_says_what_it_held(folder, archive):
    path = folder("dur20160101dmin.min", iaga(missing=(3, 4)))
    row = ingest([path], archive).iloc[0]
    assert (row["file"], row["outcome"], row["kind"], row["station"]) == (str(path), "stored", "IAGA-2002", "DUR")
    assert (row["n_rows"], row["n_missing"]) == (1440, 2)
    assert (row["first"], row["last"]) == (pd.Timestamp("2016-01-01T00:00Z"), pd.Timestamp("2016-01-01T23:59Z"))
    assert row["message"].startswith("DUR 2016: 1438 minutes definitive added.")
    field = archive.minute("DUR").field
    assert field["X"].iloc[0] == 24567.10 and field["X"].isna().sum() == 2


def test_a_folder_is_searched_to_the_bottom_and_compression_and_names_do_not_matter(folder, archive):
    folder("2016/jan/a.dat", iaga(day="2016-01-01"))
    folder("2016/b", gzip.compress(iaga(day="2016-01-02").encode()))
    folder(".hidden", "not data")
    report = ingest([folder.folder], archive)
    assert sorted(report["outcome"]) == ["stored", "stored"]
    assert archive.coverage()["n_present"].tolist() == [2880]


def test_ingesting_twice_changes_no_byte_and_says_unchanged(folder, archive):
    for day in ("2015-12-31", "2016-01-01"):
        folder(f"{day}.min", iaga(day=day))
    ingest([folder.folder], archive)
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in archive.folder.rglob("*.parquet")}
    report = ingest([folder.folder], archive)
    assert report["outcome"].tolist() == ["unchanged", "unchanged"]
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in archive.folder.rglob("*.parquet")} == before


def test_the_same_file_twice_in_one_batch_is_stored_once(folder, archive):
    first = folder("a.min", iaga())
    second = folder("copy of a.min", iaga())
    assert ingest([first, second, first], archive)["outcome"].tolist() == ["stored", "unchanged", "unchanged"]


def test_definitive_over_provisional_is_said_minute_for_minute(folder, archive):
    ingest([folder("p.min", iaga(data_type="Provisional"))], archive)
    message = ingest([folder("d.min", iaga(x=24568.0))], archive)["message"].iloc[0]
    assert message.startswith("DUR 2016: 1440 minutes definitive replace provisional.")
    report = ingest([folder.folder / "p.min"], archive)
    assert report["outcome"].tolist() == ["unchanged"]
    assert "1440 minutes provisional not taken, because definitive is stored" in report["message"].iloc[0]


BAD = {
    "empty.min": (b"", "empty"),
    "truncated.min": (iaga()[:-30].encode(), "truncated.min, line"),
    "page.html": (b"<!DOCTYPE html><html><title>502</title></html>\n", "a web page"),
    "image.min": (bytes(range(256)) * 4, "binary"),
    "half.min.gz": (gzip.compress(iaga().encode())[:500], "half.min.gz"),
    "broken.gz": (b"\x1f\x8bthis is not gzip", "broken.gz"),
    "conditions_of_use.txt": (b"-= Conditions Of Use =-\n\nPlease cite.\n", "no minute data were recognised"),
    "table.csv": (b"Date,X,Y,Z\n2015-03-01 00:00,1,2,3\n", "a CSV file needs a mapping"),
    "events.csv": (COMCAT.encode(), "an earthquake catalogue, not minute data. Store it with `precursor catalogue"),
    "kp.csv": (
        b"Date,K_00,K_03,K_06,K_09,K_12,K_15,K_18,K_21\n2015-03-17,2,3,4,5,6,5,4,3\n",
        "a file of Kp, not minute data. Store it with `precursor activity FILE`",
    ),
    "dst.wdc": (b"DST0601*01  X220   0" + b" -19" * 24 + b" -19\n", "a file of Dst, not minute data"),
    "allmissing.min": (iaga(day="2016-03-01", missing=range(1440)).encode(), "every value of its 1440 minutes"),
    "wrongcode.min": (iaga(code="D/R", day="2016-03-01").encode(), "D/R"),
}


def test_bad_files_are_listed_with_the_reason_and_do_not_stop_the_good_one(folder, archive):
    for name, (content, _) in BAD.items():
        folder(name, content)
    folder("good.min", iaga())
    report = ingest([folder.folder, folder.folder / "absent.min"], archive)
    rows = {row["file"].rsplit("/", 1)[-1]: row for _, row in report.iterrows()}
    assert len(rows) == len(BAD) + 2
    assert rows["good.min"]["outcome"] == "stored"
    assert rows["absent.min"]["message"].endswith("there is no such file.")
    for name, (_, reason) in BAD.items():
        assert rows[name]["outcome"] == "refused", name
        assert reason in rows[name]["message"], rows[name]["message"]
        assert "\n" not in rows[name]["message"]
    assert archive.coverage()["n_present"].tolist() == [1440]
    assert archive.stations() == ["DUR"]


def test_files_of_another_station_are_refused_when_one_is_asked_for(folder, archive):
    folder("a.min", iaga("DUR"))
    folder("b.min", iaga("IZN"))
    report = ingest([folder.folder], archive, station="DUR")
    assert report["outcome"].tolist() == ["stored", "refused"]
    assert report["message"].iloc[1] == "b.min: holds station IZN, and only DUR is wanted."
    assert archive.stations() == ["DUR"]


def test_many_small_files_write_each_year_once(folder, archive, monkeypatch):
    days = pd.date_range("2015-12-25", "2016-01-10").strftime("%Y-%m-%d")
    for day in days:
        folder(f"{day}.min", iaga(day=day, n_minutes=1440))
    written = []
    write = ingest_module.Store.store_many

    def counted(self, records, *more):
        written.append(len(records))
        return write(self, records, *more)

    monkeypatch.setattr(ingest_module.Store, "store_many", counted)
    report = ingest([folder.folder], archive)
    assert written == [17]
    assert (report["outcome"] == "stored").all()
    assert archive.coverage()["n_present"].tolist() == [7 * 1440, 10 * 1440]


def test_a_batch_that_is_full_is_stored_before_more_is_read(folder, archive, monkeypatch):
    monkeypatch.setattr(ingest_module, "MINUTES_PER_BATCH", 3000)
    for day in ("2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04"):
        folder(f"{day}.min", iaga(day=day))
    assert (ingest([folder.folder], archive)["outcome"] == "stored").all()
    assert archive.coverage()["n_present"].tolist() == [4 * 1440]


def test_a_damaged_year_in_the_archive_refuses_only_the_files_of_that_year(folder, archive):
    ingest([folder("old.min", iaga(day="2015-06-01"))], archive)
    (archive.folder / "minute" / "DUR" / "2015.parquet").write_bytes(b"broken")
    folder("new.min", iaga(day="2016-01-01"))
    report = ingest([folder.folder], archive).set_index("file")
    outcomes = {name.rsplit("/", 1)[-1]: row["outcome"] for name, row in report.iterrows()}
    assert outcomes == {"new.min": "stored", "old.min": "refused"}
    assert report["message"].str.contains("2015.parquet: the file is damaged").sum() == 1


def test_an_archive_that_cannot_be_written_refuses_every_file_with_the_reason(folder, tmp_path):
    (tmp_path / "archive").write_text("a file where the folder should be")
    report = ingest([folder("a.min", iaga())], Archive(tmp_path / "archive"))
    assert report["outcome"].tolist() == ["refused"]
    assert "cannot be written" in report["message"].iloc[0]


def test_real_files_are_refused_by_a_synthetic_world(folder, tmp_path):
    world = Archive(tmp_path / "world", synthetic=True)
    world.store(MinuteRecord("DUR", on_grid(0, [[1.0, 2, 3, 4]]), "synthetic"))
    report = ingest([folder("a.min", iaga())], world)
    assert report["outcome"].tolist() == ["refused"]
    assert "holds synthetic data and takes no real data" in report["message"].iloc[0]


def test_progress_counts_the_files(folder, archive):
    for day in ("2016-01-01", "2016-01-02"):
        folder(f"{day}.min", iaga(day=day))
    seen = []
    ingest([folder.folder], archive, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_nothing_to_ingest_gives_an_empty_report_with_all_columns(folder, archive):
    report = ingest([folder.folder], archive)
    assert report.empty
    columns = ["file", "outcome", "kind", "station", "n_rows", "first", "last", "n_missing", "message"]
    assert list(report.columns) == columns


@pytest.mark.shared
def test_the_273_daily_files_of_eskdalemuir_are_nine_complete_months(shared_data, archive):
    report = ingest([shared_data / "magnetics" / "iaga2002" / "esk_2003_daily"], archive)
    assert len(report) == 273 and (report["outcome"] == "stored").all()
    assert report["n_missing"].sum() == 0
    row = archive.coverage().iloc[0]
    assert (row["station"], row["year"], row["n_present"]) == ("ESK", 2003, 273 * 1440)
    assert row["data_type"] == "definitive"
    # The storm of 29-30 May 2003 (Kp 8+) moves X by hundreds of nT, a quiet day by tens.
    storm = archive.minute("ESK", pd.Timestamp("2003-05-29T12:00Z"), pd.Timestamp("2003-05-30T12:00Z")).field["X"]
    assert storm.max() - storm.min() > 500


@pytest.mark.shared
def test_the_24_stations_of_the_tonga_day_go_in_and_the_conditions_of_use_do_not(shared_data, archive):
    report = ingest([shared_data / "magnetics" / "iaga2002" / "intermagnet_20220115"], archive)
    assert report["outcome"].value_counts().to_dict() == {"stored": 24, "refused": 1}
    assert report.loc[report["outcome"] == "refused", "file"].str.endswith("conditions_of_use.txt").all()
    assert report["n_missing"].sum() == 42  # "42 rows with 99999.00"
    assert len(archive.stations()) == 24


@pytest.mark.shared
def test_hourly_and_second_data_are_refused_for_what_they_are(shared_data, archive):
    folder = shared_data / "magnetics" / "iaga2002"
    report = ingest([folder / "esk_hourly", folder / "bou_1s"], archive)
    assert (report["outcome"] == "refused").all()
    assert report["message"].str.contains("hourly").sum() == 2
    assert report["message"].str.contains("second").sum() == 1


@pytest.mark.shared
def test_catalogues_and_indices_among_minute_files_are_sent_to_their_verbs(shared_data, archive):
    report = ingest([shared_data / "catalogues", shared_data / "indices"], archive)
    assert (report["outcome"] == "refused").all()
    verbs = report.set_index(report["file"].str.rsplit("/").str[-1])["message"].str.extract(r"`precursor (\w+) FILE`")[
        0
    ]
    assert (verbs == "catalogue").sum() == 9  # five lists, FDSN text, two of QuakeML, ISF
    assert (verbs == "activity").sum() == 4  # SW-All, the GFZ sample, the GFZ rows, Dst
    assert verbs["SW-All.txt.gz"] == "activity" and verbs["dst_kyoto_2006-2022.wdc.gz"] == "activity"


def test_an_error_that_is_no_input_error_is_a_defect_and_is_not_hidden(folder, archive, monkeypatch):
    def defect(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(recognise, "FORMATS", (dataclasses.replace(recognise.FORMATS[0], read=defect),))
    with pytest.raises(RuntimeError, match="a defect"):
        ingest([folder("a.min", iaga())], archive)


def test_a_csv_of_minutes_goes_in_by_its_mapping(folder, archive, monkeypatch):
    asked = []

    def read(path, mapping):
        asked.append((path.name, mapping.station))
        if path.name == "bad.csv":
            raise InputError("bad.csv, line 2: found 'x'.")
        return MinuteRecord("KOD", on_grid(23_000_000, [[1.0, 2, 3, 4]]), "variation")

    monkeypatch.setattr(recognise.columns, "read", read)
    folder("a.csv", "Date,X,Y,Z\n3/1/2015 0:00,1,2,3\n")
    folder("bad.csv", "Date,X,Y,Z\nx,1,2,3\n")
    folder("dur.min", iaga())
    report = ingest([folder.folder], archive, mapping=Mapping("KOD", "Date", "%m/%d/%Y", "X", "Y", "Z"))
    assert asked == [("a.csv", "KOD"), ("bad.csv", "KOD")]  # an IAGA-2002 file needs no mapping
    assert report["outcome"].tolist() == ["stored", "refused", "stored"]
    assert archive.stations() == ["DUR", "KOD"]
