"""The geometry of maps: circles on the sphere, Mercator, what a map must show, and lines cut to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.stations import EARTH_RADIUS_KM

Box = tuple[float, float, float, float]  # west, east, south, north in degrees; east may exceed 180


def fitting_view(
    stations: pd.DataFrame, circles: Mapping[str, float], width: int = 700, height: int = 460
) -> tuple[float, float, float]:
    """
    Centre longitude, latitude and zoom that show all stations and their circles on a map of so many pixels.

    >>> one = pd.DataFrame({"code": ["DUR"], "latitude_deg": [41.65], "longitude_deg": [14.466]})
    >>> [round(value, 1) for value in fitting_view(one, {"DUR": 200.0})]
    [14.5, 41.7, 5.9]
    """
    west, east, south, north = bounds(stations, circles)
    span_x = max(east - west, 0.5)
    span_y = max(float(mercator(north) - mercator(south)), 0.5)
    zoom = min(np.log2(360 * width / 512 / span_x), np.log2(360 * height / 512 / span_y)) - 0.15
    middle = inverse_mercator((mercator(north) + mercator(south)) / 2)
    return wrap((west + east) / 2), float(middle), float(np.clip(zoom, 0, 9))  # the base map begins at 0


def bounds(stations: pd.DataFrame, circles: Mapping[str, float], margin_km: float = 150.0) -> Box:
    """
    West, east, south, north in degrees of all stations and their circles; east may exceed 180 across the date line.

    A station without a circle gets `margin_km` around it.
    """
    if not len(stations):
        return -12.0, 62.0, 24.0, 58.0
    longitude = np.sort(stations["longitude_deg"].to_numpy(dtype=float))
    # the widest empty stretch of longitude is left outside the map
    holes = np.diff(np.append(longitude, longitude[0] + 360))
    turned = np.roll(longitude, -(int(np.argmax(holes)) + 1))
    centre = turned[0] + ((turned[-1] - turned[0]) % 360) / 2
    latitude = stations["latitude_deg"].to_numpy(dtype=float)
    radius = np.array([circles.get(code, margin_km) for code in stations["code"]]) / EARTH_RADIUS_KM * 180 / np.pi
    near = centre + (stations["longitude_deg"].to_numpy(dtype=float) - centre + 180) % 360 - 180
    reach = radius / np.maximum(np.cos(np.radians(latitude)), 0.1)
    west, east = float((near - reach).min()), float((near + reach).max())
    if east - west > 360:
        west, east = centre - 180, centre + 180
    return west, east, float(max((latitude - radius).min(), -80)), float(min((latitude + radius).max(), 80))


def apart(longitude_deg: Any, latitude_deg: Any, zoom: float, first: Any, width: float, height: float) -> np.ndarray:
    """
    Which of several labels of so many pixels can be drawn without overlap, those marked `first` before the others.

    >>> apart([10.0, 10.1, 40.0], [45.0, 45.0, 45.0], 3.0, [False, True, False], 30, 15).tolist()
    [False, True, True]
    """
    scale = 512 * 2**zoom / 360
    x = np.asarray(longitude_deg, dtype=float) * scale
    y = mercator(np.asarray(latitude_deg, dtype=float)) * scale
    fits = np.zeros(len(x), dtype=bool)
    for i in np.argsort(~np.asarray(first, dtype=bool), kind="stable"):
        fits[i] = not (fits & (np.abs(x - x[i]) < width) & (np.abs(y - y[i]) < height)).any()
    return fits


def circle(latitude_deg: float, longitude_deg: float, radius_km: float, n_points: int = 90) -> np.ndarray:
    """
    Points at one great-circle distance from a centre, on a sphere of 6371 km (direct geodesic problem).

    Returns
    -------
    ndarray, shape (n_points + 1, 2)
        Longitude and latitude in degrees, closed. Longitudes are continuous around the centre and may pass 180.
    """
    bearing = np.linspace(0, 2 * np.pi, n_points + 1)
    angle = radius_km / EARTH_RADIUS_KM
    lat0 = np.radians(latitude_deg)
    sin_lat = np.sin(lat0) * np.cos(angle) + np.cos(lat0) * np.sin(angle) * np.cos(bearing)
    lat = np.arcsin(np.clip(sin_lat, -1, 1))
    east = np.arctan2(np.sin(bearing) * np.sin(angle) * np.cos(lat0), np.cos(angle) - np.sin(lat0) * sin_lat)
    return np.column_stack([longitude_deg + np.degrees(east), np.degrees(lat)])


def mercator(latitude_deg: Any) -> Any:
    """Mercator ordinate in degrees of longitude: with equal axes the map has true angles."""
    return np.degrees(np.arctanh(np.sin(np.radians(np.clip(latitude_deg, -85, 85)))))


def inverse_mercator(y: Any) -> Any:
    """Latitude in degrees of a Mercator ordinate."""
    return np.degrees(np.arcsin(np.tanh(np.radians(y))))


def grown(box: Box, degrees_x: float, degrees_y: float) -> Box:
    """A box made larger on all sides: in longitude, and in Mercator degrees north and south; never over 360 wide."""
    west, east, south, north = box
    spare = min(degrees_x, (360 - (east - west)) / 2)
    low, high = mercator(south) - degrees_y, mercator(north) + degrees_y
    return west - spare, east + spare, float(inverse_mercator(low)), float(inverse_mercator(high))


def wrap(longitude_deg: float) -> float:
    """
    The same meridian in [-180, 180).

    >>> wrap(190.0)
    -170.0
    """
    return (longitude_deg + 180.0) % 360.0 - 180.0


def near(longitude_deg: Any, box: Box) -> Any:
    """Longitudes moved by whole turns to where they are closest to the middle of a box."""
    return near_meridian(longitude_deg, (box[0] + box[1]) / 2)


def near_meridian(longitude_deg: Any, middle: float) -> Any:
    """
    Longitudes moved by whole turns to within half a turn of a meridian.

    >>> near_meridian([140.0, -120.0], -100.0).tolist()
    [-220.0, -120.0]
    """
    return middle + (np.asarray(longitude_deg, dtype=float) - middle + 180) % 360 - 180


def turned_lines(geojson: Mapping[str, Any], middle: float) -> dict[str, Any]:
    """The lines of a GeoJSON around a meridian, cut where they would cross the map from one side to the other."""
    pieces = []
    for line in _lines(geojson):
        x = near_meridian(line[:, 0], middle)
        cuts = np.flatnonzero(np.abs(np.diff(x)) > 180) + 1
        for part in np.split(np.column_stack([x, line[:, 1]]).round(3), cuts):
            pieces.append(part.tolist())
    geometry = {"type": "MultiLineString", "coordinates": [piece for piece in pieces if len(piece) > 1]}
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}


def clipped_lines(geojson: Mapping[str, Any], box: Box) -> tuple[np.ndarray, np.ndarray]:
    """
    The lines of a GeoJSON as one polyline for plotly, NaN between the pieces, without the points far outside a box.

    A point stays if it or a neighbour lies in the box, so that lines run out of the map and do not end at its edge's
    last point. Pieces are cut where they would cross the map from one side to the other.

    Returns
    -------
    longitude_deg, latitude_deg : ndarray
    """
    west, east, south, north = box
    xs, ys = [], []
    for line in _lines(geojson):
        x, y = near(line[:, 0], box), line[:, 1]
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        keep = inside.copy()
        keep[:-1] |= inside[1:]
        keep[1:] |= inside[:-1]
        if not keep.any():
            continue
        x, y = np.where(keep, x, np.nan), np.where(keep, y, np.nan)
        jump = np.flatnonzero(np.abs(np.diff(x)) > 180) + 1
        x, y = np.insert(x, jump, np.nan), np.insert(y, jump, np.nan)
        blank = np.isnan(x)
        once = ~(blank & np.append(False, blank[:-1]))  # one NaN is enough between two pieces
        xs += [x[once], [np.nan]]
        ys += [y[once], [np.nan]]
    empty = np.empty(0)
    return (np.concatenate(xs), np.concatenate(ys)) if xs else (empty, empty)


def degree_ticks(shown: tuple[float, ...], drawn: tuple[float, ...], about: int = 6) -> list[float]:
    """
    Round degrees for the ticks of an axis: some `about` in what is shown, at the same step in all that is drawn.

    >>> degree_ticks((3.2, 21.0), (-8.0, 31.0))
    [-5, 0, 5, 10, 15, 20, 25, 30]
    """
    step = next((s for s in (1, 2, 5, 10, 15, 30) if (shown[1] - shown[0]) / s <= about), 60)
    return list(range(int(np.ceil(drawn[0] / step)) * step, int(np.floor(drawn[1])) + 1, step))


def degree_words(value: float, letters: str) -> str:
    """
    A tick in words; `letters` are those of the negative and the positive side.

    >>> degree_words(-12, "WE")
    '12° W'
    """
    side = "" if value == 0 else f" {letters[int(value > 0)]}"
    return f"{abs(value):g}°{side}"


def place_words(latitude_deg: float, longitude_deg: float) -> str:
    """
    A place in words.

    >>> place_words(-65.3, 295.7)
    '65.300° S, 64.300° W'
    """
    longitude_deg = wrap(longitude_deg)
    north, east = "SN"[int(latitude_deg >= 0)], "WE"[int(longitude_deg >= 0)]
    return f"{abs(latitude_deg):.3f}° {north}, {abs(longitude_deg):.3f}° {east}"


def _lines(geojson: Mapping[str, Any]) -> Iterator[np.ndarray]:
    for feature in geojson["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
        for part in parts:
            yield np.asarray(part, dtype=float)
