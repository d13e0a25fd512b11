"""
What came out of the battery, row by row: a typed document that says its version and by which code each row was made.

`battery.json` of the data folder holds one's own; a result comes with the program and is shown where there is none.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from pathlib import Path

from core import documents, files, shipped
from core.documents import DocumentError
from core.errors import InputError
from core.evaluation import exact
from core.judgement.battery.promised_worlds import Promise
from core.judgement.battery.row import Measure, Row, promised
from core.judgement.battery.rows import ROWS
from core.typed_documents import Count, OtherVersion, Versioned

FILE = "battery.json"
SHIPPED = "calibration"  # the folder of the result that comes with the program
QUICK_BAR = 0.05  # below the lower end, in the quick form
DEVIATIONS = 3.0  # standard errors between what is seen and what is promised


class RowState(enum.StrEnum):
    """How a row stands."""

    HELD = "held"
    LIMIT = "a limit of the method"
    RED = "misses its bar"
    NOT_RUN = "not run yet"


@dataclass(frozen=True)
class Round:
    """Worlds first to first + n - 1 of a row. n_hits: what the row counts; kinds: of verdict, with their numbers."""

    first: Count
    n: Count
    n_hits: Count
    kinds: dict[str, Count] = field(default_factory=dict)


@dataclass(frozen=True)
class RowResult:
    """A row as it came out; a second round is there where the first missed its bar. code: digest of the program's."""

    name: str
    rounds: tuple[Round, ...]
    code: str
    made: str

    @property
    def n(self) -> int:
        """Worlds of all rounds."""
        return sum(part.n for part in self.rounds)

    @property
    def n_hits(self) -> int:
        """What the row counts, in all rounds."""
        return sum(part.n_hits for part in self.rounds)

    @property
    def rate(self) -> float:
        """Share of the worlds; NaN without one."""
        return self.n_hits / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Of the rate, exact, 95 %."""
        return exact.interval(self.n_hits, self.n)


@dataclass(frozen=True)
class Battery(Versioned):
    """The rows that were run."""

    rows: tuple[RowResult, ...] = ()

    VERSION = 1
    CALLED = "The battery in {}"

    def of(self, name: str) -> RowResult | None:
        """The result of a row, or None."""
        return next((row for row in self.rows if row.name == name), None)

    def with_row(self, result: RowResult) -> Battery:
        """The same with this result in place of an older one of its row; rows as they stand in `ROWS`."""
        by_name = {row.name: row for row in (*self.rows, result)}
        order = [row.name for row in ROWS]
        return Battery(tuple(sorted(by_name.values(), key=lambda row: _place(row.name, order))))


def state(row: Row, result: RowResult | None, quick: bool = False) -> RowState:
    """
    How a row stands.

    Parameters
    ----------
    row : Row
    result : RowResult or None
    quick : bool
        By the bar of the quick form: few worlds, so only what is surely too much is red.
    """
    if result is None or not result.n:
        return RowState.NOT_RUN
    if row.measure == Measure.LIMIT:
        return RowState.LIMIT
    low, high = result.interval
    if row.measure == Measure.FOOLED:
        held = low <= QUICK_BAR if quick else high <= row.bar
    elif row.measure == Measure.SEEN:
        least, most = seen_range(row, result.n)
        held = high >= promised(row)[0] if quick else least <= result.rate <= most
    else:
        held = result.rate >= row.bar
    return RowState.HELD if held else RowState.RED


def least_or_most(row: Row, n: int) -> float:
    """The number that the rate of n worlds is held against, or the upper end of its interval: what a chart draws."""
    return seen_range(row, n)[0] if row.measure == Measure.SEEN else row.bar


def seen_range(row: Row, n: int) -> tuple[float, float]:
    """
    Between which rates a real precursor may be seen: three standard errors around what is promised, both simulated.

    What the program itself promises must not be too little either: whoever plans with it would wait for nothing. The
    other rows hold where more is seen.
    """
    share, n_promised = promised(row)
    away = DEVIATIONS * math.sqrt(share * (1 - share) * (1 / n + 1 / n_promised))
    return share - away, min(1.0, share + away) if isinstance(row.world, Promise) else 1.0


def red(battery: Battery, asked: tuple[Row, ...] = ROWS, quick: bool = False) -> list[str]:
    """The names of the rows that miss their bar."""
    return [row.name for row in asked if state(row, battery.of(row.name), quick) == RowState.RED]


def write(battery: Battery, path: Path) -> None:
    """Write the document."""
    files.replace_json(path, battery.to_dict())


def read(path: Path) -> Battery:
    """
    Read a document.

    Raises
    ------
    InputError
        If it is damaged, or was written by a newer version of the program.
    """
    try:
        return Battery.from_dict(documents.read_json(path), str(path))
    except OtherVersion:
        raise
    except (DocumentError, ValueError) as error:
        raise InputError(
            f"{path} holds no result of the battery ({error}). Delete it; `precursor calibrate` makes it again."
        ) from None


def stored(data_dir: Path) -> Battery | None:
    """One's own result, or None; raises what `read` does."""
    path = data_dir / FILE
    return read(path) if path.exists() else None


def to_show(data_dir: Path) -> tuple[Battery, bool]:
    """One's own result where there is one, else that of the program; and whether it is one's own. Raises as `read`."""
    own = stored(data_dir)
    return (with_the_program(), False) if own is None else (own, True)


def with_the_program() -> Battery:
    """The result that comes with the program; raises what `read` does."""
    return read(shipped_file())


def shipped_file() -> Path:
    """Where the result that comes with the program lies."""
    return shipped.folder() / SHIPPED / FILE


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)
