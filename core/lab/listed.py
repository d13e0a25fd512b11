"""The runs of a lab: a list that shows itself, and opens each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from core import jupyter
from core.errors import InputError
from core.reporting import sentences
from core.runs.runs import Run, RunStore

SHOWN = ["run_id", "stations", "synthetic", "scored_split", "auc", "auc_low", "auc_high", "accuracy", "majority_share"]


class Runs:
    """
    The finished runs of a data folder, newest first; `runs[0]` is the newest, `runs["demo"]` the one that begins so.

    Listed are the user's own. What a study made, such as a sweep, can be opened by its id.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store

    @cached_property
    def every(self) -> pd.DataFrame:
        """A row per run, those of studies too; `RunStore.list` says what stands in it."""
        return self._store.list()

    @property
    def table(self) -> pd.DataFrame:
        """A row per run of the user's own, chance beside each score."""
        return self.every[self.every["study"] == ""].reset_index(drop=True)

    @property
    def left_out(self) -> str:
        """How many runs of which study are not listed; "" if none."""
        return sentences.of_studies(list(self.every["study"]))

    def __len__(self) -> int:
        return len(self.table)

    def __iter__(self) -> Iterator[Run]:
        return (self._store.open(run_id) for run_id in self.table["run_id"])

    def __getitem__(self, which: int | str | Run) -> Run:
        """
        A run by its place in the list, its id, or the beginning of its id.

        Raises
        ------
        InputError
            If there is none, or more than one.
        """
        if isinstance(which, Run):
            which = which.run_id
        if isinstance(which, str):
            return self._store.open(which)
        ids = list(self.table["run_id"])
        if not -len(ids) <= which < len(ids):
            raise InputError(f"There is no run number {which}: {jupyter.counted(len(ids), 'run')}, counted from 0.")
        return self._store.open(ids[which])

    def __repr__(self) -> str:
        names = ", ".join(self.table["run_id"][:4])
        more = ", ..." if len(self) > 4 else ""
        return f"<{jupyter.counted(len(self), 'run')}{f': {names}{more}' if names else ''}>"

    def _repr_html_(self) -> str:
        shown = self.table[SHOWN].assign(synthetic=self.table["synthetic"].map({True: "synthetic", False: "real"}))
        words = ["Chance is an AUC of 0.5 and an accuracy equal to the majority share."] if len(shown) else []
        words += [f"Not listed: {self.left_out}."] if self.left_out else []
        words += self.every.attrs["notes"]
        tables = [jupyter.of_frame(shown.rename(columns={"synthetic": "data"}))] if len(shown) else []
        return jupyter.card(f"{jupyter.counted(len(self), 'run')}, newest first", (), tables, words)
