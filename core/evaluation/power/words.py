"""What a stretch of time could show, in one sentence that needs no statistics."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.evaluation import exact
from core.evaluation.chance.event_guard import FEWEST_CLUSTERS
from core.evaluation.power import table
from core.evaluation.power.planting import Lasting
from core.evaluation.power.table import Power

FOR = {Lasting.DAY: "the last day", Lasting.WEEK: "the last week"}
CHOSEN_ON = "Judged by the windows on which the network was chosen, a run can be no candidate, whatever it shows."


@dataclass(frozen=True)
class Tense:
    """The words of a sentence about a run that is there, or about one that is not trained yet."""

    run: str
    finds: str
    is_found: str
    misses: str
    could: str


DONE = Tense("A run like this", "would have found", "would have been found", "would mostly have been missed", "could")
AHEAD = Tense("Such a run", "would find", "would be found", "would mostly be missed", "can")


def sentence(power: Power | None, n_clusters: int, tense: Tense) -> str:
    """
    How large a change has to be.

    Parameters
    ----------
    power : Power or None
        None where the stored table does not reach.
    n_clusters : int
        Independent earthquakes.
    tense : Tense

    Examples
    --------
    >>> sentence(Power(24, 365, 1, (0.55, 0.8), (0.1, 0.8), (0.1, 0.9), 100), 24, DONE)[:88]
    "A run like this would have found a change that lifts the network's number above 80 % of "
    """
    if n_clusters < FEWEST_CLUSTERS:
        few = f"only {n_clusters} independent earthquake{'' if n_clusters == 1 else 's'}" if n_clusters else "none"
        return (
            f"However large a change is, it {tense.could} not be told from foreshocks with fewer than "
            f"{FEWEST_CLUSTERS} independent earthquakes, and there {'is' if n_clusters < 2 else 'are'} {few}."
        )
    if power is None:
        return outside()
    smallest = {lasting: power.smallest_auc(lasting) for lasting in Lasting}
    seen = [lasting for lasting in Lasting if not math.isnan(smallest[lasting])]
    if not seen:
        return _hardly(power, tense)
    if len(seen) == 1:
        return _one_of_two(power, seen[0], smallest[seen[0]], tense)
    return (
        f"{tense.run} {tense.finds} a change that lifts the network's number above "
        f"{_percent(max(smallest.values()))} of other times, in the last day before an earthquake or the whole last "
        f"week, in {_of_ten(table.FOUND_MOSTLY)} cases; weaker ones {tense.misses}."
    )


def outside() -> str:
    """That the stored table does not reach, and how far it does."""
    document = table.stored()
    return (
        f"How large a change it takes is outside the table of simulations, which holds {document.n_clusters[0]} to "
        f"{document.n_clusters[-1]} independent earthquakes, {document.days[0]} to {document.days[-1]:,} days and up "
        f"to {document.n_runs[-1]} runs; a run's own simulation can tell."
    )


def source(power: Power | None) -> str:
    """Where the number comes from; "" where there is none."""
    if power is None or power.n_clusters < FEWEST_CLUSTERS:
        return ""
    what = (
        "with the scores and the catalogue of this run"
        if power.simulated
        else "with made-up scores and catalogues, ten smaller earthquakes near for each one that counts"
    )
    return (
        f"Simulated through the gates of chance, foreshocks and confounders {what}: {power.n_worlds} worlds a case, "
        f"{power.n_clusters} independent earthquakes in {power.days:,.0f} days, {power.n_runs} "
        f"run{'' if power.n_runs == 1 else 's'}. The gate of specificity is not in it: where it can be asked, somewhat "
        f"fewer pass. {_certainty(power)}"
    )


def _certainty(power: Power) -> str:
    """Between which true shares the one that the sentence names lies: it was counted in a number of worlds."""
    smallest = [power.smallest_auc(lasting) for lasting in Lasting]
    share = table.FOUND_MOSTLY
    if all(math.isnan(auc) for auc in smallest):
        share = max(float(power.shares(lasting).max()) for lasting in Lasting)
    low, high = exact.interval(round(share * power.n_worlds), power.n_worlds)
    return (
        f"So many worlds tell {100 * share:.0f} % from less than {100 * low:.0f} % and from more than {100 * high:.0f} "
        "% (95 % certainty)."
    )


def _one_of_two(power: Power, seen: Lasting, auc: float, tense: Tense) -> str:
    other = next(lasting for lasting in Lasting if lasting != seen)
    best = float(power.shares(other).max())
    return (
        f"{tense.run} {tense.finds} a change in {FOR[seen]} before an earthquake that lifts the network's number above "
        f"{_percent(auc)} of other times in {_of_ten(table.FOUND_MOSTLY)} cases, but one in {FOR[other]}, however "
        f"large, in {_of_ten(best)} at most."
    )


def _hardly(power: Power, tense: Tense) -> str:
    best = max(float(power.shares(lasting).max()) for lasting in Lasting)
    return (
        f"Even a change that lifts the network's number above {_percent(power.auc[-1])} of other times before "
        f"earthquakes {tense.is_found} in {_of_ten(best)} cases at most; weaker ones {tense.misses}."
    )


def _percent(auc: float) -> str:
    return f"{math.ceil(100 * auc - 1e-9)} %"


def _of_ten(share: float) -> str:
    """
    A share as so many of ten, rounded down.

    >>> _of_ten(0.8), _of_ten(0.04)
    ('8 of 10', 'fewer than 1 of 10')
    """
    tenths = math.floor(10 * share + 1e-9)
    return f"{tenths} of 10" if tenths else "fewer than 1 of 10"
