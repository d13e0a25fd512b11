"""Commands as a reader can type them: those of a checkout's `.venv`, or of the environment that holds a wheel."""

from __future__ import annotations

from core import data_folder

PROJECT = "geomag-precursor-lab"  # what the wheel is called


def typed(lines: str) -> str:
    """
    Command lines that begin with a program of this environment, such as "precursor demo", as they are typed here.

    In a checkout programs stand in `.venv/bin` of its folder; those of a wheel are on the path of who installed it.
    """
    if not data_folder.is_checkout():
        return lines
    return "\n".join(f".venv/bin/{line}" for line in lines.splitlines())


def where() -> str:
    """In which folder such commands are given, in words."""
    return "the project's folder" if data_folder.is_checkout() else "the folder in which this was started"


def how_to_install(extra: str) -> str:
    """The command that brings an extra of this project, in a sentence."""
    what = f"-e '.[{extra}]'" if data_folder.is_checkout() else f"'{PROJECT}[{extra}]'"
    return f"Install the extra: {typed(f'pip install {what}')}"
