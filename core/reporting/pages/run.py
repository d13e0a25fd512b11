"""One page per run: what was done, what came out, and how far to trust it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from core import typed_documents
from core.caveats import as_text
from core.evaluation import scores
from core.evaluation.cells import Cells
from core.labelling.audit import Audit
from core.labelling.windows import storm_words
from core.reporting import sentences, tables
from core.reporting.figures.record import forecast
from core.reporting.figures.run import confusion, curves, windows
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, length_words, number
from core.runs.run_documents import scored_split
from core.runs.runs import Run
from core.vocabulary import CELLS, SPLITS


def run_file(run_id: str) -> str:
    """The name of a run's page."""
    return f"run-{run_id}.html"


def judgement_file(run_id: str) -> str:
    """The name of the page that judges a run."""
    return f"judgement-{run_id}.html"


def explanation_file(run_id: str) -> str:
    """The name of the page that says what a run's network looks at."""
    return f"explanation-{run_id}.html"


MOST_SCANNED = 4000  # windows in one figure; of a longer scan the latest are drawn


def page(
    run: Run,
    scans: Mapping[str, pd.DataFrame] | None = None,
    verdict: str | None = None,
    explained: bool = False,
) -> Page:
    """
    Everything that a run's folder says, chance beside each score.

    Parameters
    ----------
    run : Run
    scans : mapping of station code to DataFrame, optional
        What the run said while it slid over a station's record (as `scan.load` returns it).
    verdict : str, optional
        The headline of its verdict; None: it has no page with its verdict.
    explained : bool
        Whether the run has a page that says what its network looks at.
    """
    split = scored_split(run.scores)
    auc, low, high = (_float(run.pooled[name]) for name in ("auc", "auc_low", "auc_high"))
    names = _csv_names(run)
    window_counts = count_windows(run.windows)
    content = {
        "run": run,
        "verdict_page": judgement_file(run.run_id) if verdict is not None else "",
        "explanation_page": explanation_file(run.run_id) if explained else "",
        "headline": verdict or sentences.not_judged(split, auc, low, high),
        "facts": facts(run),
        "scores": scores_table(run.scores, names["scores"]),
        "window_counts": counts_table(window_counts, names["windows"]),
        "plots": {name: draw() for name, draw in plots(run).items()},
        "scans": [scanned(run, station, series) for station, series in (scans or {}).items() if len(series)],
        "config": _sections(run.config.as_dict()),
        "environment": _flat(typed_documents.write(run.environment.surroundings)),
        "digests": sorted(run.digests.items()),
        "audit": audit_facts(run.audit),
    }
    files = {
        names["scores"]: run.scores,
        names["predictions"]: run.predictions,
        names["history"]: run.history,
        names["windows"]: window_counts,
        **{scan_csv(run, station): series for station, series in (scans or {}).items() if len(series)},
    }
    return Page(
        run_file(run.run_id), f"Run {run.run_id}", "run.html.j2", content, "all" if run.synthetic else "", files
    )


def plots(run: Run) -> dict[str, Callable[[], Plot]]:
    """By name, what draws each figure of a run: confusion, roc, spread, history, rejections, timeline."""
    split = scored_split(run.scores)
    shown = run.predictions[run.predictions["split"] == split]
    threshold = run.config.training.threshold
    look: dict[str, Any] = {"synthetic": run.synthetic}
    names = _csv_names(run)
    cells = Cells(*(int(run.pooled[name]) for name in CELLS))
    curve = scores.roc(shown["label"].to_numpy(), shown["probability"].to_numpy())
    auc, low, high = (_float(run.pooled[name]) for name in ("auc", "auc_low", "auc_high"))
    return {
        "confusion": lambda: Plot(
            "confusion",
            confusion.matrix(cells, threshold=threshold, **look),
            f"Windows of the {split} split. In grey: what as many alarms thrown at random would give.",
            names["predictions"],
        ),
        "roc": lambda: Plot(
            "roc",
            curves.roc(curve, auc=auc, low=low, high=high, threshold=threshold, **look),
            f"Windows of the {split} split. The diagonal is chance.",
            names["predictions"],
        ),
        "spread": lambda: Plot(
            "spread",
            curves.probabilities(run.predictions, threshold=threshold, split=split, **look),
            "Without skill the two outlines look the same.",
            names["predictions"],
        ),
        "history": lambda: Plot(
            "history",
            curves.history(run.history, majority_share=_majority(run.predictions, "validation"), **look),
            "In grey: what a network reaches that knows only the class shares of the validation windows.",
            names["history"],
        ),
        "rejections": lambda: Plot(
            "rejections",
            windows.rejections(run.windows, storm=storm_words(run.config.labels), **look),
            "Every candidate window is in one bar.",
            names["windows"],
        ),
        "timeline": lambda: Plot(
            "timeline", windows.timeline(run.windows, **look), "Each bar is a window, or neighbours.", names["windows"]
        ),
    }


def _csv_names(run: Run) -> dict[str, str]:
    parts = ("scores", "predictions", "history", "windows")
    return {part: csv_name(f"{run.run_id}-{part}", run.synthetic) for part in parts}


