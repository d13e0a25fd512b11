"""The Compare page shows a sweep: every run, its state, the figure with chance, and the sentence about the best."""

from __future__ import annotations

import json
import shutil

import pandas as pd
from streamlit.testing.v1 import AppTest
from test_pages import HOME, charts, go, words

from core import files
from core.experiments.sweep import FACTS


def test_a_sweep_is_shown_with_chance_and_what_the_best_of_many_means(full_folder, data_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    shutil.copytree(full_folder, data_folder, dirs_exist_ok=True)
    rows = [
        ["a-1", 0.01, "finished", "", 2.0, "test", 0.4, 0.2, 0.6, 0.7, 0.5, 0.5],
        ["a-2", 0.001, "finished", "", 2.0, "test", 0.6, 0.4, 0.8, 0.5, 0.5, 0.5],
        ["a-3", 0.0001, "failed", "This config yields no window.", *[None] * 8],
    ]
    table = pd.DataFrame(rows, columns=["run_id", "training.learning_rate", *FACTS])
    folder = data_folder / "sweeps" / "a-12345678"
    folder.mkdir(parents=True)
    table.to_csv(folder / "runs.csv", index=False)
    document = {"created": "2026-01-01T00:00:00+00:00", "varied": ["training.learning_rate"], "synthetic": True}
    files.replace_json(folder / "sweep.json", {**document, "plan": {}})
    app = AppTest.from_file(HOME, default_timeout=60).run()
    go(app, "compare.py")
    said = words(app)
    assert "a-12345678" in said and "Chance is an AUC of 0.5" in said
    assert "best of 2 runs means little" in said and "1 of 3 runs failed" in said
    figure = charts(app)[-1]
    assert "chance 0.50" in json.dumps(figure["data"]) and "SYNTHETIC DATA" in json.dumps(figure["layout"])
    assert "This config yields no window." in "\n".join(each.value.to_csv() for each in app.dataframe)
