"""Verbs that make and show runs: demo, preview, train, cross-validate, learning-curve, runs, show."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pandas as pd
import typer

from core import commands
from core import config as configs
from core.caveats import as_text
from core.cli.app import Data, Json, RunId, app, folder, watched
from core.cli.terminal.console import say, warn
from core.cli.terminal.tables import show
from core.config import ExperimentConfig
from core.data_folder import ROOT, is_checkout
from core.errors import InputError
from core.lab.lab import Lab
from core.reporting import marks, sentences
from core.runs import presets
from core.runs.run_documents import scored_split
from core.runs.runs import RunStore

ConfigFile = Annotated[
    str,
    typer.Argument(metavar="CONFIG", help="A TOML file, or the name of one in data/experiments, such as demo-honest."),
]


@app.command()
def demo(data: Data = None) -> None:
    """Make synthetic worlds and finished runs, so that every page but The paper has content. No network needed."""
    from core.demo import make

    with watched() as progress:
        made = make(folder(), progress)
    page = "dashboard/Home.py" if is_checkout() else str(ROOT / "dashboard" / "Home.py")
    say(*made, f"Look at it with (in {commands.where()}): {commands.typed(f'streamlit run {page}')}")


@app.command()
def preview(config: ConfigFile, data: Data = None, json: Json = False) -> None:
    """
    What a config yields and what that could show, before any training.

    Events and independent events, windows, rejections by reason and what each
    rule costs, overlaps, splits, how large a change a run would find (simulated through the gates of a verdict),
    and how many parameters the network has beside its training windows.
    Nothing is stored: a synthetic world that is not there yet is made for the look only.
    """
    from core.judgement.power.expected import expected
    from core.runs.sources import lost_origins
    from core.training import memory

    home = folder(only_looks=True, may_be_absent=True)
    with watched() as progress:
        lab = Lab(home, progress)
        chosen, batch = memory.resolve(lab.load_config(config))
        source = lab.source(chosen)
        warn(*lost_origins(source))
        result = lab.preview(chosen, source)
        could = expected(chosen, result, home)
    tables = result.tables() | {"power": could.table, "network": _size(chosen, result.n_train)}
    if json:
        marked = [table.assign(table=name, synthetic=source.synthetic) for name, table in tables.items()]
        show(pd.concat(marked), True)
        return
    titles = {
        "events": f"Events seen from each station ({chosen.name})",
        "independent": "Independent events: what is left when a sequence counts once",
        "laws": "Target events and positive windows inside the published laws of detectability",
        "windows": "Candidate windows by label and fate",
        "costs": "What each rule costs: windows that break it, and those that break nothing else",
        "overlaps": "Kept windows that share minutes with another",
        "matching": "What a positive window and its quiet partner agree in",
        "splits": "Kept windows by split",
        "stretches": "What each split holds",
        "power": "Share of simulated cases in which a change above so large a share of other times is found",
        "network": "The network",
    }
    say(*sentences.made_up(source.synthetic), *result.sentences, *could.sentences, *batch, "")
    for name, title in titles.items():
        table = tables[name].drop(columns="law", errors="ignore")
        show(table, False, title=title if name == "events" else f"\n{title}")


@app.command()
def train(
    config: ConfigFile,
    epochs: Annotated[int | None, typer.Option(help="Instead of the config's number of epochs.")] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the config's training seed.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Take a config through labelling, training and evaluation into a run.

    What was cancelled or killed goes on from its last checkpoint; what was
    trained before on the same data is not trained again.
    """
    from core.training import memory

    changes = {key: value for key, value in (("epochs", epochs), ("seed", seed)) if value is not None}
    chosen, batch = memory.resolve(Lab(folder()).load_config(config, training=changes))
    warn(*batch)
    if not json:
        say(sentences.capacity(_n_parameters(chosen)))
    with watched() as progress:
        lab, before = Lab(folder(), progress), RunStore(folder()).ids()
        run = lab.train(chosen)
        problems = lab.ensure_assessed(run)
    warn(*problems)
    if run.run_id in before:
        warn(f"This config was trained on these data before, on {run.status.created[:10]}; that run stands.")
    _show_run(run.run_id, json)


