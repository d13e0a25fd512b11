"""Which data folder is in use, and why: $PRECURSOR_DATA, else `data/` of the checkout, else `data/` where one works."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from core.errors import InputError

ROOT = Path(__file__).resolve().parents[1]  # the checkout; of a wheel, the folder that it was installed into

_chosen_here: ContextVar[Path | None] = ContextVar("the data folder of a block", default=None)


@contextmanager
def using(folder: Path) -> Iterator[None]:
    """Use a data folder while a block runs, whatever is named elsewhere; several blocks may use several."""
    before = _chosen_here.set(folder)
    try:
        yield
    finally:
        _chosen_here.reset(before)


def refuse_file(folder: Path) -> None:
    """Raise InputError if what should be a data folder is a file."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; the data folder (--data or PRECURSOR_DATA) must be a folder.")


def is_checkout() -> bool:
    """Whether this program runs from a checkout (or an unpacked archive of the sources) and not from a wheel."""
    return (ROOT / "pyproject.toml").is_file()


def data_dir() -> Path:
    """Where archive, runs and ledger live: an absolute path, which need not exist. Raises InputError if it is none."""
    return _chosen()[0]


def absolute(named: str | Path) -> Path:
    """The path of a data folder that somebody names. Raises InputError if it is none."""
    try:
        return Path(named).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no such user's home, links in a ring
        raise InputError(f"The data folder {named} (--data or PRECURSOR_DATA) cannot be used: {error}.") from None


def is_named() -> bool:
    """Whether somebody said which folder it is, by --data or PRECURSOR_DATA."""
    return _chosen_here.get() is not None or bool(os.environ.get("PRECURSOR_DATA"))


def which() -> str:
    """The data folder and why it is this one, in a sentence."""
    folder, why = _chosen()
    return f"The data folder is {folder}: {why}."


def _chosen() -> tuple[Path, str]:
    here = _chosen_here.get()
    if here is not None:
        return here, "this block uses it"
    if os.environ.get("PRECURSOR_DATA"):
        return absolute(os.environ["PRECURSOR_DATA"]), "--data or PRECURSOR_DATA names it"
    if is_checkout():
        return (ROOT / "data").resolve(), "it is that of this checkout"
    return (Path.cwd() / "data").resolve(), "it lies in the working folder"
