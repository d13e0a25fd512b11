"""CSV files by a mapping: time zones, separators, the minute grid, and what is refused."""

import dataclasses
import gzip
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from core.data_folder import ROOT
from core.errors import InputError
from core.loading.formats.minutes import columns
from core.loading.formats.minutes.columns import Mapping
from core.loading.record import gridding, local_time, minute

PLAIN = Mapping(station="TST", time="Date", time_format="%Y-%m-%d %H:%M:%S", x="X", y="Y", z="Z")


@pytest.fixture
def read(tmp_path):
    """Write a text and read it by PLAIN with some fields changed."""

    def write_and_read(text: str | bytes, name: str = "some.csv", **changes):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return columns.read(path, dataclasses.replace(PLAIN, **changes))

    return write_and_read


def rows(*clocks: str, day: str = "2015-06-01") -> str:
    """A file with X = 1, 2, 3 ... at these times."""
    return "Date,X,Y,Z\n" + "".join(f"{day} {clock},{i},20,30\n" for i, clock in enumerate(clocks, 1))


def has_note(record, text: str) -> bool:
    return any(text in note for note in record.notes)


def test_a_plain_file_is_read_value_by_value(read):
    record = read("Date,X,Y,Z\n2015-06-01 00:00:00,1.5,-2,3e4\n2015-06-01 00:01:00,4,5,6\n")
    assert (record.station, record.data_type, record.start) == ("TST", "variation", pd.Timestamp("2015-06-01T00:00Z"))
    assert record.field[["X", "Y", "Z"]].to_numpy().tolist() == [[1.5, -2.0, 30000.0], [4.0, 5.0, 6.0]]
    assert record.field.F.isna().all()


@pytest.mark.parametrize(
    "text, changes",
    [
        ("Date,X,Y,Z,\r\n2015-06-01 00:00:00,1.5,-2,3000,\r\n2015-06-01 00:01:00,4,5,6,\r\n", {}),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,1.5,-2,3000,\n2015-06-01 00:01:00,4,5,6,\n", {}),
        ("\ufeffDate,X,Y,Z\n2015-06-01 00:00:00,1.5,-2,3000\n\n2015-06-01 00:01:00,4,5,6\n\n", {}),
        ("Date;X;Y;Z\n2015-06-01 00:00:00;1,5;-2;3.000\n2015-06-01 00:01:00;4;5;6\n",
         {"separator": ";", "decimal": ",", "thousands": "."}),
        ('Date,X,Y,Z\n"2015-06-01 00:00:00","1.5","-2","3,000"\n"2015-06-01 00:01:00",4,5,6\n', {"thousands": ","}),
        ("Z\tDate\tother\tY\tX\n3000\t2015-06-01 00:00:00\tabc\t-2\t1.5\n6\t2015-06-01 00:01:00\t\t5\t4\n",
         {"separator": "\t"}),
        ("# made by a logger\n\nDate,X,Y,Z\n2015-06-01 00:00:00,1.5,-2,3000\n2015-06-01 00:01:00,4,5,6\n",
         {"skip_lines": 2}),
        ("2015-06-01 00:00:00,1.5,-2,3000\n2015-06-01 00:01:00,4,5,6\n",
         {"header": False, "time": 1, "x": 2, "y": 3, "z": 4}),
        ("D,T,X,Y,Z\n01/06/15,00:00,1.5,-2,3000\n01/06/15,00:01,4,5,6\n",
         {"time": ("D", "T"), "time_format": "%d/%m/%y %H:%M"}),
        ("Date,X,Y,Z\n1433116800,1.5,-2,3000\n1433116860,4,5,6\n", {"time_format": "epoch_seconds"}),
        ("Date,X,Y,Z\n1433116800000,1.5,-2,3000\n1433116860000,4,5,6\n",
         {"time_format": "epoch_milliseconds", "time_zone": "Europe/Rome"}),
        ("Date,X,Y,Z\n2015-06-01T00:00:00Z,1.5,-2,3000\n2015-06-01T02:01:00+02:00,4,5,6\n",
         {"time_format": "iso", "time_zone": "Europe/Rome"}),
        ("Date,X,Y,Z\n2015-06-01T02:00,1.5,-2,3000\n2015-06-01T02:01,4,5,6\n",
         {"time_format": "iso", "time_zone": "Europe/Rome"}),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,0.0015,-0.002,3\n2015-06-01 00:01:00,0.004,0.005,0.006\n",
         {"unit_factor": 1000.0}),
        ("Date,X,Y,Z\n2015-06-01 00:01:00,4,5,6\n2015-06-01 00:00:00,1.5,-2,3000\n", {}),
    ],
    ids=["CRLF and trailing commas", "trailing comma in rows only", "BOM and blank lines", "decimal comma", "quotes",
         "tabs, other order", "lines before the header", "no header", "two-digit year, two columns", "epoch s",
         "epoch ms", "offsets", "naive ISO in a zone", "microtesla", "newest first"],
)  # fmt: skip
def test_the_same_two_minutes_in_many_shapes(read, text, changes):
    field = read(text, **changes).field
    assert field.index[0] == pd.Timestamp("2015-06-01T00:00Z")
    np.testing.assert_allclose(field[["X", "Y", "Z"]], [[1.5, -2, 3000], [4, 5, 6]])


