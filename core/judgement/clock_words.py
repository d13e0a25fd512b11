"""What the record, a second catalogue and other observatories say of the clocks of a run, in words."""

from __future__ import annotations

from core.evaluation import p_value
from core.evaluation.clocks import onset as record_onset
from core.evaluation.clocks import second_catalogue
from core.evaluation.clocks.onset import OnsetKind
from core.judgement.findings import Foreshocks, OtherCatalogue, RecordClock, StationClock
from core.vocabulary import Checked


def of_record(onset: RecordClock) -> str:
    """When the record becomes restless, seen from the catalogued origin times."""
    lag = onset.lag_hours or 0.0
    if onset.kind == OnsetKind.LATE:
        return (
            f"The record is disturbed {abs(lag):.3g} h before the catalogued origin times{_in_parts(onset)}: the "
            "catalogue's clock is late, or the station's is slow to stamp."
        )
    if onset.kind == OnsetKind.CONFIRMED:
        return f"The record's own disturbance begins with the catalogued events{_p(onset)}."
    if onset.kind == OnsetKind.EARLY:
        return f"The record is disturbed {lag:.3g} h after the events: catalogue early or sensor slow."
    if onset.kind == OnsetKind.NOT_CHECKED:
        few = f"Only {onset.n_events} first events of sequences have a record around them"
        if onset.n_events < 2:
            few = f"{'Only one' if onset.n_events else 'No'} first event of a sequence has a record around it"
        return f"{few}, {record_onset.FEWEST_EVENTS} are needed: it cannot tell the time."
    return "The record shows no onset of shaking that could tell the time."


def _in_parts(onset: RecordClock) -> str:
    """In how many stretches the record begins too early; nothing where the whole of it says so."""
    if onset.n_late and onset.n_parts > 1:
        return f" in {onset.n_late} of {onset.n_parts} stretches of it"
    return _p(onset)


def _p(onset: RecordClock) -> str:
    """The p of the onset in brackets; "" without one."""
    if onset.p is None:
        return ""
    smallest = 1 / (1 + record_onset.N_TURNS)
    return f" ({p_value.in_words(onset.p, smallest, f'{record_onset.N_TURNS} turns')})"


def of_catalogue(other: OtherCatalogue | None) -> str:
    """What a second catalogue says of the first one's clock."""
    if other is None:
        return "No second catalogue is at hand to compare the origin times with."
    both = f"{other.n_matched:,} events in both"
    offset, agree = offset_words(other), other.share_near or 0.0
    if other.kind == Checked.PASSED:
        return f"Origin times differ from those of {other.name} by {offset} ({both})."
    if other.kind == Checked.FAILED:
        share = f"{_percent(agree)} of {both} agree to a minute, most of the others are off by the same"
        if not agree:
            share = f"none of {both} agrees to a minute, most are off by the same"
        return f"Origin times differ from those of {other.name} by {offset} ({share})."
    return _undecided(other, both, offset, agree)


def offset_words(other: OtherCatalogue) -> str:
    """
    How much later origin times are than those of another catalogue, to the second below two minutes.

    >>> [offset_words(OtherCatalogue("", Checked.FAILED, 9, s, 0.0)) for s in (-31.0, 300.0, 10800.0)]
    ['-31 s', '+5 min', '+3 h']
    """
    seconds = other.offset_seconds or 0.0
    if abs(seconds) < 120:
        return f"{seconds:+.0f} s"
    return f"{seconds / 60:+.0f} min" if abs(seconds) < 7200 else f"{seconds / 3600:+.3g} h"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _undecided(other: OtherCatalogue, both: str, offset: str, agree: float) -> str:
    """Why a second catalogue does not tell the time, as `second_catalogue.compared` decides it."""
    if other.republished:
        return f"The catalogue {other.name} repeats the times of this one, which says nothing of its clock."
    if other.n_matched >= second_catalogue.FEWEST_MATCHED and agree < second_catalogue.SHARE_THAT_AGREES:
        return f"Origin times differ from those of {other.name} in {_percent(1 - agree)} of {both}, without a system."
    if not other.n_matched:
        return "No second catalogue has any of these events to compare the origin times with."
    off = abs(other.offset_seconds or 0.0) > second_catalogue.LARGEST_OFFSET_S
    if other.n_matched >= second_catalogue.FEWEST_MATCHED and off:
        return (
            f"Origin times differ from those of {other.name} by {offset} ({both}): too much to confirm the clock, too "
            "little to make a precursor."
        )
    return (
        f"The catalogue {other.name} has too few of the same events ({other.n_matched:,}) to compare the origin times."
    )


def of_station(station: StationClock) -> str:
    """What other observatories say of the clocks of the stations; their agreement alone confirms no catalogue."""
    if station.kind == Checked.NOT_CHECKED:
        return "No other observatory feels enough of the same to compare the station's clock."
    n_compared = station.n_right + station.n_off
    if station.kind == Checked.FAILED:
        return (
            f"The clock of {station.station} is {station.lag_minutes:+.0f} min off against {station.against} in "
            f"{station.n_off} of the {n_compared} months that could be compared, of {station.n_months}; which of the "
            "two is wrong is not known. One such month is enough: chance makes fewer than 2 in 1,000, and one month "
            f"may hold most of the earthquakes.{_unchecked(station)}"
        )
    return (
        f"Station clocks agree with other observatories to a minute in {station.n_right} of {station.n_months} months."
        f"{_unchecked(station)}"
    )


def _unchecked(station: StationClock) -> str:
    """What is the case in the months that say nothing; "" without any."""
    n = station.n_months - station.n_right - station.n_off
    if n <= 0:
        return ""
    of_them, months = ("it", "1 month was") if n == 1 else ("them", f"{n:,} months were")
    return f" {months} not checked: no other observatory has a record of {of_them}, or feels enough of the same."


def of_own_times(timed: Foreshocks | None) -> str:
    """Whether the claim holds on those targets whose own origin times the record confirms."""
    if timed is None:
        return "Whether the claim holds where the record confirms each origin time was not asked: assess the run again."
    if timed.kind == Checked.NOT_CHECKED or timed.p is None:
        return f"It begins with too few of the target events one by one ({timed.n_clusters}) to ask them alone."
    holds = "holds" if timed.kind == Checked.PASSED else "does not hold"
    return (
        f"On the {timed.n_clusters} independent target events with which it begins one by one, the claim {holds} (p = "
        f"{timed.p:.2g})."
    )


def of_stricter_form(strict: Foreshocks, holds: bool) -> str:
    """What is left without the hours before the catalogued times, where clocks that are late put the shaking."""
    guard = f"{strict.guard_hours:g} hours"
    if strict.p is None:
        return f"Nothing confirms the catalogued times, and without the last {guard} before them nothing can be tested."
    if holds:
        return (
            f"Without the last {guard} before the catalogued times, where times that are late by less put the shaking, "
            f"the claim holds: p = {strict.p:.2g}."
        )
    return (
        f"Without the last {guard} before the catalogued times too little is left (p = {strict.p:.2g}), and nothing "
        "confirms these times: if some are late by hours, what was seen is the shaking. A second catalogue decides it."
    )
