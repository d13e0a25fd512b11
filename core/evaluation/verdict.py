"""
The verdict: one headline and one paragraph in plain words, written from the tables and from nothing else.

A run is said to detect something only if every gate passes; `lint` refuses the word otherwise, whoever wrote
the text. A null has the same form and length. Where no score could have passed (`resolution`) the run is untestable:
that is no null, and `lint` refuses to call it one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.evaluation import resolution, significance
from core.evaluation.resolution import Resolution

DETECTS, UNPROVEN, NULL, UNTESTABLE, UNJUDGED = "detects", "unproven", "null", "untestable", "unjudged"
NEVER = r"\b(predict(s|ed|ion|ions|ing)?|forewarn\w*|prove[sdn]?|proof|confirm\w*|guarantee\w*|certain(ly|ty)?)\b"
CLAIMS = r"\b(detect(s|ed|ion|ions|ing)?|discover(y|ies|s|ed|ing)?|significant(ly)?|breakthrough|evidence)\b"
DENIALS = r"\b(no (skill|precursors?|effects?|change)|nothing (is|was) (found|there)|absence of skill)\b"
NOT_KNOWN = "What this run could have seen is not known yet."


class ClaimError(ValueError):
    """A sentence claims more than the gates allow."""


def lint(text: str, detects: bool, testable: bool = True) -> str:
    """
    Give the text back if its words are covered by the gates.

    Parameters
    ----------
    text : str
    detects : bool
        Every gate passes.
    testable : bool
        Some score could have passed the test against chance.

    Raises
    ------
    ClaimError
        If it says that something was detected, discovered or significant and the gates did not all pass; or that
        something is predicted or proven, which no gate allows; or that there is no skill where none could be tested.

    Examples
    --------
    >>> lint("No skill above chance.", detects=False)
    'No skill above chance.'
    """
    found = re.search(NEVER, text, re.IGNORECASE) or (None if detects else re.search(CLAIMS, text, re.IGNORECASE))
    if found:
        allowed = "no gate allows it" if detects or re.search(NEVER, found[0], re.I) else "not every gate passes"
        raise ClaimError(f"The text says {found[0]!r}, but {allowed}: {text}")
    denied = None if testable else re.search(DENIALS, text, re.IGNORECASE)
    if denied:
        raise ClaimError(f"The text says {denied[0]!r}, but nothing could be tested: {text}")
    return text


def write(
    summary: Mapping[str, Any],
    scorecard: pd.DataFrame,
    tests: pd.DataFrame,
    window_shift: pd.DataFrame,
    audit: Mapping[str, Any],
    multiple_testing: Mapping[str, Any],
    status: Mapping[str, Any],
    room: Resolution,
) -> dict[str, Any]:
    """
    The verdict of a run.

    Parameters
    ----------
    summary : mapping
        auc, ass, each with _low and _high; n, n_positive, n_events, n_clusters, data_changed.
        What is absent or None is said to be unknown.
    scorecard : DataFrame
        Rows with model "network", "best_confounder" and each confounder: model, kind, words, auc, difference,
        difference_low, difference_high.
    tests : DataFrame
        Columns `significance.COLUMNS`; the primary one is the circular shift of the area skill score.
    window_shift : DataFrame
        Columns `window_shift.COLUMNS`.
    audit : mapping
        ok, sentence and warnings of the leak audit.
    multiple_testing : mapping
        n_runs, p_best_of_all, sentence.
    status : mapping
        synthetic, dead, dead_sentence, registration (state "pre-registered" or "exploratory", words),
        final (words, or absent).
    room : Resolution
        What the null of the primary test can tell.

    Returns
    -------
    dict
        JSON-ready: kind (detects, unproven, null, untestable, unjudged), headline, paragraph, detects (bool), gates
        (list of name, passed, words), could_have_seen, n_clusters (independent events, or None), resolution (see
        `Resolution.as_dict`), exploratory, synthetic, not_tested (list of sentences).
    """
    primary = _primary(tests)
    gates = [
        _chance(primary, multiple_testing, room),
        _interval(summary),
        _shift(window_shift),
        _margin(scorecard),
        _leak(audit),
        _gate(
            "network alive",
            not status.get("dead"),
            str(status.get("dead_sentence") or "It is dead.") if status.get("dead") else "The network is not dead.",
        ),
        _gate(
            "same data",
            not summary.get("data_changed"),
            "The stored data have changed since the run was made: train it again."
            if summary.get("data_changed")
            else "The stored data are those that the run was made from.",
        ),
    ]
    passed = {gate["name"]: gate["passed"] for gate in gates}
    detects = all(passed.values())
    above = passed["adjusted p"] and passed["interval"]
    judged = _number(summary.get("auc")) is not None and _number(summary.get("ass")) is not None
    tested = room.leaves_room and _number(multiple_testing.get("p_best_of_all")) is not None
    below = UNJUDGED if not judged else NULL if tested else UNTESTABLE
    kind = DETECTS if detects else UNPROVEN if above else below
    testable = kind != UNTESTABLE
    why_not = "" if testable else _no_room(primary, multiple_testing, room)
    headline = lint(_headline(kind, summary, multiple_testing, gates, status, why_not), detects, testable)
    paragraph = lint(_paragraph(headline, gates, multiple_testing, status), detects, testable)
    return {
        "kind": kind,
        "headline": headline,
        "paragraph": paragraph,
        "detects": detects,
        "gates": gates,
        "could_have_seen": NOT_KNOWN,
        "n_clusters": summary.get("n_clusters"),
        "resolution": room.as_dict(),
        "exploratory": _exploratory(status),
        "synthetic": bool(status.get("synthetic")),
        "not_tested": _not_tested(tests, window_shift, status),
    }


def _gate(name: str, passed: bool, words: str) -> dict[str, Any]:
    return {"name": name, "passed": bool(passed), "words": words}


def _no_p(primary: Mapping[str, Any]) -> str:
    if _number(primary.get("p")) is not None:
        return "The journal of tested runs holds no p value of this one: assess this run again."
    return str(primary.get("sentence") or "The circular-shift test was not made.")


def _no_room(primary: Mapping[str, Any], multiple: Mapping[str, Any], room: Resolution) -> str:
    if _number(multiple.get("p_best_of_all")) is None:
        return f"Skill cannot be tested. {_no_p(primary)}"
    return (
        f"Skill cannot be tested: {room.counts} leave no room (the smallest p that they allow is "
        f"{room.smallest_p_of_best:.3g}; {resolution.ALPHA:g} or less is asked for)."
    )


def _chance(primary: Mapping[str, Any], multiple: Mapping[str, Any], room: Resolution) -> dict[str, Any]:
    p = _number(multiple.get("p_best_of_all"))
    if p is None:
        return _gate("adjusted p", False, _no_p(primary))
    n = int(multiple.get("n_runs") or 1)
    runs = f"as the best of the {n} runs on these data" if n > 1 else "the only run on these data"
    words = f"p = {p:.3g} against a shifted catalogue, {runs}; {resolution.ALPHA:g} or less is asked for."
    if not room.leaves_room:
        words += f" The catalogue has {room.n_unlike:,.0f} unlike shifts. {room.remedy}"
    return _gate("adjusted p", resolution.passes(p), words)


def _interval(summary: Mapping[str, Any]) -> dict[str, Any]:
    low = _number(summary.get("auc_low"))
    if low is None:
        return _gate(
            "interval", False, "The AUC has no interval: a class is absent or lies in too few stretches of time."
        )
    words = f"AUC {_with_interval(summary, 'auc')}; the interval must lie above 0.5, chance."
    return _gate("interval", low > 0.5, words)


def _shift(table: pd.DataFrame) -> dict[str, Any]:
    moved = table[table["shift_days"] > 0] if len(table) else table
    if moved.empty or _number(moved["auc_low"].iloc[0]) is None:
        return _gate(
            "window shift", False, "Too few windows could be moved away from their events: foreshocks stay possible."
        )
    first = moved.iloc[0]
    days = float(first["shift_days"])
    distance = f"{days:.1f} days" if days >= 1 else f"{24 * days:.1f} hours"
    words = (
        f"Windows that end {distance} earlier have an AUC of {first['auc']:.2f} [{first['auc_low']:.2f}, "
        f"{first['auc_high']:.2f}] ({int(first['n'])} of them); above 0.5 it is not only what comes right "
        "before the event."
    )
    return _gate("window shift", float(first["auc_low"]) > 0.5, words)


def _margin(scorecard: pd.DataFrame) -> dict[str, Any]:
    best = scorecard[scorecard["model"] == "best_confounder"] if len(scorecard) else scorecard
    if best.empty or _number(best["difference_low"].iloc[0]) is None:
        return _gate("confounder margin", False, "The network could not be compared with a confounder.")
    row, own = best.iloc[0], scorecard.loc[scorecard["model"] == "network", "auc"].iloc[0]
    words = (
        f"The network's AUC less that of the confounder that did best on other windows ({float(row['auc']):.2f}) is "
        f"{float(row['difference']):+.2f} [{float(row['difference_low']):+.2f}, "
        f"{float(row['difference_high']):+.2f}]; it must lie above 0."
    )
    # The best one is chosen on other windows; so another one may do as well as the network on these.
    rivals = scorecard[(scorecard["kind"] == "confounder") & (scorecard["auc"] >= own)]
    equal = [str(name) for name in rivals["model"] if name != "best_confounder"]
    if equal:
        words += (
            f" On these windows the network does no better than {', '.join(equal)}, which knows nothing of the field."
        )
    # Statistics of the same field are rivals, not confounders: where they do as well, the network adds nothing to them.
    plain = scorecard[(scorecard["model"] == "ulf") & (scorecard["auc"] >= own)]
    if len(plain):
        words += f" Classical ULF statistics of the same windows do as well (AUC {float(plain['auc'].iloc[0]):.2f})."
    return _gate("confounder margin", float(row["difference_low"]) > 0 and not equal, words)


def _leak(audit: Mapping[str, Any]) -> dict[str, Any]:
    words = str(audit.get("sentence", "No leak audit was made."))
    divided = [str(said) for said in audit.get("warnings", []) if str(said).startswith("The sequence of ")]
    return _gate("leak audit", bool(audit.get("ok")), " ".join([words, *divided]))


def _declared(status: Mapping[str, Any]) -> str:
    # No gate: an exploratory run may pass them all; what it may not do is to keep quiet about it.
    words = (status.get("registration") or {}).get("words")
    return str(words or "Exploratory: this configuration was not frozen before the run.")


def _exploratory(status: Mapping[str, Any]) -> bool:
    return (status.get("registration") or {}).get("state") != "pre-registered"


def _headline(
    kind: str,
    summary: Mapping[str, Any],
    multiple: Mapping[str, Any],
    gates: list[dict[str, Any]],
    status: Mapping[str, Any],
    why_not: str,
) -> str:
    said = ["Synthetic data."] if status.get("synthetic") else []
    said += ["Exploratory."] if _exploratory(status) else []
    p = _number(multiple.get("p_best_of_all"))
    n_runs = int(multiple.get("n_runs") or 1)
    best = f" as the best of {n_runs} runs on these data" if n_runs > 1 else ""
    numbers = f"area skill score {_with_interval(summary, 'ass')}"
    numbers += f", p = {p:.2g}{best}" if p is not None and kind != UNTESTABLE else ""
    n = summary.get("n_clusters")
    numbers += f", {n} independent event{'' if n == 1 else 's'}" if n is not None else ""
    if kind == DETECTS:
        said.append(f"The network detects a change before target events: {numbers}.")
    elif kind == UNPROVEN:
        failed = ", ".join(gate["name"] for gate in gates if not gate["passed"])
        said.append(f"Better than chance, but no finding: {numbers}. Not passed: {failed}.")
    elif kind == NULL:
        # Nor is its absence shown: that would take a limit to what could have been missed.
        said.append(f"No skill above chance could be shown: {numbers}.")
    elif kind == UNTESTABLE:
        said += [why_not, f"{numbers[:1].upper()}{numbers[1:]}."]
    else:
        said.append("This run cannot be judged: the judged windows or target events are too few for a score.")
    return " ".join(said)


def _paragraph(
    headline: str, gates: list[dict[str, Any]], multiple: Mapping[str, Any], status: Mapping[str, Any]
) -> str:
    passed = [gate["name"] for gate in gates if gate["passed"]]
    parts = [headline]
    parts += [gate["words"] for gate in gates[:4]]
    parts.append(str(multiple.get("sentence", "")))
    parts += [gate["words"] for gate in gates[4:]]
    parts.append(f"{len(passed)} of {len(gates)} gates pass.")
    parts.append(_declared(status))
    parts.append(NOT_KNOWN)
    return " ".join(part if part.endswith((".", "!")) else f"{part}." for part in parts if part)


def _not_tested(tests: pd.DataFrame, window_shift: pd.DataFrame, status: Mapping[str, Any]) -> list[str]:
    sentences = []
    for test, rows in tests.groupby("test", sort=False):
        if rows["p"].isna().all():
            sentences.append(f"{str(test).capitalize()}: {rows['sentence'].iloc[0]}")
    if window_shift.empty:
        sentences.append("Window shift: no scan of the judged period.")
    final = status.get("final") or {}
    sentences.append(str(final.get("words") or "A final block, opened once, was not set aside for this run."))
    if not tests["test"].astype(str).str.contains("trained again").any():
        sentences.append("Shifted catalogues were judged by rescoring; no network was trained on them.")
    sentences.append("How strong a signal in nT would have been seen was not measured by injection.")
    return sentences


def _primary(tests: pd.DataFrame) -> Mapping[str, Any]:
    chosen = tests[(tests["test"] == significance.CIRCULAR) & (tests["statistic"] == significance.AREA_SKILL)]
    return {} if chosen.empty else {str(key): value for key, value in chosen.iloc[0].items()}


def _with_interval(summary: Mapping[str, Any], name: str) -> str:
    value, low, high = (_number(summary.get(key)) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return "unknown"
    return f"{value:.2f}" + ("" if low is None or high is None else f" [{low:.2f}, {high:.2f}]")


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