def test_empty_cells_and_named_missing_values_become_nan(read):
    text = "Date,X,Y,Z\n2015-06-01 00:00:00,,5,---\n2015-06-01 00:01:00,1,2,99999\n2015-06-01 00:02:00,,,\n"
    record = read(text, missing=("---",))
    assert record.field[["X", "Y", "Z"]].isna().to_numpy().tolist() == [[True, False, True], [False, False, True]]
    assert has_note(record, "1 values are 88888 nT or more") and has_note(record, "1 rows have no value")


@pytest.mark.parametrize("fill", ["99999", "88888.0", "-99999.0", "-1e31", "-1.0E+31"])
def test_every_fill_value_of_the_field_becomes_nan(read, fill):
    record = read(f"Date,X,Y,Z\n2015-06-01 00:00:00,{fill},5,6\n2015-06-01 00:01:00,1,2,3\n")
    assert record.field[["X", "Y", "Z"]].isna().to_numpy().tolist() == [[True, False, False], [False] * 3]


def test_each_sample_goes_to_its_nearest_minute_and_the_closest_wins(read):
    record = read(rows("00:00:02", "00:00:58", "00:01:01", "00:02:30", "00:04:31", "00:05:29"))
    x = record.field.X
    assert x.tolist()[:3] == [1, 3, 4]  # 0:01 goes to the sample 1 s after it, not to the one 2 s before
    assert (
        np.isnan(x.iloc[3]) and np.isnan(x.iloc[4]) and x.iloc[5] == 5
    )  # 0:05: 29 s beat 29 s only if later is closer
    assert has_note(record, "Rule nearest_minute") and has_note(record, "2 rows were farther from their minute")


def test_equally_close_samples_leave_the_minute_to_the_earlier_one(read):
    assert read(rows("00:00:00", "00:00:50", "00:01:10", "00:02:00")).field.X.tolist() == [1, 2, 4]


def test_rows_with_the_same_time_keep_the_last_and_are_counted(read):
    record = read(rows("00:00:00", "00:01:00", "00:01:00", "00:02:00"))
    assert record.field.X.tolist() == [1, 3, 4] and has_note(record, "1 rows repeat")


def test_the_strict_rule_leaves_out_what_is_not_on_the_minute(read):
    record = read(rows("00:00:00", "00:01:20", "00:02:00", "00:03:00"), rule="exact_minute")
    assert record.field.X.fillna(-1).tolist() == [1, -1, 3, 4] and has_note(record, "1 rows are not on a full minute")


def test_every_row_is_placed_or_counted():
    rng = np.random.default_rng(5)
    for _ in range(50):
        times = rng.integers(0, 3_600_000, rng.integers(1, 120)) // 500 * 500
        placed = gridding.place(times, "nearest_minute")
        assert len(placed.rows) + placed.n_beaten + placed.n_repeated + placed.n_off == len(times)
        for row, number in zip(placed.rows, placed.minutes, strict=True):  # brute force: nobody is closer
            distance = np.abs(times - number * 60_000)
            assert distance[row] == distance.min() <= 30_000
            assert times[row] == times[distance == distance.min()].min()


