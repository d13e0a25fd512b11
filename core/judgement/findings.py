"""
Findings: everything that the gates of a run look at, as typed numbers that are kept with its assessment.

They are measured once, when the run is assessed (`measurements`). A verdict is written from them, from the journal of
tries and from the frozen plans alone; no table is opened for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from core.evaluation.clocks.onset import OnsetKind
from core.evaluation.rivals.added_skill import Lacking
from core.typed_documents import Count, NotNegative, Share, Within, need
from core.vocabulary import Checked

Skill = Annotated[float, Within(-0.01, 1.01)]  # a share, on the grid of the null
Interval = Annotated[float, Within(-1.0, 2.0)]  # of a skill; the oldest were not cut off at 0 and 1


@dataclass(frozen=True)
class Primary:
    """
    The primary test: `skill.SkillTest` as numbers.

    split: the judged one. days: length of the stretch. n_outside: target events in inadmissible time. n_clusters:
    independent events. whole_days: the unit of the turns. skill with the band of chance and with its interval, 95 %;
    None without a target event.
    """

    split: str
    days: NotNegative
    n_targets: Count
    n_outside: Count
    n_clusters: Count
    n_blocks: Count
    whole_days: Count
    skill: Skill | None
    band_low: Skill | None
    band_high: Skill | None
    interval_low: Interval | None
    interval_high: Interval | None
    p: Share
    p_smallest: Share

    def __post_init__(self) -> None:
        if self.n_targets:
            need(self, "target events were tested", "skill", "band_low", "band_high", "interval_low", "interval_high")


@dataclass(frozen=True)
class Foreshocks:
    """
    `event_guard.ForeshockTest` as it is kept; None where the test was not possible. p_events: of the events before the
    steps alone: they set steps with and without targets apart where it is 0.05 or less.
    """

    kind: Checked
    p: Share | None
    m_clean: float | None
    n_clusters: Count
    share_left: Share
    guard_hours: NotNegative
    clean_hours: NotNegative
    by_strata: bool
    p_events: Share | None = None

    def __post_init__(self) -> None:
        if self.kind != Checked.NOT_CHECKED:
            need(self, "the foreshocks were tested", "p", *([] if self.by_strata else ["m_clean"]))


@dataclass(frozen=True)
class RecordClock:
    """
    `onset.Onset` as it is kept: where the record's own disturbance begins, in hours after the catalogued times. n_late
    of n_parts stretches of the record, asked one by one, have it before them.
    """

    kind: OnsetKind
    lag_hours: float | None
    p: Share | None
    n_events: Count
    n_parts: Count = 0
    n_late: Count = 0

    def __post_init__(self) -> None:
        if self.kind in (OnsetKind.LATE, OnsetKind.CONFIRMED, OnsetKind.EARLY):
            need(self, f"the onset is {self.kind}", "lag_hours", "p")


@dataclass(frozen=True)
class StationClock:
    """
    `station_clock` over the judged stretch: months of all stations in which another observatory agrees to a minute,
    disagrees, or says nothing; of those that disagree the one most often: station, against and its median lag.
    """

    kind: Checked
    n_months: Count = 0
    n_right: Count = 0
    n_off: Count = 0
    station: str = ""
    against: str = ""
    lag_minutes: float = 0.0


@dataclass(frozen=True)
class OtherCatalogue:
    """
    `second_catalogue.CatalogueClock` as it is kept; name: of the other catalogue. republished: most of its times are
    those of this one to the second.
    """

    name: str
    kind: Checked
    n_matched: Count
    offset_seconds: float | None
    share_near: Share | None
    republished: bool = False

    def __post_init__(self) -> None:
        if self.kind != Checked.NOT_CHECKED:
            need(self, "the catalogues were compared", "offset_seconds", "share_near")


@dataclass(frozen=True)
class Rival:
    """AUC of a rival that knows nothing of the field, and what the network adds to it, with its interval."""

    name: str
    auc: Share | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Confounders:
    """`added_skill.AddedSkill` as it is kept."""

    kind: Checked
    low: float | None
    n_groups: Count
    rivals: tuple[Rival, ...]
    lacking: Lacking = Lacking.NOTHING

    def __post_init__(self) -> None:
        if self.kind != Checked.NOT_CHECKED:
            need(self, "the rivals were compared", "low")


@dataclass(frozen=True)
class Specificity:
    """
    Far places: n_places that the catalogue offers, and p of the real place among them; None with too few. remote_low,
    remote_high: 95 % of the skill at the stations less that at an observatory outside every circle, remote_km from the
    nearest of them; None without one. n_years: whole years of the judged stretch, and p of its dates among those of
    other years; None with too few.
    """

    n_places: Count
    p: Share | None
    remote: str = ""
    remote_low: float | None = None
    remote_high: float | None = None
    remote_km: NotNegative | None = None
    n_years: Count = 0
    p_years: Share | None = None

    def __post_init__(self) -> None:
        if self.remote_low is not None or self.remote_high is not None:
            need(self, "a remote observatory was compared", "remote_low", "remote_high")


@dataclass(frozen=True)
class Classical:
    """The best classical detector of the same field: its AUC, and the network's less it, paired, 95 %."""

    auc: Share | None
    low: float | None
    high: float | None

    @property
    def as_good(self) -> bool:
        """True if the difference may be 0, or is below it."""
        return self.low is not None and self.low <= 0


@dataclass(frozen=True)
class Lead:
    """
    From how many hours before the events on the scores stand above chance, at each of the leads that are asked; None
    if they do not at the events themselves. longest_hours: the longest lead that is asked.
    """

    hours: NotNegative | None
    longest_hours: NotNegative


@dataclass(frozen=True)
class Findings:
    """
    All of it. strict: the foreshock test with a guard of a day (15 h in older ones). timed: the foreshock test on the
    targets whose origin times the record confirms one by one; None in older ones. catalogue_clock: None without another
    catalogue. lead: None in an older document.
    """

    primary: Primary
    foreshocks: Foreshocks
    strict: Foreshocks
    onset: RecordClock
    station_clock: StationClock
    catalogue_clock: OtherCatalogue | None
    confounders: Confounders
    specificity: Specificity
    classical: Classical | None
    data_changed: bool
    timed: Foreshocks | None = None
    lead: Lead | None = None

    @property
    def record_tells_the_time(self) -> bool:
        """True if the record confirms the clock, and the claim holds on the targets that it confirms."""
        timed = self.timed is not None and self.timed.kind == Checked.PASSED
        return self.onset.kind == OnsetKind.CONFIRMED and timed
