"""The ISC bulletin: CSV inside a web page or plain, and ISF with its prime origin."""

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import isc
from support.damage import refused_or_sound, refused_when_cut
from support.isc_text import HEAD

CSV = """\
DATA_TYPE EVENT_CATALOGUE
ISC Bulletin
--EVENT--|--------------------ORIGIN (PRIME HYPOCENTRE)-----------------|------MAGNITUDES-----...
  EVENTID,TYPE,AUTHOR   ,DATE      ,TIME       ,LAT     ,LON      ,DEPTH,DEPFIX,AUTHOR   ,TYPE  ,MAG
611831327,ke  ,ISC      ,2016-08-24,01:36:32.38, 42.7140,  13.2230,  4.0,TRUE  ,ISC      ,mb    , 5.8,ISC      ,MS    , 6.1,GCMT     ,MW    , 6.2
611831400,uk  ,ROM      ,2016-08-24,02:33:28.90, 42.7900,  13.1500,  8.0,      ,ROM      ,ML    , 5.4
611831500,ke  ,ROM      ,2016-08-24,03:00:00.00, 42.7900,  13.1500,     ,      ,         ,      ,
611831600,km  ,BUC      ,2016-08-25,10:00:00.00, 45.0000,  26.0000,  0.0,TRUE  ,BUC      ,MD    , 2.1

STOP
"""  # noqa: E501
PAGE = (
    '<!DOCTYPE html>\n<html><head><title>ISC: Event catalogue</title></head>\n<body class="x">\n<p>Cite &amp; use</p>\n'
    + "<pre>"
    + CSV.replace("ISC Bulletin", '<a href="/">ISC Bulletin</a>')
    + "</pre>\n</body></html>\n"
)

ISF = f"""\
DATA_TYPE BULLETIN IMS1.0:short
ISC Bulletin
Event   840268 Western Caucasus

{HEAD}
1967/01/30 01:20:28.17   0.15        41.0502   44.2685 4.091 2.719  49   5.0f        76   70                       ke IASPEI     9093437
 (GT5 produced by HDC-RCA methodology)
1967/01/30 01:20:28.70   0.20 1.850  41.0900   44.3100   3.7 2.510   0  11.0d       150  153  21   1.00 120.00 m i uk ISC        1838613
 (#PRIME)
 (Depth fixed to depth phase depth)
1967/01/30 01:20:30.00               40.9000   44.3000                  33.0                                       uk MOS        1838612

Magnitude  Err Nsta Author      OrigID
       4.5          BCIS       1838610
mb     5.1          IASPEI     9093437
MS     4.9          MOS        1838612
mb     5.0       15 ISC        1838613

Event   840269 Nowhere else

{HEAD}
1967/01/31 02:00:00.00              -41.0000  144.0000                                                             kx EIDC       1838614

Magnitude  Err Nsta Author      OrigID
mb     5.1          EIDC       1838614


STOP
"""  # noqa: E501


@pytest.fixture
def file(tmp_path):
    def write(content, name="isc.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_the_csv_gives_the_prime_origin_and_the_magnitude_of_the_best_type(file):
    table = recognise.read_events(file(CSV))
    assert table["event_id"].tolist() == ["611831327", "611831400"]
    amatrice = table.iloc[0]
    assert amatrice["origin_time"] == pd.Timestamp("2016-08-24T01:36:32.38Z")
    assert (amatrice["latitude_deg"], amatrice["longitude_deg"], amatrice["depth_km"]) == (42.714, 13.223, 4.0)
    assert (amatrice["magnitude"], amatrice["magnitude_type"], amatrice["source"]) == (6.2, "MW", "ISC")
    assert table["source"].tolist() == ["ISC", "ISC ROM"]
    assert table.attrs["notes"] == (
        "1 row dropped: not earthquakes (1 known mining explosion (km)).",
        "1 row dropped: no magnitude.",
        "1 event of unknown type (uk), kept as earthquakes.",
    )


def test_inside_a_web_page_in_older_form_or_with_commas_at_the_end_it_is_the_same(file):
    expected = recognise.read_events(file(CSV))
    bare = CSV[CSV.index("  EVENTID") :]
    for content in (PAGE, PAGE.replace("\n", "\r\n"), bare, CSV.replace("13.2230,  4.0,TRUE", "13.2230,4.0,TRUE")):
        pd.testing.assert_frame_equal(recognise.read_events(file(content, "page.html")), expected)
    commas = CSV.replace("MW    , 6.2\n", "MW    , 6.2,\n")
    pd.testing.assert_frame_equal(recognise.read_events(file(commas)), expected)


def test_the_older_header_without_a_type_of_event_is_read(file):
    rows = [line.split(",") for line in CSV.splitlines()]
    older = "\n".join(",".join(row[:1] + row[2:]) if len(row) > 5 else ",".join(row) for row in rows) + "\n"
    assert recognise.read_events(file(older))["event_id"].tolist() == ["611831327", "611831400", "611831600"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("42.7140", "427.140", "line 5: lat is 427.140, outside"),
        ("42.7140", "NaN", "line 5: lat is missing"),
        (" 6.2", "6e2", "line 5: mag is 6e2, outside"),
        ("01:36:32.38", "01:36:60.00", "line 5: .* is not a possible time"),
        ("01:36:32.38", "24:00:00.00", "line 5: .* is not a possible time"),
        (",ML    , 5.4", ",ML    ", "line 6: found 11 values, expected 9 of the origin and then three"),
        ("STOP\n", "", "the line STOP is missing"),
        ("DEPTH", "DEEP", "line 4: expected the columns EVENTID"),
    ],
)
def test_a_bad_csv_is_refused_with_its_line(file, old, new, message):
    with pytest.raises(InputError, match=message):
        recognise.read_events(file(CSV.replace(old, new, 1)))


