"""A made-up world of sixty days, served as observatories and agencies serve real ones, and its addresses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.config import WorldConfig
from core.synthesis.world import World
from support.fake_services import Fdsn, Hapi
from support.many_services import ManyServices

START, END = "2018-01-01", "2018-03-02"
PATHS = {"HAPI": "hapi", "EMSC": "event", "KP": "kp"}  # by the key of the address, below that of the server
MISSING = 99999.0


def services() -> ManyServices:
    """The three services of `fetch all`, with the field at DUR and the earthquakes of the world."""
    world = World(WorldConfig(seed=7, start=START, end=END, events_per_year=500.0, gap_fraction=0.001), ("DUR",))
    values = world.minute("DUR").field[["X", "Y", "Z"]]

    def measured(times: pd.DatetimeIndex) -> list[tuple[float, float, float, float]]:
        xyz = values.reindex(times).to_numpy(dtype=float)
        rows = np.column_stack([xyz, np.linalg.norm(xyz, axis=1)])
        return [tuple(row) for row in np.where(np.isnan(rows), MISSING, rows.round(2)).tolist()]

    events = world.events()
    listed = [
        (f"made_{number}", f"{row.origin_time:%Y-%m-%dT%H:%M:%S}", row.latitude_deg, row.longitude_deg, row.magnitude)
        for number, row in enumerate(events.itertuples())
    ]
    made = ManyServices()
    made.hapi, made.fdsn = Hapi(measured=measured), Fdsn(listed)
    return made


def addresses(base: str) -> dict[str, str]:
    """The environment variables that name the services of a server."""
    return {f"PRECURSOR_{key}_URL": f"{base}/{path}" for key, path in PATHS.items()}
