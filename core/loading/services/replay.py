"""A fetcher without a network: it gives the answers that are in the raw store, as they came."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from core.loading.services.http import Client
from core.loading.services.parts import TooMuch
from core.loading.services.raw_store import Entry, Fetcher, RawStore


class Replay(Fetcher):
    """
    Answers from a raw store only.

    What is not there was too much for the server when it was asked, for only then was less asked for and stored.
    """

    entries: dict[str, Entry]

    def stored(self, asked: str, until: pd.Timestamp | None) -> Entry:
        """The stored answer to a request, however old; raises TooMuch if there is none."""
        if asked not in self.entries:
            raise TooMuch(f"{asked} is not in the raw store")
        return self.entries[asked]


def fetcher(store: RawStore, answers: Iterable[tuple[str, str]], time: pd.Timestamp) -> Replay:
    """
    A fetcher that gives certain answers (address and digest of each), and else those that were the latest at a time.

    That time is now, for all that it is asked.
    """
    used = dict(answers)
    latest: dict[str, Entry] = {}
    for entry in store.entries():
        wanted = used.get(entry.url)
        if wanted in (None, entry.sha256) and pd.Timestamp(entry.retrieved) <= time:
            latest[entry.url] = entry
    made = Replay(Client(), store, now=lambda: time)
    made.entries = latest
    return made
