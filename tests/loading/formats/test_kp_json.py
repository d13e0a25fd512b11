"""Kp JSON of GFZ as a file: thirds, their status, what is missing counted, damage named with its place."""

import json

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.nothing import NothingInItError
from core.loading.formats.recognise import Kind

# 2003-10-29, as GFZ prints it; ap by the table of Bartels: 5- 39, 4o 27, 9o 400, 8o 207, 8- 179, 9- 300.
KP = [4.667, 4.0, 9.0, 8.0, 7.667, 7.667, 8.667, 8.667]
AP = [39, 27, 400, 207, 179, 179, 300, 300]
HALLOWEEN = {
    "meta": {"source": "GFZ Potsdam", "license": "CC BY 4.0"},
    "datetime": [f"2003-10-29T{hour:02d}:00:00Z" for hour in range(0, 24, 3)],
    "Kp": KP,
    "status": ["def"] * 6 + ["pre", "nowcast"],
}


@pytest.fixture
def file(tmp_path):
    def write(**changes):
        path = tmp_path / "saved.json"
        path.write_text(json.dumps(HALLOWEEN | changes), encoding="utf-8")
        return path

    return write


def test_a_saved_answer_of_gfz_is_read_as_kp_in_thirds_with_its_status(file):
    kind, table = recognise.read_index(file())
    assert kind is Kind.KP
    assert (table["kp"] * 3).round(9).tolist() == [14, 12, 27, 24, 23, 23, 26, 26]
    assert table["ap"].tolist() == AP
    assert table["status"].tolist() == ["definitive"] * 6 + ["preliminary"] * 2
    assert table["time"].iloc[-1] == pd.Timestamp("2003-10-29T21:00", tz="UTC")


def test_a_null_is_dropped_and_counted(file):
    _, table = recognise.read_index(file(Kp=[*KP[:3], None, *KP[4:]]))
    assert len(table) == 7 and table["time"].iloc[3] == pd.Timestamp("2003-10-29T12:00", tz="UTC")
    assert table.attrs["notes"] == ("1 values of three hours dropped: no Kp.",)


@pytest.mark.parametrize("changes", [{"Kp": [None] * 8}, {"Kp": [], "datetime": [], "status": []}])
def test_a_file_without_any_value_is_refused_and_says_so(file, changes):
    with pytest.raises(NothingInItError, match=r"saved\.json: holds no Kp"):
        recognise.read_index(file(**changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Kp": [4.5, *KP[1:]]}, "value 1: Kp is 4.5, which is no third"),
        ({"Kp": [*KP[:2], 9.333, *KP[3:]]}, "value 3: Kp is 9.333, outside 0 to 9"),
        ({"Kp": [*KP[:7], "high"]}, "value 8: Kp is 'high', expected a number"),
        ({"Kp": [*KP[:7], "-"]}, "value 8: Kp is '-', expected a number or null"),
        ({"Kp": [*KP[:7], True]}, "value 8: Kp is 'True', expected a number"),
        ({"Kp": KP[:7]}, "7 values, 8 times and 8 words"),
        ({"status": "def"}, "found no 'status'"),
        ({"datetime": HALLOWEEN["datetime"][::-1]}, "run backwards"),
        ({"datetime": ["2003-10-29T01:00:00Z", *HALLOWEEN["datetime"][1:]]}, "off the three hours"),
        ({"datetime": ["soon", *HALLOWEEN["datetime"][1:]]}, "value 1: found the time 'soon'"),
    ],
)
def test_damage_is_one_sentence_with_its_place(file, changes, words):
    with pytest.raises(InputError) as caught:
        recognise.read_index(file(**changes))
    assert str(caught.value).startswith("saved.json") and words in str(caught.value)


def test_a_file_that_was_cut_off_is_never_taken(file):
    path = file()
    whole = path.read_bytes()
    for place in range(1, len(whole)):
        path.write_bytes(whole[:place])
        with pytest.raises(InputError):
            recognise.read_index(path)


def test_precursor_activity_stores_a_saved_answer(precursor, file):
    code, out, _ = precursor("activity", file())
    assert code == 0 and "kp: 8 values added" in out


def test_an_archive_with_a_saved_answer_can_be_made_again_from_it(precursor, file):
    assert precursor("activity", file())[0] == 0
    code, _, err = precursor("archive", "rebuild")
    assert code == 0, err
