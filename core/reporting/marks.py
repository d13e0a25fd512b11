"""Caveats in short: what each kind is called in one cell of a table, and which of them several runs share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.caveats import Caveat, CaveatKind

# The worst first. A kind without a word of its own is counted.
MARKS = {
    CaveatKind.LEAK: "leak",
    CaveatKind.DEAD: "dead",
    CaveatKind.SPLITS_NEAR: "splits hours apart",
    CaveatKind.SEPARATED_IN_TIME: "separated in time",
    CaveatKind.STATION_TELLS_LABEL: "station tells the label",
    CaveatKind.ONE_CLASS: "one class only",
    CaveatKind.EARLIER_EVENTS: "earlier events inside",
}


def of(caveats: Sequence[Caveat]) -> list[str]:
    """
    The caveats of a run in a few words each, the worst first; those without a name of their own are counted.

    >>> leak = Caveat(CaveatKind.LEAK, "Leak: 3 of 7 test windows share minutes with training windows.")
    >>> of([Caveat(CaveatKind.OTHER, "Something rare is the case."), leak])
    ['leak', '1 more']
    """
    kinds = [caveat.kind for caveat in caveats if caveat.kind != CaveatKind.SYNTHETIC]  # which has a column of its own
    named = [mark for kind, mark in MARKS.items() if kind in kinds]
    n_others = sum(kind not in MARKS for kind in kinds)
    return named + ([f"{n_others} more" if named else f"{n_others}"] if n_others else [])


def in_mind(caveats: Sequence[Caveat]) -> str:
    """
    The title under which caveats are folded away: how many they are, and each that has a name of its own.

    >>> in_mind([Caveat(CaveatKind.SYNTHETIC, "Made up."), Caveat(CaveatKind.LEAK, "3 of 7 test windows leak.")])
    '2 things to keep in mind: synthetic, leak'
    """
    short = ["synthetic"] if any(caveat.kind == CaveatKind.SYNTHETIC for caveat in caveats) else []
    short += of(caveats)
    counted = f"{len(caveats)} thing{'' if len(caveats) == 1 else 's'} to keep in mind"
    return f"{counted}: {', '.join(short)}" if short else counted


def shared(by_run: Mapping[str, Sequence[Caveat]]) -> tuple[list[Caveat], dict[str, list[Caveat]]]:
    """
    The caveats that all runs have, and those that are each run's own, so that none is said twice.

    >>> few, leak = Caveat(CaveatKind.OTHER, "Small."), Caveat(CaveatKind.LEAK, "3 of 7 leak.")
    >>> common, rest = shared({"a": [few, leak], "b": [few]})
    >>> common == [few], rest == {"a": [leak], "b": []}
    (True, True)
    """
    common = [each for each in next(iter(by_run.values()), []) if all(each in caveats for caveats in by_run.values())]
    rest = {run_id: [each for each in caveats if each not in common] for run_id, caveats in by_run.items()}
    return common, rest
