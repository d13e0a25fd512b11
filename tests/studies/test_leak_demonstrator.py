"""The leak demonstrator: a random split looks skilful where there is nothing, and the audit says why."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.labelling import leakage, splits
from core.studies import leak_demonstrator


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leak")
    return leak_demonstrator.make(folder, n_worlds=12), folder


def test_the_random_split_looks_skilful_and_the_blocked_one_does_not(made):
    summary = made[0].summary.set_index("method")
    # Method E2 worked this out with another program: random 0.705 [0.64, 0.77], blocks 0.504 [0.44, 0.56].
    assert summary.loc["random", "auc"] == pytest.approx(0.705, abs=0.06)
    assert summary.loc["random", "auc_low"] > 0.6
    assert summary.loc["blocked", "auc"] == pytest.approx(0.504, abs=0.06)
    assert summary.loc["blocked", "auc_low"] < 0.5 < summary.loc["blocked", "auc_high"]


def test_the_random_and_the_grouped_split_fail_the_audit_and_the_blocked_one_passes(made):
    summary = made[0].summary.set_index("method")
    assert summary["audit_ok"].to_dict() == {"random": False, "grouped": False, "blocked": True}
    assert summary.loc["random", "audit"].startswith("Leak: ")
    assert summary.loc["random", "leaking_share"] > 0.9 and summary.loc["blocked", "leaking_share"] == 0


def test_the_random_split_of_this_world_under_another_name_is_refused():
    table, _ = leak_demonstrator.world(np.random.default_rng(1))
    dealt = splits.assign(table, leak_demonstrator.configurations("random", 1)[0])
    with pytest.raises(InputError, match="Leak"):
        leakage.check(dealt, "blocked")


def test_the_worlds_hold_no_precursor():
    # Within the record a window's value, less the drift that its date explains, says nothing of its label.
    residuals = []
    for seed in range(40):
        table, value = leak_demonstrator.world(np.random.default_rng([9, seed]))
        residual = value - np.polyval(np.polyfit(np.arange(len(value)), value, 1), np.arange(len(value)))
        label = table["label"].to_numpy()
        residuals.append(residual[label == 1].mean() - residual[label == 0].mean())
        assert label.sum() == 119
    assert abs(np.mean(residuals)) < 3 * 10 / np.sqrt(40 * 100)


def test_the_neighbours_are_those_of_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier

    random = np.random.default_rng(2)
    known, label, asked = random.normal(size=200), random.integers(0, 2, 200), random.normal(size=50)
    model = KNeighborsClassifier(5).fit(known[:, None], label)
    expected = model.predict_proba(asked[:, None])[:, 1]
    np.testing.assert_allclose(leak_demonstrator.neighbours(known, label, asked), expected)


def test_what_was_made_is_kept(made, tmp_path):
    demonstration, folder = made
    again = leak_demonstrator.stored(folder)
    for name in ("summary", "worlds", "example"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(demonstration, name))
    assert {"random", "grouped", "blocked", "value_nt", "label", "start"} <= set(again.example)
    assert leak_demonstrator.stored(tmp_path) is None


def test_a_damaged_demonstration_is_a_sentence_that_says_what_to_do(made, tmp_path):
    shutil.copytree(made[1] / "leak_demo", tmp_path / "leak_demo")
    (tmp_path / "leak_demo" / "worlds.parquet").unlink()
    with pytest.raises(InputError, match=r"worlds\.parquet cannot be used \(it is missing\).*`precursor leak-demo`"):
        leak_demonstrator.stored(tmp_path)
    (tmp_path / "leak_demo" / "leak_demo.json").write_text("[]")
    with pytest.raises(InputError, match=r"leak_demo\.json cannot be used"):
        leak_demonstrator.stored(tmp_path)


def test_tables_of_two_demonstrations_are_not_given_as_one(made, tmp_path, monkeypatch):
    shutil.copytree(made[1] / "leak_demo", tmp_path / "leak_demo")
    read = pd.read_parquet

    def made_anew_meanwhile(path, **how):
        (tmp_path / "leak_demo" / "leak_demo.json").write_text('{"created": "2026-02-01T00:00:00+00:00"}')
        return read(path, **how)

    monkeypatch.setattr(pd, "read_parquet", made_anew_meanwhile)
    (tmp_path / "leak_demo" / "leak_demo.json").write_text('{"created": "2026-01-01T00:00:00+00:00"}')
    with pytest.raises(InputError, match="The leak demonstration was made anew while it was read"):
        leak_demonstrator.stored(tmp_path)
    assert leak_demonstrator.stored(tmp_path).created == "2026-02-01T00:00:00+00:00"
