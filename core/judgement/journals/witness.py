"""What somebody else can note of a plan, so that it and the tries before it can be shown to have been there."""

from __future__ import annotations

from pathlib import Path

from core.chained_log import ChainedLog
from core.judgement.journals import journal_heads
from core.judgement.plans.frozen_plan import Frozen

NO_LINE = "The plan names no line of the journal of tries: there was none yet, or an older version froze it."


def digest(plan: Frozen, data_dir: Path) -> str:
    """
    The digest of a plan's line in the journal of plans: noted elsewhere, it shows later that the plan was there.

    Raises
    ------
    InputError
        If the journal was changed.
    """
    lines = ChainedLog(data_dir / "frozen" / "journal.jsonl").entries()
    return next((str(line["digest"]) for line in lines if line["id"] == plan.frozen_id), "")


def in_words(plan: Frozen, data_dir: Path) -> str:
    """Who says that it was frozen when it says so, and what a reader may ask for."""
    return (
        "That it was frozen then only this journal says. Who doubts it may ask where its line was noted elsewhere at "
        f"that time; the line's digest is {digest(plan, data_dir)}."
    )


def to_be_noted(plan: Frozen) -> str:
    """The end of the journal of tries when a plan was frozen, for whoever notes it outside the data folder."""
    head = journal_heads.of_tries(plan.heads)
    if not head.n_lines:
        return NO_LINE
    lines = "1 line" if head.n_lines == 1 else f"{head.n_lines:,} lines, the last"
    return (
        f"The journal of tries (data/tested.jsonl) had {lines} with the digest {head.digest}. Note that outside the "
        "data folder: if this line is not there later, tries are gone, whatever else was made anew."
    )
