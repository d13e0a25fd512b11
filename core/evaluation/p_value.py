"""A p value in words: a p that cannot be any smaller is called a floor, so that nobody reads it as a measure."""

from __future__ import annotations

_AT_FLOOR = 1 + 1e-9  # the two are sums in other orders


def in_words(p: float, smallest: float | None = None, allowed_by: str = "") -> str:
    """
    A p value with two digits, and that it is at its floor where it is.

    Parameters
    ----------
    p : float
    smallest : float, optional
        The smallest p that could have come out; None where that is not known.
    allowed_by : str
        What allows no smaller one, for "the smallest that ... can show".

    Examples
    --------
    >>> in_words(0.0001, 1 / 10_000, "9,999 turns")
    'p = 0.0001, the smallest that 9,999 turns can show'
    >>> in_words(0.03, 1 / 10_000, "9,999 turns"), in_words(2.5e-06)
    ('p = 0.03', 'p = 2.5e-06')
    """
    return f"p = {p:.2g}{floor_words(p, smallest, allowed_by)}"


def floor_words(p: float, smallest: float | None, allowed_by: str) -> str:
    """What follows a p value that is at its floor; "" after any other."""
    return "" if smallest is None or not at_floor(p, smallest) else f", the smallest that {allowed_by} can show"


def at_floor(p: float, smallest: float) -> bool:
    """
    True if a p value is the smallest that could have come out; one of 1 is not said to be small.

    >>> at_floor(0.001, 1 / 1000), at_floor(0.002, 1 / 1000), at_floor(1.0, 1.0)
    (True, False, False)
    """
    return p <= smallest * _AT_FLOOR and p < 1
