"""`precursor catalogue`: store as before, and the history, comparison and merging of what is stored."""

import json

import pytest

from core.loading.archive.archive import Archive

HEAD = "time,latitude,longitude,depth,mag,magType,id,type\n"
ROW = "2016-01-{day:02d}T03:04:05.000Z,{lat},14.0,10,{mag},{kind},{id},earthquake\n"


def listed(path, *rows):
    path.write_text(HEAD + "".join(ROW.format(day=d, lat=lat, mag=mag, kind=k, id=i) for d, lat, mag, k, i in rows))
    return path


@pytest.fixture
def old(tmp_path):
    return listed(tmp_path / "old.csv", (2, 42.0, 4.5, "ml", "a"), (3, 42.1, 5.0, "ml", "b"), (4, 42.2, 4.0, "ml", "c"))


@pytest.fixture
def new(tmp_path):
    return listed(tmp_path / "new.csv", (2, 42.0, 4.7, "ml", "a"), (3, 42.1, 5.0, "ml", "b"), (9, 44.0, 4.0, "ml", "d"))


def test_store_is_what_happens_when_no_other_verb_is_named(precursor, old, data_folder):
    for command in (("catalogue", old, "--name", "italy"), ("catalogue", "--data", data_folder, old, "--name", "two")):
        code, out, _ = precursor(*command)
        assert code == 0 and "3 events stored" in out
    code, out, _ = precursor("catalogue", "--json")
    assert [row["name"] for row in json.loads(out)] == ["italy", "two"]
    code, out, _ = precursor("catalogue", "--help")
    assert code == 0 and "history" in out and "merge" in out


def test_diff_says_what_was_added_removed_and_changed_between_snapshots_and_files(precursor, old, new):
    precursor("catalogue", old, "--name", "italy")
    before = json.loads(precursor("catalogue", "--json")[1])[0]["digest"]
    precursor("catalogue", new, "--name", "italy")
    expected = {"a": "changed", "c": "removed", "d": "added"}
    for a, b in ((f"italy@{before[:8]}", "italy"), (old, new), (old, "italy")):
        code, out, _ = precursor("catalogue", "diff", a, b, "--json")
        rows = json.loads(out)
        assert code == 0 and {row["event_id"]: row["change"] for row in rows} == expected
        assert next(row["what"] for row in rows if row["event_id"] == "a") == "magnitude 4.5 -> 4.7"
    code, out, _ = precursor("catalogue", "diff", old, new)
    assert "1 added, 1 removed, 1 changed; 1 event the same." in out
    code, out, _ = precursor("catalogue", "diff", "italy", "italy")
    assert code == 0 and "Nothing changed." in out
    code, out, _ = precursor("catalogue", "history", "italy", "--json")
    assert [row["origin"] for row in json.loads(out)] == ["old.csv", "new.csv"]


def test_merge_takes_the_place_of_the_most_trusted_and_the_best_magnitude_and_names_its_members(
    precursor, old, tmp_path, data_folder
):
    other = listed(tmp_path / "other.csv", (2, 42.05, 4.2, "mw", "x"), (20, 45.0, 5.5, "mw", "y"))
    precursor("catalogue", old, "--name", "first")
    precursor("catalogue", other, "--name", "second")
    code, out, _ = precursor("catalogue", "merge", "first", "second", "--name", "both")
    assert code == 0 and "5 entries of 2 catalogues are 4 events; 1 are in several." in out
    archive = Archive(data_folder / "archive")
    both = archive.events("both").set_index("event_id")
    assert both.index.tolist() == ["a", "b", "c", "y"]
    assert both.loc["a", ["latitude_deg", "magnitude", "magnitude_type"]].tolist() == [42.0, 4.2, "mw"]
    story = archive.snapshot("both").story
    assert [(one["name"], one["digest"]) for one in story["merged_from"]] == [
        (name, archive.snapshot(name).digest) for name in ("first", "second")
    ]
    precursor("catalogue", "merge", "first", "second", "--name", "place", "--magnitude-of-place")
    assert archive.events("place")["magnitude"].iloc[0] == 4.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("merge", "first", "--name", "x"), "two catalogues or more"),
        (("merge", "first", "first", "--name", "x"), "each once"),
        (("merge", "first", "late", "--name", "first"), "under a name of its own"),
        (("merge", "first", "late", "--name", "x"), "No catalogue covers 2016-01-04"),
        (("merge", "first", "absent", "--name", "x"), "`precursor catalogue FILE --name absent` stores one"),
        (("diff", "first", "absent"), "neither a stored catalogue nor a file 'absent'"),
        (("diff", "first", "first@soon"), "no time such as 2026-11-01"),
        (("history", "absent"), "There is no catalogue 'absent'"),
    ],
)
def test_what_cannot_be_compared_or_merged_is_one_sentence(precursor, old, tmp_path, data_folder, arguments, words):
    precursor("catalogue", old, "--name", "first")
    precursor("catalogue", listed(tmp_path / "late.csv", (25, 42.0, 4.0, "ml", "z")), "--name", "late")
    code, _, err = precursor("catalogue", *arguments)
    assert code == 2 and words in err and err.startswith("Error: ")
    assert Archive(data_folder / "archive").catalogues()["name"].tolist() == ["first", "late"]


