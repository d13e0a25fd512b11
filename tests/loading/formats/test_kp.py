"""Kp, ap and Dst: every file format, no predictions, values on exact thirds."""

import gzip

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.indices import dst
from core.loading.formats.indices import kp as activity
from core.loading.formats.recognise import Kind
from support import damage

# The format of the file, with the Kp and ap of 2015-03-17 (St Patrick's Day storm) as GFZ publishes them.
SW_ALL = """\
DATATYPE CssiSpaceWeather
VERSION 1.2
UPDATED 2025 Jul 21 10:37:15 UTC
# yy mm dd BSRN ND Kp Kp Kp Kp Kp Kp Kp Kp Sum Ap  Ap  Ap  Ap  Ap  Ap  Ap  Ap  Avg Cp C9 ISN F10.7 Q Ctr81
NUM_OBSERVED_POINTS 2
BEGIN OBSERVED
2015 03 17 2477  9 20 47 57 53 77 77 73 77 480   7  39  67  56 179 179 154 179 108 1.9 8  58 113.2 0 126.3
2015 03 18 2477 10 43 53 40 37 50 40 47 43 353  32  56  27  22  48  27  39  32  35 1.4 6  59 114.6 0 126.4
END OBSERVED

NUM_DAILY_PREDICTED_POINTS 1
BEGIN DAILY_PREDICTED
2015 03 19 2477 11 13 13  7  3 07 13 10 17  83   5   5   3   2   3   5   4   6   4 0.1 0 157 120.0   133.2
END DAILY_PREDICTED
BEGIN MONTHLY_PREDICTED
2015 04 01 2478 13                                                                       130 166.4   148.5
END MONTHLY_PREDICTED
"""
SW_CSV = """\
DATE,BSRN,ND,KP1,KP2,KP3,KP4,KP5,KP6,KP7,KP8,KP_SUM,AP1,AP2,AP3,AP4,AP5,AP6,AP7,AP8,AP_AVG,CP,C9,ISN,F10.7_OBS,F10.7_DATA_TYPE
2015-03-17,2477,9,20,47,57,53,77,77,73,77,480,7,39,67,56,179,179,154,179,108,1.9,8,58,113.2,OBS
2015-03-18,2477,10,43,53,40,37,50,40,47,43,353,32,56,27,22,48,27,39,32,35,1.4,6,59,114.6,INT
2015-03-19,2477,11,13,13,7,3,7,13,10,17,83,5,5,3,2,3,5,4,6,4,0.1,0,157,120.0,PRD
2015-04-01,2478,13,,,,,,,,,,,,,,,,,,,,,130,166.4,PRM
"""  # noqa: E501
ROWS = """\
Date,K_00,K_03,K_06,K_09,K_12,K_15,K_18,K_21,Kp_Sum
2015-03-17,2,4.667,5.667,5.333,7.667,7.667,7.333,7.667,48
2015-03-18,4.333,5.333,4,3.667,5,4,4.667,4.333,35.333
"""
GFZ_DAYS = """\
# PURPOSE: This file distributes the geomagnetic planetary three-hour index Kp
# SOURCE: Geomagnetic Observatory Niemegk, GFZ Helmholtz Centre for Geosciences
#YYY MM DD  days  days_m  Bsr dB    Kp1    Kp2 ...
2015 03 17 30391 30391.5 2477  9  2.000  4.667  5.667  5.333  7.667  7.667  7.333  7.667    7   39   67   56  179  179  154  179   108  58   113.2    112.0 2
2015 03 18 30392 30392.5 2477 10  4.333  5.333  4.000  3.667  5.000  4.000 -1.000 -1.000   32   56   27   22   48   27   -1   -1    -1  -1     -1.0     -1.0 0
"""  # noqa: E501
GFZ_HOURS = """\
# Kp and ap since 1932, GFZ
#YYY MM DD hh.h hh._m        days      days_m     Kp   ap D
2015 03 17 00.0 01.50 30391.00000 30391.06250  2.000    7 1
2015 03 17 03.0 04.50 30391.12500 30391.18750  4.667   39 1
2015 03 17 06.0 07.50 30391.25000 30391.31250  5.667   67 0
2015 03 17 09.0 10.50 30391.37500 30391.43750 -1.000   -1 0
"""
STORM_KP = [2, 14 / 3, 17 / 3, 16 / 3, 23 / 3, 23 / 3, 22 / 3, 23 / 3]
STORM_AP = [7, 39, 67, 56, 179, 179, 154, 179]

