"""Configurations with a name: those that come with the project and those of the user's data folder."""

from __future__ import annotations

from pathlib import Path

from core import config as configs
from core.config import ROOT, ExperimentConfig
from core.errors import InputError


def listed(data_dir: Path) -> dict[str, Path]:
    """The file of every named config, in the order of the names; one of the data folder goes before the project's."""
    homes = (ROOT / "data" / "experiments", data_dir / "experiments")
    found = {path.stem: path for home in homes if home.is_dir() for path in home.glob("*.toml")}
    return dict(sorted(found.items()))


def find(name: str, data_dir: Path) -> ExperimentConfig:
    """
    A config by the path of its file, or by its name.

    Raises
    ------
    InputError
        If there is no such file or name, or the config cannot be used.
    """
    path = Path(name)
    if path.suffix in (".toml", ".json") or path.is_file():
        return configs.load(path)
    known = listed(data_dir)
    if name not in known:
        raise InputError(f"There is no config {name!r}. Give a TOML file, or one of: {', '.join(known)}.")
    return configs.load(known[name])
