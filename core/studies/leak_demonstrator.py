"""
The leak demonstrator: the same data and the same model under three splits, in worlds without any precursor.

The field drifts by tens of nanotesla a year and earthquakes come in bursts. So windows of the burst have alike field
values and the same label, and a model that has seen some of them knows the others: a random split looks skilful.
Blocks of time, with purge and embargo, show chance. The splits and the audit are those of every run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock, documents, files
from core import config as configs
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.labelling import leakage, splits, windows
from core.labelling.audit import Audit
from core.progress import Progress
from core.runs import kept
from core.training import measures
from core.typed_documents import Count, Moment, Versioned

YEARS, DRIFT_NT_PER_YEAR, NOISE_NT = 14, 40.0, 10.0
N_POSITIVE, N_BURST = 119, 60
NEIGHBOURS, FOLDS = 5, 5
FIRST_MINUTE = 18_993_600 // 10_080 * 10_080  # a Thursday in 2006; only the length of the record matters
TABLES = ("summary", "worlds", "example")
METHODS = {
    "random": "windows dealt out at random, as in the paper",
    "grouped": "whole event clusters dealt out at random",
    "blocked": "blocks of time, with purge and embargo",
}
WEEK = configs.from_dict(
    {
        "name": "leak-demo",
        "data": {"stations": ["DUR"]},
        "windows": {"length_minutes": 7 * MINUTES_PER_DAY, "sampling": "grid"},
        "labels": {"horizon_days": 7.0, "class_ratio": "natural", "storm_rule": "none"},
        "split": {"embargo_days": 7.0},
    }
)


@dataclass(frozen=True)
class Making(Versioned):
    """leak_demo.json: when the demonstration was made (ISO, UTC), of how many worlds, drawn with which seed."""

    created: Moment
    n_worlds: Count = 0
    seed: int = 0

    VERSION = 1
    CALLED = "The leak demonstration"


@dataclass(frozen=True)
class Demonstration:
    """
    summary: method, words, auc (mean over worlds), auc_low, auc_high (middle 95 % of worlds), n_worlds, leaking_share
    (of the first world's test windows: those that share minutes or a cluster with training), audit_ok, audit.
    worlds: method, world, auc. example: start, value_nt, label, cluster and one column per method with the split of the
    last fold, of the first world.
    """

    summary: pd.DataFrame
    worlds: pd.DataFrame
    example: pd.DataFrame
    created: str


def make(data_dir: Path, n_worlds: int = 100, seed: int = 0, progress: Progress | None = None) -> Demonstration:
    """
    Draw worlds, judge a nearest-neighbour model under each split, and keep the tables in `data/leak_demo/`.

    Parameters
    ----------
    data_dir : Path
    n_worlds : int
    seed : int
    progress : Progress, optional

    Raises
    ------
    OtherVersion
        If the folder holds one that a newer version of the program made.
    """
    progress = progress or Progress()
    Making.refuse_newer(data_dir / "leak_demo" / "leak_demo.json")
    rows, example = [], pd.DataFrame()
    audits: dict[str, Audit] = {}
    for number in range(n_worlds):
        progress.stage("Judging worlds without a precursor", number, n_worlds)
        table, value = world(np.random.default_rng([seed, number]))
        for method in METHODS:
            folds = [splits.assign(table, config) for config in configurations(method, number)]
            areas = [judge(fold, value) for fold in folds]
            rows.append({"method": method, "world": number, "auc": float(np.nanmean(areas))})
            if number == 0:
                audits[method] = leakage.check(folds[-1], method)
                example[method] = folds[-1]["split"]
        if number == 0:
            example = table[["start", "label", "cluster"]].assign(value_nt=value).join(example)
    worlds = pd.DataFrame(rows, columns=["method", "world", "auc"])
    demonstration = Demonstration(_summary(worlds, audits), worlds, example, clock.stamp())
    folder = data_dir / "leak_demo"
    files.make_folder(folder)
    (folder / "leak_demo.json").unlink(missing_ok=True)
    for name in TABLES:
        files.replace_table(folder / f"{name}.parquet", getattr(demonstration, name))
    files.replace_json(folder / "leak_demo.json", Making(demonstration.created, n_worlds, seed).to_dict())
    return demonstration


def stored(data_dir: Path) -> Demonstration | None:
    """
    The demonstration of this data folder, or None if it was not made.

    Raises
    ------
    InputError
        If a file of it is missing or damaged, or a newer version of the program made it.
    """
    folder = data_dir / "leak_demo"
    path, how = folder / "leak_demo.json", (Making.CALLED, kept.made_by("leak-demo"))
    if not path.exists():
        return None
    content = kept.read(path, documents.read_json, *how)
    making = kept.read(path, lambda _: Making.from_dict(content), *how)
    summary, worlds, example = (kept.read(folder / f"{name}.parquet", files.read_table, *how) for name in TABLES)
    kept.same(path, content, Making.CALLED)
    return Demonstration(summary, worlds, example, making.created)


def world(random: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """
    Weekly windows over 14 years, and the mean field of each: drift and noise, nothing else.

    119 weeks are followed by an event, half of them in one unbroken burst.

    Returns
    -------
    table : DataFrame
        A windows table with labels, footprints and clusters.
    value_nt : ndarray, shape (n_windows,)
    """
    length = WEEK.windows.length_minutes
    n = YEARS * 365 * MINUTES_PER_DAY // length
    table = windows.frame("DUR", FIRST_MINUTE + length * np.arange(n), length)
    positive = np.zeros(n, dtype=bool)
    first = random.integers(0, n - N_BURST)
    positive[first : first + N_BURST] = True
    positive[random.choice(np.flatnonzero(~positive), N_POSITIVE - N_BURST, replace=False)] = True
    identifier = np.where(positive, [f"event-{i}" for i in range(n)], "")
    table = table.assign(
        label=positive.astype(np.int8),
        event_id=pd.array(identifier, dtype="str"),
        footprint_end=table["end"] + pd.Timedelta(days=WEEK.labels.horizon_days),
    )
    events = pd.DataFrame(
        {
            "station": "DUR",
            "event_id": identifier[positive],
            "origin_time": table["end"][positive] + pd.Timedelta(days=3.5),
            "target": True,
        }
    )
    years = length * np.arange(n) / (365.25 * MINUTES_PER_DAY)
    value = DRIFT_NT_PER_YEAR * years + NOISE_NT * random.normal(size=n)
    return splits.clusters(table, events, WEEK), value


def configurations(method: str, seed: int) -> list[ExperimentConfig]:
    """The splits of one world: five blocks of time in turn, or five random ones."""
    if method == "blocked":
        return [configs.replace(WEEK, split={"n_blocks": FOLDS, "test_block": k}) for k in range(FOLDS)]
    return [configs.replace(WEEK, split={"method": method, "seed": FOLDS * seed + k}) for k in range(FOLDS)]


def judge(table: pd.DataFrame, value_nt: np.ndarray) -> float:
    """AUC of the nearest-neighbour model on the test windows of one split; NaN without both classes."""
    label, split = table["label"].to_numpy(), table["split"].to_numpy(dtype=object)
    train, test = np.isin(split, ("train", "validation")), split == "test"
    return measures.auc(label[test], neighbours(value_nt[train], label[train], value_nt[test]))


def neighbours(known: np.ndarray, label: np.ndarray, asked: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """
    The share of label 1 among the k nearest known values, shape (n_asked,).

    >>> neighbours(np.array([0.0, 1.0, 9.0]), np.array([1, 1, 0]), np.array([0.4, 8.0]), k=2).tolist()
    [1.0, 0.5]
    """
    nearest = np.argpartition(np.abs(asked[:, None] - known[None, :]), k - 1, axis=1)[:, :k]
    return np.asarray(label[nearest].mean(axis=1))


def _summary(worlds: pd.DataFrame, audits: dict[str, Audit]) -> pd.DataFrame:
    rows = []
    for method, words in METHODS.items():
        auc, found = worlds.loc[worlds["method"] == method, "auc"], audits[method]
        low, high = auc.quantile([0.025, 0.975])
        rows.append(
            {
                "method": method,
                "words": words,
                "auc": auc.mean(),
                "auc_low": low,
                "auc_high": high,
                "n_worlds": len(auc),
                "leaking_share": found.n_leaking["test"] / max(1, found.n_windows["test"]),
                "audit_ok": found.ok,
                "audit": found.sentence,
            }
        )
    return pd.DataFrame(rows)
