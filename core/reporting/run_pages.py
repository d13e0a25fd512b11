"""The pages of one run: the run, its verdict and its explanation, each as far as its documents can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pandas as pd

from core.errors import InputError
from core.forecasting import scan as scan_store
from core.judgement import assessment, null_gallery
from core.judgement import explanation as explanation_store
from core.judgement.null_gallery import Gallery
from core.reporting import judged_scores
from core.reporting.pages import Page, explanation, judgement, run
from core.runs.run_documents import scored_split
from core.runs.runs import Run

T = TypeVar("T")


@dataclass(frozen=True)
class RunPages:
    """
    The pages of one run, None for what was not made or cannot be read, and its gallery of null catalogues.

    damage: a sentence for each document that cannot be read. outdated: an older version judged the run.
    """

    run: Page | None
    verdict: Page | None
    explanation: Page | None
    gallery: Gallery | None
    damage: tuple[str, ...]
    outdated: bool = False


def of(subject: Run, data_dir: Path) -> RunPages:
    """Everything that the site shows of a run; what is damaged is passed over and named."""
    damage: list[str] = []
    outdated: list[bool] = []

    def whole(make: Callable[[], T | None]) -> T | None:
        try:
            return make()
        except InputError as error:
            damage.append(str(error))
            return None

    def verdict_page() -> Page | None:
        assessed = assessment.open(data_dir, subject.run_id)
        outdated.append(assessed is not None and assessed.document.outdated)
        return None if assessed is None or outdated[-1] else judgement.page(subject, assessed, data_dir)

    def explanation_page() -> Page | None:
        damage.extend(explanation_store.damaged(data_dir, subject.run_id).values())
        explained = explanation_store.stored(data_dir, subject.run_id)
        return explanation.page(subject, explained) if explained else None

    def scan_of(code: str) -> pd.DataFrame | None:
        return whole(lambda: scan_store.load(data_dir, subject.run_id, code))

    def run_page() -> Page:
        scans = {code: series for code in subject.config.data.stations if (series := scan_of(code)) is not None}
        headline = None
        if judged is not None:
            elsewhere = judged_scores.other_windows(judged.content["judged"], scored_split(subject.scores))
            headline = f"{judged.content['verdict'].headline} {elsewhere}".strip()
        return run.page(subject, scans, headline, explained is not None)

    judged, explained = whole(verdict_page), whole(explanation_page)
    gallery = whole(lambda: null_gallery.stored(data_dir, subject.run_id))
    shown = whole(run_page)
    if shown is None:  # the other pages lead to it
        return RunPages(None, None, None, None, tuple(damage))
    return RunPages(shown, judged, explained, gallery, tuple(damage), any(outdated))
