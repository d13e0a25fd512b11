"""`precursor config`: a file with every option explained, and the list of options."""

from __future__ import annotations

import json

from core import config_file


def test_a_new_config_lies_in_the_data_folder_and_is_called_by_its_name(precursor, data_folder):
    code, out, _ = precursor("config", "new", "mine")
    path = data_folder / "experiments" / "mine.toml"
    assert code == 0 and str(path) in out.replace("\n", "") and "precursor preview mine" in out
    begun, like = config_file.load(path), config_file.load("data/experiments/honest-default.toml")
    assert begun.id == like.id and begun.name == "mine"
    assert "# Why: " in path.read_text(encoding="utf-8")


def test_nothing_that_is_there_is_replaced(precursor, data_folder):
    assert precursor("config", "new", "mine", "--like", "demo-planted")[0] == 0
    before = (data_folder / "experiments" / "mine.toml").read_bytes()
    code, _, err = precursor("config", "new", "mine")
    assert code == 2 and "There is a config 'mine' already" in err
    assert precursor("config", "new", "demo-paper")[0] == 2  # of the project
    assert (data_folder / "experiments" / "mine.toml").read_bytes() == before


def test_a_name_that_cannot_be_and_a_config_that_is_not_there_are_sentences(precursor, data_folder):
    code, _, err = precursor("config", "new", "../mine")
    assert code == 2 and "use 1 to 60 letters" in err and not (data_folder / "experiments").exists()
    code, _, err = precursor("config", "new", "mine", "--like", "nothing")
    assert code == 2 and "nothing" in err


def test_options_are_listed_with_what_they_may_be_and_why(precursor):
    code, out, _ = precursor("config", "options", "split", "--json")
    rows = {row["option"]: row for row in json.loads(out)}
    assert code == 0 and rows["embargo_days"]["allowed"] == "0 to 3,660 days, or -1: automatic"
    assert all(row["section"] == "split" and row["reason"] for row in rows.values())
    code, _, err = precursor("config", "options", "spilt")
    assert code == 2 and "There is no section 'spilt'" in err
