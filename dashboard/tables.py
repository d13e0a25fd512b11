"""The tables of the pages: words for columns, runs beside each other, scores beside chance, and CSV files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.reporting import glossary, marks
from core.reporting.tables import DASH, csv, harmless, in_words
from dashboard import address, assessments, loaders

# Words for columns whose name says too little; the others are their name, with the unit in brackets.
COLUMN_WORDS = {
    "run_id": "Run",
    "auc": "AUC",
    "validation_auc": "Validation AUC",
    "id": "No.",
    "auc_low": "AUC low",
    "auc_high": "AUC high",
    "mcc": "MCC",
    "n": "Windows",
    "n_positive": "Positive",
    "n_negative": "Negative",
    "lead_days": "Days before the event",
    "event_id": "Event",
    "recall": "Hit rate",
    "created": "Made (UTC)",
    "sha256": "SHA-256",
}
SMALL = 0.01  # with three decimals, a number below it keeps but one digit
LARGE = 1000  # four digits would round a number above it
UNITS = {"_deg": " (°)", "_km": " (km)", "_nt": " (nT)", "_days": " (days)", "_minutes": " (min)"}


def show(frame: pd.DataFrame, alt: str, **options: Any) -> Any:
    """A table with words for its columns, times to the minute, and few decimals."""
    frame = harmless(in_words(frame))  # the table's own toolbar exports what it shows
    kinds = st.column_config
    shown: dict[str, Any] = {}
    for name in frame.columns:
        label, column = column_words(str(name)), frame[name]
        tip = glossary.tip(label) or None
        if pd.api.types.is_datetime64_any_dtype(column):
            label = label if "UTC" in label else f"{label} (UTC)"
            shown[name] = kinds.DatetimeColumn(label, format="YYYY-MM-DD HH:mm", timezone="UTC")
        elif pd.api.types.is_float_dtype(column):
            shown[name] = kinds.NumberColumn(label, format=number_format(str(name), column), help=tip)
        elif name == "year":
            shown[name] = kinds.NumberColumn(label, format="%d")
        elif pd.api.types.is_integer_dtype(column):
            shown[name] = kinds.NumberColumn(label, format="localized", help=tip)
        else:
            shown[name] = kinds.Column(label, help=tip)
    columns = {**shown, **options.pop("columns", {})}
    return st.dataframe(frame, hide_index=True, column_config=columns, placeholder=DASH, alt=alt, **options)


def number_format(name: str, column: pd.Series) -> str:
    """
    How the numbers of a column are written: three decimals, or four digits where those would round one away.

    >>> number_format("auc", pd.Series([0.5, 0.0])), number_format("learning_rate", pd.Series([0.001, 0.0001]))
    ('%.3f', '%.4g')
    """
    if name in ("magnitude", "depth_km", "distance_km"):
        return "%.1f"
    size = column.abs()
    return "%.4g" if size.between(1e-9, SMALL, inclusive="left").any() and size.max() < LARGE else "%.3f"


def column_words(name: str) -> str:
    """
    A column's name in words.

    >>> column_words("latitude_deg"), column_words("n_windows"), column_words("run_id")
    ('Latitude (°)', 'Number of windows', 'Run')
    """
    if name in COLUMN_WORDS:
        return COLUMN_WORDS[name]
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            name = name.removesuffix(ending) + unit
    name = name.replace("_", " ")
    name = f"number of {name[2:]}" if name.startswith("n ") else name
    return name[:1].upper() + name[1:]


def runs(listed: pd.DataFrame) -> pd.DataFrame:
    """The table of runs that people compare: each score beside its chance, and how much speaks against it."""
    listed = assessments.as_judged(listed)
    return pd.DataFrame(
        {
            "run_id": listed["run_id"],
            "verdict": [assessments.kind(loaders.run(run_id)) for run_id in listed["run_id"]],
            "AUC [95 %], chance 0.5": [score(row.auc, row.auc_low, row.auc_high) for row in listed.itertuples()],
            "accuracy": listed["accuracy"],
            "majority_share": listed["majority_share"],
            "judged_on": listed["scored_split"],
            "data": listed["synthetic"].map({True: "synthetic", False: "real"}),
            "caveats": [", ".join(marks.of(loaders.run(run_id).caveats)) for run_id in listed["run_id"]],
            "stations": listed["stations"],
            "created": listed["created"],
            **({"study": listed["study"]} if listed["study"].any() else {}),
        }
    )


def runs_to_open(listed: pd.DataFrame, key: str, alt: str, bound: tuple[str, ...] = ()) -> None:
    """The table of runs; a chosen row opens the run. `bound` are the controls that Streamlit keeps in the address."""
    picked = show(runs(listed), on_select="rerun", selection_mode="single-row", key=key, alt=alt)
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(listed):
        address.keep("run", listed["run_id"].iloc[rows[0]])
        # with another query the address of this page would change first, and Back would lead to that
        query = {name: value for name, value in st.query_params.to_dict().items() if name not in bound}
        if "run" in query:
            query["run"] = address.kept("run")
        st.switch_page("views/results.py", query_params=query)


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """The scores that people read first: each interval in its cell, chance in brackets beside accuracy and Brier."""
    rows = list(table.itertuples())
    return pd.DataFrame(
        {
            "station": table["station"],
            "n": table["n"],
            "n_positive": table["n_positive"],
            "AUC [95 %]": [score(row.auc, row.auc_low, row.auc_high) for row in rows],
            "Accuracy (majority share)": [f"{score(row.accuracy)} ({score(row.majority_share)})" for row in rows],
            **{name: table[name] for name in ("mcc", "precision", "recall", "false_alarm_rate")},
            "Brier (of the share)": [f"{score(row.brier)} ({score(row.brier_reference)})" for row in rows],
        }
    )


def score(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A score with its interval, or a dash where it does not exist."""
    if value is None or pd.isna(value):
        return DASH
    return f"{value:.2f}" + ("" if low is None or pd.isna(low) else f" [{low:.2f}, {high:.2f}]")


def download(
    table: pd.DataFrame | Callable[[], pd.DataFrame], name: str, label: str = "Download as CSV", head: str = ""
) -> None:
    """Offer a table as CSV, made at the click; `head` is text before the table, its lines begin with #."""
    make = table if callable(table) else lambda: table
    st.download_button(
        label, lambda: head + csv(make()), f"{name}.csv", "text/csv", on_click="ignore", icon=":material/download:"
    )


def flat(nested: dict[str, Any], before: str = "") -> dict[str, Any]:
    """
    A nested table of options as one row; lists become tuples.

    >>> flat({"data": {"stations": ["DUR", "IZN"]}, "training": {"epochs": 3}})
    {'data.stations': ('DUR', 'IZN'), 'training.epochs': 3}
    """
    row: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, dict):
            row |= flat(value, f"{before}{key}.")
        else:
            row[f"{before}{key}"] = tuple(value) if isinstance(value, list) else value
    return row
