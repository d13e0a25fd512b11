"""From earthquakes and minutes to labelled windows: [detectability], [declustering], [windows], [labels]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core import options
from core.errors import InputError
from core.options import option

MINUTES_PER_DAY = 1440
LONGEST = 366 * MINUTES_PER_DAY


@dataclass(frozen=True)
class DetectabilityConfig:
    """[detectability] Which events a station could possibly feel."""

    TITLE: ClassVar[str] = "Detectability"
    ABOUT: ClassVar[str] = (
        "Which earthquakes a station could possibly feel. Only these, the target events, count as positives."
    )

    law: Literal["fixed", "paper", "dobrovolsky", "morgunov_malzev", "hattori", "custom"] = option(
        "fixed",
        "Rule",
        "fixed: the three numbers beside. paper: 200 km, 30 km and M > 4, but 100 km and 100 km for MLR (Vrancea). "
        "The others: a distance that grows with magnitude, R = 10^(0.43 M) (dobrovolsky), 10^(0.5 M - 0.27) "
        "(morgunov_malzev), (M - 4.5) / 0.025 (hattori), or your own (custom); depth and smallest magnitude stay "
        "limits.",
        reason="No law is agreed upon. Take one before you look, and keep it.",
    )
    max_distance_km: float = option(
        200.0,
        "Farthest epicentre",
        "Great-circle distance to the station.",
        unit="km",
        low=1,
        high=20_038,
        reason="The paper's, for all stations but one.",
    )
    max_depth_km: float = option(
        30.0,
        "Greatest depth",
        "Deeper earthquakes are not target events.",
        unit="km",
        low=0,
        high=800,
        reason="The paper's: sources in the crust.",
    )
    min_magnitude: float = option(
        4.0,
        "Smallest magnitude",
        "As given by the catalogue, whatever its type.",
        low=-2,
        high=10,
        reason="The paper's. Smaller ones are more, and weaker.",
    )
    magnitude_rule: Literal["above", "at_least"] = option(
        "above",
        "Magnitude limit is",
        "above: M > limit, as in the paper. at_least: M >= limit.",
        reason="Magnitudes are rounded to 0.1, so that the sign decides about many events.",
    )
    custom_slope: float = option(
        0.43,
        "Own law: slope",
        "custom: R = 10^(slope * M + intercept) km.",
        low=0,
        high=2,
        reason="0.43 is Dobrovolsky's.",
        later=True,
    )
    custom_intercept: float = option(
        0.0,
        "Own law: intercept",
        "custom: R = 10^(slope * M + intercept) km.",
        low=-5,
        high=5,
        reason="0 is Dobrovolsky's.",
        later=True,
    )
    distance: Literal["epicentral", "hypocentral"] = option(
        "epicentral",
        "Distance to the",
        "epicentral: along the surface. hypocentral: to the focus.",
        reason="The paper's. A deep source lies farther away than its epicentre.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check("detectability", self)


@dataclass(frozen=True)
class DeclusteringConfig:
    """[declustering] Which earthquakes belong together, and whether the followers of a mainshock are targets."""

    TITLE: ClassVar[str] = "Declustering"
    ABOUT: ClassVar[str] = "Which earthquakes are one sequence, and count once as evidence."

    method: Literal["none", "gardner_knopoff", "reasenberg", "zaliapin_ben_zion"] = option(
        "none",
        "Sequences by",
        "none: only earthquakes close in time, so that aftershocks may reach over several splits. By the others a "
        "sequence stays in one split, but for random splits. gardner_knopoff: windows of 1974. reasenberg: links of "
        "1985. zaliapin_ben_zion: nearest neighbours in time, space and magnitude.",
        reason="Ten aftershocks are not ten independent tests; the recommended set-up takes zaliapin_ben_zion.",
        later=True,
    )
    remove: bool = option(
        False,
        "Only mainshocks are targets",
        "Aftershocks and foreshocks stay in the list with that reason. Off: they are targets, kept in one split.",
        reason="Off: every earthquake of a sequence is a target, and the sequence counts once.",
        later=True,
    )
    log10_eta0: float = option(
        -5.0,
        "Nearest-neighbour limit",
        "zaliapin_ben_zion: log10 of eta0; an earthquake that is nearer belongs to its nearest neighbour.",
        low=-20,
        high=10,
        reason="The usual value; look at the histogram of your own catalogue.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check("declustering", self)


@dataclass(frozen=True)
class WindowsConfig:
    """[windows] How long a window is and where windows are cut."""

    TITLE: ClassVar[str] = "Windows"
    ABOUT: ClassVar[str] = "How long a stretch of the record the network sees, and where it is cut out."

    length_minutes: int = option(
        7 * MINUTES_PER_DAY,
        "Window length",
        "60 = 1 hour, 1440 = 1 day, 10080 = 1 week, 43200 = 30 days. Longer windows mean a larger network.",
        unit="min",
        low=16,
        high=LONGEST,
        reason="The paper's week. A day leaves seven times as many windows.",
    )
    sampling: Literal["grid", "event_aligned"] = option(
        "grid",
        "Where windows are cut",
        "grid: a regular step, labelled by what follows. event_aligned: each ends just before an origin time (the "
        "paper), with quiet windows as negatives.",
        reason="Only a grid can be used for a forecast: nobody knows an origin time beforehand.",
    )
    step_minutes: int = option(
        0,
        "Step",
        "Distance of grid windows, and of quiet candidates. 0: one window length.",
        unit="min",
        low=0,
        high=LONGEST,
        reason="Windows that overlap are not independent; a smaller step makes more of them, not more evidence.",
        special={0: "one window length"},
    )
    lead_gap_minutes: int = option(
        1,
        "Minutes before the origin time",
        "event_aligned: the last sample lies at least this long before the earthquake, so no window sees it.",
        unit="min",
        low=1,
        high=LONGEST,
        reason="A sample of the minute of the shock holds its shaking.",
    )
    max_gap_minutes: int = option(
        3,
        "Longest repaired gap",
        "A longer gap rejects the window.",
        unit="min",
        low=0,
        high=LONGEST,
        reason="The paper repairs up to 3 minutes.",
    )
    max_missing_fraction: float = option(
        0.05,
        "Most minutes missing",
        "Share of a window that may be repaired in all.",
        low=0,
        high=0.5,
        reason="What is repaired is invented; one minute in twenty is little enough.",
    )

    def __post_init__(self) -> None:
        options.check("windows", self)

    @property
    def step(self) -> int:
        """The distance of grid windows in minutes, with the default resolved."""
        return self.step_minutes or self.length_minutes


@dataclass(frozen=True)
class LabelsConfig:
    """[labels] When a window is positive, which negatives are used, and the storm rule."""

    TITLE: ClassVar[str] = "Labels"
    ABOUT: ClassVar[str] = "When a window counts as 'before an earthquake', and which quiet windows stand against it."

    latency_minutes: int = option(
        0,
        "Latency",
        "grid: from the window's end to when its forecast becomes valid.",
        unit="min",
        low=0,
        high=LONGEST,
        reason="Data of a day arrive after it has ended; a forecast that is used needs that time.",
    )
    horizon_days: float = option(
        7.0,
        "Horizon",
        "grid: positive if a target event falls within this time after the latency.",
        unit="days",
        low=1 / 1440,
        high=366,
        reason="The paper's week.",
    )
    quiet_margin_days: float = option(
        7.0,
        "Quiet margin",
        "event_aligned: negatives keep this far from any target event, before and after it.",
        unit="days",
        low=0,
        high=366,
        reason="A window just outside a positive one would be called quiet for nothing.",
    )
    class_ratio: Literal["balanced", "natural"] = option(
        "balanced",
        "Class ratio",
        "balanced: as many negatives as positives, in each station and block of time. natural: all there are.",
        reason="A network that always says 'quiet' is right most of the time where classes are not balanced.",
    )
    storm_kp: float = option(
        4.667,
        "Storm limit (Kp)",
        "A 3-hour Kp at or above this is a magnetic storm. 4.667 is 5-; 10: never.",
        low=0,
        high=10,
        reason="Kp 5- is where storms are usually said to begin.",
    )
    storm_rule: Literal["both", "negatives", "none"] = option(
        "both",
        "Stormy windows are rejected",
        "both: whatever the label. negatives: the paper, which ties the label to Kp. none: never.",
        reason="One rule for both classes, so that Kp cannot tell them apart.",
        notes={
            "negatives": "With storms removed from the negatives only, Kp alone can tell the classes apart. That is "
            "the paper's rule."
        },
    )
    seed: int = option(
        0,
        "Seed of the negatives",
        "Which quiet windows are drawn.",
        low=0,
        high=2**31 - 1,
        reason="What holds for one draw only was luck.",
    )
    controls: Literal["random", "matched"] = option(
        "random",
        "Quiet windows are",
        "random: drawn. matched: for each positive one of the same station, year, season, UT hour and Kp.",
        reason="Matched ones take season, hour and storms away as explanations.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check("labels", self)
        if self.controls == "matched" and self.class_ratio != "balanced":
            raise InputError(
                '[labels] controls = "matched" finds one quiet window for each positive: '
                'class_ratio must be "balanced".'
            )
