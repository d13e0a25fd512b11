"""
How many runs were tried? The best of many without skill looks good, so every run ever trained on the same data counts.

They stand in the journal of `tested_runs`. Runs on the archive count together, and runs on one synthetic world. Runs
noted by an earlier version, without their data, count with everything of their kind, synthetic or real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import files
from core.evaluation import tested_runs
from core.evaluation.scores import Z_95
from core.evaluation.significance import p_value, weight
from core.evaluation.tested_runs import Judged, Trained

FALSE_DISCOVERY_RATE = 0.05


@dataclass(frozen=True)
class MultipleTesting:
    """
    What all runs ever trained on the same data mean for one of them, or for the best of them.

    n_trained, n_judged, n_runs: runs with such a line in the journal, and with any. synthetic: the kind of run that
    counts, None for all. data: the data of the runs that count, "" for any. run_id: that of p, "" if none was judged.
    p_best_of_all: Sidak (1967), 1 - (1 - p)^K with K = n_runs. p_max_statistic: Westfall & Young (1993), over the
    n_shared runs that were judged with the same shifts. q: Benjamini & Hochberg (1995), over the judged runs;
    n_discoveries: runs with q <= 0.05. expected_best_auc: of K independent runs without skill. best_auc, best_run: the
    best there is. sentence: all this for a reader. None: it does not exist.
    """

    n_trained: int = 0
    n_judged: int = 0
    n_runs: int = 0
    synthetic: bool | None = None
    data: str = ""
    run_id: str = ""
    p: float | None = None
    p_best_of_all: float | None = None
    p_max_statistic: float | None = None
    n_shared: int = 0
    q: float | None = None
    n_discoveries: int = 0
    expected_best_auc: float | None = None
    best_auc: float | None = None
    best_run: str = ""
    sentence: str = ""


def ledger(
    data_dir: Path,
    run_id: str = "",
    synthetic: bool | None = None,
    data: str = "",
    unnoted: Sequence[Trained] = (),
) -> MultipleTesting:
    """
    What all runs ever trained on the same data in this store mean for one of them, or for the best of them.

    Parameters
    ----------
    data_dir : Path
    run_id : str, optional
        The run to adjust the p value of; default: that with the smallest p.
    synthetic : bool, optional
        Which runs count; default: those of the same kind as `run_id`, else all.
    data : str, optional
        The data of the runs that count; default: those of `run_id`, else any.
    unnoted : sequence of Trained
        Lines that the journal lacks; they count as if they stood at its end.

    Returns
    -------
    MultipleTesting
    """
    lines = [*tested_runs.lines(data_dir), *unnoted]
    if synthetic is None and run_id:
        synthetic = next((line.synthetic for line in reversed(lines) if line.run_id == run_id), None)
    made_from = {line.run_id: line.data for line in lines if line.data}
    data = data or made_from.get(run_id, "")
    lines = [line for line in lines if synthetic is None or line.synthetic == synthetic]
    lines = [line for line in lines if not data or made_from.get(line.run_id, data) == data]
    trained = {line.run_id: line for line in lines if isinstance(line, Trained)}
    judged = {line.run_id: line for line in lines if isinstance(line, Judged)}  # the newest judgement of each
    p_values = {name: line.p for name, line in judged.items() if line.p is not None}
    run_id = run_id or min(p_values, key=lambda name: p_values[name], default="")
    n_runs = len(set(trained) | set(judged))
    n_unknown = len((set(trained) | set(judged)) - set(made_from)) if data and synthetic else 0  # one archive only
    p = p_values.get(run_id)
    q_values = dict(zip(p_values, benjamini_hochberg(np.array(list(p_values.values()))).tolist(), strict=True))
    auc = {name: line.auc for name, line in trained.items() if line.auc is not None}
    best = max(auc, key=lambda name: auc[name], default="")
    p_max, n_shared = _max_statistic(judged, run_id)
    expected = expected_best([_sigma(trained[name]) for name in auc])
    best_auc = auc[best] if best else None
    trained_words, best_words = _trained(n_runs, synthetic, data, n_unknown), _best(n_runs, expected, best_auc)
    return MultipleTesting(
        n_trained=len(trained),
        n_judged=len(judged),
        n_runs=n_runs,
        synthetic=synthetic,
        data=data,
        run_id=run_id,
        p=p,
        p_best_of_all=None if p is None else sidak(p, n_runs),
        p_max_statistic=p_max,
        n_shared=n_shared,
        q=q_values.get(run_id),
        n_discoveries=sum(q <= FALSE_DISCOVERY_RATE for q in q_values.values()),
        expected_best_auc=files.plain(expected),
        best_auc=best_auc,
        best_run=best,
        sentence=f"{trained_words}{best_words}{_adjusted(n_runs, data, run_id, p)}.",
    )


def sidak(p: float, n: int) -> float:
    """
    The chance that the best of n independent tests has a p this small or smaller (Sidak 1967).

    >>> round(sidak(0.05, 14), 2)
    0.51
    """
    if n <= 1 or p >= 1:
        return min(p, 1.0)
    return float(-math.expm1(n * math.log1p(-p)))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """
    The smallest false discovery rate at which each test is a discovery (Benjamini & Hochberg 1995).

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    n = len(p)
    order = np.argsort(p)
    scaled = p[order] * n / np.arange(1, n + 1)
    out = np.empty(n)
    out[order] = np.minimum(1, np.minimum.accumulate(scaled[::-1])[::-1])
    return out


