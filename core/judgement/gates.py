"""The gates: what a run must pass, each of them, before it may be said to detect anything."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import pandas as pd

from core.caveats import CaveatKind, as_text
from core.evaluation import resolution, significance
from core.evaluation.multiple_testing import MultipleTesting
from core.evaluation.resolution import Resolution
from core.judgement.summary import Summary
from core.labelling.audit import Audit
from core.runs.status import Status


class GateName(enum.StrEnum):
    """The gates in the order in which they are asked."""

    CHANCE = "adjusted p"
    INTERVAL = "interval"
    SHIFT = "window shift"
    MARGIN = "confounder margin"
    LEAK = "leak audit"
    ALIVE = "network alive"
    SAME_DATA = "same data"


@dataclass(frozen=True)
class Gate:
    """One gate, whether it was passed, and what was asked and found, for the reader."""

    name: GateName
    passed: bool
    words: str


def every(
    summary: Summary,
    scorecard: pd.DataFrame,
    tests: pd.DataFrame,
    window_shift: pd.DataFrame,
    audit: Audit,
    tried: MultipleTesting,
    status: Status,
    room: Resolution,
) -> tuple[Gate, ...]:
    """All gates of a run, in the order of `GateName`; see `verdict.write` for the parameters."""
    alive = status.dead_sentence or "It is dead." if status.dead else "The network is not dead."
    changed = "The stored data have changed since the run was made: train it again."
    same = "The stored data are those that the run was made from."
    return (
        chance(tests, tried, room),
        interval(summary),
        shift(window_shift),
        margin(scorecard),
        leak(audit),
        Gate(GateName.ALIVE, not status.dead, alive),
        Gate(GateName.SAME_DATA, not summary.data_changed, changed if summary.data_changed else same),
    )


def chance(tests: pd.DataFrame, tried: MultipleTesting, room: Resolution) -> Gate:
    """Is the area skill score too good for a shifted catalogue, as the best of all runs on these data?"""
    p = tried.p_best_of_all
    if p is None:
        return Gate(GateName.CHANCE, False, no_p(tests))
    n = tried.n_runs or 1
    runs = f"as the best of the {n} runs on these data" if n > 1 else "the only run on these data"
    words = f"p = {p:.3g} against a shifted catalogue, {runs}; {resolution.ALPHA:g} or less is asked for."
    if not room.leaves_room:
        words += f" The catalogue has {room.n_unlike:,.0f} unlike shifts. {room.remedy}"
    return Gate(GateName.CHANCE, resolution.passes(p), words)


def no_p(tests: pd.DataFrame) -> str:
    """Why a run has no p value of the primary test, in a sentence; `tests` has the columns `significance.COLUMNS`."""
    primary = tests[(tests["test"] == significance.CIRCULAR) & (tests["statistic"] == significance.AREA_SKILL)]
    if primary.empty:
        return "The circular-shift test was not made."
    if _number(primary["p"].iloc[0]) is not None:
        return "The journal of tested runs holds no p value of this one: assess this run again."
    return str(primary["sentence"].iloc[0])


def interval(summary: Summary) -> Gate:
    """Does the interval of the AUC lie above chance?"""
    low = summary.auc_low
    if low is None:
        words = "The AUC has no interval: a class is absent or lies in too few stretches of time."
        return Gate(GateName.INTERVAL, False, words)
    words = f"AUC {summary.score('auc')}; the interval must lie above 0.5, chance."
    return Gate(GateName.INTERVAL, low > 0.5, words)


def shift(table: pd.DataFrame) -> Gate:
    """Does skill stay when windows end earlier? `table` has the columns `window_shift.COLUMNS`."""
    moved = table[table["shift_days"] > 0] if len(table) else table
    if moved.empty or _number(moved["auc_low"].iloc[0]) is None:
        words = "Too few windows could be moved away from their events: foreshocks stay possible."
        return Gate(GateName.SHIFT, False, words)
    first = moved.iloc[0]
    days = float(first["shift_days"])
    distance = f"{days:.1f} days" if days >= 1 else f"{24 * days:.1f} hours"
    words = (
        f"Windows that end {distance} earlier have an AUC of {first['auc']:.2f} [{first['auc_low']:.2f}, "
        f"{first['auc_high']:.2f}] ({int(first['n'])} of them); above 0.5 it is not only what comes right "
        "before the event."
    )
    return Gate(GateName.SHIFT, float(first["auc_low"]) > 0.5, words)


def margin(scorecard: pd.DataFrame) -> Gate:
    """Is the network better than every model that knows nothing of the field?"""
    best = scorecard[scorecard["model"] == "best_confounder"] if len(scorecard) else scorecard
    if best.empty or _number(best["difference_low"].iloc[0]) is None:
        return Gate(GateName.MARGIN, False, "The network could not be compared with a confounder.")
    row, auc = best.iloc[0], scorecard.loc[scorecard["model"] == "network", "auc"].iloc[0]
    words = (
        f"The network's AUC less that of the confounder that did best on other windows ({float(row['auc']):.2f}) is "
        f"{float(row['difference']):+.2f} [{float(row['difference_low']):+.2f}, "
        f"{float(row['difference_high']):+.2f}]; it must lie above 0."
    )
    # The best one is chosen on other windows; so another one may do as well as the network on these.
    rivals = scorecard[(scorecard["kind"] == "confounder") & (scorecard["auc"] >= auc)]
    equal = [str(name) for name in rivals["model"] if name != "best_confounder"]
    if equal:
        words += (
            f" On these windows the network does no better than {', '.join(equal)}, which knows nothing of the field."
        )
    # Statistics of the same field are rivals, not confounders: where they do as well, the network adds nothing to them.
    plain = scorecard[(scorecard["model"] == "ulf") & (scorecard["auc"] >= auc)]
    if len(plain):
        words += f" Classical ULF statistics of the same windows do as well (AUC {float(plain['auc'].iloc[0]):.2f})."
    return Gate(GateName.MARGIN, float(row["difference_low"]) > 0 and not equal, words)


def leak(audit: Audit) -> Gate:
    """Do the splits share nothing? A sequence that reaches over several of them is said beside it."""
    divided = [caveat for caveat in audit.warnings if caveat.kind == CaveatKind.SEQUENCE_DIVIDED]
    return Gate(GateName.LEAK, audit.ok, " ".join([audit.sentence, *as_text(divided)]))


def _number(value: object) -> float | None:
    """A number of a table; None where it does not exist."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
