"""
The configuration of an experiment, whole: its parts, its checks and its identity.

`config_file` reads it from TOML or from the config.json of a run. Two configs that ask for the same computation have
the same `id`, whatever they are called.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import typing
from dataclasses import dataclass, field
from typing import Any

from core import jupyter, options
from core.config.data import DataConfig, WorldConfig
from core.config.labelling import DeclusteringConfig, DetectabilityConfig, LabelsConfig, WindowsConfig
from core.config.network import NetworkConfig, TrainingConfig
from core.config.processing import ProcessingConfig
from core.config.split import SplitConfig
from core.errors import InputError

NAMING = ("name", "description")  # what a config is called, which changes nothing that is computed


@dataclass(frozen=True)
class ExperimentConfig:
    """
    One experiment, whole: equal configs (name and description aside) have equal ids.

    Examples
    --------
    >>> a = from_dict({"name": "a", "windows": {"length_minutes": 1440}})
    >>> b = from_dict({"name": "b", "windows": {"length_minutes": 1440}})
    >>> a.id == b.id
    True
    """

    name: str = "experiment"
    description: str = ""
    data: DataConfig = field(default_factory=DataConfig)
    world: WorldConfig = field(default_factory=WorldConfig)
    detectability: DetectabilityConfig = field(default_factory=DetectabilityConfig)
    declustering: DeclusteringConfig = field(default_factory=DeclusteringConfig)
    windows: WindowsConfig = field(default_factory=WindowsConfig)
    labels: LabelsConfig = field(default_factory=LabelsConfig)
    processing: ProcessingConfig = field(default_factory=ProcessingConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if not self.name or not all(c.isalnum() or c in "-_" for c in self.name) or len(self.name) > 60:
            raise InputError(f"name = {self.name!r}: use 1 to 60 letters, digits, '-' and '_'.")

    def __repr__(self) -> str:
        where = f"{' '.join(self.data.stations) or 'every station'}, {self.data.source}"
        return f"<ExperimentConfig {self.name}: {where}, {self.windows.length_minutes} min windows; {self.id[:8]}>"

    def _repr_html_(self) -> str:
        parts = {name: part for name, part in self.as_dict().items() if isinstance(part, dict)}
        rows = [[f"[{name}]", ", ".join(f"{key} = {part[key]}" for key in part)] for name, part in parts.items()]
        is_made_up = self.data.source == "synthetic"
        rows = [row for row in rows if is_made_up or row[0] != "[world]"]
        return jupyter.card(self.name, [("", self.description)], [jupyter.table([], rows)], (), is_made_up)

    def as_dict(self) -> dict[str, Any]:
        """Plain, JSON-ready dictionary of every field."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table

    @property
    def id(self) -> str:
        """SHA-256 (hex) of every field that changes the computation."""
        content = from_dict(self.as_dict()).as_dict()  # 200 and 200.0 are one number and must be one id
        content = options.without_unused(content, ExperimentConfig)
        for name in NAMING:
            content.pop(name)
        if self.data.source != "synthetic":
            content.pop("world")
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def parts() -> dict[str, type[Any]]:
    """The sections of a config file in their order, each with its dataclass."""
    hints = typing.get_type_hints(ExperimentConfig)
    return {each.name: hints[each.name] for each in dataclasses.fields(ExperimentConfig) if each.name not in NAMING}


def from_dict(table: dict[str, Any]) -> ExperimentConfig:
    """Make a config from a nested dictionary (TOML or JSON); unknown keys are errors."""
    return options.build(ExperimentConfig, table)


def replace(config: ExperimentConfig, **parts: dict[str, Any]) -> ExperimentConfig:
    """
    A copy with some fields changed, checked like any other config.

    >>> replace(ExperimentConfig(), training={"epochs": 3}).training.epochs
    3
    """
    table = config.as_dict()
    for part, changes in parts.items():
        before = table.get(part, {})
        merges = isinstance(changes, dict) and isinstance(before, dict)
        table[part] = {**before, **changes} if merges else changes
    return from_dict(table)