def max_statistic_p(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """
    p adjusted by the largest statistic of each draw (Westfall & Young 1993), single step.

    Parameters
    ----------
    observed : ndarray, shape (n_runs,)
    null : ndarray, shape (n_runs, n_draws)
        Draw j of every run moved the catalogue in the same way; so runs that resemble each other cost little.

    Returns
    -------
    ndarray, shape (n_runs,)
    """
    largest = null.max(axis=0)
    return np.array([p_value(float(value), largest, weight(largest)) for value in observed])


def expected_best(sigma: list[float]) -> float:
    """
    The mean of the largest AUC of independent runs without skill, each normal around 0.5 with its own sigma.

    The integral of 1 - product of the distributions, numerically; NaN without runs.
    """
    from scipy.stats import norm

    sigma = [s for s in sigma if math.isfinite(s) and s > 0]
    if not sigma:
        return math.nan
    x = np.linspace(-8, 8, 4001) * max(sigma)
    below = np.prod([norm.cdf(x / s) for s in sigma], axis=0)
    return float(0.5 + x[-1] - np.trapezoid(below, x))


def _max_statistic(judged: dict[str, Judged], run_id: str) -> tuple[float | None, int]:
    asked = judged.get(run_id)
    if asked is None or not asked.shared or not asked.null or asked.observed is None:
        return None, 0
    alike = {
        name: line
        for name, line in judged.items()
        if line.shared == asked.shared and len(line.null) == len(asked.null) and line.observed is not None
    }
    # The largest of raw scores would favour the run with the widest draws; so each is in units of its own.
    null = np.array([line.null for line in alike.values()])
    middle, spread = null.mean(axis=1, keepdims=True), null.std(axis=1, keepdims=True)
    if not (spread > 0).all():
        return None, len(alike)
    observed = (np.array([line.observed for line in alike.values()]) - middle[:, 0]) / spread[:, 0]
    position = list(alike).index(run_id)
    return float(max_statistic_p(observed, (null - middle) / spread)[position]), len(alike)


def _sigma(line: Trained) -> float:
    if line.auc_low is None or line.auc_high is None:
        return math.nan
    return float(line.auc_high - line.auc_low) / (2 * Z_95)


def _trained(n: int, synthetic: bool | None, data: str, n_unknown: int) -> str:
    made_up = " on this synthetic world" if data else " on synthetic data"
    kind = {True: made_up, False: " on real data", None: ""}[synthetic]
    unknown = f" ({n_unknown} of them perhaps on another: theirs was not noted)" if n_unknown else ""
    return f"{n} run{'' if n == 1 else 's'}{kind}{unknown} {'was' if n == 1 else 'were'} trained in this store"


def _best(n: int, expected: float, best: float | None) -> str:
    if n <= 1 or best is None or not math.isfinite(expected):
        return ""
    return f"; the best of so many without skill has an AUC of {expected:.2f} on average, the best here {best:.2f}"


def _adjusted(n: int, data: str, run_id: str, p: float | None) -> str:
    if n <= 1 or p is None:
        return ""
    these = " on these data" if data else ""
    return f"; p = {p:.2g} of run {run_id} becomes {sidak(p, n):.2g} as the best of {n} runs{these}"
