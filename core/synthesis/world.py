"""World: a synthetic world that answers like the archive, and how one is kept on disk."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import files, options, stations
from core.config import WorldConfig
from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Period
from core.stations import Station
from core.synthesis import activity, disturbance, field, instrument, precursor, seismicity, shaking
from core.synthesis.activity import Activity

CATALOGUE = "synthetic"
ORIGIN = "synthetic (core.synthesis)"
GENERATOR = 1  # raised whenever the same config makes other numbers

_MISSING = np.iinfo(np.int32).min
_PER_NT = round(1 / instrument.RESOLUTION_NT)


class World:
    """
    A synthetic world: minute data, one catalogue and Kp, all made up, all fixed by the config.

    Implements `core.loading.record.source.Source`. A station's field is generated when it
    is first asked for and then kept, as tenths of a nanotesla (34 MB for four years).

    * The same config gives the same numbers.
    * A station does not change when other stations are added, unless their earthquakes are near enough to it to be its
      targets or to shake its sensors.
    * Two worlds that differ only in the precursor differ only by the bursts, and two that differ only in the shaking
      of sensors only from the minutes of their earthquakes on.
    * A world that ends later begins with the same field, events and Kp (bursts aside: they depend on their events).

    Parameters
    ----------
    config : WorldConfig
    station_codes : tuple of str
        Stations of `data/stations.toml`.

    Raises
    ------
    InputError
        If a station is unknown or named twice, the period lies outside the years of
        the main field model, or a precursor would last past its event.
    """

    synthetic = True

    def __init__(self, config: WorldConfig, station_codes: tuple[str, ...] = ("DUR", "IZN", "MLR")) -> None:
        precursor.check(config)
        if not station_codes or len(set(station_codes)) != len(station_codes):
            raise InputError(f"A synthetic world needs stations, each named once; found {list(station_codes)}.")
        self.config = config
        self._stations = {station.code: station for station in stations.resolve(station_codes)}
        self._first, self._end = _epoch_minute(config.start), _epoch_minute(config.end)
        low, high = field.IGRF_YEARS
        if self._first < _epoch_minute(f"{low}-01-01") or self._end > _epoch_minute(f"{high}-01-01"):
            raise InputError(
                f"[world] start {config.start} to end {config.end} lies outside {low} to {high}, the years of the main "
                "field model (IGRF-14)."
            )
        if self._end == self._first:
            raise InputError(f"[world] start {config.start} and end {config.end} are less than a minute apart.")
        self._readings: dict[str, np.ndarray] = {}

    def stations(self) -> list[str]:
        """Codes of the stations, sorted."""
        return sorted(self._stations)

    def period(self, station: str) -> Period | None:
        """The world's period, for each of its stations; None for others."""
        return self._period if station in self._stations else None

    def minute(self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> MinuteRecord:
        """
        Minute data on the full grid of [start, end); NaN in gaps and outside the world's period.

        Raises
        ------
        InputError
            If the world has no such station, or the period holds no minute.
        """
        readings = self._readings_of(station)
        first = self._first if start is None else _ceil_minute(start)
        end_minute = self._end if end is None else _ceil_minute(end)
        if first >= end_minute:
            raise InputError(f"{station}: the period from {start} to {end} holds no minute.")
        values = np.full((end_minute - first, 4), np.nan)
        inside = slice(max(first, self._first), min(end_minute, self._end))
        if inside.start < inside.stop:
            part = readings[:, inside.start - self._first : inside.stop - self._first].T
            values[inside.start - first : inside.stop - first] = np.where(part == _MISSING, np.nan, part / _PER_NT)
        header = {"Source of Data": ORIGIN, "Generator": str(GENERATOR), "Seed": str(self.config.seed)}
        notes = ("Synthetic: made by a generator, not measured.",)
        return MinuteRecord(station, minute.on_grid(first, values), "synthetic", header, notes)

    def events(self, catalogue: str = "") -> pd.DataFrame:
        """The events table; the only catalogue is called "synthetic"."""
        _check_catalogue(catalogue)
        return self._events.copy()

    def events_period(self, catalogue: str = "") -> Period:
        """The world's period."""
        _check_catalogue(catalogue)
        return self._period

    def activity(self) -> pd.DataFrame:
        """Kp and ap of the world's period."""
        return self._activity.table()

    @property
    def precursors(self) -> pd.DataFrame:
        """The manifest of planted bursts (columns in `precursor.MANIFEST`); empty unless the config asks for them."""
        return pd.concat(list(self._plans.values()), ignore_index=True).sort_values(
            ["start", "station"], ignore_index=True
        )

    def digests(self, station_codes: list[str], catalogues: list[str]) -> dict[str, str]:
        """SHA-256 of the readings of stations, of the catalogue and of Kp."""
        found = {f"minute/{code}": hashlib.sha256(self._readings_of(code).data).hexdigest() for code in station_codes}
        for name in catalogues:
            _check_catalogue(name)
            found[f"events/{CATALOGUE}"] = _table_digest(self._events)
        found["activity/kp"] = _table_digest(self.activity())
        return found

    @property
    def _n_minutes(self) -> int:
        return self._end - self._first

    @cached_property
    def _period(self) -> Period:
        first, end = minute.grid(self._first, 1)[0], minute.grid(self._end, 1)[0]
        return first, end

    @cached_property
    def _activity(self) -> Activity:
        return activity.generate(self._first, self._n_minutes, self.config.seed)

    @cached_property
    def _external(self) -> disturbance.External:
        return disturbance.external(self._activity, self._first, self._n_minutes, self.config.seed)

    @cached_property
    def _events(self) -> pd.DataFrame:
        around = list(self._stations.values())
        return seismicity.generate(around, self._first, self._end, self.config.events_per_year, self.config.seed)

    @cached_property
    def _plans(self) -> dict[str, pd.DataFrame]:
        """The manifest of each station."""
        return {
            code: precursor.plan(self._events, station, *self._period, self.config)
            for code, station in sorted(self._stations.items())
        }

    def _readings_of(self, code: str) -> np.ndarray:
        """X, Y, Z, F of a station in tenths of a nanotesla, int32, shape (4, n_minutes)."""
        if code not in self._stations:
            raise InputError(f"The synthetic world has no station {code!r}; it has {', '.join(self.stations())}.")
        if code not in self._readings:
            self._readings[code] = self._generate(self._stations[code])
        return self._readings[code]

    def _generate(self, station: Station) -> np.ndarray:
        seed, first, n_minutes = self.config.seed, self._first, self._n_minutes
        values = field.true_field(station, first, n_minutes, self._external, seed)
        precursor.plant(values, first, self._plans[station.code], seed, self.config.precursor_shape)
        total = instrument.observe(values, station, first, seed)
        if self.config.shaking_nt > 0:
            shaking.shake(values, station, self._events, first, self.config)
        readings = np.empty((4, n_minutes), dtype=np.int32)
        for row, part in enumerate((*values, total)):
            part *= _PER_NT
            readings[row] = np.rint(part, out=part)
        gone = instrument.missing(station, self._activity, first, n_minutes, self.config.gap_fraction, seed)
        readings[:, gone] = _MISSING
        return readings


def store(world: World, archive_folder: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """
    Write a world as an archive folder; its `world.json` comes last, so that a folder with it is complete.

    Parameters
    ----------
    world : World
    archive_folder : Path
        Made if absent; must hold nothing yet.
    on_progress : callable, optional
        Called with the number of station-years done and of all.

    Raises
    ------
    InputError
        If the folder already holds something: made-up data never mix with other data.
    """
    folder = Path(archive_folder)
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} already holds data. A synthetic world is kept in an empty folder of its own.")
    archive = Archive(folder, synthetic=True)
    start, end = world.events_period()
    years = range(start.year, (end - pd.Timedelta(minutes=1)).year + 1)
    pieces = [(code, year) for code in world.stations() for year in years]
    for done, (code, year) in enumerate(pieces):
        if on_progress:
            on_progress(done, len(pieces))
        first = max(start, pd.Timestamp(year=year, month=1, day=1, tz="UTC"))
        last = min(end, pd.Timestamp(year=year + 1, month=1, day=1, tz="UTC"))
        archive.store(world.minute(code, first, last))
    archive.store_events(CATALOGUE, world.events(), ORIGIN, start, end)
    archive.store_activity(world.activity(), ORIGIN)
    files.replace_json(folder / "world.json", _description(world))
    if on_progress:
        on_progress(len(pieces), len(pieces))


def _description(world: World) -> dict[str, Any]:
    """What `world.json` says; nothing in it depends on when or where it was written."""
    manifest = world.precursors
    for name in ("start", "end"):
        manifest[name] = manifest[name].dt.strftime("%Y-%m-%dT%H:%MZ")
    return {
        "synthetic": True,
        "what": "A synthetic world: every value in this folder was made by a generator, none was measured.",
        "created_by": f"Geomagnetic Precursor Lab, core.synthesis, generator {GENERATOR}",
        # Without what is not used, so that a new option changes no world of before. The shape was always written.
        "config": {
            **options.without_unused(dataclasses.asdict(world.config), WorldConfig),
            "precursor_shape": world.config.precursor_shape,
        },
        "stations": world.stations(),
        "precursors": manifest.to_dict("records"),
    }


def _check_catalogue(name: str) -> None:
    if name not in ("", CATALOGUE):
        raise InputError(f"The synthetic world has no catalogue {name!r}; its only one is {CATALOGUE!r}.")


def _table_digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def _epoch_minute(text: str) -> int:
    """The minute of an ISO date or time; UTC where it names no zone."""
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return int(time.timestamp() // 60)


def _ceil_minute(time: pd.Timestamp) -> int:
    """The first whole minute that is not before `time`."""
    return int(minute.epoch_minutes(pd.DatetimeIndex([time.ceil("min")]))[0])
