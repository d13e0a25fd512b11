"""
Findings: everything that the gates of a run look at, as typed numbers that are kept with its assessment.

They are measured once, when the run is assessed (`measurements`). A verdict is written from them, from the journal of
tries and from the frozen plans alone; no table is opened for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.evaluation.clocks.onset import OnsetKind
from core.evaluation.rivals.added_skill import Lacking
from core.vocabulary import Checked


@dataclass(frozen=True)
class Primary:
    """
    The primary test: `skill.SkillTest` as numbers.

    split: the judged one. days: length of the stretch. n_outside: target events in inadmissible time. n_clusters:
    independent events. whole_days: the unit of the turns. skill with the band of chance and with its interval, 95 %;
    None without a target event.
    """

    split: str
    days: float
    n_targets: int
    n_outside: int
    n_clusters: int
    n_blocks: int
    whole_days: int
    skill: float | None
    band_low: float | None
    band_high: float | None
    interval_low: float | None
    interval_high: float | None
    p: float
    p_smallest: float


@dataclass(frozen=True)
class Foreshocks:
    """
    `event_guard.ForeshockTest` as it is kept; None where the test was not possible. p_events: of the events before the
    steps alone: they set steps with and without targets apart where it is 0.05 or less.
    """

    kind: Checked
    p: float | None
    m_clean: float | None
    n_clusters: int
    share_left: float
    guard_hours: float
    clean_hours: float
    by_strata: bool
    p_events: float | None = None


@dataclass(frozen=True)
class RecordClock:
    """
    `onset.Onset` as it is kept: where the record's own disturbance begins, in hours after the catalogued times. n_late
    of n_parts stretches of the record, asked one by one, have it before them.
    """

    kind: OnsetKind
    lag_hours: float | None
    p: float | None
    n_events: int
    n_parts: int = 0
    n_late: int = 0


@dataclass(frozen=True)
class StationClock:
    """
    `station_clock` over the judged stretch: months of all stations in which another observatory agrees to a minute,
    disagrees, or says nothing; of those that disagree the one most often: station, against and its median lag.
    """

    kind: Checked
    n_months: int = 0
    n_right: int = 0
    n_off: int = 0
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
    n_matched: int
    offset_seconds: float | None
    share_near: float | None
    republished: bool = False


@dataclass(frozen=True)
class Rival:
    """AUC of a rival that knows nothing of the field, and what the network adds to it, with its interval."""

    name: str
    auc: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Confounders:
    """`added_skill.AddedSkill` as it is kept."""

    kind: Checked
    low: float | None
    n_groups: int
    rivals: tuple[Rival, ...]
    lacking: Lacking = Lacking.NOTHING


@dataclass(frozen=True)
class Specificity:
    """
    Far places: n_places that the catalogue offers, and p of the real place among them; None with too few. remote_low,
    remote_high: 95 % of the skill at the stations less that at an observatory outside every circle, remote_km from the
    nearest of them; None without one. n_years: whole years of the judged stretch, and p of its dates among those of
    other years; None with too few.
    """

    n_places: int
    p: float | None
    remote: str = ""
    remote_low: float | None = None
    remote_high: float | None = None
    remote_km: float | None = None
    n_years: int = 0
    p_years: float | None = None


@dataclass(frozen=True)
class Classical:
    """The best classical detector of the same field: its AUC, and the network's less it, paired, 95 %."""

    auc: float | None
    low: float | None
    high: float | None

    @property
    def as_good(self) -> bool:
        """True if the difference may be 0, or is below it."""
        return self.low is not None and self.low <= 0


@dataclass(frozen=True)
class Findings:
    """All of it; strict: the foreshock test with a guard of 15 h. catalogue_clock: None without another catalogue."""

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
