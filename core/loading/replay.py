"""A fetcher without a network: it gives the answers that are in the raw store, as they came."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import pandas as pd

from core.loading import http
from core.loading.chunks import TooMuch
from core.loading.http import Client, Reply
from core.loading.journal import Step
from core.loading.raw_store import Entry, Fetcher, RawStore
from core.loading.services import Service

T = TypeVar("T")


class Replay(Fetcher):
    """
    Answers from a raw store only.

    What is not there was too much for the server when it was asked, for only then was less asked for and stored.
    """

    entries: dict[str, Entry]

    def get(
        self,
        service: Service,
        url: str,
        parameters: Mapping[str, str],
        parse: Callable[[Reply], T],
        *,
        until: pd.Timestamp | None = None,
        also: Collection[int] = (),
    ) -> T:
        """What `parse` makes of the stored answer to a request; raises TooMuch if there is none."""
        asked = http.address(url, parameters)
        entry = self.entries.get(asked)
        if entry is None:
            raise TooMuch(f"{asked} is not in the raw store")
        return parse(Reply(entry.url, entry.status, self.store.read(entry), {}, pd.Timestamp(entry.retrieved)))


def fetcher(store: RawStore, step: Step) -> Replay:
    """A fetcher that gives the answers a step was made of, and else those that were the latest then."""
    used, time = dict(step.inputs), pd.Timestamp(step.time)
    latest: dict[str, Entry] = {}
    for entry in store.entries():
        wanted = used.get(entry.url)
        if wanted in (None, entry.sha256) and pd.Timestamp(entry.retrieved) <= time:
            latest[entry.url] = entry
    made = Replay(Client(), store, now=lambda: time)
    made.entries = latest
    return made
