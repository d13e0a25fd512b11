"""What every test can use: the folder of shared real data, and a clean data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("PRECURSOR_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pytest_collection_modifyitems(config, items):
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason=f"the shared real data are not at {SHARED}")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def own_main():
    """A page under test takes the place of `__main__`; left there, every process spawned later would run the page."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the checkout."""
    return SHARED


@pytest.fixture
def data_folder(tmp_path, monkeypatch) -> Path:
    """An empty data folder that the program uses instead of the checkout's."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    return folder


@pytest.fixture
def precursor(monkeypatch, capsys, data_folder):
    """Call `precursor ...` in this process, on the empty data folder; returns exit code, stdout, stderr."""
    from core.cli import main

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["precursor", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return end.value.code or 0, out, err

    return call


@pytest.fixture
def other_pyarrow(monkeypatch):
    """Call it, and Parquet files have other bytes for the same values as another version of pyarrow does."""
    import pyarrow.parquet as pq

    def packed_otherwise(*arguments, write=pq.write_table, **options):
        return write(*arguments, **{**options, "compression": "snappy"})

    return lambda: monkeypatch.setattr(pq, "write_table", packed_otherwise)


@pytest.fixture(scope="module")
def home(tmp_path_factory, request) -> Path:
    """A data folder that the tests of a module share."""
    return tmp_path_factory.mktemp(request.module.__name__)


@pytest.fixture(scope="module")
def world(home, request):
    """The synthetic world of the module's `CONFIG`."""
    from core.runs import sources

    return sources.open_source(request.module.CONFIG, home)


@pytest.fixture(scope="module")
def run(home, world, request):
    """The run of the module's `CONFIG`."""
    from core.runs import pipeline
    from core.runs.runs import RunStore

    return pipeline.run(request.module.CONFIG, world, RunStore(home))


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory) -> Path:
    """A small but complete data folder: world, runs and their assessments, scan, curve, ledger; not to be changed."""
    from support import full_data

    folder = tmp_path_factory.mktemp("full")
    full_data.make(folder)
    return folder


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Path:
    """
    Minute files, a catalogue and Kp as observatories and agencies publish them.

    They are written from a synthetic world with a strong planted precursor: January to April 2016, DUR.
    """
    import dataclasses

    import pandas as pd

    from core import stations
    from core.config import WorldConfig
    from core.loading.formats.minutes import iaga2002
    from core.synthesis.world import World

    folder = tmp_path_factory.mktemp("published")
    world = World(
        WorldConfig(
            seed=5,
            start="2016-01-01",
            end="2016-05-01",
            events_per_year=900,
            gap_fraction=0.002,
            precursor_amplitude_nt=60,
            precursor_lead_hours=1.5,
            precursor_duration_hours=2.5,
            precursor_period_minutes=15,
        ),
        ("DUR",),
    )
    minutes = folder / "minutes"
    minutes.mkdir()
    record = world.minute("DUR")
    for month, part in record.field.groupby(record.field.index.strftime("%Y%m")):
        piece = dataclasses.replace(record, field=part, data_type="definitive")
        iaga2002.write(piece, minutes / f"dur{month}dmin.min", stations.get("DUR"))
    events = world.events()
    pd.DataFrame(
        {
            "time": events["origin_time"].dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z",
            "latitude": events["latitude_deg"],
            "longitude": events["longitude_deg"],
            "depth": events["depth_km"],
            "mag": events["magnitude"],
            "magType": "mw",
            "id": events["event_id"],
            "place": '"Italy, made up"',
            "type": "earthquake",
        }
    ).to_csv(folder / "catalogue.csv", index=False)
    activity = world.activity()
    days = activity.groupby(activity["time"].dt.strftime("%Y-%m-%d"))["kp"].apply(list)
    rows = ["Date," + ",".join(f"K_{hour:02d}" for hour in range(0, 24, 3)) + ",Kp_Sum"]
    rows += [
        f"{day},{','.join(f'{kp:.3f}' for kp in values)},{sum(values):.3f}"
        for day, values in days.items()
        if len(values) == 8
    ]
    (folder / "kp.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
