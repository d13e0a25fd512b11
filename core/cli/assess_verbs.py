"""The verb that judges a finished run: assess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core import caveats
from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.console import say
from core.cli.tables import show
from core.runs.runs import RunStore

if TYPE_CHECKING:
    from core.judgement.assessment import Assessment


@app.command()
def assess(run: RunId, data: Data = None, json: Json = False) -> None:
    """
    Judge a run: the verdict, confounders beside the network, scores part by part, calibration, the Molchan diagram.

    `train` and `demo` do it for every new run; this verb does it (again) for any.
    """
    from core.judgement import assessment
    from core.runs.sources import open_source

    chosen = RunStore(folder()).open(run)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        made = assessment.assess(chosen, source, folder(), progress)
    if json:
        show(pd.DataFrame([made.document.to_dict()]), True)
        return
    columns = ["model", "kind", "auc", "auc_low", "auc_high", "difference", "difference_low", "difference_high"]
    title = f"{made.run_id}: the network beside models that know less ({made.document.judged_split} windows)"
    show(made.table("scorecard")[columns], False, title=title)
    say(
        *sentences(made),
        *caveats.as_text(made.caveats),
        "",
        assessment.verdict_of(chosen, made, folder()).paragraph,
        f"Files: {made.folder}",
    )


def sentences(made: Assessment) -> list[str]:
    """What the assessment found, in a few lines."""
    best = made.table("scorecard").iloc[-1]
    words = [
        "A difference is the network's AUC less that of the model; its interval draws stretches of time and events.",
        str(best["words"]),
        made.summary.ass_sentence,
    ]
    return words + [str(row["sentence"]) for row in made.table("significance").to_dict("records")]
