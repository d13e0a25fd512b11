"""
The configuration of an experiment: what can be chosen, what is allowed, and its identity.

A config is a frozen dataclass made of parts, a section of a TOML file each. Each field says by itself what it is
called, what it does, its unit, its range and why it is as it is (`core.options.option`): the Train page, the checks,
`precursor config` and docs/options.md read that. Every field is checked when the object is made; an unknown key is an
error that lists the known ones.
"""

from core.config.data import DataConfig, WorldConfig
from core.config.experiment import ExperimentConfig, from_dict, parts, replace
from core.config.labelling import (
    MINUTES_PER_DAY,
    DeclusteringConfig,
    DetectabilityConfig,
    LabelsConfig,
    WindowsConfig,
)
from core.config.network import NetworkConfig, TrainingConfig
from core.config.processing import ProcessingConfig
from core.config.split import SplitConfig

__all__ = [
    "MINUTES_PER_DAY",
    "DataConfig",
    "DeclusteringConfig",
    "DetectabilityConfig",
    "ExperimentConfig",
    "LabelsConfig",
    "NetworkConfig",
    "ProcessingConfig",
    "SplitConfig",
    "TrainingConfig",
    "WindowsConfig",
    "WorldConfig",
    "from_dict",
    "parts",
    "replace",
]
