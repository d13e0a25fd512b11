"""
The story from end to end: a minute file goes in, a hit comes out.

The files are written from a synthetic world with a strong planted precursor,
in the formats of the field, and travel the way a user's files would: through
the command line into an empty archive, through a config into a run, and from
the run onto the confusion matrix.
"""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from core.cli import app
from core.evaluation.cells import Cells
from core.loading.archive.archive import Archive
from core.reporting.figures.run import confusion
from core.runs.runs import RunStore
from core.vocabulary import CELLS

CONFIG = """
description = "The story"
[data]
stations = ["DUR"]
catalogues = ["italy"]
[detectability]
law = "paper"
[windows]
length_minutes = 240
sampling = "event_aligned"
[labels]
quiet_margin_days = 0.25
storm_rule = "both"
storm_kp = 9
[split]
embargo_days = 0.25
[training]
epochs = 6
seed = 3
"""


def invoke(*arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result.output


def test_a_file_goes_in_and_a_hit_comes_out(published, data_folder, tmp_path):
    story = tmp_path / "story.toml"
    story.write_text(CONFIG, encoding="utf-8")
    invoke("ingest", published / "minutes")
    invoke("catalogue", published / "catalogue.csv", "--name", "italy", "--start", "2016-01-01", "--end", "2016-05-01")
    invoke("activity", published / "kp.csv")
    archive = Archive(data_folder / "archive")
    assert archive.stations() == ["DUR"]
    assert not archive.synthetic

    counts = json.loads(invoke("preview", story, "--json"))
    positives = sum(
        row["n"] for row in counts if row["table"] == "windows" and row["label"] == 1 and not row["rejected"]
    )
    assert positives > 60

    scores = json.loads(invoke("train", story, "--json"))
    (pooled,) = [row for row in scores if row["split"] == "test" and row["station"] == "all"]
    assert pooled["auc_low"] > 0.7, pooled
    assert pooled["accuracy"] > pooled["majority_share"]
    assert pooled["hits"] >= 1

    (run_id,) = RunStore(data_folder).ids()
    run = RunStore(data_folder).open(run_id)
    assert run.audit.ok and not run.synthetic and not run.status.dead
    hit = run.predictions.query("split == 'test' and label == 1 and probability >= 0.5").iloc[0]
    event = archive.events("italy").set_index("event_id").loc[hit["event_id"]]
    # The window ends before the origin time, and its last sample at least a minute before it.
    assert hit["end"] <= event["origin_time"]
    assert event["origin_time"] - hit["end"] < pd.Timedelta(minutes=1)

    figure = confusion.matrix(Cells(*(int(pooled[name]) for name in CELLS)))
    assert str(pooled["hits"]) in figure.to_json()

    # The same command again is the same run, untouched.
    before = (run.folder / "status.json").read_bytes()
    invoke("train", story)
    assert RunStore(data_folder).ids() == [run_id]
    assert (run.folder / "status.json").read_bytes() == before

    # A scan gives the same numbers as the evaluation for the same window.
    from core.forecasting import scan

    series = scan.scan(run, archive, "DUR", hit["start"], hit["end"], step_minutes=240)
    assert series["probability"].iloc[0] == pytest.approx(hit["probability"], abs=1e-6)

    # The site shows the run without a network, and nothing on it claims to be synthetic.
    invoke("site", data_folder / "out")
    page = next((data_folder / "out").rglob(f"*{run_id}*.html")).read_text(encoding="utf-8")
    assert run_id in page
    assert not np.any([f'src="{scheme}' in page for scheme in ("http://", "https://", "//")])
