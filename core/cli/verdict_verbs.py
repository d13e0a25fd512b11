"""Verbs of honesty: freeze, verdict, power, refit, open-final, leak-demo, null-gallery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from core import typed_documents
from core.caveats import as_text
from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.run_verbs import ConfigFile
from core.cli.terminal.console import say, warn
from core.cli.terminal.tables import show
from core.errors import InputError
from core.lab.lab import Lab
from core.reporting import sentences
from core.runs import presets
from core.runs.runs import Run, RunStore

if TYPE_CHECKING:
    from core.judgement.assessment import Assessment
    from core.judgement.freeze import Frozen


@app.command()
def freeze(
    config: ConfigFile,
    until: Annotated[
        str,
        typer.Option(
            metavar="DAY", help="What comes after this day, UTC, is what the plan is judged by; may lie ahead."
        ),
    ] = "",
    end: Annotated[
        str,
        typer.Option(metavar="DAY", help="What the plan is judged by ends before this day, UTC; needed with --until."),
    ] = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Pre-register a config: write down what it will be judged by, before any run has scored that.

    A run of exactly this is labelled pre-registered; any other run of this
    name is labelled exploratory, with what departs from the plan. Newer code
    and more data are no harm where the same windows and labels come out.

    The end of the journal of tries is printed: noted outside the data folder,
    it shows lines that are gone even where plans and verdicts are gone too.
    """
    from core.judgement import freeze as registry
    from core.judgement.journals import journal_heads, witness
    from core.runs.sources import open_source

    chosen = presets.find(config, folder())
    with watched() as progress:
        source = open_source(chosen, folder(), progress)
        progress.stage("Reading the inputs")
        plan = registry.freeze(chosen, source, folder(), until, end)
    path = folder() / "frozen" / f"{plan.frozen_id}.json"
    if json:
        head = journal_heads.of_tries(plan.heads)
        row = {"frozen_id": plan.frozen_id, "created": plan.created.isoformat(), "file": str(path)}
        noted = {"n_tries_lines": head.n_lines, "tries_digest": head.digest}
        show(pd.DataFrame([{**row, "commit": plan.commit, "code": plan.code, **noted}]), True)
        return
    say(
        f"{plan.frozen_id} was frozen on {plan.created:%Y-%m-%d %H:%M} UTC: configuration, windows and labels, and "
        f"{registry.judged_by(plan)}.",
        f"File: {path}",
        f"Its line in the journal has the digest {witness.digest(plan, folder())}. Note it where others see its date "
        "(a letter, a public page): no other witness can say later that the plan was there.",
        witness.to_be_noted(plan),
        *_how_to_go_on(plan, path),
    )


def _how_to_go_on(plan: Frozen, path: Path) -> list[str]:
    """What to do with a plan whose data are still to come; nothing for another."""
    if not plan.config.split.final_start:
        return []
    return [
        f"When the data from {plan.config.split.final_start} to {plan.config.data.end} have come: fetch them, then "
        f"`precursor train {path}`, then `precursor open-final RUN`, which opens the plan once, not before its end. "
        f"`precursor preview {path}` counts its earthquakes."
    ]


@app.command()
def verdict(run: RunId, data: Data = None, json: Json = False) -> None:
    """
    What a run found, in one paragraph, with the gates it passed; a null is said as loudly as anything else.

    It is written anew from the stored assessment: runs tried since then count.
    """
    from core.reporting import blind_spots

    judged = Lab(folder()).verdict(run)
    written, run_id = judged.verdict, judged.run.run_id
    if json:
        show(pd.DataFrame([{"run_id": run_id, **typed_documents.write(written)}]), True)
        return
    say(written.headline, *written.beside, "")
    show(judged.gates.rename(columns={"name": "gate", "number": "found"}), False, title=f"Gates of {run_id}")
    parts = (written.registration.words, written.opened, written.could_have_seen, written.tries)
    say("", *(words for words in parts if words))
    unseen = [f"- {sentence}" for sentence in judged.unseen]
    say(*(["", f"{blind_spots.TITLE}:", *unseen] if unseen else []))
    say("", "Not tested:", *(f"- {sentence}" for sentence in written.not_tested))


