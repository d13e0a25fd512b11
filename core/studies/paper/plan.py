"""
What is trained for the paper: every run of every figure, under both sets of choices, in full and in quick size.

The plan is plain data. A run that several figures share (the same configuration) is made once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core import config as configs
from core.config import MINUTES_PER_DAY, ExperimentConfig, NetworkConfig
from core.studies.paper import switches
from core.training import architectures
from core.vocabulary import POOLED

PAPER, HONEST = "paper", "honest"
CHOICES = {PAPER: switches.PAPER, HONEST: switches.HONEST}
NAMES = {PAPER: "paper-as-printed", HONEST: "paper-honest"}  # of the runs
HOUR, DAY, WEEK, MONTH = 60, MINUTES_PER_DAY, 7 * MINUTES_PER_DAY, 30 * MINUTES_PER_DAY
UNCHANGED = "as it is"

OPTIMIZERS = ("adam", "adagrad", "adamax", "sgd", "rmsprop")
LEARNING_RATES = (0.0001, 0.001, 0.01)
LAYERS = (2, 3, 4, 5)

# fig5: training over 50 epochs. optimisers, rates, layers: Fig. 6. lengths: Fig. 7. curves: Fig. 8. stations: each
# observatory and all, filtered and not. switches: the specification curve. planted: a precursor that is really there.
EXPERIMENTS = ("fig5", "optimisers", "rates", "layers", "lengths", "stations", "switches", "planted")
CURVES = "curves"
FIGURES = {
    "fig5": ("fig5",),
    "fig6": ("optimisers", "rates", "layers"),
    "fig7": ("lengths",),
    "fig8": (CURVES,),
    "stations": ("stations",),
    "switches": ("switches",),
    "planted": ("planted",),
}

PLANTED_NT = 50.0
PLANTED = configs.from_dict(  # regular windows with a lead of a day: the burst lies anywhere in its window
    {
        "name": "paper-planted",
        "data": {"source": "synthetic", "stations": ["DUR", "IZN", "MLR"]},
        "world": {
            "seed": 7,
            "start": "2016-01-01",
            "end": "2018-01-01",
            "events_per_year": 200.0,
            "gap_fraction": 0.002,
            "precursor_amplitude_nt": PLANTED_NT,
            "precursor_lead_hours": 24.0,
            "precursor_duration_hours": 6.0,
        },
        "detectability": {"law": "paper"},
        "windows": {"length_minutes": DAY, "sampling": "grid"},
        "labels": {"horizon_days": 1.0},
        "split": {"embargo_days": 1.0, "validation_fraction": 0.15, "test_fraction": 0.3},
        "training": {"epochs": 8},
    }
)
NORMALISATIONS = {
    PAPER: {"record_filter": "none", "normalisation": "paper", "gap_rule": "paper_mean"},
    HONEST: {"record_filter": "highpass", "normalisation": "record_robust", "gap_rule": "linear"},
}


@dataclass(frozen=True)
class Size:
    """
    How much is trained. length: minutes of the windows where it is not what varies. seeds, epochs: of the figures.
    per_length: (minutes, seeds, epochs) of Fig. 7. fractions, repeats: of Fig. 8. n_random: random settings of all
    switches in the specification curve. left_out: what is smaller than in full, in words.
    """

    name: str
    length: int
    seeds: int
    epochs: int
    long_epochs: int
    per_length: tuple[tuple[int, int, int], ...]
    fractions: tuple[float, ...]
    repeats: int
    n_random: int
    left_out: tuple[str, ...]


FULL = Size(
    "full",
    WEEK,
    5,
    20,
    50,
    ((HOUR, 5, 50), (DAY, 5, 50), (WEEK, 5, 50), (MONTH, 5, 20)),
    (0.1, 0.25, 0.5, 0.75, 1.0),
    10,
    30,
    (
        "Fig. 5 and Fig. 7 are trained for 50 epochs (the month for 20); Fig. 6, Fig. 8, the observatories and the "
        "switches for 20: the paper's own networks overfit after 10.",
    ),
)
QUICK = Size(
    "quick",
    HOUR,
    2,
    12,
    50,
    ((HOUR, 2, 12), (DAY, 2, 8), (WEEK, 1, 3), (MONTH, 1, 2)),
    (0.25, 0.5, 1.0),
    3,
    8,
    (
        "Quick: Fig. 5, Fig. 6, Fig. 8, the observatories and the switches use windows of an hour; in full, of a week.",
        "Quick: 2 seeds instead of 5 (week, month: 1), 12 epochs instead of 20 (Fig. 5: 50; day 8, week 3, month 2).",
        "Quick: learning curves of 3 sizes and 3 repeats instead of 5 and 10, too few for a fit; 8 random settings of "
        "the switches instead of 30; filtered windows of an hour only; no fifth convolution layer (an hour is "
        "too short for it).",
    ),
)


@dataclass(frozen=True)
class Planned:
    """One training: the experiment and the choice it belongs to, what is varied, and which seed."""

    experiment: str
    choice: str
    variant: str
    seed: int
    config: ExperimentConfig


def runs(ground: ExperimentConfig, size: Size) -> list[Planned]:
    """
    Every training of the study.

    Parameters
    ----------
    ground : ExperimentConfig
        Its [data] (all stations named) and [world] are used.
    size : Size
    """
    return [
        *_training(ground, size),
        *_network(ground, size),
        *_lengths(ground, size),
        *_stations(ground, size),
        *_specifications(ground, size),
        *_planted(size),
    ]


def curve(ground: ExperimentConfig, size: Size, choice: str) -> ExperimentConfig:
    """The configuration of the learning curve (Fig. 8) of a choice."""
    return _config(ground, choice, size.length, 0, size.epochs)


def _config(
    ground: ExperimentConfig,
    choice: str,
    length: int,
    seed: int,
    epochs: int,
    training: dict[str, object] | None = None,
    network: dict[str, object] | None = None,
    **positions: str,
) -> ExperimentConfig:
    """A choice with some switches (spaces written as _) in other positions."""
    moved = {name.replace("_", " "): position for name, position in positions.items()}
    made = switches.config(NAMES[choice], ground, {**CHOICES[choice], **moved}, length, seed)
    return configs.replace(made, training={"epochs": epochs, **(training or {})}, network=network or {})


def _training(ground: ExperimentConfig, size: Size) -> Iterator[Planned]:
    for choice, seed in itertools.product(CHOICES, range(size.seeds)):
        yield Planned("fig5", choice, UNCHANGED, seed, _config(ground, choice, size.length, seed, size.long_epochs))


def _network(ground: ExperimentConfig, size: Size) -> Iterator[Planned]:
    for choice, seed in itertools.product(CHOICES, range(size.seeds)):
        here = (ground, choice, size.length, seed, size.epochs)
        for optimizer in OPTIMIZERS:
            yield Planned("optimisers", choice, optimizer, seed, _config(*here, training={"optimizer": optimizer}))
        for rate in LEARNING_RATES:
            yield Planned("rates", choice, f"{rate:g}", seed, _config(*here, training={"learning_rate": rate}))
        for layers in (n for n in LAYERS if architectures.shortest(NetworkConfig(layers=n)) <= size.length):
            yield Planned("layers", choice, f"{layers}", seed, _config(*here, network={"layers": layers}))


def _lengths(ground: ExperimentConfig, size: Size) -> Iterator[Planned]:
    for (length, seeds, epochs), choice in itertools.product(size.per_length, CHOICES):
        for seed in range(seeds):
            yield Planned("lengths", choice, f"{length}", seed, _config(ground, choice, length, seed, epochs))


def _stations(ground: ExperimentConfig, size: Size) -> Iterator[Planned]:
    codes = ground.data.stations
    places = [POOLED, *codes] if len(codes) > 1 else list(codes)
    for place, choice, position in itertools.product(places, CHOICES, ("none", "100 min")):
        there = ground if place == POOLED else _only(ground, place)
        words = f"{place}, {'unfiltered' if position == 'none' else 'filtered'}"
        for seed in range(size.seeds):
            config = _config(there, choice, size.length, seed, size.epochs, filter=position)
            yield Planned("stations", choice, words, seed, config)


def _only(ground: ExperimentConfig, code: str) -> ExperimentConfig:
    """One station; a synthetic world keeps all of them, or it would be another world."""
    catalogue = ground.data.catalogue_of(code)
    return configs.replace(ground, data={"stations": [code], "catalogues": [catalogue] if catalogue else []})


def _specifications(ground: ExperimentConfig, size: Size) -> Iterator[Planned]:
    """Each choice, each choice with one switch moved, and settings of all switches at random."""
    random = np.random.default_rng(20)
    found: dict[str, dict[str, str]] = {}
    for choice, positions in CHOICES.items():
        found[choice] = positions
        for name, switch in switches.SWITCHES.items():
            for position in switch.options:
                if position != positions[name]:
                    found[f"{choice}, {name}: {position}"] = {**positions, name: position}
    for number in range(size.n_random):
        drawn = {name: str(random.choice(list(one.options))) for name, one in switches.SWITCHES.items()}
        found[f"random {number + 1}"] = drawn
    for variant, positions in found.items():
        name = next((name for choice, name in NAMES.items() if variant.split(",")[0] == choice), "paper-switches")
        config = switches.config(name, ground, positions, size.length)
        choice = variant.split(",")[0].split(" ")[0]
        yield Planned("switches", choice, variant, 0, configs.replace(config, training={"epochs": size.epochs}))


def _planted(size: Size) -> Iterator[Planned]:
    for choice, seed in itertools.product(CHOICES, range(max(2, size.seeds))):
        config = configs.replace(PLANTED, processing=NORMALISATIONS[choice], training={"seed": seed})
        yield Planned("planted", choice, UNCHANGED, seed, config)
