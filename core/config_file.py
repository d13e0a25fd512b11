"""A configuration on disk: TOML that a user wrote, config.json beside a run or a learning curve, or a frozen plan."""

from __future__ import annotations

from pathlib import Path

from core import config as configs
from core import documents, files, options, typed_documents
from core.config import ExperimentConfig
from core.documents import DocumentError
from core.errors import InputError

VERSION = 1  # of config.json; the oldest have none, and may lack the options that are marked as `later`

MOST_NAMED = 4  # options that an error names


def load(path: Path | str) -> ExperimentConfig:
    """
    Read a config from TOML, from the config.json of a run, or from a frozen plan.

    Raises
    ------
    OtherVersion
        If it is a config.json of a newer version of the program.
    InputError
        If the file is missing, is not TOML or JSON, or has an unknown key or a bad value; or if it is JSON, where every
        option was kept, and lacks one: today's default need not be what the run was made with.
    """
    path = Path(path)
    is_json, missing = path.suffix == ".json", list[str]()
    try:
        table = documents.read_json(path) if is_json else documents.read_toml(path)
    except DocumentError as error:
        if error.missing:
            raise InputError(f"There is no config file {path}.") from None
        raise
    if "config_id" in table and isinstance(table.get("config"), dict):
        table = table["config"]
    elif is_json:
        missing = options.lacking(table, ExperimentConfig, may_lack_later="version" not in table)
        table = _without_version(path, table)
    if "name" not in table:
        table["name"] = path.stem
    try:
        config = configs.from_dict(table)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    if missing:
        named = ", ".join([*missing[:MOST_NAMED], *(["..."] if len(missing) > MOST_NAMED else [])])
        raise DocumentError(path, f"it lacks {named}, which a kept config has; one that you write yourself is TOML")
    return config


def write(path: Path, config: ExperimentConfig) -> None:
    """Keep the config of a run or of a learning curve."""
    files.replace_json(path, {**config.as_dict(), "version": VERSION, "program": typed_documents.program()})


def _without_version(path: Path, table: dict[str, object]) -> dict[str, object]:
    """The options alone, of a version that this program reads."""
    try:
        typed_documents.version_of(table, VERSION, f"The config {path.parent.name}/{path.name}")
    except typed_documents.OtherVersion:
        raise
    except ValueError as error:
        raise InputError(f"{path.name}: {error}.") from None
    return {key: value for key, value in table.items() if key not in ("version", "program")}
