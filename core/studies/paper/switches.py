"""
The switchboard: what the paper leaves open, contradicts or gets wrong, each as a named setting.

The numbers are those of this project's list of the paper's inconsistencies. What is no setting is listed too, with
where it is shown instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core import config as configs
from core.config import MINUTES_PER_DAY, ExperimentConfig
from core.errors import InputError
from core.studies.vary import Value

NOT_A_SETTING = "not a setting: "
NORMALISATIONS = {"over max Bz": "paper", "robust": "record_robust", "by window": "window_robust"}
HIGHPASS_MINUTES = {"100 min": 100.0, "50 min": 50.0, "13.9 h": 833.0}

Changes = dict[str, dict[str, Value]]  # of a configuration: by section and option


@dataclass(frozen=True)
class Switch:
    """
    One inconsistency as a setting: `options` maps the name of each position to the configuration's changes.

    `paper` and `honest` are the positions of the two choices. The filter and the normalisation depend on each other
    and are put together by `config`; their changes are empty here.
    """

    name: str
    numbers: tuple[int, ...]
    options: dict[str, Changes]
    paper: str
    honest: str


@dataclass(frozen=True)
class Inconsistency:
    """`number` as in the list, what the paper says, what is wrong with it, and the switch (or where it is shown)."""

    number: int
    says: str
    problem: str
    switch: str


_PAPER_LAW: Changes = {"detectability": {"law": "paper"}}
_100_KM: Changes = {"detectability": {"law": "fixed", "max_distance_km": 100.0}}

SWITCHES: dict[str, Switch] = {
    one.name: one
    for one in (
        Switch(
            "activations",
            (1,),
            {
                "as the text": {"network": {"activation_column": "text"}},
                "as Table 2": {"network": {"activation_column": "table"}},
            },
            "as the text",
            "as the text",
        ),
        Switch("filter", (2,), {name: {} for name in ("none", *HIGHPASS_MINUTES)}, "none", "100 min"),
        Switch("normalisation", (3,), {name: {} for name in NORMALISATIONS}, "over max Bz", "robust"),
        Switch("radius", (6,), {"methods": _PAPER_LAW, "100 km": _100_KM}, "methods", "methods"),
        Switch(
            "smallest magnitude",
            (6,),
            {
                "above 4": {"detectability": {"magnitude_rule": "above"}},
                "4 and above": {"detectability": {"magnitude_rule": "at_least"}},
            },
            "above 4",
            "above 4",
        ),
        Switch(
            "distance",
            (7,),
            {
                "to the epicentre": {"detectability": {"distance": "epicentral"}},
                "to the focus": {"detectability": {"distance": "hypocentral"}},
            },
            "to the epicentre",
            "to the epicentre",
        ),
        Switch(
            "storm rule",
            (12,),
            {
                "negatives only": {"labels": {"storm_rule": "negatives"}},
                "both classes": {"labels": {"storm_rule": "both"}},
            },
            "negatives only",
            "both classes",
        ),
        Switch(
            "storm threshold",
            (13,),
            {"Kp 5-": {"labels": {"storm_kp": 4.667}}, "Kp 4-": {"labels": {"storm_kp": 3.667}}},
            "Kp 5-",
            "Kp 5-",
        ),
        Switch(
            "windows",
            (14,),
            {
                "before events": {"windows": {"sampling": "event_aligned"}},
                "regular": {"windows": {"sampling": "grid"}},
            },
            "before events",
            "regular",
        ),
        Switch(
            "quiet windows",
            (10, 12),
            {"random": {"labels": {"controls": "random"}}, "matched": {"labels": {"controls": "matched"}}},
            "random",
            "matched",
        ),
        Switch(
            "sequences",
            (15,),
            {
                "ignored": {"declustering": {"method": "none"}},
                "kept together": {"declustering": {"method": "zaliapin_ben_zion"}},
            },
            "ignored",
            "kept together",
        ),
        Switch(
            "split",
            (16,),
            {
                "random": {"split": {"method": "random", "test_fraction": 0.0}},
                "blocks of time": {"split": {"method": "blocked", "test_fraction": 0.2}},
            },
            "random",
            "blocks of time",
        ),
        Switch(
            "gaps",
            (17,),
            {
                "component mean": {"processing": {"gap_rule": "paper_mean"}},
                "straight line": {"processing": {"gap_rule": "linear"}},
            },
            "component mean",
            "straight line",
        ),
    )
}

INCONSISTENCIES = (
    Inconsistency(
        1,
        "Table 2: softmax on the hidden layer, none on the output; the text: the last layer uses softmax",
        "The column looks shifted by a row; a softmax of 64 units starves what is below it of gradients.",
        "activations",
    ),
    Inconsistency(
        2,
        "A corner of 0.02 Hz on one sample a minute",
        "The fastest that minutes can show is 0.0083 Hz. The likely meanings are periods of 100 or 50 min, or 13.9 h.",
        "filter",
    ),
    Inconsistency(
        3,
        "All components are divided by the largest Bz",
        "On the raw field (about 40,000 nT) the daily variation is a thousandth, and the network sees the station.",
        "normalisation",
    ),
    Inconsistency(
        4,
        "The magnitude never exceeded 6.0; Table 1 has 6.6",
        "These contradict each other.",
        NOT_A_SETTING + "the largest magnitude comes from the catalogue (Table 1)",
    ),
    Inconsistency(
        5,
        "Duronia from 2011, used from 2007; Iznik from 2007, used from 2016",
        "The two periods look interchanged.",
        NOT_A_SETTING + "the period comes from the files (Table 1)",
    ),
    Inconsistency(
        6,
        "200 km in the methods, 100 km in the conclusions; above 4, and at least 4",
        "The criteria differ within the paper.",
        "radius, smallest magnitude",
    ),
    Inconsistency(
        7,
        "Vrancea to 100 km depth, after a theory for less than 30 km",
        "The nest lies at 60 to 180 km.",
        "distance",
    ),
    Inconsistency(
        8,
        "The accuracy equals the class share",
        "A constant answer does that: it is no skill.",
        NOT_A_SETTING + "the majority share stands beside every accuracy",
    ),
    Inconsistency(
        9,
        "Accuracy 0.414 for a day and 0.586 for an hour",
        "0.414 is 1 - 0.586: the same labels and the opposite constant answer.",
        NOT_A_SETTING + "intervals and seeds stand in Fig. 7",
    ),
    Inconsistency(
        10,
        "Classes of similar size; majorities of 0.587 and 0.664",
        "A small split that is not stratified.",
        "quiet windows",
    ),
    Inconsistency(
        11,
        "Training loss 0.5, below the entropy of the class share, at the accuracy of the class share",
        "The loss moved and no window changed sides: it was learned by heart.",
        NOT_A_SETTING + "AUC stands beside loss (Fig. 5)",
    ),
    Inconsistency(
        12,
        "Storms are avoided by negatives only",
        "The label then goes with Kp.",
        "storm rule, quiet windows",
    ),
    Inconsistency(13, "No Kp threshold is given", "It cannot be repeated.", "storm threshold"),
    Inconsistency(
        14,
        "Where a window ends before its event is not said",
        "Minutes of the earthquake itself may be inside.",
        "windows",
    ),
    Inconsistency(
        15,
        "291 events, aftershocks included",
        "Windows of one sequence share most of their minutes.",
        "sequences",
    ),
    Inconsistency(
        16,
        "80 % training, 20 % validation, on which the optimiser was chosen",
        "There is no untouched test.",
        "split",
    ),
    Inconsistency(17, "Gaps are filled with the component's mean", "On the raw field that is a step.", "gaps"),
    Inconsistency(
        18,
        "AlexNet has 60, VGG16 8,625 parameters per image",
        "By the paper's own numbers 46 and 8,526.",
        NOT_A_SETTING + "parameters per training window stand in Fig. 7's table",
    ),
    Inconsistency(
        19, "Trials with a month are announced", "No result is given.", NOT_A_SETTING + "the month is tried in Fig. 7"
    ),
    Inconsistency(
        20,
        "ISC and ROMPLUS, or JWeed; kinds of magnitude are mixed",
        "Mw and ML are not the same number.",
        NOT_A_SETTING + "the catalogue keeps the kind of magnitude",
    ),
    Inconsistency(
        21,
        "It updates itself",
        "No mechanism is described.",
        NOT_A_SETTING + "the ledger and `precursor update` are one",
    ),
    Inconsistency(
        22,
        "The first deep learning; no synthetic generator exists",
        "There are others, and sources are easy to make.",
        NOT_A_SETTING + "a precursor is planted in a made-up world below",
    ),
    Inconsistency(
        23, "Fig. 3 points to Fig. 4 for the unfiltered record", "A slip.", NOT_A_SETTING + "nothing to show"
    ),
    Inconsistency(
        24,
        "The title says prospective",
        "Everything in it looks back.",
        NOT_A_SETTING + "only the ledger is called prospective here",
    ),
)

PAPER = {name: one.paper for name, one in SWITCHES.items()}
HONEST = {name: one.honest for name, one in SWITCHES.items()}


def config(
    name: str, ground: ExperimentConfig, positions: dict[str, str], length_minutes: int, seed: int = 0
) -> ExperimentConfig:
    """
    The configuration of a set of switch positions.

    Parameters
    ----------
    name : str
        The runs are called so.
    ground : ExperimentConfig
        Its [data] and [world] are used.
    positions : dict
        A position for every switch, as in `PAPER` and `HONEST`.
    length_minutes : int
        Regular windows are cut once a day, or one after the other if they are longer.
    seed : int
        Of the weights, of the choice of quiet windows and of a random split.

    Raises
    ------
    InputError
        If a switch or a position is unknown, or the positions exclude each other.
    """
    unknown = sorted(positions.keys() ^ SWITCHES.keys())
    if unknown:
        raise InputError(f"The switches are {', '.join(SWITCHES)}; these do not fit: {', '.join(unknown)}.")
    table: dict[str, dict[str, object]] = {part: ground.as_dict()[part] for part in ("data", "world")}
    for switch, position in positions.items():
        options = SWITCHES[switch].options
        if position not in options:
            raise InputError(f"The switch {switch!r} has no position {position!r}, only {', '.join(options)}.")
        for part, changes in options[position].items():
            table[part] = {**table.get(part, {}), **changes}
    table["processing"] = {
        **table["processing"],
        **_processing(positions["filter"], positions["normalisation"]),
    }
    table["windows"] |= {"length_minutes": length_minutes}
    if positions["windows"] == "regular":
        table["windows"] |= {"step_minutes": max(length_minutes, MINUTES_PER_DAY)}
    table["labels"] |= {"seed": seed}
    table["split"] |= {"seed": seed}
    table["training"] = {"seed": seed}
    return configs.from_dict({"name": name, **table})


def positions(config: ExperimentConfig) -> dict[str, str]:
    """The position of every switch that a configuration of `config` stands at."""
    found, table = {}, config.as_dict()
    for name, switch in SWITCHES.items():
        for position, changes in switch.options.items():
            if changes and all(
                table[part][key] == value for part, each in changes.items() for key, value in each.items()
            ):
                found[name] = position
    processing = config.processing
    filtered = "highpass" in (processing.record_filter, processing.window_filter)
    corners = {period: name for name, period in HIGHPASS_MINUTES.items()}
    found["filter"] = corners[processing.highpass_period_minutes] if filtered else "none"
    found["normalisation"] = {name: words for words, name in NORMALISATIONS.items()}[processing.normalisation]
    return {name: found[name] for name in SWITCHES}


def table() -> pd.DataFrame:
    """number, says, problem, switch, positions: the switchboard in words, one row per inconsistency."""
    rows = []
    for one in INCONSISTENCIES:
        named = [SWITCHES[name] for name in one.switch.split(", ") if name in SWITCHES]
        positions = "; ".join(" / ".join(switch.options) for switch in named)
        rows.append({**vars(one), "positions": positions})
    return pd.DataFrame(rows)


def _processing(filter_name: str, normalisation: str) -> dict[str, Value]:
    """The paper's normalisation needs the level, so a filter then works within the window; else on the record."""
    raw = normalisation == "over max Bz"
    kind = "none" if filter_name == "none" else "highpass"
    out: dict[str, Value] = {
        "record_filter": "none" if raw else kind,
        "window_filter": kind if raw else "none",
        "normalisation": NORMALISATIONS[normalisation],
    }
    if kind == "highpass":
        out["highpass_period_minutes"] = HIGHPASS_MINUTES[filter_name]
    return out
