"""Records of the World Data Centres, laid out by hand as their descriptions say."""

from __future__ import annotations


def record(values, element="X", when=(15, 3, 7, 11), code="TST", century="0", kind="D", place="048350014466", mean=0):
    """A minute record of 400 characters: 34 of header, sixty values of six, and the hourly mean."""
    year, month, day, hour = when
    head = f"{place}{year:02d}{month:02d}{day:02d}{element}{hour:02d}{code} {century}{kind}{'':7}"
    cells = "".join(value if isinstance(value, str) else f"{value:6d}" for value in values)
    line = f"{head}{cells}{mean:6d}"
    assert len(head) == 34 and len(line) == 400
    return line + "\n"


def hour(x=24567, y=1321, z=39347, f=46405, **options):
    """The records of X, Y, Z, F for one hour, each value one more than the one before."""
    return "".join(
        record([first + i for i in range(60)], element, **options)
        for element, first in zip("XYZF", (x, y, z, f), strict=True)
    )


def daily(base, values, element="X", when=(15, 1, 1), code="TST", century="20"):
    """An hourly record of 120 characters: 16 of header, the base, 24 values of four, the daily mean."""
    year, month, day = when
    line = f"{code}{year:02d}{month:02d}{element}{day:02d}    {century}{base:4d}" + "".join(f"{v:4d}" for v in values)
    return line + "9999\n"
