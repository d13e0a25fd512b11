"""The verdict of a run in few words: in a cell of a table, and as the answer to "is there skill?"."""

from __future__ import annotations

from core.evaluation.multiple_testing import MultipleTesting
from core.judgement.gates import GateName
from core.judgement.verdict import Verdict, VerdictKind

# A null weighs as much as anything else.
VERDICTS = {
    VerdictKind.DETECTS: "detects",
    VerdictKind.UNPROVEN: "above chance, no finding",
    VerdictKind.NULL: "no skill shown",
    VerdictKind.UNTESTABLE: "cannot be tested",
    VerdictKind.UNJUDGED: "could not be judged",
}
NOT_ASSESSED = "not assessed"
UNREADABLE = "cannot be read"  # its assessment is damaged


def in_a_cell(verdict: Verdict, tried: MultipleTesting) -> str:
    """
    The verdict for a cell of a table; a null says why, because the AUC beside it may look like skill.

    Parameters
    ----------
    verdict : Verdict
    tried : MultipleTesting
        Of the same judgement; see `verdicts.again`.
    """
    short, p, n = VERDICTS[verdict.kind], tried.p_best_of_all, tried.n_runs or 1
    if p is None and verdict.kind in (VerdictKind.NULL, VerdictKind.UNTESTABLE):
        return f"{short}: no p value"
    if verdict.kind == VerdictKind.UNTESTABLE and verdict.resolution is not None:
        shifts = round(verdict.resolution.n_unlike)
        return f"{short}: {_count(shifts, 'unlike shift')}, {_count(n, 'run')}"
    if verdict.kind != VerdictKind.NULL:
        return short
    if any(gate.passed for gate in verdict.gates if gate.name == GateName.CHANCE):
        return f"{short}: no interval of the AUC above 0.5"
    return f"{short}: p {p:.2g}" + (f" as the best of {n} runs" if n > 1 else "")


def answer(verdict: Verdict) -> str:
    """The shortest answer to "is there skill?"; a null says how many independent events it rests on."""
    where = ", in a made-up world" if verdict.synthetic else ""
    n = verdict.n_clusters
    events = "" if n is None else f" {_count(n, 'independent event')} {'was' if n == 1 else 'were'} judged."
    return {
        VerdictKind.DETECTS: f"Yes{where}.",
        VerdictKind.UNPROVEN: f"Better than chance{where}, but not a finding.",
        VerdictKind.NULL: f"None shown.{events}",
        VerdictKind.UNTESTABLE: "It cannot be tested.",
        VerdictKind.UNJUDGED: "It could not be judged.",
    }[verdict.kind]


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
