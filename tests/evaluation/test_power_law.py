"""The power law of learning curves: curves made with known a, b and c, flat noise, and curves that fall."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.evaluation import power_law
from core.evaluation.power_law import PowerLaw

SIZES = [50, 100, 200, 400, 800, 1600]


def curve(mean, noise=0.01, repeats=10, sizes=SIZES, seed=1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = [
        {"n_windows": n, "repeat": r, "validation_auc": mean(n) + noise * random.normal()}
        for r in range(repeats)
        for n in sizes
    ]
    return pd.DataFrame(rows)


def law(n):
    return (1 - 0.1) - 1.5 * n**-0.5  # a = 0.1, b = 1.5, c = -0.5


def test_known_parameters_come_back_from_a_curve_without_noise():
    found = power_law.fit(curve(law, noise=0))
    assert found.supported
    assert (found.a, found.c) == (pytest.approx(0.1, abs=0.003), pytest.approx(-0.5, abs=0.02))
    assert found.b == pytest.approx(1.5, rel=0.06)
    for row in found.extrapolation:
        assert row.y == pytest.approx(law(row.multiple * 1600), abs=0.002)


def test_the_fit_is_the_weighted_one_of_scipy():
    from scipy.optimize import curve_fit

    points = curve(law, noise=0.01, seed=3)
    mean = points.groupby("n_windows")["validation_auc"].mean()
    weight = np.arange(1, len(SIZES) + 1) / len(SIZES)
    (a, b, c), _ = curve_fit(
        lambda x, a, b, c: (1 - a) - b * x**c, np.array(SIZES, float), mean, p0=(0.1, 1, -0.5),
        sigma=1 / np.sqrt(weight), bounds=([0, -np.inf, -1], [1, np.inf, -0.001]),
    )  # fmt: skip
    found = power_law.fit(points)
    here = (1 - found.a) - found.b * np.array(SIZES) ** found.c
    np.testing.assert_allclose(here, (1 - a) - b * np.array(SIZES) ** c, atol=5e-4)


def test_the_interval_holds_the_truth_in_most_worlds():
    inside = []
    for seed in range(60):
        found = power_law.fit(curve(law, noise=0.02, seed=seed), n_bootstrap=300)
        assert found.supported
        inside.append([row.y_low <= law(row.n_windows) <= row.y_high for row in found.extrapolation])
    # Drawing 10 repeats with replacement makes intervals somewhat too short: 95 % become about 90.
    assert np.mean(inside, axis=0).min() > 0.8


def test_flat_noise_is_refused():
    flat = [power_law.fit(curve(lambda n: 0.5, noise=0.05, seed=seed), n_bootstrap=300) for seed in range(60)]
    assert np.mean([f.supported for f in flat]) < 0.1
    refused = next(f for f in flat if not f.supported)
    assert refused.sentence.startswith("Flat: more of the same data is not predicted to help")
    assert refused.extrapolation == () and refused.curve == ()


def test_a_curve_that_falls_is_refused():
    found = power_law.fit(curve(lambda n: 0.5 + 1.5 * n**-0.5))
    assert not found.supported and "falls" in found.sentence


def test_a_score_never_grows_beyond_one():
    found = power_law.fit(curve(lambda n: 0.5 + 0.06 * np.log(n), noise=0.0))
    assert found.supported
    assert all(row.y <= 1 for row in found.extrapolation)


@pytest.mark.parametrize(("sizes", "repeats"), [(SIZES[:4], 10), (SIZES, 9), ([100], 1)])
def test_too_few_sizes_or_repeats_are_no_curve(sizes, repeats):
    found = power_law.fit(curve(law, sizes=sizes, repeats=repeats))
    assert not found.supported
    assert "at least 5 sizes and 10 repeats" in found.sentence


def test_the_result_is_json_and_points_without_a_score_do_not_count():
    points = curve(law)
    points.loc[points["repeat"] == 3, "validation_auc"] = np.nan
    fitted = power_law.fit(points)
    assert fitted.n_repeats == 9 and "1 repeat without a score at every size is left out." in fitted.sentence


@pytest.mark.parametrize("repeats", [10, 3])
def test_a_repeat_that_lacks_a_score_is_left_out_and_the_sentence_says_so(repeats):
    whole = curve(law, repeats=repeats)
    points = whole.drop(index=[0])
    fitted = power_law.fit(points)
    assert "1 repeat without a score" in fitted.sentence and "left out" not in power_law.fit(whole).sentence
    assert fitted.n_repeats == repeats - 1


@pytest.mark.parametrize("repeats", [10, 3])
def test_a_size_at_which_no_repeat_has_a_score_is_left_out_and_the_sentence_says_so(repeats):
    points = curve(law, repeats=repeats)
    points.loc[points["n_windows"] == 50, "validation_auc"] = np.nan
    fitted = power_law.fit(points)
    assert fitted.sentence.endswith(" 1 size at which no repeat has a score is left out.")
    assert (fitted.n_sizes, fitted.n_repeats) == (len(SIZES) - 1, repeats)


def test_a_law_comes_back_from_json_as_it_was_fitted():
    for mean in (law, lambda n: 0.5):
        fitted = power_law.fit(curve(mean))
        stored = json.loads(json.dumps(fitted.to_dict(), allow_nan=False))
        assert stored["version"] == 1 and PowerLaw.from_dict(stored) == fitted


OF_0_1_0 = {
    "measure": "validation_auc", "supported": True, "n_sizes": 5, "n_repeats": 10, "a": 0.1, "b": 1.5, "c": -0.5,
    "b_low": 1.2, "b_high": 1.8, "delta_aic": 40.0, "gain": 0.2, "gain_low": 0.1, "gain_high": 0.3, "mean": 0.8,
    "curve": [{"n_windows": 50, "y": 0.7, "y_low": 0.6, "y_high": 0.8}],
    "extrapolation": [{"multiple": 2, "n_windows": 3200, "y": 0.87, "y_low": 0.85, "y_high": 0.9}],
    "sentence": "The validation AUC is 0.860 now.",
}  # fmt: skip


def test_a_law_of_before_there_were_versions_is_read_and_one_of_a_newer_program_refused():
    read = PowerLaw.from_dict(OF_0_1_0)
    assert read.supported and read.curve[0].y_low == 0.6 and read.extrapolation[0].multiple == 2
    with pytest.raises(InputError, match="power law of a learning curve has version 2.*Install version 9"):
        PowerLaw.from_dict({**OF_0_1_0, "version": 2, "program": "9.0"})
    with pytest.raises(ValueError, match="it has no 'y_low'"):
        PowerLaw.from_dict({**OF_0_1_0, "curve": [{"n_windows": 50, "y": 0.7}]})
