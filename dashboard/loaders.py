"""
What the pages read, cached.

Cache keys are names and stamps of files, never arrays: hashing an array is
slow and looks only at a sample of it. Large arrays are shared by all viewers
and read-only.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from core import clock, config_file, files, shipped, stations
from core import config as configs
from core.config import DetectabilityConfig, ExperimentConfig
from core.data_folder import data_dir
from core.errors import InputError
from core.labelling import detectability
from core.loading.archive import coverage as archive_coverage
from core.loading.archive.archive import Archive
from core.loading.record.minute import COMPONENTS, epoch_minutes
from core.reporting import credits, decimation, seismicity
from core.runs import presets as config_files
from core.runs import sources
from core.runs.runs import Run, RunStore
from core.synthesis import world_document

# What filters (scipy) and cuts windows is imported where it is used: Home needs neither, and should show at once.
if TYPE_CHECKING:
    from core.labelling.dataset import Preview, WindowSet
    from core.reporting.pages.coverage import Facts


def archive() -> Archive:
    """The archive of real data, which may be empty."""
    return Archive(data_dir() / "archive")


def shown() -> dict[str, Archive]:
    """Every source that has something to show, by its folder's name; the real archive first, then worlds as found."""
    found = {"archive": archive()} if archive().stations() else {}
    worlds = sources.stored_worlds(data_dir())
    facts = {name: world_document.read(world.folder) for name, world in worlds.items()}
    plain_first = sorted(worlds, key=lambda name: (facts[name].amplitude_nt > 0, -len(facts[name].stations)))
    return found | {name: worlds[name] for name in plain_first}


def stamp(source: Archive) -> str:
    """Changes when a source or the table of stations does: for what depends on where a station is."""
    return f"{source.stamp()} {stations.stamp()}"


def damaged_worlds() -> list[str]:
    """A sentence for every synthetic world that cannot be shown."""
    return sources.damaged_worlds(data_dir())


def anything() -> bool:
    """True if the data folder holds minute data, a world or a run."""
    return bool(shown()) or bool(RunStore(data_dir()).ids())


def contents() -> str:
    """Changes when a source or a run appears."""
    return repr([*shown(), *RunStore(data_dir()).ids()])


def runs() -> pd.DataFrame:
    """One row per run, newest first."""
    store = RunStore(data_dir())
    return _runs(str(data_dir()), tuple(store.ids()), tuple(store.studies().items()))


