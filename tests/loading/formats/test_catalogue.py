"""Catalogues: every format, every trap, nothing lost in silence."""

import gzip
import random

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.catalogue import events
from core.loading.formats import recognise
from core.loading.formats.events import comcat, csep, fdsn_text, infp, koeri
from support import iaga2002_text

COMCAT = """\
time,latitude,longitude,depth,mag,magType,nst,gap,dmin,rms,net,id,updated,place,type,status
2024-01-01T07:10:09.476Z,37.4874,137.2710,10,7.5,mww,,26,2.249,0.86,us,us6000m0xl,2024-04-02T15:30:59.040Z,"2024 Noto Peninsula, Japan earthquake",earthquake,reviewed
2023-12-31T00:00:00Z,-38.2,-179.5,,4.1,mb,,,,1.0,us,us1,2024-01-02T00:00:00.000Z,"south, of the ""Kermadec"" Islands",earthquake,reviewed
"""  # noqa: E501
CSEP = """\
lon,lat,mag,time_string,depth,catalog_id,event_id
13.292,43.075,2.1,2005-04-17T05:06:52.380000,21.7,-1,1592369
12.515,43.267,2.5,2005-04-17T10:46:59,9.0,-1,1592429
"""
KOERI = """\
No,Deprem Kodu,Olus tarihi,Olus zamani,Enlem,Boylam,Derinlik,xM,MD,ML,Mw,Ms,Mb,Tip,Yer
1,20230430130127,2023.04.30,13:01:27.69,38.3392,37.7633,8.7,4.4,0.0,4.4,4.3,0.0,0.0,Ke,KEPEZ-AKCADAG (MALATYA) [East 1.7 km]
2,20230206011732,2023.02.06,01:17:32.00,37.3,37.0,5.0,7.7,0.0,0.0,7.7,7.7,0.0,Ke,PAZARCIK
3,19800101000000,1980.01.01,00:00:00.00,39.0,30.0,0.0,4.0,4.0,0.0,,0.0,3.9,Ke,BATI
4,19700101000000,1970.01.01,00:00:00.00,39.0,31.0,12.0,3.7,0.0,0.0,0.0,0.0,0.0,Ke,DOGU
5,20100101120000,2010.01.01,12:00:00.00,39.0,32.0,0.0,3.5,0.0,3.5,0.0,0.0,0.0,Sm,TAS OCAGI
"""  # noqa: E501
INFP = """\
dateTime,magnitude,magnitude type,depth,latitude,longitude,zone description
2024-10-31 00:00:17,2.1,ML,19.7,45.2831,27.2761,MUNTENIA BUZAU
2012-09-23 23:35:48,3.5,ML,160.0,45.6498,26.4749,ZONA SEISMICA VRANCEA BUZAU
"""
# As services answer: INGV with a long identifier, ISC with other columns and blanks, a blast, comments at the end.
FDSN = """\
#EventID|Time|Latitude|Longitude|Depth/Km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|MagAuthor|EventLocationName|EventType
smi:webservices.ingv.it/fdsnws/event/1/query?eventId=46943752|2026-08-20T06:54:56.830000|37.799|15.05|0.8|SURVEY-INGV-CT#KATALOC||||ML|1.8|--|10 km SW Linguaglossa (CT)|earthquake
643726562|2024-01-01T14:41:00|37.5590|44.0030||AFAD|AFAD|AFAD|638696784|ML|2.10|ISK|Turkey-Iran border region|earthquake
643726563|2024-01-02T14:41:00|37.5590|44.0030|0|--|AFAD|AFAD|638696785|ML|2.10|ISK|Turkey|quarry blast

# contributing agencies: AFAD, ISK
"""  # noqa: E501
ALL = {"comcat": COMCAT, "csep": CSEP, "koeri": KOERI, "infp": INFP, "fdsn": FDSN}
READERS = {"comcat": comcat, "csep": csep, "koeri": koeri, "infp": infp, "fdsn": fdsn_text}
N_EVENTS = {"comcat": 2, "csep": 2, "koeri": 4, "infp": 2, "fdsn": 2}