# Two days of WDC Kyoto: the record of 120 characters; the second has a base value of -100 nT and a missing hour.
DST_DAY = "DST1503*17  X220   0" + "".join(f"{-10 * hour:4d}" for hour in range(24)) + "-115"
DST_BASE = "DST1503*18PPX120  -1" + "".join(f"{9999 if hour == 5 else hour:4d}" for hour in range(24)) + " -88"


@pytest.fixture
def file(tmp_path):
    """Write text (or bytes) to a file and give its path."""

    def write(content, name="indices.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("content", [SW_ALL, SW_CSV, ROWS], ids=["SW-All", "SW-All csv", "daily rows"])
def test_kp_of_two_days_is_the_same_from_each_format_on_exact_thirds(file, content):
    table = activity.read(file(content))
    assert tuple(table.columns) == activity.COLUMNS
    assert len(table) == 16
    assert table["kp"].tolist()[:8] == STORM_KP  # exact: 14 / 3 as a float, not 4.667
    assert table["ap"].tolist()[:8] == STORM_AP
    assert table["time"].tolist()[:2] == [pd.Timestamp("2015-03-17T00:00Z"), pd.Timestamp("2015-03-17T03:00Z")]
    assert table["time"].iloc[-1] == pd.Timestamp("2015-03-18T21:00Z")
    assert set(table["status"]) == {"observed"}


def test_predictions_are_dropped_and_counted(file):
    assert activity.read(file(SW_ALL)).attrs["notes"] == (
        "2 predicted days and months dropped (everything after END OBSERVED).",
    )
    assert activity.read(file(SW_CSV)).attrs["notes"] == ("2 predicted days dropped.",)


def test_gfz_days_say_what_is_definitive_and_missing_values_are_counted(file):
    table = activity.read(file(GFZ_DAYS))
    assert len(table) == 14
    assert table["kp"].tolist()[:8] == STORM_KP and table["ap"].tolist()[:8] == STORM_AP
    assert table["status"].tolist() == ["definitive"] * 8 + ["preliminary"] * 6
    assert table.attrs["notes"] == ("2 values of three hours dropped: no Kp.",)


def test_gfz_hours_are_read_line_by_line(file):
    table = activity.read(file(GFZ_HOURS))
    assert table["kp"].tolist() == STORM_KP[:3] and table["ap"].tolist() == STORM_AP[:3]
    assert table["time"].dt.hour.tolist() == [0, 3, 6]
    assert table["status"].tolist() == ["definitive", "definitive", "preliminary"]


@pytest.mark.parametrize("content", [SW_ALL, SW_CSV, ROWS, GFZ_DAYS, GFZ_HOURS])
def test_compression_line_ends_and_bom_do_not_matter(file, content):
    expected = activity.read(file(content))
    for other in (
        gzip.compress(content.encode()),
        content.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + content.encode(),
    ):
        pd.testing.assert_frame_equal(activity.read(file(other)), expected)


def test_the_table_of_ap_is_that_of_gfz():
    # https://kp.gfz.de: 0o 0, 3o 15, 5- 39, 5o 48, 7- 111, 9o 400
    thirds = {0: 0, 9: 15, 14: 39, 15: 48, 20: 111, 27: 400}
    assert {n: int(activity.AP_OF_THIRDS[n]) for n in thirds} == thirds
    assert len(activity.AP_OF_THIRDS) == 28


@pytest.mark.parametrize("kp", [0, 0.3, 0.333, 0.7, 0.667, 2.7, 2.667, 8.7, 9])
def test_every_spelling_of_a_third_becomes_the_same_number(kp):
    assert activity.thirds(np.array([kp]))[0] in [n / 3 for n in range(28)]


@pytest.mark.parametrize(
    ("content", "old", "new", "message"),
    [
        (SW_ALL, "END OBSERVED\n", "", "END OBSERVED is missing, so the file is cut off"),
        (SW_ALL, "POINTS 2", "POINTS 3", "holds 2 observed days, expected 3 as its header says"),
        (SW_ALL, " 20 47 57", " 20 48 57", r"line 7: Kp is 4\.8, which is no third"),
        (SW_ALL, "  39  67", "  39  66", r"line 7: ap is 66, but Kp 5\.667 has ap 67. The line is damaged"),
        (SW_ALL, "2015 03 18", "2015 03 17", "line 8: this day or hour is in the file twice"),
        (SW_ALL, "2015 03 18", "2015 02 30", "line 8: .* is not a possible time"),
        (SW_ALL, " 77 77 73", " 77 7x 73", "line 7: Kp is '7x', expected a number"),
        (SW_CSV, "2015-03-18", "15-03-18", "line 3: the year in .* has two digits"),
        (SW_CSV, ",1.4,6,59,114.6,INT", "", "line 3: found 21 values, expected 26"),
        (ROWS, "5.333,7.667", "5.333,9.333", r"line 2: Kp is 9\.333, outside -1 to 9"),
        (ROWS, "5.333,7.667", "5.333,7.5", r"line 2: Kp is 7\.5, which is no third"),
        (GFZ_DAYS, "     -1.0 0\n", " 0\n", "line 5: found 27 values, expected 28"),
        (GFZ_DAYS, "-1.0 0\n", "-1.0", "line 5: found 27 values, expected 28"),
        (GFZ_HOURS, " 7 1\n", " 7\n", "line 3: found 9 values, expected 28 .a day. or 10"),
        (GFZ_HOURS, "06.0", "05.0", "line 5: Kp begins at the hours 0, 3, ... 21"),
    ],
)
def test_damage_is_refused_with_the_line_and_what_was_expected(file, content, old, new, message):
    assert old in content
    with pytest.raises(InputError, match=message):
        activity.read(file(content.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"<html><body>Error</body></html>\n", "web page"),
        (bytes(range(256)), "binary"),
        (b"Date,X,Y,Z\n1,2,3,4\n", "no file of Kp; it begins with 'Date,X,Y,Z"),
        (DST_DAY.encode() + b"\n", "no file of Kp; it begins with 'DST1503"),
    ],
)
def test_what_is_no_kp_file_is_refused(file, content, message):
    with pytest.raises(InputError, match=message):
        activity.read(file(content))


