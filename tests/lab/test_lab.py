"""The lab from files to a verdict, as a notebook goes; the command line gives the same."""

from __future__ import annotations

import datetime
import json
import os

import pandas as pd
import pytest
import tomli_w

from core import Lab, load_config
from core import config as configs
from core import data_folder as current
from core.errors import InputError
from core.labelling.windows import NEGATIVE, POSITIVE
from core.loading.archive.archive import Archive
from support.fake_server import Fake
from support.many_services import ManyServices
from support.small_run import SMALL

STATION = """[QQQ]
name = "Quite elsewhere"
latitude_deg = 10.0
longitude_deg = 20.0
"""


@pytest.fixture(scope="module")
def lab(home):
    """A lab with the small run, which was assessed."""
    lab = Lab(str(home))
    run = lab.train(SMALL)
    lab.assess(run)
    return lab


@pytest.fixture
def served(monkeypatch):
    """A server for three services, named by the environment."""
    with Fake(ManyServices()) as fake:
        for key, path in (("HAPI", "hapi"), ("EMSC", "event"), ("KP", "kp")):
            monkeypatch.setenv(f"PRECURSOR_{key}_URL", f"{fake.base}/{path}")
        yield fake


def test_windows_are_those_of_the_run_that_is_trained_on_them(lab):
    windows, run = lab.windows(SMALL), lab.runs[0]
    columns = ["station", "start", "label", "split", "rejected"]
    pd.testing.assert_frame_equal(windows.table[columns], run.windows[columns])
    kept = windows.table[windows.table["rejected"] == ""]
    assert set(kept["label"]) == {POSITIVE, NEGATIVE}
    assert {split: len(windows.rows(split)) for split in ("train", "test")} == {
        split: int((run.predictions["split"] == split).sum()) for split in ("train", "test")
    }


def test_the_verbs_give_the_run_and_the_verdict_that_the_lab_gives(lab, precursor, tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(tomli_w.dumps(SMALL.as_dict()), encoding="utf-8")
    code, _, _ = precursor("train", path)
    assert code == 0
    (there,) = Lab().runs
    (here,) = lab.runs
    assert there.run_id == here.run_id
    pd.testing.assert_frame_equal(there.predictions, here.predictions)
    code, out, _ = precursor("verdict", there.run_id, "--json")
    assert json.loads(out)[0]["headline"] == lab.verdict(here).headline == lab.verdict(here.run_id[:6]).headline


def test_a_config_is_found_by_its_name_its_file_and_that_of_a_run_and_is_changed(lab, tmp_path):
    run = lab.runs[0]
    kept = lab.load_config(run.folder / "config.json", name="again", training={"epochs": 9})
    assert (kept.name, kept.training.epochs, kept.windows) == ("again", 9, SMALL.windows)
    named = load_config("demo-honest", data={"stations": ["IZN"], "start": "2016-01-01"})
    assert (named.data.stations, named.data.start, named.world.seed) == (("IZN",), "2016-01-01", 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dat": {"stations": ["DUR"]}}, "Unknown option 'dat'"),
        ({"data": {"station": "DUR"}}, "Unknown option 'station' in [data]"),
        ({"data": {"stations": "DUR"}}, "must be a list of names"),
        ({"data": {"start": "soon"}}, "soon"),
        ({"data": 5}, "[data] must be a table of options"),
        ({"name": {"first": "A"}}, "name"),
        ({"training": {"epochs": -1}}, "epochs"),
    ],
)
def test_a_change_that_no_config_allows_is_one_sentence(changes, words):
    with pytest.raises(InputError) as caught:
        load_config("demo-honest", **changes)
    assert words in str(caught.value)


def test_files_and_folders_as_text_come_into_the_archive(published, tmp_path):
    lab = Lab(str(tmp_path / "new"))
    assert lab.ingest(str(published / "minutes"))["outcome"].tolist() == ["stored"] * 4
    assert lab.ingest([published / "minutes"])["outcome"].tolist() == ["unchanged"] * 4
    (sentence, *_) = lab.add_catalogue(
        str(published / "catalogue.csv"), "italy", "2015-12-01", datetime.date(2016, 6, 1)
    )
    assert "stored" in sentence
    lab.add_index(published / "kp.csv")
    assert lab.archive.stations() == ["DUR"] and len(lab.archive.activity())
    covered = lab.archive.events_period("italy")
    assert covered == (pd.Timestamp("2015-12-01", tz="UTC"), pd.Timestamp("2016-06-01", tz="UTC"))