@pytest.fixture
def file(tmp_path):
    """Write text (or bytes) to a file and give its path."""

    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def test_comcat_gives_the_values_of_the_file_by_time(file):
    table = recognise.read_events(file(COMCAT))
    assert tuple(table.columns) == events.COLUMNS
    assert table["event_id"].tolist() == ["us1", "us6000m0xl"]
    noto = table.iloc[1]
    assert noto["origin_time"] == utc("2024-01-01T07:10:09.476")
    assert (noto["latitude_deg"], noto["longitude_deg"], noto["depth_km"]) == (37.4874, 137.2710, 10)
    assert (noto["magnitude"], noto["magnitude_type"], noto["source"]) == (7.5, "mww", "USGS ComCat")
    assert np.isnan(table["depth_km"].iloc[0])  # a missing depth is kept as unknown
    assert table.attrs["notes"] == ()


def test_csep_takes_times_with_and_without_fractions(file):
    table = recognise.read_events(file(CSEP))
    assert table["origin_time"].tolist() == [utc("2005-04-17T05:06:52.38"), utc("2005-04-17T10:46:59")]
    assert table["event_id"].tolist() == ["1592369", "1592429"]
    assert table[["longitude_deg", "latitude_deg", "depth_km", "magnitude"]].iloc[1].tolist() == [
        12.515,
        43.267,
        9,
        2.5,
    ]


def test_koeri_prefers_mw_then_ml_and_takes_zero_for_no_value(file):
    table = recognise.read_events(file(KOERI)).set_index("event_id")
    chosen = table[["magnitude", "magnitude_type"]].apply(tuple, axis=1).to_dict()
    assert chosen == {
        "20230430130127": (4.3, "Mw"),  # not ML 4.4, which the list's xM is
        "20230206011732": (7.7, "Mw"),
        "19800101000000": (3.9, "mb"),  # Mw empty, ML 0.0: mb before MD
        "19700101000000": (3.7, "xM"),  # nothing but the largest of them
    }
    assert table.attrs["notes"] == ("1 row dropped: not earthquakes (1 suspected blast (Sm)).",)


def test_koeri_with_turkish_letters_tabs_and_an_old_encoding_is_the_same(file):
    turkish = KOERI.replace("Olus", "Oluş").replace(",", "\t").replace("BATI", "BATI ANADOLU ığüşöç")
    for encoding in ("utf-8", "cp1254"):
        table = recognise.read_events(file(turkish.encode(encoding)))
        pd.testing.assert_frame_equal(table, recognise.read_events(file(KOERI, "plain.csv")))


def test_infp_events_are_named_after_their_origin_time(file):
    table = recognise.read_events(file(INFP.replace("\n", "\r\n")))
    assert table["event_id"].tolist() == ["infp20120923233548000", "infp20241031000017000"]
    assert table["depth_km"].tolist() == [160.0, 19.7]


def test_two_unnamed_events_of_one_second_are_told_apart_in_any_order_of_the_file(file):
    header, *rows = INFP.strip().split("\n")
    rows.append("2024-10-31 00:00:17,2.4,ML,5.0,45.0,26.0,OTHER")
    tables = [
        recognise.read_events(file("\n".join([header, *order]) + "\n", f"{i}.csv"))
        for i, order in enumerate((rows, rows[::-1]))
    ]
    assert tables[0]["event_id"].tolist()[1:] == ["infp20241031000017000", "infp20241031000017000-2"]
    pd.testing.assert_frame_equal(*tables)


def test_fdsn_text_is_read_by_column_names_and_blasts_are_counted(file):
    table = recognise.read_events(file(FDSN))
    assert table["event_id"].tolist() == ["643726562", "46943752"]
    assert np.isnan(table["depth_km"].iloc[0])
    assert table["depth_km"].iloc[1] == 0.8
    assert table["source"].tolist() == ["AFAD", "SURVEY-INGV-CT#KATALOC"]
    assert table.attrs["notes"] == ("1 row dropped: not earthquakes (1 quarry blast).",)


def test_comcat_rows_that_are_not_earthquakes_are_dropped_and_counted(file):
    blast = COMCAT.splitlines()[2].replace("us1,", "us2,").replace("earthquake,reviewed", "quarry blast,reviewed")
    table = recognise.read_events(file(COMCAT + blast + "\n"))
    assert len(table) == 2
    assert table.attrs["notes"] == ("1 row dropped: not earthquakes (1 quarry blast).",)