EVERY = [SW_ALL, SW_CSV, ROWS, GFZ_DAYS, GFZ_HOURS, DST_DAY + "\n" + DST_BASE + "\n"]


@pytest.mark.parametrize("content", EVERY)
def test_a_file_cut_anywhere_is_refused_or_every_value_in_it_is_as_in_the_whole_file(file, content):
    data = content.encode()
    read = dst.read if content.startswith("DST") else activity.read
    whole = read(file(data))
    for length in range(1, len(data)):
        try:
            table = read(file(data[:length]))
        except InputError:
            continue
        pd.testing.assert_frame_equal(table, whole.iloc[: len(table)])


@pytest.mark.parametrize("content", EVERY, ids=["SW-All", "SW-All csv", "daily rows", "GFZ days", "GFZ hours", "Dst"])
def test_random_damage_is_refused_or_gives_a_sound_table(file, content):
    """Of Kp 200 damages each of five formats; a value that is no Kp never comes out."""
    read = dst.read if content.startswith("DST") else activity.read
    n_refused = 0
    for damaged in damage.copies(content.encode(), 200, content[:20]):
        path = file(damaged)
        try:
            table = read(path)
        except InputError as error:
            assert path.name in str(error) and "\n" not in str(error) and len(str(error)) < 600
            n_refused += 1
            continue
        assert table["time"].is_monotonic_increasing and table["time"].is_unique
        if "kp" in table:
            assert table["kp"].isin([n / 3 for n in range(28)]).all()
    assert 20 < n_refused < 200


@pytest.mark.parametrize("content", [content for content in EVERY if content is not SW_CSV])
def test_a_complete_last_line_needs_no_line_end(file, content):
    read = dst.read if content.startswith("DST") else activity.read
    pd.testing.assert_frame_equal(read(file(content.rstrip("\n"))), read(file(content)))


def test_a_lone_word_at_the_end_of_a_file_without_line_end_is_not_believed(file):
    with pytest.raises(
        InputError, match="line 5: the last line has no line end, and its last value .*PRM.* may be cut"
    ):
        activity.read(file(SW_CSV.rstrip("\n")))


def test_a_celestrak_csv_that_cannot_tell_predictions_from_observations_is_refused(file):
    with pytest.raises(InputError, match="no file of Kp"):
        activity.read(file(SW_CSV.replace("F10.7_DATA_TYPE", "REMARK")))


