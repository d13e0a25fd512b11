"""Which data folder is in use, and why: $PRECURSOR_DATA, else `data/` of the checkout, else `data/` where one works."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import InputError

ROOT = Path(__file__).resolve().parents[1]  # the checkout; of a wheel, the folder that it was installed into


def is_checkout() -> bool:
    """Whether this program runs from a checkout (or an unpacked archive of the sources) and not from a wheel."""
    return (ROOT / "pyproject.toml").is_file()


def data_dir() -> Path:
    """Where archive, runs and ledger live: an absolute path, which need not exist. Raises InputError if it is none."""
    return _chosen()[0]


def is_named() -> bool:
    """Whether somebody said which folder it is, by --data or PRECURSOR_DATA."""
    return bool(os.environ.get("PRECURSOR_DATA"))


def which() -> str:
    """The data folder and why it is this one, in a sentence."""
    folder, why = _chosen()
    return f"The data folder is {folder}: {why}."


def _chosen() -> tuple[Path, str]:
    if is_named():
        named = os.environ["PRECURSOR_DATA"]
        try:
            return Path(named).expanduser().resolve(), "--data or PRECURSOR_DATA names it"
        except (OSError, RuntimeError, ValueError) as error:  # no such user's home, links in a ring
            raise InputError(f"The data folder {named} (--data or PRECURSOR_DATA) cannot be used: {error}.") from None
    if is_checkout():
        return (ROOT / "data").resolve(), "it is that of this checkout"
    return (Path.cwd() / "data").resolve(), "it lies in the working folder"
