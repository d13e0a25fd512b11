"""
The earthquakes of a source as pages show them: each once, and where no catalogue looks.

Two catalogues that list one earthquake give it two identifiers; drawn as they are
they would be two. And an empty map means nothing where no catalogue covers it.
"""

from __future__ import annotations

import pandas as pd

from core.loading import merge
from core.loading.archive import Archive
from core.reporting import tables
from core.stations import Station, distance_km

QUIET = pd.Timedelta(days=30)  # a list whose end is not declared ends with an event, and looks a while beyond it
NEAR_KM = 500.0  # a catalogue with no earthquake at all within this distance is taken not to cover a place


def events(archive: Archive) -> pd.DataFrame:
    """
    Every stored earthquake, once: entries of different catalogues that can be the same event are one.

    Time and place are those of the most trusted catalogue (`merge.ORDER_OF_TRUST`, then the order of the names).
    `attrs["notes"]` counts what was put together.

    Raises
    ------
    InputError
        If no catalogue is stored.
    """
    names = list(archive.catalogues()["name"])
    if len(names) < 2:
        return archive.events()
    return merge.merge({name: archive.events(name) for name in names}, _by_trust(names)).events


def not_covered(archive: Archive, station: Station, start: pd.Timestamp, end: pd.Timestamp) -> str:
    """
    Why there may have been earthquakes near a station in [start, end) that no stored catalogue knows; "" if none.

    One or two sentences, with what to do.
    """
    listed = archive.catalogues()
    around = f"[{station.latitude_deg:.1f}°, {station.longitude_deg:.1f}°]"
    fetch = "`precursor fetch catalogue USGS --start YEAR-01-01 --region SOUTH NORTH WEST EAST`"
    if listed.empty:
        return f"No earthquake catalogue is stored, so none can be drawn. Fetch one that covers {around}: {fetch}."
    known = [row for row in listed.to_dict("records") if _reaches(archive.events(str(row["name"])), station)]
    if not known:
        names = ", ".join(str(name) for name in listed["name"])
        return (
            f"No stored catalogue ({names}) has an earthquake within {NEAR_KM:g} km of {station.code}: that none is "
            f"drawn says nothing. Fetch a catalogue that covers the place {around}: {fetch}."
        )
    spans = sorted((pd.Timestamp(row["start"]), pd.Timestamp(row["end"]), str(row["name"])) for row in known)
    reached = start
    for first, last, _ in spans:
        if first - QUIET <= reached:
            reached = max(reached, last + QUIET)
    if reached >= end:
        return ""
    told = "; ".join(f"{name} from {tables.moment(first)} to {tables.moment(last)}" for first, last, name in spans)
    return (
        f"The catalogues that cover {station.code} do not cover all of this time ({told} UTC): earthquakes outside of "
        f"that are not known here. Fetch the missing years: {fetch}."
    )


def _by_trust(names: list[str]) -> list[str]:
    order = list(dict.fromkeys(name for region in merge.ORDER_OF_TRUST.values() for name in region))
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))


def _reaches(found: pd.DataFrame, station: Station) -> bool:
    return bool((distance_km(found["latitude_deg"], found["longitude_deg"], station) <= NEAR_KM).any())
