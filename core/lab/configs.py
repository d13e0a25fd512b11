"""A config by its name or file, with changes; what `core.load_config` is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import config as configs
from core import data_folder
from core.config import ExperimentConfig
from core.runs import presets


def load_config(name: str | Path, /, **changes: Any) -> ExperimentConfig:
    """
    A config, with some options changed.

    Parameters
    ----------
    name : str or Path
        The name of one in `experiments/` of the data folder or of the project, a TOML file, a run's config.json, or a
        frozen plan.
    **changes
        `name`, `description`, or a section with the options to change in it: `data={"stations": ["DUR"]}`.

    Raises
    ------
    InputError
        If there is none of this name, or an option does not exist or cannot have the value.

    Examples
    --------
    >>> load_config("honest-default", data={"stations": ["DUR"], "catalogues": []}).data.stations
    ('DUR',)
    """
    path = Path(name).expanduser() if str(name).startswith("~") else name
    return configs.replace(presets.find(str(path), data_folder.data_dir()), **changes)
