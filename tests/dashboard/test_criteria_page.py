"""The criteria explorer of the map: each control changes the counts as a count by hand says."""

import pytest
from streamlit.testing.v1 import AppTest

from core import stations
from core.data_folder import ROOT
from core.labelling import dataset
from core.runs.runs import RunStore
from core.runs.sources import open_source, stored_worlds
from core.stations import distance_km
from dashboard import criteria


@pytest.fixture
def explorer(full_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    app.switch_page("views/map.py").run()
    app.selectbox(key="rule").set_value(criteria.OWN).run()
    assert not app.exception
    return app


def targets(app):
    table = next(frame.value for frame in app.dataframe if "Target events" in frame.value)
    return table.set_index("station")


def per_station(app):
    return targets(app)["Target events"].drop("all stations").to_dict()


def by_hand(full_folder, radius, depth, magnitude):
    (world,) = stored_worlds(full_folder).values()
    events = world.events()
    counts = {}
    for code in world.stations():
        near = distance_km(events["latitude_deg"], events["longitude_deg"], stations.get(code)) <= radius
        counts[code] = int((near & (events["depth_km"] <= depth) & (events["magnitude"] > magnitude)).sum())
    return counts


def test_radius_depth_and_magnitude_change_the_counts_as_a_count_by_hand_says(explorer, full_folder):
    assert per_station(explorer) == by_hand(full_folder, 200, 30, 4.0)
    explorer.slider(key="radius").set_value(100)
    explorer.slider(key="depth").set_value(15)
    explorer.slider(key="magnitude").set_value(4.5).run()
    assert per_station(explorer) == by_hand(full_folder, 100, 15, 4.5)


def test_a_law_takes_fewer_the_stricter_it_is_and_every_event_is_counted_once(explorer, full_folder):
    (world,) = stored_worlds(full_folder).values()
    found = {}
    for law in ("fixed", "dobrovolsky", "hattori"):
        explorer.selectbox(key="law").set_value(law).run()
        assert not explorer.exception
        table = targets(explorer)
        numbers = table.drop(columns="During its record").to_numpy().sum(axis=1)
        n_stations = len(table) - 1  # the last row is the sum of the others
        assert numbers.tolist() == [len(world.events())] * n_stations + [n_stations * len(world.events())]
        assert table["Target events"].iloc[:-1].is_monotonic_decreasing
        found[law] = table.loc["all stations", "Target events"]
    assert found["fixed"] > found["dobrovolsky"] > found["hattori"]


def test_the_number_of_events_promises_nothing_of_a_verdict(explorer):
    (text,) = [str(each.value) for each in explorer.markdown if "during the records" in str(each.value)]
    assert "target events during the records" in text and "Sequences make them fewer" in text
    assert "stand out" not in text and "times in" not in text


def test_the_windows_page_says_how_many_independent_events_there_are_and_what_they_could_show(full_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    app.switch_page("views/windows.py").run()
    assert not app.exception
    store = RunStore(full_folder)
    config = store.open(store.ids()[0]).config
    found = dataset.preview(config, open_source(config, full_folder))
    text = "\n".join(str(element.value) for element in app.markdown).replace("\\", "")
    assert all(sentence in text for sentence in found.sentences[-2:])
    assert any(frame.value.equals(found.independent) for frame in app.dataframe)