def test_an_archive_is_asked_for_days_by_text_and_for_a_station_in_small_letters(lab):
    source = lab.source(SMALL)
    record = source.minute("dur", "2016-02-01", datetime.date(2016, 2, 3))
    assert (record.start, record.end) == tuple(pd.to_datetime(["2016-02-01", "2016-02-03"], utc=True))
    assert source.data_types("dur", "2016-02-01", "2016-02-03")["n_minutes"].sum() <= 2 * 1440
    gaps = source.gaps("dur", start="2016-02-01", end="2016-03-01")
    assert gaps["start"].min() >= pd.Timestamp("2016-02-01", tz="UTC")
    for asked in (
        lambda: source.minute("DUR", "soon"),
        lambda: source.gaps("DUR", start="soon"),
        lambda: source.data_types("DUR", "soon"),
        lambda: source.events(as_of="soon"),
        lambda: source.events_period(as_of="soon"),
    ):
        with pytest.raises(InputError, match="'soon' is not a time"):
            asked()


def test_what_is_fetched_from_python_is_what_the_verb_fetches_and_can_be_made_again(served, precursor, tmp_path):
    lab = Lab(tmp_path / "python")
    fetched = lab.fetch_all(["dur", "IZN"], start="2018-01-30", end=datetime.date(2018, 2, 2))
    assert dict(zip(fetched.table["what"], fetched.table["outcome"], strict=True)) == dict.fromkeys(
        ["DUR", "IZN", "catalogue emsc", "Kp"], "stored"
    )
    assert any("CC BY-NC 4.0" in sentence for sentence in fetched.sentences)
    verb = tmp_path / "verb"
    span = ("--start", "2018-01-30", "--end", "2018-02-02")
    assert precursor("fetch", "all", "DUR", "IZN", *span, "--data", verb)[0] == 0
    wanted = (["DUR", "IZN"], ["emsc"])
    before = lab.archive.digests(*wanted)
    assert before == Archive(verb / "archive").digests(*wanted)
    lab.archive.folder.rename(tmp_path / "gone")
    assert precursor("archive", "rebuild", "--data", lab.folder)[0] == 0
    assert lab.archive.digests(*wanted) == before


