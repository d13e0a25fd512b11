"""HORUS: numbers with ten decimals, clocks past 60, and columns the header forgot."""

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import horus
from support.damage import refused_or_sound, refused_when_cut

NAMES = ["Year", "Mo", "Da", "Ho", "Mi", "Se", "Lat", "Lon", "Depth", "Mw", "sigMw", "Geo-Ita", "Geo-CPTI15"]
HEADER = "\t".join([*NAMES, "Ev.type", ""])  # the name of the last column is missing


def row(*numbers, marks="*\t*", kind="", iside=""):
    return "\t".join(f"{number:20.10f}" for number in numbers) + f"\t{marks}\t{kind}\t{iside}"


LAQUILA = row(2009, 4, 6, 1, 32, 40.4, 42.342, 13.380, 8.3, 6.29, 0.07, iside="1895389")
OLD = row(1960, 1, 3, 20, 19, 34, 39.3, 15.3, 290, 6.15, 0.2)
# As the file really has it: minute 60 and second 64.29.
CARRIED = row(2020, 9, 22, 10, 60, 64.29, 41.615, 14.0108, 6.1, 1.06, 0.2, iside="25281001")
BLAST = row(2015, 5, 5, 5, 5, 5.5, 42.0, 13.0, 0, 1.9, 0.2, kind="x", iside="4000001")
LIST = "\n".join([HEADER, OLD, LAQUILA, BLAST, CARRIED]) + "\n"


@pytest.fixture
def file(tmp_path):
    def write(content, name="horus.txt"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def test_every_magnitude_is_mw_and_iside_numbers_are_identifiers(file):
    table = recognise.read_events(file(LIST))
    assert table["event_id"].tolist() == ["horus19600103201934000", "1895389", "25281001"]
    row = table.iloc[1]
    assert row["origin_time"] == pd.Timestamp("2009-04-06T01:32:40.4Z")
    assert (row["latitude_deg"], row["longitude_deg"], row["depth_km"]) == (42.342, 13.38, 8.3)
    assert (row["magnitude"], row["magnitude_type"], row["source"]) == (6.29, "Mw", "HORUS")


def test_a_minute_or_second_past_60_is_carried_over_and_counted(file):
    table = recognise.read_events(file(LIST))
    assert table["origin_time"].iloc[2] == pd.Timestamp("2020-09-22T11:01:04.29Z")
    assert table.attrs["notes"] == (
        "1 row dropped: not earthquakes (1 not an earthquake (x)).",
        "1 time with a minute or second of 60 or more; it was carried over.",
    )


def test_an_excerpt_without_the_last_columns_is_read(file):
    cut = [line.rsplit("\t", 2)[0] + "\t" for line in (HEADER, OLD, LAQUILA)]
    table = recognise.read_events(file("\n".join(cut) + "\n"))
    assert table["event_id"].tolist() == ["horus19600103201934000", "horus20090406013240400"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("42.3420000000", "142.3420000000", "line 3: lat is 142.3420000000, outside"),
        ("42.3420000000", "nan", "line 3: lat is missing"),
        ("40.4000000000", "140.4000000000", "line 3: se is 140.4000000000, outside 0 to 119.999"),
        ("32.0000000000", "61.0000000000", "line 3: mi is 61.0000000000, outside 0 to 60"),
        ("32.0000000000", "32.5000000000", "line 3: mi is 32.5, expected a whole number"),
        ("        1.0000000000", "       24.0000000000", "line 3: ho is 24.0000000000, outside 0 to 23"),
        ("  6.0000000000", " 31.0000000000", "line 3: 2009-04-31 is not a possible date"),
        ("6.2900000000", "1e999", "line 3: mw is 1e999, outside"),
        ("\t*\t*\t\t1895389", "\t*", "line 3: found 12 values, expected 15"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(file, old, new, message):
    assert LAQUILA.count(old) == 1
    with pytest.raises(InputError, match=message):
        recognise.read_events(file("\n".join([HEADER, OLD, LAQUILA.replace(old, new)]) + "\n"))


def test_a_file_that_is_cut_off_is_refused_or_ends_at_a_full_line(tmp_path):
    content = LIST.encode()
    first = content.index(b"\n", len(HEADER) + 1)
    ends = [end for end in range(first, len(content)) if content[:end].rstrip(b" ").endswith(b"\n")]
    refused_when_cut(horus.read, content, tmp_path / "cut.txt", tuple(ends))
    for end in ends:
        (tmp_path / "part.txt").write_bytes(content[:end])
        assert 1 <= len(horus.read(tmp_path / "part.txt")) <= 3


def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path):
    assert refused_or_sound(horus.read, LIST.encode(), tmp_path / "damaged.txt", 1000, "horus") > 300
