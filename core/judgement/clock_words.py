"""What the record, a second catalogue and other observatories say of the clocks of a run, in words."""

from __future__ import annotations

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
        return f"The record's own disturbance begins with the catalogued events (p = {onset.p:.2g})."
    if onset.kind == OnsetKind.EARLY:
        return f"The record is disturbed {lag:.3g} h after the events: catalogue early or sensor slow."
    if onset.kind == OnsetKind.NOT_CHECKED:
        few = (
            "1 first event of a sequence has"
            if onset.n_events == 1
            else f"{onset.n_events} first events of sequences have"
        )
        return f"Only {few} a record around them, {record_onset.FEWEST_EVENTS} are needed: it cannot tell the time."
    return "The record shows no onset of shaking that could tell the time."


def _in_parts(onset: RecordClock) -> str:
    """In how many stretches the record begins too early; nothing where the whole of it says so."""
    if onset.n_late and onset.n_parts > 1:
        return f" in {onset.n_late} of {onset.n_parts} stretches of it"
    return "" if onset.p is None else f" (p = {onset.p:.2g})"


def of_catalogue(other: OtherCatalogue | None) -> str:
    """What a second catalogue says of the first one's clock."""
    if other is None:
        return "No second catalogue is at hand to compare the origin times with."
    both = f"{other.n_matched:,} events in both"
    offset = f"{other.offset_seconds or 0.0:+.0f} s"
    if other.kind == Checked.PASSED:
        return f"Origin times differ from those of {other.name} by {offset} ({both})."
    agree = other.share_near or 0.0
    if other.kind == Checked.FAILED:
        return (
            f"Origin times differ from those of {other.name} by {offset}, and only {agree:.0%} of {both} agree to a "
            "minute; most of the others are off by the same."
        ).replace("%", " %")
    return _undecided(other, both, offset, agree)


def _undecided(other: OtherCatalogue, both: str, offset: str, agree: float) -> str:
    """Why a second catalogue does not tell the time, as `second_catalogue.compared` decides it."""
    if other.republished:
        return f"{other.name} repeats the times of this catalogue, which says nothing of its clock."
    if other.n_matched >= second_catalogue.FEWEST_MATCHED and agree < second_catalogue.SHARE_THAT_AGREES:
        apart = f"{1 - agree:.0%}".replace("%", " %")
        return f"Origin times differ from those of {other.name} in {apart} of {both}, without a system."
    off = abs(other.offset_seconds or 0.0) > second_catalogue.LARGEST_OFFSET_S
    if other.n_matched >= second_catalogue.FEWEST_MATCHED and off:
        return (
            f"Origin times differ from those of {other.name} by {offset} ({both}): too much to confirm the clock, too "
            "little to make a precursor."
        )
    return f"{other.name} has too few of the same events ({other.n_matched:,}) to compare the origin times."


def of_station(station: StationClock) -> str:
    """What other observatories say of the clocks of the stations; their agreement alone confirms no catalogue."""
    if station.kind == Checked.NOT_CHECKED:
        return "No other observatory feels enough of the same to compare the station's clock."
    if station.kind == Checked.FAILED:
        return (
            f"The clock of {station.station} is {station.lag_minutes:+.0f} min off against {station.against} in "
            f"{station.n_off} of {station.n_months} months; which of the two is wrong is not known."
        )
    return (
        f"Station clocks agree with other observatories to a minute in {station.n_right} of {station.n_months} months."
    )


def of_stricter_form(strict: Foreshocks) -> str:
    """What is left with a guard that stops every clock that is up to 15 hours late."""
    if strict.p is None:
        return "The stricter form with a guard of 15 hours could not be made either."
    return f"With a guard of {strict.guard_hours:g} h, which no clock error up to that passes, p = {strict.p:.2g}."
