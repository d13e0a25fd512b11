"""From the services into the archive, with a recipe for each part, so that the archive can be made again."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator

import pandas as pd

from core.errors import InputError
from core.loading.archive.journal import Maker, Recipe
from core.loading.archive.store import Store
from core.loading.record import frame_check
from core.loading.services import addresses, fdsn, gfz, gin, intermagnet, usgs_geomag
from core.loading.services.addresses import Service
from core.loading.services.fdsn import Region
from core.loading.services.http import FetchError
from core.loading.services.parts import Chunk
from core.loading.services.raw_store import Fetcher
from core.progress import Progress
from core.stations import EARTH_RADIUS_KM, Station


def store_minutes(
    archive: Store,
    station: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    data_type: str,
    service: str,
    where: Service,
    fetcher: Fetcher,
    progress: Progress,
    rotate: bool = False,
) -> pd.DataFrame:
    """Fetch [start, end) of a station part by part and store each part at once; a row per part."""
    parts: Iterator[Chunk]
    if data_type == "best":
        parts = _best(station, start, end, fetcher, where)
    elif service == "hapi":
        parts = intermagnet.fetch(station, start, end, data_type, fetcher, where)
    elif service == "gin":
        parts = gin.fetch(station, start, end, data_type, fetcher, where)
    else:
        parts = usgs_geomag.fetch(station, start, end, data_type, fetcher, where)
    total = (end - start).days
    progress.stage(f"Fetching {station}", 0, total)
    rows = []
    for chunk in parts:
        # Of the best there is, the type of each part is the one that was asked for.
        wanted = chunk.record.data_type if chunk.record is not None and data_type == "best" else data_type
        how: dict[str, object] = {"service": service, "base": where.base, "station": station, "data_type": wanted}
        how |= {"start": chunk.start.isoformat(), "end": chunk.end.isoformat(), "rotate": rotate}
        rows.append(_row(chunk, archive, rotate, Recipe(Maker.SERVICE_MINUTES, how, answers=fetcher.take_used())))
        progress.stage(f"Fetching {station}", (chunk.end - start).days, total, f"{chunk.end:%Y-%m-%d}")
    return pd.DataFrame(rows)


def store_catalogue(
    archive: Store,
    name: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    min_magnitude: float,
    box: Region,
    where: Service,
    fetcher: Fetcher,
    progress: Progress,
) -> tuple[str, pd.DataFrame]:
    """Fetch the events of [start, end) and store them as a whole; what the archive says, and the events."""
    total, title = (end - start).days, f"Fetching {where.name}"
    progress.stage(title, 0, total)
    events = fdsn.fetch(
        start,
        end,
        min_magnitude,
        fetcher,
        where,
        box,
        lambda until: progress.stage(title, (until - start).days, total, f"{until:%Y-%m-%d}"),
    )
    served = addresses.called(where).replace(where.name, f"{where.name} FDSN", 1)
    origin = f"{served}, magnitude {min_magnitude:g} and above"
    how: dict[str, object] = {"service": where.name, "base": where.base, "name": name, "origin": origin}
    how |= {"start": start.isoformat(), "end": end.isoformat(), "min_magnitude": min_magnitude}
    recipe = Recipe(Maker.SERVICE_EVENTS, how | {"region": dataclasses.asdict(box)}, answers=fetcher.take_used())
    return archive.store_events(name, events, origin, start, end, recipe), events


def store_activity(
    archive: Store,
    start: pd.Timestamp,
    end: pd.Timestamp,
    definitive: bool,
    where: Service,
    fetcher: Fetcher,
    progress: Progress,
) -> tuple[str, pd.DataFrame]:
    """Fetch Kp of [start, end) and store it; what the archive says, and the values."""
    progress.stage("Fetching Kp")
    values = gfz.fetch(start, end, fetcher, where, definitive)
    if values.empty:
        return "Kp: the service has no such values in this period; nothing was stored.", values
    origin = addresses.called(where)
    how: dict[str, object] = {"base": where.base, "origin": origin, "definitive": definitive}
    how |= {"start": start.isoformat(), "end": end.isoformat()}
    recipe = Recipe(Maker.SERVICE_KP, how, answers=fetcher.take_used())
    return archive.store_activity(values, origin, recipe), values


def around(places: Iterable[Station], radius_km: float) -> Region:
    """
    The box of latitude and longitude that holds every point within a distance of a station.

    Raises
    ------
    InputError
        If the distance is not positive.
    """
    if not radius_km > 0:
        raise InputError(f"The radius (--radius-km) of {radius_km:g} km is not positive.")
    margin = math.degrees(radius_km / EARTH_RADIUS_KM)
    latitudes, longitudes = zip(*((place.latitude_deg, place.longitude_deg) for place in places), strict=True)
    south, north = max(-90.0, min(latitudes) - margin), min(90.0, max(latitudes) + margin)
    # The meridians that touch the circle around a place of the highest latitude are the farthest apart.
    sine = math.sin(math.radians(margin)) / max(math.cos(math.radians(max(map(abs, latitudes)))), 1e-9)
    wide = math.degrees(math.asin(sine)) if sine < 1 else 180.0
    west, east = min(longitudes) - wide, max(longitudes) + wide
    if west < -180 or east > 180 or south == -90 or north == 90:
        west, east = -180.0, 180.0
    return Region(*(round(side, 2) for side in (south, north, west, east)))


def _best(station: str, start: pd.Timestamp, end: pd.Timestamp, fetcher: Fetcher, service: Service) -> Iterator[Chunk]:
    # Each better type first; the next one is asked only for what the service said it does not have.

    missing = [Chunk(start, end, "no data")]
    refusal: InputError | None = None
    n_types = 0
    for data_type in [name for name in intermagnet.TYPES if name != "variation"]:
        left: list[Chunk] = []
        for gap in missing:
            try:
                for chunk in intermagnet.fetch(station, gap.start, gap.end, data_type, fetcher, service):
                    if chunk.outcome == "no data":
                        left.append(chunk)
                    else:
                        yield chunk
                n_types += 1
            except FetchError:
                raise
            except InputError as error:  # the observatory has no data of this type
                refusal = error
                left.append(gap)
        missing = left
    if not n_types and refusal is not None:
        raise refusal
    yield from missing


def _row(chunk: Chunk, archive: Store, rotate: bool, recipe: Recipe) -> dict[str, object]:
    record, said = chunk.record, list[str]()
    if record is not None:
        n_known = len(record.notes)
        record = frame_check.checked(record, rotate)
        said = [f"{archive.store(record, recipe).sentence}.", *record.notes[n_known:]]
    return {
        "start": chunk.start,
        "end": chunk.end,
        "outcome": chunk.outcome,
        "data_type": record.data_type if record is not None else "",
        "n_minutes": len(record.field) if record is not None else 0,
        "n_missing": int(record.field[["X", "Y", "Z"]].isna().any(axis=1).sum()) if record is not None else 0,
        "message": " ".join([*said, chunk.message]).strip(),
    }
