"""The activity indices of the archive, Kp and Dst: a file each, merged value by value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from core.loading.archive import table_file
from core.loading.formats.indices import dst, kp

# Which value stands where two files give the same hours; of equal rank, the new one does.
RANKS = {"preliminary": 0, "quick look": 0, "observed": 1, "provisional": 1, "definitive": 2, "final": 2}


class IndexStore:
    """Reads and merges the tables "kp" and "dst" in a folder; it takes no lock, which is the archive's part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """The file of an index."""
        return self.folder / f"{name}.parquet"

    def read(self, name: str) -> pd.DataFrame:
        """The stored table; empty, with its columns, if there is none. Raises InputError if the file is damaged."""
        path = self.path(name)
        if path.exists():
            return table_file.read(path)[0]
        columns = kp.COLUMNS if name == "kp" else dst.COLUMNS
        empty = pd.DataFrame({column: pd.Series(dtype="float64") for column in columns})
        return empty.assign(time=pd.DatetimeIndex([], tz="UTC"), status=pd.Series(dtype="str"))

    def store(
        self,
        name: str,
        table: pd.DataFrame,
        origin: str,
        learned: pd.Timestamp,
        before_writing: Callable[[], dict[str, Any]] = dict,
    ) -> str:
        """See `Store.store_activity`; the table was checked."""
        old = self.read(name).assign(is_new=False)
        both = pd.concat([old, table.assign(is_new=True)], ignore_index=True)
        both["rank"] = both["status"].map(RANKS).fillna(1)
        # The last of each time stands: the better one, and of equal rank the new one.
        both = both.sort_values(["time", "rank", "is_new"], kind="stable")
        merged = both.drop_duplicates("time", keep="last").drop(columns=["rank", "is_new"])
        merged = merged.reset_index(drop=True)
        story = {"origin": origin, "notes": list(table.attrs.get("notes", ()))}
        if not table_file.write(self.path(name), merged, {}, story, learned, before_writing):
            return f"{name}: all {len(table)} values are stored already, or better ones are."
        value = table.columns[1]
        both = merged.merge(old, on="time", suffixes=("", "_old"))
        n_changed = int(((both[value] != both[f"{value}_old"]) | (both["status"] != both["status_old"])).sum())
        n_new = len(merged) - len(old)
        return f"{name}: {n_new} values added, {n_changed} changed; {len(merged)} are stored."
