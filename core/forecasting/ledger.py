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
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from core.errors import InputError

COLUMNS = (
    "id",
    "issued_at",
    "station",
    "valid_from",
    "valid_until",
    "probability",
    "threshold",
    "run_id",
    "data_until",
    "synthetic",
    "retrospective",
    "previous_digest",
    "digest",
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS forecast (
    id INTEGER PRIMARY KEY,
    issued_at TEXT NOT NULL, station TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL,
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1), threshold REAL NOT NULL,
    run_id TEXT NOT NULL, data_until TEXT NOT NULL, synthetic INTEGER NOT NULL, retrospective INTEGER NOT NULL,
    previous_digest TEXT NOT NULL, digest TEXT NOT NULL UNIQUE
);
CREATE TRIGGER IF NOT EXISTS forecast_is_never_edited BEFORE UPDATE ON forecast
BEGIN SELECT RAISE(ABORT, 'a forecast is never edited'); END;
CREATE TRIGGER IF NOT EXISTS forecast_is_never_deleted BEFORE DELETE ON forecast
BEGIN SELECT RAISE(ABORT, 'a forecast is never deleted'); END;
CREATE TRIGGER IF NOT EXISTS forecast_is_never_replaced BEFORE INSERT ON forecast
WHEN EXISTS (SELECT 1 FROM forecast WHERE id = NEW.id OR digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'a forecast is never replaced'); END;
"""


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


class Ledger:
    """The forecasts of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, forecasts: list[Forecast], issued_at: datetime | None = None) -> int:
        """
        Write forecasts down; all of them or none.

        A forecast that stands already (same run, station and period) is left out.

        Returns
        -------
        int
            How many were new.

        Raises
        ------
        InputError
            If the clock stands before the last entry's time of issue.
        """
        now = issued_at or datetime.now(UTC)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as database:
            database.execute("BEGIN IMMEDIATE")
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
            database.execute("COMMIT")
        return written

    def list(self) -> pd.DataFrame:
        """Every forecast, oldest first; times are UTC timestamps."""
        if not self.path.exists():
            return pd.DataFrame(columns=list(COLUMNS))
        with self._connection() as database:
            rows = database.execute(f"SELECT {', '.join(COLUMNS)} FROM forecast ORDER BY id").fetchall()
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        for name in ("issued_at", "valid_from", "valid_until", "data_until"):
            table[name] = pd.to_datetime(table[name], utc=True)
        return table.astype({"synthetic": bool, "retrospective": bool})

    def verify(self) -> Sequence[str]:
        """What is wrong with the chain of digests, one sentence per row; empty if nothing is."""
        if not self.path.exists():
            return []
        problems, previous = [], ""
        with self._connection() as database:
            for values in database.execute(f"SELECT {', '.join(COLUMNS)} FROM forecast ORDER BY id"):
                row = dict(zip(COLUMNS, values, strict=True))
                number, digest = row.pop("id"), row.pop("digest")
                if row["previous_digest"] != previous:
                    problems.append(f"Forecast {number}: the row before it was removed or changed.")
                if _digest(row) != digest:
                    problems.append(f"Forecast {number}: its content was changed after it was written.")
                previous = digest
        return problems

    def head(self) -> str:
        """The digest of the last row: whoever has noted it can tell later that no row was cut off; "" if empty."""
        if not self.path.exists():
            return ""
        with self._connection() as database:
            last = database.execute("SELECT digest FROM forecast ORDER BY id DESC LIMIT 1").fetchone()
        return last[0] if last else ""

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = FULL")
                database.executescript(_SCHEMA)
                yield database
        except sqlite3.DatabaseError as error:
            raise InputError(f"The ledger {self.path} cannot be used: {error}.") from error


def _row(forecast: Forecast, issued_at: datetime) -> dict:
    row = asdict(forecast)
    for name in ("valid_from", "valid_until", "data_until"):
        row[name] = _text(row[name])
    # As SQLite gives them back, or the digest of the row would not be that of what was stored.
    row["probability"], row["threshold"] = float(forecast.probability), float(forecast.threshold)
    row["synthetic"] = int(forecast.synthetic)
    row["retrospective"] = int(_text(issued_at) >= row["valid_from"])
    return {"issued_at": _text(issued_at), **row}


def _digest(row: dict) -> str:
    content = {key: value for key, value in row.items() if key not in ("id", "digest")}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _text(time: datetime | pd.Timestamp) -> str:
    """ISO time to the second; text order is time order."""
    return pd.Timestamp(time).tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
