"""
The verdict: what kind of result a run is, an answer in plain words, the gates, and a paragraph to quote.

It is written from typed findings and from nothing else. "Detects" exists only for a plan that was frozen before its
stretch was scored; an exploratory run is a candidate at best. `lint` refuses words that the kind does not cover,
whoever wrote the text. A null has the same form and length as anything else.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from core import jupyter
from core.evaluation.chance import families, skill
from core.judgement import gates as gate_room
from core.judgement.final_block import WAS_OPENED, FinalBlock
from core.judgement.findings import Findings, Lead, Primary
from core.judgement.freeze import NOT_FROZEN, Registration
from core.judgement.gates import Gate, GateName
from core.judgement.journals.family import Family
from core.judgement.prose import quotation
from core.judgement.prose.quotation import sentence
from core.labelling.audit import Audit
from core.runs.status import Status
from core.vocabulary import Checked

NEVER = r"\b(predict(s|ed|ion|ions|ing)?|forewarn\w*|prove[sdn]?|proof|guarantee\w*|certain(ly|ty)?)\b"
CLAIMS = r"\b(detect(s|ed|ion|ions|ing)?|discover(y|ies|s|ed|ing)?|significant(ly)?|breakthrough|evidence)\b"
DENIALS = r"\b(no (skill|precursors?|effects?|change)|nothing (is|was) (found|there)|absence of skill|none shown)\b"
NOT_MEASURED = "What a run like this would have seen has not been measured yet."
WEEK_DAYS = 7


class VerdictKind(enum.StrEnum):
    """What may be said of a run; a null weighs as much as anything else."""

    UNTESTABLE = "untestable"  # no score could have passed: neither skill nor its absence is known
    BROKEN = "broken"  # its numbers are no result: leak, copied hours, dead network, clock, changed data
    NULL = "null"  # not higher before events than chance allows
    EXPLAINED = "explained"  # higher, but something else explains it, or could not be looked at
    CANDIDATE = "candidate"  # higher, nothing explains it; but it was not declared before
    DETECTS = "detects"  # the same, declared before its data were scored, with a clock that was checked


BREAKING = (GateName.NO_LEAK, GateName.NO_COPIES, GateName.ALIVE, GateName.SAME_DATA, GateName.CLOCKS)
EXPLAINING = (GateName.FORESHOCKS, GateName.LATE_TIMES, GateName.CONFOUNDERS, GateName.SPECIFICITY, GateName.WHOLE)
# Not checked, these end in "explained"; chance is not checked where lines of a journal, and with them tries, are gone.
NEEDED = (GateName.CHANCE, GateName.FORESHOCKS, GateName.LATE_TIMES, GateName.CONFOUNDERS, GateName.NO_COPIES)


@dataclass(frozen=True)
class Verdict:
    """
    The verdict of a run.

    answer: the first words, for a reader who knows no statistics. headline: at most three sentences, answer included.
    paragraph: for quoting, see `quotation`. opened: that the final block was opened, in a sentence; "" if not.
    could_have_seen: what the run could have seen, in a sentence. beside: what is
    said beside a claim and blocks nothing. not_tested: sentences. exploratory: no plan was frozen before its stretch
    was scored. primary, family: the numbers of the test against chance; family is None without a target event.
    """

    kind: VerdictKind
    answer: str
    headline: str
    paragraph: str
    gates: tuple[Gate, ...]
    could_have_seen: str
    exploratory: bool
    synthetic: bool
    beside: tuple[str, ...]
    not_tested: tuple[str, ...]
    primary: Primary
    family: Family | None = None
    registration: Registration = NOT_FROZEN
    opened: str = ""

    def __repr__(self) -> str:
        return f"<Verdict {self.kind}: {self.answer}{' (synthetic)' if self.synthetic else ''}>"

    def _repr_html_(self) -> str:
        rows = [[gate.name, gate.state, gate.number, gate.bar, gate.words] for gate in self.gates]
        gates = jupyter.table(["Gate", "", "Found", "Bar", "In words"], rows)
        parts = [*self.beside, self.registration.words, self.opened, self.could_have_seen, self.tries]
        parts += [f"Not tested: {' '.join(self.not_tested)}"] if self.not_tested else []
        return jupyter.card(self.headline, (), [gates], filter(None, parts), self.synthetic)

    @property
    def is_result(self) -> bool:
        """False where the numbers stand for nothing and are shown in grey: broken, untestable."""
        return self.kind not in (VerdictKind.BROKEN, VerdictKind.UNTESTABLE)

    @property
    def tries(self) -> str:
        """How many tries the p value pays for; "" where nothing could be tested."""
        return self.family.sentence if self.family and self.kind != VerdictKind.UNTESTABLE else ""

    @property
    def stopped_by(self) -> tuple[Gate, ...]:
        """The gates that made it what it is: those that broke it, or that explain it."""
        names = EXPLAINING if self.kind == VerdictKind.EXPLAINED else BREAKING
        stopped = [gate for gate in self.gates if gate.name in names and gate.state == Checked.FAILED]
        if self.kind == VerdictKind.EXPLAINED:
            stopped += [gate for gate in self.gates if gate.name in NEEDED and gate.state == Checked.NOT_CHECKED]
        return tuple(stopped)


class ClaimError(ValueError):
    """A sentence claims more than its verdict covers."""


def lint(text: str, kind: VerdictKind) -> str:
    """
    Give the text back if its words are covered by the kind of verdict.

    It reads what this program composes, never what is stored or what somebody called a run.

    Raises
    ------
    ClaimError
        If it says that something was detected, discovered or significant and the kind is another; or that something
        is predicted or proven, which no kind allows; or that there is no skill where none could be tested.

    Examples
    --------
    >>> lint("No precursor shown.", VerdictKind.NULL)
    'No precursor shown.'
    """
    claim = re.search(NEVER, text, re.IGNORECASE)
    if claim:
        raise ClaimError(f"The text says {claim[0]!r}, which no verdict allows: {text}")
    claim = None if kind == VerdictKind.DETECTS else re.search(CLAIMS, text, re.IGNORECASE)
    if claim:
        raise ClaimError(f"The text says {claim[0]!r}, but the verdict is {kind.value!r}: {text}")
    testable = kind not in (VerdictKind.UNTESTABLE, VerdictKind.BROKEN)
    denial = None if testable else re.search(DENIALS, text, re.IGNORECASE)
    if denial:
        raise ClaimError(f"The text says {denial[0]!r}, but nothing could be tested: {text}")
    return text


def write(
    findings: Findings,
    family: Family | None,
    audit: Audit,
    status: Status,
    registration: Registration,
    final: FinalBlock,
    could_have_seen: str = NOT_MEASURED,
    unknown: str = "",
) -> Verdict:
    """
    The verdict of a run.

    Parameters
    ----------
    findings : Findings
    family : Family or None
        What the number of tries does to the p value; None without a target event.
    audit : Audit
    status : Status
        Of the run: synthetic, dead.
    registration : Registration
        Whether a plan was frozen before the judged stretch was scored.
    final : FinalBlock
    could_have_seen : str
        From simulation; the default says that it was not simulated.
    unknown : str
        What cannot be told of the journals behind it, as a sentence.
    """
    gates = gate_room.every(findings, family, audit, status)
    confirmatory = registration.covers(findings.primary.split)
    kind = kind_of(gates, findings, confirmatory)
    if kind in (VerdictKind.BROKEN, VerdictKind.UNTESTABLE):
        could_have_seen = ""  # of what tells nothing, nothing is promised
    answer = _answer(kind, findings, family)
    marks = ["Made-up data."] if status.synthetic else []
    headline = lint(" ".join([*marks, answer, *_reason(kind, gates, findings, family, could_have_seen)]), kind)
    beside = tuple(beside_the_claim(findings)) if kind in (VerdictKind.CANDIDATE, VerdictKind.DETECTS) else ()
    opened = final.words if final.state in WAS_OPENED else ""
    plan = registration.frozen_id if confirmatory else ""
    p = family.p_family if family is not None and kind not in (VerdictKind.BROKEN, VerdictKind.UNTESTABLE) else None
    return Verdict(
        kind=kind,
        answer=answer,
        headline=headline,
        paragraph=lint(quotation.written(headline, beside, gates, p, plan, opened, could_have_seen), kind),
        gates=gates,
        could_have_seen=could_have_seen,
        exploratory=not confirmatory,
        synthetic=status.synthetic,
        beside=beside,
        not_tested=tuple([*_not_tested(gates, final), *([unknown] if unknown else [])]),
        primary=findings.primary,
        family=family,
        registration=registration,
        opened=opened,
    )


def kind_of(gates: tuple[Gate, ...], findings: Findings, confirmatory: bool) -> VerdictKind:
    """
    The kind that the gates allow.

    Parameters
    ----------
    gates : tuple of Gate
    findings : Findings
        For what only a candidate may be: turned by days, or judged by the windows on which the network was chosen.
    confirmatory : bool
        A plan was frozen before the judged stretch was scored.
    """
    state = {gate.name: gate.state for gate in gates}
    if any(state[name] == Checked.FAILED for name in BREAKING):
        return VerdictKind.BROKEN
    if state[GateName.RESOLUTION] != Checked.PASSED:
        return VerdictKind.UNTESTABLE
    if state[GateName.CHANCE] == Checked.FAILED:
        return VerdictKind.NULL
    failed = any(state[name] == Checked.FAILED for name in EXPLAINING)
    unknown = any(state[name] == Checked.NOT_CHECKED for name in NEEDED)
    if failed or unknown or findings.primary.split == "validation":
        return VerdictKind.EXPLAINED
    # Clocks that nothing confirms have ended above, in late times.
    sure = confirmatory and findings.primary.whole_days >= WEEK_DAYS
    return VerdictKind.DETECTS if sure else VerdictKind.CANDIDATE


BROKEN_WORDS = {
    GateName.NO_LEAK: "the windows that judge the network share time or earthquakes with those that taught it",
    GateName.NO_COPIES: "hours of the record stand at several dates, so that the network may have met them before",
    GateName.ALIVE: "the network learned nothing and gives the same answer to everything",
    GateName.SAME_DATA: "when it was judged, the stored data were no longer those that the network was made from",
    GateName.CLOCKS: "the clocks of record, stations and earthquake catalogues do not all agree",
}
EXPLAINED_WORDS = {
    GateName.FORESHOCKS: "foreshocks, or the shaking itself",
    GateName.LATE_TIMES: "the shaking itself, where listed times are late by hours, and nothing confirms them",
    GateName.CONFOUNDERS: "the season, the hour, storms or recent earthquakes, which know nothing of this field",
    GateName.SPECIFICITY: "something that meets far earthquakes equally well, or that other places or other years show "
    "alike",
    GateName.WHOLE: "a sequence of earthquakes that reaches into the windows that taught the network",
}


def _answer(kind: VerdictKind, findings: Findings, family: Family | None) -> str:
    """The first words."""
    if kind == VerdictKind.UNTESTABLE:
        if _only_tries_hinder(findings, family):
            return "Cannot be told after so many tries."
        n = findings.primary.n_clusters
        return f"Cannot be told with {_count(n, 'independent earthquake')}." if n else "Cannot be told: no earthquake."
    return {
        VerdictKind.BROKEN: "No result.",
        VerdictKind.NULL: "No precursor shown.",
        VerdictKind.EXPLAINED: "Not a finding.",
        VerdictKind.CANDIDATE: "A candidate, not a finding.",
        VerdictKind.DETECTS: "The network detects a change before earthquakes.",
    }[kind]


def _reason(
    kind: VerdictKind, gates: tuple[Gate, ...], findings: Findings, family: Family | None, could_have_seen: str
) -> list[str]:
    """At most two sentences after the answer."""
    primary = findings.primary
    n = _count(primary.n_clusters, "independent earthquake")
    if kind == VerdictKind.BROKEN:
        broken = [BROKEN_WORDS[gate.name] for gate in gates if gate.name in BREAKING and gate.state == Checked.FAILED]
        return [sentence(f"{' and '.join(broken)}"), "Its numbers say nothing about earthquakes."]
    if kind == VerdictKind.UNTESTABLE:
        among = " in"
        if family is not None and _only_tries_hinder(findings, family):
            among = f" as one of {family.n_paid:,} {family.kind_paid} {'for' if family.plans else 'that scored'}"
        return [f"Even the best possible network could not have stood out from chance{among} this stretch of time."]
    if kind == VerdictKind.NULL:
        chance = _in_ten_thousand(family.p_family) if family else ""
        return [
            f"Before {n} the network's number stood higher than at {_percent(primary.skill)} of other times"
            f"{_by_chance(primary)}, and luck alone does as well {chance}.",
            could_have_seen,
        ]
    higher = (
        f"Before {n} the network's number stood higher than at {_percent(primary.skill)} of other times"
        f"{_by_chance(primary)}{_since(findings.lead)}"
    )
    if kind == VerdictKind.EXPLAINED:
        return [f"{higher}; but {_explained(gates, findings)}."]
    if kind == VerdictKind.CANDIDATE:
        return [f"{higher}, and {_unexplained(gates)}.", _why_candidate(findings)]
    declared = "in a stretch of time declared before it was looked at (the journal kept here is the only witness)"
    return [f"{higher}, {declared}, and {_unexplained(gates)}."]


def _by_chance(primary: Primary) -> str:
    """Where chance lies for this very catalogue, in brackets; it need not be a half."""
    if primary.band_low is None or primary.band_high is None:
        return ""
    return f" (by chance mostly {100 * primary.band_low:.0f} to {_percent(primary.band_high)})"


def _since(lead: Lead | None) -> str:
    """From when on before the earthquakes the number stands out; "" where that is not known."""
    if lead is None or lead.hours is None:
        return ""
    if lead.hours >= lead.longest_hours:
        return f", from {lead.longest_hours:g} hours before them on or earlier"
    if not lead.hours:
        return ", only at their very moment"
    hours = "hour" if lead.hours == 1 else "hours"
    return f", only in about the last {lead.hours:g} {hours}"


def _unexplained(gates: tuple[Gate, ...]) -> str:
    specific = next(gate for gate in gates if gate.name == GateName.SPECIFICITY)
    words = "nothing that was looked at explains it"
    if specific.state == Checked.NOT_CHECKED:
        words += "; whether far earthquakes, other places or other years show the same could not be asked"
    return words


def _only_tries_hinder(findings: Findings, family: Family | None) -> bool:
    """True if the best scores could pass alone, and cannot among so many tries."""
    enough_blocks = findings.primary.n_blocks >= skill.FEWEST_BLOCKS
    return family is not None and family.n_paid > 1 and enough_blocks and families.passes(family.p_smallest)


def _explained(gates: tuple[Gate, ...], findings: Findings) -> str:
    failed = [EXPLAINED_WORDS[gate.name] for gate in gates if gate.name in EXPLAINING and gate.state == Checked.FAILED]
    unchecked = [gate for gate in gates if gate.name in NEEDED and gate.state == Checked.NOT_CHECKED]
    unknown = [gate.question for gate in unchecked if gate.name != GateName.CHANCE]
    parts = []
    if len(unknown) < len(unchecked):
        parts.append("how many tries it is the best of is not known, since lines of a journal are gone")
    if failed:
        parts.append(f"this may come from {'; or from '.join(failed)}")
    if unknown:
        parts.append(f"it could not be checked whether other things explain it ({', '.join(unknown)})")
    if findings.primary.split == "validation":
        parts.append("the network was chosen on these very windows")
    return ", and ".join(parts)


def _why_candidate(findings: Findings) -> str:
    if findings.primary.whole_days < WEEK_DAYS:
        return "The stretch is too short to tell a habit of the week from the Earth; a finding needs a longer one."
    return "A finding needs a plan that is frozen before new data are scored."


def beside_the_claim(findings: Findings) -> list[str]:
    """What is always said beside a claim, and never blocks it."""
    if findings.classical is not None and findings.classical.as_good:
        return ["A classical measure of the same field does as well: no network is needed."]
    return []


def _not_tested(gates: tuple[Gate, ...], final: FinalBlock) -> list[str]:
    """What nobody looked at: gates that could not be checked, and a final block that is closed or was not set aside."""
    told = [f"{gate.question.capitalize()}: {gate.words}" for gate in gates if gate.state == Checked.NOT_CHECKED]
    return told if final.state in WAS_OPENED else [*told, final.words]


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _percent(share: float | None) -> str:
    return "an unknown share" if share is None else f"{100 * share:.0f} %"


def _in_ten_thousand(p: float) -> str:
    """
    How often luck does it, in words.

    >>> _in_ten_thousand(0.4), _in_ten_thousand(0.062)
    ('4 times in 10', '6 times in 100')
    """
    for scale in (10, 100, 1000):
        times = round(p * scale)
        if times >= 1 and (times >= 3 or scale == 1000):
            return f"{times} time{'' if times == 1 else 's'} in {scale}"
    return "less than once in 1,000 times"
