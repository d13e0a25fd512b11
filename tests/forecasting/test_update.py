"""The self-update: new files come in, the old run stays, a new one grows from its weights, forecasts are written."""

import shutil

import pandas as pd
import pytest

from core import config as configs
from core.errors import InputError
from core.forecasting.ledger import Ledger
from core.forecasting.update import update
from core.forecasting.watch import take_in
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats import recognise
from core.loading.formats.indices import kp
from core.runs import pipeline
from core.runs.runs import RunStore

CONFIG = configs.from_dict(
    {
        "name": "watched",
        "data": {"stations": ["DUR"], "catalogues": ["italy"]},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 240, "sampling": "event_aligned"},
        "labels": {"quiet_margin_days": 0.25, "storm_kp": 9, "horizon_days": 1},
        "split": {"embargo_days": 0.25},
        "training": {"epochs": 2},
    }
)


@pytest.fixture
def first_run(published, data_folder):
    """A run on January to March; April has not come in yet."""
    archive = Archive(data_folder / "archive")
    ingest(sorted((published / "minutes").glob("*.min"))[:3], archive)
    events = recognise.read_events(published / "catalogue.csv")
    march = pd.Timestamp("2016-04-01", tz="UTC")
    archive.store_events("italy", events[events["origin_time"] < march].reset_index(drop=True), "early list", end=march)
    archive.store_activity(kp.read(published / "kp.csv"), "kp")
    return pipeline.run(CONFIG, archive, RunStore(data_folder))


def test_what_is_new_makes_a_new_run_from_the_old_weights(first_run, published, data_folder, tmp_path):
    before = {p.name: p.read_bytes() for p in first_run.folder.iterdir()}
    watch = tmp_path / "incoming"
    watch.mkdir()
    shutil.copy(sorted((published / "minutes").glob("*.min"))[3], watch)
    shutil.copy(published / "catalogue.csv", watch / "italy-may.csv")
    (watch / "readme.txt").write_text("new data of April\n")
    (watch / ".git").mkdir()
    (watch / ".git" / "config").write_text("not for the archive\n")

    done = update(first_run, data_folder, watch)

    outcomes = done.taken_in.set_index("file")["outcome"].to_dict()
    assert outcomes == {"italy-may.csv": "stored", "dur201604dmin.min": "stored", "readme.txt": "refused"}
    assert done.retrained
    assert done.run.status.parent == first_run.run_id
    assert done.run.run_id != first_run.run_id
    assert done.run.windows["end"].max() > first_run.windows["end"].max()
    assert {p.name: p.read_bytes() for p in first_run.folder.iterdir()} == before
    learned, scored = (
        first_run.windows.query("split == 'train'"),
        done.run.windows.query("split in ['validation', 'test']"),
    )
    for window in scored.itertuples():  # nothing is scored on time that the old weights have learned
        overlap = (learned["footprint_start"] < window.footprint_end) & (
            learned["footprint_end"] > window.footprint_start
        )
        assert not overlap.any()

    book = Ledger(data_folder / "ledger.sqlite")
    (forecast,) = book.list().to_dict("records")
    assert forecast["run_id"] == done.run.run_id
    assert forecast["data_until"] == pd.Timestamp("2016-05-01", tz="UTC") == forecast["valid_from"]
    # The negatives were chosen to have no event for 0.25 days; the horizon is an option of the grid.
    assert forecast["valid_until"] - forecast["valid_from"] == pd.Timedelta(hours=6)
    assert forecast["retrospective"]  # written down long after 2016
    assert book.verify() == []

    late = next(sentence for sentence in done.sentences if "marked retrospective" in sentence)
    assert 'leave no time ahead: to forecast, train with sampling = "grid"' in late

    twice = update(first_run, data_folder)  # from the old run once more: its child is there already
    assert twice.run.run_id == done.run.run_id and not twice.retrained and twice.n_forecasts == 0
    assert any("An earlier update has retrained it" in sentence for sentence in twice.sentences)

    again = update(done.run, data_folder, watch)
    assert set(again.taken_in["outcome"]) == {"unchanged", "refused"}
    assert not again.retrained and again.n_forecasts == 0
    assert len(book.list()) == 1


def test_the_child_starts_where_the_parent_ended(first_run, published, data_folder):
    import numpy as np

    child = pipeline.run(
        configs.replace(CONFIG, training={"learning_rate": 1e-9, "epochs": 1}),
        Archive(data_folder / "archive"),
        RunStore(data_folder),
        parent=first_run,
    )
    ours, theirs = np.load(child.weights), np.load(first_run.weights)
    assert set(ours.files) == set(theirs.files)
    for name in ours.files:
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-6)


def test_a_revised_event_replaces_the_older_version_and_none_is_lost(first_run, published, data_folder, tmp_path):
    archive = Archive(data_folder / "archive")
    old = archive.events("italy")
    lines = (published / "catalogue.csv").read_text().splitlines(keepends=True)
    revised = next(line for line in lines if old["event_id"].iloc[0] in line)
    magnitude = f",{old['magnitude'].iloc[0]:g}"
    assert magnitude in revised
    watch = tmp_path / "incoming"
    watch.mkdir()
    (watch / "italy-revision.csv").write_text(lines[0] + revised.replace(magnitude, ",5.9", 1))
    take_in(watch, archive, ["italy"])
    new = archive.events("italy")
    assert len(new) == len(old)
    assert new["magnitude"].iloc[0] == 5.9
    assert new["magnitude"].iloc[1:].tolist() == old["magnitude"].iloc[1:].tolist()
    assert archive.events_period("italy")[1] == pd.Timestamp("2016-04-01", tz="UTC")


def test_events_find_their_home_by_the_name_of_their_file(first_run, published, data_folder, tmp_path):
    config = configs.replace(CONFIG, data={"catalogues": []}, training={"epochs": 1})
    archive = Archive(data_folder / "archive")
    run = pipeline.run(config, archive, RunStore(data_folder))
    watch = tmp_path / "incoming"
    watch.mkdir()
    shutil.copy(published / "catalogue.csv", watch / "Italy 2016.csv")
    done = update(run, data_folder, watch)
    assert done.taken_in["outcome"].tolist() == ["stored"]
    assert done.retrained and "events/italy" in done.sentences[1]  # an unnamed catalogue is an input too


def test_events_without_a_home_are_refused(first_run, published, data_folder, tmp_path):
    watch = tmp_path / "incoming"
    watch.mkdir()
    shutil.copy(published / "catalogue.csv", watch / "events.csv")
    report = take_in(watch, Archive(data_folder / "archive"), ["italy"])
    assert report["outcome"].tolist() == ["refused"]
    assert "which catalogue" in report["message"].iloc[0]


def test_a_folder_that_is_not_there_is_one_sentence(first_run, data_folder, tmp_path):
    with pytest.raises(InputError, match="There is no folder"):
        update(first_run, data_folder, tmp_path / "absent")
