"""
Caveats: what a reader must know before believing a number, each with its kind beside its sentence.

What a page shows in short, counts or sorts follows from the kind; the sentence is for the reader and may be reworded.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core import typed_documents


class CaveatKind(enum.StrEnum):
    """What a caveat is about."""

    SYNTHETIC = "synthetic"  # the data are made up
    LEAK = "leak"  # splits share minutes or events
    DEAD = "dead"  # the network's output is a constant
    SPLITS_NEAR = "splits_near"  # splits share nothing, but lie less than a day apart
    SEPARATED_IN_TIME = "separated_in_time"  # the date alone tells the classes
    SEQUENCE_DIVIDED = "sequence_divided"  # aftershocks of one mainshock stand in several splits
    STATION_TELLS_LABEL = "station_tells_label"  # a station has windows of one class only
    ONE_CLASS = "one_class"  # validation or test has windows of one class only
    EARLIER_EVENTS = "earlier_events"  # positive windows hold an earlier target event
    THIN_CATALOGUE = "thin_catalogue"  # the catalogue begins above the smallest target
    MATCHING = "matching"  # how well negatives match positives
    WITHHELD = "withheld"  # windows from which an ancestor of the run has learned
    SCALE_BORROWED = "scale_borrowed"  # a station is scaled with the mean of the others
    COPIED_HOURS = "copied_hours"  # the same hours of the record stand under two dates or two stations
    DATA_CHANGED = "data_changed"  # the stored data are others than those of the run
    OTHER = "other"  # of an old document, and not known by its kind


@dataclass(frozen=True)
class Caveat:
    """One thing to keep in mind: of which kind, and in a sentence for the reader."""

    kind: CaveatKind
    sentence: str


def as_text(caveats: Iterable[Caveat]) -> list[str]:
    """The caveats as a reader gets them."""
    return [caveat.sentence for caveat in caveats]


def write(caveats: Iterable[Caveat]) -> list[dict[str, str]]:
    """The caveats as they are kept in JSON."""
    return [typed_documents.write(caveat) for caveat in caveats]


def read(stored: object) -> tuple[Caveat, ...]:
    """
    Caveats from JSON: as `write` left them, or the bare sentences of a document that is older than kinds.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(stored, list):
        raise ValueError(f"caveats must be a list, found {type(stored).__name__}")
    return tuple(
        _of_old_sentence(each) if isinstance(each, str) else typed_documents.read(Caveat, each) for each in stored
    )


def of_older(table: dict[str, Any], name: str = "caveats") -> dict[str, Any]:
    """A document whose caveats, kept under `name`, may be bare sentences, with their kinds. Raises as `read`."""
    return {**table, name: write(read(table.get(name, [])))}


# What program 0.1.0 wrote before caveats had kinds: words that stood in the sentence of each kind, and in no other's.
# This table is closed. It is for old documents only; nothing that is written today is looked up in it.
_OLD_SENTENCES = (
    ("Synthetic data:", CaveatKind.SYNTHETIC),
    ("Leak:", CaveatKind.LEAK),
    ("output is a constant", CaveatKind.DEAD),
    ("Windows of different splits lie as little as", CaveatKind.SPLITS_NEAR),
    ("The classes are separated in time:", CaveatKind.SEPARATED_IN_TIME),
    ("the station alone tells the label", CaveatKind.STATION_TELLS_LABEL),
    ("a comparison of the classes do not exist there", CaveatKind.ONE_CLASS),
    ("contain an earlier target event of their station", CaveatKind.EARLIER_EVENTS),
    ("The sequence of ", CaveatKind.SEQUENCE_DIVIDED),
    ("The smallest event in the catalogue of", CaveatKind.THIN_CATALOGUE),
    ("positive windows, the quiet partner agrees", CaveatKind.MATCHING),
    ("are withheld: the run's ancestors learned from", CaveatKind.WITHHELD),
    ("it is scaled with the mean of the other stations", CaveatKind.SCALE_BORROWED),
    ("The stored data have changed since this run was made", CaveatKind.DATA_CHANGED),
)


def _of_old_sentence(sentence: str) -> Caveat:
    """The caveat of a document without kinds; `OTHER` where its sentence is none that the program wrote."""
    kind = next((kind for words, kind in _OLD_SENTENCES if words in sentence), CaveatKind.OTHER)
    return Caveat(kind, sentence)
