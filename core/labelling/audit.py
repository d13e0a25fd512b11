"""
What the audit of a set of windows found, as it is kept in audit.json.

It is made by `leakage` (what splits share), `audit_copies` (raw hours that stand twice), `audit_numbers` (the numbers
in the windows) and `class_warnings`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from core import caveats, typed_documents
from core.caveats import Caveat
from core.typed_documents import Count, NotNegative, Versioned


class CheckName(enum.StrEnum):
    """What the audit looks for."""

    FOOTPRINTS = "footprints"
    MINUTES = "minutes"
    CLUSTERS = "clusters"
    DUPLICATES = "duplicates"
    IDENTICAL = "identical numbers"
    COPIED_HOURS = "copied hours"
    SCALING = "scaling"
    FILTER = "filter"


@dataclass(frozen=True)
class Check:
    """One thing that was looked for, whether none of it was found, and what was, in words."""

    name: CheckName
    passed: bool
    words: str


@dataclass(frozen=True)
class Audit(Versioned):
    """
    What the audit of a set of windows found.

    ok: nothing is shared between splits. sentence: all this for a reader. method: of the split. n_windows: by split.
    n_shared_footprints: pairs of windows of different splits. n_shared_minutes: of the same station. n_duplicates:
    windows with a twin in another split. n_leaking: windows of validation, of test and of the final block that share
    anything with a split before them. closest_days: smallest distance of two footprints of different splits, 0 with a
    leak, None if there is none. n_copied_hours: see `audit_copies.look`. n_identical, n_scaled_outside_train,
    n_acausal_minutes: see `audit_numbers.Numbers`. warnings: what a reader of the scores must know about the classes
    and the record. A count is None where it was not looked at, as in documents of older versions.
    """

    ok: bool
    sentence: str
    method: str = ""
    n_windows: dict[str, Count] = field(default_factory=dict)
    n_shared_footprints: Count | None = None
    n_shared_clusters: Count | None = None
    n_shared_minutes: Count | None = None
    n_duplicates: Count | None = None
    n_leaking: dict[str, Count] = field(default_factory=dict)
    closest_days: NotNegative | None = None
    n_identical: Count | None = None
    n_copied_hours: Count | None = None
    n_scaled_outside_train: Count | None = None
    n_acausal_minutes: Count | None = None
    warnings: tuple[Caveat, ...] = ()

    VERSION = 1  # without a version its warnings are bare sentences
    CALLED = "The leak audit"

    @property
    def checks(self) -> list[Check]:
        """Each check of times, events and numbers; what was not looked at is not listed."""
        rows = (
            (
                CheckName.FOOTPRINTS,
                self.n_shared_footprints,
                "pairs of windows of different splits depend on the same time",
            ),
            (CheckName.MINUTES, self.n_shared_minutes, "minutes of a record stand in windows of different splits"),
            (
                CheckName.CLUSTERS,
                self.n_shared_clusters,
                "event clusters, declustered sequences included, stand in different splits",
            ),
            (CheckName.DUPLICATES, self.n_duplicates, "windows stand in more than one split"),
            (CheckName.IDENTICAL, self.n_identical, "windows hold the same bytes as a window of another split"),
            (
                CheckName.COPIED_HOURS,
                self.n_copied_hours,
                "raw hours in windows stand also in a window of another split or class",
            ),
            (CheckName.SCALING, self.n_scaled_outside_train, "windows outside training had a part in the scale"),
            (CheckName.FILTER, self.n_acausal_minutes, "filtered minutes feel what comes after a window's end"),
        )
        return [Check(name, n == 0, f"{n} {words}.") for name, n, words in rows if n is not None]

    def to_dict(self) -> dict[str, Any]:
        """As it is kept in audit.json, with the checks in words beside the numbers."""
        return {**super().to_dict(), "checks": [typed_documents.write(check) for check in self.checks]}

    @classmethod
    def of_older(cls, table: dict[str, Any], version: int) -> dict[str, Any]:
        """Bare sentences become caveats."""
        return caveats.of_older(table, "warnings")