def test_a_data_folder_that_is_not_there_is_not_made_by_comparing(precursor, tmp_path):
    code, _, err = precursor("catalogue", "diff", "a", "b", "--data", tmp_path / "absent")
    assert code == 2 and "There is no folder" in err
    assert not (tmp_path / "absent").exists()


def test_any_csv_list_is_stored_by_a_mapping_and_made_again_from_it(precursor, tmp_path, data_folder):
    path, mapping = tmp_path / "list.csv", tmp_path / "map.toml"
    path.write_text("when;lat;lon;size\n20160102 030405;42,0;14,0;4,5\n20160103 030405;42,1;14,0;5,0\n")
    code, _, err = precursor("catalogue", path)
    assert code == 2 and "--mapping" in err
    columns = 'source = "Mine"\ntime = "when"\ntime_format = "%Y%m%d %H%M%S"\nlatitude = "lat"\nlongitude = "lon"\n'
    mapping.write_text(columns + 'magnitude = "size"\nmagnitude_type = "ML"\nseparator = ";"\ndecimal = ","\n')
    code, out, _ = precursor("catalogue", path, "--name", "mine", "--mapping", mapping)
    assert code == 0 and "2 events stored" in out
    events = Archive(data_folder / "archive").events("mine")
    assert events["magnitude"].tolist() == [4.5, 5.0] and set(events["source"]) == {"Mine"}
    assert str(events["origin_time"][0]) == "2016-01-02 03:04:05+00:00"
    code, _, err = precursor("archive", "rebuild")
    assert code == 0 and "byte for byte" in err


def test_a_converted_catalogue_names_the_relation_of_each_magnitude_and_is_made_again(precursor, tmp_path, data_folder):
    rows = (2, 42.0, 5.0, "mb", "a"), (3, 42.1, 5.0, "mww", "b"), (4, 42.2, 4.0, "md", "c"), (5, 42.0, 4.0, "ml", "d")
    precursor("catalogue", listed(tmp_path / "list.csv", *rows), "--name", "native")
    code, out, _ = precursor("catalogue", "convert", "native", "--name", "mw")
    assert code == 0 and "1 are native Mw, 1 stay what they were" in out
    events = Archive(data_folder / "archive").events("mw")
    # By hand: 0.85 * 5 + 1.03 = 5.28; 0.53 + 0.646 * 4 + 0.0376 * 16 = 3.716.
    assert events[["magnitude", "magnitude_type"]].values.tolist() == [
        [5.28, "Mw (Scordilis 2006)"],
        [5.0, "mww"],
        [4.0, "md"],
        [3.716, "Mw (Gruenthal 2009)"],
    ]
    assert Archive(data_folder / "archive").events("native")["magnitude"].tolist() == [5.0, 5.0, 4.0, 4.0]
    code, _, err = precursor("catalogue", "convert", "native", "--name", "native")
    assert code == 2 and "a name of its own" in err
    code, _, err = precursor("archive", "rebuild")
    assert code == 0 and "byte for byte" in err
