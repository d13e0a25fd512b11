"""Which windows teach, which watch and which judge: [split]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from core import options
from core.errors import InputError
from core.options import option

LEAKS = "Its scores are too good; the run and every page that shows it will say so."


@dataclass(frozen=True)
class SplitConfig:
    """[split] Which windows train, validate and test."""

    TITLE: ClassVar[str] = "Split"
    ABOUT: ClassVar[str] = "Which windows are learned from, and which are kept aside to judge by."

    method: Literal["blocked", "random", "grouped", "leave_one_station_out"] = option(
        "blocked",
        "Method",
        "blocked: by time, with a distance between the blocks. random: the paper's; neighbours in time fall on both "
        "sides, so it leaks, and the run will say so. grouped: whole sequences at random; leaks too. "
        "leave_one_station_out: blocked, tested on a station that was not trained on.",
        reason="Windows that judge must share neither minutes nor earthquakes with those that teach.",
        notes={
            "random": "A random split puts windows that share minutes, or lie side by side in time, on both sides. "
            + LEAKS,
            "grouped": "Whole sequences are dealt out at random, but neighbours in time still fall on both sides. "
            + LEAKS,
        },
    )
    validation_fraction: float = option(
        0.2,
        "Validation fraction",
        "Share used to watch the training.",
        low=0.01,
        high=0.9,
        reason="Early stopping chooses by it, so that it cannot judge.",
    )
    test_fraction: float = option(
        0.2,
        "Test fraction",
        "Share kept aside until the end.",
        low=0,
        high=0.9,
        reason="The paper has none, and judges by what chose the network.",
    )
    embargo_days: float = option(
        -1.0,
        "Embargo",
        "Extra distance between blocks. -1: one window length.",
        unit="days",
        low=0,
        high=3660,
        reason="The field of yesterday is much like that of today.",
        special={-1: "automatic"},
    )
    seed: int = option(
        0,
        "Seed of the split",
        "Used by the random and the grouped split.",
        reason="What holds for one way of dealing out was luck.",
    )
    n_blocks: int = option(
        0,
        "Blocks of time",
        "Cross-validation: instead of the two fractions. 0: the fractions.",
        low=0,
        high=100,
        reason="Every block can be tested on in turn, so that no year is wasted.",
        special={0: "none"},
        later=True,
    )
    test_block: int = option(
        -1,
        "Test block",
        "Which block is tested on, counted from 0. -1: the last.",
        low=0,
        high=99,
        reason="The last one is what a forecast would face.",
        special={-1: "the last"},
        later=True,
    )
    test_station: str = option(
        "",
        "Test station",
        "leave_one_station_out: the station that is not trained on.",
        reason="What comes from the Earth should be seen at a station that was never learned.",
        later=True,
    )
    final_fraction: float = option(
        0.0,
        "Final fraction",
        "Share of time at the end that stays closed until opened, once.",
        low=0,
        high=0.5,
        reason="Only a stretch that nobody has scored can make a finding of a plan.",
        later=True,
    )
    final_start: str = option(
        "",
        "Final block from",
        "Instead of the share: the day on which the closed block begins, such as 2026-12-01. It may lie ahead. "
        "Empty: the share.",
        reason="So a plan can wait for data that do not exist yet.",
        later=True,
    )

    def __post_init__(self) -> None:
        self._check_final_start()
        self._check_blocks()
        options.check("split", self)
        if self.validation_fraction + self.test_fraction > 0.95:
            raise InputError("[split] validation_fraction and test_fraction leave less than 5 % for training.")
        if (self.method == "leave_one_station_out") != bool(self.test_station):
            raise InputError(
                f'[split] test_station = {self.test_station!r} with method = "{self.method}": '
                '"leave_one_station_out" needs the code of one station, and no other method takes one.'
            )

    @property
    def has_final(self) -> bool:
        """True if a last block of time is set aside."""
        return bool(self.final_fraction or self.final_start)

    def _check_final_start(self) -> None:
        if not self.final_start:
            return
        options.check_day("split", "final_start", self.final_start)
        if self.final_fraction:
            raise InputError("[split] final_start and final_fraction both set a final block aside. Give one of them.")
        if self.method in ("random", "grouped"):
            words = f'method = "{self.method}" deals all windows out anew when more come. Take method = "blocked".'
            raise InputError(f"[split] final_start waits for data, but {words}")

    def _check_blocks(self) -> None:
        if self.n_blocks in (1, 2):
            raise InputError(
                f"[split] n_blocks = {self.n_blocks} leaves no block to train on beside one for validation and one for "
                "test. Take 3 or more, or 0 for validation_fraction and test_fraction."
            )
        if self.n_blocks and self.method not in ("blocked", "leave_one_station_out"):
            raise InputError(f'[split] n_blocks = {self.n_blocks} cuts time, but method = "{self.method}" does not.')
        if not -1 <= self.test_block < max(self.n_blocks, 1):
            raise InputError(
                f"[split] test_block = {self.test_block} is not one of the n_blocks = {self.n_blocks} blocks "
                "(counted from 0; -1 is the last)."
            )
