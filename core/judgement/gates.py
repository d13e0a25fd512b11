"""
The gates: what is asked of a run before anything may be said of it, each with its number and its bar.

A gate that could not be looked at has not been passed. What that costs a run is decided in `verdict`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from core.caveats import Caveat, CaveatKind, as_text
from core.evaluation import p_value
from core.evaluation.chance import families, skill
from core.evaluation.chance.other_years import FEWEST_YEARS
from core.evaluation.clocks.onset import OnsetKind
from core.evaluation.placebo import FEWEST_PLACES
from core.judgement import clock_words
from core.judgement.findings import Findings, OtherCatalogue, Specificity
from core.judgement.journals.family import Family
from core.judgement.prose import floors, rivals
from core.judgement.prose.rivals import signed
from core.labelling.audit import Audit
from core.runs.status import Status
from core.vocabulary import Checked

AT_MOST = f"p at most {families.ALPHA:g}"
STRICTER_ALPHA = 0.02  # of what is left without the last day: nothing else holds where nothing confirms the times
AT_MOST_STRICTER = f"p at most {STRICTER_ALPHA:g}"
ABOVE_ZERO = "lower end above 0"
NONE = "none"
WITHIN_A_MINUTE = "within 1 min"


class GateName(enum.StrEnum):
    """The gates in the order in which they are asked."""

    NO_LEAK = "no leak"
    NO_COPIES = "no copied hours"
    ALIVE = "network alive"
    SAME_DATA = "data unchanged"
    RESOLUTION = "resolution"
    CHANCE = "chance"
    FORESHOCKS = "neither foreshocks nor the shock"
    CLOCKS = "clocks"
    LATE_TIMES = "no late times"
    CONFOUNDERS = "confounders"
    SPECIFICITY = "specificity"
    WHOLE = "sequences whole"


# Most names say what a passed gate found; beside "no result" they would be read as the reverse of what is the matter.
WHEN_FAILED = {
    GateName.NO_LEAK: "leak",
    GateName.NO_COPIES: "copied hours",
    GateName.ALIVE: "network dead",
    GateName.SAME_DATA: "data changed",
    GateName.RESOLUTION: "too few earthquakes",
    GateName.CHANCE: "chance",
    GateName.FORESHOCKS: "foreshocks or the shock",
    GateName.CLOCKS: "clocks disagree",
    GateName.LATE_TIMES: "times may be late",
    GateName.CONFOUNDERS: "confounders",
    GateName.SPECIFICITY: "not specific",
    GateName.WHOLE: "sequences divided",
}
# What a gate asks after, where its name answers that already; a gate that was not checked has no answer.
QUESTIONS = {
    GateName.NO_LEAK: "leaks",
    GateName.NO_COPIES: "copied hours",
    GateName.ALIVE: "life of the network",
    GateName.SAME_DATA: "sameness of the data",
    GateName.FORESHOCKS: "foreshocks or the shock",
    GateName.LATE_TIMES: "late times",
    GateName.WHOLE: "division of sequences",
}


@dataclass(frozen=True)
class Gate:
    """
    One gate: how it stands, the number that was found and the bar that it is held against, and both in words.

    number, bar: as they stand in a table; "" where there is none.
    """

    name: GateName
    state: Checked
    number: str
    bar: str
    words: str

    @property
    def passed(self) -> bool:
        """True only if it was looked at and passed."""
        return self.state == Checked.PASSED

    @property
    def question(self) -> str:
        """What it asks after, in a few words that answer neither way."""
        return QUESTIONS.get(self.name, self.name.value)

    @property
    def fault(self) -> str:
        """What is the matter where it failed, or that it was not checked, in a few words."""
        return f"{self.question} {self.state}" if self.state == Checked.NOT_CHECKED else WHEN_FAILED[self.name]


def every(findings: Findings, family: Family | None, audit: Audit, status: Status) -> tuple[Gate, ...]:
    """
    All gates of a run, in the order of `GateName`.

    Parameters
    ----------
    findings : Findings
    family : Family or None
        What the number of tries does to the p value; None without a target event.
    audit : Audit
    status : Status
        Of the run: dead.
    """
    return (
        leak(audit),
        copies(audit),
        alive(status),
        same_data(findings),
        resolution(findings, family),
        chance(findings, family),
        foreshocks(findings),
        clocks(findings),
        late_times(findings),
        confounders(findings),
        specificity(findings),
        whole(audit),
    )


def leak(audit: Audit) -> Gate:
    """Do the splits share nothing?"""
    words = audit.sentence
    if audit.ok and divided(audit):
        words += (
            " An event here is one catalogued earthquake. Whether each sequence of them stands in one split is asked "
            f"by the gate {GateName.WHOLE.value!r}: not all do."
        )
    return Gate(GateName.NO_LEAK, _passed(audit.ok), NONE if audit.ok else "leak", NONE, words)


def copies(audit: Audit) -> Gate:
    """Do no hours of the record stand twice, in windows of different splits or classes?"""
    n = audit.n_copied_hours
    if n is None:
        words = "Copied hours of the record were not looked for."
        return Gate(GateName.NO_COPIES, Checked.NOT_CHECKED, "", NONE, words)
    words = "No hour of the record stands at another date as well."
    if n:
        words = (
            f"{n:,} hours of the record stand at other dates as well, in windows of different splits or classes: what "
            "was learned may have been met again."
        )
    return Gate(GateName.NO_COPIES, _passed(not n), f"{n:,} h", NONE, words)


def alive(status: Status) -> Gate:
    """Did the network learn at all?"""
    words = (status.dead_sentence or "The network is dead.") if status.dead else "The network is not dead."
    return Gate(GateName.ALIVE, _passed(not status.dead), "dead" if status.dead else "alive", "alive", words)


def same_data(findings: Findings) -> Gate:
    """
    Were the stored data those that the run was made from?

    It speaks of the time when the run was judged: an archive grows, and what came later changes nothing in the scores.
    """
    changed = findings.data_changed
    words = "When the run was judged, the stored data were those that it was made from."
    if changed:
        words = "When the run was judged, the stored data were no longer those that it was made from: train it again."
    return Gate(GateName.SAME_DATA, _passed(not changed), "changed" if changed else "same", "same", words)


def resolution(findings: Findings, family: Family | None) -> Gate:
    """Could the best possible scores have passed at all?"""
    primary = findings.primary
    if family is None or not primary.n_targets:
        words = "No target event lies in admissible time of the judged stretch."
        return Gate(GateName.RESOLUTION, Checked.FAILED, "", AT_MOST, words)
    if primary.n_blocks < skill.FEWEST_BLOCKS:
        words = (
            "All target events lie in one block of 91 days, and within one a drift cannot be told from skill. A longer "
            "judged stretch with events in more blocks leaves room."
        )
        asked = f"{skill.FEWEST_BLOCKS} blocks at least"
        return Gate(GateName.RESOLUTION, Checked.FAILED, f"{primary.n_blocks} block", asked, words)
    p = family.smallest_p_family
    blocks = f"{primary.n_blocks} blocks of 91 days with events allow"
    tries = f" as one of {family.n_paid:,} {family.kind_paid}" if family.n_paid > 1 else ""
    words = f"The best scores that {blocks} would have p = {p:.2g}{tries}."
    if not families.passes(p):
        longer = "longer judged stretch with events in more blocks"
        # A plan pays for no other tries: it helps where they are what leaves no room.
        tried = families.passes(family.p_smallest)
        words += (
            f" A plan frozen before its data, or a {longer}, leaves room." if tried else f" A {longer} leaves room."
        )
    return Gate(GateName.RESOLUTION, _passed(families.passes(p)), f"p = {p:.2g}", AT_MOST, words)


def chance(findings: Findings, family: Family | None) -> Gate:
    """Is the skill too high for a catalogue that knows nothing, as one of all tries?"""
    primary = findings.primary
    if family is None or primary.skill is None:
        return Gate(GateName.CHANCE, Checked.NOT_CHECKED, "", AT_MOST, "There is nothing to test.")
    if resolution(findings, family).state != Checked.PASSED:
        words = "Chance was not asked: no score could have told itself from it here."
        return Gate(GateName.CHANCE, Checked.NOT_CHECKED, "", AT_MOST, words)
    turned = "whole weeks" if primary.whole_days >= 7 else "whole days"
    words = (
        f"Skill {primary.skill:.2f}; by chance, of this catalogue turned by {turned} in blocks of 91 days, mostly "
        f"{primary.band_low:.2f} to {primary.band_high:.2f}. {family.sentence}"
    )
    p, floor = family.p_family, floors.of_family(family)
    number = f"p = {p:.2g}"
    if floor:
        number, words = f"{number} (floor)", f"{words} {floor}"
    passed = _passed(families.passes(p))
    if family.lost and passed == Checked.PASSED:  # what more tries would cost could only make p larger
        passed = Checked.NOT_CHECKED
    return Gate(GateName.CHANCE, passed, number, AT_MOST, words)


def foreshocks(findings: Findings) -> Gate:
    """Is there skill where no catalogued event could have disturbed the record?"""
    tested = findings.foreshocks
    if tested.kind == Checked.NOT_CHECKED:
        words = "Too few target events have no other event before them: foreshocks and shaking stay possible."
        if tested.p_events is not None and families.passes(tested.p_events):
            words = (
                "Other earthquakes before the target events tell them from other times by themselves (p = "
                f"{tested.p_events:.2g}): what the scores add could not be told apart from that."
            )
        return Gate(GateName.FORESHOCKS, tested.kind, "", AT_MOST, words)
    among = (
        "compared with steps that have the like events before them"
        if tested.by_strata
        else f"without any step that has an event of magnitude {tested.m_clean:.1f} or more in reach or within "
        f"{tested.clean_hours:g} h before that"
    )
    words = (
        f"With scores from {tested.guard_hours:g} h earlier, {among}: p = {tested.p:.2g} on {tested.n_clusters} "
        "independent events."
    )
    return Gate(GateName.FORESHOCKS, tested.kind, f"p = {tested.p:.2g}", AT_MOST, words)


def clocks(findings: Findings) -> Gate:
    """Do the record, the catalogue and the station agree about the time?"""
    onset, catalogue, station = findings.onset, findings.catalogue_clock, findings.station_clock
    said = [clock_words.of_record(onset), clock_words.of_catalogue(catalogue), clock_words.of_station(station)]
    if onset.kind == OnsetKind.CONFIRMED:
        said.insert(1, clock_words.of_own_times(findings.timed))
    state = Checked.NOT_CHECKED
    if onset.kind == OnsetKind.LATE or station.kind == Checked.FAILED or _says(catalogue) == Checked.FAILED:
        state = Checked.FAILED
    elif _times_are_confirmed(findings):
        state = Checked.PASSED
    elif _without_last_day(findings) == Checked.PASSED:
        state = Checked.PASSED
        said.append("Nothing confirms the catalogue's times, but the claim does not need the last day before them.")
    number, bar = _furthest_off(findings)
    return Gate(GateName.CLOCKS, state, number, bar, " ".join(said))


def _says(catalogue: OtherCatalogue | None) -> Checked:
    return Checked.NOT_CHECKED if catalogue is None else catalogue.kind


def _times_are_confirmed(findings: Findings) -> bool:
    """True if the record tells the time of what carries the claim, or a second catalogue does."""
    return findings.record_tells_the_time or _says(findings.catalogue_clock) == Checked.PASSED


def late_times(findings: Findings) -> Gate:
    """Is there skill without the hours before the catalogued times, unless these times are confirmed?"""
    strict = findings.strict
    if _times_are_confirmed(findings):
        words = "The catalogued times are confirmed: nothing before them need be left out."
        return Gate(GateName.LATE_TIMES, Checked.PASSED, "confirmed", "", words)
    number = "" if strict.p is None else f"p = {strict.p:.2g}"
    state = _without_last_day(findings)
    words = clock_words.of_stricter_form(strict, holds=state == Checked.PASSED)
    return Gate(GateName.LATE_TIMES, state, number, AT_MOST_STRICTER, words)


def _without_last_day(findings: Findings) -> Checked:
    """How the claim stands without the hours before the catalogued times."""
    strict = findings.strict
    if strict.kind == Checked.NOT_CHECKED or strict.p is None:
        return Checked.NOT_CHECKED
    return _passed(strict.p <= STRICTER_ALPHA)


def _furthest_off(findings: Findings) -> tuple[str, str]:
    """The number of the clocks and its bar: that of what fails, the record first, else that of the record."""
    onset, catalogue, station = findings.onset, findings.catalogue_clock, findings.station_clock
    if onset.kind != OnsetKind.LATE and catalogue is not None and catalogue.kind == Checked.FAILED:
        return clock_words.offset_words(catalogue), WITHIN_A_MINUTE
    if onset.kind != OnsetKind.LATE and station.kind == Checked.FAILED:
        return f"{station.lag_minutes:+.0f} min", WITHIN_A_MINUTE
    return "" if onset.lag_hours is None else f"{onset.lag_hours:+.2g} h", "within 1 h"


def confounders(findings: Findings) -> Gate:
    """Does the network add to everything that knows nothing of the field?"""
    found = findings.confounders
    if found.kind == Checked.NOT_CHECKED or found.low is None:
        which = f"{found.lacking} windows" if found.lacking else "windows"
        words = (
            f"Too few independent {which} of a class: what date, hour, storms and recent earthquakes explain could not "
            "be measured."
        )
        return Gate(GateName.CONFOUNDERS, Checked.NOT_CHECKED, "", ABOVE_ZERO, words)
    words = rivals.of_confounders(found)
    return Gate(GateName.CONFOUNDERS, found.kind, f"lower end {signed(found.low)}", ABOVE_ZERO, words)


def specificity(findings: Findings) -> Gate:
    """Do the scores meet near earthquakes better than far ones, than a remote observatory, than other years do?"""
    found = findings.specificity
    parts = [_far_places(found), _remote(found), _other_years(found)]
    looked = [part for part in parts if part[1] != Checked.NOT_CHECKED]
    state = Checked.NOT_CHECKED
    if looked:
        state = Checked.FAILED if Checked.FAILED in (part[1] for part in looked) else Checked.PASSED
    number, bar = ("; ".join(dict.fromkeys(part[at] for part in looked)) for at in (2, 3))
    return Gate(GateName.SPECIFICITY, state, number, bar or AT_MOST, " ".join(part[0] for part in parts))


def _far_places(found: Specificity) -> tuple[str, Checked, str, str]:
    """Words, state, number and bar of the far places; so for the other two."""
    if found.p is None:
        places = f"{found.n_places} comparable far place{'' if found.n_places == 1 else 's'}"
        words = f"The catalogue offers {places}; {FEWEST_PLACES} are needed for a comparison."
        return words, Checked.NOT_CHECKED, "", ""
    p = p_value.in_words(found.p, 1 / (1 + found.n_places), f"{found.n_places} places")
    words = f"Among {found.n_places} far places with the same scores the real place has {p}."
    return words, _passed(families.passes(found.p)), f"p = {found.p:.2g}", AT_MOST


def _remote(found: Specificity) -> tuple[str, Checked, str, str]:
    if found.remote_low is None or found.remote_high is None:
        words = (
            "No observatory outside the circles of all stations has enough minutes of this stretch: those of one would "
            "show if the network says the same where these earthquakes cannot be felt."
        )
        return words, Checked.NOT_CHECKED, "", ""
    away = "" if found.remote_km is None else f", {found.remote_km:,.0f} km away"
    words = (
        f"Skill here less that of the network at {found.remote}{away}, outside the circles of all stations: "
        f"[{signed(found.remote_low)}, {signed(found.remote_high)}]."
    )
    return words, _passed(found.remote_low > 0), f"lower end {signed(found.remote_low)}", ABOVE_ZERO


def _other_years(found: Specificity) -> tuple[str, Checked, str, str]:
    if found.p_years is None:
        years = f"{found.n_years or 'no'} whole year{'s' if found.n_years > 1 else ''}"
        words = f"The judged stretch has {years}; {FEWEST_YEARS} are needed to compare its dates with other years."
        return words, Checked.NOT_CHECKED, "", ""
    p = p_value.in_words(found.p_years, 1 / found.n_years, f"{found.n_years} years")
    words = f"Among the same dates of {found.n_years} years those of the targets have {p}."
    return words, _passed(families.passes(found.p_years)), f"p = {found.p_years:.2g} by year", AT_MOST


def whole(audit: Audit) -> Gate:
    """Does every sequence of earthquakes stand in one split?"""
    caveats = divided(audit)
    words = " ".join(as_text(caveats)) or "No sequence of earthquakes stands in several splits."
    return Gate(GateName.WHOLE, _passed(not caveats), "divided" if caveats else "whole", "whole", words)


def divided(audit: Audit) -> list[Caveat]:
    """What the audit says of sequences of earthquakes that stand in several splits."""
    return [caveat for caveat in audit.warnings if caveat.kind == CaveatKind.SEQUENCE_DIVIDED]


def _passed(passed: bool) -> Checked:
    return Checked.PASSED if passed else Checked.FAILED
