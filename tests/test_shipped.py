"""What comes with the project, and what the user has of the same name over it."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from core import data_folder as folders
from core import shipped, stations
from core.data_folder import ROOT
from core.errors import InputError
from core.runs import presets
from core.studies import vary

MINE = """
[CLF]
name = "Chambon-la-Foret"
latitude_deg = 48.025
longitude_deg = 2.260

[DUR]
name = "Duronia, moved"
latitude_deg = 40.0
longitude_deg = 14.0
"""


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of its own, with the project's files committed, and nobody who names a data folder."""
    folder = tmp_path / "checkout"
    for name in shipped.OPEN_TO_CHANGE:
        copy = shutil.copytree if (ROOT / "data" / name).is_dir() else shutil.copy
        (folder / "data").mkdir(parents=True, exist_ok=True)
        copy(ROOT / "data" / name, folder / "data" / name)
    (folder / "pyproject.toml").touch()
    shutil.copy(ROOT / ".gitignore", folder)
    for ignored in (folder / "data" / "experiments" / "sweeps").glob("*-????????.toml"):
        ignored.unlink()
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "as the project has it")
    monkeypatch.setattr(folders, "ROOT", folder)
    return folder


def test_a_station_of_the_data_folder_goes_before_the_projects_and_the_others_stay(data_folder):
    before = stations.table()
    (data_folder / "stations.toml").write_text(MINE, encoding="utf-8")
    after = stations.table()
    assert (after["DUR"].name, after["CLF"].latitude_deg) == ("Duronia, moved", 48.025)
    assert after["IZN"] == before["IZN"] and list(after) == [*before, "CLF"]
    assert stations.get("CLF").name == "Chambon-la-Foret"


def test_a_station_that_was_changed_or_taken_out_again_is_seen_at_once(data_folder):
    path = data_folder / "stations.toml"
    path.write_text(MINE, encoding="utf-8")
    assert stations.table()["DUR"].latitude_deg == 40.0
    path.write_text(MINE.replace("40.0", "41.25"), encoding="utf-8")
    assert stations.table()["DUR"].latitude_deg == 41.25
    path.unlink()
    assert stations.table()["DUR"].latitude_deg == 41.650 and "CLF" not in stations.table()


def test_the_list_of_stations_says_whose_each_entry_is(precursor, data_folder):
    (data_folder / "stations.toml").write_text(MINE, encoding="utf-8")
    rows = {row["code"]: row for row in json.loads(precursor("stations", "--json")[1])}
    assert {code for code, row in rows.items() if row["whose"] == "yours"} == {"CLF", "DUR"}
    assert rows["IZN"]["whose"] == "the project's"
    assert f"CLF, DUR: yours, from {data_folder / 'stations.toml'}" in precursor("stations")[1]


def test_an_unknown_station_is_to_be_added_in_the_data_folder_in_use(data_folder):
    with pytest.raises(InputError, match=str(data_folder / "stations.toml")):
        stations.get("XXX")


def test_a_changed_tracked_copy_is_noticed_and_the_stations_in_it_are_named(precursor, checkout):
    assert "yours" not in precursor("stations")[1]
    tracked = checkout / "data" / "stations.toml"
    tracked.write_text(tracked.read_text(encoding="utf-8").replace("41.650", "41.7") + MINE.split("[DUR]")[0])
    out = precursor("stations")[1]
    assert f"DUR, CLF: yours, because {tracked} is changed: an update of the project may clash with it." in out
    rows = {row["code"]: row["whose"] for row in json.loads(precursor("stations", "--json")[1])}
    assert {code for code, whose in rows.items() if whose == "yours"} == {"DUR", "CLF"}


def test_a_changed_tracked_copy_is_noticed_where_it_is_the_data_folder_too(checkout, monkeypatch):
    monkeypatch.delenv("PRECURSOR_DATA", raising=False)
    tracked = checkout / "data" / "stations.toml"
    assert stations.own() == {}
    tracked.write_text(tracked.read_text(encoding="utf-8") + MINE.split("[DUR]")[0])
    assert stations.own() == {"CLF": tracked}


def test_to_look_whether_something_was_changed_writes_nothing(checkout):
    (checkout / "data" / "stations.toml").touch()  # git would like to note the new time in its index
    before = {path: path.stat().st_mtime_ns for path in checkout.rglob("*")}
    assert shipped.changed() == set()
    assert {path: path.stat().st_mtime_ns for path in checkout.rglob("*")} == before


