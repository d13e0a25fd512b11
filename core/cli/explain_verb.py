"""The verb that asks what a run's network looks at: explain."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer

from core.caveats import as_text
from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.runs.runs import RunStore


@app.command()
def explain(
    run: RunId,
    method: Annotated[
        str, typer.Option(help="integrated_gradients, occlusion or grad_cam; each is kept beside the others.")
    ] = "integrated_gradients",
    baseline: Annotated[
        str, typer.Option(help="What attributions count from: zero (the usual level) or level (the window's median).")
    ] = "zero",
    steps: Annotated[int, typer.Option(help="Of integrated gradients.", min=1)] = 64,
    patch_minutes: Annotated[int, typer.Option(help="Occluded at a time; 0: a 24th of the window.", min=0)] = 0,
    window: Annotated[list[int] | None, typer.Option(help="Show this window_id too; may be given again.")] = None,
    n: Annotated[int, typer.Option("--n", help="Windows of each class that are counted; 0: what is quick.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Of the controls.", min=0)] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    What does the network look at? Attributions beside those of networks that cannot know.

    The controls: random weights, layer by layer, and training on shuffled
    labels. Exploratory: what a network looks at is not a cause.
    """
    from core.judgement import explanation
    from core.runs.sources import open_source
    from core.training import attribution

    how = attribution.Options(method, baseline, steps, patch_minutes)  # type: ignore[arg-type]  # it checks them
    chosen = RunStore(folder()).open(run)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        options = explanation.Options(how, n, tuple(window or ()), seed)
        made = explanation.explain(chosen, source, folder(), options, progress)
    parts = {name: made.table(name) for name in ("controls", "pointing", "marginals")}
    if json:
        show(pd.concat([table.assign(table=name) for name, table in parts.items()]), True)
        return
    named = parts["controls"].drop(columns="control").rename(columns={"words": "maps"})
    show(named, False, title=f"{chosen.run_id}: how alike are its maps and those of each control? (Spearman)")
    if parts["pointing"]["n"].any():
        show(parts["pointing"], False, title="\nDo the maps point at the planted bursts? (chance: covered)")
    say("", made.document.words, *made.document.sentences, *as_text(chosen.caveats[:1]), f"Files: {made.folder}")
