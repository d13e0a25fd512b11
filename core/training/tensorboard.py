"""
The history of a training as event files that TensorBoard reads.

They are written through `tf.summary.write`, which needs nothing but TensorFlow; only looking at them takes the
package tensorboard (the extra of that name).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.training import network

CURVES = ("loss", "accuracy", "auc")  # of the training rows, and beside them of the validation rows
OTHERS = ("active_units", "output_sd", "seconds")
PATTERN = "events.out.tfevents.*"


def write(history: pd.DataFrame, text: str, folder: Path) -> list[Path]:
    """
    Write a history in the layout of keras: `folder/train` and `folder/validation`, the same names in both.

    Event files that stand there from an earlier export are replaced.

    Parameters
    ----------
    history : DataFrame
        Columns `loop.HISTORY_COLUMNS`, one row per epoch; the epoch is the step. NaN is left out.
    text : str
        Shown under "configuration".
    folder : Path
        Made if absent.

    Returns
    -------
    list of Path
        The files.
    """
    network.load_keras()  # the door that keeps TensorFlow from talking
    import tensorflow as tf

    parts = {
        "train": {name: name for name in (*CURVES, *OTHERS)},
        "validation": {name: f"validation_{name}" for name in CURVES},
    }
    scalar, words = tf.compat.v1.SummaryMetadata(), tf.compat.v1.SummaryMetadata()
    scalar.plugin_data.plugin_name, words.plugin_data.plugin_name = "scalars", "text"
    for part, columns in parts.items():
        here = folder / part
        here.mkdir(parents=True, exist_ok=True)
        for old in here.glob(PATTERN):
            old.unlink()
        writer = tf.summary.create_file_writer(str(here))
        with writer.as_default():
            if part == "train":
                shown = "\n".join(f"    {line}" for line in text.splitlines())  # indented: Markdown's way to say code
                tf.summary.write("configuration", tf.constant([shown]), step=0, metadata=words)
            for row in history.to_dict("records"):
                for name, column in columns.items():
                    if pd.notna(row[column]):
                        value = tf.constant(float(row[column]), dtype=tf.float32)
                        tf.summary.write(name, value, step=int(row["epoch"]), metadata=scalar)
        writer.close()
    return sorted(folder.glob(f"*/{PATTERN}"))
