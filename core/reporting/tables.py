"""Numbers in words for tables, and CSV files that no spreadsheet runs."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

DASH = "–"
LABELS = {1: "positive", 0: "negative", -1: "unknown"}


def number(value: Any, decimals: int = 2) -> str:
    """
    A number with thousands separators, or a dash where there is none.

    >>> number(1234.5), number(None), number(7, 0)
    ('1,234.50', '–', '7')
    """
    return DASH if value is None or pd.isna(value) else f"{float(value):,.{decimals}f}"


def p_value(value: Any) -> str:
    """
    A p value with two digits, however small it is, or a dash where there is none.

    >>> p_value(2.5e-06), p_value(0.04), p_value(None)
    ('2.5e-06', '0.04', '–')
    """
    return DASH if value is None or pd.isna(value) else f"{float(value):.2g}"


def interval(low: Any, high: Any) -> str:
    """
    A 95 % interval in words.

    >>> interval(0.31, 0.7), interval(None, None)
    ('0.31 to 0.70', 'no interval')
    """
    return "no interval" if low is None or pd.isna(low) else f"{number(low)} to {number(high)}"


def moment(value: Any) -> str:
    """
    A time to the minute, in UTC.

    >>> moment(pd.Timestamp("2016-10-30T06:40:18Z"))
    '2016-10-30 06:40'
    """
    return DASH if value is None or pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d %H:%M}"


def base_rate(predictions: pd.DataFrame) -> float:
    """
    The share of positives among the training windows of a run: the probability that knows nothing; NaN if unknown.

    >>> base_rate(pd.DataFrame({"split": ["train", "train", "test"], "label": [1, 0, 1]}))
    0.5
    """
    return float(predictions.loc[predictions["split"] == "train", "label"].mean())


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """
    A copy for people: the labels of windows in words, and "kept" where there is no reason of rejection.

    >>> in_words(pd.DataFrame({"label": [1, -1], "rejected": ["", "gap longer than 3 min"]})).values.tolist()
    [['positive', 'kept'], ['unknown', 'gap longer than 3 min']]
    """
    told = table.copy()
    if "label" in told:
        told["label"] = told["label"].map(lambda label: LABELS.get(label, label))
    if "rejected" in told:
        told["rejected"] = told["rejected"].replace("", "kept")
    return told


def csv(table: pd.DataFrame) -> str:
    """
    A table as CSV in which no text can act as a formula of a spreadsheet.

    Text that begins with = + - @, a tab or a line end gets ' in front; numbers, also as text, and times stay as they
    are.

    >>> csv(pd.DataFrame({"place": ["=1+1"], "depth_km": [-2.5]})).splitlines()[1]
    "'=1+1,-2.5"
    """
    safe = harmless(table)
    for name in safe.columns:
        if pd.api.types.is_datetime64_any_dtype(safe[name].dtype):
            whole = (safe[name].dropna().dt.microsecond == 0).all()
            times = safe[name].dt.strftime("%Y-%m-%dT%H:%M:%S" if whole else "%Y-%m-%dT%H:%M:%S.%f")
            safe[name] = times + "Z"
    safe.columns = [_harmless(str(name)) for name in safe.columns]
    # ten digits: more than any input has, and no 24612.339999999997
    return safe.to_csv(index=False, lineterminator="\n", float_format="%.10g")


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """A copy in which no text can act as a formula of a spreadsheet; numbers and times stay as they are."""
    safe = table.copy()
    for name in safe.columns:
        kind = safe[name].dtype
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe[name] = safe[name].map(_harmless, na_action="ignore")
    return safe


def _harmless(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return value
    return value if re.fullmatch(r"[+-]\d+(\.\d+)?", value) else "'" + value