@st.cache_data(max_entries=4, show_spinner=False)
def _runs(folder: str, ids: tuple[str, ...], studies: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    table = RunStore(Path(folder)).list()
    numbers = ["auc", "auc_low", "auc_high", "accuracy", "majority_share", "seconds"]
    return table.astype(dict.fromkeys(numbers, float))  # a score that does not exist is NaN, also where none exists


def run(run_id: str) -> Run:
    """One run; its files are read once for all viewers, since a run never changes."""
    return _run(str(data_dir()), run_id)


@st.cache_resource(max_entries=40, show_spinner=False)
def _run(folder: str, run_id: str) -> Run:
    return RunStore(Path(folder)).open(run_id)


def comparison(reference: str, others: tuple[str, ...]) -> pd.DataFrame:
    """Paired differences of AUC of some runs to one of them."""
    return _comparison(str(data_dir()), reference, others)


@st.cache_data(max_entries=20, show_spinner="Comparing window by window ...")
def _comparison(folder: str, reference: str, others: tuple[str, ...]) -> pd.DataFrame:
    from core.judgement import comparison as compared

    return compared.table([_run(folder, run_id) for run_id in (reference, *others)])


def majority_share(run_id: str) -> float | None:
    """The share of the larger class of a run's validation windows, also while it is being trained; None if unknown."""
    for ending in (".partial", ""):
        with contextlib.suppress(OSError, ValueError):  # a job may name a run of any kind
            folder = files.child(data_dir() / "runs", run_id, "The run of a job")
            path = folder.with_name(f"{run_id}{ending}") / "windows.parquet"
            table = files.read_table(path, columns=["label", "rejected", "split"])
            labels = table.loc[(table["rejected"] == "") & (table["split"] == "validation"), "label"]
            return float(max(labels.mean(), 1 - labels.mean())) if len(labels) else None
    return None


def presets() -> dict[str, Path]:
    """The configurations of the project and of the data folder, by name."""
    return config_files.listed(data_dir())


def own_presets() -> frozenset[str]:
    """The names of those that are the user's: of the data folder, or not as the project has them."""
    return _own_presets(tuple((name, path, path.stat().st_mtime_ns) for name, path in presets().items()))


@st.cache_resource(max_entries=4, show_spinner=False)
def _own_presets(files: tuple[tuple[str, Path, int], ...]) -> frozenset[str]:
    changed = shipped.changed()  # git is asked again when a file came or changed
    return frozenset(name for name, path, _ in files if shipped.is_own(path, changed))


def preset(name: str) -> ExperimentConfig:
    """
    One of the presets.

    Raises
    ------
    InputError
        If its file cannot be used.
    """
    path = presets()[name]
    return _preset(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=100, show_spinner=False)
def _preset(path: str, mtime_ns: int) -> ExperimentConfig:
    return config_file.load(path)


def lacking(name: str) -> tuple[str, ...] | None:
    """The stations and catalogues of a preset that are not stored here; None if its file cannot be used."""
    try:
        config = preset(name)
    except InputError:
        return None
    if config.data.source != "archive":
        return ()  # its world is made when it is needed
    here, catalogues = archive().stations(), set(archive().catalogues()["name"])
    stations_lacking = [code for code in config.data.stations if code not in here] if here else ["minute data"]
    named = dict.fromkeys(f"catalogue {each}" for each in config.data.catalogues if each not in catalogues)
    return (*stations_lacking, *(named if catalogues else ["a catalogue"]))


def rules() -> dict[str, DetectabilityConfig]:
    """Ways to say which events are target events: the paper's rule, and those of the presets and runs, by name."""
    found = {"the paper's rule": DetectabilityConfig(law="paper")}
    for name in presets():
        with contextlib.suppress(InputError):  # pages that use the preset itself say what is wrong with it
            found[name] = preset(name).detectability
    for run_id in runs()["run_id"]:
        found[run_id] = run(run_id).config.detectability
    distinct: dict[DetectabilityConfig, str] = {}
    for name, rule in found.items():
        effective = (
            DetectabilityConfig(law="paper") if rule.law == "paper" else rule
        )  # the numbers beside it do nothing
        distinct.setdefault(effective, name)
    return {name: rule for rule, name in distinct.items()}


def record(source: Archive, station: str, highpass_minutes: float = 0.0) -> tuple[np.ndarray, int]:
    """
    A station's whole record: X, Y, Z in nT, float32 (n_minutes, 3) with NaN gaps, and its first epoch minute.

    With `highpass_minutes` above 0 slower variations are removed, causally.
    """
    return _record(str(source.folder), source.stamp(), station, highpass_minutes)


@st.cache_resource(max_entries=8, show_spinner="Reading the record ...")
def _record(folder: str, stamp: str, station: str, highpass_minutes: float) -> tuple[np.ndarray, int]:
    field = Archive(Path(folder)).minute(station).field
    values = field[list(COMPONENTS)].to_numpy(dtype=np.float64)
    if highpass_minutes:
        from core.processing import filters

        processing = configs.replace(
            ExperimentConfig(),
            processing={"record_filter": "highpass", "highpass_period_minutes": highpass_minutes},
        ).processing
        values = filters.causal(values, processing)
    values = np.ascontiguousarray(values, dtype=np.float32)
    values.setflags(write=False)
    return values, int(epoch_minutes(field.index[:1])[0])


def gaps(source: Archive, station: str) -> pd.DataFrame:
    """Every stretch of a station's record in which something is missing."""
    return _gaps(str(source.folder), source.stamp(), station)


@st.cache_data(max_entries=8, show_spinner=False)
def _gaps(folder: str, stamp: str, station: str) -> pd.DataFrame:
    values, first_minute = _record(folder, stamp, station, 0.0)
    return decimation.gaps(values, first_minute, 0, len(values))


def events(source: Archive, station: str, rule: DetectabilityConfig) -> pd.DataFrame:
    """Every stored event with its distance to a station and whether, or why not, it is a target; empty if none."""
    return _events(str(source.folder), stamp(source), station, json.dumps(rule.__dict__))


@st.cache_data(max_entries=40, show_spinner=False)
def _events(folder: str, stamp: str, station: str, rule: str) -> pd.DataFrame:
    source = Archive(Path(folder))
    if source.catalogues().empty or station not in stations.table():  # without coordinates nothing is near
        return pd.DataFrame()
    found = _earthquakes(folder, stamp)
    return detectability.select(found, stations.get(station), DetectabilityConfig(**json.loads(rule)))


@st.cache_resource(max_entries=4, show_spinner="Reading the catalogues ...")
def _earthquakes(folder: str, stamp: str) -> pd.DataFrame:
    return Archive(Path(folder)).events()


def not_covered(source: Archive, station: str, start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Why no catalogue may know of earthquakes near a station in [start, end), and what to do; "" if none."""
    if source.synthetic or station not in stations.table():
        return ""
    return _not_covered(str(source.folder), stamp(source), station, start, end)


@st.cache_data(max_entries=200, show_spinner=False)
def _not_covered(folder: str, stamp: str, station: str, start: pd.Timestamp, end: pd.Timestamp) -> str:
    return seismicity.not_covered(Archive(Path(folder)), stations.get(station), start, end)


def activity(source: Archive) -> pd.DataFrame:
    """The activity table (Kp, ap) of a source; empty if there is none."""
    return _activity(str(source.folder), source.stamp())


@st.cache_data(max_entries=4, show_spinner=False)
def _activity(folder: str, stamp: str) -> pd.DataFrame:
    return Archive(Path(folder)).activity()


def stretch(
    source: Archive,
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    rule: DetectabilityConfig | None,
    highpass_minutes: float = 0.0,
) -> dict[str, Any]:
    """
    What the figure of a record needs for [start, end): envelopes, gaps, Kp, and the target events of a rule.

    The keys are the arguments of `figures.record.record`; what is not stored is None.
    """
    values, first_minute = record(source, station, highpass_minutes)
    i0, i1 = (int((time - clock.of_minute(first_minute)) / pd.Timedelta(minutes=1)) for time in (start, end))
    missing, kp = gaps(source, station), activity(source)
    felt = events(source, station, rule) if rule is not None else pd.DataFrame()
    return {
        "envelopes": decimation.envelope(values, first_minute, i0, i1),
        "gaps": missing[(missing["end"] > start) & (missing["start"] < end)],
        "activity": kp[(kp["time"] >= start) & (kp["time"] < end)] if len(kp) else None,
        "events": felt[felt["target"] & (felt["origin_time"] >= start) & (felt["origin_time"] < end)]
        if len(felt)
        else None,
        "span": (start, end),
        "labels": credits.labels(station),
    }


def coverage(source: Archive) -> pd.DataFrame:
    """Station x year completeness."""
    return _coverage(str(source.folder), source.stamp())


def by_amount(source: Archive) -> list[str]:
    """The stations of a source, the one with most minutes first: pages open on it."""
    total = coverage(source).groupby("station")["n_present"].sum()
    return sorted(source.stations(), key=lambda code: (-int(total.get(code, 0)), code))


@st.cache_data(max_entries=4, show_spinner=False)
def _coverage(folder: str, stamp: str) -> pd.DataFrame:
    return Archive(Path(folder)).coverage()


def days(source: Archive, station: str) -> pd.DataFrame:
    """How many minutes of which data type each day of a station has."""
    return _days(str(source.folder), source.stamp(), station)


@st.cache_data(max_entries=40, show_spinner=False)
def _days(folder: str, stamp: str, station: str) -> pd.DataFrame:
    return archive_coverage.days(Path(folder), station)


def facts(source: Archive, station: str) -> Facts:
    """What is stored of a station, and what looks unsound in it; shared by all viewers, read-only."""
    return _facts(str(source.folder), stamp(source), station)


@st.cache_resource(max_entries=20, show_spinner="Looking at every minute ...")
def _facts(folder: str, stamp: str, station: str) -> Facts:
    from core.reporting.pages import coverage

    return coverage.facts(Archive(Path(folder)), station)


def snapshots(source: Archive) -> pd.DataFrame:
    """The snapshots of the catalogues that were replaced at least once."""
    return _snapshots(str(source.folder), source.stamp())


@st.cache_data(max_entries=20, show_spinner=False)
def _snapshots(folder: str, stamp: str) -> pd.DataFrame:
    from core.reporting.pages import coverage

    return coverage.snapshots(Archive(Path(folder)))


def source_of(config: ExperimentConfig) -> Archive | None:
    """The stored source that a configuration asks for; None if its synthetic world has not been made yet."""
    if config.data.source == "archive":
        return sources.open_source(config, data_dir())
    codes = config.data.stations or sources.DEMO_STATIONS
    folder = sources.world_folder(config.world, codes, data_dir())
    return Archive(folder) if (folder / "world.json").exists() else None


def windows(config: ExperimentConfig, source: Archive) -> WindowSet:
    """The windows a configuration yields; shared by all viewers, read-only."""
    return _windows(config.id, stamp(source), str(source.folder), json.dumps(config.as_dict()))


@st.cache_resource(max_entries=4, show_spinner="Cutting and labelling windows ...")
def _windows(config_id: str, stamp: str, folder: str, config: str) -> WindowSet:
    from core.labelling import dataset

    return dataset.build(configs.from_dict(json.loads(config)), Archive(Path(folder)))


def preview(config: ExperimentConfig, source: Archive) -> Preview:
    """How many events, windows and rejections a configuration yields."""
    return _preview(config.id, stamp(source), str(source.folder), json.dumps(config.as_dict()))


@st.cache_data(max_entries=20, show_spinner="Counting events and windows ...")
def _preview(config_id: str, stamp: str, folder: str, config: str) -> Preview:
    from core.labelling import dataset

    return dataset.preview(configs.from_dict(json.loads(config)), Archive(Path(folder)))


def station_codes() -> list[str]:
    """Every station with minute data in any source."""
    return sorted({code for source in shown().values() for code in source.stations()})


def catalogue_names() -> list[str]:
    """Every stored catalogue."""
    return sorted({name for source in shown().values() for name in source.catalogues()["name"]})
