"""
Which way is north in a file: from the elements that it has to geographic X, Y, Z and F, saying what was assumed.

What a file calls X and Y, or D, is believed here; whether it can be true is asked in `frame_check`.
"""

from __future__ import annotations

import math

import numpy as np

from core.errors import InputError
from core.loading.record import components

SMALLEST_TOTAL_NT = 10_000.0  # the Earth's field is nowhere weaker than 22,000 nT, a difference never as large as this
TOLERANCE_MINUTES = 60.0  # declination and IGRF differ by more only at odd places, or in another frame

Place = tuple[float, float]  # latitude, longitude in degrees


def geographic(
    elements: dict[str, np.ndarray],
    minutes: np.ndarray,
    place: Place | None,
    base_minutes: float | None,
    absolute: bool,
) -> tuple[list[np.ndarray], list[str]]:
    """
    Turn the elements of a file into geographic X, Y, Z and F.

    Parameters
    ----------
    elements : dict of ndarray, shape (n,)
        By letter: X, Y, H, E, Z, F, S, G in nT; D, I in minutes of arc. NaN where missing.
    minutes : ndarray of int64, shape (n,)
        Epoch minutes; the IGRF is evaluated there.
    place : (latitude, longitude) in degrees, or None if unknown
    base_minutes : float or None
        The declination base that the file states (DECBAS), in minutes of arc.
    absolute : bool
        The data are definitive or quasi-definitive: a field near zero is then no variation without a baseline.

    Returns
    -------
    values : list of four ndarray, shape (n,)
        X, Y, Z, F in nT.
    notes : list of str

    Raises
    ------
    InputError
        If the elements are not enough for X and Y.
    """
    notes: list[str] = []
    z = _vertical(elements, len(minutes), notes)
    if not absolute and _middle(np.hypot(_some(elements.get("H", elements.get("X", z))), _some(z))) < SMALLEST_TOTAL_NT:
        notes.append(
            "The components are near zero: variations without a baseline, along axes that the file does not give."
        )
    frame = _Frame(minutes, place, base_minutes, notes)
    if {"X", "Y"} <= elements.keys():
        x, y = elements["X"], elements["Y"]
    elif {"H", "D"} <= elements.keys():
        h = elements["H"]
        x, y, _ = components.xyz_from_hdz(h, frame.turn_angle(elements["D"]), z)
    elif {"H", "E"} <= elements.keys():
        x, y, _ = components.xyz_from_hez(elements["H"], elements["E"], z, frame.base_of_sensor())
    else:
        have = ", ".join(elements) or "nothing"
        raise InputError(f"the file has {have}, which does not give X and Y; needed are X and Y, H and D, or H and E")
    return [x, y, z, _total(elements, x, y, z, notes)], notes


class _Frame:
    """The declination questions of one file; each answer that is an assumption adds a note."""

    def __init__(self, minutes: np.ndarray, place: Place | None, base: float | None, notes: list[str]) -> None:
        self.minutes, self.place, self.base, self.notes = minutes, place, base, notes

    def turn_angle(self, d_minutes: np.ndarray) -> np.ndarray:
        """Declination from geographic north, in minutes of arc."""
        if not self.base:
            return d_minutes
        found, igrf = _middle(d_minutes), self._igrf()
        if igrf is not None and abs(_turn(found - _middle(igrf))) < TOLERANCE_MINUTES < abs(
            _turn(found + self.base - _middle(igrf))
        ):
            self.notes.append(f"DECBAS ({self.base / 60:.2f} deg) was not added to D, which agrees with IGRF as it is.")
            return d_minutes
        self.notes.append(f"D is relative to DECBAS: {self.base / 60:.4f} deg east were added.")
        return d_minutes + self.base

    def base_of_sensor(self) -> np.ndarray | float:
        """The meridian to which H and E refer, in minutes of arc."""
        if self.base:
            self.notes.append(f"H and E were rotated to X and Y by DECBAS = {self.base / 60:.4f} deg east.")
            return self.base
        igrf = self._igrf()
        if igrf is None:
            raise InputError(
                "H and E need the declination of the sensor to become X and Y, but the header has neither "
                "DECBAS nor coordinates; add the coordinates to the header"
            )
        self.notes.append(
            f"H and E were rotated to X and Y by the IGRF declination ({_middle(igrf) / 60:.2f} deg east), because the "
            "file gives no DECBAS. Directions are good to about a degree; the level of Y is not absolute."
        )
        return igrf

    def _igrf(self) -> np.ndarray | None:
        return components.igrf_declination_minutes(*self.place, self.minutes) if self.place else None


def _vertical(elements: dict[str, np.ndarray], n: int, notes: list[str]) -> np.ndarray:
    if "Z" in elements:
        return elements["Z"]
    if {"H", "I"} <= elements.keys():
        return components.z_from_inclination(elements["H"], elements["I"])
    notes.append("The file has no Z; it is missing throughout.")
    return np.full(n, np.nan)


def _total(
    elements: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray, z: np.ndarray, notes: list[str]
) -> np.ndarray:
    # F by its size, not by its letter: G = F(vector) - F(scalar) is a few nT, and writers mix up the two.
    letter = next((name for name in "FSG" if name in elements), "")
    if not letter:
        return np.full(len(x), np.nan)
    values = elements[letter]
    level = abs(_middle(values))
    if not level < SMALLEST_TOTAL_NT:
        if letter == "G" and level >= SMALLEST_TOTAL_NT:
            notes.append("The column G holds the total field, not a difference; it was read as F.")
        return values
    if letter != "G":
        notes.append(f"The column {letter} holds small numbers: a difference F(vector) - F(scalar), as G would.")
    notes.append("F is the length of the vector minus G.")
    scalar: np.ndarray = components.total(x, y, z) - values
    return scalar


def _middle(values: np.ndarray) -> float:
    # The median, from some of the values: enough for a level. NaN if there are none.
    finite = _some(values)
    finite = finite[np.isfinite(finite)] if np.isfinite(finite).any() else values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else math.nan


def _some(values: np.ndarray) -> np.ndarray:
    # About 10,000 values, evenly spread over the record.
    return values[:: max(1, len(values) // 10_000)]


def _turn(minutes: float) -> float:
    # An angle between -180 and 180 degrees, in minutes of arc.
    return (minutes + 10_800.0) % 21_600.0 - 10_800.0
