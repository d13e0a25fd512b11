"""
A verdict: of a run over 15 years of hourly scores, and from stored tables beside a journal that holds 1,000 runs.

The runs have windows of an hour, all hours of 15 years judged, and probabilities that know nothing in the place of a
network (`scan.py` measures networks). The first rows are `assessment.assess`: cutting the scan, the null, all rivals,
the lead profile, foreshocks, clocks, every table and the verdict. The goal is that of one station; two have one rival
more, and twice the hours. The last rows are
`assessment.verdict_of` for a journal with that run alone (the peer) and with 999 other runs that scored the same
stretch, in a process that has written a verdict before. Seconds are those of the processor, in all threads.

Run: python benchmarks/verdict.py [--quick]
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rows
from scipy.stats import norm

from core import clock, files, typed_documents
from core import config as configs
from core.config import ExperimentConfig
from core.evaluation import scores, tested_runs
from core.evaluation.chance import turned_blocks
from core.judgement import assessment, tries
from core.labelling import dataset, splits
from core.labelling.audit import Audit
from core.labelling.window_set import WindowSet
from core.loading.record.source import Source
from core.runs import environment, run_documents, sources
from core.runs.environment import RunEnvironment
from core.runs.runs import PREDICTION_COLUMNS, Run, RunStore, with_clusters
from core.runs.status import Status
from core.training.scan_loop import Piece
from core.vocabulary import SPLITS

CONFIG = configs.from_dict(
    {
        "name": "verdict",
        "data": {"source": "synthetic", "stations": ["DUR", "IZN"]},
        "world": {"seed": 3, "start": "2001-01-01", "end": "2021-01-01", "shaking_nt": 20.0},
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": 60},
        "labels": {"horizon_days": 1 / 24, "class_ratio": "natural"},
        "split": {"validation_fraction": 0.05, "test_fraction": 0.75},
    }
)
QUICK = {"end": "2003-01-01"}
N_RUNS, QUICK_RUNS = 1000, 20
N_VERDICTS = 11


def untrained(config: ExperimentConfig, source: Source, store: RunStore) -> Run:
    """A run of a config whose probabilities come from no network."""
    table, _ = dataset.labelled(config, source)
    kept = table[(table["rejected"] == "") & table["split"].isin(SPLITS)]
    random = np.random.default_rng(1)
    predictions = kept.assign(probability=random.random(len(kept)))[list(PREDICTION_COLUMNS)]
    clustered = with_clusters(predictions, table)
    scored = scores.table(clustered, config.training.threshold, splits.footprint_minutes(config))
    surroundings = RunEnvironment.of(environment.describe(), sources.digests(config, source))
    moment = clock.stamp()
    status = Status(moment, 1.0, source.synthetic, config.data.source, "", False, "", moment)
    run_id = f"{config.name}-{config.id}"
    with store.writing(run_id) as folder:
        files.replace_json(folder / "config.json", config.as_dict())
        files.replace_json(folder / "audit.json", Audit(True, "No leak.", n_copied_hours=0).to_dict())
        files.replace_json(folder / "scaling.json", run_documents.write_scaling({}))
        files.replace_json(folder / "scores.json", run_documents.write_scores(scored))
        files.replace_json(folder / "environment.json", surroundings.to_dict())
        files.replace_table(folder / "windows.parquet", table)
        files.replace_table(folder / "predictions.parquet", predictions)
        files.replace_json(folder / "status.json", status.to_dict())
    return store.open(run_id)


def by_chance(cut: WindowSet, positions: np.ndarray, step_minutes: int) -> Iterator[Piece]:
    """Probabilities of a scan that come from no network."""
    yield positions, np.random.default_rng(len(positions)).random(len(positions))


def assessed(config: ExperimentConfig, data_dir: Path) -> tuple[Run, float]:
    """A run of a config, assessed, and how many seconds that took."""
    source = sources.open_source(config, data_dir)
    run = untrained(config, source, RunStore(data_dir))
    began = time.process_time()
    assessment.assess(run, source, data_dir, score=by_chance)
    return run, time.process_time() - began


def add_others(run: Run, n_others: int, data_dir: Path) -> None:
    """Other runs in the store, and in the journal as having scored the stretch of a run with scores of their own."""
    journal, random = tested_runs.journal(data_dir), np.random.default_rng(2)
    own = next(each for each in tries.read(data_dir).tries if each.run_id == run.run_id)
    for number in range(n_others):
        run_id = f"other-{number:08x}"
        draws, content = tries.packed(random.normal(size=turned_blocks.N_DRAWS).astype(np.float16))
        (data_dir / "tried" / f"{draws}.npy").write_bytes(content)
        folder = data_dir / "runs" / run_id
        folder.mkdir()
        (folder / "status.json").write_text("{}")  # a run that the journal knows is listed, not opened
        tested_runs.note(data_dir, tested_runs.of_training(run_id, "other", own.synthetic, 0.5, 0.4, 0.6, own.data))
        entry = typed_documents.write(dataclasses.replace(own, run_id=run_id, draws=draws), tries.VERSION)
        del entry["time"]
        journal.append({"kind": tries.SCORED, **entry})


def verdict_ms(run_id: str, data_dir: Path) -> float:
    """Milliseconds of one verdict, from the documents on disk."""
    began = time.process_time()
    run, made = RunStore(data_dir).open(run_id), assessment.open(data_dir, run_id)
    assert made is not None, "the run was assessed"
    assessment.verdict_of(run, made, data_dir)
    return 1000 * (time.process_time() - began)


def again_ms(run_id: str, data_dir: Path) -> float:
    """The same of a process that has written this verdict before; the median of several."""
    verdict_ms(run_id, data_dir)
    return statistics.median(verdict_ms(run_id, data_dir) for _ in range(N_VERDICTS))


def first_ms(run_id: str, data_dir: Path) -> float:
    """The same of a process that has read nothing yet; what it imports on the way is not counted."""
    command = [sys.executable, __file__, "--first", run_id, "--data", str(data_dir)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main(quick: bool) -> None:
    n_runs = QUICK_RUNS if quick else N_RUNS
    config = configs.replace(CONFIG, world=QUICK) if quick else CONFIG
    alone = configs.replace(config, data={"stations": config.data.stations[:1]})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in (config, alone):
            run, seconds = assessed(each, folder / each.id)
            made = assessment.open(folder / each.id, run.run_id)
            assert made is not None, "the run was assessed"
            n = len(each.data.stations)
            case = f"assess {n} station{'s' * (n > 1)}, {made.summary.n:,} judged hours"
            note = f"{len(run.predictions):,} windows, {made.summary.n_events} events"
            rows.say(case, seconds, goal="ours < 20" if n == 1 else "", note=note)
        home = folder / alone.id
        by_itself, first_by_itself = again_ms(run.run_id, home), first_ms(run.run_id, home)
        add_others(run, n_runs - 1, home)
        many, first = again_ms(run.run_id, home), first_ms(run.run_id, home)
    peer = "1 run in the journal"
    rows.say(f"verdict, {n_runs:,} runs", many, by_itself, by_itself / many, "ms", against=peer, goal="ours < 50")
    note = "each journal line and each file of another run is read and verified once in a process"
    case = f"the first verdict of a process, {n_runs:,} runs"
    rows.say(case, first, first_by_itself, first_by_itself / first, "ms", against=peer, note=note)


if __name__ == "__main__":
    parser = rows.parser(__doc__)
    parser.add_argument("--first", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.first:
        norm.isf(0.5)  # scipy is loaded, and so is the rest
        print(verdict_ms(options.first, options.data))
    else:
        main(options.quick)
