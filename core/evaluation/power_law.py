"""
Would more data help? The inverse power law of a learning curve, and when it must not be drawn.

Figueroa et al. (2012, BMC Medical Informatics and Decision Making 12:8): y(x) = (1 - a) - b x^c with x the number of
training windows, a the smallest error that is left, b the rate of learning and c in [-1, 0) its decay. It is
fitted with more weight on later points (w_j = j / m). The curve is extrapolated only if the data support it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.typed_documents import Count, Versioned

FEWEST_SIZES, FEWEST_REPEATS = 5, 10
SMALLEST_DELTA_AIC = 2.0  # less, and the simpler model is as good (Burnham & Anderson 2002)
DECAYS = -np.geomspace(0.01, 1.0, 120)  # c: within a step of each of these the other two parameters are linear
MULTIPLES = (2, 5, 10)
FLAT = "Flat: more of the same data is not predicted to help"


@dataclass(frozen=True)
class LawPoint:
    """The law at a number of training windows, with its 95 % interval, in units of the score."""

    n_windows: Count
    y: float
    y_low: float
    y_high: float


@dataclass(frozen=True)
class Extrapolation(LawPoint):
    """The law at so many times the largest size on the curve."""

    multiple: int


@dataclass(frozen=True)
class PowerLaw(Versioned):
    """
    The inverse power law of a learning curve, or the reason why it is not drawn.

    measure: the score that was fitted, n_sizes and n_repeats on the curve. supported: the data support the law, and
    curve and extrapolation, at 2, 5 and 10 times the data, are not empty. sentence: for a reader. a, b, c with the
    interval of b; delta_aic: constant less law; gain: from the smallest to the largest size, with its interval; mean:
    of the constant model. None: too few sizes or repeats for a fit.
    """

    measure: str
    supported: bool
    sentence: str
    n_sizes: Count = 0
    n_repeats: Count = 0
    a: float | None = None
    b: float | None = None
    c: float | None = None
    b_low: float | None = None
    b_high: float | None = None
    delta_aic: float | None = None
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    mean: float | None = None
    curve: tuple[LawPoint, ...] = ()
    extrapolation: tuple[Extrapolation, ...] = ()

    VERSION = 1  # the oldest have none
    CALLED = "The power law of a learning curve"


def fit(points: pd.DataFrame, measure: str = "validation_auc", n_bootstrap: int = 1000, seed: int = 0) -> PowerLaw:
    """
    Fit the inverse power law to a learning curve, or say why it is not drawn.

    A score that grows with skill is fitted, at most 1. The interval draws whole repeats with replacement: the points of
    a repeat share windows. AIC is that of least squares, n ln(RSS / n) + 2 k, over all points with their weights,
    k = 4 for the law and 2 for a constant (the spread counts as one).

    Parameters
    ----------
    points : DataFrame
        n_windows, repeat and the measure; one row per size and repeat.
    measure : str
    n_bootstrap : int
    seed : int
    """
    table = points.pivot_table(index="repeat", columns="n_windows", values=measure)
    table = table.dropna(axis=0, how="any") if len(table) else table
    lacking = _lacking(points["n_windows"].nunique() - table.shape[1], points["repeat"].nunique() - len(table))
    sizes, y = table.columns.to_numpy(dtype=np.float64), table.to_numpy(dtype=np.float64)
    if len(sizes) < FEWEST_SIZES or len(y) < FEWEST_REPEATS:
        counted = f"{len(sizes)} size{'' if len(sizes) == 1 else 's'} and {len(y)} repeat{'' if len(y) == 1 else 's'}"
        sentence = (
            f"No curve is fitted: {counted} with a score, and a fit needs at least {FEWEST_SIZES} sizes and "
            f"{FEWEST_REPEATS} repeats.{lacking}"
        )
        return PowerLaw(measure, False, sentence, len(sizes), len(y))
    weight = np.arange(1, len(sizes) + 1) / len(sizes)
    a, b, c = (float(v[0]) for v in _fit(sizes, y.mean(axis=0)[None, :], weight))
    random = np.random.default_rng(seed)
    drawn = y[random.integers(0, len(y), size=(n_bootstrap, len(y)))].mean(axis=1)
    law = _fit(sizes, drawn, weight)
    gain = value(sizes[-1:], *law)[:, 0] - value(sizes[:1], *law)[:, 0]
    b_low, b_high = _middle(law[1])
    gain_low, gain_high = _middle(gain)
    mean = float(np.average(y.mean(axis=0), weights=weight))
    parameters = tuple(np.array([v]) for v in (a, b, c))
    delta = _aic(y, np.full_like(sizes, mean), weight, 2) - _aic(y, value(sizes, *parameters)[0], weight, 4)
    supported = bool(delta >= SMALLEST_DELTA_AIC and gain_low > 0)
    along = np.unique(np.round(np.geomspace(sizes[0], sizes[-1], 30)))
    further = sizes[-1] * np.array(MULTIPLES)
    fitted = PowerLaw(
        measure=measure,
        supported=supported,
        sentence="",
        n_sizes=len(sizes),
        n_repeats=len(y),
        a=a,
        b=b,
        c=c,
        b_low=b_low,
        b_high=b_high,
        delta_aic=float(delta),
        gain=float(value(sizes[-1:], *parameters)[0, 0] - value(sizes[:1], *parameters)[0, 0]),
        gain_low=gain_low,
        gain_high=gain_high,
        mean=mean,
        curve=tuple(_points(along, parameters, law)) if supported else (),
        extrapolation=tuple(
            Extrapolation(**dataclasses.asdict(point), multiple=multiple)
            for multiple, point in zip(MULTIPLES, _points(further, parameters, law), strict=True)
        )
        if supported
        else (),
    )
    return dataclasses.replace(fitted, sentence=_sentence(fitted, float(y.mean(axis=0)[-1])) + lacking)


def _lacking(n_sizes: int, n_repeats: int) -> str:
    """That sizes and repeats were left out: a repeat counts whole, since its points share windows."""
    left_out = {
        "size{s} at which no repeat has a score": n_sizes,
        "repeat{s} without a score at every size": n_repeats,
    }
    return "".join(
        f" {n} {what.format(s='' if n == 1 else 's')} {'is' if n == 1 else 'are'} left out."
        for what, n in left_out.items()
        if n
    )


def value(x: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """
    The law at each size, (1 - a) - b x^c, shape (n_fits, n_sizes).

    >>> value(np.array([100.0]), np.array([0.1]), np.array([2.0]), np.array([-0.5])).round(3).tolist()
    [[0.7]]
    """
    law: np.ndarray = (1 - a)[:, None] - b[:, None] * x[None, :] ** c[:, None]
    return law


def _fit(sizes: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Weighted least squares of many curves at once: y is (n_curves, n_sizes); returns a, b, c, each (n_curves,).

    For a given c the law is a straight line in x^c, so only c is searched. b may come out negative (a curve that
    falls), which is what makes its interval a test. Where 1 - a would exceed 1 it is held there.
    """
    w = weight / weight.sum()
    best = np.full(len(y), np.inf)
    a, b, c = np.zeros(len(y)), np.zeros(len(y)), np.full(len(y), -1.0)
    for decay in DECAYS:
        x = sizes**decay
        x_mean, y_mean = float(w @ x), y @ w
        slope = ((y - y_mean[:, None]) @ (w * (x - x_mean))) / float(w @ (x - x_mean) ** 2)
        level = y_mean - slope * x_mean
        over = level > 1
        slope = np.where(over, ((y - 1) @ (w * x)) / float(w @ x**2), slope)
        level = np.where(over, 1.0, level)
        rss = (y - level[:, None] - slope[:, None] * x) ** 2 @ w
        better = rss < best - 1e-15
        best = np.where(better, rss, best)
        a, b, c = np.where(better, 1 - level, a), np.where(better, -slope, b), np.where(better, decay, c)
    return a, b, c


