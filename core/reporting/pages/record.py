"""One page per station: the whole record, and a closer look around its largest target event."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core import clock, stations
from core.config import DetectabilityConfig
from core.errors import InputError
from core.labelling import detectability
from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from core.loading.record.minute import COMPONENTS, epoch_minutes
from core.reporting import credits, decimation, seismicity, tables
from core.reporting.figures.record.record import record
from core.reporting.pages import Page, Plot, csv_name, length_words

BUCKETS = 1500
MOST_EVENTS = 1500
CLOSE_DAYS = 4
HOLE_DAYS = 30  # a longer hole divides the record into stretches, each drawn by itself
MOST_STRETCHES = 4
NEAR = 2  # earthquakes are shown to so many times the reach of the rule


def record_file(source: str, station: str) -> str:
    """The name of a station's page."""
    return f"record-{source}-{station}.html"


def page(name: str, archive: Archive, code: str, rule: DetectabilityConfig) -> Page:
    """
    The record of one station, reduced to envelopes: no bulk minute data leave the archive.

    Parameters
    ----------
    name : str
        Name of the source.
    archive : Archive
    code : str
        Station code.
    rule : DetectabilityConfig
        Which events are its target events.
    """
    minutes = archive.minute(code)
    values = minutes.field[list(COMPONENTS)].to_numpy()
    first = int(epoch_minutes(pd.DatetimeIndex([minutes.start]))[0])
    station = known(code)
    near, sentence = near_events(archive, code, rule)
    near = near[(near["origin_time"] >= minutes.start) & (near["origin_time"] < minutes.end)]
    days = coverage.days(archive.folder, code)
    look: dict[str, Any] = {
        "activity": archive.activity(),
        "synthetic": archive.synthetic,
        "labels": credits.labels(code),
    }
    csv = csv_name(f"record-{name}-{code}-months", archive.synthetic)
    pieces = stretches(values)
    content = {
        "station": station,
        "code": code,
        "start": tables.moment(minutes.start),
        "end": tables.moment(minutes.end),
        "present": float(np.isfinite(values).all(axis=1).mean()),
        "data_types": archive.data_types(code).to_dict("records"),
        "types": credits.types(days),
        "axes": credits.axes(code),
        "credit": "" if archive.synthetic else credits.sentence(code, days),
        "rule": sentence,
        "not_covered": ""
        if station is None or archive.synthetic
        else seismicity.not_covered(archive, station, minutes.start, minutes.end).replace("`", ""),
        "n_targets": int(near["target"].sum()),
        "n_events": len(near),
        "n_stretches": len(pieces),
        "hole_days": HOLE_DAYS,
        "plots": [
            Plot(f"record-{i0}", *_drawn(values, first, i0, i1, near, look), csv) for i0, i1 in pieces[:MOST_STRETCHES]
        ],
        "close": _close(values, first, near, look),
    }
    title = f"Record of {code}" + (f" {station.name}" if station else "")
    files = {csv: months(minutes.field)}
    return Page(record_file(name, code), title, "record.html.j2", content, "all" if archive.synthetic else "", files)


def stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """The parts of a record between holes of more than `HOLE_DAYS`, as half-open rows; the latest first."""
    present = np.flatnonzero(np.isfinite(values).any(axis=1))
    if not len(present):
        return []
    breaks = np.flatnonzero(np.diff(present) > HOLE_DAYS * 1440)
    starts = present[np.concatenate([[0], breaks + 1])]
    ends = present[np.concatenate([breaks, [len(present) - 1]])] + 1
    return [(int(i0), int(i1)) for i0, i1 in zip(starts, ends, strict=True)][::-1]


def near_events(archive: Archive, code: str, rule: DetectabilityConfig) -> tuple[pd.DataFrame, str]:
    """The events of `station_events` within `NEAR` times the reach of the rule, and what that means in words."""
    events, sentence = station_events(archive, code, rule)
    station = known(code)
    if station is None or not sentence:
        return events, sentence
    reach = NEAR * detectability.limits(station, rule).max_distance_km
    return events[events["distance_km"] <= reach], f"Earthquakes are shown to {reach:,.0f} km. {sentence}"


