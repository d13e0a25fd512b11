"""What happens to the record before the network sees it: [processing]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core import options
from core.errors import InputError
from core.options import option


@dataclass(frozen=True)
class ProcessingConfig:
    """[processing] What happens to the record (causal only) and within each window."""

    TITLE: ClassVar[str] = "Processing"
    ABOUT: ClassVar[str] = "What is removed from the record before the network sees it."
    NOTE: ClassVar[str] = (
        "Two of the paper's choices cannot work as printed. Its normalisation, the raw field over the largest Bz, "
        "keeps the network at chance (measured: AUC 0.46 to 0.50 even for planted bursts of 50 nT). Its filter corner "
        "of 0.02 Hz is a period of 50 s, which minute data do not hold; it may mean 100, 50 or 833 min."
    )

    record_filter: Literal["highpass", "bandpass", "lowpass", "none"] = option(
        "highpass",
        "Filter on the record",
        "Causal: no minute feels a later one, so a window never sees past its end.",
        reason="The level and the daily curve are ten thousand times as large as what is looked for.",
    )
    window_filter: Literal["none", "highpass", "bandpass", "lowpass"] = option(
        "none",
        "Filter within the window",
        "Zero-phase (forward and backward, as in the paper), inside the window only.",
        reason="The paper's own filter; at the ends of a window it has little to go by.",
    )
    highpass_period_minutes: float = option(
        100.0,
        "Remove slower than",
        "Corner period of the high-pass. The paper's '0.02 Hz' (50 s) cannot exist on minute data, whose shortest "
        "period is 2 min; its likely meanings are 100, 50 or 833 min.",
        unit="min",
        reason="The likeliest meaning of the paper's corner.",
    )
    lowpass_period_minutes: float = option(
        8.0,
        "Remove faster than",
        "Corner period of the low-pass and band-pass.",
        unit="min",
        reason="Four samples a period.",
    )
    filter_order: int = option(
        2,
        "Filter order",
        "Steepness of the Butterworth filter.",
        low=1,
        high=8,
        reason="Steeper ones ring for longer after a step.",
    )
    gap_rule: Literal["paper_mean", "linear"] = option(
        "linear",
        "Short gaps are filled",
        "paper_mean: with the component's mean over the window. linear: with a straight line.",
        reason="A mean makes a step at both ends of the gap, which a filter turns into a signal.",
    )
    normalisation: Literal["record_robust", "window_robust", "paper"] = option(
        "record_robust",
        "Normalisation",
        "record_robust: a fixed scale per station and component, learned from training windows. window_robust: each "
        "window by its own median and spread. paper: the raw field over the maximum of Bz.",
        reason="A fixed scale keeps amplitudes, which is what a precursor would have.",
        notes={
            "paper": "Measured: under the paper's division the network stays at chance (AUC 0.46 to 0.50) even for "
            "planted bursts of 50 nT that it finds (0.97 to 1.0) once the level is removed. The field of some 40,000 "
            "nT drowns the signal, and all 64 hidden units die within three epochs. Kept as a labelled reproduction."
        },
    )

    def __post_init__(self) -> None:
        options.check("processing", self)
        for kind in (self.record_filter, self.window_filter):
            if kind in ("highpass", "bandpass"):
                options.check_corner("processing", "highpass_period_minutes", self.highpass_period_minutes)
            if kind in ("lowpass", "bandpass"):
                options.check_corner("processing", "lowpass_period_minutes", self.lowpass_period_minutes)
            if kind == "bandpass" and self.lowpass_period_minutes >= self.highpass_period_minutes:
                raise InputError(
                    f"[processing] lowpass_period_minutes = {self.lowpass_period_minutes:g} is not shorter than "
                    f"highpass_period_minutes = {self.highpass_period_minutes:g}: the band is empty."
                )
        if self.normalisation == "paper" and self.record_filter != "none":
            raise InputError(
                f'[processing] normalisation = "paper" divides the raw field by its Bz, but record_filter = '
                f'"{self.record_filter}" takes the level of Bz away. Set record_filter = "none"; '
                "the paper's own filter goes into window_filter."
            )
