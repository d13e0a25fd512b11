"""IAGA-2002 files for tests, put together by hand and not by the writer that is under test."""

from datetime import date

LABELS = (
    "Format", "Source of Data", "Station Name", "IAGA Code", "Geodetic Latitude", "Geodetic Longitude", "Elevation",
    "Reported", "Sensor Orientation", "Digital Sampling", "Data Interval Type", "Data Type",
)  # fmt: skip


def line(day: str, clock: str, values, day_of_year: int | None = None) -> str:
    """One data line; `clock` is hh:mm, hh:mm:ss or hh:mm:ss.sss."""
    number = day_of_year or date.fromisoformat(day).timetuple().tm_yday
    clock = clock + ":00.000"[len(clock) - 5 :]
    return f"{day} {clock} {number:03d}    {values[0]:9.2f} {values[1]:9.2f} {values[2]:9.2f} {values[3]:9.2f}\n"


def file_text(
    rows, elements="XYZF", code="TST", place=(41.65, 14.466), data_type="definitive", comments=(), interval="1-minute"
) -> str:
    """A whole file of 13 header lines, the comments, and the rows."""
    values = ["IAGA-2002", "made up", "Testing", code, *place, 100, elements, "", "", interval, data_type]
    lines = [f" {label:<23}{value!s:<45}|" for label, value in zip(LABELS, values, strict=True)]
    lines += [f" # {comment:<66}|" for comment in comments]
    names = "      ".join(code + element for element in elements)
    lines.append(f"DATE       TIME         DOY     {names:<37}|")
    return "\n".join(lines) + "\n" + "".join(rows)
