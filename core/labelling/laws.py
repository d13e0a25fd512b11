"""Laws of detectability: how far an earthquake of a given magnitude could be felt, according to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config import DetectabilityConfig


@dataclass(frozen=True)
class Law:
    """
    A distance that grows with magnitude.

    R = 10^(slope * M + intercept) km, or, if `is_line`, R = (M - intercept) / slope km, which is nothing
    at and below M = intercept.
    """

    name: str
    words: str
    slope: float
    intercept: float
    is_line: bool = False

    def reach_km(self, magnitude: Any) -> np.ndarray:
        """
        The greatest distance in km at which an event of this magnitude counts; 0 where there is none.

        Examples
        --------
        >>> DOBROVOLSKY.reach_km([4, 5, 6]).round().tolist()
        [52.0, 141.0, 380.0]
        """
        magnitude = np.asarray(magnitude, dtype=float)
        if self.is_line:
            reach: np.ndarray = np.maximum((magnitude - self.intercept) / self.slope, 0.0)
        else:
            reach = 10.0 ** (self.slope * magnitude + self.intercept)
        return reach


# Dobrovolsky, Zubkov & Miachkin 1979, Pure Appl. Geophys. 117, 1025: the zone of a strain of 1e-8.
DOBROVOLSKY = Law("dobrovolsky", "Dobrovolsky 1979", 0.43, 0.0)
# Morgunov & Malzev 2007, Tectonophysics 431, 61, in the form used by Stanica & Stanica 2021, Entropy 23, 233.
MORGUNOV_MALZEV = Law("morgunov_malzev", "Morgunov & Malzev 2007, as used by Stanica", 0.5, -0.27)
# Hattori 2004, Terr. Atmos. Ocean. Sci. 15, 329: the line 0.025 R = M - 4.5 below which no ULF anomaly was reported.
HATTORI = Law("hattori", "Hattori 2004, the line 0.025 R = M - 4.5", 0.025, 4.5, is_line=True)

PUBLISHED = (DOBROVOLSKY, MORGUNOV_MALZEV, HATTORI)


def of(config: DetectabilityConfig) -> Law | None:
    """The law that a config names; None where the distance is one number for all magnitudes (fixed, paper)."""
    if config.law == "custom":
        words = f"R = 10^({config.custom_slope:g} M {config.custom_intercept:+g}) km"
        return Law("custom", words, config.custom_slope, config.custom_intercept)
    return next((law for law in PUBLISHED if law.name == config.law), None)
