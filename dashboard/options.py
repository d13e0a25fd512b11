"""
The controls of an experiment: one for each option, with the words that the option has for itself.

They are generated from the dataclasses of `core.config`, so that a new option appears on the page by itself.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, Literal

import streamlit as st

from core import config as configs
from core import options
from core.config import ExperimentConfig
from core.options import Explained, is_number_or_word


def value_words(setting: str, value: Any) -> str:
    """
    The value of an option "section.option" as a reader sees it: four digits, lists with commas.

    >>> value_words("split.embargo_days", -1.0), value_words("training.learning_rate", 0.00117814487193765)
    ('automatic', '0.001178')
    """
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    special = explained(setting).special if isinstance(value, int | float) else {}
    if isinstance(value, float):
        return special.get(value) or (f"{value:.4g}" if abs(value) < 1000 else f"{value:,.10g}")
    return special.get(value) or str(value)


def explained(setting: str) -> Explained:
    """What the option "section.option" says of itself."""
    part, _, name = setting.partition(".")
    return options.explained(configs.parts()[part], name)


def key(part: str, name: str) -> str:
    """The name under which a control's value is kept."""
    return f"option_{part}_{name}"


def fill(config: ExperimentConfig) -> None:
    """Set every control to a configuration."""
    table = config.as_dict()
    st.session_state["option_name"], st.session_state["option_description"] = table["name"], table["description"]
    for part in configs.parts():
        for name, hint, _ in fields(part):
            value = table[part][name]
            st.session_state[key(part, name)] = str(value) if is_number_or_word(hint) else value


def table() -> dict[str, Any]:
    """What the controls say now, as the nested table that a configuration is made of."""
    content: dict[str, Any] = {
        "name": st.session_state["option_name"],
        "description": st.session_state["option_description"],
    }
    for part in configs.parts():
        content[part] = {name: _said(st.session_state[key(part, name)], hint) for name, hint, _ in fields(part)}
    return content


def _said(value: Any, hint: Any) -> Any:
    """What a control says; text of digits where a number or a word is wanted is that number."""
    return int(value) if is_number_or_word(hint) and value.strip().isdigit() else value


def fields(part: str) -> list[tuple[str, Any, Any]]:
    """Name, type and default of each option of a part, from its dataclass."""
    kind = configs.parts()[part]
    hints = typing.get_type_hints(kind)
    return [(field.name, hints[field.name], field.default) for field in dataclasses.fields(kind)]


def controls(part: str, names: dict[str, list[str]]) -> None:
    """Draw the controls of one part; `names` gives what can be chosen for the options that are lists of names."""
    note = getattr(configs.parts()[part], "NOTE", "")
    if note:
        st.caption(note)
    columns = st.columns(3)
    for position, (name, hint, _) in enumerate(fields(part)):
        says = explained(f"{part}.{name}")
        with columns[position % 3]:
            _control(part, name, hint, says, names)
            note = says.notes.get(st.session_state[key(part, name)]) if says.notes else None
            if note:
                st.warning(note, icon=":material/warning:")


def help_of(says: Explained) -> str:
    """What an option does, what it may be and why, as the sign beside a control says it."""
    allowed = f" Allowed: {says.range}." if says.range else ""
    return f"{says.help}{allowed} {says.reason}"


def _control(part: str, name: str, hint: Any, says: Explained, names: dict[str, list[str]]) -> None:
    common: dict[str, Any] = {"key": key(part, name), "help": help_of(says), "persist_state": "session"}
    label = says.label_with_unit
    if typing.get_origin(hint) is Literal:
        st.selectbox(label, typing.get_args(hint), **common)
    elif typing.get_origin(hint) is tuple:
        chosen = st.session_state.get(key(part, name), [])
        choice = list(dict.fromkeys([*names.get(name, []), *chosen]))
        st.multiselect(label, choice, accept_new_options=True, **common)
    elif hint is bool:
        st.checkbox(label, **common)
    elif hint is int:
        st.number_input(label, step=1, format="%d", **common)
    elif hint is float:
        st.number_input(label, format="%g", step=None, **common)
    else:
        st.text_input(label, **common)
