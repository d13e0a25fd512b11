"""
The verdict: one headline and one paragraph in plain words, written from the tables and from nothing else.

A run is said to detect something only if every gate passes; `lint` refuses the word otherwise, whoever wrote
the text. A null has the same form and length. Where no score could have passed (`evaluation.resolution`) the run is
untestable: that is no null, and `lint` refuses to call it one.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

import pandas as pd

from core.evaluation import resolution
from core.evaluation.multiple_testing import MultipleTesting
from core.evaluation.resolution import Resolution, ResolutionNumbers
from core.judgement import gates as gate_room
from core.judgement.final_block import FinalBlock
from core.judgement.freeze import NOT_FROZEN, Registration, RegistrationState
from core.judgement.gates import Gate, GateName
from core.judgement.refit import TEST as TRAINED_AGAIN
from core.judgement.summary import Summary
from core.labelling.audit import Audit
from core.runs.status import Status

NEVER = r"\b(predict(s|ed|ion|ions|ing)?|forewarn\w*|prove[sdn]?|proof|confirm\w*|guarantee\w*|certain(ly|ty)?)\b"
CLAIMS = r"\b(detect(s|ed|ion|ions|ing)?|discover(y|ies|s|ed|ing)?|significant(ly)?|breakthrough|evidence)\b"
DENIALS = r"\b(no (skill|precursors?|effects?|change)|nothing (is|was) (found|there)|absence of skill)\b"
NOT_KNOWN = "What this run could have seen is not known yet."


class VerdictKind(enum.StrEnum):
    """What may be said of a run; a null weighs as much as anything else."""

    DETECTS = "detects"  # every gate passes
    UNPROVEN = "unproven"  # better than chance, but not every gate passes
    NULL = "null"  # no better than chance
    UNTESTABLE = "untestable"  # no score could have passed: neither skill nor its absence is known
    UNJUDGED = "unjudged"  # too few windows or events for a score


@dataclass(frozen=True)
class Verdict:
    """
    The verdict of a run: of which kind, in a headline and in a paragraph, and what it rests on.

    could_have_seen: what the run could have seen, in a sentence. not_tested: sentences. exploratory: it was not frozen
    before the run. n_clusters: independent events, and resolution: what the test against chance has room for; None
    where they are not known.
    """

    kind: VerdictKind
    headline: str
    paragraph: str
    detects: bool
    gates: tuple[Gate, ...]
    could_have_seen: str
    exploratory: bool
    synthetic: bool
    not_tested: tuple[str, ...]
    registration: Registration = NOT_FROZEN
    n_clusters: int | None = None
    resolution: ResolutionNumbers | None = None


class ClaimError(ValueError):
    """A sentence claims more than the gates allow."""


def lint(text: str, detects: bool, testable: bool = True) -> str:
    """
    Give the text back if its words are covered by the gates.

    It reads what this program composes, never what is stored or what somebody called a run.

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
    claim = re.search(NEVER, text, re.IGNORECASE) or (None if detects else re.search(CLAIMS, text, re.IGNORECASE))
    if claim:
        allowed = "no gate allows it" if detects or re.search(NEVER, claim[0], re.I) else "not every gate passes"
        raise ClaimError(f"The text says {claim[0]!r}, but {allowed}: {text}")
    denial = None if testable else re.search(DENIALS, text, re.IGNORECASE)
    if denial:
        raise ClaimError(f"The text says {denial[0]!r}, but nothing could be tested: {text}")
    return text


def write(
    summary: Summary,
    scorecard: pd.DataFrame,
    tests: pd.DataFrame,
    window_shift: pd.DataFrame,
    audit: Audit,
    tried: MultipleTesting,
    status: Status,
    registration: Registration,
    final: FinalBlock,
    room: Resolution,
) -> Verdict:
    """
    The verdict of a run.

    Parameters
    ----------
    summary : Summary
        What is None is said to be unknown.
    scorecard : DataFrame
        Rows with model "network", "best_confounder" and each confounder: model, kind, words, auc, difference,
        difference_low, difference_high.
    tests : DataFrame
        Columns `significance.COLUMNS`; the primary one is the circular shift of the area skill score.
    window_shift : DataFrame
        Columns `window_shift.COLUMNS`.
    audit : Audit
    tried : MultipleTesting
        What the number of runs on the same data does to the p value.
    status : Status
        Of the run: synthetic, dead.
    registration : Registration
    final : FinalBlock
    room : Resolution
        What the null of the primary test can tell.
    """
    gates = gate_room.every(summary, scorecard, tests, window_shift, audit, tried, status, room)
    passed = {gate.name: gate.passed for gate in gates}
    detects = all(passed.values())
    kind = _kind(passed, summary, tried, room)
    if kind == VerdictKind.UNTESTABLE:
        outcome = _no_room(summary, tests, tried, room)
    else:
        outcome = _outcome(kind, summary, tried, gates)
    exploratory = registration.state != RegistrationState.PRE_REGISTERED
    marks = [*(["Synthetic data."] if status.synthetic else []), *(["Exploratory."] if exploratory else [])]
    headline = lint(" ".join([*marks, outcome]), detects, kind != VerdictKind.UNTESTABLE)
    return Verdict(
        kind=kind,
        headline=headline,
        paragraph=_paragraph(headline, gates, tried, registration),
        detects=detects,
        gates=gates,
        could_have_seen=NOT_KNOWN,
        exploratory=exploratory,
        synthetic=status.synthetic,
        not_tested=tuple(_not_tested(tests, window_shift, final)),
        registration=registration,
        n_clusters=summary.n_clusters,
        resolution=room.numbers,
    )


