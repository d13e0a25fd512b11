"""A run's own simulation: its scores, its catalogue turned, its gates and its family."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

from core import clock, files
from core.errors import InputError
from core.evaluation import alarm_series
from core.evaluation.chance import event_guard, skill
from core.evaluation.chance.event_guard import Guard
from core.evaluation.power import passing, planting, simulation
from core.evaluation.power.planting import Lasting
from core.evaluation.power.stretch import Stretch
from core.judgement import evidence, freeze, measurements, verdicts
from core.judgement.assessment import Assessment
from core.judgement.power import kept
from core.judgement.power.kept import OwnPower
from core.labelling import completeness, splits
from core.labelling.targets import station_events
from core.loading.record.source import Source
from core.progress import Progress
from core.runs.runs import Run

N_WORLDS = 100


def simulate(
    run: Run,
    assessed: Assessment,
    source: Source,
    data_dir: Path,
    n_worlds: int = N_WORLDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> OwnPower:
    """
    Simulate what a run could have seen, and keep it beside its assessment.

    Parameters
    ----------
    run : Run
    assessed : Assessment
    source : Source
        For the catalogue.
    data_dir : Path
    n_worlds, seed : int
    progress : Progress, optional

    Raises
    ------
    InputError
        If an older version judged the run, no target event lies in its judged stretch, or it was assessed anew
        meanwhile.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    document = assessed.document
    if document.findings is None or document.tried is None:
        raise InputError(
            f"Run {run.run_id} was judged by an older version of the program. Judge it anew with "
            f"`precursor assess {run.run_id}`."
        )
    findings, tried = document.findings, document.tried
    progress.stage("Reading the scores and the catalogue")
    knows_nothing = planting.normal(stretch(run, assessed, source))
    registration = freeze.registration(run, data_dir)

    def as_one_of_its_family(p: float) -> float:
        family = verdicts.family_of(run, dataclasses.replace(tried, p=p), findings, registration, data_dir)
        return 1.0 if family is None else family.p_family

    family = verdicts.family_of(run, tried, findings, registration, data_dir)
    p = simulation.worlds(
        lambda random: planting.turned(knows_nothing, random), range(n_worlds), (seed,), progress=progress
    )
    simulated = OwnPower(
        run_id=run.run_id,
        created=clock.stamp(),
        draws=tried.draws,
        seed=seed,
        n_worlds=n_worlds,
        n_runs=1 if family is None else family.n_runs,
        largest_p=passing.largest_p(as_one_of_its_family),
        lasting=tuple(Lasting),
        auc=simulation.AUCS,
        p=tuple(p.ravel().tolist()),
    )
    files.replace_json(kept.place(data_dir, run.run_id, tried.split), simulated.to_dict())
    return simulated


def stretch(run: Run, assessed: Assessment, source: Source) -> Stretch:
    """
    What a run was judged by, from its stored scan and the catalogue.

    Raises
    ------
    InputError
        If no target event, or no event with a magnitude, lies in its judged stretch.
    """
    scan, config = assessed.table("scan"), run.config
    scores = skill.on_one_axis(alarm_series.build(scan, config))
    events = station_events(config, source, list(scores.stations))
    targets = evidence.targets(config, events, scan)
    radius = measurements.radii_km(config, events)
    near = event_guard.disturbing(events, radius, -math.inf)
    complete = completeness.magnitude(near.drop_duplicates("event_id")["magnitude"])
    if not len(targets) or math.isnan(complete):
        raise InputError(
            f"Run {run.run_id} has no target event in its judged stretch, so nothing can be planted before one. Take "
            "a longer period, or wider rules of detectability."
        )
    return Stretch(
        scores=scores,
        targets=targets[["station", "origin_time", "cluster"]],
        events=near,
        guard=Guard(measurements.reach_minutes(config, scores.step_minutes)),
        radius_km=radius,
        completeness=complete,
        target_minimum=float(targets["magnitude"].min()),
        footprint_minutes=splits.footprint_minutes(config),
    )