def test_a_month_that_fails_is_a_row_and_comes_with_the_next_call(served, tmp_path):
    lab = Lab(tmp_path)
    served.faults = ["", "", "reset", "reset"]
    first = lab.download("DUR", start="2018-01-30", end="2018-02-02")
    assert first.table["outcome"].tolist() == ["data", "failed"] and first.n_failed == 1 and not first.failed
    second = lab.download("DUR", start="2018-01-30", end="2018-02-02")
    assert second.table["outcome"].tolist() == ["data", "data"]
    assert lab.archive.coverage()["n_present"].tolist() == [3 * 1440]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda lab: lab.fetch_all([], start="2018-01-01"), "No station is named"),
        (lambda lab: lab.fetch_all("MLR", start="2018-01-01"), "not an INTERMAGNET observatory"),
        (lambda lab: lab.fetch_all("DUR", start="soon"), "start 'soon' is not a time"),
        (lambda lab: lab.fetch_all("DUR", start=20180101), "start '20180101' is not a time"),
        (lambda lab: lab.fetch_all("DUR", start=""), "start is empty"),
        (lambda lab: lab.fetch_all("DUR", start="2018-01-02", end="2018-01-01"), "is empty"),
        (lambda lab: lab.fetch_all("DUR", start="2018-01-01", events="NASA"), "INGV, ISC, USGS, EMSC, NIEP"),
        (lambda lab: lab.download("DUR", start="2018-01-01", service="ftp"), "hapi, gin, usgs"),
        (lambda lab: lab.download("DUR", start="2018-01-01", data_type="final"), "'final'"),
        (lambda lab: lab.ingest("nowhere"), "nowhere"),
        (lambda lab: lab.ingest([]), "no file"),
        (lambda lab: lab.windows("no-such-config"), "There is no config 'no-such-config'"),
        (lambda lab: lab.windows("honest-default"), "no minute data of DUR"),
        (lambda lab: lab.train("honest-default"), "no minute data of DUR"),
        (lambda lab: lab.assess("nothing"), "No run with an id beginning 'nothing'"),
        (lambda lab: lab.verdict("nothing"), "No run with an id beginning 'nothing'"),
        (lambda lab: lab.runs[0], "There is no run number 0: 0 runs"),
        (lambda lab: lab.scan("nothing"), "No run with an id beginning 'nothing'"),
        (lambda lab: lab.add_catalogue("nowhere.csv"), "nowhere.csv"),
        (lambda lab: lab.site("out", runs=["nothing"]), "No run with an id beginning 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_makes_nothing(asked, words, tmp_path):
    lab = Lab(tmp_path / "data")
    if words == "nowhere":  # a file that is not there is a row, as with the verb
        report = asked(lab)
        assert report["outcome"].tolist() == ["refused"] and "nowhere" in report["message"].iloc[0]
    else:
        with pytest.raises(InputError) as caught:
            asked(lab)
        assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not lab.folder.exists()


def test_a_file_is_no_lab(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        Lab(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be used"):
        Lab("~no-such-user/data")


def test_each_lab_has_its_own_stations_and_experiments_and_the_process_keeps_its_folder(tmp_path, data_folder):
    mine, other = Lab(tmp_path / "mine"), Lab(tmp_path / "other")
    (mine.folder / "experiments").mkdir(parents=True)
    (mine.folder / "stations.toml").write_text(STATION, encoding="utf-8")
    (mine.folder / "experiments" / "own.toml").write_text('[data]\nsource = "synthetic"\nstations = ["QQQ"]\n')
    small = {key: value for key, value in SMALL.as_dict().items() if key not in ("name", "data")}
    own = mine.load_config("own", **small)
    assert mine.preview(own).n_train > 0
    with pytest.raises(InputError, match="There is no config 'own'"):
        other.load_config("own")
    with pytest.raises(InputError, match="Station 'QQQ' is not in"):
        other.preview(own)
    assert current.data_dir() == data_folder and os.environ["PRECURSOR_DATA"] == str(data_folder)


def test_a_lab_without_a_name_is_the_folder_of_the_command_line(data_folder):
    assert Lab().folder == data_folder


def test_a_scan_is_kept_and_has_a_probability_for_every_usable_hour(lab):
    from core.forecasting import scan

    run = lab.runs[0]
    series = lab.scan(run, "dur", "2016-02-01", datetime.date(2016, 2, 3), step_minutes=60)
    assert series["station"].unique().tolist() == ["DUR"]
    assert series["start"].tolist() == pd.date_range("2016-02-01", periods=48, freq="h", tz="UTC").tolist()
    assert (series["probability"].isna() == (series["rejected"] != "")).all()
    pd.testing.assert_frame_equal(scan.load(lab.folder, run.run_id, "DUR"), series.drop(columns="station"))


def test_the_site_is_written_to_a_folder_named_as_text(lab, tmp_path):
    pages = lab.site(str(tmp_path / "site"))
    assert pages[0] == tmp_path / "site" / "index.html" and pages[0].exists()
    assert lab.runs[0].run_id in pages[0].read_text(encoding="utf-8")


def test_a_run_that_was_not_assessed_has_no_verdict_and_the_sentence_says_what_to_do(lab):
    run = lab.train(configs.replace(SMALL, name="unjudged", training={"seed": 5}))
    with pytest.raises(InputError, match=rf"lab\.assess\('{run.run_id}'\)"):
        lab.verdict(run)
    assert lab.ensure_assessed(run) == [] and lab.verdict(run).gates["name"].str.len().gt(0).all()


def test_runs_of_a_study_are_opened_by_name_and_not_listed(lab):
    from core.runs.runs import RunStore

    run = lab.train(configs.replace(SMALL, name="swept", training={"seed": 6}))
    RunStore(lab.folder).note_asker(run.run_id, "sweep", first=True)
    assert run.run_id not in [each.run_id for each in lab.runs]
    assert lab.runs["swept"].run_id == run.run_id and lab.runs.left_out == "1 run that a study made (1 sweep)"
