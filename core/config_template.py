"""A configuration as TOML in which every option is explained: what it does, what it may be, and why."""

from __future__ import annotations

import dataclasses
import textwrap
import typing
from typing import Any, Literal

import pandas as pd

from core import config as configs
from core import options
from core.config import ExperimentConfig
from core.errors import InputError
from core.options import Explained

WIDTH = 110
COLUMNS = ["section", "option", "default", "allowed", "called", "help", "reason"]
KINDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def text(config: ExperimentConfig) -> str:
    """
    The file of a config: each section with all of its options, each below a comment.

    Returns
    -------
    str
        TOML; read again it is the same config.
    """
    lines = [
        f"# An experiment. Try it with `precursor preview {config.name}`, then `precursor train {config.name}`.",
        f"name = {_toml(config.name)}",
        f"description = {_toml(config.description)}",
    ]
    for section, kind in configs.parts().items():
        lines += ["", "", *_comment(kind.ABOUT), *_comment(getattr(kind, "NOTE", "")), f"[{section}]"]
        for name, value in dataclasses.asdict(getattr(config, section)).items():
            says, hint = options.explained(kind, name), typing.get_type_hints(kind)[name]
            lines += ["", *_comment(f"{says.label_with_unit}: {says.help}"), *_comment(_allowed_line(says, hint))]
            lines += [*_comment(f"Why: {says.reason}"), f"{name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def table(section: str = "") -> pd.DataFrame:
    """
    Every option, or those of one section, columns `COLUMNS`, all text.

    Raises
    ------
    InputError
        If there is no such section.
    """
    sections = configs.parts()
    if section and section not in sections:
        raise InputError(f"There is no section {section!r}. Sections are: {', '.join(sections)}.")
    return pd.DataFrame(
        [
            (name, each.name, _toml(each.default), allowed(says, hint), says.label_with_unit, says.help, says.reason)
            for name, kind in sections.items()
            if section in ("", name)
            for each in dataclasses.fields(kind)
            for says, hint in [(options.explained(kind, each.name), typing.get_type_hints(kind)[each.name])]
        ],
        columns=COLUMNS,
    )


def allowed(says: Explained, hint: Any) -> str:
    """
    What an option may be, in words.

    >>> allowed(options.explained(configs.SplitConfig, "embargo_days"), float)
    '0 to 3,660 days, or -1: automatic'
    """
    if typing.get_origin(hint) is Literal:
        return ", ".join(typing.get_args(hint))
    if typing.get_origin(hint) is tuple:
        return "a list of names"
    if options.is_number_or_word(hint):
        words = [word for each in typing.get_args(hint) for word in typing.get_args(each)]
        return f"{says.range}, or {', '.join(words)}"
    return says.range or KINDS[hint]


def _allowed_line(says: Explained, hint: Any) -> str:
    """Text and yes or no need no line: the value shows it."""
    told = allowed(says, hint)
    return "" if told in KINDS.values() else f"Allowed: {told}."


def _comment(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _toml(value: Any) -> str:
    import tomli_w

    written = tomli_w.dumps({"x": list(value) if isinstance(value, tuple) else value}, multiline_strings=False)
    return " ".join(written.partition("=")[2].split()).replace("[ ", "[").replace(", ]", "]").replace(" ]", "]")
