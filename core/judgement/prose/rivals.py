"""What the network adds to models that know nothing of the field, in words."""

from __future__ import annotations

from core.judgement.findings import Confounders, Rival

SAME_TO_TWO_DIGITS = 0.005


def of_confounders(compared: Confounders) -> str:
    """Every rival with its AUC and what the network adds to it; raises nothing, whatever is unknown."""
    rivals = "; ".join(_of_rival(rival) for rival in compared.rivals)
    words = (
        "AUC of models of date, hour, weekday, storms, gaps and recent earthquakes, and what the network adds to each "
        f"(95 % for all at once): {rivals}."
    )
    if compared.rivals and all(learned_nothing(rival) for rival in compared.rivals):
        words += " As none of them learned anything, this gate says little here."
    return words


def learned_nothing(rival: Rival) -> bool:
    """True if a rival gives the same answer to every window: its AUC is that of a constant."""
    return rival.auc == 0.5


def _of_rival(rival: Rival) -> str:
    name = f"{rival.name} {_two(rival.auc)}"
    if learned_nothing(rival):
        name = f"{rival.name} learned nothing ({_two(rival.auc)} by one answer to all)"
    if not _has_width(rival):
        if rival.difference is not None and abs(rival.difference) < SAME_TO_TWO_DIGITS:
            return f"{name}, with the network the same"
        return f"{name}, with the network {signed(rival.difference)} in every draw"
    return f"{name}, with the network {signed(rival.difference)} [{signed(rival.low)}, {signed(rival.high)}]"


def _has_width(rival: Rival) -> bool:
    """False if every draw came out alike: such an interval shows no certainty, it shows that nothing could vary."""
    return rival.low is None or rival.high is None or rival.high - rival.low >= SAME_TO_TWO_DIGITS


def signed(number: float | None) -> str:
    """
    A difference with its sign and two decimals, never -0.00.

    >>> signed(-0.001), signed(0.12), signed(None)
    ('+0.00', '+0.12', '?')
    """
    return "?" if number is None else f"{round(number, 2) + 0.0:+.2f}"


def _two(number: float | None) -> str:
    return "unknown" if number is None else f"{number:.2f}"
