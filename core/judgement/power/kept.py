"""
The run's own simulation as it is kept, and the sentence of a verdict on what the run could have seen.

`power.json` beside the assessment holds the p of every planted change. So what the run could have seen under more
tries than there were when it was simulated is known without simulating anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import documents, files
from core.evaluation.power import passing, table, words
from core.evaluation.power.planting import Lasting
from core.evaluation.power.table import Power
from core.judgement.findings import Findings
from core.judgement.journals.family import Family
from core.labelling.splits import FINAL
from core.runs import kept
from core.typed_documents import Count, Moment, Share, Versioned

VALIDATION = "validation"


@dataclass(frozen=True)
class OwnPower(Versioned):
    """
    power.json. created: ISO time, UTC. draws: SHA-256 of the normal scores of the try that was simulated (`tries.Try`);
    another try makes it out of date. n_runs, largest_p: of the family then, and the largest p that passed in it.
    p: of the planted changes, flat, in the order world, lasting, auc, the last changing fastest; 1 = stopped by a gate.
    """

    run_id: str
    created: Moment
    draws: str
    seed: int
    n_worlds: Count
    n_runs: Count
    largest_p: Share
    lasting: tuple[Lasting, ...]
    auc: tuple[Share, ...]
    p: tuple[Share, ...]

    VERSION = 1
    CALLED = "The simulated power of run {}"

    def __post_init__(self) -> None:
        if len(self.p) != self.n_worlds * len(self.lasting) * len(self.auc) or not self.n_worlds:
            raise ValueError("p must hold one number for each world and planted change")

    def power(self, n_clusters: int, days: float, n_runs: int) -> Power:
        """
        What the run could have seen as one of so many.

        As many as when it was simulated: with the family that it had, in which runs may resemble each other. Else as if
        all were independent, which is too hard rather than too easy.
        """
        p = np.array(self.p).reshape(self.n_worlds, len(self.lasting), len(self.auc))
        if n_runs == self.n_runs:
            largest = self.largest_p
        else:
            largest = passing.largest_p(lambda alone: passing.of_independent_runs(alone, n_runs))
        share = (p <= largest).mean(axis=0)
        day, week = (tuple(share[self.lasting.index(lasting)].tolist()) for lasting in Lasting)
        return Power(n_clusters, days, n_runs, self.auc, day, week, self.n_worlds, simulated=True)


def place(data_dir: Path, run_id: str, split: str) -> Path:
    """
    Where the simulation of a run is kept: beside the assessment of the judged split.

    Raises InputError if the id is no plain file name.
    """
    folder = files.child(data_dir / "assessments", run_id, "The id of a run")
    return (folder / FINAL if split == FINAL else folder) / "power.json"


def read(data_dir: Path, run_id: str, split: str) -> OwnPower | None:
    """
    The simulation of a run on its judged split; None if it was not made.

    Raises
    ------
    InputError
        If it is damaged.
    """
    path = place(data_dir, run_id, split)
    if not path.exists():
        return None

    def own(at: Path) -> OwnPower:
        return OwnPower.from_dict(documents.read_json(at), run_id)

    return kept.read(path, own, OwnPower.CALLED.format(run_id), kept.made_by(f"power {run_id}"))


def of(findings: Findings, family: Family, draws: str, data_dir: Path) -> Power | None:
    """The power of a run: its own if it was simulated for this very try, else by the table; None outside of it."""
    primary = findings.primary
    simulated = read(data_dir, family.run_id, primary.split)
    if simulated is not None and simulated.draws == draws:
        return simulated.power(primary.n_clusters, primary.days, family.n_runs)
    return table.read(primary.n_clusters, primary.days, family.n_runs)


def could_have_seen(findings: Findings, family: Family | None, draws: str, data_dir: Path) -> str:
    """
    The sentence of a verdict.

    Parameters
    ----------
    findings : Findings
    family : Family or None
        None without a target event.
    draws : str
        Of the try that the findings are made of.
    data_dir : Path
    """
    if findings.primary.split == VALIDATION:
        return words.CHOSEN_ON
    power = of(findings, family, draws, data_dir) if family is not None else None
    return words.sentence(power, findings.primary.n_clusters, words.DONE)