def test_an_hour_shown_twice_is_told_apart_by_the_order(read):
    clocks = [f"{h:02d}:{m:02d}:00" for h, m in [*((1, m) for m in range(60))] * 2]
    text = rows("00:59:00", *clocks, "02:00:00", day="2015-11-01")
    record = read(text, time_zone="America/Anchorage")
    assert record.field.X.tolist() == list(range(1, 123))  # no gap and no minute twice
    assert record.start == pd.Timestamp("2015-11-01T08:59Z") and has_note(record, "120 times are in an hour")


def test_an_hour_shown_twice_is_told_apart_in_a_file_that_runs_backwards(read):
    clocks = [f"{h:02d}:{m:02d}:00" for h, m in [*((1, m) for m in range(60))] * 2]
    lines = rows("00:59:00", *clocks, "02:00:00", day="2015-11-01").splitlines()
    record = read("\n".join([lines[0], *lines[:0:-1]]) + "\n", time_zone="America/Anchorage")
    assert record.field.X.tolist() == list(range(1, 123))


@pytest.mark.parametrize("neighbour, hour", [("00:59:00", 9), ("02:00:00", 10)])
def test_one_pass_of_such_an_hour_goes_with_its_nearer_neighbour(read, neighbour, hour):
    clocks = sorted([neighbour, *(f"01:{m:02d}:00" for m in range(60))])
    record = read(rows(*clocks, day="2015-11-01"), time_zone="America/Anchorage")
    at = pd.Timestamp(f"2015-11-01T{hour:02d}:30Z")
    assert len(record.field) == 61 and record.field.X[at] == clocks.index("01:30:00") + 1


def test_an_hour_that_does_not_exist_is_read_as_if_the_clock_stood_unchanged(read):
    record = read(rows("01:59:00", "02:00:00", "02:01:00", day="2015-03-08"), time_zone="America/Anchorage")
    assert record.field.X.tolist() == [1, 2, 3] and record.start == pd.Timestamp("2015-03-08T10:59Z")
    assert has_note(record, "2 times are in an hour that the clock of America/Anchorage leaves out")


