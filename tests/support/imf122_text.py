"""Blocks of IMFV1.22, laid out by hand as the Technical Reference Manual of INTERMAGNET says."""

from __future__ import annotations

from datetime import datetime

CRLF = "\r\n"


def hour(values, when="2018-05-05T00", comp="XYZF", kind="D", code="TST", place="04840145", base=0, doy=None, eol=CRLF):
    """A block from 60 rows of four whole numbers, laid out as the Technical Reference Manual says."""
    time = datetime.fromisoformat(when + ":00")
    number = doy or time.timetuple().tm_yday
    month = time.strftime("%b").upper()
    lines = [
        f"{code} {month}{time.day:02d}{time.year % 100:02d} {number:03d} {time.hour:02d} {comp} {kind} EDI {place} "
        f"{base:06d} RRRRRRRRRRRRRRRR"
    ]
    cells = ["{:7d} {:7d} {:7d} {:6d}".format(*row) for row in values]
    lines += [f"{first}  {second}" for first, second in zip(cells[::2], cells[1::2], strict=True)]
    assert {len(line) for line in lines} == {62}
    return "".join(line + eol for line in lines)


def rows(first=(245671, 13212, 393473, 464059), slope=1):
    return [[value + slope * i for value in first] for i in range(60)]
