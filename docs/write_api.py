"""
Write docs/api.md from the docstrings of `core`, room by room, in the order in which the rooms are read.

    python docs/write_api.py

The source is parsed and not imported. A module is said in a line, and so is each public function, class and method
that has a docstring, by its first paragraph. The verbs are in docs/verbs.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import core
from core import files

CORE = Path(core.__file__).resolve().parent
PAGE = Path(__file__).resolve().with_name("api.md")
HEAD = """\
# What stands in `core`

`make docs` writes this page from the docstrings: rooms in the order in which they are read, then each module, its
public functions and classes. [CONTRIBUTING.md](../CONTRIBUTING.md) says what the rooms are for, [verbs.md](verbs.md)
what the command line does with them."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    files.replace_text(PAGE, page())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name in core.READING_ORDER:
        folder = CORE / name
        parts += room(folder) if folder.is_dir() else section(folder.with_suffix(".py"), 2)
    return "\n\n".join(parts) + "\n"


def room(folder: Path, depth: int = 2) -> list[str]:
    """A room, its modules by name, and then the rooms within it in their order."""
    name = folder.relative_to(CORE).as_posix()
    parts = [f"{'#' * depth} core/{name}", first(parsed(folder / "__init__.py"))]
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            parts += section(path, depth + 1)
    inner = [folder / each for each in core.NESTED.get(name, ())]
    others = sorted(path.parent for path in folder.glob("*/__init__.py"))
    for each in inner or others:
        parts += room(each, depth + 1)
    return parts


def section(path: Path, depth: int) -> list[str]:
    """A module: its line, and a list of what is public in it."""
    tree = parsed(path)
    lines = list(entries(tree))
    return [
        f"{'#' * depth} core/{path.relative_to(CORE).as_posix()}",
        first(tree),
        *(["\n".join(lines)] if lines else []),
    ]


def entries(tree: ast.Module) -> Iterator[str]:
    """A line for each public function and class, and below a class one for each of its public methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and public(node):
            yield f"* class `{node.name}`: {first(node)}"
            for member in node.body:
                if isinstance(member, Function) and public(member) and ast.get_docstring(member):
                    yield f"  * {function(member)}"
        elif isinstance(node, Function) and public(node) and not is_verb(node):
            yield f"* {function(node)}"


def function(node: Function) -> str:
    """A function or method as it is called, and what it does; a property has no brackets."""
    decorators = {ast.unparse(each) for each in node.decorator_list}
    given = node.args
    names = [
        each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs) if each.arg not in ("self", "cls")
    ]
    brackets = "" if decorators & {"property", "cached_property"} else f"({', '.join(names)})"
    return f"`{node.name}{brackets}`: {first(node)}"


def public(node: Function | ast.ClassDef) -> bool:
    return not node.name.startswith("_")


def is_verb(node: Function) -> bool:
    """Whether typer makes a verb of the function."""
    return any(
        isinstance(each, ast.Call) and ast.unparse(each.func).endswith(".command") for each in node.decorator_list
    )


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def first(node: ast.Module | ast.ClassDef | Function) -> str:
    """The first paragraph of a docstring as one line of Markdown that shows it as it is."""
    parts = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split()).split("`")
    return "`".join(each if n % 2 else re.sub(r"([*<_])", r"\\\1", each) for n, each in enumerate(parts))


if __name__ == "__main__":
    main()
