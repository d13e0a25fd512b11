"""The text of a file and its table of columns; every value keeps the line it came from."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import unpacking as content

MISSING = frozenset(("", "-", "--", "-.-", "nan", "null", "none", "na", "n/a"))

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d*)?)?(Z|[+-]00:?00)?")
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{1,2}(?!\d)")


def read_text(path: Path, *, markup: bool = False, needs_line_end: bool = True) -> str:
    """
    The text of a file, with LF line ends and without a byte order mark; `markup` as in `unpacking.read`.

    Raises
    ------
    InputError
        As `unpacking.read`; and if there is a zero byte anywhere, or the last line has no line end, which
        is how a file that was cut off looks (not with `needs_line_end` false, for formats that say where they end).
    """
    raw = bytes(content.read(path, markup=markup))
    if b"\0" in raw:
        raise InputError(f"{path.name}: the file is binary, not text; expected lines of plain text.")
    text = decoded(raw).replace("\r\n", "\n").replace("\r", "\n")
    text = text.rstrip(" \t\x1a")  # x1a: the end mark of old systems
    if needs_line_end and not text.endswith("\n"):
        last = text.rsplit("\n", 1)[-1]
        raise InputError(
            f"{path.name}, line {text.count(chr(10)) + 1}: the last line ({last[-40:]!r}) has no line end, so the "
            "file may be cut off. Fetch it again, or end the line if it is complete."
        )
    return text


def decoded(raw: bytes) -> str:
    """Bytes as text: UTF-8, or else the old encoding of Turkish lists."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1254", errors="replace")  # only names of places hold such letters


