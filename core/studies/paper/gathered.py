"""The tables of a study, gathered from the finished runs; nothing is trained here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core import stations as station_table
from core.config import MINUTES_PER_DAY, ExperimentConfig, NetworkConfig
from core.errors import InputError
from core.evaluation.scores import base_entropy
from core.labelling.targets import station_events
from core.loading.record.source import Source
from core.runs import sources
from core.runs.run_documents import scored_split
from core.runs.runs import Run, RunStore, run_id
from core.studies import learning_curves
from core.studies.learning_curves import LearningCurve
from core.studies.paper import plan, switches
from core.studies.paper.plan import Planned, Size
from core.training import architectures
from core.training import network as networks
from core.vocabulary import POOLED

RUN_COLUMNS = [
    "experiment",
    "choice",
    "variant",
    "seed",
    "run_id",
    "refused",
    "judged_split",
    "n_train",
    "n_train_positive",
    "n",
    "n_positive",
    "auc",
    "auc_low",
    "auc_high",
    "accuracy",
    "majority_share",
    "train_loss",
    "loss",
    "entropy",
    "validation_share",
    "active_units",
    "output_sd",
    "dead",
    "leak",
    "n_parameters",
    "seconds",
]
HISTORY_COLUMNS = ["epoch", "loss", "accuracy", "auc", "validation_loss", "validation_accuracy", "validation_auc"]
CURVE_COLUMNS = ["choice", "curve_id"]
# Of Table 1 and of the methods of Petrescu & Moldovan (2022): events, periods used.
PRINTED_EVENTS = {"MLR": 40, "DUR": 119, "IZN": 132}
PRINTED_PERIODS = {"MLR": "2013-2019", "DUR": "2007-2020", "IZN": "2016-2021"}


class Ids:
    """The run that a configuration would be; the digests of each source are read once."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._digests: dict[str, dict[str, str]] = {}

    def of(self, config: ExperimentConfig) -> str:
        """The id of the run, or "" while its world or its data are not there."""
        key = f"{config.data}{config.world if config.data.source == 'synthetic' else ''}"
        if key not in self._digests:
            if config.data.source == "synthetic":
                folder = sources.world_folder(config.world, config.data.stations, self._data_dir)
                if not (folder / "world.json").exists():
                    return ""
            self._digests[key] = sources.digests(config, sources.open_source(config, self._data_dir))
        return run_id(config, self._digests[key])


