"""Which windows of a run are explained, what was planted in them, and how they are cut again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.errors import InputError
from core.labelling import dataset
from core.labelling.window_set import WindowSet
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Source
from core.runs.run_documents import scored_split
from core.runs.runs import Run

MOST_MINUTES = 64 * 1440  # of counted windows of one class together: a minute or two on two cores
MOST, FEWEST = 64, 8
N_SHOWN = 4  # windows of each kind that are drawn


def choose(run: Run, n_windows: int = 0, window_ids: tuple[int, ...] = ()) -> pd.DataFrame:
    """
    The windows to explain.

    Counted are up to `n_windows` positive and as many negative windows of the judged split, evenly taken in time, so
    that no score shapes what is said of all of them. Shown are the four with the highest probability, the four surest
    hits, the four surest misses (positive windows with the lowest probability), and those asked for.

    Parameters
    ----------
    run : Run
    n_windows : int
        0: up to 64, fewer if the windows are long.
    window_ids : tuple of int
        Of the run's predictions, of any split.

    Returns
    -------
    DataFrame
        window_id, station, start, end, label, split, event_id, event_time (NaT without event), probability, cluster,
        why, shown, counted, and position (in the run's windows).

    Raises
    ------
    InputError
        If a window is not in the run's predictions.
    """
    table = run.predictions
    unknown = sorted(set(window_ids) - set(table["window_id"]))
    if unknown:
        raise InputError(
            f"Run {run.run_id} made no prediction for window {unknown[0]}. Its predictions.parquet lists the window_id "
            "of each."
        )
    limit = n_windows or min(MOST, max(FEWEST, MOST_MINUTES // run.config.windows.length_minutes))
    judged = table[(table["split"] == scored_split(run.scores)) & table["label"].isin((0, 1))]
    positive = judged[judged["label"] == 1].sort_values("probability", kind="stable")
    alarmed = positive["probability"] >= run.config.training.threshold
    cluster = run.windows.set_index("window_id")["cluster"]
    why = {int(i): "asked for" for i in window_ids}
    for words, rows in (
        ("highest probability", judged.sort_values("probability", kind="stable")[::-1]),
        ("hit", positive[alarmed][::-1]),
        ("miss", positive[~alarmed]),
    ):
        taken = cluster.reindex(list(why))
        new = rows[~rows["window_id"].isin(list(why))].assign(cluster=rows["window_id"].map(cluster))
        new = new[(new["cluster"] < 0) | ~new["cluster"].isin(taken[taken >= 0])]
        # of one sequence of earthquakes one window is enough to look at
        new = new[(new["cluster"] < 0) | ~new["cluster"].duplicated()]
        why |= dict.fromkeys((int(i) for i in new["window_id"][:N_SHOWN]), words)
    counted: set[int] = set()
    for label in (1, 0):
        of_class = judged[judged["label"] == label].sort_values(["start", "station"])["window_id"].to_numpy()
        spread = np.unique(np.linspace(0, len(of_class) - 1, min(limit, len(of_class))).astype(int))
        counted |= set(of_class[spread].tolist())
    chosen = table[table["window_id"].isin(counted | set(why))].merge(
        run.windows[["window_id", "cluster"]], on="window_id", validate="one_to_one"
    )
    place = pd.Series(np.arange(len(run.windows)), index=run.windows["window_id"])
    lead = pd.to_timedelta(chosen["lead_days"].where(chosen["label"] == 1), unit="D").dt.round("s")
    return chosen.assign(
        event_time=chosen["end"] + lead,
        why=chosen["window_id"].map(why).fillna("").astype("str"),
        shown=chosen["window_id"].isin(set(why)),
        counted=chosen["window_id"].isin(counted),
        position=place.loc[chosen["window_id"]].to_numpy(),
    ).drop(columns="lead_days")


def cut(run: Run, source: Source) -> WindowSet:
    """The run's windows over the record again, with the scaling that the run has learned."""
    config, end = run.config, run.windows["end"].max()
    step = config.windows.length_minutes
    series = {
        code: dataset.scan_set(config, source, run.scaling, code, None, end, step).series[code]
        for code in dict.fromkeys(run.windows["station"])
    }
    return WindowSet(run.windows, config, series, pd.DataFrame(), run.scaling)


def planted(chosen: pd.DataFrame, bursts: pd.DataFrame, n_minutes: int) -> np.ndarray:
    """Which minutes of each window lie in a planted burst of its station, bool, shape (n, n_minutes)."""
    out = np.zeros((len(chosen), n_minutes), dtype=bool)
    start = epoch_minutes(pd.DatetimeIndex(chosen["start"]))
    for code in bursts["station"].unique():
        at_station = bursts[bursts["station"] == code]
        opens, closes = (epoch_minutes(pd.DatetimeIndex(at_station[name])) for name in ("start", "end"))
        for i in np.flatnonzero((chosen["station"] == code).to_numpy()):
            for first, last in zip(opens - start[i], closes - start[i], strict=True):
                out[i, max(first, 0) : max(last, 0)] = True
    return out


def bursts_within(chosen: pd.DataFrame, bursts: pd.DataFrame) -> pd.DataFrame:
    """window_id, start, end of each burst that reaches into a window."""
    pairs = chosen[["window_id", "station", "start", "end"]].merge(bursts, on="station", suffixes=("_window", ""))
    inside = (pairs["start"] < pairs["end_window"]) & (pairs["end"] > pairs["start_window"])
    return pairs.loc[inside, ["window_id", "start", "end"]].reset_index(drop=True)