@app.command("cross-validate")
def cross_validate(
    config: ConfigFile,
    blocks: Annotated[int | None, typer.Option(help="Blocks of time, instead of the config's n_blocks (or 5).")] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the config's number of epochs.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """
    Test on every block of time in turn; each fold is a run of its own.

    With method = "leave_one_station_out" there is a fold for every station and
    block. What was stopped goes on with the fold it was at.
    """
    from core.runs.sources import open_source
    from core.studies import cross_validation

    chosen = presets.find(config, folder())
    if blocks is not None:
        chosen = configs.replace(chosen, split={"n_blocks": blocks, "test_block": -1})
    if epochs is not None:
        chosen = configs.replace(chosen, training={"epochs": epochs})
    with watched() as progress:
        source = open_source(chosen, folder(), progress)
        found = cross_validation.cross_validate(chosen, source, RunStore(folder()), progress)
    if json:
        show(pd.concat([found.blocks.assign(of="block"), found.pooled]), True)
        return
    show(found.blocks.drop(columns="note"), False, title=f"Test blocks of {chosen.name}")
    show(found.pooled, False, title="\nAll blocks together")
    notes = dict.fromkeys(note for note in found.blocks["note"] if note)
    say("", "Chance is an AUC of 0.5.", *found.sentences, *notes, *sentences.made_up(source.synthetic))


@app.command("learning-curve")
def learning_curve(
    config: ConfigFile,
    fractions: Annotated[
        str, typer.Option(help="Shares of the training windows, separated by commas.")
    ] = "0.1,0.25,0.5,0.75,1",
    repeats: Annotated[int, typer.Option(help="Trainings per share on random subsets; a fit needs 10.", min=1)] = 10,
    epochs: Annotated[int | None, typer.Option(help="Instead of the config's number of epochs.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Train on growing subsets: would more of the same data help?"""
    from core.runs.sources import open_source
    from core.studies import learning_curves

    chosen, shares = presets.find(config, folder()), _fractions(fractions)
    if epochs is not None:
        chosen = configs.replace(chosen, training={"epochs": epochs})
    with watched() as progress:
        source = open_source(chosen, folder(), progress)
        curve = learning_curves.make(chosen, source, folder(), shares, repeats, progress)
    if json:
        show(curve.points.assign(curve_id=curve.curve_id), True)
    else:
        show(curve.points, False, title=f"Learning curve {curve.curve_id}")
        say("Without skill, the accuracy is the majority share.", curve.power_law.sentence, *as_text(curve.caveats))


@app.command()
def runs(
    every: Annotated[
        bool, typer.Option("--all", help="Those too that a study made: a sweep, or the paper done again.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """List your finished runs, newest first, chance beside each score."""
    store, listed = RunStore(folder()), Lab(folder()).runs
    warn(*listed.every.attrs["notes"])
    left_out, table = ("", listed.every) if every else (listed.left_out, listed.table)
    for run_id in store.unfinished():
        warn(f"{run_id} is not finished: it is being made, or the command that was stopped will go on with it.")
    if left_out:
        warn(f"Not listed: {left_out}. `precursor runs --all` lists them too.")
    if json:
        show(table, True)
        return
    rows: list[Any] = list(table.itertuples())
    told = {run_id: marks.of(store.open(run_id).caveats) for run_id in table["run_id"]}
    shown = pd.DataFrame(
        {
            "run": table["run_id"],
            "stations": table["stations"],
            "judged_on": table["scored_split"],
            "AUC [95 %]": [interval(row) for row in rows],
            "accuracy (majority)": [beside(row.accuracy, row.majority_share) for row in rows],
            "data": table["synthetic"].map({True: "synthetic", False: "real"}),
            "caveats": [", ".join(told[run_id]) for run_id in table["run_id"]],
            **({"study": table["study"]} if every else {}),
        }
    )
    show(shown, False, empty="No runs yet. `precursor train CONFIG` makes one, `precursor demo` makes a few.")


@app.command("show")
def show_run(run: RunId, data: Data = None, json: Json = False) -> None:
    """Show one run: scores with chance beside them, caveats, where its files are."""
    _show_run(run, json)


def _show_run(run_id: str, json: bool) -> None:
    run = RunStore(folder()).open(run_id)
    n_parameters = _n_parameters(run.config)
    # Every file is read before anything is shown: one that is damaged, or of a newer program, leaves no half of a run.
    origin, told = sentences.origin(run), as_text(run.caveats)
    capacity = sentences.capacity(n_parameters, int((run.predictions["split"] == "train").sum()))
    if json:
        show(run.scores.assign(run_id=run.run_id, n_parameters=n_parameters), True)
        return
    scores = run.scores[run.scores["split"] == scored_split(run.scores)]
    rows: list[Any] = list(scores.itertuples())
    shown = pd.DataFrame(
        {
            "station": scores["station"],
            "windows (positive)": [f"{row.n:,} ({row.n_positive:,})" for row in rows],
            "AUC [95 %]": [interval(row) for row in rows],
            "accuracy (majority)": [beside(row.accuracy, row.majority_share) for row in rows],
            "hit rate": [_score(row.recall) for row in rows],
            "MCC": [_score(row.mcc) for row in rows],
            "Brier (of the share)": [beside(row.brier, row.brier_reference) for row in rows],
        }
    )
    show(shown, False, title=f"{run.run_id}: {scored_split(run.scores)} windows")
    say(
        "Chance is an AUC of 0.5 and an accuracy equal to the majority share.",
        *origin,
        *told,
        capacity,
        f"Files: {run.folder}",
    )


def _n_parameters(config: ExperimentConfig) -> int:
    from core.training import network

    return network.n_parameters(config.windows.length_minutes, config.network)


def _size(config: ExperimentConfig, n_train: int) -> pd.DataFrame:
    """One row: n_parameters, n_train, parameters_per_window; no row where the config has no network."""
    try:
        rows = [(_n_parameters(config), n_train, _n_parameters(config) / n_train if n_train else math.nan)]
    except InputError as error:
        warn(str(error))
        rows = []
    return pd.DataFrame(rows, columns=["n_parameters", "n_train", "parameters_per_window"])


def _fractions(text: str) -> list[float]:
    try:
        values = sorted({float(part) for part in text.split(",")})
    except ValueError:
        values = []
    if not values or not all(0 < value <= 1 for value in values):
        raise InputError(f"--fractions {text!r} must be numbers above 0 and up to 1, separated by commas.")
    return values


# Numbers that belong together are not broken over two lines: no-break spaces.


def interval(row: Any) -> str:
    """The AUC of a row of scores with its interval, in one cell."""
    if pd.isna(row.auc):
        return "-"
    return f"{row.auc:.2f}" + ("" if pd.isna(row.auc_low) else f"\xa0[{row.auc_low:.2f},\xa0{row.auc_high:.2f}]")


def beside(score: float, chance: float) -> str:
    """A score with its chance in brackets, in one cell."""
    return f"{_score(score)}\xa0({_score(chance)})"


def _score(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2f}"
