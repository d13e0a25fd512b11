"""The activity table (Kp, ap): schema and readers of the CelesTrak and GFZ files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import text

COLUMNS = ("time", "kp", "ap", "status")

# ap (2 nT) of Kp 0o, 0+, 1-, ... 9o: the table of Bartels, as GFZ and the ISGI publish it.
AP_OF_THIRDS = np.array(
    [0, 2, 3, 4, 5, 6, 7, 9, 12, 15, 18, 22, 27, 32, 39, 48, 56, 67, 80, 94, 111, 132, 154, 179, 207, 236, 300, 400]
)

# "observed": the file does not say whether the value is final. Predictions never enter the table.
STATUSES = ("definitive", "observed", "preliminary", "synthetic")

PER_DAY = 8
_GFZ_LONG = 28  # values in a line of Kp_ap_Ap_SN_F107_since_1932.txt: one day
_GFZ_SHORT = 10  # values in a line of Kp_ap_since_1932.txt: three hours


def read(path: Path) -> pd.DataFrame:
    """
    Read Kp and ap from a CelesTrak `SW-All` file (text or CSV), a GFZ Kp file (by day or by three hours) or a CSV with
    one row of eight Kp a day; recognised by content.

    Returns
    -------
    DataFrame
        The activity table, see `check`. `attrs["notes"]` is a tuple of sentences that count what was dropped.

    Raises
    ------
    InputError
        If the file is none of these, is cut off, or holds an impossible value.
    """
    path = Path(path)
    content = text.read_text(path, needs_line_end=False)  # each format has its own way to show that it is complete
    reader = _reader(content)
    if reader is None:
        raise InputError(
            f"{path.name}: this is no file of Kp; it begins with {content.strip()[:40]!r}. Known are SW-All of "
            "CelesTrak, Kp_ap_since_1932, Kp_ap_Ap_SN_F107_since_1932 and JSON of GFZ, and daily rows K_00 to K_21."
        )
    return reader(path.name, content)


def looks_like(head: str) -> bool:
    """
    Whether a file that begins with this text is one that `read` knows.

    >>> looks_like("DATATYPE CssiSpaceWeather\\n"), looks_like("Date,X,Y,Z\\n")
    (True, False)
    """
    return _reader(head) is not None


def check(activity: pd.DataFrame) -> pd.DataFrame:
    """
    The activity table, sorted by time, if its content is sound.

    Returns
    -------
    DataFrame
        Exactly `COLUMNS`, index 0..n-1: `time` the start of each three hours (UTC, microseconds), unique; `kp` in
        thirds, 0 to 9; `ap` in units of 2 nT; `status` one of `STATUSES`. `attrs` is kept.

    Raises
    ------
    InputError
        If a column is absent, a time has no zone, is repeated or off the three hours, or a value is impossible.
    """
    absent = [name for name in COLUMNS if name not in activity.columns]
    if absent:
        raise InputError(f"The activity table lacks the column {absent[0]}; it needs {', '.join(COLUMNS)}.")
    table = activity.loc[:, list(COLUMNS)].reset_index(drop=True)
    if not isinstance(table["time"].dtype, pd.DatetimeTZDtype):
        raise InputError("The times of the activity table have no time zone; they must be in UTC.")
    table["time"] = table["time"].dt.tz_convert("UTC").dt.as_unit("us")
    table["kp"] = thirds(table["kp"].to_numpy(dtype="float64"))
    table["ap"] = table["ap"].astype("float64")
    table["status"] = table["status"].astype("str")
    for name, sound, expected in (
        ("time", table["time"] == table["time"].dt.floor("3h"), "a multiple of three hours (00, 03, ... 21 UTC)"),
        ("time", ~table["time"].duplicated(), "each time once"),
        ("kp", table["kp"].between(0, 9), "0 to 9"),
        ("ap", table["ap"].between(0, 400), "0 to 400"),
        ("status", table["status"].isin(STATUSES), ", ".join(STATUSES)),
    ):
        if not sound.all():
            row = table.loc[~sound].iloc[0]
            raise InputError(f"Activity at {row['time']}: {name} is {row[name]}, expected {expected}.")
    table = table.sort_values("time", ignore_index=True)
    table.attrs = dict(activity.attrs)
    return table


def thirds(kp: np.ndarray) -> np.ndarray:
    """
    Kp on exact thirds: round(3 Kp) / 3, whatever spelling it came in (2.667, 2.7).

    >>> thirds(np.array([2.667, 2.7, 4.0])).round(6).tolist()
    [2.666667, 2.666667, 4.0]
    """
    return np.round(3 * np.asarray(kp, dtype="float64")) / 3


def _reader(head: str) -> Callable[[str, str], pd.DataFrame] | None:
    first = head.lstrip().split("\n", 1)[0]
    if first.startswith("DATATYPE CssiSpaceWeather") or "\nBEGIN OBSERVED" in head:
        return _celestrak_text
    names = set(text.column_names(first))
    if {"date", "kp1", "kp8", "ap1", "ap8", "f10.7datatype"} <= names:  # the last one marks what is predicted
        return _celestrak_csv
    if {"date", "k00", "k21"} <= names:
        return _daily_rows
    if first.startswith("#") and "Kp" in head and "GFZ" in head:
        return _gfz
    values = next((line.split() for line in head.split("\n") if line.strip() and not line.startswith("#")), [])
    if len(values) in (_GFZ_LONG, _GFZ_SHORT) and values[0].isdigit() and 1932 <= int(values[0]) < 2200:
        return _gfz
    return None


def _celestrak_text(file: str, content: str) -> pd.DataFrame:
    # FORMAT(I4,I3,I3,I5,I3,8I3,I4,8I4,...) as the file's own header says; Kp is ten times its value.
    lines = content.split("\n")
    begin = _find(lines, "BEGIN OBSERVED")
    end = _find(lines, "END OBSERVED")
    if begin is None or end is None:
        raise InputError(f"{file}: the line END OBSERVED is missing, so the file is cut off. Fetch it again.")
    declared = re.search(r"^NUM_OBSERVED_POINTS (\d+)", content, re.MULTILINE)
    if declared and int(declared[1]) != end - begin - 1:
        raise InputError(
            f"{file}: holds {end - begin - 1} observed days, expected {declared[1]} as its header says. Fetch it again."
        )
    days: list[tuple[int, str, list[str], list[str]]] = []
    for number in range(begin + 1, end):
        line = lines[number]
        date = f"{line[0:4]}-{line[5:7]}-{line[8:10]}".replace(" ", "0")
        kp = [line[18 + 3 * i : 21 + 3 * i].strip() for i in range(PER_DAY)]
        ap = [line[46 + 4 * i : 50 + 4 * i].strip() for i in range(PER_DAY)]
        days.append((number + 1, date, kp, ap))
    return _assemble(file, days, scale=10.0, status=["observed"] * len(days), notes=_predicted(lines[end:]))


def _celestrak_csv(file: str, content: str) -> pd.DataFrame:
    table = text.delimited(file, content)
    quality = table.texts("f10.7datatype")
    rows = [row for row, word in enumerate(quality) if word not in ("PRD", "PRM")]
    n_predicted = len(table) - len(rows)
    kp = [table.texts(f"kp{i + 1}") for i in range(PER_DAY)]
    ap = [table.texts(f"ap{i + 1}") for i in range(PER_DAY)]
    dates = table.texts("date")
    days = [(table.lines[row], dates[row], [k[row] for k in kp], [a[row] for a in ap]) for row in rows]
    notes = [f"{n_predicted} predicted days dropped."] if n_predicted else []
    return _assemble(file, days, scale=10.0, status=["observed"] * len(days), notes=notes)


def _daily_rows(file: str, content: str) -> pd.DataFrame:
    table = text.delimited(file, content)
    kp = [table.texts(f"k{3 * i:02d}") for i in range(PER_DAY)]
    days = [
        (table.lines[row], date, [k[row] for k in kp], [""] * PER_DAY) for row, date in enumerate(table.texts("date"))
    ]
    return _assemble(file, days, scale=1.0, status=["observed"] * len(days))


def _gfz(file: str, content: str) -> pd.DataFrame:
    days: list[tuple[int, str, list[str], list[str]]] = []
    status, hours = [], []
    n_values = 0
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        values = line.split()
        n_values = n_values or len(values)
        if len(values) != n_values or n_values not in (_GFZ_LONG, _GFZ_SHORT):
            expected = n_values if days else f"{_GFZ_LONG} (a day) or {_GFZ_SHORT} (three hours)"
            raise InputError(
                f"{file}, line {number}: found {len(values)} values, expected {expected}. "
                "The file may be cut off or damaged; fetch it again."
            )
        date = "-".join(values[:3])
        if n_values == _GFZ_LONG:
            days.append((number, date, values[7:15], values[15:23]))
        else:
            days.append((number, date, values[7:8], values[8:9]))
            hours.append(values[3])
        status.append("preliminary" if values[-1] == "0" else "definitive")
    return _assemble(file, days, scale=1.0, status=status, hours=hours)


def _assemble(
    file: str,
    rows: list[tuple[int, str, list[str], list[str]]],
    *,
    scale: float,
    status: list[str],
    hours: list[str] | None = None,
    notes: Iterable[str] = (),
) -> pd.DataFrame:
    """The activity table of rows (line, date, Kp values, ap values); `hours` starts each row of one value."""
    if not rows:
        raise InputError(f"{file}: holds no observed Kp.")
    lines = [row[0] for row in rows]
    table = text.Table(file, {"date": [row[1] for row in rows]}, lines)
    start = table.times([f"{date}T00:00:00" for date in table.columns["date"]])
    per_row = len(rows[0][2])
    first_hour = np.zeros(len(rows))
    if hours:
        first_hour = text.Table(file, {"hour": hours}, lines).numbers("hour", 0, 21, required=True)
        if (first_hour % 3 != 0).any():
            table.fail(int((first_hour % 3 != 0).argmax()), "Kp begins at the hours 0, 3, ... 21, not in between.")
    of_value = np.repeat(np.arange(len(rows)), per_row)
    values = text.Table(
        file,
        {"Kp": [kp for row in rows for kp in row[2]], "ap": [ap for row in rows for ap in row[3]]},
        [lines[row] for row in of_value],
    )
    kp = values.numbers("Kp", -1.0, 9.0 * scale) / scale
    kp = np.where(kp < 0, np.nan, kp)  # GFZ writes -1.000 where there is no value
    index = np.round(3 * kp)
    off = np.abs(3 * kp - index) > 0.2  # 0.1 is the rounding of 2.667 to 2.7
    if off.any():
        row = int(off.argmax())
        values.fail(row, f"Kp is {kp[row]:g}, which is no third of a unit.")
    expected_ap = np.where(np.isnan(kp), np.nan, AP_OF_THIRDS[np.nan_to_num(index).astype(int)])
    ap = values.numbers("ap", -1.0, 400.0)
    wrong = (ap >= 0) & ~np.isnan(kp) & (ap != expected_ap)
    if wrong.any():
        row = int(wrong.argmax())
        values.fail(
            row, f"ap is {ap[row]:g}, but Kp {index[row] / 3:.3f} has ap {expected_ap[row]:g}. The line is damaged."
        )
    hour = first_hour[of_value] + 3.0 * np.tile(np.arange(per_row), len(rows))
    time = start[of_value] + pd.to_timedelta(hour, unit="h")
    known = ~np.isnan(kp)
    notes = tuple(notes)
    if not known.all():
        notes += (f"{int((~known).sum())} values of three hours dropped: no Kp.",)
    frame = pd.DataFrame({"time": time, "kp": kp, "ap": expected_ap, "status": [status[row] for row in of_value]})
    frame = frame[known]
    if frame.empty:
        raise InputError(f"{file}: holds no observed Kp.")
    repeated = frame["time"].duplicated().to_numpy()
    if repeated.any():
        values.fail(int(np.flatnonzero(known)[repeated.argmax()]), "this day or hour is in the file twice.")
    frame.attrs["notes"] = notes
    return check(frame)


def _find(lines: list[str], start: str) -> int | None:
    return next((number for number, line in enumerate(lines) if line.startswith(start)), None)


def _predicted(lines: list[str]) -> list[str]:
    count = sum(line[:4].isdigit() for line in lines)
    return [f"{count} predicted days and months dropped (everything after END OBSERVED)."] if count else []
