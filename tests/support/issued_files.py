"""Files as observatories and agencies issue them, written by hand from the descriptions of their formats."""

from __future__ import annotations

import pandas as pd


def iaga(code="DUR", day="2016-01-01", x=24567.10, data_type="Definitive", n_minutes=1440, missing=()):
    """A minute file as observatories issue it, written by hand from the description of the format."""
    header = {
        "Format": "IAGA-2002",
        "Source of Data": "Istituto Nazionale di Geofisica e Vulcanologia"[:45],
        "Station Name": "Duronia",
        "IAGA CODE": code,
        "Geodetic Latitude": "41.650",
        "Geodetic Longitude": "14.466",
        "Elevation": "910",
        "Reported": "XYZF",
        "Sensor Orientation": "HDZF",
        "Digital Sampling": "1 second",
        "Data Interval Type": "Filtered 1-minute (00:15-01:45)",
        "Data Type": data_type,
    }
    lines = [f" {label:<23}{value:<45}|" for label, value in header.items()]
    names = "".join(f"      {code}{element}" for element in "XYZF")
    lines.append(f"DATE       TIME         DOY  {names[3:]}   |")
    doy = pd.Timestamp(day).day_of_year
    for minute in range(n_minutes):
        values = [99999.0] * 4 if minute in missing else [x, 1321.22, 39347.33, 46405.9]
        clock = f"{minute // 60:02d}:{minute % 60:02d}:00.000"
        lines.append(f"{day} {clock} {doy:03d}   " + "".join(f" {value:9.2f}" for value in values))
    return "\n".join(lines) + "\n"


COMCAT = (
    "time,latitude,longitude,depth,mag,magType,id,place,type\n"
    '2024-01-01T07:10:09.476Z,37.48,137.27,10,7.5,mww,us1,"2024 Noto, Japan",earthquake\n'
)