def station_events(archive: Archive, code: str, rule: DetectabilityConfig) -> tuple[pd.DataFrame, str]:
    """The events with the verdict of a station, and the rule in words; empty where either is not known."""
    station = known(code)
    empty = pd.DataFrame({"origin_time": pd.DatetimeIndex([], tz="UTC"), "target": np.zeros(0, bool)})
    empty = empty.assign(magnitude=0.0, distance_km=0.0)
    if station is None or not len(archive.catalogues()):
        return empty, ""
    words = detectability.limits(station, rule).sentence()
    return detectability.select(archive.events(), station, rule), f"Target events are those {words}."


def known(code: str) -> stations.Station | None:
    """The station with this code, or None if the table of stations does not have it."""
    try:
        return stations.get(code)
    except InputError:
        return None


def strongest(events: pd.DataFrame, most: int = MOST_EVENTS) -> pd.DataFrame:
    """At most so many events, in time order: all target events first, then the strongest others."""
    if len(events) <= most:
        return events
    return events.sort_values(["target", "magnitude"], ascending=False).iloc[:most].sort_values("origin_time")


def months(field: pd.DataFrame) -> pd.DataFrame:
    """Mean, lowest and highest value of each component in each month, and the share of minutes present."""
    components = field[list(COMPONENTS)]
    month = pd.DatetimeIndex(components.index).tz_localize(None).to_period("M")
    grouped = components.groupby(month)
    table = pd.DataFrame(
        {
            f"{name.lower()}_{kind}_nt": values
            for name in COMPONENTS
            for kind, values in (
                ("mean", grouped[name].mean()),
                ("min", grouped[name].min()),
                ("max", grouped[name].max()),
            )
        }
    ).round(2)
    table["present_fraction"] = components.notna().all(axis=1).groupby(month).mean().round(4)
    return table.rename_axis("month").reset_index().astype({"month": str})


def between(archive: Archive, code: str, start: pd.Timestamp | None, end: pd.Timestamp | None) -> Plot:
    """
    The record of a station in [start, end), None = from or to its end, with the target events of the paper's rule.

    Raises
    ------
    InputError
        If the station has no data there.
    """
    minutes = archive.minute(code, start, end)
    values = minutes.field[list(COMPONENTS)].to_numpy()
    first = int(epoch_minutes(pd.DatetimeIndex([minutes.start]))[0])
    near, sentence = near_events(archive, code, DetectabilityConfig(law="paper"))
    look = {"activity": archive.activity(), "synthetic": archive.synthetic, "labels": credits.labels(code)}
    figure, caption = _drawn(values, first, 0, len(values), near, look)
    return Plot(f"record-{code}", figure, f"{caption} {sentence}".strip())


def _drawn(
    values: np.ndarray, first: int, i0: int, i1: int, events: pd.DataFrame, look: dict[str, Any]
) -> tuple[go.Figure, str]:
    # the figure of rows [i0, i1), and its caption
    start, end = (clock.of_minute(first + i) for i in (i0, i1))
    lines = decimation.envelope(values, first, i0, i1, BUCKETS)
    minutes_a_point = max(1, lines[1] // 60_000)
    inside = events[(events["origin_time"] >= start) & (events["origin_time"] < end)]
    shown = strongest(inside)
    # a gap narrower than one point could not be seen
    gaps = decimation.gaps(values, first, i0, i1, minutes_a_point)
    figure = record(lines, events=shown, gaps=gaps, span=(start, end), **look)
    caption = f"{tables.moment(start)} to {tables.moment(end)} UTC; shaded: no data."
    if minutes_a_point > 1:
        caption += f" Lowest and highest value of every {length_words(2 * minutes_a_point)}."
    if len(shown) < len(inside):
        caption += f" Shown are the {len(shown):,} strongest of {len(inside):,} events."
    return figure, caption


def _close(values: np.ndarray, first: int, events: pd.DataFrame, look: dict[str, Any]) -> Plot | None:
    # the days around the strongest target event, if the record is longer than that
    targets = events[events["target"]]
    reach = CLOSE_DAYS * 1440
    if not len(targets) or len(values) <= 2 * reach:
        return None
    strong = targets.iloc[int(targets["magnitude"].argmax())]
    middle = int(epoch_minutes(pd.DatetimeIndex([strong["origin_time"]]))[0]) - first
    i0, i1 = max(middle - reach, 0), min(middle + reach, len(values))
    figure, caption = _drawn(values, first, i0, i1, events, look)
    return Plot("close", figure, f"Around the strongest target event, M {strong['magnitude']:.1f}: {caption}")
