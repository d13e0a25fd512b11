"""What is asked of which data: [data], and [world] where the data are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core import options
from core.errors import InputError
from core.options import option


@dataclass(frozen=True)
class DataConfig:
    """[data] Which stations, which catalogue, which period, and whether the world is real."""

    TITLE: ClassVar[str] = "Data"
    ABOUT: ClassVar[str] = "Which stations, which earthquakes, which period."

    source: Literal["archive", "synthetic"] = option(
        "archive",
        "Data are",
        "Real minute data from the archive, or a synthetic world with a known answer.",
        reason="Only the archive says something about the Earth; a made-up world shows whether a method works at all.",
    )
    stations: tuple[str, ...] = option(
        (),
        "Stations",
        "Observatory codes. Several stations are pooled into one training set.",
        reason="More stations are more earthquakes, the rarest thing here. Empty: every one that has data.",
    )
    catalogues: tuple[str, ...] = option(
        (),
        "Catalogues",
        "One for all stations, or one per station in the same order. None: all.",
        reason="A regional agency knows the small earthquakes of its own region best.",
    )
    start: str = option(
        "",
        "From (UTC)",
        "ISO date such as 2016-01-31. Empty: from the first minute stored.",
        reason="Leave out the years before an instrument was moved or replaced.",
    )
    end: str = option(
        "",
        "Until (UTC)",
        "ISO date, not included. Empty: to the last minute stored.",
        reason="A plan needs an end: data that arrive later must not change what was asked.",
    )

    def __post_init__(self) -> None:
        options.check_dates("data", self.start, self.end)
        if len(self.catalogues) > 1 and len(self.catalogues) != len(self.stations):
            raise InputError(
                f"[data] catalogues has {len(self.catalogues)} names for {len(self.stations)} stations. "
                "Give one name for all stations, or one per station in the same order."
            )

    def catalogue_of(self, station: str) -> str:
        """The catalogue used for a station; "" means every stored one."""
        if not self.catalogues:
            return ""
        return self.catalogues[0] if len(self.catalogues) == 1 else self.catalogues[self.stations.index(station)]


@dataclass(frozen=True)
class WorldConfig:
    """[world] The synthetic world; read only when [data] source = "synthetic"."""

    TITLE: ClassVar[str] = "Synthetic world"
    ABOUT: ClassVar[str] = (
        "What the made-up world is like. Plant a precursor here to see whether the method would find one."
    )

    seed: int = option(
        1,
        "World seed",
        "Another number makes another world of the same kind.",
        reason="What holds in one world only was luck.",
    )
    start: str = option("2015-01-01", "World begins", "ISO date.", reason="Storms and seasons follow the calendar.")
    end: str = option(
        "2019-01-01", "World ends", "ISO date, not included.", reason="Four years hold about 120 earthquakes a station."
    )
    events_per_year: float = option(
        30.0,
        "Background earthquakes per year",
        "M 3.5 or more within 300 km of each station; aftershocks come on top.",
        low=0,
        high=10_000,
        reason="About what central Italy has.",
    )
    gap_fraction: float = option(
        0.01,
        "Missing fraction",
        "Share of minutes lost in gaps.",
        low=0,
        high=0.5,
        reason="A good observatory loses one minute in a hundred.",
    )
    precursor_amplitude_nt: float = option(
        0.0,
        "Planted precursor",
        "Amplitude of a burst before each target event. 0: there is none and nothing can be found.",
        unit="nT",
        low=0,
        high=10_000,
        reason="The default is none, on purpose: a method must first find nothing where nothing is.",
    )
    precursor_lead_hours: float = option(
        12.0,
        "Precursor lead",
        "From the middle of the burst to the origin time.",
        unit="h",
        low=0.05,
        high=24 * 60,
        reason="Claims range from hours to weeks.",
    )
    precursor_duration_hours: float = option(
        6.0,
        "Precursor duration",
        "Length of the burst.",
        unit="h",
        low=0.05,
        high=24 * 60,
        reason="Claims range from minutes to days.",
    )
    precursor_period_minutes: float = option(
        20.0,
        "Precursor period",
        "Period of the oscillation in the burst.",
        unit="min",
        low=2,
        high=10_000,
        reason="Faster than the high-pass corner, so that the usual filter keeps it.",
    )
    precursor_shape: Literal["burst", "ramp"] = option(
        "burst",
        "Precursor shape",
        "burst: an oscillation that grows and fades. ramp: a straight rise to the amplitude, without oscillation.",
        reason="A high-pass filter takes a ramp away and keeps a burst.",
        later=True,
    )
    shaking_nt: float = option(
        0.0,
        "Shaken sensors",
        "Noise that an earthquake of M 4 at 100 km leaves in a sensor: ten times as much per magnitude, less farther "
        "away. 0: sensors stay still.",
        unit="nT",
        low=0,
        high=10_000,
        reason="Shaking after an earthquake tells whether the catalogue's clock is right.",
        later=True,
    )
    shaking_minutes: float = option(
        30.0,
        "Shaking fades in",
        "Time in which the noise falls to 1/e.",
        unit="min",
        low=1,
        high=1440,
        reason="Suspended instruments swing for so long.",
        later=True,
    )
    shaking_km: float = option(
        300.0,
        "Shaken from within",
        "Earthquakes farther away shake no sensor.",
        unit="km",
        low=1,
        high=20_038,
        reason="As far as the earthquakes of a made-up world lie.",
        later=True,
    )

    def __post_init__(self) -> None:
        options.check_dates("world", self.start, self.end, required=True)
        options.check("world", self)