@pytest.mark.parametrize(
    ("kind", "name", "find"),
    [
        ("experiments", "demo-honest", lambda name, folder: presets.find(name, folder).description),
        ("mappings", "intelecell_kodiak", lambda n, folder: shipped.find("mappings", "mapping", n, folder).read_text()),
        ("experiments/sweeps", "paper-optimisers", lambda name, folder: vary.load(name, folder).base.description),
    ],
)
def test_a_file_of_the_data_folder_goes_before_the_projects_of_that_name(data_folder, kind, name, find):
    text = (ROOT / "data" / kind / f"{name}.toml").read_text(encoding="utf-8")
    assert find(name, data_folder) and "Mine" not in find(name, data_folder)
    (data_folder / kind).mkdir(parents=True)
    lines = [line for line in text.splitlines() if not line.startswith("description")]
    (data_folder / kind / f"{name}.toml").write_text("\n".join(['description = "Mine"', *lines]), encoding="utf-8")
    assert "Mine" in find(name, data_folder)


def test_a_mapping_has_a_name_as_an_experiment_has(precursor, tmp_path, data_folder):
    (tmp_path / "koeri.csv").write_text("a\n1\n")
    _, _, err = precursor("catalogue", tmp_path / "koeri.csv", "--mapping", "events_koeri_live")
    assert "mapping" not in err.split("koeri.csv")[0]  # it was found, and the file is what is refused
    (data_folder / "mappings").mkdir()
    (data_folder / "mappings" / "mine.toml").touch()
    for verb in (["catalogue"], ["ingest"]):
        code, _, err = precursor(*verb, tmp_path / "koeri.csv", "--mapping", "nobody")
        assert code == 2 and "There is no mapping 'nobody'. Give a TOML file, or one of:" in err
        assert "events_koeri_live, intelecell_kodiak, " in err and "mine (yours)" in err


def test_the_names_of_experiments_are_marked_where_they_are_the_users(checkout, data_folder):
    (data_folder / "experiments").mkdir()
    (data_folder / "experiments" / "mine.toml").touch()
    (checkout / "data" / "experiments" / "new.toml").touch()
    edited = checkout / "data" / "experiments" / "paper-dur.toml"
    edited.write_text(edited.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        presets.find("nobody", data_folder)
    names = str(refusal.value).split("one of: ")[1].rstrip(".").split(", ")
    assert [name for name in names if "(yours)" in name] == ["mine (yours)", "new (yours)", "paper-dur (yours)"]
    assert "demo-honest" in names


@pytest.mark.parametrize(
    ("kind", "name", "use"),
    [
        ("experiments", "demo-honest", presets.find),
        ("experiments/sweeps", "paper-optimisers", vary.load),
        ("mappings", "events_koeri_live", lambda name, folder: shipped.find("mappings", "mapping", name, folder)),
    ],
)
def test_a_changed_tracked_copy_that_is_used_is_noticed(checkout, data_folder, caplog, kind, name, use):
    tracked = checkout / "data" / kind / f"{name}.toml"
    use(name, data_folder)
    assert not caplog.messages
    tracked.write_text(tracked.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    use(name, data_folder)
    (told,) = caplog.messages
    assert told.startswith(f"{tracked} is changed: an update of the project may clash with it.")
    assert f"A {kind}/{name}.toml in a data folder elsewhere" in told
    caplog.clear()
    (data_folder / kind).mkdir(parents=True)
    shutil.copy(tracked, data_folder / kind)
    use(name, data_folder)
    assert not caplog.messages  # the user's own goes before it


def test_a_file_of_the_users_in_the_checkout_that_the_project_does_not_have_clashes_with_nothing(checkout, caplog):
    own = checkout / "data" / "experiments" / "mine.toml"
    shutil.copy(checkout / "data" / "experiments" / "demo-honest.toml", own)
    assert shipped.find("experiments", "config", "mine", checkout / "data") == own and not caplog.messages


def test_a_plan_that_the_train_page_wrote_is_the_users_although_git_ignores_it(checkout, monkeypatch):
    plan = checkout / "data" / "experiments" / "sweeps" / "demo-planted-8fbde6c4.toml"
    plan.touch()
    assert shipped.changed() == {plan}


def test_a_preset_of_the_user_is_marked_on_the_pages(data_folder):
    widgets = pytest.importorskip("dashboard.widgets")
    (data_folder / "experiments").mkdir()
    shutil.copy(ROOT / "data" / "experiments" / "demo-honest.toml", data_folder / "experiments" / "mine.toml")
    assert widgets.preset_words("mine") == "mine · yours"
    assert widgets.preset_words("demo-honest") == "demo-honest"


def test_without_git_or_in_a_wheel_nothing_is_held_to_be_changed(checkout, monkeypatch):
    (checkout / "data" / "stations.toml").write_text("", encoding="utf-8")
    assert shipped.changed()
    monkeypatch.setenv("PATH", "")
    assert shipped.changed() == set()
    monkeypatch.undo()
    shutil.rmtree(checkout / ".git")
    monkeypatch.setattr(folders, "ROOT", checkout)
    assert shipped.changed() == set() and shipped.committed("stations.toml") is None
