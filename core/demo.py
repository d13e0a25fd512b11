"""
The demo: a synthetic world and finished work on it, so that every page has content.

It runs on a fresh machine without a network. Everything it makes is marked
synthetic. The worlds hold no precursor except one that is planted on purpose,
so that a visitor sees both answers the instrument can give.
"""

from __future__ import annotations

from pathlib import Path

from core import config as configs
from core.config import ROOT
from core.experiments import assessment, leak_demonstrator, learning_curves, null_gallery, pipeline
from core.experiments.progress import Progress
from core.experiments.runs import RunStore
from core.experiments.sources import open_source
from core.forecasting import scan, update

EXPERIMENTS = ("demo-honest", "demo-paper", "demo-planted")
CURVE_FRACTIONS = [0.25, 0.5, 1.0]
CURVE_REPEATS = 2
SCAN_DAYS = 120
LEAK_WORLDS = 40


def make(data_dir: Path, progress: Progress | None = None) -> list[str]:
    """
    Make the demo's worlds, runs, learning curve, scan and forecasts; what is there already is kept.

    Returns
    -------
    list of str
        One sentence per thing made.
    """
    import pandas as pd

    progress = progress or Progress()
    store = RunStore(data_dir)
    sentences = []
    for name in EXPERIMENTS:
        config = configs.load(ROOT / "data" / "experiments" / f"{name}.toml")
        source = open_source(config, data_dir, progress)
        run = pipeline.run(config, source, store, progress)
        sentences.append(f"Run {run.run_id} (synthetic).")
        sentences += assessment.ensure(run, source, data_dir, progress)
        if name == EXPERIMENTS[0]:
            honest, world = run, source
    station = honest.config.data.stations[0]
    end = world.period(station)[1]  # type: ignore[index]
    series = scan.scan(honest, world, station, end - pd.Timedelta(days=SCAN_DAYS), end, 360, progress)
    scan.save(series, data_dir, honest.run_id, station)
    sentences.append(f"Scan of {station} over {SCAN_DAYS} days (synthetic).")
    learning_curves.make(honest.config, world, data_dir, CURVE_FRACTIONS, CURVE_REPEATS, progress)
    sentences.append("Learning curve (synthetic).")
    leak_demonstrator.make(data_dir, LEAK_WORLDS, progress=progress)
    sentences.append(f"Leak demonstration in {LEAK_WORLDS} worlds (synthetic).")
    found = assessment.open(data_dir, honest.run_id)
    if found is not None:
        null_gallery.make(honest, found, data_dir)
        sentences.append("Gallery of catalogues without meaning (synthetic).")
    done = update.update(honest, data_dir, progress=progress)
    sentences.append(f"{done.n_forecasts} forecasts in the ledger (synthetic).")
    return sentences