@app.command()
def power(
    run: RunId,
    n: Annotated[int, typer.Option("--n", help="Worlds; 100 tell a share to 0.05.", min=20)] = 100,
    seed: Annotated[int, typer.Option(help="Of the worlds.", min=0)] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Simulate how large a change a run would have found: planted in its own scores, through a verdict's gates.

    The catalogue is turned, so that it knows nothing, and a change of known size is put before its earthquakes. It has
    to pass the gates of chance (as one of the runs of its stretch), foreshocks and confounders; clocks, copied hours
    and other places are taken to be in order. The verdict then says this in place of the stored table. This takes
    minutes.
    """
    from core.evaluation.power import words
    from core.judgement.power import expected, of_run
    from core.runs.sources import open_source

    chosen = RunStore(folder()).open(run)
    assessed = _assessed(chosen)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        own = of_run.simulate(chosen, assessed, source, folder(), n, seed, progress)
    found = assessed.document.findings
    assert found is not None, "what was simulated has findings"
    seen = own.power(found.primary.n_clusters, found.primary.days, own.n_runs)
    if json:
        show(expected.shares(seen), True)
        return
    show(expected.shares(seen), False, title=f"Share of {n} worlds in which {chosen.run_id} would have found a change")
    told = words.sentence(seen, found.primary.n_clusters, words.DONE)
    say(told, words.source(seen), *sentences.made_up(chosen.synthetic))


@app.command()
def refit(
    run: RunId,
    n: Annotated[
        int, typer.Option("--n", help="Shifted catalogues to train on; 99 for a p value down to 0.01.", min=1)
    ] = 99,
    seed: Annotated[int, typer.Option(help="Of the shifts.", min=0)] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    The expensive test: label, split and train anew on shifted catalogues, and compare the AUC.

    Each draw is a training. What was stopped goes on with the draws that are missing.
    """
    from core.judgement import refit as refitting
    from core.runs.sources import open_source

    chosen = RunStore(folder()).open(run)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        draws = refitting.run(chosen, source, folder(), n, seed, progress)
    if json:
        show(draws, True)
        return
    say(str(refitting.tested(chosen, folder())["sentence"].iloc[0]), *as_text(chosen.caveats[:1]))


@app.command("open-final")
def open_final(run: RunId, data: Data = None, json: Json = False) -> None:
    """
    Score the final block of a run, once, write down that it was opened, and judge the run by it.

    A second call gives the first one's result. Another run that opens the
    same block is told that it is not the first.
    """
    from core.judgement import final_block, final_opening
    from core.runs.sources import open_source

    chosen = RunStore(folder()).open(run)
    with watched() as progress:
        source = open_source(chosen.config, folder(), progress)
        opened, notes = final_opening.open_final(chosen, source, folder(), progress)
    warn(*notes)
    if json:
        show(pd.DataFrame([typed_documents.write(opened)]), True)
        return
    table = pd.DataFrame([{name: getattr(opened, name) for name in final_block.NUMBERS}])
    show(table, False, title=f"Final block of {chosen.run_id}, {opened.block.start[:10]} on")
    became = final_block.said(chosen, folder()).words
    say("Chance is an AUC of 0.5.", became, *sentences.made_up(chosen.synthetic))


@app.command("leak-demo")
def leak_demo(
    worlds: Annotated[int, typer.Option(help="Worlds without a precursor to judge.", min=2)] = 100,
    seed: Annotated[int, typer.Option(help="Of the worlds.", min=0)] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """The same data and model under random, grouped and blocked splits: which one looks skilful where nothing is?"""
    from core.studies import leak_demonstrator

    with watched() as progress:
        made = leak_demonstrator.make(folder(), worlds, seed, progress)
    if json:
        show(made.summary, True)
        return
    columns = ["method", "auc", "auc_low", "auc_high", "leaking_share", "audit_ok", "words"]
    show(made.summary[columns], False, title=f"AUC over {worlds} synthetic worlds that hold no precursor (chance: 0.5)")
    say(*(f"{row['method']}: {row['audit']}" for row in made.summary.to_dict("records")))


@app.command("null-gallery")
def null_gallery(
    run: RunId,
    n: Annotated[int, typer.Option("--n", help="Fake catalogues beside the real one.", min=1)] = 11,
    seed: Annotated[int, typer.Option(help="Of the shifts and of the order.", min=0)] = 0,
    data: Data = None,
    json: Json = False,
) -> None:
    """Judge a run's scores against shifted catalogues, drawn like the real one: how convincing does noise look?"""
    from core.judgement import null_gallery as gallery

    chosen = RunStore(folder()).open(run)
    made = gallery.make(chosen, _assessed(chosen), folder(), n, seed)
    if json:
        show(made.items, True)
        return
    title = f"{chosen.run_id}: its scores against {n} fake catalogues and the real one"
    show(made.items.drop(columns="words"), False, title=title)
    rank = int((made.items["ass"] > made.items.loc[made.items["real"], "ass"].iloc[0]).sum()) + 1
    say(f"By its area skill score the real catalogue is number {rank} of {n + 1}.", *as_text(chosen.caveats[:1]))


def _assessed(run: Run) -> Assessment:
    from core.judgement import assessment

    made = assessment.open(folder(), run.run_id)
    if made is None:
        raise InputError(f"Run {run.run_id} was not assessed yet. Do it with `precursor assess {run.run_id}`.")
    return made
