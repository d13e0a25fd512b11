"""ImagCDF, the archive format of INTERMAGNET in NASA's CDF, and MagPy's own CDF; read with the extra `cdf` (cdflib)."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import commands
from core.errors import InputError
from core.loading.formats import caps, unpacking
from core.loading.formats.minutes import cdf_check
from core.loading.formats.minutes.iaga2002.header import COMMENTS
from core.loading.record import averaging, elements
from core.loading.record.averaging import LARGEST_SAMPLES
from core.loading.record.elements import Part
from core.loading.record.minute import MinuteRecord

MAGIC = (b"\xcd\xf3\x00\x01", b"\xcd\xf2\x60\x02")

_LEVELS = {"1": "variation", "2": "provisional", "3": "quasi-definitive", "4": "definitive"}
_FIELD = re.compile(r"GeomagneticField([A-Z])")
_SCALARS = "FSG"


@dataclass
class _Series:
    """One element: epoch milliseconds (UTC), and its values in nT or minutes of arc, NaN where missing."""

    milliseconds: np.ndarray
    values: np.ndarray


def looks_like(head: bytes) -> bool:
    """Whether the (unpacked) first bytes of a file are those of a CDF file, of whatever content."""
    return head.startswith(MAGIC)


def read(path: Path, rule: str = "") -> MinuteRecord:
    """
    Read one-minute data as they are, or average samples of 1 s (or 5 s) to minutes by a rule.

    Elements are averaged before they are turned into X, Y, Z, F (`frame.geographic`). Times are those of the variable
    that each element names in DEPEND_0, leap seconds taken into account. NaN, FILLVAL and what is outside VALIDMIN to
    VALIDMAX become NaN; degrees become minutes of arc.

    Parameters
    ----------
    path : Path
        Gzipped or not.
    rule : str
        How samples are averaged, a key of `averaging.RULES`; "" refuses them. Without effect on one-minute data.

    Raises
    ------
    InputError
        If the extra is not installed; the file is damaged, of another content or another cadence.
    """
    path = Path(path)
    averaging.check_rule(rule, path.name)
    attributes, series, notes = _open(path)
    magpy = "IagaCode" not in attributes
    code = _text(attributes, "StationIAGAcode" if magpy else "IagaCode").upper()
    level = _text(attributes, "DataPublicationLevel" if magpy else "PublicationLevel")
    data_type = _LEVELS.get(level.split(".")[0], "")
    if not data_type:
        data_type = "variation"
        notes.append(
            f"The publication level is {level or 'not given'}, expected 1 to 4; the data are taken as variation."
        )
    place = _place(attributes, "Station" if magpy else "")
    vector = {letter: one for letter, one in series.items() if letter not in _SCALARS}
    if len(vector) < 2:
        raise InputError(
            f"{path.name}: the file has {', '.join(series) or 'no field element'}, expected a vector field."
        )
    minutes, values = _minutes(path.name, vector, rule, notes)
    averaged = len(next(iter(vector.values())).values) > 2 * len(minutes)
    for letter in (letter for letter in _SCALARS if letter in series):
        values[letter] = _scalar(path.name, letter, series[letter], minutes, rule, notes)
    header = {
        "Format": "MagPy CDF" if magpy else f"ImagCDF {_text(attributes, 'FormatVersion')}",
        "IAGA Code": code,
        "Station Name": _text(attributes, "StationName" if magpy else "ObservatoryName"),
        "Source of Data": _text(attributes, "StationInstitution" if magpy else "Institution"),
        "Geodetic Latitude": f"{place[0]:.3f}" if place else "",
        "Geodetic Longitude": f"{place[1]:.3f}" if place else "",
        "Reported": "".join(series),
        "Sensor Orientation": _text(attributes, "VectorSensOrient"),
        "Data Interval Type": f"1-minute, {rule} average" if averaged else "1-minute",
        "Data Type": data_type,
        COMMENTS: _text(attributes, "DataTerms" if magpy else "TermsOfUse"),
    }
    header = {label: text for label, text in header.items() if text}
    return elements.to_record(path.name, code, [Part(minutes, values, place)], data_type, header, notes)


def _open(path: Path) -> tuple[dict[str, list[Any]], dict[str, _Series], list[str]]:
    """The global attributes and the elements of a file; nothing but InputError comes out of the library."""
    try:
        import cdflib
    except ImportError as error:
        raise InputError(f"{path.name}: CDF files need the package cdflib. {commands.how_to_install('cdf')}") from error
    data = cdf_check.plain(unpacking.unpacked(path), path.name, caps.LARGEST_BYTES)
    cdf_check.check(data, path.name)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "data.cdf")  # the library wants a plain file, and treats some names as addresses
        copy.write_bytes(data)
        del data
        try:
            with np.errstate(all="ignore"):
                try:
                    return _contents(cdflib, copy, "utf-8", path.name)
                except UnicodeDecodeError:  # accents, written in another code than they should
                    return _contents(cdflib, copy, "latin-1", path.name)
        except InputError:
            raise
        except Exception as error:  # the library raises whatever a damaged file leads to
            what = f"{type(error).__name__}: {error}".split("\n")[0][:80]
            raise InputError(
                f"{path.name}: the CDF file is damaged or of an unknown kind ({what}). Fetch it again."
            ) from error


def _contents(
    cdflib: Any, path: Path, encoding: str, name: str
) -> tuple[dict[str, list[Any]], dict[str, _Series], list[str]]:
    notes: list[str] = []
    cdf = cdflib.CDF(path, validate=True, string_encoding=encoding)
    return cdf.globalattsget(), _series(cdflib, cdf, name, notes), notes


def _series(cdflib: Any, cdf: Any, name: str, notes: list[str]) -> dict[str, _Series]:
    info = cdf.cdf_info()
    variables = [*info.zVariables, *info.rVariables]
    letters = _letters(cdf, variables)
    if not letters:
        raise InputError(
            f"{name}: the CDF file has no variable GeomagneticFieldX, Y or the like, but {', '.join(variables[:6])}. "
            "Expected ImagCDF or the CDF of MagPy."
        )
    times: dict[str, np.ndarray] = {}
    series: dict[str, _Series] = {}
    for letter, variable in letters.items():
        attributes = cdf.varattsget(variable)
        axis = str(attributes.get("DEPEND_0", "Epoch" if "Epoch" in variables else "time"))
        if axis not in variables:
            raise InputError(
                f"{name}: {variable} names {axis!r} as its times (DEPEND_0), which the file does not have."
            )
        if axis not in times:
            times[axis] = _milliseconds(cdflib, _samples(cdf, axis, name), axis, name)
        values = _clean(np.array(_samples(cdf, variable, name), np.float64), attributes, letter, variable, name, notes)
        if len(values) != len(times[axis]):
            raise InputError(
                f"{name}: {variable} has {len(values)} values and its times {axis} have {len(times[axis])}."
            )
        series[letter] = _Series(times[axis], values)
    return series


def _letters(cdf: Any, variables: list[str]) -> dict[str, str]:
    found = {match[1]: name for name in variables if (match := _FIELD.fullmatch(name))}
    if found or not {"Epoch", "time"} & set(variables):
        return found
    # MagPy: the variables x, y, z, f say in `name` which elements they hold.
    for variable in (name for name in ("x", "y", "z", "f") if name in variables):
        letter = str(cdf.varattsget(variable).get("name", variable)).strip().upper()
        found[letter if len(letter) == 1 else variable.upper()] = variable
    return found


def _samples(cdf: Any, variable: str, name: str) -> np.ndarray:
    about = cdf.varinq(variable)
    if about.Num_Dims or about.Num_Elements != 1:
        raise InputError(f"{name}: the variable {variable} is no series of numbers, but a table or text.")
    if not 0 <= about.Last_Rec < LARGEST_SAMPLES:
        raise InputError(f"{name}: the variable {variable} has no values, or more than {LARGEST_SAMPLES}.")
    values = np.asarray(cdf.varget(variable))
    if values.ndim != 1 or values.dtype.kind not in "if":
        raise InputError(f"{name}: the variable {variable} is no series of numbers.")
    return values


def _milliseconds(cdflib: Any, raw: np.ndarray, axis: str, name: str) -> np.ndarray:
    if raw.dtype.kind == "i" and raw.dtype.itemsize != 8:
        raise InputError(f"{name}: the times {axis} are {raw.dtype}, expected CDF_TIME_TT2000 or CDF_EPOCH.")
    times = cdflib.cdfepoch.to_datetime(raw)
    if np.isnat(times).any():
        raise InputError(f"{name}: {int(np.isnat(times).sum())} of the times {axis} are missing. Nothing was stored.")
    milliseconds: np.ndarray = times.astype("datetime64[ms]").astype(np.int64)
    return milliseconds


def _clean(
    values: np.ndarray, attributes: Mapping[str, Any], letter: str, variable: str, name: str, notes: list[str]
) -> np.ndarray:
    values[~np.isfinite(values)] = np.nan
    for fill in np.atleast_1d(attributes.get("FILLVAL", np.nan)):
        values[values == float(fill)] = np.nan
    outside = values < _number(attributes.get("VALIDMIN"), -np.inf)
    outside |= values > _number(attributes.get("VALIDMAX"), np.inf)
    flags = np.isin(np.abs(values), (99_999.0, 88_888.0))  # what other formats write, whatever FILLVAL is
    if (outside & ~flags).any():
        notes.append(
            f"{int((outside & ~flags).sum())} values of {letter} are outside VALIDMIN to VALIDMAX; they are missing."
        )
    values[outside | flags] = np.nan
    unit = str(attributes.get("UNITS", "")).strip().lower()
    if letter in "DI":
        return values if unit.startswith("min") else values * 60.0
    if unit not in ("nt", ""):
        raise InputError(f"{name}: the unit of {variable} is {unit!r}, expected nT.")
    return values


def _minutes(
    name: str, vector: dict[str, _Series], rule: str, notes: list[str]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    # The components of the vector have the same times.
    first = next(iter(vector.values()))
    for letter, one in vector.items():
        if not np.array_equal(one.milliseconds, first.milliseconds):
            raise InputError(f"{name}: {letter} has other times than {next(iter(vector))}. Nothing of it was stored.")
    samples = {letter: one.values for letter, one in vector.items()}
    return averaging.vector(name, first.milliseconds, samples, rule, notes)


def _scalar(name: str, letter: str, one: _Series, minutes: np.ndarray, rule: str, notes: list[str]) -> np.ndarray:
    # The scalar instrument may have a clock of its own; where it gives nothing for a minute, F is missing.
    result = np.full(len(minutes), np.nan)
    try:
        own, values = averaging.series(name, one.milliseconds, one.values, rule, notes)
    except InputError as error:
        notes.append(f"{letter} is missing throughout: {str(error).removeprefix(f'{name}: ')}")
        return result
    _, here, there = np.intersect1d(minutes, own, assume_unique=True, return_indices=True)
    result[here] = values[there]
    return result


def _text(attributes: Mapping[str, Any], name: str) -> str:
    entries = attributes.get(name, [])
    return str(
        entries[0] if isinstance(entries, list) and entries else "" if isinstance(entries, list) else entries
    ).strip()


def _number(value: Any, otherwise: float) -> float:
    try:
        number = float(np.atleast_1d(value)[0])
    except (TypeError, ValueError, IndexError):
        return otherwise
    return number if np.isfinite(number) else otherwise


def _place(attributes: Mapping[str, Any], prefix: str) -> tuple[float, float] | None:
    latitude, longitude = (_number(_text(attributes, f"{prefix}{what}"), np.nan) for what in ("Latitude", "Longitude"))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 360):
        return None
    return latitude, longitude
