"""The verdict of a run in few words: in a cell of a table, and as the answer to "is there skill?"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The kinds of `core.evaluation.verdict` in a cell of a table; a null weighs as much as anything else.
VERDICTS = {
    "detects": "detects",
    "unproven": "above chance, no finding",
    "null": "no skill shown",
    "untestable": "cannot be tested",
    "unjudged": "could not be judged",
}
NOT_ASSESSED = "not assessed"


def in_a_cell(verdict: Mapping[str, Any], tried: Mapping[str, Any]) -> str:
    """
    The verdict for a cell of a table; a null says why, because the AUC beside it may look like skill.

    Parameters
    ----------
    verdict, tried : mapping
        See `verdicts.again`; `tried` is its multiple_testing.

    >>> gates = [{"name": "adjusted p", "passed": False}, {"name": "interval", "passed": True}]
    >>> in_a_cell({"kind": "null", "gates": gates}, {"p_best_of_all": 0.12, "n_runs": 14})
    'no skill shown: p 0.12 as the best of 14 runs'
    """
    said, p, n = VERDICTS[verdict["kind"]], tried.get("p_best_of_all"), tried.get("n_runs") or 1
    if verdict["kind"] == "untestable":
        shifts = round(verdict["resolution"]["n_unlike"])
        return f"{said}: no p value" if p is None else f"{said}: {_count(shifts, 'unlike shift')}, {_count(n, 'run')}"
    if verdict["kind"] != "null":
        return said
    if any(gate["passed"] for gate in verdict["gates"] if gate["name"] == "adjusted p"):
        return f"{said}: no interval of the AUC above 0.5"
    return f"{said}: p {p:.2g}" + (f" as the best of {n} runs" if n > 1 else "")


def answer(verdict: Mapping[str, Any]) -> str:
    """
    The shortest answer to "is there skill?"; a null says how many independent events it rests on.

    >>> answer({"kind": "null", "synthetic": True, "n_clusters": 5})
    'None shown. 5 independent events were judged.'
    >>> answer({"kind": "detects", "synthetic": True})
    'Yes, in a made-up world.'
    """
    where = ", in a made-up world" if verdict.get("synthetic") else ""
    if verdict["kind"] == "detects":
        return f"Yes{where}."
    if verdict["kind"] == "unproven":
        return f"Better than chance{where}, but not a finding."
    if verdict["kind"] == "null":
        n = verdict.get("n_clusters")
        events = "" if n is None else f" {_count(n, 'independent event')} {'was' if n == 1 else 'were'} judged."
        return f"None shown.{events}"
    return "It cannot be tested." if verdict["kind"] == "untestable" else "It could not be judged."


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
