"""
Write docs/options.md from the options of a config themselves.

    python docs/write_options.py
"""

from __future__ import annotations

from pathlib import Path

from core import config as configs
from core import config_template, files

PAGE = Path(__file__).resolve().with_name("options.md")
HEAD = """\
# The options of an experiment

`make docs` writes this page from the options themselves. An experiment is a TOML file with a section for each heading
below; what it does not name stands at its default. `precursor config new NAME` writes one with every option explained,
`precursor config options [SECTION]` lists them in a terminal, and the Train page shows the same words beside its
controls."""

TABLE = ("| Option | Called | Default | Allowed | What it does, and why |", "|---|---|---|---|---|")


def main() -> None:
    files.replace_text(PAGE, page())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for section, kind in configs.parts().items():
        rows = [
            f"| `{row.option}` | {cell(row.called)} | `{row.default}` | {cell(row.allowed)} "
            f"| {cell(row.help)} {cell(row.reason)} |"
            for row in config_template.table(section).itertuples()
        ]
        note = getattr(kind, "NOTE", "")
        table = "\n".join(
            ["| Option | Called | Default | Allowed | What it does, and why |", "|---|---|---|---|---|", *rows]
        )
        parts += [f"## [{section}] {kind.TITLE}", cell(kind.ABOUT), *([note] if note else []), table]
    return "\n\n".join(parts) + "\n"


def cell(words: str) -> str:
    """Words as they stand in a cell: a star of a formula is no emphasis."""
    return words.replace("*", "\\*").replace("|", "\\|")


if __name__ == "__main__":
    main()
