"""One page per explained run: what its network looks at, never without networks that cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.judgement.explanation import RANDOM, REAL, SHUFFLED, STANDING, Explanation
from core.reporting import tables
from core.reporting.figures import theme
from core.reporting.figures.run import explanation as figures
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.run import explanation_file, run_file
from core.runs.runs import Run

MOST_WINDOWS = 4  # drawn per method: two that are sure, a hit and a miss where there is one
KEPT = ("windows", "controls", "pointing", "marginals")


def page(run: Run, stored: Mapping[str, Explanation]) -> Page:
    """
    Every method's maps of a few windows, beside those of its controls, and what holds for all windows.

    Parameters
    ----------
    run : Run
    stored : mapping of method to Explanation
        Of the same run; at least one.
    """
    methods: list[dict[str, Any]] = []
    files: dict[str, pd.DataFrame] = {}
    for method, made in stored.items():
        names = {name: csv_name(f"{run.run_id}-{method}-{name}", run.synthetic) for name in KEPT}
        files |= {names[name]: made.table(name) for name in KEPT}
        look: dict[str, Any] = {"synthetic": run.synthetic}
        where = made.table("marginals")
        methods.append(
            {
                "name": method.replace("_", " ").capitalize().replace("cam", "CAM"),
                "words": made.document.words,
                "sentences": made.document.sentences[1:],
                "windows": _windows(run, made, names["windows"]),
                "controls": Plot(
                    f"controls-{method}",
                    figures.controls(made.table("controls"), **look),
                    "Right of the grey range a control's maps are like the run's: they show the input, not learning.",
                    names["controls"],
                ),
                "pointing": pointing_table(made.table("pointing"), names["pointing"]),
                "marginals": [
                    Plot(
                        f"{by}-{method}",
                        figures.marginals(where, by, **look),
                        "In grey: a network that looks everywhere alike.",
                        names["marginals"],
                    )
                    for by in figures.BY
                ],
            }
        )
    content = {
        "run": run,
        "run_page": run_file(run.run_id),
        "standing": STANDING,
        "caveats": run.caveats,
        "methods": methods,
    }
    title, synthetic = f"What {run.run_id} looks at", "all" if run.synthetic else ""
    return Page(explanation_file(run.run_id), title, "explanation.html.j2", content, synthetic, files)


def pointing_table(table: pd.DataFrame, csv: str) -> Table | None:
    """The pointing game of the run and of its controls, chance in grey; None where it could not be played."""
    if not table["n"].any():
        return None
    rows = [
        [
            Cell(str(row["maps"])),
            number(f"{int(row['n'])}", note=f"{int(row['n_groups'])} independent"),
            number(tables.number(row["hits"]), note=tables.interval(row["hits_low"], row["hits_high"])),
            number(tables.number(row["covered"])),
            number(tables.number(row["mass"])),
        ]
        for row in table.to_dict("records")
    ]
    head = ["Maps of", "Windows", "Hits", "By chance", "Share of attribution in bursts"]
    return Table("Does the largest attribution lie in a planted burst?", head, rows, csv)


def _windows(run: Run, made: Explanation, csv: str) -> list[Plot]:
    shown, bursts = made.table("windows").query("shown").reset_index(drop=True), made.table("bursts")
    sure = shown.index[shown["why"] == "highest probability"][:2]
    others = [shown.index[shown["why"] == why][:1] for why in ("hit", "miss", "asked for")]
    places = [int(place) for part in (sure, *others) for place in part][:MOST_WINDOWS]
    plots = []
    for row in theme.rows(shown.loc[places].assign(place=places)):
        place, kind = row["place"], "positive" if row["label"] == 1 else "negative"
        figure = figures.window(
            made.maps["values"][place],
            {name: made.maps[name][place] for name in (REAL, RANDOM, SHUFFLED)},
            row,
            bursts[bursts["window_id"] == row["window_id"]],
            synthetic=run.synthetic,
        )
        caption = (
            f"{row['why'].capitalize()}: a {kind} window of {row['station']} that ends {row['end']:%Y-%m-%d %H:%M} "
            f"UTC, probability {row['probability']:.2f}. Warm shading speaks for a positive window, cool against "
            "it; each block has its own scale."
        )
        plots.append(Plot(f"window-{made.method}-{row['window_id']}", figure, caption, csv))
    return plots
