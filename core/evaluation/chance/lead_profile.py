"""
Lead profile: the skill of the scores that were in force some hours before the events, and some hours after them.

It describes when a score rises and falls, and is no gate. That "after must not exceed before" was tried as one: it
passed a catalogue that is twelve hours late, and stopped every true precursor at a sensor that earthquakes shake.
"""

from __future__ import annotations

import pandas as pd

from core.evaluation.chance import local_ranks, skill
from core.evaluation.chance.skill import Scores

LEADS_HOURS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 48.0)
COLUMNS = ["hours_before", "skill", "band_low", "band_high", "n_targets", "n_clusters"]


def table(scores: Scores, targets: pd.DataFrame) -> pd.DataFrame:
    """
    Skill and the band of chance, lead by lead.

    Parameters
    ----------
    scores : Scores
    targets : DataFrame
        station, origin_time, cluster.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, from 48 hours before the events to 48 after them (negative hours_before). skill: the mean
        local share of the scores in force then, 0.5 is chance; band: where the middle 95 % of all turned catalogues
        lie; n_targets and n_clusters: those that lie in admissible time then. Where none does, skill and band are NaN.
    """
    share = local_ranks.shares(scores.score, scores.step_minutes)
    rows = []
    for hours in [*reversed(LEADS_HOURS), *(-lead for lead in LEADS_HOURS[1:])]:
        earlier = targets.assign(origin_time=targets["origin_time"] - pd.Timedelta(hours=hours))
        outcome = skill.of_shares(scores, share, earlier)
        rows.append((hours, outcome.skill, *outcome.band, outcome.n_targets, outcome.n_clusters))
    return pd.DataFrame(rows, columns=COLUMNS)


def stands_out_from_hours(profile: pd.DataFrame) -> float:
    """
    From how many hours before the events on the skill lies above the band of chance, at every lead up to the events.

    Parameters
    ----------
    profile : DataFrame
        From `table`.

    Returns
    -------
    float
        One of `LEADS_HOURS`; NaN if it does not lie above it at the events themselves.
    """
    before = profile[profile["hours_before"] >= 0].sort_values("hours_before")
    above = (before["skill"] > before["band_high"]).cummin()
    return float(before.loc[above, "hours_before"].max())
