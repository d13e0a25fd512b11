"""One page per assessed run: the verdict, its gates, and every figure behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.evaluation.power import words
from core.judgement import assessment
from core.judgement.assessment import Assessment
from core.judgement.findings import Primary
from core.judgement.gates import Gate
from core.judgement.power import kept
from core.judgement.summary import Summary
from core.judgement.verdict import Verdict
from core.labelling import class_balance
from core.reporting import blind_spots, judged_scores, score_words, tables, verdict_words
from core.reporting.figures.judgement import chance, intervals, reliability
from core.reporting.figures.run import class_balance as composition_figures
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.run import judgement_file, run_file
from core.runs.runs import Run

STORED = ("scorecard", "strata", "reliability", "precision_recall", "molchan", "significance", "lead_profile", "chance")
SCAN = "AUC of the scan"  # over every moment of the judged period, not over the chosen windows
KINDS = ("year", "season", "UT hour of the end", "Kp")  # of the composition that are drawn; the CSV has all


def page(run: Run, found: Assessment, data_dir: Path) -> Page:
    """
    Everything that the assessment of a run says, chance in grey in every figure.

    Parameters
    ----------
    run : Run
    found : Assessment
        Of the same run.
    data_dir : Path
        Every run tried in it counts for the verdict.
    """
    names = {name: csv_name(f"{run.run_id}-{name}", run.synthetic) for name in (*STORED, "composition")}
    stored = {name: found.table(name) for name in STORED}
    composed = class_balance.counts(run.windows)
    verdict = assessment.verdict_of(run, found, data_dir)
    drawn = plots(run, found.summary, verdict.primary, stored.__getitem__)
    content = {
        "run": run,
        "run_page": run_file(run.run_id),
        "verdict": verdict,
        "in_a_cell": verdict_words.in_a_cell(verdict),
        "judged": judged_scores.of(found.document),
        "answer": verdict_words.answer(verdict),
        "caveats": [*run.caveats, *(each for each in found.caveats if each not in run.caveats)],
        "gates": gates_table(verdict.gates),
        "numbers": numbers_table(found.summary),
        "gain": score_words.information_gain(found.summary),
        "tests": tests_table(stored["significance"], names["significance"]),
        "plots": {name: draw() for name, draw in drawn.items()},
        "compositions": [
            Plot(
                f"composition-{number_of}",
                composition_figures.composition(composed, kind, synthetic=run.synthetic),
                f"Told by {kind}: the share of each class in each part.",
                names["composition"],
            )
            for number_of, kind in enumerate(KINDS)
        ],
        "tries": verdict.tries,
        "seen_source": _seen_source(found, verdict, data_dir),
        "blind_title": blind_spots.TITLE,
        "blind_spots": blind_spots.of_claim(verdict, run.run_id, run.config.training.seed),
        "audit": run.audit.sentence,
    }
    files = {names[name]: table for name, table in stored.items()} | {names["composition"]: composed}
    synthetic = "all" if run.synthetic else ""
    title = f"Verdict on {run.run_id}"
    return Page(judgement_file(run.run_id), title, "judgement.html.j2", content, synthetic, files)


def _seen_source(found: Assessment, verdict: Verdict, data_dir: Path) -> str:
    """Where the sentence on what the run could have seen comes from; "" where none is said."""
    document = found.document
    if verdict.family is None or not verdict.could_have_seen or document.findings is None or document.tried is None:
        return ""
    return words.source(kept.of(document.findings, verdict.family, document.tried.draws, data_dir))


def gates_table(gates: Sequence[Gate]) -> Table:
    """Each gate: how it stands, its number beside its bar, and what was found."""
    rows = [[Cell(gate.name), Cell(gate.state), Cell(gate.number), Cell(gate.bar), Cell(gate.words)] for gate in gates]
    return Table("What would have to be true for it to be wrong", ["Gate", "", "Found", "Bar", "In words"], rows)


def numbers_table(summary: Summary) -> Table:
    """The single numbers, each with its interval and what chance gives."""
    wanted = (
        ("AUC", "auc", 0.5),
        ("Area skill of the Molchan diagram", "ass", 0.5),
        ("Average precision", "average_precision", summary.average_precision_chance),
        ("Brier skill, calibrated", "brier_skill_calibrated", 0.0),
        ("Log skill, calibrated", "log_skill_calibrated", 0.0),
        ("Information gain per event (nats)", "information_gain", 0.0),
    )
    rows = []
    for label, name, by_chance in wanted:
        estimate = summary.estimate(name)
        between = Cell("" if estimate.low is None else tables.interval(estimate.low, estimate.high), number=True)
        rows.append([Cell(label), number(tables.number(estimate.value)), between, number(tables.number(by_chance))])
    return Table("Scores of the judged windows", ["Score", "Value", "95 % interval", "By chance"], rows)


def tests_table(tests: pd.DataFrame, csv: str) -> Table:
    """Every test against chance with its null and its p, or why it could not be made."""
    rows = [
        [
            Cell(f"{row['test']}, {SCAN if row['statistic'] == 'AUC' else row['statistic']}"),
            number(tables.number(row["observed"])),
            number(tables.number(row["null_mean"]), note=tables.interval(row["null_low"], row["null_high"])),
            number(tables.p_value(row["p"])),
            Cell(str(row["sentence"])),
        ]
        for row in tests.to_dict("records")
    ]
    return Table("Could it be luck?", ["Test", "Observed", "By chance", "p", "In words"], rows, csv)


def plots(
    run: Run, summary: Summary, primary: Primary, table: Callable[[str], pd.DataFrame]
) -> dict[str, Callable[[], Plot]]:
    """
    By name, what draws each figure of an assessed run.

    Parameters
    ----------
    run : Run
    summary : Summary
        Of its assessment.
    primary : Primary
        The numbers of its verdict.
    table : callable
        Gives a table of the assessment by name.
    """
    look: dict[str, Any] = {"synthetic": run.synthetic}
    share = summary.n_positive / summary.n

    def plot(name: str, figure: go.Figure, caption: str, stored: str = "") -> Plot:
        return Plot(name, figure, caption, csv_name(f"{run.run_id}-{stored or name}", run.synthetic))

    return {
        "scorecard": lambda: plot(
            "scorecard",
            intervals.scorecard(table("scorecard"), **look),
            "The network beside simpler models: those that know no field, those that see the same field. Each learned "
            f"from the same training windows; full words in the CSV. {score_words.rivals_ahead(table('scorecard'))}",
        ),
        "strata": lambda: plot(
            "strata",
            intervals.strata(table("strata"), **look),
            "One part in twenty lies away from chance by luck alone.",
        ),
        "molchan": lambda: plot(
            "molchan",
            chance.molchan(table("molchan"), summary, **look),
            "The more time is alarmed, the fewer events are missed. Guessing stays inside the grey bands.",
        ),
        "reliability": lambda: plot(
            "reliability",
            reliability.reliability(table("reliability"), base_rate=share, **look),
            f"Calibration: {summary.calibration}.",
        ),
        "precision_recall": lambda: plot(
            "precision_recall",
            reliability.precision_recall(
                table("precision_recall"), base_rate=share, average_precision=summary.average_precision, **look
            ),
            "In grey: the share of positives, which alarms at random would give.",
        ),
        "lead_profile": lambda: plot(
            "lead_profile",
            intervals.lead_profile(table("lead_profile"), **look),
            "The scores in force so many hours before the earthquakes and after them. It describes, and no gate asks "
            "for it: a sensor that earthquakes shake rises after them.",
        ),
        "hill": lambda: plot(
            "hill",
            chance.hill(table("chance"), primary, **look),
            "The earthquakes are turned within blocks of 91 days, all together, so that they keep their sequences and "
            "lose their meaning. What such catalogues reach is the grey hill; the real one is the line. "
            + score_words.where_chance_lies(table("chance"), primary),
            "chance",
        ),
    }
