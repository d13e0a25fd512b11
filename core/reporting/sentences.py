"""Sentences composed from what is stored, and text from outside made harmless; pages, site and terminal share them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the dashboard needs the standing line before anything heavy is loaded
    from core.loading.archive.archive import Archive
    from core.runs.runs import Run


def sources(archives: Mapping[str, Archive]) -> dict[str, str]:
    """What each source is called: the real archive, or a synthetic world by its stations and what is planted in it."""
    names = {name: _source(archive) for name, archive in archives.items()}
    twice = {words for words, count in Counter(names.values()).items() if count > 1}
    return {name: f"{words} ({name})" if words in twice else words for name, words in names.items()}


def _source(archive: Archive) -> str:
    if not archive.synthetic:
        return "Archive of real data"
    from core.synthesis import world_document

    described = world_document.read(archive.folder)
    planted = f", precursor of {described.amplitude_nt:g} nT planted" if described.amplitude_nt else ""
    return f"Synthetic world {', '.join(described.stations)}{planted}"


def of_studies(studies: Sequence[str]) -> str:
    """
    How many runs studies made, by what asked for each run; the user's own ("") are not counted, "" if there are none.

    >>> of_studies(["", "paper", "sweep", "paper"])
    '3 runs that a study made (2 paper, 1 sweep)'
    """
    counts = Counter(study for study in studies if study)
    n = counts.total()
    parts = ", ".join(f"{count} {study}" for study, count in counts.most_common())
    return f"{n:,} run{'' if n == 1 else 's'} that a study made ({parts})" if n else ""


def capacity(n_parameters: int, n_train: int = 0) -> str:
    """
    How large a network is beside what it learns from; n_train is the number of training windows, 0 if unknown.

    >>> capacity(203394, 500)
    'The network has 203,394 parameters to learn: 406.8 for each of the 500 training windows.'
    """
    size = f"The network has {n_parameters:,} parameters to learn"
    if not n_train:
        return f"{size}."
    return f"{size}: {n_parameters / n_train:,.1f} for each of the {n_train:,} training windows."


def origin(run: Run) -> list[str]:
    """Where a run's training began, if not from nothing: a sentence, or none."""
    parent = run.status.parent
    if not parent:
        return []
    return [f"This run goes on from {parent}: its training began with the weights of that run, not from nothing."]


def plain(text: str) -> str:
    """
    Text from outside (addresses, descriptions, errors) so that Markdown shows it as it is.

    >>> print(plain("![x](http://a) <b> *c*"))
    !\\[x\\](http://a) \\<b> \\*c\\*
    """
    return re.sub(r"([\\`*\[\]<$~])", r"\\\1", text)


def made_up(synthetic: bool) -> list[str]:
    """What is said beside everything that came from made-up data, and nothing beside the rest."""
    return ["Synthetic data: this says something about the method, nothing about the Earth."] if synthetic else []


def not_judged(split: str, auc: float, low: float, high: float) -> str:
    """
    What came out of a run of which no verdict is known: its AUC beside chance, and that it says nothing about skill.

    >>> not_judged("test", 0.52, 0.41, 0.63)
    'AUC 0.52 [0.41, 0.63] on the test windows; by chance 0.50; not judged yet.'
    """
    if math.isnan(auc):
        return f"No score: the {split} windows do not hold both classes."
    if math.isnan(low) or math.isnan(high):
        return (
            f"No interval: AUC {auc:.2f} on the {split} windows (chance is 0.50). There are too few windows, or the "
            "output is a constant; nothing more can be said."
        )
    return f"AUC {auc:.2f} [{low:.2f}, {high:.2f}] on the {split} windows; by chance 0.50; not judged yet."


def without_probability(rejected: Iterable[str]) -> str:
    """
    How many windows of a scan have no probability, by reason.

    >>> without_probability(["", "gap longer than 3 min", "final block", "gap longer than 3 min"])
    '3 without a probability (2: gap longer than 3 min; 1: final block)'
    """
    reasons = Counter(filter(None, rejected))
    each = "; ".join(f"{n:,}: {reason}" for reason, n in reasons.most_common())
    return f"{sum(reasons.values()):,} without a probability{f' ({each})' if each else ''}"
