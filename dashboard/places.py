"""What the map shows, cached: stations, the earthquakes chosen, and the map itself as a text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pydeck
import streamlit as st

from core import stations as station_table
from core.config import DetectabilityConfig
from core.labelling import detectability
from core.loading.archive.archive import Archive
from core.reporting import geography
from core.reporting.figures.map import maps, projection
from dashboard import loaders

ALL = "all"
MOST_EVENTS = 5000


@dataclass(frozen=True)
class Choice:
    """What the controls of the map ask for; `station` may be `ALL`."""

    folder: str
    stamp: str
    station: str
    rule: DetectabilityConfig
    smallest: float = 4.0
    start: str = "1900-01-01T00:00Z"
    end: str = "2100-01-01T00:00Z"
    only_targets: bool = False


class PreparedDeck(pydeck.Deck):
    """A deck whose JSON was made beforehand, compact, so that it can be cached as a text."""

    def __init__(self, spec: str, **options: object) -> None:
        super().__init__(**options)
        self._spec = spec

    def to_json(self) -> str:
        """The text it was made with."""
        return self._spec


def stations(archive: Archive) -> pd.DataFrame:
    """The stations of a source that have known coordinates, and the period of their record."""
    rows = []
    for code in archive.stations():
        station = station_table.table().get(code)
        if station is not None:
            start, end = archive.period(code)
            start, end = f"{start:%Y-%m-%d}", f"{end - pd.Timedelta(minutes=1):%Y-%m-%d}"
            rows.append(
                (code, station.name, station.latitude_deg, station.longitude_deg, start, end, f"{start} to {end}")
            )
    return pd.DataFrame(rows, columns=["code", "name", "latitude_deg", "longitude_deg", "first", "last", "detail"])


def events(choice: Choice) -> pd.DataFrame:
    """The events that the controls ask for."""
    found = felt(choice.folder, choice.stamp, choice.station, choice.rule)
    if found.empty:
        return found
    start, end = pd.Timestamp(choice.start), pd.Timestamp(choice.end)
    wanted = (found["magnitude"] >= choice.smallest) & found["origin_time"].between(start, end)
    return found[wanted & found["target"]] if choice.only_targets else found[wanted]


@st.cache_data(max_entries=8, show_spinner="Reading the catalogue ...")
def felt(folder: str, stamp: str, code: str, rule: DetectabilityConfig) -> pd.DataFrame:
    """Every stored event; a target event if it is one of the station, or with no station, of any."""
    archive = Archive(Path(folder))
    tables = [loaders.events(archive, c, rule) for c in ([code] if code != ALL else stations(archive)["code"])]
    if code != ALL or not len(tables[0]):
        return tables[0]
    target = pd.concat([table["target"] for table in tables], axis=1).any(axis=1)
    reason = target.map({True: "", False: "of no station here"})
    return tables[0].drop(columns=["station", "distance_km"]).assign(target=target, reason=reason)


@st.cache_data(max_entries=30, show_spinner=False)
def spec(choice: Choice, mode: str, width: int) -> str:
    """The map as a text, made once for all viewers who choose the same; it opens for so many pixels."""
    rows = stations(Archive(Path(choice.folder)))
    chosen = rows if choice.station == ALL else rows[rows["code"] == choice.station]
    circles = {c: detectability.limits(station_table.get(c), choice.rule).max_distance_km for c in chosen["code"]}
    longitude, latitude, zoom = projection.fitting_view(chosen, circles, width)
    zoom -= 0.0 if choice.station == ALL else 0.8  # leave room to see where the station lies
    return maps.deck_spec(
        rows,
        strongest(events(choice)),
        circles=circles,
        plates=geography.plates(),
        style=f"app/static/basemap_{mode}.json",
        selected=choice.station,
        view=(longitude, latitude, max(zoom, 0.0)),
        mode=mode,
    )


def strongest(found: pd.DataFrame) -> pd.DataFrame:
    """At most `MOST_EVENTS` events, the largest ones."""
    return found.nlargest(MOST_EVENTS, "magnitude") if len(found) > MOST_EVENTS else found
