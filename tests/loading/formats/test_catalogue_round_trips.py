"""Whatever events are written in a format by hand come back the same: QuakeML, GeoJSON, texts, ISF and CSV."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.loading.formats import recognise
from support import geojson_text, isc_text, quakeml_text

SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# Numbers as catalogues print them: whole thousandths of degrees, tenths of km and of magnitude.
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1_700_000_000_000 // 10).map(lambda n: n * 10),  # milliseconds since 1970, hundredths
        st.integers(-89_999, 89_999),
        st.integers(-179_999, 179_999),
        st.one_of(st.none(), st.integers(0, 7000)),
        st.integers(-10, 95),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda event: event[0],
)


def stamp(milliseconds):
    return pd.Timestamp(milliseconds, unit="ms").strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]


def quakeml(events):
    parts = []
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        origin = quakeml_text.origin(f"o{n}", stamp(time), "" if depth is None else str(depth * 100))
        origin = origin.replace("42.5", f"{latitude / 1000:.3f}").replace("13.25", f"{longitude / 1000:.3f}")
        magnitude = quakeml_text.magnitude(f"m{n}", f"{size / 10:.1f}", "Mw")
        parts.append(quakeml_text.event(origin, magnitude, name=f"smi:x/event/e{n}"))
    return quakeml_text.document(*parts)


def usgs(events):
    features = []
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        one = geojson_text.usgs(f"us{n}", None if depth is None else depth / 10, time=time, mag=size / 10)
        one["geometry"]["coordinates"][:2] = [longitude / 1000, latitude / 1000]
        features.append(one)
    return geojson_text.collection(*features, metadata={"count": len(features)})


def emsc(events):
    features = []
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        place = {"lat": latitude / 1000, "lon": longitude / 1000, "depth": None if depth is None else depth / 10}
        features.append(geojson_text.emsc(time=stamp(time) + "Z", mag=size / 10, unid=f"e{n}", **place))
    return geojson_text.collection(*features)


def ingv(events):
    features = []
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        one = geojson_text.ingv(time=stamp(time), mag=size / 10, eventId=n)
        one["geometry"]["coordinates"] = [longitude / 1000, latitude / 1000, None if depth is None else depth / 10]
        features.append(one)
    return geojson_text.collection(*features)


def afad(events):
    return json.dumps(
        [
            {
                "rms": "0.1", "eventID": str(n), "location": "x", "latitude": f"{latitude / 1000:.3f}",
                "longitude": f"{longitude / 1000:.3f}", "depth": None if depth is None else f"{depth / 10:.1f}",
                "type": "MW", "magnitude": f"{size / 10:.1f}", "country": "", "province": "", "district": "",
                "neighborhood": "", "date": stamp(time), "isEventUpdate": False, "lastUpdateDate": None,
            }
            for n, (time, latitude, longitude, depth, size) in enumerate(events)
        ]
    )  # fmt: skip


def fdsn_text(events):
    lines = ["#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|"
             "MagAuthor|EventLocationName|EventType"]  # fmt: skip
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        deep = "" if depth is None else f"{depth / 10:.1f}"
        place = f"{latitude / 1000:.3f}|{longitude / 1000:.3f}|{deep}"
        lines.append(f"{n}|{stamp(time)}|{place}|A|||{n}|Mw|{size / 10:.1f}|--|somewhere|earthquake")
    return "\n".join(lines) + "\n"


def comcat(events):
    lines = ["time,latitude,longitude,depth,mag,magType,id,updated,place,type"]
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        deep = "" if depth is None else f"{depth / 10:.1f}"
        place = f"{latitude / 1000:.3f},{longitude / 1000:.3f},{deep}"
        lines.append(f'{stamp(time)}Z,{place},{size / 10:.1f},mww,us{n},{stamp(time)}Z,"Here, there",earthquake')
    return "\n".join(lines) + "\n"


def isf(events):
    lines = ["DATA_TYPE BULLETIN IMS1.0:short", "ISC Bulletin"]
    for n, (time, latitude, longitude, depth, size) in enumerate(events):
        when = pd.Timestamp(time, unit="ms").strftime("%Y/%m/%d %H:%M:%S.%f")[:-4]
        deep = " " * 5 if depth is None else f"{depth / 10:5.1f}"
        row = f"{when}   0.20 1.850 {latitude / 1000:8.4f} {longitude / 1000:9.4f}   3.7 2.510   0 {deep} "
        row = row.ljust(115) + f"ke ISC       {n:8d}"
        lines += [f"Event {n:8d} Somewhere", "", isc_text.HEAD, row, " (#PRIME)", ""]
        lines += ["Magnitude  Err Nsta Author      OrigID", f"Mw    {size / 10:4.1f}          ISC       {n:8d}", ""]
    return "\n".join([*lines, "", "STOP", ""])


WRITERS = [quakeml, usgs, emsc, ingv, afad, fdsn_text, comcat, isf]


@pytest.mark.parametrize("write", WRITERS, ids=[write.__name__ for write in WRITERS])
@SETTINGS
@given(events=EVENTS)
def test_events_come_back_as_they_were_written(tmp_path, write, events):
    path = tmp_path / "list"
    path.write_text(write(events))
    table = recognise.read_events(path)
    expected = sorted(events)
    assert len(table) == len(expected) and table.attrs["notes"] == ()
    milliseconds = table["origin_time"].dt.as_unit("ms").array.asi8
    np.testing.assert_array_equal(milliseconds, [event[0] for event in expected])
    np.testing.assert_allclose(table["latitude_deg"], [event[1] / 1000 for event in expected], atol=1e-9)
    np.testing.assert_allclose(table["longitude_deg"], [event[2] / 1000 for event in expected], atol=1e-9)
    deep = [np.nan if event[3] is None else event[3] / 10 for event in expected]
    np.testing.assert_allclose(table["depth_km"], deep, atol=1e-9)
    np.testing.assert_allclose(table["magnitude"], [event[4] / 10 for event in expected], atol=1e-9)
    assert set(table["magnitude_type"].str.casefold()) <= {"mw", "mww"}
