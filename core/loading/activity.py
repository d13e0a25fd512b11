"""The activity table (Kp, ap) and Dst: schemas and readers."""

from __future__ import annotations

COLUMNS = ("time", "kp", "ap", "status")
