"""
What a sweep or a search varies: from a TOML file with `[vary]` to a list of checked configs.

The file is a config, or names one (`base = "honest-default"`) and changes some of it, and lists under `[vary]` the
values of each option that is varied. Instead of a list there may be a range: `{ low = 1e-5, high = 1e-2, log = true }`.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np

from core import config as configs
from core import documents, options, shipped
from core.config import ExperimentConfig
from core.documents import DocumentError
from core.errors import InputError
from core.options import option
from core.runs import presets

MOST = 10_000  # runs of one sweep
SEED = "training.seed"
LARGEST = 2**63 - 1  # whole number that can be drawn

Value = bool | int | float | str | list[str]  # of an option
Settings = dict[str, Value]  # by "section.option"


@dataclass(frozen=True)
class Range:
    """A range of numbers, both ends included; `log` draws each factor of ten alike."""

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise InputError(
                f"The range from {self.low:g} to {self.high:g} is empty, or log = true with a low that is not above 0."
            )


@dataclass(frozen=True)
class SweepOptions:
    """[sweep] Which combinations are trained: all of them, or `n` drawn with `seed`; each with so many `seeds`."""

    method: Literal["grid", "random"] = option(
        "grid",
        "Combinations",
        "grid: all of them. random: n, drawn.",
        reason="Four options are soon hundreds.",
    )
    n: int = option(
        0, "Drawn combinations", "random: how many.", low=0, high=MOST, reason="Each one costs the others a little."
    )
    seed: int = option(
        0, "Seed of the draw", "Which combinations are drawn.", low=0, high=2**31 - 1, reason="Kept, to be drawn again."
    )
    seeds: int = option(
        1,
        "Training seeds",
        "Each combination is trained with so many, counted from the config's.",
        low=1,
        high=1000,
        reason="What differs by seed alone is no difference.",
    )

    def __post_init__(self) -> None:
        options.check("sweep", self)
        if (self.method == "random") != bool(self.n):
            raise InputError(
                f'[sweep] method = "{self.method}" with n = {self.n}: "random" needs n, the number of combinations to '
                'draw, and "grid" trains them all and takes none.'
            )


@dataclass(frozen=True)
class SearchOptions:
    """[search] How many trials a search makes, its seed, and whether trials that fall behind are stopped early."""

    n: int = option(30, "Trials", "How many a search makes.", low=1, high=MOST, reason="Enough for three options.")
    seed: int = option(
        0, "Seed of the search", "Which trials are made.", low=0, high=2**31 - 1, reason="Kept, to be made again."
    )
    prune: bool = option(
        True, "Stop what falls behind", "Trials that fall behind are stopped early.", reason="It halves the time."
    )

    def __post_init__(self) -> None:
        options.check("search", self)


@dataclass(frozen=True)
class Plan:
    """A config and what is varied of it; `vary` goes from "section.option" to a tuple of values or a range."""

    base: ExperimentConfig
    vary: dict[str, tuple[Value, ...] | Range]
    sweep: SweepOptions = field(default_factory=SweepOptions)
    search: SearchOptions = field(default_factory=SearchOptions)

    def as_dict(self) -> dict[str, object]:
        """Plain, JSON-ready dictionary."""
        parts = {"sweep": dataclasses.asdict(self.sweep), "search": dataclasses.asdict(self.search)}
        return {"base": self.base.as_dict(), "vary": self.varied(), **parts}

    def varied(self) -> dict[str, list[Value] | dict[str, float | bool]]:
        """What is varied, JSON-ready: by option the list of its values, or low, high and log of a range."""
        return {key: dataclasses.asdict(v) if isinstance(v, Range) else list(v) for key, v in self.vary.items()}


def load(name: str, data_dir: Path) -> Plan:
    """
    Read a plan from a TOML file, or by the name of one in `experiments/sweeps` (the project's, or the user's).

    Raises
    ------
    InputError
        If there is no such file, an option is unknown, or nothing is varied.
    """
    known = shipped.listed("experiments/sweeps", data_dir)
    path = known.get(name) or presets.listed(data_dir).get(name) or Path(name)
    try:
        table = documents.read_toml(path)
    except DocumentError as error:
        if not error.missing:
            raise
        listed = ", ".join(shipped.marked(known)) or "none yet"
        raise InputError(f"There is no file {path} with options to vary. Give one, or one of: {listed}.") from None
    shipped.say_if_edited(path)
    try:
        return from_dict({"name": path.stem, **table}, data_dir)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def from_dict(table: dict[str, object], data_dir: Path) -> Plan:
    """A plan from the nested dictionary of its file."""
    base: dict[str, object] = presets.find(str(table["base"]), data_dir).as_dict() if "base" in table else {}
    for key, value in table.items():
        if key not in ("base", "vary", "sweep", "search"):
            before = base.get(key)
            base[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    varied = dict(_varied(table.get("vary", {})))
    if not varied:
        raise InputError(
            "It has no [vary], so there is nothing to compare. List values under it, such as "
            "training.learning_rate = [0.001, 0.0001]."
        )
    sweep = options.build(SweepOptions, table.get("sweep", {}), "sweep")
    if sweep.seeds > 1 and SEED in varied:
        raise InputError(f"[sweep] seeds = {sweep.seeds}, and {SEED} is listed under [vary] too. Give one of them.")
    search = options.build(SearchOptions, table.get("search", {}), "search")
    return Plan(configs.from_dict(base), varied, sweep, search)


def expand(plan: Plan) -> list[tuple[Settings, ExperimentConfig]]:
    """
    The runs of a sweep: what is varied, and the config with it; the same plan gives the same list.

    Two combinations that ask for the same computation are one run.

    Raises
    ------
    InputError
        If a combination is no config, a grid is asked of a range, or there are too many.
    """
    seeds = range(plan.base.training.seed, plan.base.training.seed + plan.sweep.seeds)
    asked: dict[str, tuple[Settings, ExperimentConfig]] = {}
    for drawn in _combinations(plan, MOST // len(seeds)):
        for seed in seeds:
            settings = {**drawn, SEED: seed} if len(seeds) > 1 else drawn
            made = config(plan.base, settings)
            asked.setdefault(made.id, (settings, made))
    return list(asked.values())


def config(base: ExperimentConfig, settings: Settings) -> ExperimentConfig:
    """The config with some options, named "section.option", changed; its description says which."""
    sections: dict[str, dict[str, Value]] = {}
    for key, value in settings.items():
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = value
    try:
        return dataclasses.replace(configs.replace(base, **sections), description=in_words(settings))
    except InputError as error:
        raise InputError(f"With {in_words(settings)}: {error}") from None


def in_words(settings: Settings) -> str:
    """
    What is varied, in one line.

    >>> in_words({"training.learning_rate": 0.001, "data.stations": ["DUR", "IZN"]})
    'learning_rate = 0.001, stations = DUR IZN'
    """
    return ", ".join(f"{key.partition('.')[2]} = {_word(value)}" for key, value in settings.items())


def is_whole(key: str) -> bool:
    """True if the option "section.option" takes whole numbers."""
    section, _, name = key.partition(".")
    kind = typing.cast(type, typing.get_type_hints(ExperimentConfig)[section])
    hint = typing.get_type_hints(kind)[name]
    return int in (hint, *typing.get_args(hint))


def _word(value: Value) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def _varied(table: object, section: str = "") -> Iterator[tuple[str, tuple[Value, ...] | Range]]:
    """Options and their values from the nested or dotted keys of [vary]; every option must be known."""
    if not isinstance(table, dict):
        raise InputError(f"[vary] must be a table of options and lists of their values, found {table!r}.")
    sections = typing.get_type_hints(ExperimentConfig)
    for key, value in table.items():
        section_name, _, name = f"{section}.{key}".strip(".").partition(".")
        kind = sections.get(section_name)
        if kind is None or not dataclasses.is_dataclass(kind):
            known = ", ".join(part for part, hint in sections.items() if dataclasses.is_dataclass(hint))
            raise InputError(f"Unknown section {section_name!r} in [vary]. Sections are: {known}.")
        if not name:
            yield from _varied(value, section_name)
            continue
        known_options = [part.name for part in dataclasses.fields(kind)]
        if name not in known_options:
            raise InputError(
                f"Unknown option {name!r} in [vary.{section_name}]. Options are: {', '.join(known_options)}."
            )
        yield f"{section_name}.{name}", _values(f"{section_name}.{name}", value)


def _values(key: str, value: object) -> tuple[Value, ...] | Range:
    if isinstance(value, dict):
        return _range(key, value)
    if not isinstance(value, list) or not value:
        raise InputError(f"[vary] {key} = {value!r} must be a list of values.")
    return tuple(_value(key, each) for each in value)


def _range(key: str, table: dict[str, object]) -> Range:
    if not {"low", "high"} <= set(table):
        raise InputError(f"[vary] {key} must be a list of values, or a range with low and high.")
    made = options.build(Range, table, f"vary.{key}")
    if is_whole(key) and max(abs(made.low), abs(made.high)) > LARGEST:
        raise InputError(
            f"[vary] {key} = {made.low:g} to {made.high:g} goes beyond the whole numbers of 64 bits. Narrow it."
        )
    return made


def _value(key: str, value: object) -> Value:
    """A value from the file as it is kept: a date as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return list(value)
    raise InputError(
        f"[vary] {key} lists {value!r}, expected true or false, a number, text, a date or a list of names. Correct it."
    )


