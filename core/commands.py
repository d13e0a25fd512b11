"""Commands as a reader can type them: those of a checkout's `.venv`, or of the environment that holds a wheel."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from core import data_folder

PROJECT = "geomag-precursor-lab"  # what the wheel is called


def typed(lines: str) -> str:
    """
    Command lines that begin with a program of this environment, such as "precursor demo", as they are typed here.

    In a checkout programs stand in `.venv/bin` of its folder; those of a wheel are on the path of who installed it, or
    of who has activated the environment. Where they are not, they are named with their folder.
    """
    return "\n".join(f"{_folder_of(line.split()[0])}{line}" for line in lines.splitlines())


def _folder_of(program: str) -> str:
    """What stands before a program so that a shell here finds it; "" where it does by itself."""
    if data_folder.is_checkout():
        return ".venv/bin/"
    beside = Path(sys.executable).with_name(program)
    if shutil.which(program) is not None or not beside.exists():
        return ""
    return f"{beside.parent}/"


def where() -> str:
    """In which folder such commands are given, in words."""
    return "the project's folder" if data_folder.is_checkout() else "the folder in which this was started"


def how_to_install(extra: str) -> str:
    """The command that brings an extra of this project, in a sentence."""
    what = f"-e '.[{extra}]'" if data_folder.is_checkout() else f"'{PROJECT}[{extra}]'"
    return f"Install the extra: {typed(f'pip install {what}')}"
