"""
How many runs were tried? The best of many without skill looks good, so every run ever trained on the same data counts.

They stand in the journal of `tested_runs`. Runs on the archive count together, and runs on one synthetic world. Runs
noted by an earlier version, without their data, count with everything of their kind, synthetic or real. What a p value
pays for tries of one stretch is another question; see `chance.families`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import files
from core.evaluation import tested_runs
from core.evaluation.scores import Z_95
from core.evaluation.tested_runs import Trained


@dataclass(frozen=True)
class MultipleTesting:
    """
    What the number of runs ever trained on the same data means for the best of them.

    n_trained: runs with such a line in the journal; n_runs: with any. expected_best_auc: of so many independent runs
    without skill. best_auc, best_run: the best there is. sentence: all this for a reader. None: it does not exist.
    """

    n_trained: int = 0
    n_runs: int = 0
    expected_best_auc: float | None = None
    best_auc: float | None = None
    best_run: str = ""
    sentence: str = ""


def ledger(data_dir: Path, synthetic: bool | None = None, data: str = "") -> MultipleTesting:
    """
    What the runs ever trained on the same data in this store mean for the best of them.

    Parameters
    ----------
    data_dir : Path
    synthetic : bool, optional
        Which runs count; default: all.
    data : str, optional
        The data of the runs that count, see `sources.data_key`; default: any.

    Returns
    -------
    MultipleTesting

    Raises
    ------
    InputError
        If the journal was changed.
    """
    lines = [line for line in tested_runs.lines(data_dir) if synthetic is None or line.synthetic == synthetic]
    made_from = {line.run_id: line.data for line in lines if line.data}
    lines = [line for line in lines if not data or made_from.get(line.run_id, data) == data]
    trained = {line.run_id: line for line in lines if isinstance(line, Trained)}
    runs = {line.run_id for line in lines}
    n_unknown = len(runs - set(made_from)) if data and synthetic else 0  # one archive only
    auc = {name: line.auc for name, line in trained.items() if line.auc is not None}
    best = max(auc, key=lambda name: auc[name], default="")
    expected = expected_best([_sigma(trained[name]) for name in auc])
    best_auc = auc[best] if best else None
    return MultipleTesting(
        n_trained=len(trained),
        n_runs=len(runs),
        expected_best_auc=files.plain(expected),
        best_auc=best_auc,
        best_run=best,
        sentence=f"{_trained(len(runs), synthetic, data, n_unknown)}{_best(len(runs), expected, best_auc)}.",
    )


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
