"""IAGA-2002, the exchange format of magnetic observatories: minute files to a `MinuteRecord`, and back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from core import files
from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.formats.minutes.iaga2002 import header, seconds
from core.loading.formats.minutes.iaga2002 import rows as iaga2002_rows
from core.loading.formats.minutes.iaga2002.header import COMMENTS, Block
from core.loading.formats.minutes.iaga2002.rows import MISSING_FROM, WIDTH, Rows
from core.loading.record import averaging, frame, gridding, minute
from core.loading.record.components import ELEMENTS
from core.loading.record.minute import ABSOLUTE, MinuteRecord
from core.stations import Station


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file, gzipped or not, are those of an IAGA-2002 file (of any cadence)."""
    return header.looks_like(unpacking.unpack_head(head))


def read(path: Path, rule: str = "") -> MinuteRecord:
    """
    Read a file of one-minute data, definitive to variation, gzipped or not; or average a file of seconds by a rule.

    X, Y, Z, F come out geographic and in nT, whatever elements the file has (`frame.geographic`);
    99999 and 88888 become NaN, and so do minutes without a line. What was assumed or repaired is in
    `notes`; the header is kept, its comments under `COMMENTS`.

    Parameters
    ----------
    path : Path
    rule : str
        How samples of 1 s or 5 s are averaged, a key of `averaging.RULES`; "" refuses them. Without effect on
        one-minute data.

    Raises
    ------
    InputError
        With file and line: not IAGA-2002, cut off, damaged; second data without a rule, hourly or daily data; two
        stations in one file; times that run backwards.
    """
    path = Path(path)
    averaging.check_rule(rule, path.name)
    data, name, notes = unpacking.read(path), path.name, list[str]()
    block = header.first_block(data, name)
    rows = iaga2002_rows.parse_fixed_width(data, block.start, block.stop, len(block.elements), block.first_line)
    if rows is not None:
        blocks, parts = [block], [rows]
    elif rule and iaga2002_rows.hold_seconds(data, block.start):
        return seconds.to_record(data, name, rule)
    else:  # several headers, or lines that are laid out otherwise
        blocks = header.blocks(data, name)
        parts = [iaga2002_rows.parse(data, b.start, b.stop, len(b.elements), b.first_line, name) for b in blocks]
    del data
    station = header.station(blocks, name, notes)
    data_type = header.data_type(blocks, name, notes)
    regular = _check_order(blocks, parts, name)
    values = [_geographic(b, part, data_type, name, notes) for b, part in zip(blocks, parts, strict=True)]
    field = _on_grid(parts, values, regular, notes)
    return MinuteRecord(station, field, data_type, block.header, tuple(dict.fromkeys(notes)))


def write(record: MinuteRecord, path: Path, station: Station) -> None:
    """
    Write a record as an IAGA-2002 file (X, Y, Z, F; lines of 70 characters and LF); `read` gives it back to 0.005 nT.

    Raises
    ------
    InputError
        If a value does not fit: the format holds numbers from -99999.99 to 88887.99 nT.
    """
    values = record.field.to_numpy()
    unfit = (values < -99_999.99) | (values > MISSING_FROM - 0.01)  # infinite too
    if unfit.any():
        row, column = (int(positions[0]) for positions in np.nonzero(unfit))
        raise InputError(
            f"{path.name}: {minute.COLUMNS[column]} at {record.field.index[row]:%Y-%m-%d %H:%M} is "
            f"{values[row, column]:g} nT; IAGA-2002 holds numbers from -99999.99 to 88887.99."
        )
    times = pd.DatetimeIndex(record.field.index).strftime("%Y-%m-%d %H:%M:00.000 %j   ")
    rows = np.where(np.isnan(values), 99_999.0, values).tolist()
    lines = _header_lines(record, station)
    lines += [f"{time} {x:9.2f} {y:9.2f} {z:9.2f} {f:9.2f}" for time, (x, y, z, f) in zip(times, rows, strict=True)]
    files.replace_text(path, "\n".join(lines) + "\n")


def _check_order(blocks: list[Block], parts: list[Rows], name: str) -> bool:
    # Times must not run backwards, nor step by an hour or a day, nor leap over years; cheap when all is well. True if
    # every step is one minute.
    for rows in parts:
        if len(rows.minutes) == 1:
            _refuse_by_header(blocks[0], f"{name}, line {rows.lines[0]}")
    minutes = np.concatenate([rows.minutes for rows in parts])
    if minutes[-1] - minutes[0] == len(minutes) - 1 and (np.diff(minutes) == 1).all():
        return True
    lines = np.concatenate([rows.lines for rows in parts])
    backwards = np.flatnonzero(np.diff(minutes) < 0)
    if len(backwards):
        at = int(backwards[0]) + 1
        raise InputError(
            f"{name}, line {lines[at]}: time runs backwards, from {_time(minutes[at - 1])} to {_time(minutes[at])}. "
            "The file is damaged, or files were joined in the wrong order. Nothing of it was stored."
        )
    iaga2002_rows.refuse_cadence(minutes, f"{name}, line {lines[0]}")
    at_jump = gridding.bad_jump(minutes)
    if at_jump is not None:
        raise InputError(
            f"{name}, line {lines[at_jump]}: the time leaps from {_time(minutes[at_jump - 1])} to "
            f"{_time(minutes[at_jump])}. A date is wrong, or the file should be split. Nothing of it was stored."
        )
    return False