def runs(planned: Sequence[Planned], data_dir: Path, refused: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    What became of every planned training.

    Returns
    -------
    runs : DataFrame
        `RUN_COLUMNS`, one row per planned training. run_id "" and refused "": not made yet. The scores are those of
        the judged split, all stations together; loss, entropy (of the class share) and validation_share (of the larger
        class) are those of the validation windows, at the last epoch. The columns of the switches follow, "" where a
        row is not of the experiment "switches".
    histories : DataFrame
        experiment, choice, variant, seed and `HISTORY_COLUMNS`.
    """
    store, ids, rows, parts = RunStore(data_dir), Ids(data_dir), [], []
    known = set(store.ids())
    for one in planned:
        what = {"experiment": one.experiment, "choice": one.choice, "variant": one.variant, "seed": one.seed}
        row: dict[str, object] = {**dict.fromkeys(RUN_COLUMNS, np.nan), **what, "run_id": "", "judged_split": ""}
        row |= {"dead": False, "leak": False, "seconds": 0.0, "refused": refused.get(one.config.id, "")}
        row["n_parameters"] = networks.n_parameters(one.config.windows.length_minutes, one.config.network)
        row |= {name: "" for name in switches.SWITCHES}
        if one.experiment == "switches":
            row |= switches.positions(one.config)
        name = ids.of(one.config)
        if name in known:
            run = store.open(name)
            row |= {"run_id": name, "refused": "", **_measured(run)}
            history = run.history.reindex(columns=HISTORY_COLUMNS)
            parts.append(pd.concat([pd.DataFrame(what, index=history.index), history], axis=1))
        rows.append(row)
    columns = [*RUN_COLUMNS, *switches.SWITCHES]
    empty = pd.DataFrame(columns=[*what_columns(), *HISTORY_COLUMNS])
    return pd.DataFrame(rows, columns=columns), pd.concat(parts, ignore_index=True) if parts else empty


def what_columns() -> list[str]:
    """The columns that say which training a row is of."""
    return ["experiment", "choice", "variant", "seed"]


def _measured(run: Run) -> dict[str, str | float | bool]:
    split = scored_split(run.scores)
    pooled = run.scores[run.scores["station"] == POOLED].set_index("split")
    judged, train, last = pooled.loc[split], pooled.loc["train"], run.history.iloc[-1]
    share = float((pooled["n_positive"] / pooled["n"]).to_dict().get("validation", np.nan))
    return {
        "judged_split": split,
        "n_train": train["n"],
        "n_train_positive": train["n_positive"],
        **{name: judged[name] for name in ("n", "n_positive", "auc", "auc_low", "auc_high", "accuracy")},
        "majority_share": judged["majority_share"],
        "train_loss": last["loss"],
        "loss": last["validation_loss"],
        "entropy": base_entropy(share),
        "validation_share": max(share, 1 - share),
        "active_units": last["active_units"],
        "output_sd": last["output_sd"],
        "dead": run.status.dead,
        "leak": not run.audit.ok,
        "seconds": run.status.seconds,
    }


def found_curves(standing: ExperimentConfig, size: Size, data_dir: Path) -> dict[str, LearningCurve]:
    """The finished learning curve of each choice."""
    wanted = {plan.curve(standing, size, choice).id: choice for choice in plan.CHOICES}
    found = [curve for curve in learning_curves.stored(data_dir) if curve.config.id in wanted]
    found = [curve for curve in found if curve.points["repeat"].nunique() == size.repeats]
    return {wanted[curve.config.id]: curve for curve in reversed(found)}


def curves(standing: ExperimentConfig, size: Size, data_dir: Path) -> pd.DataFrame:
    """The points of the learning curves (Fig. 8): choice, curve_id, and those of `training_sizes.run`."""
    found = found_curves(standing, size, data_dir)
    parts = [curve.points.assign(choice=choice, curve_id=curve.curve_id) for choice, curve in found.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CURVE_COLUMNS)


def stations(standing: ExperimentConfig, source: Source) -> pd.DataFrame:
    """
    Table 1 from the files: where, which period, how many target events, the largest of them; the paper's beside it.

    Returns
    -------
    DataFrame
        station, name, latitude_deg, longitude_deg, first, last, present_share, n_events (target events while there
        are minutes), max_magnitude (within the distance, at any depth, while there are minutes), and printed_* of the
        paper ("" or NaN where it has none).
    """
    rows = []
    config = switches.config("table", standing, switches.PAPER, MINUTES_PER_DAY)
    for code in standing.data.stations:
        place = station_table.get(code)
        period = source.period(code)
        row: dict[str, object] = {"station": code, "name": place.name, "n_events": 0, "max_magnitude": np.nan}
        row |= {"latitude_deg": place.latitude_deg, "longitude_deg": place.longitude_deg}
        if period is not None:
            row |= {"first": period[0], "last": period[1] - pd.Timedelta(minutes=1)}
            events = station_events(config, source, [code])
            events = events[(events["origin_time"] >= period[0]) & (events["origin_time"] < period[1])]
            near = events[events["distance_km"] <= (100.0 if code == "MLR" else 200.0)]
            row |= {"n_events": int(events["target"].sum()), "max_magnitude": near["magnitude"].max()}
        printed = dict(place.paper)
        row |= {
            "printed_latitude_deg": float(printed.get("latitude_deg", "nan")),
            "printed_longitude_deg": float(printed.get("longitude_deg", "nan")),
            "printed_period": printed.get("availability", ""),
            "printed_used": PRINTED_PERIODS.get(code, ""),
            "printed_n_events": float(PRINTED_EVENTS.get(code, np.nan)),
            "printed_max_magnitude": float(printed.get("max_magnitude", "nan")),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def network(length_minutes: int = plan.WEEK) -> pd.DataFrame:
    """
    Table 2 from the network that is trained: row, layer, output (rows x positions x channels), n_parameters.
    """
    found = architectures.layers(NetworkConfig(), length_minutes)
    rows = []
    for number, layer in enumerate(found):
        rows_, positions, channels = architectures.shape_after(found[: number + 1], length_minutes)
        before = architectures.n_parameters(found[:number], length_minutes)
        rows.append(
            {
                "row": number + 1,
                "layer": _layer_words(layer),
                "output": f"{rows_} x {positions:,} x {channels}" if rows_ * positions > 1 else f"{channels:,}",
                "n_parameters": architectures.n_parameters(found[: number + 1], length_minutes) - before,
            }
        )
    return pd.DataFrame(rows)


def _layer_words(layer: architectures.Layer) -> str:
    match layer:
        case architectures.Convolution(filters, kernel):
            return f"convolution, {filters} filters {kernel[0]} x {kernel[1]}, ReLU"
        case architectures.Pooling(size):
            return f"max pooling 1 x {size}"
        case architectures.Flatten():
            return "flatten"
        case architectures.Dense(units, activation):
            return f"dense, {units}, {activation}"
    raise InputError(f"Table 2 has no layer {layer!r}.")
