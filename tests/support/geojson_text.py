"""Events in GeoJSON as USGS, EMSC and INGV word them."""

from __future__ import annotations

import json


def usgs(name="us6000m0xl", depth=10, **properties):
    known = {
        "mag": 7.5,
        "place": "2024 Noto Peninsula, Japan earthquake",
        "time": 1704093009476,  # 2024-01-01T07:10:09.476Z
        "updated": 1712069459040,
        "tz": None,
        "status": "reviewed",
        "net": "us",
        "code": name[2:],
        "magType": "mww",
        "type": "earthquake",
    }
    geometry = {"type": "Point", "coordinates": [137.271, 37.4874, depth]}
    return {"type": "Feature", "properties": known | properties, "geometry": geometry, "id": name}


def emsc(depth=11.5, **properties):
    known = {
        "source_id": "1600001",
        "source_catalog": "EMSC-RTS",
        "lastupdate": "2024-01-02T03:04:05.0Z",
        "time": "2024-01-01T07:10:09.4Z",
        "flynn_region": "NEAR WEST COAST OF HONSHU",
        "lat": 37.5,
        "lon": 137.2,
        "depth": depth,
        "evtype": "ke",
        "auth": "EMSC",
        "mag": 7.4,
        "magtype": "mw",
        "unid": "20240101_0000042",
    }
    geometry = {"type": "Point", "coordinates": [137.2, 37.5, -11.5]}
    return {"type": "Feature", "geometry": geometry, "id": known["unid"], "properties": known | properties}


def collection(*features, **more):
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)})


def ingv(**properties):
    """As INGV's event service words it (layout from its documentation and public answers, values of Amatrice 2016)."""
    about = {
        "eventId": 7073641,
        "originId": 12937031,
        "time": "2016-08-24T01:36:32.000000",
        "author": "BULLETIN-INGV",
        "magType": "Mw",
        "mag": 6.0,
        "magAuthor": "--",
        "type": "earthquake",
        "place": "1 km W Accumoli (RI)",
        "version": 1000,
    }
    point = {"type": "Point", "coordinates": [13.2335, 42.6983, 8.1]}
    return {"type": "Feature", "properties": {**about, **properties}, "geometry": point}
