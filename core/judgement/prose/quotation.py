"""The paragraph to quote: the headline of a verdict and what else fits; all the rest stands in tables."""

from __future__ import annotations

from collections.abc import Sequence

from core.judgement.gates import Gate
from core.vocabulary import Checked

MOST_WORDS = 120


def written(
    headline: str,
    beside: Sequence[str],
    gates: Sequence[Gate],
    p: float | None,
    plan: str,
    opened: str,
    could_have_seen: str,
) -> str:
    """
    The headline, and in the order of weight every further sentence that fits into `MOST_WORDS`.

    Parameters
    ----------
    headline : str
    beside : sequence of str
        What is said beside a claim.
    gates : sequence of Gate
    p : float or None
        As one of its family; None where it says nothing.
    plan : str
        The id of the frozen plan that the verdict is of; "" for an exploratory one.
    opened : str
        That the final block was opened; "" if it was not.
    could_have_seen : str
        Left out where the headline has it.
    """
    parts = [
        *beside,
        _counted(gates, p),
        f"Plan {plan}." if plan else "Exploratory: not declared before.",
        opened,
        "" if could_have_seen in headline else could_have_seen,
    ]
    paragraph = headline
    for part in filter(None, parts):
        longer = f"{paragraph} {sentence(part)}"
        if len(longer.split()) <= MOST_WORDS:
            paragraph = longer
    return paragraph


def sentence(words: str) -> str:
    """
    Words with a capital letter and a full stop.

    >>> sentence("the clocks agree"), sentence("Do they?")
    ('The clocks agree.', 'Do they?')
    """
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _counted(gates: Sequence[Gate], p: float | None) -> str:
    """How many gates are passed, and which are not."""
    count = sum(gate.passed for gate in gates)
    parts = [f"{count} of {len(gates)} gates passed", *([] if p is None else [f"p = {p:.2g}"])]
    for state in (Checked.FAILED, Checked.NOT_CHECKED):
        names = ", ".join(gate.question for gate in gates if gate.state == state)
        parts += [f"{state}: {names}"] if names else []
    return "; ".join(parts)
