"""
What comes with the project: the stations, named experiments, mappings of CSV files, shapes for maps.

In a checkout these are the tracked files of `data/`; a wheel holds copies of them. What the user's data folder holds
of the same name lies over them, so that an update of the program and what one wrote oneself do not meet.
"""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

from core import data_folder
from core.errors import InputError

IN_WHEEL = "shipped_files"  # beside this file; setup.py puts the files there
OPEN_TO_CHANGE = ("stations.toml", "experiments", "mappings")  # what a user may have a version of


def folder() -> Path:
    """The folder of what comes with the project."""
    return data_folder.ROOT / "data" if data_folder.is_checkout() else Path(__file__).with_name(IN_WHEEL)


def layers(name: str, data_dir: Path | None = None) -> list[Path]:
    """
    The project's and the user's file or folder of a name, such as "experiments/sweeps"; what comes later goes before.

    Parameters
    ----------
    name : str
        As it is called below `data/`.
    data_dir : Path, optional
        By default the data folder in use. Where that is the checkout's there is one layer only.
    """
    first, second = folder() / name, (data_dir or data_folder.data_dir()) / name
    return [first] if second.resolve() == first.resolve() or not second.exists() else [first, second]


def listed(name: str, data_dir: Path) -> dict[str, Path]:
    """The TOML files of a folder, by their names in the order of the alphabet, the user's before the project's."""
    homes = [home for home in layers(name, data_dir) if home.is_dir()]
    return dict(sorted({path.stem: path for home in homes for path in home.glob("*.toml")}.items()))


def find(kind: str, what: str, name: str | Path, data_dir: Path) -> Path:
    """
    A file that an argument names: by its path, or by the name of one of those that are `listed`.

    Parameters
    ----------
    kind : str
        The folder in which files have names, "experiments" or "mappings".
    what : str
        What such a file is called in a sentence.

    Raises
    ------
    InputError
        If there is none of this name; the sentence lists the names, and says which are the user's.
    """
    path = Path(name)
    if not (path.suffix in (".toml", ".json") or path.is_file()):
        known = listed(kind, data_dir)
        if str(name) not in known:
            listing = ", ".join(marked(known))
            raise InputError(f"There is no {what} {str(name)!r}. Give a TOML file, or one of: {listing}.")
        path = known[str(name)]
    say_if_edited(path)
    return path


def say_if_edited(path: Path) -> None:
    """Log that a file in use is a checkout's copy of one of the project's, and no longer as the project has it."""
    home = folder().resolve()
    if not path.resolve().is_relative_to(home):
        return
    name = path.resolve().relative_to(home)
    if committed(name.as_posix()):
        logging.getLogger(__name__).warning(
            "%s is changed: an update of the project may clash with it. A %s in a data folder elsewhere (--data or "
            "PRECURSOR_DATA) lies over it, and no update meets it.",
            path,
            name,
        )


def marked(files: dict[str, Path]) -> list[str]:
    """The names of `listed` files, those that are not as the project has them with "(yours)" behind."""
    own = changed()
    return [f"{name} (yours)" if is_own(path, own) else name for name, path in files.items()]


def is_own(path: Path, changed_files: set[Path]) -> bool:
    """Whether a file is the user's: outside what comes with the project, or one of the checkout's `changed` files."""
    return not path.resolve().is_relative_to(folder().resolve()) or path.resolve() in changed_files


def changed() -> set[Path]:
    """
    Files of a checkout that stand where the project's do but are not as it has them: new, edited, or ignored by git.

    Empty for a wheel, and where git cannot say.
    """
    names = [f"data/{name}" for name in OPEN_TO_CHANGE]
    told = _git("status", "--porcelain", "-z", "--untracked-files=all", "--ignored=matching", "--no-renames", *names)
    return {(data_folder.ROOT / entry[3:]).resolve() for entry in told.split("\0") if entry}


def committed(name: str) -> str | None:
    """The text of a file as the project has it, where a checkout's copy is changed ("": it has none); else None."""
    if (folder() / name).resolve() not in changed():
        return None
    return _git("show", f"HEAD:data/{name}")


def _git(*arguments: str) -> str:
    """What git says of the checkout; "" where there is none. Nothing is written, not even git's index."""
    if not (data_folder.ROOT / ".git").exists():  # a wheel may lie within a repository of something else
        return ""
    command = ["git", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(
            command, cwd=data_folder.ROOT, capture_output=True, encoding="utf-8", timeout=10, check=False
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