def _aic(y: np.ndarray, model: np.ndarray, weight: np.ndarray, k: int) -> float:
    w = weight / weight.mean()
    rss = float(((y - model) ** 2 * w).sum())
    return y.size * math.log(max(rss, 1e-300) / y.size) + 2 * k


def _points(x: np.ndarray, parameters: tuple[np.ndarray, ...], law: tuple[np.ndarray, ...]) -> list[LawPoint]:
    low, high = np.quantile(value(x, *law), [0.025, 0.975], axis=0)
    best = value(x, *parameters)[0]
    return [
        LawPoint(int(n), float(y), float(y_low), float(y_high))
        for n, y, y_low, y_high in zip(x, best, low, high, strict=True)
    ]


def _middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _sentence(fitted: PowerLaw, now: float) -> str:
    name = fitted.measure.replace("_", " ").replace("auc", "AUC")
    if not fitted.supported:
        why = (
            f"from the smallest to the largest size the {name} changes by {fitted.gain:+.3f} "
            f"[{fitted.gain_low:+.3f}, {fitted.gain_high:+.3f}], and the power law is better than a constant by "
            f"{fitted.delta_aic:.1f} in AIC, where {SMALLEST_DELTA_AIC:g} is asked for"
        )
        falls = fitted.gain_high is not None and fitted.gain_high < 0
        return f"{FLAT}; the curve falls: {why}." if falls else f"{FLAT}: {why}."
    ahead = "; ".join(
        f"{point.multiple} times the data: {point.y:.3f} [{point.y_low:.3f}, {point.y_high:.3f}]"
        for point in fitted.extrapolation
    )
    return f"The {name} is {now:.3f} now. If the curve goes on as it began, {ahead}."