def _kind(passed: dict[GateName, bool], summary: Summary, tried: MultipleTesting, room: Resolution) -> VerdictKind:
    if all(passed.values()):
        return VerdictKind.DETECTS
    if passed[GateName.CHANCE] and passed[GateName.INTERVAL]:
        return VerdictKind.UNPROVEN
    if summary.auc is None or summary.ass is None:
        return VerdictKind.UNJUDGED
    testable = room.leaves_room and tried.p_best_of_all is not None
    return VerdictKind.NULL if testable else VerdictKind.UNTESTABLE


def _outcome(kind: VerdictKind, summary: Summary, tried: MultipleTesting, gates: tuple[Gate, ...]) -> str:
    """What came out, in one sentence with its numbers."""
    p, n_runs = tried.p_best_of_all, tried.n_runs or 1
    best = f" as the best of {n_runs} runs on these data" if n_runs > 1 else ""
    numbers = _numbers(summary, f", p = {p:.2g}{best}" if p is not None else "")
    if kind == VerdictKind.DETECTS:
        return f"The network detects a change before target events: {numbers}."
    if kind == VerdictKind.UNPROVEN:
        failed = ", ".join(gate.name for gate in gates if not gate.passed)
        return f"Better than chance, but no finding: {numbers}. Not passed: {failed}."
    if kind == VerdictKind.NULL:
        # Nor is its absence shown: that would take a limit to what could have been missed.
        return f"No skill above chance could be shown: {numbers}."
    return "This run cannot be judged: the judged windows or target events are too few for a score."


def _no_room(summary: Summary, tests: pd.DataFrame, tried: MultipleTesting, room: Resolution) -> str:
    """Why nothing could be tested, and the numbers without the p value, which means nothing here."""
    reason = (
        f"Skill cannot be tested: {room.counts} leave no room (the smallest p that they allow is "
        f"{room.smallest_p_of_best:.3g}; {resolution.ALPHA:g} or less is asked for)."
    )
    if tried.p_best_of_all is None:
        reason = f"Skill cannot be tested. {gate_room.no_p(tests)}"
    numbers = _numbers(summary)
    return f"{reason} {numbers[:1].upper()}{numbers[1:]}."


def _numbers(summary: Summary, p_words: str = "") -> str:
    n = summary.n_clusters
    events = f", {n} independent event{'' if n == 1 else 's'}" if n is not None else ""
    return f"area skill score {summary.score('ass')}{p_words}{events}"


def _paragraph(headline: str, gates: tuple[Gate, ...], tried: MultipleTesting, registration: Registration) -> str:
    words = {gate.name: gate.words for gate in gates}
    n_passed = sum(gate.passed for gate in gates)
    parts = [
        headline,
        *(words[name] for name in (GateName.CHANCE, GateName.INTERVAL, GateName.SHIFT, GateName.MARGIN)),
        tried.sentence,
        *(words[name] for name in (GateName.LEAK, GateName.ALIVE, GateName.SAME_DATA)),
        f"{n_passed} of {len(gates)} gates pass.",
        # No gate: an exploratory run may pass them all; what it may not do is to keep quiet about it.
        registration.words,
        NOT_KNOWN,
    ]
    return " ".join(part if part.endswith((".", "!")) else f"{part}." for part in parts if part)


def _not_tested(tests: pd.DataFrame, window_shift: pd.DataFrame, final: FinalBlock) -> list[str]:
    lacking = []
    for test, rows in tests.groupby("test", sort=False):
        if rows["p"].isna().all():
            lacking.append(f"{str(test).capitalize()}: {rows['sentence'].iloc[0]}")
    if window_shift.empty:
        lacking.append("Window shift: no scan of the judged period.")
    lacking.append(final.words)
    if not (tests["test"] == TRAINED_AGAIN).any():
        lacking.append("Shifted catalogues were judged by rescoring; no network was trained on them.")
    lacking.append("How strong a signal in nT would have been seen was not measured by injection.")
    return lacking
