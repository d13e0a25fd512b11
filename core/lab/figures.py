"""
Figures of what a lab gives, as the static site draws them: `figures.confusion(run)`, `figures.molchan(judged)`.

Each is a plotly figure. One of made-up data says so by itself. Chance is grey in all of them.
"""

from __future__ import annotations

from typing import Any

from core import clock
from core.lab.judged import Judged
from core.labelling.window_set import WindowSet
from core.labelling.windows import storm_words
from core.loading.archive.archive import Archive
from core.reporting.figures.record import coverage as coverage_figure
from core.reporting.figures.run import windows as window_figures
from core.reporting.figures.theme import Figure
from core.reporting.pages import judgement
from core.reporting.pages import record as record_page
from core.reporting.pages import run as run_page
from core.runs.runs import Run


def coverage(archive: Archive) -> Figure:
    """How complete the minute data of each station are, year by year."""
    return coverage_figure.coverage(archive.coverage(), synthetic=archive.synthetic)


def record(archive: Archive, station: str, start: Any = "", end: Any = "") -> Figure:
    """
    The field of a station in [start, end), earthquakes near it, and Kp.

    Parameters
    ----------
    archive : Archive
    station : str
    start, end : time or text
        UTC without a zone; default: the whole record.

    Raises
    ------
    InputError
        If the station has no data there, or a text is no time.
    """
    period = clock.given(start, "start"), clock.given(end, "end")
    return record_page.between(archive, station.upper(), *period).figure


def rejections(windows: Run | WindowSet) -> Figure:
    """Every candidate window: kept, or the reason why not."""
    if isinstance(windows, Run):
        return _of_run(windows, "rejections")
    storm = storm_words(windows.config.labels)
    return window_figures.rejections(windows.table, storm=storm, synthetic=windows.synthetic)


def timeline(windows: Run | WindowSet) -> Figure:
    """Where in time the windows of each split lie."""
    if isinstance(windows, Run):
        return _of_run(windows, "timeline")
    return window_figures.timeline(windows.table, synthetic=windows.synthetic)


def history(run: Run) -> Figure:
    """Accuracy and loss by epoch; in grey what a network reaches that knows only the shares of the classes."""
    return _of_run(run, "history")


def confusion(run: Run) -> Figure:
    """Hits, misses, false alarms and the rest, beside as many alarms thrown at random."""
    return _of_run(run, "confusion")


def roc(run: Run) -> Figure:
    """Hit rate against false alarm rate; the diagonal is chance."""
    return _of_run(run, "roc")


def probabilities(run: Run) -> Figure:
    """The probabilities of windows before earthquakes and of quiet ones; without skill the outlines look the same."""
    return _of_run(run, "spread")


def hill(judged: Judged) -> Figure:
    """What chance reaches, a grey hill, and what was seen, a line."""
    return _of_judged(judged, "hill")


def molchan(judged: Judged) -> Figure:
    """Missed earthquakes against alarmed time; the diagonal is guessing."""
    return _of_judged(judged, "molchan")


def scorecard(judged: Judged) -> Figure:
    """The network beside simpler models."""
    return _of_judged(judged, "scorecard")


def strata(judged: Judged) -> Figure:
    """The AUC in parts of the windows: by season, hour, Kp and station."""
    return _of_judged(judged, "strata")


def reliability(judged: Judged) -> Figure:
    """How often an earthquake followed a window of each probability."""
    return _of_judged(judged, "reliability")


def precision_recall(judged: Judged) -> Figure:
    """Precision against hit rate; in grey alarms at random."""
    return _of_judged(judged, "precision_recall")


def lead_profile(judged: Judged) -> Figure:
    """The scores so many hours before the earthquakes and after them."""
    return _of_judged(judged, "lead_profile")


def _of_run(run: Run, name: str) -> Figure:
    return run_page.plots(run)[name]().figure


def _of_judged(judged: Judged, name: str) -> Figure:
    summary, primary = judged.assessment.summary, judged.verdict.primary
    return judgement.plots(judged.run, summary, primary, judged.table)[name]().figure
