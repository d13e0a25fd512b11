"""
The ledger: forecasts written down with the time at which they were issued.

One SQLite file. Triggers forbid UPDATE, DELETE and REPLACE, and each row
carries the digest of the row before it, so that a change made behind the
triggers' back shows. Rows cut off at the end leave a whole chain, and so does a ledger
that was made anew with other times: that shows only against the digest of the
last row, noted elsewhere (`Ledger.head`). A
forecast written down after its period of validity had opened is marked
retrospective; it may be looked at but never counts as a prediction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core import clock
from core.errors import InputError
from core.forecasting import ledger_file
from core.forecasting.ledger_file import COLUMNS, Row

_KEY = ("run_id", "station", "valid_from", "valid_until")  # a forecast is written down once
_TIMES = ("issued_at", "valid_from", "valid_until", "data_until")


@dataclass(frozen=True)
class Forecast:
    """
    One probability for one station and one period of validity, half-open [valid_from, valid_until), UTC.

    `data_until` is one past the last minute the forecast has seen.
    """

    station: str
    valid_from: pd.Timestamp
    valid_until: pd.Timestamp
    probability: float
    threshold: float
    run_id: str
    data_until: pd.Timestamp
    synthetic: bool


@dataclass(frozen=True)
class Chain:
    """The rows of a ledger at one moment, as stored: their table, their faults and the last digest belong together."""

    path: Path
    rows: Sequence[Row]

    def table(self) -> pd.DataFrame:
        """Every forecast, oldest first; times are UTC timestamps. Raises InputError if a time is none."""
        table = pd.DataFrame(self.rows, columns=list(COLUMNS))
        for name in _TIMES:
            try:
                table[name] = pd.to_datetime(table[name], utc=True)
            except (ValueError, TypeError):
                raise InputError(
                    f"The ledger {self.path} holds a forecast whose {name} is no time, so it was changed after it was "
                    "written. `precursor ledger --verify` names it; restore the file from a copy."
                ) from None
        return table.astype({"synthetic": bool, "retrospective": bool})

    def n_retrospective(self, forecasts: Sequence[Forecast]) -> int:
        """How many of these forecasts stand here as written down after their period had begun."""
        table = self.table()
        late = set(table.loc[table["retrospective"], list(_KEY)].itertuples(index=False, name=None))
        return sum(tuple(getattr(forecast, name) for name in _KEY) in late for forecast in forecasts)

    def problems(self) -> list[str]:
        """What is wrong with the chain of digests, one sentence per row; empty if nothing is."""
        problems, previous = [], ""
        for values in self.rows:
            row = dict(zip(COLUMNS, values, strict=True))
            number, digest = row.pop("id"), row.pop("digest")
            if row["previous_digest"] != previous:
                problems.append(f"Forecast {number}: the row before it was removed or changed.")
            if _digest(row) != digest:
                problems.append(f"Forecast {number}: its content was changed after it was written.")
            previous = digest
        return problems

    @property
    def head(self) -> str:
        """The digest of the last row: whoever has noted it can tell later that no row was cut off; "" if empty."""
        return self.rows[-1][-1] if self.rows else ""


class Ledger:
    """The forecasts of one data folder. Reading them needs no right to write and makes no file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, forecasts: Sequence[Forecast], issued_at: datetime | None = None) -> int:
        """
        Write forecasts down; all of them or none.

        A forecast that stands already (same run, station and period) is left out. The time of issue is that at which
        this writer's turn has come, unless it is given.

        Returns
        -------
        int
            How many were new.

        Raises
        ------
        InputError
            If the clock stands before the last entry's time of issue, or the file cannot be written.
        """
        with ledger_file.writing(self.path) as database:
            # Only now: another writer may have had the file for seconds, and its rows are older than these.
            now = issued_at or clock.now()
            last = database.execute("SELECT issued_at, digest FROM forecast ORDER BY id DESC LIMIT 1").fetchone()
            if last and _text(now) < last[0]:
                raise InputError(
                    f"The clock says {_text(now)}, but the ledger's last forecast was issued at {last[0]}. "
                    "Set the clock right; nothing was written."
                )
            digest = last[1] if last else ""
            written = 0
            for forecast in forecasts:
                row = _row(forecast, now)
                if database.execute(
                    "SELECT 1 FROM forecast WHERE run_id = ? AND station = ? AND valid_from = ? AND valid_until = ?",
                    (row["run_id"], row["station"], row["valid_from"], row["valid_until"]),
                ).fetchone():
                    continue
                row["previous_digest"] = digest
                row["digest"] = digest = _digest(row)
                names = ", ".join(row)
                database.execute(
                    f"INSERT INTO forecast ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values())
                )
                written += 1
        return written

    def read(self) -> Chain:
        """
        What is written down at this moment; no rows if there is no file.

        Raises
        ------
        InputError
            If the file cannot be read or is no ledger.
        """
        return Chain(self.path, ledger_file.rows(self.path))

    def list(self) -> pd.DataFrame:
        """`Chain.table` of what is written down."""
        return self.read().table()

    def verify(self) -> Sequence[str]:
        """`Chain.problems` of what is written down."""
        return self.read().problems()

    def head(self) -> str:
        """`Chain.head` of what is written down."""
        return self.read().head


def _row(forecast: Forecast, issued_at: datetime) -> dict[str, Any]:
    row = asdict(forecast)
    for name in _TIMES[1:]:
        row[name] = _text(row[name])
    # As SQLite gives them back, or the digest of the row would not be that of what was stored.
    row["probability"], row["threshold"] = float(forecast.probability), float(forecast.threshold)
    row["synthetic"] = int(forecast.synthetic)
    row["retrospective"] = int(_text(issued_at) >= row["valid_from"])
    return {"issued_at": _text(issued_at), **row}


def _digest(row: dict[str, Any]) -> str:
    # What was put in behind the triggers' back may be bytes, which JSON does not know.
    content = {key: value for key, value in row.items() if key not in ("id", "digest")}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=repr).encode()).hexdigest()


def _text(time: datetime | pd.Timestamp) -> str:
    """ISO time to the second; text order is time order."""
    return pd.Timestamp(time).tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