def test_dst_has_hourly_values_base_status_and_counts_missing_hours(file):
    path = file(DST_DAY + "\n" + DST_BASE + "\n")
    assert [recognise.read_index(each)[0] for each in (path, file(SW_ALL, "kp"))] == [Kind.DST, Kind.KP]
    table = dst.read(path)
    assert tuple(table.columns) == dst.COLUMNS
    assert len(table) == 47
    first, last = table.iloc[0], table.iloc[-1]
    assert (first["time"], first["dst_nt"], first["status"]) == (pd.Timestamp("2015-03-17T00:00Z"), 0, "final")
    # Hour 1 of the format is 00-01 UT, so the last of the day begins at 23; 23 nT above the base of -100 nT.
    assert (last["time"], last["dst_nt"], last["status"]) == (pd.Timestamp("2015-03-18T23:00Z"), -77, "provisional")
    assert table.attrs["notes"] == ("1 hours dropped: no value.",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-115", "", "line 1: the record has 116 characters, expected 120"),
        ("  X220", "  X2  ", None),  # a blank century is 19
        ("X220", "X221", "line 1: found 'X221' in columns 13-16"),
        ("1503*17", "1513*17", "line 1: .* is not a possible time"),
        (" -50", " -5x", "line 1: a value of Dst is not a whole number"),
        ("1503*17", "1503*18", "line 2: this day is in the file twice"),
    ],
)
def test_damaged_dst_is_refused_with_the_line(file, old, new, message):
    content = DST_DAY + "\n" + DST_BASE + "\n"
    path = file(content.replace(old, new, 1))
    if message is None:
        assert dst.read(path)["time"].dt.year.tolist()[0] == 1915
        return
    with pytest.raises(InputError, match=message):
        dst.read(path)


def table(**columns):
    time = pd.to_datetime(["2020-01-01T03:00Z", "2020-01-01T00:00Z"])
    return pd.DataFrame({"time": time, "kp": [2.667, 1], "ap": [12, 4], "status": "observed"} | columns)


def test_check_sorts_and_puts_kp_on_thirds():
    checked = activity.check(table())
    assert checked["kp"].tolist() == [1, 8 / 3]
    assert checked["time"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kp", [9.4, 1], "kp is 9.33"),
        ("ap", [np.nan, 4], "ap is nan"),
        ("status", "final", "status is final"),
        ("time", pd.to_datetime(["2020-01-01T00:00Z"] * 2), "expected each time once"),
        ("time", pd.to_datetime(["2020-01-01T01:30Z", "2020-01-01T03:00Z"]), "multiple of three hours"),
        ("time", pd.to_datetime(["2020-01-01T00:00", "2020-01-01T03:00"]), "no time zone"),
    ],
)
def test_check_refuses_what_breaks_the_guarantees(column, value, message):
    with pytest.raises(InputError, match=message):
        activity.check(table(**{column: value}))


@pytest.mark.shared
def test_sw_all_and_the_gfz_rows_agree_in_all_49672_values(shared_data):
    celestrak = activity.read(shared_data / "indices" / "SW-All.txt.gz")
    gfz = activity.read(shared_data / "indices" / "kp_gfz_2006-2022_daily_rows.csv.gz")
    assert celestrak["time"].iloc[0] == pd.Timestamp("1957-10-01T00:00Z")
    assert celestrak["time"].iloc[-1] == pd.Timestamp("2025-07-20T21:00Z")  # no prediction came through
    assert len(celestrak) == 24_765 * 8
    both = gfz.merge(celestrak, on="time", suffixes=("", "_celestrak"))
    assert len(both) == len(gfz) == 49_672
    assert (both["kp"] == both["kp_celestrak"]).all()
    assert (both["ap"] == both["ap_celestrak"]).all()


@pytest.mark.shared
def test_the_halloween_storm_has_the_published_kp(shared_data):
    table = activity.read(shared_data / "indices" / "SW-All.txt.gz").set_index("time")
    day = table.loc["2003-10-29", "kp"]
    assert day.round(3).tolist() == [4.667, 4.0, 9.0, 8.0, 7.667, 7.667, 8.667, 8.667]


@pytest.mark.shared
def test_the_official_gfz_sample_is_read(shared_data):
    table = activity.read(shared_data / "indices" / "formats" / "Kp_ap_Ap_SN_F107_since_1932.excerpt.txt")
    assert len(table) == 80
    assert table["kp"].round(3).tolist()[:8] == [3.333, 2.667, 2.333, 2.667, 3.333, 2.667, 3.333, 3.333]
    assert table["ap"].tolist()[:8] == [18, 12, 9, 12, 18, 12, 18, 18]


@pytest.mark.shared
def test_the_deepest_dst_of_2006_to_2022_is_that_of_the_st_patricks_day_storm(shared_data):
    path = shared_data / "indices" / "dst_kyoto_2006-2022.wdc.gz"
    table = dst.read(path)
    assert len(table) == 6_209 * 24
    deepest = table.loc[table["dst_nt"].idxmin()]
    assert deepest["dst_nt"] == -234
    assert deepest["time"].strftime("%Y-%m-%d") == "2015-03-17"
    assert set(table["status"]) == {"final", "provisional"}
