"""Alterations: what somebody, or a program, may do to copied days so that their values are no longer equal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.loading.record.copied_hours import HOUR

Alteration = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]

NOISE_NT = 0.02
DECIMALS = 1
LARGEST_LIFT_NT = 50.0


def drawn(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """
    Copied days, altered in one of the ways of `ALTERATIONS`.

    Parameters
    ----------
    copied : ndarray, shape (n_days, 1440, 3)
        X, Y, Z, nT.
    there : ndarray, of the same shape
        What stood where they are put.
    random : Generator

    Returns
    -------
    ndarray, of the same shape
    """
    alter = ALTERATIONS[int(random.integers(len(ALTERATIONS)))]
    return alter(copied, there, random)


def lifted(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Another baseline of each component, up to 50 nT away."""
    away: np.ndarray = copied + random.uniform(-LARGEST_LIFT_NT, LARGEST_LIFT_NT, copied.shape[-1])
    return away


def noisy(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """With noise of 0.02 nT."""
    noise: np.ndarray = copied + random.normal(scale=NOISE_NT, size=copied.shape)
    return noise


def moved(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Later by 1 to 59 minutes; what is pushed over the end of a day stands at its begin."""
    return np.roll(copied, int(random.integers(1, HOUR)), axis=1)


def rounded(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """To 0.1 nT."""
    return copied.round(DECIMALS)


def with_holes(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One minute an hour is missing."""
    holed = copied.copy()
    holed[:, int(random.integers(HOUR)) :: HOUR] = np.nan
    return holed


def in_one_component(copied: np.ndarray, there: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Only X, only Y or only Z."""
    mixed = there.copy()
    component = int(random.integers(copied.shape[-1]))
    mixed[..., component] = copied[..., component]
    return mixed


ALTERATIONS: tuple[Alteration, ...] = (lifted, noisy, moved, rounded, with_holes, in_one_component)
