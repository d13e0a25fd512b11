"""Random streams that do not disturb each other: one generator per part of the world."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, part: str, *keys: int | str) -> np.random.Generator:
    """
    The generator of one part of a world, fixed by the seed and the part's name alone.

    Streams are named, not counted, so that adding a station, an event or another
    kind of noise leaves every other stream as it was. Each stream is drawn in the
    order of time, so that a world with a later end begins with the same numbers.

    Examples
    --------
    >>> a, b = generator(1, "gaps", "DUR"), generator(1, "gaps", "DUR")
    >>> bool(a.random() == b.random())
    True
    >>> bool(generator(1, "gaps", "IZN").random() == generator(1, "gaps", "DUR").random())
    False
    """
    words = [zlib.crc32(str(key).encode()) for key in (part, *keys)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))


def times_of_events(rng: np.random.Generator, per_day: np.ndarray) -> np.ndarray:
    """
    Minutes at which something happens, as a Poisson process with a rate that changes from day to day.

    Parameters
    ----------
    rng : Generator
        Used for nothing else, so that the times stay the same if the period is extended.
    per_day : ndarray, shape (n_days,)
        Expected number on each day.

    Returns
    -------
    ndarray of int64, sorted
        Minutes since the start of the first day.
    """
    minutes = [day * 1440 + rng.integers(0, 1440, rng.poisson(rate)) for day, rate in enumerate(per_day)]
    return np.sort(np.concatenate([*minutes, np.empty(0, dtype=np.int64)]))
