"""Configurations with a name: those that come with the project and those of the user's data folder."""

from __future__ import annotations

from pathlib import Path

from core import config_file, shipped
from core.config import ExperimentConfig


def listed(data_dir: Path) -> dict[str, Path]:
    """The file of every named config, in the order of the names; one of the data folder goes before the project's."""
    return shipped.listed("experiments", data_dir)


def find(name: str, data_dir: Path) -> ExperimentConfig:
    """
    A config by the path of its file, or by its name.

    Raises
    ------
    InputError
        If there is no such file or name, or the config cannot be used.
    """
    return config_file.load(shipped.find("experiments", "config", name, data_dir))
