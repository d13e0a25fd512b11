"""GeoJSON of USGS ComCat and INGV (`format=geojson`) and of EMSC (`format=json`), whose depths differ in sign."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.formats import json_text
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

USGS, INGV, EMSC = "USGS ComCat", "INGV", "EMSC"

_COLLECTION = re.compile(r'"type"\s*:\s*"FeatureCollection"')
_MAGNITUDE = re.compile(r'"mag\w*"\s*:', re.IGNORECASE)
_MILLISECONDS = 6.3e13  # 2000 years before and after 1970; beyond it the number is no epoch time


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is GeoJSON of events."""
    start = head.lstrip("\ufeff \t\r\n")
    events = '"magType"' in start or '"magtype"' in start or '"earthquake.usgs.gov' in start
    if not start.startswith("{"):
        return False
    # Coast lines and plate boundaries are collections of features too; their properties tell.
    other = '"properties"' in start and not _MAGNITUDE.search(start)
    return (_COLLECTION.search(start) is not None and not other) or ('"features"' in start and events)


def read(path: Path) -> pd.DataFrame:
    """
    Read a GeoJSON file of USGS, INGV or EMSC into the events table (`events.check`).

    The third coordinate is the depth in km at USGS and INGV, and minus the depth at EMSC, where the property `depth` is
    preferred. Rows that are not earthquakes, or that USGS marks as deleted, are dropped and counted.

    Raises
    ------
    InputError
        If the file is no complete JSON, holds fewer events than it says, is of no such service, or a value is
        impossible (the event is named by its place in the file).
    """
    path = Path(path)
    features = _features(json_text.read(path), path.name)
    origin = _service(features, path.name)
    row_of = {USGS: _usgs, INGV: _ingv, EMSC: _emsc}[origin]
    rows = [row_of(feature) for feature in features]
    columns = {name: [json_text.cell(row[name]) for row in rows] for name in rows[0]}
    table = Table(path.name, columns, list(range(1, len(rows) + 1)), unit="event")
    authors = table.texts("author")
    source = {USGS: [USGS] * len(rows), INGV: [author or "INGV" for author in authors]}
    return assembly.assemble(
        table,
        times=_epochs(table) if origin == USGS else table.times(table.texts("time")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("mag", *catalogue.MAGNITUDE),
        magnitude_type=table.texts("magtype"),
        source=source.get(origin) or [f"EMSC {author}".strip() for author in authors],
        ids=table.texts("id"),
        id_prefix={USGS: "comcat", INGV: "fdsn", EMSC: "emsc"}[origin],
        kinds=table.texts("kind"),
        updated=table.texts("updated"),
    )


def _features(document: Any, name: str) -> list[dict[str, Any]]:
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{name}: the JSON has no list of features, expected GeoJSON of USGS, INGV or EMSC.")
    if not features:
        raise InputError(f"{name}: the list of features is empty: the service had no events for this request.")
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise InputError(f"{name}, event {number}: this is no GeoJSON feature with properties.")
    metadata = document.get("metadata")
    said = json_text.cell(metadata.get("count")) if isinstance(metadata, dict) else ""
    if said and said != str(len(features)):
        raise InputError(f"{name}: says it has {said[:20]} events, and {len(features)} are there. Fetch it again.")
    return features


def _service(features: list[dict[str, Any]], name: str) -> str:
    properties = features[0]["properties"]
    if {"unid", "evtype"} & properties.keys():
        return EMSC
    if {"eventId", "mag", "time", "magType"} <= properties.keys():
        return INGV
    if {"mag", "time", "magType"} <= properties.keys():
        return USGS
    raise InputError(
        f"{name}: GeoJSON with the properties {', '.join(map(str, properties))[:120]!r}; "
        "known are USGS (mag, magType, time, net, ...), INGV (eventId, mag, ...) and EMSC (unid, evtype, ...)."
    )


def _usgs(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature["properties"]
    longitude, latitude, depth = _coordinates(feature)
    deleted = properties.get("status") == "deleted"
    return {
        "id": feature.get("id") or f"{json_text.cell(properties.get('net'))}{json_text.cell(properties.get('code'))}",
        "time": properties.get("time"),
        "latitude": latitude,
        "longitude": longitude,
        "depth": depth,
        "mag": properties.get("mag"),
        "magtype": properties.get("magType"),
        "kind": "deleted event" if deleted else properties.get("type"),
        "updated": json_text.cell(properties.get("updated")).zfill(15),  # so that numbers sort as text
        "author": "",
    }


def _ingv(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature["properties"]
    longitude, latitude, depth = _coordinates(feature)
    author = json_text.cell(properties.get("author"))
    return {
        "id": properties.get("eventId"),
        "time": properties.get("time"),
        "latitude": latitude,
        "longitude": longitude,
        "depth": depth,
        "mag": properties.get("mag"),
        "magtype": properties.get("magType"),
        "kind": properties.get("type"),
        "updated": json_text.cell(properties.get("version")).zfill(15),
        "author": "" if author == "--" else author,
    }


def _emsc(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature["properties"]
    longitude, latitude, depth = _coordinates(feature)
    if "depth" in properties:
        depth = properties["depth"]
    else:
        depth = json_text.cell(depth)
        depth = depth[1:] if depth.startswith("-") else f"-{depth}" if depth else ""
    return {
        "id": properties.get("unid") or feature.get("id"),
        "time": properties.get("time"),
        "latitude": properties.get("lat", latitude),
        "longitude": properties.get("lon", longitude),
        "depth": depth,
        "mag": properties.get("mag"),
        "magtype": properties.get("magtype"),
        "kind": properties.get("evtype"),
        "updated": properties.get("lastupdate"),
        "author": properties.get("auth"),
    }


def _coordinates(feature: dict[str, Any]) -> tuple[Any, Any, Any]:
    geometry = feature.get("geometry")
    found = geometry.get("coordinates") if isinstance(geometry, dict) else None
    places = found if isinstance(found, list) else []
    longitude, latitude, depth = [*places[:3], None, None, None][:3]
    return longitude, latitude, depth


def _epochs(table: Table) -> pd.DatetimeIndex:
    milliseconds = table.numbers("time", -_MILLISECONDS, _MILLISECONDS, required=True)
    return pd.DatetimeIndex(pd.to_datetime(np.round(milliseconds).astype(np.int64), unit="ms", utc=True))