def _refuse_by_header(block: Block, where: str) -> None:
    # A single line has no step; then only the header can tell.
    interval = block.header.get("Data Interval Type", "").lower()
    for word in ("second", "hour", "day", "daily", "month"):
        if word in interval and "minut" not in interval:
            raise InputError(f"{where}: the header says {interval!r} data, expected one value per minute.")


def _geographic(block: Block, rows: Rows, data_type: str, name: str, notes: list[str]) -> np.ndarray:
    columns = dict(zip(block.elements, rows.values, strict=True))
    known = {element: column for element, column in columns.items() if element in ELEMENTS}
    ignored = [element for element in block.elements if element not in known and element != "NUL"]
    if ignored:
        notes.append(f"The columns {', '.join(ignored)} were not used.")
    reported = block.header.get("Reported", "").upper()
    if reported and sorted(reported) != sorted("".join(known)) and "NUL" not in block.elements:
        notes.append(
            f"The header says {reported}, the columns are {''.join(block.elements)}; the columns were believed."
        )
    try:
        values, said = frame.geographic(
            known, rows.minutes, block.place, block.declination_base_minutes, data_type in ABSOLUTE
        )
    except InputError as error:
        raise InputError(f"{name}, line {block.first_line - 1}: {error}.") from error
    notes.extend(said)
    if all(one.base is rows.values for one in values) and block.elements == minute.COLUMNS:
        return rows.values  # nothing was converted: spare the copy
    return np.stack(values)


def _on_grid(parts: list[Rows], values: list[np.ndarray], regular: bool, notes: list[str]) -> pd.DataFrame:
    minutes = np.concatenate([rows.minutes for rows in parts]) if len(parts) > 1 else parts[0].minutes
    table = np.concatenate(values, axis=1) if len(parts) > 1 else values[0]
    if not regular:
        last = np.append(np.diff(minutes) > 0, True)  # of lines with the same time the last counts
        if not last.all():
            notes.append(f"{(~last).sum()} lines repeat the time of the line before; the last of them was kept.")
        minutes, table = minutes[last], table[:, last]
    field = gridding.spread(minutes, table)
    counts = (
        (len(field) - len(minutes), "minutes have no line; they are missing"),
        (
            sum(rows.n_wrong_day for rows in parts),
            "lines have a day of the year that contradicts the date; the date was used",
        ),
        (sum(rows.n_odd for rows in parts), f"lines are not {WIDTH} characters long; they were split at the blanks"),
    )
    notes.extend(f"{count} {what}." for count, what in counts if count)
    if len(parts) > 1:
        notes.append(f"The file has {len(parts)} headers; the header kept is the first.")
    if (minutes[-1] + 1) % 1440:
        notes.append(f"The last minute is {_time(minutes[-1])}; the day is not complete.")
    return field


def _header_lines(record: MinuteRecord, station: Station) -> list[str]:
    from_header = record.header.get
    entries = {
        "Format": "IAGA-2002",
        "Source of Data": station.institute or from_header("Source of Data", ""),
        "Station Name": station.name,
        "IAGA CODE": record.station,
        "Geodetic Latitude": f"{station.latitude_deg:.3f}",
        "Geodetic Longitude": f"{station.longitude_deg % 360:.3f}",
        "Elevation": "" if math.isnan(station.elevation_m) else f"{station.elevation_m:.0f}",
        "Reported": "XYZF",
        "Sensor Orientation": from_header("Sensor Orientation", ""),
        "Digital Sampling": from_header("Digital Sampling", ""),
        "Data Interval Type": from_header("Data Interval Type", "1-minute"),
        "Data Type": record.data_type,
    }
    comments = [line for line in from_header(COMMENTS, "").split("\n") if line and "DECBAS" not in line]
    if record.data_type == "synthetic":
        comments.insert(0, "SYNTHETIC DATA: made up by a program, not measured.")
    lines = [f" {label:<23}{value[:45]:<45}|" for label, value in entries.items()]
    lines += [f" # {line[:65]:<66}|" for line in comments]
    names = "      ".join(record.station + element for element in minute.COLUMNS)
    lines.append(f"DATE       TIME         DOY     {names:<37}|")
    return lines


def _time(minutes: int) -> str:
    return str(np.datetime64(int(minutes), "m")).replace("T", " ")
