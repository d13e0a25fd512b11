"""The first page: what this is, its limits, the latest runs, the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.caveats import as_text
from core.loading.archive.archive import Archive
from core.reporting import judged_scores, marks, sentences, tables, verdict_words
from core.reporting.figures.record import coverage
from core.reporting.figures.run import curves
from core.reporting.judged_scores import JudgedScore
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.record import record_file
from core.reporting.pages.run import judgement_file, run_file
from core.runs.runs import Run

LATEST = 12


def page(
    runs: pd.DataFrame,
    opened: Mapping[str, Run],
    sources: Mapping[str, Archive],
    verdicts: Mapping[str, str],
    left_out: str = "",
    damaged: Sequence[str] = (),
    judged: Mapping[str, JudgedScore] | None = None,
) -> Page:
    """
    The overview.

    Parameters
    ----------
    runs : DataFrame
        `RunStore.list()`.
    opened : mapping of run id to Run
    sources : mapping of name to Archive
        The real archive and the stored synthetic worlds.
    verdicts : mapping of run id to str
        In a few words, of each run that was assessed.
    left_out : str
        Which runs have no page here, in words.
    damaged : sequence of str
        Ids of runs that are not shown, or not wholly, because a document of theirs cannot be read.
    judged : mapping of run id to JudgedScore, optional
        The scores that belong to the verdicts.
    """
    runs = judged_scores.as_judged(runs, judged or {})
    synthetic = [bool(value) for value in runs["synthetic"]] + [archive.synthetic for archive in sources.values()]
    extent = "all" if synthetic and all(synthetic) else "part" if any(synthetic) else ""
    files = {}
    content: dict[str, Any] = {"sources": [], "runs": None, "comparison": None, "caveats": [], "in_mind": ""}
    content |= {"left_out": left_out, "damaged": damaged}
    if len(runs):
        name = csv_name("runs", bool(runs["synthetic"].all()))
        files[name] = runs
        latest = runs.head(LATEST)
        latest_words = f"The latest {len(latest)} runs. " if len(runs) > LATEST else ""
        content["comparison"] = Plot(
            "comparison",
            curves.compare(latest, synthetic=bool(latest["synthetic"].all())),
            f"{latest_words}About one run in 40 without any skill has an interval above 0.5 by luck alone: "
            "the verdict says what may be said of a run. Hollow: the run leaks, or its network died.",
            name,
        )
        common, rest = marks.shared({run_id: run.caveats for run_id, run in opened.items()})
        lines = [("All runs" if len(opened) > 1 else "", common), *rest.items()]
        content["caveats"] = [(name, " ".join(as_text(caveats))) for name, caveats in lines if caveats]
        content["in_mind"] = marks.in_mind(list(dict.fromkeys(each for run in opened.values() for each in run.caveats)))
        content["runs"] = runs_table(runs, name, verdicts)
    names = sentences.sources(sources)
    for name, archive in sources.items():
        table = archive.coverage()
        file = csv_name(f"coverage-{name}", archive.synthetic)
        files[file] = table
        content["sources"].append(
            {
                "name": names[name],
                "synthetic": archive.synthetic,
                "plot": Plot(
                    f"coverage-{name}",
                    coverage.coverage(table, synthetic=archive.synthetic),
                    "Share of the minutes of each year that are present, station by year.",
                    file,
                ),
                "records": [Cell(code, href=record_file(name, code)) for code in archive.stations()],
            }
        )
    return Page("index.html", "Overview", "summary.html.j2", content, extent, files)


def runs_table(runs: pd.DataFrame, csv: str, verdicts: Mapping[str, str]) -> Table:
    """One row per run, its verdict first, chance beside each score."""
    rows = []
    for run in runs.to_dict("records"):
        run_id = str(run["run_id"])
        rows.append(
            [
                Cell(run_id, href=run_file(run_id)),
                Cell(
                    verdicts.get(run_id, verdict_words.NOT_ASSESSED),
                    href=judgement_file(run_id)
                    if verdicts.get(run_id, verdict_words.OUTDATED) != verdict_words.OUTDATED
                    else "",
                ),
                Cell("synthetic" if run["synthetic"] else "real"),
                Cell(str(run["stations"])),
                number(f"{run['n_windows']:,}"),
                number(
                    tables.number(run["auc"]),
                    note=tables.interval(run["auc_low"], run["auc_high"]),
                ),
                number(tables.number(run["accuracy"]), note=f"majority {tables.number(run['majority_share'])}"),
                Cell(str(run["scored_split"])),
                Cell(tables.moment(run["created"])),
            ]
        )
    head = ["Run", "Verdict", "Data", "Stations", "Windows", "AUC (chance 0.50)", "Accuracy", "Judged on", "Made (UTC)"]
    return Table("Every run, newest first", head, rows, csv)
