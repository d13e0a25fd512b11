"""What a configuration could show before it is trained, by the stored table and the runs that the journal knows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.config import ExperimentConfig
from core.evaluation.power import table, words
from core.evaluation.power.planting import Lasting
from core.evaluation.power.table import Power
from core.judgement import tries, verdicts
from core.judgement.power import kept
from core.labelling.feasibility import ALL, Preview
from core.runs import sources

COLUMNS = ["auc", "found_day", "found_week", "n_worlds", "events_needed"]


@dataclass(frozen=True)
class Expected:
    """
    What the judged windows could show: the sentences, and a table with columns `COLUMNS`: a change that lifts the
    scores above a share `auc` of other times, the shares of cases in which it is found if it lasts the last day and the
    last week, of how many simulated worlds, and the fewest independent events in as many days with which both are
    found in 8 of 10 (NaN: none in the table). Empty outside the stored table.
    """

    sentences: list[str]
    table: pd.DataFrame


def expected(config: ExperimentConfig, preview: Preview, data_dir: Path) -> Expected:
    """
    What a run of a configuration could show, in well under a second.

    Parameters
    ----------
    config : ExperimentConfig
    preview : Preview
        Of it.
    data_dir : Path
        Whose journal knows the runs that scored the same stretch.

    Raises
    ------
    InputError
        If the journal was changed.
    """
    row = preview.judged_row
    if row["split"] == kept.VALIDATION:
        return Expected([words.CHOSEN_ON], pd.DataFrame(columns=COLUMNS))
    n_clusters, days = int(row["n_clusters"]), float(row["days"])
    counted = tries_before(config, row["start"], row["end"], list(preview.independent["station"]), data_dir)
    power = table.read(n_clusters, days, 1 + counted.n_runs) if days else None
    sentences = [words.sentence(power, n_clusters, words.AHEAD), words.source(power), counted.sentence]
    return Expected([sentence for sentence in sentences if sentence], shares(power))


@dataclass(frozen=True)
class Before:
    """
    The runs that an exploratory run of a config would have to pay for: n_scored known to have scored a day of its
    stretch at one of its stations, n_unplaced on the same data of which the journal does not know what they scored.
    """

    n_scored: int
    n_unplaced: int

    @property
    def n_runs(self) -> int:
        """Both."""
        return self.n_scored + self.n_unplaced

    @property
    def sentence(self) -> str:
        """What was counted; "" where there is nothing to pay for."""
        if not self.n_runs:
            return ""
        unplaced = (
            f", and {self.n_unplaced:,} of which the journal does not know what they scored" if self.n_unplaced else ""
        )
        return (
            f"Counted as tries beside it: {self.n_scored:,} run{'' if self.n_scored == 1 else 's'} that scored a day "
            f"of this stretch{unplaced}. A plan frozen before pays for other plans of the stretch alone."
        )


def tries_before(
    config: ExperimentConfig, start: pd.Timestamp, end: pd.Timestamp, stations: list[str], data_dir: Path
) -> Before:
    """
    What `tries.family` would count for a run of a config, by stations in common; an earlier run of it counts as well.

    Parameters
    ----------
    config : ExperimentConfig
    start, end : Timestamp
        Of the stretch that it would be judged by, NaT without one.
    stations : list of str
    data_dir : Path

    Raises
    ------
    InputError
        If the journal was changed.
    """
    if pd.isna(start):
        return Before(0, 0)
    data, synthetic = sources.data_key(config), config.data.source == "synthetic"
    record = tries.read(data_dir)
    scored = {
        scored.run_id
        for scored in record.tries
        if scored.synthetic == synthetic
        and (scored.data == data or not synthetic)
        and pd.Timestamp(scored.start) < end
        and start < pd.Timestamp(scored.end)
        and set(scored.stations) & (set(stations) - {ALL})
    }
    placed = {scored.run_id for scored in record.tries}
    unplaced = {
        run_id
        for run_id, (made_up, of_data) in record.trained.items()
        if run_id not in placed and made_up == synthetic and of_data in ("", data)
    }
    unplaced |= {
        line.run_id for line in verdicts.unnoted(data_dir) if line.synthetic == synthetic and line.data == data
    } - placed
    return Before(len(scored), len(unplaced))


def shares(power: Power | None) -> pd.DataFrame:
    """The table of `Expected`."""
    if power is None:
        return pd.DataFrame(columns=COLUMNS)
    return pd.DataFrame(
        {
            "auc": power.auc,
            "found_day": power.shares(Lasting.DAY),
            "found_week": power.shares(Lasting.WEEK),
            "n_worlds": power.n_worlds,
            "events_needed": [needed(auc, power.days, power.n_runs) for auc in power.auc],
        }
    )[COLUMNS]


def needed(auc: float, days: float, n_runs: int) -> float:
    """The fewest independent events in so many days with which a change is found in 8 of 10 cases; NaN: none."""
    for n_clusters in range(table.stored().n_clusters[0], table.stored().n_clusters[-1] + 1):
        power = table.read(n_clusters, days, n_runs)
        if power is None:
            return math.nan
        if min(table.at_auc(power, auc, lasting) for lasting in Lasting) >= table.FOUND_MOSTLY:
            return float(n_clusters)
    return math.nan
