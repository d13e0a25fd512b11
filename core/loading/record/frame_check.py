"""Whether a record is in the frame it should be in: its declination against IGRF, its coordinates against the table."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from core import stations
from core.loading.record import components, minute
from core.loading.record.frame import SMALLEST_TOTAL_NT, Place
from core.loading.record.minute import COMPONENTS, MinuteRecord, epoch_minutes

TOLERANCE_DEG = 1.0  # of declination; IGRF and an observatory differ by more only on magnetic rock
PLACE_TOLERANCE_DEG = 0.1

GEOGRAPHIC, MERIDIAN, NO_BASELINE, UNKNOWN = "geographic", "magnetic meridian", "no baseline", "unknown place"
ODD = "not geographic"
# What X and Y may have been exchanged for, and the declination that they would then really have.
EXCHANGED: dict[str, Callable[[float, float], float]] = {
    "X and Y exchanged": lambda x, y: math.atan2(x, y),
    "Y points west": lambda x, y: math.atan2(-y, x),
    "X points south": lambda x, y: math.atan2(y, -x),
    "X points south, Y west": lambda x, y: math.atan2(-y, -x),
}
FRAME = "Frame"  # the key of a record's header that says how it was turned


def monthly(record: MinuteRecord) -> pd.DataFrame:
    """
    The declination of each month with data, and in which frame the data seem to be.

    Declination is that of the medians, atan2(Y, X); it is compared with the IGRF in the middle of the month, at the
    place in the table of stations, else at that in the record's header.

    Returns
    -------
    DataFrame
        month (its first minute, UTC), declination_deg, igrf_deg (NaN if the place is not known), and frame:
        `GEOGRAPHIC` (they agree to a degree), `MERIDIAN` (declination near zero where IGRF's is not), a key of
        `EXCHANGED`, `ODD`, `NO_BASELINE` (a field too weak to have a direction), or `UNKNOWN`.
    """
    field = record.field
    first = int(epoch_minutes(pd.DatetimeIndex(field.index[:1]))[0]) if len(field) else 0
    values = field[list(COMPONENTS)].to_numpy()
    here = place(record)
    rows = []
    for month, part in minute.months(first, len(field)):
        x, y, z = (median(values[part, i]) for i in range(3))
        if math.isnan(x + y):
            continue
        igrf = declination_deg(here, month + pd.Timedelta(days=15)) if here else math.nan
        weak = math.hypot(x, y, 0.0 if math.isnan(z) else z) < SMALLEST_TOTAL_NT
        found = math.degrees(math.atan2(y, x))
        rows.append((month, found, igrf, NO_BASELINE if weak else _frame(x, y, igrf)))
    table = pd.DataFrame(rows, columns=["month", "declination_deg", "igrf_deg", "frame"])
    return table.astype({"month": "datetime64[us, UTC]", "declination_deg": float, "igrf_deg": float, "frame": "str"})


def place(record: MinuteRecord) -> Place | None:
    """Where a record is from: by the table of stations, else by its header; None if neither says."""
    known = stations.table().get(record.station)
    return (known.latitude_deg, known.longitude_deg) if known is not None else _header_place(record)


def declination_deg(here: Place, moment: pd.Timestamp) -> float:
    """The IGRF declination at a place, degrees east."""
    minutes = epoch_minutes(pd.DatetimeIndex([moment]))
    return float(components.igrf_declination_minutes(*here, minutes)[0]) / 60.0


def checked(record: MinuteRecord, rotate: bool = False) -> MinuteRecord:
    """
    The record with what is odd about its frame and its coordinates added to its notes.

    Parameters
    ----------
    record : MinuteRecord
    rotate : bool
        Turn X and Y by the IGRF declination if the data are in the frame of the magnetic meridian; the header and
        the notes then say so. Nothing is ever turned without being asked for.
    """
    said = [coordinates(record)]
    if rotate and set(monthly(record)["frame"]) == {MERIDIAN}:
        record = rotated(record)
    elif rotate:
        said += [frame(record), "Nothing was rotated: not all of it is in the frame of the magnetic meridian."]
    else:
        said.append(frame(record))
    said = [sentence for sentence in said if sentence]
    return dataclasses.replace(record, notes=(*record.notes, *said)) if said else record


def frame(record: MinuteRecord) -> str:
    """What is odd about the declination of a record, in a sentence or two; "" if nothing is."""
    table = monthly(record)
    odd = table[~table["frame"].isin([GEOGRAPHIC, NO_BASELINE, UNKNOWN])]
    if odd.empty:
        return ""
    worst = odd.iloc[0]
    when = f"{worst['month']:%Y-%m}" + (f" (and {len(odd) - 1} more months)" if len(odd) > 1 else "")
    begin = f"Mean declination in {when} is {worst['declination_deg']:.2f} deg where IGRF gives {worst['igrf_deg']:.2f}"
    if worst["frame"] == MERIDIAN:
        return (
            f"{begin}: the data seem to be in the frame of the magnetic meridian. They were kept as they are; "
            "the option --rotate-to-geographic turns X and Y by the IGRF declination."
        )
    if worst["frame"] in EXCHANGED:
        return f"{begin}; it would agree if the axes are these: {worst['frame']}. The data were kept as they are."
    return f"{begin}. The axes are not geographic, or the rock is magnetic; the data were kept as they are."


def sentence(of_months: pd.DataFrame) -> str:
    """What a table of `monthly` (or `quality.summary`) says, in one sentence; every month of it has data."""
    odd = of_months[~of_months["frame"].isin([GEOGRAPHIC, NO_BASELINE, UNKNOWN])]
    if len(odd):
        frames = ", ".join(f"{name} ({count})" for name, count in odd["frame"].value_counts().items())
        first, last = odd["month"].min(), odd["month"].max()
        when = f"{first:%Y-%m}" + (f" to {last:%Y-%m}" if last > first else "")
        gap = (odd["declination_deg"] - odd["igrf_deg"] + 180.0) % 360.0 - 180.0
        return (
            f"Frame check: in {len(odd)} of {len(of_months)} months ({when}) the declination is not that of IGRF, "
            f"by {gap.median():+.1f} deg: {frames}."
        )
    if (of_months["frame"] == GEOGRAPHIC).any():
        return "Frame check: the declination agrees with IGRF to a degree."
    return "Frame check: not possible, because the data have no baseline or the place is not known."


def rotated(record: MinuteRecord) -> MinuteRecord:
    """
    The record turned from the frame of the magnetic meridian to geographic X and Y, by the IGRF declination.

    X = X' cos D - Y' sin D, Y = X' sin D + Y' cos D (Jankowski and Sucksdorff 1996, chapter 1).
    """
    here = place(record)
    assert here is not None, "a frame is known only where the place is"
    field = record.field.copy()
    minutes = epoch_minutes(pd.DatetimeIndex(field.index))
    base = components.igrf_declination_minutes(*here, minutes)
    x, y = field["X"].to_numpy(), field["Y"].to_numpy()
    field["X"], field["Y"], _ = components.xyz_from_hez(x, y, x, base)
    by = f"{float(np.median(base)) / 60:.2f} deg east"
    header = {**record.header, FRAME: f"rotated from the magnetic meridian to geographic by the IGRF declination, {by}"}
    note = f"X and Y were rotated from the magnetic meridian to geographic, as asked, by the IGRF declination ({by})."
    return dataclasses.replace(record, field=field, header=header, notes=(*record.notes, note))


def coordinates(record: MinuteRecord) -> str:
    """How the coordinates in a record's header differ from the table of stations, in a sentence; "" if they do not."""
    known, found = stations.table().get(record.station), _header_place(record)
    if known is None or found is None:
        return ""
    latitude, longitude = found
    expected = (known.latitude_deg, known.longitude_deg)
    begin = (
        f"The header puts {record.station} at {latitude:g}, {longitude:g}, the table of stations at "
        f"{expected[0]:g}, {expected[1]:g}"
    )
    if _near(found, expected):
        return ""
    for words, other in (
        ("the sign of the latitude is wrong", (-latitude, longitude)),
        ("the sign of the longitude is wrong", (latitude, -longitude)),
        ("both signs are wrong", (-latitude, -longitude)),
        ("latitude and longitude are exchanged", (longitude, latitude)),
        ("the first is a colatitude", (90.0 - latitude, longitude)),
    ):
        if _near(other, expected):
            return f"{begin}: {words}. The table was believed."
    known_km = float(stations.distance_km(latitude, longitude, known)) if abs(latitude) <= 90 else math.nan
    far = f" ({known_km:,.0f} km away)" if math.isfinite(known_km) else ""
    return f"{begin}{far}. The table was believed; if it is another place, this is another station."


def _near(one: Place, other: Place) -> bool:
    east = abs((one[1] - other[1] + 180.0) % 360.0 - 180.0)
    return abs(one[0] - other[0]) <= PLACE_TOLERANCE_DEG and east <= PLACE_TOLERANCE_DEG


def _header_place(record: MinuteRecord) -> Place | None:
    try:
        found = tuple(float(record.header[f"Geodetic {what}"]) for what in ("Latitude", "Longitude"))
    except (KeyError, ValueError):
        return None
    return (found[0], found[1]) if all(map(math.isfinite, found)) else None


def _frame(x: float, y: float, igrf_deg: float) -> str:
    if math.isnan(igrf_deg):
        return UNKNOWN
    found = math.degrees(math.atan2(y, x))
    if _apart(found, igrf_deg) <= TOLERANCE_DEG:
        return GEOGRAPHIC
    if abs(found) <= TOLERANCE_DEG:
        return MERIDIAN
    for words, declination in EXCHANGED.items():
        if _apart(math.degrees(declination(x, y)), igrf_deg) <= TOLERANCE_DEG:
            return words
    return ODD


def median(values: np.ndarray) -> float:
    """The median of the values that are there; NaN if none is."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180.0) % 360.0 - 180.0)
