"""The paper done again: each of its experiments beside what it printed, the switchboard, and a planted precursor."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.errors import InputError
from core.reporting import tables
from core.reporting.figures.run import curves
from core.reporting.figures.studies import paper
from core.reporting.figures.theme import Mode
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, length_words, number
from core.studies.paper import plan, switches
from core.studies.paper.study import Study

FEWEST = 20  # trainings: of fewer, no share is said; one in 40 exceeds chance by luck
FILE, TITLE = "paper.html", "The paper"
SOURCE = "Petrescu & Moldovan (2022), Machine Learning and Knowledge Extraction 4, 912-923, doi 10.3390/make4040046"
PRINTED = {
    "fig5": "The paper (windows of a week): the loss falls from 0.7 to 0.5, the accuracy ends at 0.587 in training and "
    "0.664 in validation, and both are said to equal the share of one class. A constant answer gives that.",
    "optimisers": "The paper: of five optimisers Adam is the best. It was chosen on the validation windows.",
    "rates": "The paper: other learning rates make the loss oscillate.",
    "layers": "The paper: more convolution layers have no visible effect.",
    "lengths": "The paper: accuracy 0.586 for an hour, 0.414 for a day, 0.664 for a week; a month is announced and not "
    "reported. 0.414 is 1 - 0.586: the same labels and the opposite constant answer. The three numbers fit 128 "
    "validation windows, for which 0.664 has a 95 % interval of 0.58 to 0.74.",
    "stations": "The paper: one network for each observatory and one for all, with and without the filter. It prints "
    "no result for each.",
    "curves": "The paper: windows are taken away at random and the network is trained anew; an inverse power law was "
    "judged not to fit.",
    "switches": "Each inconsistency of the paper that is a setting, moved one at a time from both sets of choices, and "
    "all of them at random. If a result depends on one switch, it shows here.",
    "planted": f"Here a precursor is really there: a made-up world in which a burst of {plan.PLANTED_NT:g} nT precedes "
    "every target event. Divided by the largest Bz, it is a thousandth of the level; the hidden units die and the "
    "answer becomes a constant. The default, which takes the level away first, finds it.",
}
TITLES = {
    "fig5": "Training over 50 epochs (Fig. 5)",
    "optimisers": "Optimisers (Fig. 6)",
    "rates": "Learning rates (Fig. 6)",
    "layers": "Convolution layers (Fig. 6)",
    "lengths": "Window lengths (Fig. 7)",
    "curves": "Would more data help? (Fig. 8)",
    "stations": "Observatories and filter",
    "switches": "The switchboard",
    "planted": "A precursor that is there",
}
JUDGED = "test windows where a split has them, else validation windows"
ALT = {
    "fig5": "Validation accuracy, loss and AUC over the epochs under both sets of choices, with chance in grey",
    "switches": "AUC of every setting, sorted, with the positions of the switches below it",
    "curves": "Accuracy and loss against the number of training windows",
}


@dataclass(frozen=True)
class Section:
    """
    One experiment: key, title, what the paper printed, what came out, and figures by choice ("" = both) with how to
    read them; no figure while nothing of it is trained.
    """

    key: str
    title: str
    printed: str
    figures: dict[str, go.Figure]
    captions: dict[str, str]
    found: list[str]
    alt: str


def sections(study: Study, mode: Mode = "light") -> list[Section]:
    """Every experiment of a study, with its figures."""
    runs, histories = study.table("runs"), study.table("histories")
    points, document = study.table("curves"), study.document
    minutes = {**dict.fromkeys(TITLES, document.length_minutes), "planted": plan.PLANTED.windows.length_minutes}
    out = []
    for key, title in TITLES.items():
        mine = runs[runs["experiment"] == key].reset_index(drop=True)
        look: dict[str, Any] = {"synthetic": study.synthetic or key == "planted", "mode": mode}
        trained = len(points) > 0 if key == "curves" else bool((mine["run_id"] != "").any())
        beside = points if key == "curves" else histories[histories["experiment"] == key]
        figures = _figures(key, mine, beside, look) if trained else {}
        length = "" if key == "lengths" else f" of {length_words(minutes[key])}"
        found = _found(key, mine, length, {**document.law, **document.curves_refused})
        captions = {choice: _caption(key, choice, length) for choice in figures}
        alt = ALT.get(key, f"AUC, accuracy and loss: {title}")
        out.append(Section(key, title, PRINTED[key], figures, captions, found, alt))
    return out


def _figures(key: str, runs: pd.DataFrame, beside: pd.DataFrame, look: Mapping[str, Any]) -> dict[str, go.Figure]:
    """The figures of an experiment, by choice; `beside` is its histories, of the learning curves their points."""
    if key == "fig5":
        middle = runs[runs["run_id"] != ""].groupby("choice")["validation_share"].median()
        shares = {str(choice): float(share) for choice, share in middle.items()}
        return {"": paper.history(beside, shares, **look)}
    if key == "switches":
        positions = {name: list(one.options) for name, one in switches.SWITCHES.items()}
        return {"": paper.specification(runs, positions, **look)}
    if key == "curves":
        parts = {choice: beside[beside["choice"] == choice] for choice in plan.CHOICES}
        return {choice: curves.learning_curve(part, **look) for choice, part in parts.items() if len(part)}
    return {"": paper.variants(runs, [variant_words(key, name) for name in runs["variant"].unique()], **look)}


def variant_words(experiment: str, variant: str) -> str:
    """
    A variant as it stands under the figure.

    >>> variant_words("lengths", "1440"), variant_words("layers", "4"), variant_words("optimisers", "sgd")
    ('1 day', '4 layers', 'sgd')
    """
    if experiment == "lengths":
        return length_words(int(variant))
    return f"{variant} layers" if experiment == "layers" else "normalisation" if variant == plan.UNCHANGED else variant


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """
    Medians over the seeds, one row per experiment, choice and variant; the switches and what was refused are left out.

    experiment, choice, variant, seeds, dead (of them), windows (judged), positive, AUC with the lowest and the highest
    of the seeds, accuracy, majority_share, loss, entropy, parameters_per_window.
    """
    done = runs[(runs["run_id"] != "") & (runs["experiment"] != "switches")]
    done = done.assign(parameters_per_window=done["n_parameters"] / done["n_train"])
    grouped = done.groupby(["experiment", "choice", "variant"], sort=False)
    middle = grouped[
        ["n_train", "n", "n_positive", "accuracy", "majority_share", "loss", "entropy", "parameters_per_window"]
    ].median()
    counts = ["n_train", "n", "n_positive"]
    middle[counts] = middle[counts].round().astype(int)
    auc = grouped["auc"]
    out = middle.assign(
        seeds=grouped.size(), dead=grouped["dead"].sum(), auc=auc.median(), auc_low=auc.min(), auc_high=auc.max()
    )
    return out.reset_index()


def headline(runs: pd.DataFrame) -> list[str]:
    """What came out of the whole study, in a sentence or two; nothing before the first training."""
    done = runs[runs["run_id"] != ""]
    planted = done[done["experiment"] == "planted"]
    nothing = done[(done["experiment"] != "planted") & ~done["leak"]].drop_duplicates("run_id")
    said = []
    if len(nothing):
        above = int((nothing["auc_low"] > 0.5).sum())
        share = (
            f"chance, {above / len(nothing):.1%}; without any skill 2.5 % would, if they did not share their data."
            if len(nothing) >= FEWEST
            else "chance."
        )
        said.append(
            f"Of {len(nothing)} trainings whose split does not leak, {above} {'has' if above == 1 else 'have'} a 95 % "
            f"interval of the AUC above {share}"
        )
    if len(planted):
        each = []
        for choice, words in paper.CHOICES.items():
            mine = planted[planted["choice"] == choice]
            if len(mine):
                dead = f"{int(mine['dead'].sum())} of {len(mine)} with a constant output"
                each.append(f"{mine['auc'].median():.2f} under {words} ({dead})")
        said.append(f"Where a burst of {plan.PLANTED_NT:g} nT was planted, the AUC is {' and '.join(each)}.")
    return said


def refusals(runs: pd.DataFrame) -> list[str]:
    """What could not be trained, and why, each reason once."""
    rows = runs[runs["refused"] != ""].drop_duplicates(["experiment", "choice", "variant", "refused"])
    return [
        f"{TITLES[row['experiment']]}, {paper.CHOICES.get(row['choice'], row['choice'])}, "
        f"{variant_words(row['experiment'], row['variant'])}: {row['refused']}"
        for row in rows.to_dict("records")
    ]


def page(studies: Sequence[Study], unreadable: Sequence[str] = ()) -> Page:
    """The newest study that can be read; without any, the command that makes it. The others cannot: by their ids."""
    left_out = list(unreadable)
    for study in studies:
        try:
            return _page(study, left_out)
        except InputError as error:  # one of its tables
            logging.getLogger(__name__).warning("%s", error)
            left_out.append(study.study_id)
    content = {"study": None, "sections": [], "source": SOURCE, "unreadable": left_out}
    return Page(FILE, TITLE, "paper.html.j2", content)


def _page(study: Study, left_out: Sequence[str]) -> Page:
    runs, stations, layers = (study.table(name) for name in ("runs", "stations", "network"))
    names = {name: csv_name(f"paper-{name}", study.synthetic) for name in ("runs", "stations", "network", "switches")}
    board = switches.table()
    shown = [
        {
            "title": one.title,
            "printed": one.printed,
            "found": one.found,
            "plots": [
                Plot(f"paper-{one.key}{f'-{choice}' if choice else ''}", figure, one.captions[choice], names["runs"])
                for choice, figure in one.figures.items()
            ],
        }
        for one in sections(study)
    ]
    content = {
        "study": study.document,
        "unreadable": left_out,
        "headline": headline(runs),
        "source": SOURCE,
        "sections": shown,
        "refusals": refusals(runs),
        "tables": [
            _table("Stations (Table 1): from the files, and as printed", stations, names["stations"]),
            _table("The network (Table 2): from the network that is trained", layers, names["network"]),
            _table("Every experiment: medians over the seeds", summary(runs), names["runs"]),
            _table("The switchboard", board, names["switches"]),
        ],
    }
    files = {names["runs"]: runs, names["stations"]: stations, names["network"]: layers, names["switches"]: board}
    return Page(FILE, TITLE, "paper.html.j2", content, "all" if study.synthetic else "part", files)


def _caption(key: str, choice: str, length: str) -> str:
    """How to read a figure of an experiment; `choice` as in `Section.figures`, `length` of its windows in words."""
    if key == "curves":
        read = "Line: median; band: lowest to highest repeat; chance in grey."
        return f"Training and validation windows{length}, under {paper.CHOICES[choice]}. {read}"
    if key == "fig5":
        read = "Lines: median of the seeds; bands: lowest to highest; in grey: knowing only the class shares."
        return f"Validation windows{length}, after each epoch. {read}"
    if key == "switches":
        read = "Sorted by AUC; a square below marks the position of a switch. Intervals draw stretches of time."
        return f"Windows{length}: {JUDGED}. {read}"
    read = (
        "A mark per seed, a bar at their median; in grey: chance, the majority share, the entropy of the class share."
    )
    return f"Windows{length}. AUC and accuracy: {JUDGED}. Loss: validation windows. {read}"


def _found(key: str, runs: pd.DataFrame, length: str, laws: Mapping[str, str]) -> list[str]:
    if key == "curves" and laws:
        return [f"Under {paper.CHOICES[choice]}: {sentence}" for choice, sentence in laws.items()]
    done = runs[runs["run_id"] != ""]
    if done.empty:
        return ["Nothing of this has been trained yet."]
    if key == "switches":
        inside = done["auc_low"].le(0.5) & done["auc_high"].ge(0.5)
        n_leak, n_dead = int(done["leak"].sum()), int(done["dead"].sum())
        return [
            f"{len(done)} settings: AUC {done['auc'].min():.2f} to {done['auc'].max():.2f}, median "
            f"{done['auc'].median():.2f}. The intervals of {int(inside.sum())} hold chance; the splits of {n_leak} "
            f"leak; {n_dead} have a constant output."
        ]
    out = []
    for choice, words in paper.CHOICES.items():
        mine = done[done["choice"] == choice]
        if len(mine):
            of = " or ".join(sorted(set(mine["judged_split"])))
            out.append(
                f"Under {words}, on {of} windows{length}: AUC {mine['auc'].min():.2f} to {mine['auc'].max():.2f} "
                f"(chance 0.50), accuracy {mine['accuracy'].median():.3f} beside a majority share of "
                f"{mine['majority_share'].median():.3f} (medians of {len(mine)} trainings, "
                f"{int(mine['dead'].sum())} of them with a constant output)."
            )
    if key == "fig5" and (done["judged_split"] == "test").any():
        out.append("The curves are of the validation windows, so they need not agree with what the test windows say.")
    return out


def _table(caption: str, table: pd.DataFrame, csv: str) -> Table:
    head = [str(name).replace("_", " ").replace("auc", "AUC") for name in table.columns]
    return Table(caption, head, [[_cell(value) for value in row] for row in table.itertuples(index=False)], csv)


def _cell(value: Any) -> Cell:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return Cell(tables.DASH)
    if isinstance(value, pd.Timestamp):
        return number(f"{value:%Y-%m-%d}")
    if isinstance(value, float):
        return number(f"{value:,.0f}" if value == int(value) and abs(value) > 1 else tables.number(value, 3))
    return number(f"{value:,}") if isinstance(value, int) else Cell(str(value))
