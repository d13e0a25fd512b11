"""
Composition: how both classes are spread over stations, years, seasons, hours, magnetic activity and gaps.

What differs between the classes here can be learned in place of a precursor. So every part is counted, and for each
kind of part one number says how far the classes are apart.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd

from core.labelling import windows

KINDS = ("station", "year", "season", "UT hour of the end", "Kp", "missing minutes")
COLUMNS = ["by", "part", "n_positive", "n_negative", "share_positive", "share_negative"]
SEASONS = ("December to February", "March to May", "June to August", "September to November")
KP_EDGES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.1)
MISSING_EDGES = (0, 1, 4, 16, math.inf)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """
    Kept windows of both classes in each part.

    Parameters
    ----------
    table : DataFrame
        Windows (`windows.COLUMNS`); those that are rejected or without a label are not counted.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: by (one of `KINDS`), part, counts, and the share of each class that lies in the part
        (NaN for a class without windows). Parts without any window are left out.
    """
    kept = table[(table["rejected"] == "") & table["label"].isin([windows.POSITIVE, windows.NEGATIVE])]
    positive = (kept["label"] == windows.POSITIVE).to_numpy()
    out = []
    for kind, part in _parts(kept).items():
        for name in dict.fromkeys(part.sort_values().tolist()):
            here = (part == name).to_numpy()
            out.append((kind, name[1], int((here & positive).sum()), int((here & ~positive).sum())))
    found = pd.DataFrame(out, columns=COLUMNS[:4])
    for name in ("positive", "negative"):
        total = int((positive if name == "positive" else ~positive).sum())
        found[f"share_{name}"] = found[f"n_{name}"] / total if total else math.nan
    return found[COLUMNS]


def distance(composed: pd.DataFrame) -> pd.DataFrame:
    """
    How far the classes are apart in each kind of part, beside how far they would be by chance.

    Parameters
    ----------
    composed : DataFrame
        From `counts`.

    Returns
    -------
    DataFrame
        by, distance (total variation, half the sum of the differences of shares: 0 = spread alike, 1 = no part in
        common), by_chance (its expectation when the same windows are dealt out without regard to class, from the
        normal approximation of each part's hypergeometric count).

    Notes
    -----
    Windows of one stretch of time depend on each other, so more than `by_chance` is not yet a finding; it says where
    to look. The confounders of the score-card say whether it can be used.
    """
    rows = []
    for kind, part in composed.groupby("by", sort=False):
        apart = 0.5 * float((part["share_positive"] - part["share_negative"]).abs().sum(skipna=False))
        rows.append((kind, apart, _by_chance(part["n_positive"].to_numpy(), part["n_negative"].to_numpy())))
    return pd.DataFrame(rows, columns=["by", "distance", "by_chance"])


def _by_chance(positive: np.ndarray, negative: np.ndarray) -> float:
    """
    Expected total variation distance of two samples drawn from one lot.

    The count of positives in a part of t windows out of N is hypergeometric with variance
    t (N - t) n m / (N^2 (N - 1)); the mean absolute deviation of a normal variable is sqrt(2 / pi) times its spread.
    """
    n, m = int(positive.sum()), int(negative.sum())
    total = n + m
    if not n or not m:
        return math.nan
    size = (positive + negative).astype(np.float64)
    spread = np.sqrt(size * (total - size) * n * m / (total**2 * max(total - 1, 1)))
    # A count that is larger by one moves the difference of shares by 1/n + 1/m.
    return float(0.5 * math.sqrt(2 / math.pi) * (spread * (1 / n + 1 / m)).sum())


def _parts(kept: pd.DataFrame) -> dict[str, pd.Series]:
    """For each kind, (order, words) of every window's part."""
    end = kept["end"]
    season = end.dt.month % 12 // 3
    hour = end.dt.hour // 3 * 3
    kp = np.searchsorted(KP_EDGES, kept["kp_max"].to_numpy(dtype=np.float64), "right") - 1
    missing = np.searchsorted(MISSING_EDGES, kept["missing_minutes"].to_numpy(dtype=np.float64), "right") - 1
    kp_words = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(KP_EDGES[:-1])] + ["5 or more"]
    missing_words = ("none", "1 to 3", "4 to 15", "16 or more")
    unknown = kept["kp_max"].isna().to_numpy()
    values = (
        [(0, str(code)) for code in kept["station"]],
        [(int(year), str(year)) for year in end.dt.year],
        [(int(k), SEASONS[k]) for k in season],
        [(int(h), f"{h:02d} to {h + 3:02d} h") for h in hour],
        [(99, "unknown") if no else (int(k), kp_words[k]) for k, no in zip(kp, unknown, strict=True)],
        [(int(k), missing_words[k]) for k in missing],
    )
    return {kind: pd.Series(value, dtype=object) for kind, value in zip(KINDS, values, strict=True)}
