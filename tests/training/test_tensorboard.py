"""A history as event files: what TensorBoard reads back is what was trained."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.runs.runs import RunStore
from core.training import tensorboard
from core.training.loop import HISTORY_COLUMNS


def read(folder):
    """(name, step) -> value of every event, by TensorFlow's own reader, which checks the sums of each record."""
    import tensorflow as tf

    found = {}
    for path in folder.glob("events.out.tfevents.*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                assert (value.tag, event.step) not in found
                found[value.tag, event.step] = (tf.make_ndarray(value.tensor), value.metadata.plugin_data.plugin_name)
    return found


@pytest.fixture
def history():
    table = pd.DataFrame(np.arange(20.0).reshape(2, 10) / 8, columns=HISTORY_COLUMNS).assign(epoch=[1, 2])
    table.loc[0, "validation_auc"] = np.nan
    return table


def test_every_number_of_the_history_is_read_back(history, tmp_path):
    tensorboard.write(history, 'name = "small"', tmp_path)
    train, validation = read(tmp_path / "train"), read(tmp_path / "validation")
    for row in history.to_dict("records"):
        for name in ("loss", "accuracy", "auc", "active_units", "output_sd", "seconds"):
            assert train[name, row["epoch"]] == (np.float32(row[name]), "scalars")
        for name in ("loss", "accuracy"):
            assert validation[name, row["epoch"]] == (np.float32(row[f"validation_{name}"]), "scalars")
    assert ("auc", 1) not in validation and ("auc", 2) in validation
    assert 'name = "small"' in train["configuration", 0][0][0].decode()


def test_a_second_export_replaces_the_first(history, tmp_path):
    assert len(tensorboard.write(history, "", tmp_path)) == 2
    assert len(tensorboard.write(history[:1], "", tmp_path)) == 2
    assert {step for name, step in read(tmp_path / "train") if name == "loss"} == {1}


def test_the_verb_writes_a_folder_per_run(full_folder, tmp_path, monkeypatch, capsys):
    run = RunStore(full_folder).open(RunStore(full_folder).ids()[0])

    def call(*arguments):
        monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
        monkeypatch.setattr(sys, "argv", ["precursor", "export", run.run_id, *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    code, out, _ = call("--tensorboard", tmp_path, "--json")
    assert code == 0 and len(json.loads(out)) == 2
    assert read(tmp_path / run.run_id / "train")["loss", 1][0] == np.float32(run.history["loss"].iloc[0])
    (tmp_path / "file").write_text("")
    code, out, err = call("--tensorboard", tmp_path / "file")
    assert code == 2 and "Error" in err and "Traceback" not in err
