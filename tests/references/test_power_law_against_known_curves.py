"""The power law of learning curves: curves whose parameters are known, and a search through all decays by hand."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation import power_law

SIZES = np.array([50, 100, 200, 400, 800, 1600, 3200])


def points(values):
    """A table of points: one row of values per repeat."""
    return pd.DataFrame(
        {
            "n_windows": np.tile(SIZES, len(values)),
            "repeat": np.repeat(np.arange(len(values)), len(SIZES)),
            "validation_auc": np.ravel(values),
        }
    )


# a, b and c of (1 - a) - b x^c, and the score at ten times the data worked out with a pocket calculator:
# 32,000^-0.5 = 0.00559017; 32,000^-0.25 = 0.0747674; 32,000^-0.8 = 0.000248848; 32,000^-1 = 0.00003125.
KNOWN = [
    (0.10, 1.5, -0.5, 0.891615),
    (0.20, 0.8, -0.25, 0.740186),
    (0.05, 2.0, -0.8, 0.949502),
    (0.15, 20.0, -1.0, 0.849375),
]


@pytest.mark.parametrize(("a", "b", "c", "at_ten_times"), KNOWN)
def test_a_known_curve_is_continued_to_ten_times_the_data(a, b, c, at_ten_times):
    fitted = power_law.fit(points([[(1 - a) - b * n**c for n in SIZES.tolist()]] * 10), n_bootstrap=20)
    assert fitted.supported
    assert fitted.extrapolation[-1].multiple == 10 and fitted.extrapolation[-1].n_windows == 32_000
    assert fitted.extrapolation[-1].y == pytest.approx(at_ten_times, abs=0.0005)
    # Decays are tried in steps of 4 %, so the parameters come back to within half a step.
    assert fitted.c == pytest.approx(c, rel=0.02)
    assert fitted.a == pytest.approx(a, abs=0.002)
    assert fitted.b == pytest.approx(b, rel=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_no_other_curve_of_the_family_is_nearer_to_noisy_points(seed):
    random = np.random.default_rng(seed)
    values = 0.85 - 1.2 * SIZES**-0.4 + random.normal(0, 0.01, (10, len(SIZES)))
    fitted = power_law.fit(points(values), n_bootstrap=20)
    weight = np.arange(1, len(SIZES) + 1)  # Figueroa et al. (2012): later points count more, w_j = j / m
    mean = values.mean(axis=0)

    def distance(a, b, c):
        return float((weight * (mean - (1 - a) + b * SIZES**c) ** 2).sum())

    nearest = np.inf
    for c in -np.arange(0.01, 1.0005, 0.0005):
        design = np.sqrt(weight)[:, None] * np.column_stack([np.ones(len(SIZES)), -(SIZES**c)])
        (level, b), *_ = np.linalg.lstsq(design, np.sqrt(weight) * mean, rcond=None)
        if level <= 1:
            nearest = min(nearest, distance(1 - level, b, c))
    assert nearest <= distance(fitted.a, fitted.b, fitted.c) * (1 + 1e-9)
    assert distance(fitted.a, fitted.b, fitted.c) < 1.01 * nearest