@pytest.mark.parametrize("name", ALL)
def test_content_decides_the_reader_and_compression_order_and_bom_do_not_matter(file, name):
    expected = READERS[name].read(file(ALL[name]))
    assert len(expected) == N_EVENTS[name]
    header, *rows = ALL[name].splitlines()
    rows = [row for row in rows if row and not row.startswith("#")]
    random.Random(3).shuffle(rows)
    shuffled = "\n".join([header, *rows]) + "\n"
    for content in (
        gzip.compress(ALL[name].encode()),
        b"\xef\xbb\xbf" + ALL[name].encode(),
        ALL[name].replace("\n", "\r\n").encode(),
        shuffled.encode(),
    ):
        pd.testing.assert_frame_equal(recognise.read_events(file(content, "anything.dat")), expected)


@pytest.mark.parametrize("name", ALL)
def test_columns_may_come_in_any_order(file, name):
    import csv
    import io

    separator = "|" if name == "fdsn" else ","
    lines = [line for line in ALL[name].splitlines() if line and not line.startswith("# ")]
    rows = list(csv.reader(lines, delimiter=separator))
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(row[::-1] for row in rows)
    pd.testing.assert_frame_equal(
        recognise.read_events(file(out.getvalue())), recognise.read_events(file(ALL[name], "x"))
    )


@pytest.mark.parametrize("missing", ["", "--", "NaN", "null"])
def test_rows_without_a_magnitude_are_dropped_and_counted(file, missing):
    table = recognise.read_events(file(CSEP.replace(",2.5,", f",{missing},")))
    assert table["event_id"].tolist() == ["1592369"]
    assert table.attrs["notes"] == ("1 row dropped: no magnitude.",)


def test_a_repeated_row_is_dropped_and_counted(file):
    table = recognise.read_events(file(CSEP + CSEP.splitlines()[1] + "\n"))
    assert len(table) == 2
    assert table.attrs["notes"] == ("1 row dropped: the same as another row.",)


def test_of_two_versions_of_an_event_the_later_update_is_kept(file):
    row = COMCAT.splitlines()[1]
    revised = row.replace(",7.5,", ",7.6,").replace("2024-04-02", "2024-05-02")
    for content in (COMCAT + revised + "\n", COMCAT.replace(row, revised) + row + "\n"):
        table = recognise.read_events(file(content))
        assert table["magnitude"].tolist() == [4.1, 7.6]
        assert table.attrs["notes"] == (
            "1 row dropped: the identifier repeats, as us6000m0xl does; the latest version was kept.",
        )


def test_without_updates_the_earliest_origin_time_of_a_repeated_identifier_is_kept(file):
    again = "13.3,43.1,2.2,2005-04-17T05:06:51,20.0,-1,1592369\n"
    header, first, second = CSEP.strip().split("\n")
    for content in (CSEP + again, "\n".join([header, again.strip(), second, first]) + "\n"):
        table = recognise.read_events(file(content))
        assert table["magnitude"].tolist() == [2.2, 2.5]