@pytest.mark.parametrize("name", ["America/Anchorage", "Europe/Rome", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def test_every_minute_of_a_year_survives_local_time(name):
    utc = np.arange(23_668_000, 23_668_000 + 530_000, 7, dtype=np.int64) * 60_000
    clock = pd.DatetimeIndex(utc.astype("datetime64[ms]")).tz_localize("UTC").tz_convert(ZoneInfo(name))
    local = np.array(clock.tz_localize(None).as_unit("ms").asi8)
    np.testing.assert_array_equal(local_time.to_utc(local, name)[0], utc)


@pytest.mark.parametrize(
    "text, changes, match",
    [
        ("", {}, "empty"),
        ("Date,X,Y,Z\n", {}, "no row of data"),
        ("Date,X,Y\n2015-06-01 00:00:00,1,2\n", {}, "line 1: the column 'Z' is not there; found Date, X, Y"),
        ("Date,X,X,Y,Z\n2015-06-01 00:00:00,1,1,2,3\n", {}, "the column 'X' is twice there"),
        (rows("00:00:00", "00:01:00", "0x:02:00"), {}, "line 4: found the time '2015-06-01 0x:02:00'"),
        (rows("00:00:00", "00:01:00", "24:02:00"), {}, "line 4: found the time"),
        ("Date,X,Y,Z\n,1,2,3\n", {}, "line 2: found the time ''"),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,1,2,3\n2015-06-01 00:01:00,1,?,3\n", {}, r"line 3: found '\?' for Y"),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,1,2,3\n2015-06-01 00:01:00,1,2\n", {}, "line 3: found 3 cells, expected 4"),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,1,5,2,3,3\n", {}, "line 2: found 6 cells, expected 4"),
        ("Date,X,Y,Z\n2015-06-01 00:00:00,,,\n", {}, "no row has a value"),
        (
            rows("00:00:00", "00:01:00", day="2015-06-01") + rows("00:02:00", day="2051-06-01")[11:],
            {},
            "line 4: .*leaps",
        ),
        (rows(*(f"00:00:{s:02d}" for s in range(40))), {}, "second data"),
        (rows(*(f"{h:02d}:00:00" for h in range(20))), {}, "hourly data"),
        (rows(*(f"00:{m:02d}:00" for m in range(0, 60, 5))), {}, "step of about 300 s"),
        (
            "Date,X,Y,Z\n2015-06-01T00:00Z,1,2,3\n2015-06-01T00:01,1,2,3\n",
            {"time_format": "iso"},
            "line 3: .*without offset",
        ),
        ("Date,X,Y,Z\n1433116800000,1,2,3\n", {"time_format": "epoch_seconds"}, "line 2: found the time"),
        ("Date,X,Y,Z\nM\xe4rz,1,2,3\n".encode("latin-1"), {}, "the text is not utf-8"),
        ("<html><title>Login</title></html>", {}, "web page"),
        (gzip.compress(rows("00:00:00").encode())[:-9], {}, "cut off or damaged"),
        (rows("00:00:20", "00:01:20", "00:02:20"), {"rule": "exact_minute"}, "no row is on a full minute"),
        (rows("00:00:00", "00:00:60"), {}, "line 3: found the time '2015-06-01 00:00:60'"),
        (
            "Date,X,Y,Z\n20160601000000,1,2,3\n20160601000061,1,2,3\n",
            {"time_format": "%Y%m%d%H%M%S"},
            "line 3: found the time '20160601000061'",
        ),
    ],
    ids=range(23),
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(read, text, changes, match):
    with pytest.raises(InputError, match=match) as caught:
        read(text, **changes)
    assert str(caught.value).startswith("some.csv") and "\n" not in str(caught.value)


def test_a_last_line_without_line_end_may_be_cut_off_and_is_left_out(read):
    record = read(rows("00:00:00", "00:01:00", "00:02:00").rstrip("\n"))
    assert len(record.field) == 2 and has_note(record, "no line end")


@pytest.mark.parametrize(
    "line, match",
    [
        ('colour = "red"', "unknown key 'colour'. Keys are: station, time"),
        ('station = "kod"', "station 'kod' is not three capital letters"),
        ('time_zone = "Alaska"', "time_zone 'Alaska' is not known"),
        ('rule = "mean"', "rule 'mean' is none of nearest_minute, exact_minute"),
        ('data_type = "best"', "data_type 'best' is none of"),
        ('separator = ","\ndecimal = ","', "decimal ',' must differ"),
        ("unit_factor = 0.0", "unit_factor 0.0 is not positive"),
        ('time_format = "yyyy"', "time_format 'yyyy' is no format"),
        ('skip_lines = "two"', "skip_lines is 'two'"),
        ("x = 1.5", "neither a name nor a number"),
        ("station = 5", "expected string"),
        ("x = ", "this is not TOML"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path, line, match):
    fields = {"station": "TST", "time": "Date", "time_format": "iso", "x": "X", "y": "Y", "z": "Z"}
    key = line.split(" =")[0]
    text = "".join(f'{name} = "{value}"\n' for name, value in fields.items() if name != key) + line + "\n"
    path = tmp_path / "some.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=match) as caught:
        columns.load_mapping(path)
    assert str(caught.value).startswith(("some.toml: ", "some.toml, line "))


def test_a_mapping_without_a_needed_key_or_file_is_refused(tmp_path):
    (tmp_path / "some.toml").write_text('station = "TST"\n')
    with pytest.raises(InputError, match="the key 'time' is missing"):
        columns.load_mapping(tmp_path / "some.toml")
    with pytest.raises(InputError, match="cannot be read"):
        columns.load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_file_is_refused_or_its_undamaged_rows_are_right(tmp_path, seed):
    rng = np.random.default_rng(seed)
    stamps = [f"06-01-2015 {m // 60:02d}:{m % 60:02d}:0{m % 3}" for m in range(80)]
    good = "Date,X,Y,Z,\r\n" + "".join(f"{stamp},{100 + i}.5,,3e2,\r\n" for i, stamp in enumerate(stamps))
    mapping = dataclasses.replace(PLAIN, time_format="%m-%d-%Y %H:%M:%S", time_zone="America/Anchorage")
    n_read = 0
    for _ in range(250):
        content = bytearray(good.encode())
        at = int(rng.integers(0, len(content)))
        size = int(rng.choice([1, 1, 1, 2, 30]))
        typed = rng.choice(list(b"0123456789 ,.-:;\"'\r\n\x00\xffeN" + b"0123456789" * 3), size if size < 3 else 0)
        content[at : at + size] = bytes(typed.tolist())
        path = tmp_path / "some.csv"
        path.write_bytes(content)
        try:
            field = columns.read(path, mapping).field
        except InputError as error:
            assert str(error).startswith("some.csv")
            continue
        n_read += 1
        expected = pd.Series(np.arange(80) + 100.5, index=pd.date_range("2015-06-01T08:00Z", periods=80, freq="min"))
        same = field.X.reindex(expected.index) == expected
        assert same.sum() >= 77, (field.X, bytes(content[at - 40 : at + 40]))
    assert n_read > 20


def mapping_of(place: str) -> Mapping:
    return columns.load_mapping(ROOT / "data" / "mappings" / f"intelecell_{place}.toml")


@pytest.mark.shared
@pytest.mark.parametrize(
    "name, first, end",
    # The vendor's files hold 30 or 31 days from the first of the month, so one spills over and two stop a day short.
    [
        ("Kodiak_intelecell_March2015", "2015-03-01", "2015-04-01"),
        ("Kodiak_intelecell_April2015", "2015-04-01", "2015-05-02"),
        ("Kodiak_intelecell_May2015", "2015-05-01", "2015-05-31"),
        ("Kodiak_intelecell_June2015", "2015-06-01", "2015-07-01"),
        ("Kodiak_intelecell_July2015", "2015-07-01", "2015-07-31"),
        ("Kodiak_intelecell_August2015", "2015-08-01", "2015-09-01"),
        ("old_harbor_intelecell_June2015", "2015-06-02T18:11", "2015-07-01"),
        ("old_harbor_intelecell_July2015", "2015-07-01", "2015-08-01"),
        ("old_harbor_intelecell_August2015", "2015-08-01", "2015-09-01"),
    ],
)
def test_the_local_times_of_intelecell_become_whole_utc_days_from_the_first_of_the_month(shared_data, name, first, end):
    [path] = (shared_data / "magnetics" / "csv_intelecell").rglob(f"{name}.csv.gz")
    place = "kodiak" if name.startswith("K") else "old_harbor"
    record = columns.read(path, mapping_of(place))
    assert record.station == {"kodiak": "KOD", "old_harbor": "OLH"}[place]
    assert (record.start, record.end) == (pd.Timestamp(first, tz="UTC"), pd.Timestamp(end, tz="UTC"))
    assert has_note(record, "not geographic") and has_note(record, "Rule nearest_minute")
    # Every row of the file that has a value is placed or counted.
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
    with_value = sum(line.split(",", 1)[1].strip(",") != "" for line in lines)
    counted = sum(int(note.split()[0]) for note in record.notes if "farther" in note or "repeat" in note)
    saturated_only = record.field[["X", "Y", "Z"]].isna().all(axis=1).sum()
    n_missing_rows = next(int(note.split()[0]) for note in record.notes if "minutes have no row" in note)
    assert saturated_only == n_missing_rows
    assert len(record.field) - n_missing_rows + counted <= with_value <= len(lines)


@pytest.mark.shared
def test_six_months_of_kodiak_have_the_share_of_minutes_that_the_source_states(shared_data):
    folder = shared_data / "magnetics" / "csv_intelecell" / "InteleCell-Kodiak"
    records = [columns.read(path, mapping_of("kodiak")) for path in sorted(folder.iterdir())]
    present = np.unique(np.concatenate([minute.epoch_minutes(r.field.index[r.field.X.notna()]) for r in records]))
    period = (pd.Timestamp("2015-09-01", tz="UTC") - pd.Timestamp("2015-03-01", tz="UTC")) / pd.Timedelta(minutes=1)
    assert len(present) / period == pytest.approx(0.905, abs=0.002)
    first = records[3].field  # June: 16:00:00 local on 31 May is 00:00 UTC on 1 June
    assert first.iloc[0, :3].tolist() == pytest.approx([17882.8, 5497.4, 49698.8])
