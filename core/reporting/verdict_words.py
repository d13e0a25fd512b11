"""The verdict of a run in few words: in a cell of a table, and as the answer to "is there skill?"."""

from __future__ import annotations

from core.judgement.verdict import Verdict, VerdictKind
from core.reporting import tables

# A null weighs as much as anything else.
VERDICTS = {
    VerdictKind.DETECTS: "detects",
    VerdictKind.CANDIDATE: "candidate",
    VerdictKind.EXPLAINED: "explained otherwise",
    VerdictKind.NULL: "no precursor shown",
    VerdictKind.UNTESTABLE: "cannot be told",
    VerdictKind.BROKEN: "no result",
}
NOT_ASSESSED = "not assessed"
OUTDATED = "judged by an older version"
UNREADABLE = "cannot be read"  # its assessment is damaged
ASSESS_AGAIN = "This run was judged by an older version of the program; its verdict no longer stands."


def in_a_cell(verdict: Verdict) -> str:
    """The verdict for a cell of a table; a null says why, because the AUC beside it may look like skill."""
    short, family = VERDICTS[verdict.kind], verdict.family
    if verdict.kind == VerdictKind.UNTESTABLE:
        return f"{short}: {_count(verdict.primary.n_clusters, 'independent event')}"
    if verdict.kind == VerdictKind.NULL and family is not None:
        many = f" as the best of {family.n_runs:,} runs" if family.n_runs > 1 else ""
        return f"{short}: p {tables.p_value(family.p_family)}{many}"
    if verdict.kind in (VerdictKind.BROKEN, VerdictKind.EXPLAINED):
        return f"{short}: {', '.join(gate.fault for gate in verdict.stopped_by)}"
    return short


def answer(verdict: Verdict) -> str:
    """The shortest answer to "is there skill?"; a made-up world is said first."""
    return f"{'In a made-up world: ' if verdict.synthetic else ''}{verdict.answer}"


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