def test_longitudes_past_180_degrees_are_turned_to_west(file):
    table = recognise.read_events(file(CSEP.replace("13.292", "346.5")))
    assert table["longitude_deg"].iloc[0] == pytest.approx(-13.5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("43.075", "93.075", r"line 2: lat is 93\.075, outside -90 to 90"),
        ("12.515", "512.5", r"line 3: lon is 512\.5, outside -180 to 360"),
        ("12.515", "", "line 3: lon is missing, and it is needed"),
        ("21.7", "21700", r"line 2: depth is 21700, outside -10 to 800"),
        (",2.5", ",99", r"line 3: mag is 99, outside -4 to 10"),
        (",2.5", ",2;5", r"line 3: mag is '2;5', expected a number"),
        ("2005-04-17T10", "05-04-17T10", "line 3: the year in '05-04-17T10:46:59' has two digits"),
        ("2005-04-17T10", "17.04.2005 10", "line 3: found the time '17.04.2005 10:46:59', expected one like"),
        ("10:46:59", "10:60:61", "line 3: '2005-04-17T10:60:61' is not a possible time"),
        ("2005-04-17T10", "2005-02-30T10", "line 3: .* is not a possible time"),
        (",9.0,-1,1592429\n", ",9.0\n", "line 3: found 5 values, expected 7 as in the header"),
        ("1592429\n", "1592", r"line 3: the last line has no line end, and its last value .eventid '1592'. may be cut"),
        ("12.515", '"12.515', "line 3: a quotation mark is not closed"),
        (",-1,1592429", ",7,1592429", "holds 2 simulated catalogues"),
        ("depth,", "mag,", "line 1: the column 'mag' is named twice"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_what_was_expected(file, old, new, message):
    assert CSEP.count(old) == 1
    with pytest.raises(InputError, match=message):
        recognise.read_events(file(CSEP.replace(old, new)))


def test_a_two_digit_year_of_koeri_is_refused_too(file):
    with pytest.raises(InputError, match="line 3: the year in '23.02.06 01:17:32.00' has two digits"):
        recognise.read_events(file(KOERI.replace("2023.02.06", "23.02.06")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"<!DOCTYPE html><html><body>Busy</body></html>\n", "web page"),
        (b"<?xml version='1.0'?>\n<q:quakeml/>\n", "XML"),
        (b"PK\x03\x04rest", "zip archive"),
        (bytes(range(256)), "binary"),
        (COMCAT.encode("utf-16"), "binary"),
        (gzip.compress(COMCAT.encode())[:-20], "compressed file is cut off or damaged"),
        (b"a,b,c\n1,2,3\n", "no catalogue of a known format; its first line holds 'a, b, c'"),
        (COMCAT.splitlines()[0].encode() + b"\n", "holds no earthquake with a magnitude"),
        (FDSN.encode() + b"Error 413: Request Entity Too Large\n", "line 7: found 1 values, expected 14"),
    ],
)
def test_what_is_no_catalogue_is_refused_in_a_sentence_with_the_file_name(file, content, message):
    with pytest.raises(InputError, match=message) as refused:
        recognise.read_events(file(content, "broken.csv"))
    assert "broken.csv" in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: cannot be read .No such file"):
        recognise.read_events(tmp_path / "none.csv")


@pytest.mark.parametrize("name", ALL)
def test_a_catalogue_cut_anywhere_is_refused_or_every_event_in_it_is_as_in_the_whole_file(file, name):
    content = ALL[name].encode()
    whole = recognise.read_events(file(content))
    for length in range(1, len(content)):
        try:
            table = recognise.read_events(file(content[:length]))
        except InputError:
            continue
        same = whole[whole["event_id"].isin(table["event_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(table, same)


@pytest.mark.parametrize("name", ALL)
def test_a_complete_last_line_needs_no_line_end(file, name):
    content = ALL[name].rstrip("\n")
    pd.testing.assert_frame_equal(
        recognise.read_events(file(content)), recognise.read_events(file(ALL[name], "ended.csv"))
    )


@pytest.mark.parametrize("name", ALL)
def test_random_damage_gives_an_error_of_one_kind_or_a_sound_table(file, name):
    random_ = random.Random(name)
    for _ in range(200):
        content = bytearray(ALL[name].encode())
        for _ in range(random_.randint(1, 4)):
            at = random_.randrange(len(content))
            what = random_.choice(("flip", "delete", "insert", "double"))
            if what == "flip":
                content[at] = random_.randrange(256)
            elif what == "delete":
                del content[at : at + random_.randint(1, 30)]
            elif what == "insert":
                content[at:at] = random_.choice((b'"', b",", b"|", b"\n", b"\0", b"-", b"\xff", "ş".encode()))
            else:
                content[at:at] = content[at : at + 40]
        try:
            table = recognise.read_events(file(bytes(content)))
        except InputError as error:
            assert "list.csv" in str(error)
        else:
            events.check(table)


def sound():
    return pd.DataFrame(
        {
            "event_id": ["b", "a"],
            "origin_time": pd.to_datetime(["2020-01-02", "2020-01-01"], utc=True),
            "latitude_deg": [1, 2],
            "longitude_deg": [3.0, 4.0],
            "depth_km": [np.nan, 5.0],
            "magnitude": [4.0, 5.0],
            "magnitude_type": ["Mw", None],
            "source": "test",
        }
    )


def test_check_sorts_and_keeps_notes():
    table = sound()
    table.attrs["notes"] = ("one",)
    checked = events.check(table)
    assert checked["event_id"].tolist() == ["a", "b"] and list(checked.index) == [0, 1]
    assert checked["magnitude_type"].tolist() == ["", "Mw"]
    assert checked.attrs["notes"] == ("one",)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("event_id", ["a", "a"], "event_id is a, expected a name of its own"),
        ("event_id", ["", "a"], "event_id is , expected a name"),
        ("latitude_deg", [91, 0], "Event 'b': latitude_deg is 91"),
        ("longitude_deg", [0, np.nan], "Event 'a': longitude_deg is nan"),
        ("magnitude", [np.nan, 1], "Event 'b': magnitude is nan"),
        ("depth_km", [9000, 1], "Event 'b': depth_km is 9000"),
        ("origin_time", pd.to_datetime(["2020-01-02", "2020-01-01"]), "no time zone"),
    ],
)
def test_check_refuses_what_breaks_the_guarantees_of_the_events_table(column, value, message):
    with pytest.raises(InputError, match=message):
        events.check(sound().assign(**{column: value}))
    with pytest.raises(InputError, match=f"lacks the column {column}"):
        events.check(sound().drop(columns=column))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "rows", "first", "last"),
    [
        ("italy_iside_20050417-20210630_m20_csep", 35_020, "2005-04-17", "2021-06-30"),
        ("romania_infp_20120917-20241031", 3_714, "2012-09-17", "2024-10-31"),
        ("alaska_usgs_comcat_20141020-20160608_m25", 4_389, "2014-10-20", "2016-06-08"),
        ("tohoku_usgs_comcat_1964-20110314_m45", 4_256, "1964-11-27", "2011-03-14"),
    ],
)
def test_real_catalogues_have_the_counts_and_dates_of_their_description(shared_data, name, rows, first, last):
    table = recognise.read_events(shared_data / "catalogues" / f"{name}.csv.gz")
    assert len(table) == rows and table.attrs["notes"] == ()
    days = table["origin_time"].dt.strftime("%Y-%m-%d")
    assert (days.iloc[0], days.iloc[-1]) == (first, last)


