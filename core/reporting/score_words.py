"""Beside the scores of a run: where chance lies, which rivals are ahead, and what its information gain is made of."""

from __future__ import annotations

import math

import pandas as pd

from core.evaluation.rivals import scorecard
from core.judgement.findings import Primary
from core.judgement.summary import Summary

NEAR_HALF = 0.01
MOST_NAMED = 3
WEEK_DAYS = 7


def middle_of_chance(chance: pd.DataFrame) -> float:
    """
    The mean skill of all turns of the catalogue; NaN without one.

    Parameters
    ----------
    chance : DataFrame
        skill and share of all movements, the table `chance` of an assessment.
    """
    total = float(chance["share"].sum())
    return float((chance["skill"] * chance["share"]).sum()) / total if total > 0 else math.nan


def where_chance_lies(chance: pd.DataFrame, primary: Primary) -> str:
    """Where the hill of chance has its middle and, if that is not a half, why, in a sentence; "" without a hill."""
    middle = middle_of_chance(chance)
    if math.isnan(middle):
        return ""
    if abs(middle - 0.5) < NEAR_HALF:
        return f"For this catalogue chance lies at {middle:.2f}: the middle of the grey hill."
    kept, turned = ("its hour", "whole days")
    if primary.whole_days >= WEEK_DAYS:
        kept, turned = ("its hour and its day of the week", "whole weeks")
    above = "above" if middle > 0.5 else "below"
    return (
        f"For this catalogue chance lies at {middle:.2f}, the middle of the grey hill, and not at 0.50: turned by "
        f"{turned} each earthquake keeps {kept}, and at those the scores lie {above} the average of all times, "
        "whatever the earthquakes do. The p counts against the hill."
    )


def rivals_ahead(card: pd.DataFrame) -> str:
    """
    Which models that know less have a higher AUC than the network, in a sentence; "" if none has.

    Parameters
    ----------
    card : DataFrame
        The table `scorecard` of an assessment.
    """
    network = float(card.loc[card["model"] == scorecard.NETWORK, "auc"].iloc[0])
    ahead = card[(card["auc"] > network) & ~card["model"].isin([scorecard.NETWORK, scorecard.BEST])]
    if ahead.empty:
        return ""
    ahead = ahead.sort_values("auc", ascending=False)
    named = [f"{words} ({auc:.2f})" for words, auc in zip(ahead["words"], ahead["auc"], strict=True)]
    more = f"; and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"Ahead of the network (AUC {network:.2f}): {'; '.join(named[:MOST_NAMED])}{more}."


def information_gain(summary: Summary) -> str:
    """What the information gain of a run is made of, in two sentences; "" where there is none."""
    gain, n = summary.information_gain, summary.n_events_forecast
    if gain is None or not n or summary.expected is None or summary.expected_climatology is None:
        return ""
    cost = (summary.expected - summary.expected_climatology) / n
    against = f"costs {cost:.1f}" if cost > 0 else f"earns {-cost:.1f}"
    side = "Below 0 it does worse than that rate. " if gain < 0 else ""
    return (
        "Information gain holds the forecast of rates, in nats per event, against the mean rate of the training "
        f"period. {side}Here it expected {summary.expected:,.0f} events where that rate expected "
        f"{summary.expected_climatology:,.0f}, and {n:,} came, which {against} an event; its rates at the events "
        f"themselves add {gain + cost:+.1f}."
    )