@dataclass(frozen=True)
class Table:
    """
    The columns of a delimited text file, as strings, with the line of each row.

    Guarantees: every column is as long as `lines`; names are lower case without
    blanks and underscores; cells have no blanks around them. Where a format has
    no lines (XML, JSON), the rows are numbered, and `unit` says what the numbers count.
    """

    file: str
    columns: dict[str, list[str]]
    lines: list[int]
    unit: str = "line"
    open_end: bool = False  # the last line has no line end: of its cells, only the last can be cut off

    def __len__(self) -> int:
        return len(self.lines)

    def fail(self, row: int, message: str) -> NoReturn:
        """Raise an InputError that names the file and the line (or event) of a row."""
        raise InputError(f"{self.file}, {self.unit} {self.lines[row]}: {message}")

    def texts(self, name: str) -> list[str]:
        """
        A column as strings, "" where the value is missing; all "" if there is no such column.

        Raises InputError if its last cell may be cut off.
        """
        column = self.columns.get(name)
        if column is None:
            return [""] * len(self)
        if self.open_end and name == next(reversed(self.columns)) and not _is_whole(column[-1], column[:-1]):
            self.fail(
                len(self) - 1,
                f"the last line has no line end, and its last value ({name} {column[-1][-40:]!r}) may be cut off. "
                "Fetch the file again, or end the line if it is complete.",
            )
        return ["" if cell.casefold() in MISSING else cell for cell in column]

    def numbers(self, name: str, low: float, high: float, *, required: bool = False) -> np.ndarray:
        """
        A column as float64, shape (n_rows,); a missing value is NaN.

        Raises InputError with the line of the first value that is not a number in [low, high], or is
        missing although `required`.
        """
        values = np.full(len(self), np.nan)
        for row, cell in enumerate(self.texts(name)):
            if not cell:
                if required:
                    self.fail(row, f"{name} is missing, and it is needed.")
                continue
            try:
                values[row] = float(cell)
            except ValueError:
                self.fail(row, f"{name} is {cell[:40]!r}, expected a number.")
            if not low <= values[row] <= high:
                self.fail(row, f"{name} is {cell[:40]}, outside {low:g} to {high:g}.")
        return values

    def times(self, texts: list[str]) -> pd.DatetimeIndex:
        """
        Times of the form 2024-01-31T12:34:56.789 (T or blank, fraction and Z optional), which are UTC.

        Raises InputError with the line of the first one of another form (a year of two digits is
        refused: the century would be a guess) or of no calendar (a second of 60 or more, 30 February).
        """
        for row, text in enumerate(texts):
            if not _TIME.fullmatch(text):
                if _TWO_DIGIT_YEAR.match(text):
                    self.fail(row, f"the year in {text[:40]!r} has two digits, so its century is unknown. Write four.")
                self.fail(row, f"found the time {text[:40]!r}, expected one like 2024-01-31T12:34:56.789.")
        plain = pd.Series([text.replace(",", ".") for text in texts], dtype="str")
        times = pd.to_datetime(plain, format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")
        if times.isna().any():
            row = int(times.isna().to_numpy().argmax())
            self.fail(row, f"{texts[row]!r} is not a possible time.")
        return pd.DatetimeIndex(times)


def plain_name(name: str) -> str:
    """
    A column's name without case, blanks, underscores and Turkish letters.

    >>> plain_name("# Oluş tarihi"), plain_name("time_string")
    ('olustarihi', 'timestring')
    """
    letters = str.maketrans("ıİşŞğĞüÜöÖçÇ", "iIsSgGuUoOcC")
    return re.sub(r"[\s_#\"]+", "", name.translate(letters)).casefold()


def column_names(line: str) -> list[str]:
    """The plain names in a header line, whatever separates them."""
    try:
        return [plain_name(name) for name in next(csv.reader([line], delimiter=_delimiter(line)), [])]
    except csv.Error:  # a carriage return inside, or a quoted cell without end: no header of a table
        return []


def table(path: Path) -> Table:
    """
    Read a delimited text file whose first line names the columns.

    The separator is the one of comma, semicolon, tab and bar that the header holds most. Blank lines, and lines
    that begin with #, are skipped after the header; a quoted cell may hold separators.

    The last line may lack its line end, as programs and editors write it. Whether the file was cut off
    there shows in its last cell, which `Table.texts` looks at if anybody asks for it.

    Raises
    ------
    InputError
        As `read_text`; and with the line, if a row has more or fewer cells than the header.
    """
    return delimited(path.name, read_text(path, needs_line_end=False))


def delimited(file: str, content: str) -> Table:
    """The table of a text that was read already; `file` is the name for messages. See `table`."""
    lines = content.split("\n")
    first = next(number for number, line in enumerate(lines) if line.strip())
    names = column_names(lines[first])
    repeated = {name for name in names if names.count(name) > 1 and name}
    if repeated:
        raise InputError(f"{file}, line {first + 1}: the column {min(repeated)!r} is named twice.")
    delimiter = _delimiter(lines[first])
    rows, numbers = [], []
    for number, cells in split_rows(file, lines[first + 1 :], first + 2, delimiter):
        if len(cells) != len(names):
            raise InputError(
                f"{file}, line {number}: found {len(cells)} values, expected {len(names)} as in the header. "
                "The file may be cut off or damaged; fetch it again."
            )
        rows.append([cell.strip() for cell in cells])
        numbers.append(number)
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in names]
    open_end = numbers[-1:] == [len(lines)]  # what comes after the last line end is a row
    return Table(file, dict(zip(names, columns, strict=True)), numbers, open_end=open_end)


def _is_whole(cell: str, others: list[str]) -> bool:
    # A cell at the end of a file is complete if another row has the very same, and none a longer one that begins so
    # ("earthq" of "earthquake"); or if all have one shape, as identifiers and numbers of fixed decimals do.
    if cell in others:
        return not any(other != cell and other.startswith(cell) for other in others)
    return {_shape(other) for other in others} == {_shape(cell)}


def _shape(cell: str) -> str:
    return re.sub(r"\d", "0", cell)


def split_rows(file: str, lines: list[str], first: int, delimiter: str) -> Iterable[tuple[int, list[str]]]:
    """Number and cells of each line that is not blank and not a comment (#); `first` is the number of the first."""
    # Line by line, so that an error can name its line and a stray quotation mark cannot swallow the rest.
    for number, line in enumerate(lines, first):
        if not line.strip() or line.startswith("#"):
            continue
        if '"' not in line:
            yield number, line.split(delimiter)
            continue
        try:
            yield number, next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise InputError(f"{file}, line {number}: a quotation mark is not closed or misplaced.") from error


def _delimiter(line: str) -> str:
    return max(",;\t|", key=line.count)
