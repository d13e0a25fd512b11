"""The ledger: forecasts, each with the time at which it was written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.forecasting.ledger import Ledger
from core.reporting import introduction, tables
from core.reporting.figures.record import forecast
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.run import run_file

MOST_ROWS = 500


def page(ledger: Ledger, base_rates: Mapping[str, float]) -> Page:
    """
    All forecasts on the time axis, the latest in a table, and whether the chain of digests is whole.

    Parameters
    ----------
    ledger : Ledger
    base_rates : mapping of run id to float
        For the runs that have a page, the share of positives among their training windows.
    """
    chain = ledger.read()
    table = chain.table()
    marks = table["synthetic"].astype(bool)
    extent = "all" if len(table) and marks.all() else "part" if marks.any() else ""
    files = {}
    content: dict[str, Any] = {
        "plots": [],
        "table": None,
        "n": len(table),
        "problems": chain.problems(),
        "head": chain.head,
    }
    if len(table):
        csv = csv_name("ledger", extent == "all")
        files[csv] = table
        for synthetic in (False, True):
            part = table[marks == synthetic]
            if len(part):
                content["plots"].append(
                    Plot(
                        "ledger-synthetic" if synthetic else "ledger",
                        forecast.ledger(part, synthetic=synthetic),
                        "Each bar covers the period for which the forecast holds, at the number that the network gave. "
                        "Dotted: issued after that period had opened, so it never counts as a prediction.",
                        csv,
                    )
                )
        latest = table.iloc[::-1].head(MOST_ROWS)
        words = (
            "Newest first" if len(latest) == len(table) else f"The latest {MOST_ROWS} of {len(table):,}, newest first"
        )
        rows = [
            [
                number(str(row["id"])),
                Cell(tables.moment(row["issued_at"])),
                Cell(str(row["station"])),
                Cell(f"{tables.moment(row['valid_from'])} to {tables.moment(row['valid_until'])}"),
                number(
                    tables.number(row["probability"]),
                    note=f"in training {tables.number(base_rates.get(row['run_id']))}",
                ),
                Cell(
                    "alarm" if row["probability"] >= row["threshold"] else "no alarm",
                    note=f"threshold {tables.number(row['threshold'])}",
                ),
                Cell("retrospective" if row["retrospective"] else introduction.IN_TIME),
                Cell("synthetic" if row["synthetic"] else "real"),
                Cell(str(row["run_id"]), href=run_file(row["run_id"]) if row["run_id"] in base_rates else ""),
            ]
            for row in latest.to_dict("records")
        ]
        head = ["No.", "Issued (UTC)", "Station", "Valid (UTC)", "Network's number", "Answer", "Written", "Data", "Run"]
        content["table"] = Table(words, head, rows, csv)
    return Page("ledger.html", "Ledger", "ledger.html.j2", content, extent, files)