@pytest.mark.shared
def test_every_row_of_the_real_koeri_list_is_an_event_or_is_counted(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "turkey_koeri_1915-20230430_m35.csv.gz")
    assert table.attrs["notes"] == (
        "2 rows dropped: not earthquakes (2 suspected blast (Sm)).",
        "1 row dropped: the identifier repeats, as 19260318140614 does; the earliest origin time was kept.",
    )
    assert len(table) == 19_908 - 2 - 1
    assert 0.30 < (table["magnitude_type"] == "Mw").mean() < 0.32  # "Mw present for 31 %"
    izmit = table[table["origin_time"].between(utc("1999-08-17T00:01"), utc("1999-08-17T00:02"))]
    assert izmit[["magnitude", "magnitude_type"]].values.tolist() == [[7.4, "Mw"]]


@pytest.mark.shared
def test_the_tohoku_mainshock_is_where_and_when_it_was(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "tohoku_usgs_comcat_1964-20110314_m45.csv.gz")
    largest = table.loc[table["magnitude"].idxmax()]
    assert largest["origin_time"] == utc("2011-03-11T05:46:24.120")
    assert (largest["magnitude"], largest["latitude_deg"], largest["longitude_deg"]) == (9.1, 38.297, 142.373)


@pytest.mark.shared
def test_the_real_fdsn_sample_with_blanks_and_empty_fields_is_read(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "formats" / "fdsn_text" / "events.txt")
    assert table["magnitude"].tolist() == [8.5, 8.6]
    assert table["magnitude_type"].tolist() == ["", "MW"]
    assert table["source"].tolist() == ["FDSN", "ISC"]


def test_a_file_of_minutes_is_named_for_what_it_is(tmp_path):
    path = tmp_path / "dur.min"
    path.write_text(iaga2002_text.file_text([iaga2002_text.line("2015-01-01", "00:00", (1, 2, 3, 4))]))
    with pytest.raises(InputError, match="dur.min: this is magnetic data .* no catalogue.*precursor ingest"):
        recognise.read_events(path)