def test_blank_lines_without_end_take_no_time(file):
    with pytest.raises(InputError):
        isc.read(file("x" + "\n" * 300_000))
    assert not isc.looks_like("\n" * 65_536)


def test_pages_without_a_table_are_refused_each_with_its_reason(file):
    start = "<html><title>ISC</title><body>International Seismological Centre "
    with pytest.raises(InputError, match="found no events"):
        recognise.read_events(file(start + "<p>No events were found.</p></body></html>\n"))
    with pytest.raises(InputError, match="no table of events in this answer"):
        isc.read(file(start + "<p>Sorry, the server is busy.</p></body></html>\n"))
    with pytest.raises(InputError, match="web page"):
        recognise.read_events(file(start + "<p>Sorry, the server is busy.</p></body></html>\n"))


def test_isf_gives_the_prime_origin_with_its_own_magnitude(file):
    table = recognise.read_events(file(ISF))
    assert len(table) == 1
    row = table.iloc[0]
    assert row["origin_time"] == pd.Timestamp("1967-01-30T01:20:28.7Z")
    assert (row["event_id"], row["latitude_deg"], row["longitude_deg"]) == ("840268", 41.09, 44.31)
    # of Ms and mb, which rank alike, the one of the prime origin; not the first mb
    assert (row["depth_km"], row["magnitude"], row["magnitude_type"], row["source"]) == (11.0, 5.0, "mb", "ISC")
    # the prime origin says unknown, but another that it is an earthquake; the second event is an explosion
    assert table.attrs["notes"] == ("1 row dropped: not earthquakes (1 known experimental explosion (kx)).",)


def test_isf_prefers_mw_and_takes_the_last_origin_where_none_is_prime(file):
    content = ISF.replace("MS     4.9          MOS ", "MW     5.3          HRVD").replace(" (#PRIME)\n", "")
    row = recognise.read_events(file(content)).iloc[0]
    assert (row["magnitude"], row["magnitude_type"], row["source"]) == (5.3, "MW", "ISC MOS")
    assert row["depth_km"] == 33.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("STOP\n", "", "the line STOP is missing, so the bulletin is cut off"),
        ("41.0900", "91.0900", "line 8: lat is 91.0900, outside"),
        ("1967/01/30 01:20:28.70", "1967/01/30 01:20:60.00", "line 8: .* is not a possible time"),
        ("1967/01/30 01:20:28.70", "1967-01-30 01:20:28.70", "line 8: found .* expected an origin"),
        ("mb     5.0 ", "mb     5,0 ", "line 17: found the magnitude '5,0'"),
    ],
)
def test_a_bad_bulletin_is_refused_with_its_line(file, old, new, message):
    assert old in ISF
    with pytest.raises(InputError, match=message):
        recognise.read_events(file(ISF.replace(old, new)))


@pytest.mark.parametrize("content", [CSV, PAGE, ISF], ids=["csv", "page", "isf"])
def test_a_file_cut_off_before_its_stop_is_refused(tmp_path, content):
    content = content[: content.index("STOP") + 4]
    refused_when_cut(isc.read, content.encode(), tmp_path / "cut.txt")


@pytest.mark.parametrize("content", [CSV, ISF], ids=["csv", "isf"])
def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path, content):
    assert refused_or_sound(isc.read, content.encode(), tmp_path / "damaged.txt", 1000, content[:40]) > 100


@pytest.mark.shared
def test_the_real_bulletin_has_the_prime_origin_of_its_text(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "formats" / "isf" / "19670130012028.isf")
    row = table.drop(columns="origin_time").values.tolist()
    assert row == [["840268", 41.09, 44.31, 11.0, 5.0, "mb", "ISC"]]
    assert table["origin_time"].tolist() == [pd.Timestamp("1967-01-30T01:20:28.7Z")]
    assert table.attrs["notes"] == ()
