"""
Build the offline maps from Natural Earth (via npm `world-atlas`) and PB2002; run once, results are tracked.

    python -m venv /path/to/env && /path/to/env/bin/pip install shapely
    /path/to/env/bin/python data/geo/make_basemap.py --land-detailed land-50m.json.gz \\
        --land-coarse land-110m.json.gz --countries countries-50m.json.gz --plates PB2002_boundaries.json.gz

Writes dashboard/static/basemap_light.json and basemap_dark.json (MapLibre
styles with the shapes inside, so that no tile server is asked),
data/geo/coast.geojson (lines for the map of the static site) and
data/geo/plate_boundaries.geojson. Shapely is needed here only.

The coast is cut from the *boundary lines* of the land, not from the outline
of the clipped polygons, which would draw the frame of the clip as a coast.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

from shapely import make_valid
from shapely.affinity import translate
from shapely.geometry import LineString, MultiLineString, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, unary_union

ROOT = Path(__file__).resolve().parents[2]

# Detailed (1:50 million) where this project has stations; the rest of the world at 1:110 million.
DETAILED = unary_union([box(-12, 24, 62, 58), box(122, 22, 154, 50), box(-175, 50, -130, 66.5)])
WORLD = box(-180, -84, 180, 84)

NATURAL_EARTH = "Made with Natural Earth (public domain), via npm world-atlas 2.0.2."
PB2002 = (
    "PB2002 plate boundaries: Bird, P. (2003), An updated digital model of plate boundaries, Geochem. Geophys. "
    "Geosyst. 4(3), 1027, doi:10.1029/2001GC000252. GeoJSON by Hugo Ahlenius, Nordpil "
    "(github.com/fraxen/tectonicplates). Open Data Commons Attribution License (ODC-By 1.0). "
    "Changed here: coordinates rounded to 0.01 degrees, attributes reduced to the name."
)

# One calm palette per mode: sea, land, coast, border.
LIGHT = ("#dfe9f1", "#f8f6f1", "#8fa0ae", "#c3beb3")
DARK = ("#0d1723", "#212831", "#5b6f82", "#454e58")


def read(path: Path) -> dict:
    """JSON, gzipped or not."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)


