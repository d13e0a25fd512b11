"""CDF files for tests, written with cdflib as observatories and MagPy write them."""

from __future__ import annotations

import numpy as np
import pytest

cdflib = pytest.importorskip("cdflib", reason="the extra `cdf` (cdflib) is not installed")
from cdflib.cdfwrite import CDF  # noqa: E402

TT2000, DOUBLE, EPOCH = 33, 45, 31
GLOBALS = {
    "FormatDescription": "INTERMAGNET CDF Format",
    "FormatVersion": "1.2",
    "IagaCode": "TST",
    "ObservatoryName": "Testing",
    "Institution": "made up",
    "PublicationLevel": "4",
    "Latitude": 41.65,
    "Longitude": 14.466,
    "TermsOfUse": "none",
}


def tt2000(start: str, n: int, step_s: float) -> np.ndarray:
    """Times in TT2000, through the library's own reading of calendar dates, one by one."""
    times = np.datetime64(start, "ms") + (np.arange(n) * round(step_s * 1000)).astype("timedelta64[ms]")
    parts = []
    for time in times.tolist():
        parts.append(
            [time.year, time.month, time.day, time.hour, time.minute, time.second, time.microsecond // 1000, 0, 0]
        )
    return np.atleast_1d(cdflib.cdfepoch.compute_tt2000(parts))


def write(path, elements, start="2018-05-05T00:00:00", step_s=60.0, attributes=None, scalar=None, **options):
    """
    Write an ImagCDF file.

    `elements` is {letter: values}; `scalar` (letter, values, start, step_s) gets times of its own; `options` are
    the name of the time variable (`axis`), its `times`, `compress`, and attributes of each `variable` that replace the
    usual ones.
    """
    compress = options.get("compress", 0)  # of each variable, by gzip, 1 to 9
    file = CDF(path, cdf_spec={"Compressed": 0}, delete=True)
    globals_ = {**GLOBALS, **(attributes or {})}
    file.write_globalattrs({name: {0: value} for name, value in globals_.items() if value is not None})
    groups = [(elements, start, step_s, options.get("axis", "GeomagneticVectorTimes"))]
    if scalar:
        groups.append(({scalar[0]: scalar[1]}, scalar[2], scalar[3], "GeomagneticScalarTimes"))
    for values, first, step, axis in groups:
        n = len(next(iter(values.values())))
        file.write_var(_spec(axis, TT2000, compress), var_data=options.get("times", tt2000(first, n, step)))
        for letter, one in values.items():
            about = {
                "FIELDNAM": f"Geomagnetic Field Element {letter}",
                "UNITS": "Degrees of arc" if letter in "DI" else "nT",
                "VALIDMIN": -360.0 if letter in "DI" else -79999.0,
                "VALIDMAX": 360.0 if letter in "DI" else 79999.0,
                "FILLVAL": 99999.0,
                "DEPEND_0": axis,
                **options.get("variable", {}),
            }
            file.write_var(_spec(f"GeomagneticField{letter}", DOUBLE, compress), about, np.asarray(one, float))
    file.close()
    return path


def _spec(name: str, kind: int, compress: int = 0) -> dict:
    return {
        "Variable": name,
        "Data_Type": kind,
        "Num_Elements": 1,
        "Rec_Vary": True,
        "Dim_Sizes": [],
        "Compress": compress,
    }
