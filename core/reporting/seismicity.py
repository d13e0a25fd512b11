"""Where no catalogue looks: an empty map means nothing there."""

from __future__ import annotations

import pandas as pd

from core.loading.archive.archive import Archive
from core.reporting import tables
from core.stations import Station, distance_km

QUIET = pd.Timedelta(days=30)  # a list whose end is not declared ends with an event, and looks a while beyond it
NEAR_KM = 500.0  # a catalogue with no earthquake at all within this distance is taken not to cover a place


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


def _reaches(found: pd.DataFrame, station: Station) -> bool:
    return bool((distance_km(found["latitude_deg"], found["longitude_deg"], station) <= NEAR_KM).any())