def arcs(topology: dict) -> list[list[tuple[float, float]]]:
    """The arcs of a quantised TopoJSON in degrees: delta coded integers, scaled and shifted."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        decoded.append(line)
    return decoded


def polygons(geometry: dict) -> list[list[list[int]]]:
    """Rings of arc numbers of each polygon of a TopoJSON geometry."""
    if geometry["type"] == "MultiPolygon":
        return geometry["arcs"]
    return [geometry["arcs"]] if geometry["type"] == "Polygon" else []


def ring(lines: list[list[tuple[float, float]]], numbers: list[int]) -> list[tuple[float, float]]:
    """One closed ring; a negative number ~i is arc i backwards."""
    points: list[tuple[float, float]] = []
    for number in numbers:
        arc = lines[number] if number >= 0 else lines[~number][::-1]
        points += arc if not points else arc[1:]
    return points


def parts(shape: BaseGeometry, kind: type) -> list[BaseGeometry]:
    """The parts of a shape that are of one kind (clipping also leaves points and lines behind)."""
    if hasattr(shape, "geoms"):
        return [part for member in shape.geoms for part in parts(member, kind)]
    return [shape] if isinstance(shape, kind) and not shape.is_empty else []


def polygon(rings: list[list[tuple[float, float]]]) -> BaseGeometry:
    """
    A polygon in [-180, 180] from rings that may step over the date line.

    world-atlas has no cut there: Chukotka and Fiji jump from 180 to -180, and Antarctica goes once around the pole.
    The outer ring is made continuous, closed over the pole if need be, and the part beyond 180 is moved back.
    """
    outer, *holes = rings
    points = [outer[0]]
    for x, y in outer[1:]:
        points.append((x + 360 * round((points[-1][0] - x) / 360), y))
    if abs(points[-1][0] - points[0][0]) > 180:
        pole = -90 if points[0][1] < 0 else 90
        points += [(points[-1][0], pole), (points[0][0], pole)]
    shape = make_valid(Polygon(points, holes if points[: len(outer)] == outer else []))
    turns = [translate(shape, xoff=turn).intersection(box(-180, -90, 180, 90)) for turn in (-360, 0, 360)]
    return unary_union([part for shape in turns for part in parts(shape, Polygon)])


def land_and_coast(topology: dict, area: BaseGeometry, tolerance: float) -> tuple[BaseGeometry, BaseGeometry]:
    """Land polygons and coast lines of a TopoJSON `land` object inside `area`, simplified."""
    lines = arcs(topology)
    surfaces, coasts = [], []
    frame = box(-179.99, -84, 179.99, 84)  # the edge of the map is not a coast
    for geometry in topology["objects"]["land"]["geometries"]:
        for rings in polygons(geometry):
            closed = [r for r in (ring(lines, numbers) for numbers in rings) if len(r) > 3]
            shape = polygon(closed) if closed else Polygon()
            if shape.intersects(area):
                surfaces.append(shape.intersection(area).simplify(tolerance))
                coasts.append(shape.boundary.intersection(area).intersection(frame).simplify(tolerance))
    return unary_union(surfaces), unary_union(coasts)


def borders(topology: dict, tolerance: float) -> BaseGeometry:
    """Country borders inside the detailed boxes: the arcs that two countries share."""
    lines = arcs(topology)
    used = Counter(
        number if number >= 0 else ~number
        for geometry in topology["objects"]["countries"]["geometries"]
        for rings in polygons(geometry)
        for numbers in rings
        for number in numbers
    )
    shared = [lines[number] for number, count in used.items() if count > 1 and len(lines[number]) > 1]
    return linemerge(MultiLineString(shared)).intersection(DETAILED).simplify(tolerance)


def rounded(coordinates, decimals: int):
    """Nested coordinates with so many decimals."""
    if isinstance(coordinates[0], int | float):
        return [round(coordinates[0], decimals), round(coordinates[1], decimals)]
    return [rounded(part, decimals) for part in coordinates]


def collection(shapes: list[BaseGeometry], decimals: int, **members) -> dict:
    """A FeatureCollection with one feature: lines or polygons, all of one kind."""
    geometry = {
        "type": f"Multi{shapes[0].geom_type}",
        "coordinates": [rounded(mapping(shape)["coordinates"], decimals) for shape in shapes],
    }
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return {"type": "FeatureCollection", **members, "features": [feature]}


def style(sources: dict, sea: str, land: str, coast: str, border: str) -> dict:
    """A MapLibre style: sea as background, land, borders, coast."""
    dashed = {"line-color": border, "line-width": 0.8, "line-dasharray": [3, 2]}
    return {
        "version": 8,
        "name": "offline",
        "metadata": {"source": NATURAL_EARTH},
        "sources": sources,
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": sea}},
            # without antialiasing neighbouring polygons of the two scales show no seam
            {"id": "land", "type": "fill", "source": "land", "paint": {"fill-color": land, "fill-antialias": False}},
            {"id": "borders", "type": "line", "source": "borders", "paint": dashed},
            {"id": "coast", "type": "line", "source": "coast", "paint": {"line-color": coast, "line-width": 0.9}},
        ],
    }


def plate_boundaries(source: dict) -> dict:
    """PB2002 as one line per boundary step, two decimals, with the attribution inside the file."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": feature["properties"]["Name"]},
            "geometry": {"type": "LineString", "coordinates": rounded(feature["geometry"]["coordinates"], 2)},
        }
        for feature in source["features"]
    ]
    return {"type": "FeatureCollection", "attribution": PB2002, "licence": "ODC-By 1.0", "features": features}


def write(path: Path, content: dict) -> None:
    """Compact JSON; says its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")
    packed = len(gzip.compress(text.encode()))
    print(f"{path.relative_to(ROOT)}: {len(text.encode()) / 1024:.0f} KiB, {packed / 1024:.0f} KiB gzipped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("land-detailed", "land-coarse", "countries", "plates"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    given = parser.parse_args()

    near_land, near_coast = land_and_coast(read(given.land_detailed), DETAILED, 0.01)
    far_land, far_coast = land_and_coast(read(given.land_coarse), WORLD.difference(DETAILED), 0.05)
    coast = linemerge(unary_union([near_coast, far_coast]))
    shapes = {
        "land": collection(parts(near_land, Polygon) + parts(far_land, Polygon), 3),
        "coast": collection(parts(coast, LineString), 3),
        "borders": collection(parts(borders(read(given.countries), 0.01), LineString), 3),
    }
    sources = {name: {"type": "geojson", "data": data} for name, data in shapes.items()}
    for mode, palette in (("light", LIGHT), ("dark", DARK)):
        write(ROOT / "dashboard" / "static" / f"basemap_{mode}.json", style(sources, *palette))
    coarse = parts(coast.simplify(0.03), LineString)
    write(ROOT / "data" / "geo" / "coast.geojson", collection(coarse, 2, attribution=NATURAL_EARTH))
    write(ROOT / "data" / "geo" / "plate_boundaries.geojson", plate_boundaries(read(given.plates)))


if __name__ == "__main__":
    main()