def _combinations(plan: Plan, most: int) -> list[Settings]:
    """Every combination in the order of the file, or n different ones that are drawn (fewer where there are fewer)."""
    ranges = [key for key, values in plan.vary.items() if isinstance(values, Range)]
    if plan.sweep.method == "grid" and ranges:
        raise InputError(
            f'[vary] {ranges[0]} is a range, and a grid needs a list. Set [sweep] method = "random" and n, or list '
            "the values."
        )
    lists = [values for values in plan.vary.values() if not isinstance(values, Range)]
    n_all = math.inf if ranges else math.prod(map(len, lists))
    n = n_all if plan.sweep.method == "grid" else min(n_all, plan.sweep.n)
    if n > most:
        raise InputError(
            f"[vary] asks for {n:,.0f} combinations, and one sweep can have {most:,}. Vary fewer options, or draw "
            'some: [sweep] method = "random" and n.'
        )
    if n == n_all:
        return [dict(zip(plan.vary, chosen, strict=True)) for chosen in itertools.product(*lists)]
    rng, drawn = np.random.default_rng(plan.sweep.seed), dict[str, Settings]()
    for _ in range(100 * plan.sweep.n):  # a narrow range of whole numbers may hold fewer than n
        settings = {key: _draw(key, values, rng) for key, values in plan.vary.items()}
        drawn.setdefault(json.dumps(settings), settings)
        if len(drawn) == n:
            break
    return list(drawn.values())


def _draw(key: str, values: tuple[Value, ...] | Range, rng: np.random.Generator) -> Value:
    if not isinstance(values, Range):
        return values[int(rng.integers(len(values)))]
    if is_whole(key) and not values.log:
        return int(rng.integers(int(values.low), int(values.high) + 1))
    ends = (math.log(values.low), math.log(values.high)) if values.log else (values.low, values.high)
    drawn = float(rng.uniform(*ends))
    drawn = math.exp(drawn) if values.log else drawn
    return round(drawn) if is_whole(key) else float(f"{drawn:.4g}")
