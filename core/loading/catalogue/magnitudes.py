"""Magnitude types: which is preferred where an event has several, and proxies of Mw with their source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

# The order of preference, best first. Moment magnitude is the only scale that does not saturate and means the same
# everywhere; duration magnitude is the weakest.
PREFERENCE = (
    ("mw", "mww", "mwc", "mwb", "mwr", "mwp", "mwpd", "m(w)"),
    ("ml", "mlv", "mlh", "mlr"),
    ("ms", "ms_20", "mb", "ms1", "msz", "mb_lg", "mblg", "mb1"),
    ("md", "mc", "mdur"),
)
_RANKS = {name: rank for rank, names in enumerate(PREFERENCE) for name in names}

# source, types, smallest and largest magnitude, coefficients of 1, M, M^2 (published for this range only)
_PROXIES = (
    ("Scordilis 2006", ("ms", "ms_20", "msz"), 3.0, 6.1, (2.07, 0.67, 0.0)),
    ("Scordilis 2006", ("ms", "ms_20", "msz"), 6.2, 8.2, (0.08, 0.99, 0.0)),
    ("Scordilis 2006", ("mb",), 3.5, 6.2, (1.03, 0.85, 0.0)),
    ("Gruenthal 2009", ("ml", "mlv"), 0.0, 7.0, (0.53, 0.646, 0.0376)),
)


def rank(magnitude_type: str) -> int:
    """
    The place of a type in the order Mw, ML, Ms and mb, Md, any other type; smaller is better.

    >>> rank("Mww"), rank("ML"), rank("mb"), rank("Md"), rank("")
    (0, 1, 2, 3, 4)
    """
    return _RANKS.get(magnitude_type.strip().casefold(), len(PREFERENCE))


def best(types: Sequence[str]) -> int:
    """The position of the preferred type; the first of equals."""
    return min(range(len(types)), key=lambda position: (rank(types[position]), position))


def mw_proxy(events: pd.DataFrame) -> pd.DataFrame:
    """
    The events with proxies of Mw in columns of their own; the native magnitudes stay as they are.

    Scordilis (2006, J. Seismol.) for Ms and mb, Gruenthal et al. (2009, J. Seismol.) for ML of Europe, each only in
    the range of magnitudes that it was made for.

    Parameters
    ----------
    events : DataFrame with the columns magnitude and magnitude_type

    Returns
    -------
    DataFrame
        The same rows with `mw_proxy` (float64, NaN where no relation holds) and `mw_proxy_source` (the relation,
        "native" where the magnitude is an Mw, "" where there is none).

    Examples
    --------
    >>> table = pd.DataFrame({"magnitude": [5.0, 5.0, 4.4], "magnitude_type": ["mb", "Mw", "Md"]})
    >>> mw_proxy(table)[["mw_proxy", "mw_proxy_source"]].values.tolist()
    [[5.28, 'Scordilis 2006'], [5.0, 'native'], [nan, '']]
    """
    types = events["magnitude_type"].str.casefold()
    native = events["magnitude"].to_numpy(dtype=float)
    values, sources = np.full(len(events), np.nan), np.full(len(events), "", dtype=object)
    is_mw = types.isin(PREFERENCE[0]).to_numpy()
    values[is_mw], sources[is_mw] = native[is_mw], "native"
    for source, names, low, high, (c0, c1, c2) in _PROXIES:
        rows = types.isin(names).to_numpy() & (native >= low) & (native <= high)
        values[rows] = np.round(c0 + c1 * native[rows] + c2 * native[rows] ** 2, 3)
        sources[rows] = source
    return events.assign(mw_proxy=values, mw_proxy_source=pd.Series(sources, index=events.index, dtype="str"))
