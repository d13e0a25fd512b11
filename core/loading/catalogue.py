"""The events table: its schema, and how rows of any catalogue become it."""

from __future__ import annotations

COLUMNS = (
    "event_id",
    "origin_time",
    "latitude_deg",
    "longitude_deg",
    "depth_km",
    "magnitude",
    "magnitude_type",
    "source",
)
