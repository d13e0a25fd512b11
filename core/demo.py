"""
The demo: synthetic worlds and finished work on them, so that every page but The paper has content.

It runs on a fresh machine without a network. Everything it makes is marked
synthetic. The worlds hold no precursor except one that is planted on purpose,
so that a visitor sees both answers the instrument can give. On its windows two
networks are trained, so that there is a pair to compare.

The planted run shows how a finding is made: its plan is frozen before any network
is trained, and its final block, more than three calendar blocks of 91 days, is
opened afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core import config_file, shipped
from core.config import ExperimentConfig
from core.forecasting import scan, update
from core.judgement import assessment, explanation, final_block, final_opening, freeze, null_gallery
from core.judgement.final_block import BlockState
from core.judgement.freeze import RegistrationState
from core.loading.archive.archive import Archive
from core.progress import Progress
from core.runs import pipeline
from core.runs.runs import Run, RunStore
from core.runs.sources import open_source
from core.studies import leak_demonstrator, learning_curves
from core.training import attribution

EXPERIMENTS = ("demo-honest", "demo-paper", "demo-planted")
SMALL = "demo-small"
CURVE_FRACTIONS = [0.25, 0.5, 1.0]
CURVE_REPEATS = 2
SCAN_DAYS = 120
LEAK_WORLDS = 40
EXPLAINED = explanation.Options(attribution.Options("occlusion"))  # the method that any backend computes


def configurations() -> list[ExperimentConfig]:
    """
    The demo's configurations, in the order in which they become runs.

    The small network comes before the planted run, which is then the newest and opens on the pages.
    """
    folder = shipped.folder() / "experiments"
    honest, paper, planted = (config_file.load(folder / f"{name}.toml") for name in EXPERIMENTS)
    words = "The planted precursor again, seen by a network with 24 times fewer parameters: it takes the mean over time"
    small = replace(planted, name=SMALL, description=words, network=replace(planted.network, head="average"))
    return [honest, paper, small, planted]


def make(data_dir: Path, progress: Progress | None = None) -> list[str]:
    """
    Make the demo's worlds, runs, learning curve, scan, forecasts and explanation; what is there already is kept.

    Returns
    -------
    list of str
        One sentence per thing made.
    """
    import pandas as pd

    progress = progress or Progress()
    pairs, sentences = _judged(configurations(), data_dir, progress)
    (honest, world), *_, (planted, changed) = pairs
    station = honest.config.data.stations[0]
    end = world.period(station)[1]  # type: ignore[index]  # a world has a period for its own stations
    series = scan.scan(honest, world, station, end - pd.Timedelta(days=SCAN_DAYS), end, 360, progress)
    scan.save(series, data_dir, honest.run_id, station)
    sentences.append(f"Scan of {station} over {SCAN_DAYS} days (synthetic).")
    learning_curves.make(honest.config, world, data_dir, CURVE_FRACTIONS, CURVE_REPEATS, progress)
    sentences.append("Learning curve (synthetic).")
    leak_demonstrator.make(data_dir, LEAK_WORLDS, progress=progress)
    sentences.append(f"Leak demonstration in {LEAK_WORLDS} worlds (synthetic).")
    for run in (honest, planted):
        found = assessment.open(data_dir, run.run_id)
        if found is not None:
            null_gallery.make(run, found, data_dir)
            sentences.append(f"Gallery of catalogues without meaning beside that of {run.run_id} (synthetic).")
    done = update.update(honest, data_dir, progress=progress)
    sentences.append(f"{done.n_forecasts} forecasts in the ledger (synthetic).")
    if not explanation.stored(data_dir, planted.run_id):
        explanation.explain(planted, changed, data_dir, EXPLAINED, progress)
    sentences.append(f"Explanation of {planted.run_id} (synthetic).")
    return sentences


def make_both_answers(data_dir: Path, progress: Progress | None = None) -> list[str]:
    """
    Make only the two worlds, with and without a precursor, and a judged run in each; what is there already is kept.

    Both answers that the instrument can give, in half a minute of processor time. Returns what `make` does.
    """
    honest, *_, planted = configurations()
    return _judged([honest, planted], data_dir, progress or Progress())[1]


def _judged(
    chosen: list[ExperimentConfig], data_dir: Path, progress: Progress
) -> tuple[list[tuple[Run, Archive]], list[str]]:
    """
    A judged run of each config, with its source, and a sentence per thing made; the plan of the last one is frozen
    before anything is trained, and its final block is opened.
    """
    progress.stage("Writing down the plan of the planted run, before anything is trained")
    freeze.freeze(chosen[-1], open_source(chosen[-1], data_dir, progress), data_dir)
    pairs, sentences = list[tuple[Run, Archive]](), list[str]()
    for config in chosen:
        source = open_source(config, data_dir, progress)
        run = pipeline.run(config, source, RunStore(data_dir), progress)
        if config is chosen[-1]:
            final_opening.open_final(run, source, data_dir, progress)
        sentences.append(f"Run {run.run_id} (synthetic).")
        sentences += assessment.ensure(run, source, data_dir, progress)
        pairs.append((run, source))
    planted = pairs[-1][0]
    return pairs, [_planned(planted, data_dir), *sentences, _opened(planted, data_dir)]


def _planned(run: Run, data_dir: Path) -> str:
    """That the plan of a run was there first, and why that matters; in a folder with older runs it may not be so."""
    registration = freeze.registration(run, data_dir)
    if registration.state != RegistrationState.PRE_REGISTERED:
        return f"{registration.words.rstrip('.')} (synthetic)."
    return (
        f"The plan {registration.frozen_id} was written down before its data were looked at, so that nobody could "
        "choose the question by the answer (synthetic)."
    )


def _opened(run: Run, data_dir: Path) -> str:
    """What came out when the final block of a run was opened, and why it was kept closed."""
    block = final_block.said(run, data_dir)
    if block.state != BlockState.OPENED:
        return f"{block.words.rstrip('.')} (synthetic)."
    return (
        f"Its last months were kept closed until the network of {run.run_id} was trained, and are opened once, so that "
        f"nothing could be fitted to them. {block.words.rstrip('.')}; chance is 0.5 (synthetic)."
    )
