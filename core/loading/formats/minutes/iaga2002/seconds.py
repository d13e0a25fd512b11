"""IAGA-2002 files of seconds: the same lines sixty times as often, averaged to a `MinuteRecord` by a named rule."""

from __future__ import annotations

import numpy as np

from core.errors import InputError
from core.loading.formats.minutes.iaga2002 import header as iaga2002_header
from core.loading.formats.minutes.iaga2002 import rows
from core.loading.formats.minutes.iaga2002.rows import WIDTH
from core.loading.record import averaging, elements
from core.loading.record.elements import Part
from core.loading.record.minute import MinuteRecord


def to_record(data: memoryview, name: str, rule: str) -> MinuteRecord:
    """
    Average the samples of a file of 1 s (or 5 s) to minutes, element by element, before they become X, Y, Z, F.

    Parameters
    ----------
    data : memoryview
        The content of the file, unpacked.
    name : str
        Of the file, for messages and what it says of the data type.
    rule : str
        A key of `averaging.RULES`.

    Raises
    ------
    InputError
        As `iaga2002.read`; and if the columns change inside the file.
    """
    notes: list[str] = []
    blocks = iaga2002_header.blocks(data, name)
    first = blocks[0]
    for block in blocks[1:]:
        if block.elements != first.elements:
            raise InputError(
                f"{name}, line {block.first_line - 1}: the columns change from {', '.join(first.elements)} to "
                f"{', '.join(block.elements)} inside a file of seconds. Split the file there."
            )
    parts = [rows.parse_samples(data, b.start, b.stop, len(b.elements), b.first_line, name) for b in blocks]
    milliseconds = np.concatenate([part.milliseconds for part in parts])
    values = dict(zip(first.elements, np.concatenate([part.values for part in parts], axis=1), strict=True))
    values.pop("NUL", None)
    minutes, averages = averaging.vector(name, milliseconds, values, rule, notes)
    for count, what in (
        (sum(part.n_wrong_day for part in parts), "lines have a day of the year that contradicts the date"),
        (sum(part.n_odd for part in parts), f"lines are not {WIDTH} characters long; they were split at the blanks"),
    ):
        if count:
            notes.append(f"{count} {what}.")
    station = iaga2002_header.station(blocks, name, notes)
    data_type = iaga2002_header.data_type(blocks, name, notes)
    header = {**first.header, "Data Interval Type": f"1-minute, {rule} average"}
    part = Part(minutes, averages, first.place, first.declination_base_minutes)
    return elements.to_record(name, station, [part], data_type, header, notes)
