"""Learning curves: would more of the same data help?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.evaluation import scores
from core.reporting import tables
from core.reporting.figures.run import curves
from core.reporting.figures.studies import law
from core.reporting.pages import Page, Plot, Table, csv_name, number
from core.studies.learning_curves import LearningCurve


def page(stored: Sequence[LearningCurve], unreadable: Sequence[str] = ()) -> Page:
    """One figure and one table per finished learning curve, newest first; those that cannot be read by their ids."""
    shown, files = [], {}
    for curve in stored:
        synthetic = curve.status.synthetic
        csv = csv_name(f"learning-curve-{curve.curve_id}", synthetic)
        files[csv] = curve.points
        shown.append(
            {
                "curve_id": curve.curve_id,
                "synthetic": synthetic,
                "leak": curve.status.leak,
                "created": tables.moment(curve.status.created),
                "description": curve.config.description,
                "plot": Plot(
                    f"curve-{curve.curve_id}",
                    curves.learning_curve(curve.points, synthetic=synthetic),
                    "Line: median; band: lowest to highest repeat; in grey: knowing only the class shares.",
                    csv,
                ),
                "law": Plot(
                    f"law-{curve.curve_id}",
                    law.law(curve.points, curve.power_law, synthetic=synthetic),
                    curve.power_law.sentence,
                    csv,
                ),
                "table": sizes(curve.points, csv),
            }
        )
    marks = [curve.status.synthetic for curve in stored]
    extent = "all" if marks and all(marks) else "part" if any(marks) else ""
    content = {"curves": shown, "unreadable": list(unreadable)}
    return Page("learning-curves.html", "Learning curves", "learning_curves.html.j2", content, extent, files)


def sizes(points: pd.DataFrame, csv: str) -> Table:
    """Median accuracy and loss per number of training windows."""
    grouped = points.groupby("n_windows")
    median = grouped.median(numeric_only=True).assign(repeats=grouped.size()).reset_index()
    rows = []
    for row in median.to_dict("records"):
        share = float(row["majority_share"])
        rows.append(
            [
                number(f"{int(row['n_windows']):,}"),
                number(f"{int(row['repeats'])}"),
                number(tables.number(row["train_accuracy"], 3)),
                number(tables.number(row["validation_accuracy"], 3), note=f"majority {share:.3f}"),
                number(tables.number(row["train_loss"], 3)),
                number(tables.number(row["validation_loss"], 3), note=f"entropy {scores.base_entropy(share):.3f}"),
            ]
        )
    head = ["Windows", "Repeats", "Train accuracy", "Validation accuracy", "Train loss", "Validation loss"]
    return Table("Medians", head, rows, csv)
