"""The status of a run: when and from what it was made, and whether its network lives."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from core import typed_documents
from core.caveats import Caveat, CaveatKind
from core.labelling.audit import Audit
from core.typed_documents import Moment, MomentOrNone, NotNegative, Versioned

NEAR_DAYS = 1.0  # splits that are less far apart can lie in one aftershock sequence, or in one storm


@dataclass(frozen=True)
class Status(Versioned):
    """
    created, began: ISO times, UTC; `began` is when the first attempt at the run began, "" where an old run does not say
    it. seconds: of training. source: "archive" or "synthetic". parent: the run whose weights this one began with, "" if
    none. dead: the network's output is a constant; dead_sentence says how the network does, dead or not.
    """

    created: Moment
    seconds: NotNegative
    synthetic: bool
    source: str
    parent: str
    dead: bool
    dead_sentence: str
    began: MomentOrNone = ""

    VERSION = 1
    CALLED = "The status of run {}"

    @classmethod
    def from_dict(cls, document: object, name: str = "") -> Status:
        """Raises as `Versioned.from_dict`; OtherVersion also for one that is too old."""
        table = typed_documents.table_of(document)
        cls.version_in(table, name)  # a newer one says so, whatever it lacks
        needed = {field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING}
        missing = sorted(needed - set(table))
        if missing:
            raise typed_documents.OtherVersion(
                f"Run {name} was made by another version of this program: its status.json has no {missing[0]!r}. "
                "Train it again."
            )
        return super().from_dict(table, name)


def caveats(status: Status, audit: Audit) -> tuple[Caveat, ...]:
    """What every page showing a run must show: made-up data, leaks, splits near each other, classes, a dead network."""
    told = []
    if status.synthetic:
        sentence = "Synthetic data: this run says something about the method, nothing about the Earth."
        told.append(Caveat(CaveatKind.SYNTHETIC, sentence))
    if not audit.ok:
        told.append(Caveat(CaveatKind.LEAK, audit.sentence))
    told += [*_nearness(audit.closest_days), *audit.warnings]
    if status.dead:
        told.append(Caveat(CaveatKind.DEAD, status.dead_sentence))
    return tuple(told)


def _nearness(closest_days: float | None) -> list[Caveat]:
    """A caveat if windows of different splits share nothing and are yet too near to be independent."""
    if not closest_days or closest_days >= NEAR_DAYS:
        return []
    sentence = (
        f"Windows of different splits lie as little as {24 * closest_days:.1f} hours apart. They share nothing, but an "
        "aftershock sequence or a storm lasts longer than that: what the network learned of one can help it with the "
        "next. A longer embargo_days keeps them apart."
    )
    return [Caveat(CaveatKind.SPLITS_NEAR, sentence)]