def scanned(run: Run, station: str, series: pd.DataFrame) -> Plot:
    """The probability while the run slid over a station's record, above it what the run was trained and judged on."""
    shown = series.sort_values("end").iloc[-MOST_SCANNED:]
    start, end = shown["start"].min(), shown["end"].max()
    used = windows.used(run.windows, station)
    figure = forecast.scan(
        shown,
        threshold=run.config.training.threshold,
        use=used[(used["end"] > start) & (used["start"] < end)],
        chance=tables.base_rate(run.predictions),
        span=(start, end),
        synthetic=run.synthetic,
    )
    part = f" The latest {len(shown):,} of {len(series):,}." if len(shown) < len(series) else ""
    caption = (
        f"{station}: {len(shown):,} windows, {sentences.without_probability(shown['rejected'])}.{part} In grey: the "
        "share of positives in training. The ribbon says which windows the run was trained and judged on; where the "
        "lowest panel is shaded, 'trained here', it looks better than it is."
    )
    return Plot(f"scan-{station}", figure, caption, scan_csv(run, station))


def scan_csv(run: Run, station: str) -> str:
    """The file with the numbers of a scan."""
    return csv_name(f"{run.run_id}-scan-{station}", run.synthetic)


def facts(run: Run) -> list[tuple[str, str]]:
    """The run in a few lines."""
    config = run.config
    rows = [
        ("Description", config.description or tables.DASH),
        ("Data", "synthetic world" if run.synthetic else "real, from the archive"),
        ("Stations", ", ".join(config.data.stations) or tables.DASH),
        ("Catalogues", ", ".join(config.data.catalogues) or "every stored one"),
        ("Window", length_words(config.windows.length_minutes)),
        ("Split", f"{config.split.method}"),
        ("Configuration", f"{config.id[:12]} (SHA-256; what it holds stands below, with the digests of the inputs)"),
        ("Made", f"{tables.moment(run.status.created)} UTC, in {tables.number(run.status.seconds, 0)} s"),
    ]
    return [*rows, *(("Began", sentence) for sentence in sentences.origin(run))]


def scores_table(table: pd.DataFrame, csv: str) -> Table:
    """One row per split and station, what was kept aside first, each score with its value without skill."""
    rows = []
    order = {"test": 0, "validation": 1, "train": 2}
    for row in sorted(table.to_dict("records"), key=lambda row: order.get(row["split"], 3)):
        n, positive = int(row["n"]), int(row["n_positive"])
        alarms = int(row["hits"]) + int(row["false_alarms"])
        base_rate = f"base rate {positive / n:.2f}" if n else ""
        alarm_share = f"by chance {alarms / n:.2f}" if n else ""
        rows.append(
            [
                Cell(str(row["split"]), note="learned from" if row["split"] == "train" else ""),
                Cell(str(row["station"])),
                number(f"{n:,}", note=f"{positive:,} positive"),
                number(
                    tables.number(row["auc"]),
                    note=tables.interval(row["auc_low"], row["auc_high"]),
                ),
                number(tables.number(row["accuracy"]), note=f"majority {tables.number(row['majority_share'])}"),
                number(tables.number(row["precision"]), note=base_rate),
                number(tables.number(row["recall"]), note=alarm_share),
                number(tables.number(row["mcc"]), note="chance 0"),
                number(tables.number(row["brier"], 3), note=f"class share {tables.number(row['brier_reference'], 3)}"),
            ]
        )
    head = ["Split", "Station", "Windows", "AUC (chance 0.50)", "Accuracy", "Precision", "Hit rate", "MCC", "Brier"]
    return Table("Scores; in grey the same without skill", head, rows, csv)


def count_windows(table: pd.DataFrame) -> pd.DataFrame:
    """Windows by station, split, label and reason of rejection ("" = kept)."""
    groups = ["station", "split", "label", "rejected"]
    return table.groupby(groups, dropna=False).size().rename("n_windows").reset_index()


def counts_table(counts: pd.DataFrame, csv: str) -> Table:
    """The kept windows of each station and split, and what was rejected in all."""
    rows = []
    for station in sorted(counts["station"].unique()):
        mine = counts[counts["station"] == station]
        kept = mine[mine["rejected"] == ""]
        cells = [Cell(str(station))]
        for split in SPLITS:
            part = kept[kept["split"] == split]
            positive = int(part.loc[part["label"] == 1, "n_windows"].sum())
            cells.append(number(f"{int(part['n_windows'].sum()):,}", note=f"{positive:,} positive"))
        cells.append(number(f"{int(kept.loc[kept['split'] == 'embargo', 'n_windows'].sum()):,}"))
        cells.append(number(f"{int(mine.loc[mine['rejected'] != '', 'n_windows'].sum()):,}"))
        rows.append(cells)
    return Table("Windows", ["Station", "Train", "Validation", "Test", "Embargo", "Rejected"], rows, csv)


def audit_facts(audit: Audit) -> list[tuple[str, str]]:
    """What the audit counted, name by name; checks and warnings in words."""
    checks = [f"{check.name}: {check.words}" for check in audit.checks]
    return _flat({**typed_documents.write(audit), "checks": checks, "warnings": as_text(audit.warnings)})


def _majority(predictions: pd.DataFrame, split: str) -> float | None:
    labels = predictions.loc[predictions["split"] == split, "label"]
    return float(max(labels.mean(), 1 - labels.mean())) if len(labels) else None


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _sections(config: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    general = [(key, _words(value)) for key, value in config.items() if not isinstance(value, dict)]
    parts = [(key, [(k, _words(v)) for k, v in part.items()]) for key, part in config.items() if isinstance(part, dict)]
    return [("experiment", general), *parts]


def _flat(content: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key.replace("_", " "), _words(value)) for key, value in content.items()]


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items()) or tables.DASH
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or tables.DASH
    return tables.DASH if value is None or value == "" else value if isinstance(value, str) else json.dumps(value)
