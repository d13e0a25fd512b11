"""A run that was judged: the run, its assessment, and the verdict as it is now."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pandas as pd

from core import data_folder, jupyter, typed_documents
from core.judgement import assessment
from core.judgement.assessment import Assessment
from core.judgement.verdict import Verdict
from core.reporting import blind_spots
from core.runs.runs import Run


class Judged:
    """
    A run with its verdict.

    Parameters
    ----------
    run : Run
    assessment : Assessment
        Of the same run.
    folder : Path
        The data folder: every run tried in it counts for the verdict.
    """

    def __init__(self, run: Run, assessment: Assessment, folder: Path) -> None:
        self.run = run
        self.assessment = assessment
        self._folder = folder

    def __repr__(self) -> str:
        return f"<Judged {self.run.run_id}: {self.verdict.kind}{', synthetic' if self.verdict.synthetic else ''}>"

    def _repr_html_(self) -> str:
        unseen = jupyter.card(blind_spots.TITLE, sentences=self.unseen) if self.unseen else ""
        return f"{self.verdict._repr_html_()}\n{unseen}".strip()

    @cached_property
    def verdict(self) -> Verdict:
        """What the run found, with its gates; runs tried since it was assessed count. Raises as `verdict_of`."""
        with data_folder.using(self._folder):
            return assessment.verdict_of(self.run, self.assessment, self._folder)

    @property
    def headline(self) -> str:
        """At most three sentences, the answer first."""
        return self.verdict.headline

    @property
    def paragraph(self) -> str:
        """All of it, for quoting."""
        return self.verdict.paragraph

    @property
    def unseen(self) -> list[str]:
        """What no gate can see, in sentences; none where nothing is claimed."""
        return list(blind_spots.of_claim(self.verdict, self.run.run_id, self.run.config.training.seed))

    @property
    def gates(self) -> pd.DataFrame:
        """A row per gate: name, state, question, number, bar, words."""
        return pd.DataFrame([typed_documents.write(gate) for gate in self.verdict.gates])

    def table(self, name: str) -> pd.DataFrame:
        """A table of the assessment by name, one of `assessment.names`, such as "scorecard"."""
        return self.assessment.table(name)
