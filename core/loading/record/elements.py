"""The last step of several readers: elements at minutes become a `MinuteRecord`, with what was assumed in its notes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.loading.record import frame, gridding
from core.loading.record.components import ELEMENTS, SENSOR_AXES, WHY_NO_SENSOR_AXES
from core.loading.record.frame import Place
from core.loading.record.minute import ABSOLUTE, DATA_TYPES, MinuteRecord

NOT_RECORDED_NT = 88_888.0  # files write 88888 and 99999 nT; no field of the Earth comes near


@dataclass
class Part:
    """
    Minutes of a file that share their elements and their declination base.

    `minutes` are epoch minutes, shape (n,), strictly ascending; `elements` has by letter arrays of shape (n,), in
    nT, D and I in minutes of arc, NaN where missing. `base_minutes` is DECBAS in minutes of arc.
    """

    minutes: np.ndarray
    elements: dict[str, np.ndarray]
    place: Place | None = None
    base_minutes: float | None = None


def to_record(
    name: str, station: str, parts: list[Part], data_type: str, header: dict[str, str], notes: list[str]
) -> MinuteRecord:
    """
    Turn the parts of the file `name`, in the order of time, into a record on the full grid; adds to `notes`.

    Raises
    ------
    InputError
        If the code of the station is none, time runs backwards or leaps over years, or the elements do not give
        X and Y.
    """
    if len(station) != 3 or not station.isascii() or not station.isalnum():
        raise InputError(f"{name}: the station code {station!r} is not three letters or digits.")
    minutes = np.concatenate([part.minutes for part in parts])
    backwards = np.flatnonzero(np.diff(minutes) <= 0)
    if len(backwards):
        at = int(backwards[0])
        raise InputError(
            f"{name}: time runs backwards, from {show(minutes[at])} to {show(minutes[at + 1])}. "
            "The file is damaged, or files were joined in the wrong order. Nothing of it was stored."
        )
    leap = gridding.bad_jump(minutes)
    if leap is not None:
        raise InputError(
            f"{name}: the time leaps from {show(minutes[leap - 1])} to {show(minutes[leap])}. "
            "A date is wrong, or the file should be split. Nothing of it was stored."
        )
    tables = []
    for part in parts:
        unknown = [letter for letter in part.elements if letter not in ELEMENTS]
        if set(unknown) & SENSOR_AXES and not {"X", "H"} & part.elements.keys():
            raise InputError(f"{name}: {', '.join(unknown)} {WHY_NO_SENSOR_AXES}")
        if unknown:
            notes.append(f"The elements {', '.join(unknown)} were not used.")
        known = {letter: values for letter, values in part.elements.items() if letter in ELEMENTS}
        try:
            values, said = frame.geographic(known, part.minutes, part.place, part.base_minutes, data_type in ABSOLUTE)
        except InputError as error:
            raise InputError(f"{name}: {error}.") from error
        notes.extend(said)
        tables.append(np.stack(values))
    field = gridding.spread(minutes, np.concatenate(tables, axis=1))
    if len(field) > len(minutes):
        notes.append(f"{len(field) - len(minutes)} minutes are not in the file; they are missing.")
    if (minutes[-1] + 1) % 1440:
        notes.append(f"The last minute is {show(minutes[-1])}; the day is not complete.")
    return MinuteRecord(station, field, data_type, header, tuple(dict.fromkeys(notes)))


def lowest(data_types: set[str], notes: list[str]) -> str:
    """The data type that holds for all of a file: the lowest of those in it."""
    result = min(data_types, key=lambda key: DATA_TYPES[key])
    if len(data_types) > 1:
        found = ", ".join(sorted(data_types, key=lambda key: DATA_TYPES[key]))
        notes.append(f"The file holds data of several types ({found}); all count as {result}.")
    return result


def show(minutes: int) -> str:
    """An epoch minute for people: 2018-05-05 00:01."""
    return str(np.datetime64(int(minutes), "m")).replace("T", " ")
