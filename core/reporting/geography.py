"""The tracked shapes for maps: coast lines and plate boundaries (sources and licences: `data/geo/README.md`)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from core import documents, shipped


@lru_cache(maxsize=1)
def coast() -> dict[str, Any]:
    """Coast lines of the world as GeoJSON (Natural Earth, public domain)."""
    return _read("coast.geojson")


@lru_cache(maxsize=1)
def plates() -> dict[str, Any]:
    """Plate boundaries as GeoJSON (PB2002, ODC-By 1.0; the attribution is inside)."""
    return _read("plate_boundaries.geojson")


def _read(name: str) -> dict[str, Any]:
    collection: dict[str, Any] = documents.read_json(shipped.folder() / "geo" / name)
    return collection
