"""
Write docs/verbs.md from the verbs themselves.

    python docs/write_verbs.py

Every verb of the table in `core.cli.verbs`, by the wish that it answers, with what its `--help` says.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from core import files
from core.cli.app import loaded
from core.cli.verbs import VERBS, WISHES

PAGE = Path(__file__).resolve().with_name("verbs.md")
HEAD = """\
# The verbs

`make docs` writes this page from the verbs themselves; `precursor VERB --help` says the same in a terminal.

Every verb takes `--data DIR`, the data folder (or set `PRECURSOR_DATA`), and `--help`; what takes `--json` prints its
table as JSON with it. Exit codes: 0 for success, 1 where part of a batch failed, 2 for bad input, 130 after Ctrl-C."""
EVERYWHERE = ("data", "help", "json")  # said once, in the head
CONFIG_LINE = re.compile(r"\[.+\]|\S+ = .+")  # of an example in TOML


def main() -> None:
    files.replace_text(PAGE, page())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for wish in WISHES:
        verbs = [entry for name, verb in VERBS.items() if verb.wish == wish for entry in with_inner(name)]
        parts += [f"## {wish}", "\n".join(line(name, command) for name, command in verbs)]
        parts += [part for name, command in verbs for part in section(name, command)]
    return "\n\n".join(parts) + "\n"


def with_inner(name: str) -> list[tuple[str, Any]]:
    """A verb and its own verbs, if it has some, each with the words that call it."""
    command = loaded(name)
    inner = getattr(command, "commands", {})
    return [(name, command), *((f"{name} {word}", each) for word, each in inner.items())]


def line(name: str, command: Any) -> str:
    """A verb in the list at the top of its group, as a link to its section."""
    first = plain(" ".join(command.help.split("\n\n")[0].split()))
    return f"* [`precursor {name}`](#precursor-{name.replace(' ', '-')}): {first}"


def section(name: str, command: Any) -> list[str]:
    """What the page says of one verb, in paragraphs."""
    shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in shown if parameter.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option" and p.name not in EVERYWHERE]
    json = " [--json]" if any(parameter.name == "json" for parameter in shown) else ""
    given = ["VERB ..."] if hasattr(command, "commands") else map(as_called, arguments)
    called = " ".join(["precursor", name, *given, *(["[OPTIONS]"] if options else [])]) + json
    parts = [f"### precursor {name}", f"`{called}`", *map(paragraph, command.help.split("\n\n"))]
    rows = [row for row in map(cells, [*arguments, *options]) if row]
    if rows:
        parts.append("\n".join(["| | |", "| --- | --- |", *rows]))
    return parts


def as_called(argument: Any) -> str:
    """An argument as it stands in a command: CONFIG, or [FILE] where it may be left out."""
    word = (argument.metavar or argument.name).upper()
    return word if argument.required else f"[{word}]"


def cells(parameter: Any) -> str:
    """A parameter as a row of the table; nothing where its name says all."""
    if not parameter.help:
        return ""
    if parameter.param_type_name == "argument":
        return f"| `{(parameter.metavar or parameter.name).upper()}` | {cell(parameter.help)} |"
    names = "/".join([*parameter.opts, *parameter.secondary_opts])
    takes = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return f"| `{names}{takes}` | {cell(parameter.help)}{default(parameter)} |"


def default(parameter: Any) -> str:
    """What holds where an option is not given, in brackets; nothing where it is off, empty or said in its help."""
    if parameter.required:
        return " (required)"
    if parameter.default in (None, "", False) or parameter.is_flag or "default:" in parameter.help:
        return ""
    value = parameter.default
    words = " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return f" (default: {words})"


def paragraph(text: str) -> str:
    """A paragraph of a help text; an example of a config keeps its lines."""
    lines = [each.strip().replace("\\[", "[") for each in text.splitlines()]
    if all(CONFIG_LINE.fullmatch(each) for each in lines):
        return "\n".join(["```toml", *lines, "```"])
    return plain(" ".join(lines))


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is: "\\[" is a bracket to rich, and a star is a star."""
    parts = text.replace("\\[", "[").split("`")
    return "`".join(each if n % 2 else re.sub(r"([*<_])", r"\\\1", each) for n, each in enumerate(parts))


def cell(text: str) -> str:
    return plain(" ".join(text.split())).replace("|", "\\|")


if __name__ == "__main__":
    main()
