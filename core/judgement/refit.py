"""
The expensive form of the circular-shift test: shift the catalogue, label, split and train anew, and score again.

Rescoring asks whether the finished scores fit the catalogue better than a shifted one. Refitting asks more: whether the
whole procedure, choice of windows and training included, does better on the true catalogue. Each draw is a training;
draws are written down as they come, and the same command goes on where it stopped.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from core import clock, files
from core.config import MINUTES_PER_DAY
from core.errors import InputError
from core.evaluation import significance
from core.labelling import dataset, splits, windows
from core.loading.record.minute import MinuteRecord
from core.loading.record.source import Period, Source
from core.progress import Cancelled, Progress
from core.runs import sources
from core.runs.run_documents import scored_split
from core.runs.runs import Run
from core.training import fit, measures

TEST = "circular shift, trained again"
COLUMNS = ["draw", "seed", "shift_minutes", "auc"]
GOLDEN = (math.sqrt(5) - 1) / 2


class ShiftedCatalogue:
    """
    A source whose earthquakes come later by a fixed time, circularly within a period; all else is as it was.

    Events outside the period are left out, and the catalogue covers the period only.
    """

    def __init__(self, source: Source, period: Period, shift_minutes: int) -> None:
        self._source, self._period, self._shift = source, period, shift_minutes
        self.synthetic = source.synthetic

    def stations(self) -> list[str]:
        return self._source.stations()

    def period(self, station: str) -> Period | None:
        return self._source.period(station)

    def minute(self, station: str, start: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> MinuteRecord:
        return self._source.minute(station, start, end)

    def activity(self) -> pd.DataFrame:
        return self._source.activity()

    def events(self, catalogue: str = "") -> pd.DataFrame:
        events = self._source.events(catalogue)
        first, last = self.events_period(catalogue)
        events = events[(events["origin_time"] >= first) & (events["origin_time"] < last)]
        begin, end = windows.microseconds(pd.DatetimeIndex([first, last]))
        moved = begin + (windows.microseconds(events["origin_time"]) - begin + self._shift * clock.MINUTE_US) % (
            end - begin
        )
        times = clock.of_microseconds(moved)
        return events.assign(origin_time=times).sort_values("origin_time", kind="stable", ignore_index=True)

    def events_period(self, catalogue: str = "") -> Period:
        first, last = self._source.events_period(catalogue)
        return max(first, self._period[0]), min(last, self._period[1])

    def digests(self, station_codes: list[str], catalogues: list[str]) -> dict[str, str]:
        digests = self._source.digests(station_codes, catalogues)
        return {
            name: f"{value}+{self._shift}" if name.startswith("events") else value for name, value in digests.items()
        }


def run(
    made: Run, source: Source, data_dir: Path, n: int, seed: int = 0, progress: Progress | None = None
) -> pd.DataFrame:
    """
    Train on n shifted catalogues, and keep the AUC of each in `data/refit/<run_id>/draws.csv`.

    Parameters
    ----------
    made : Run
        With fresh weights at its beginning.
    source : Source
        That the run was made from, with unchanged data.
    data_dir : Path
    n : int
        99 or more for a p value of 0.01.
    seed : int
    progress : Progress, optional

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, every draw that is kept, of other seeds too; the AUC is that of the judged split, NaN where
        a shifted catalogue gave nothing to train or judge with.

    Raises
    ------
    InputError
        If the record is too short, the data have changed, or the run began from another run's weights.
    Cancelled
        If `progress.should_stop()` became true.
    """
    progress = progress or Progress()
    if made.status.parent:
        raise InputError(f"Run {made.run_id} began from the weights of {made.status.parent}: it cannot be refitted.")
    if sources.digests(made.config, source) != made.digests:
        raise InputError(f"The data of run {made.run_id} have changed since it was made. Train it again first.")
    period = _period(made)
    moves = _shifts(made, period, n, seed)
    folder = files.child(data_dir / "refit", made.run_id, "The id of a run")
    with files.claimed(data_dir / "refit" / f".{made.run_id}.lock", f"Run {made.run_id} is being refitted already."):
        draws = stored(data_dir, made.run_id)
        files.make_folder(folder)
        done = set(draws.loc[draws["seed"] == seed, "draw"])
        model: fit.Trained | None = None
        for number, shift in enumerate(moves.tolist()):
            progress.stage("Training on shifted catalogues", number, n)
            if number in done:
                continue
            shifted = ShiftedCatalogue(source, period, shift)
            model, auc = _trained(made, shifted, folder / "training", model, progress)
            row = pd.DataFrame([[number, seed, shift, auc]], columns=COLUMNS)
            draws = pd.concat([draws, row], ignore_index=True) if len(draws) else row
            files.replace_text(folder / "draws.csv", draws.to_csv(index=False, lineterminator="\n"))
    return draws


def stored(data_dir: Path, run_id: str) -> pd.DataFrame:
    """The draws of a run so far; empty if there are none."""
    path = files.child(data_dir / "refit", run_id, "The id of a run") / "draws.csv"
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS).astype({"draw": int, "seed": int, "shift_minutes": int, "auc": float})
    return pd.read_csv(path)


def tested(made: Run, data_dir: Path) -> pd.DataFrame:
    """The test as rows of `significance.COLUMNS`: one, or none if nothing was refitted."""
    draws = stored(data_dir, made.run_id)
    if draws.empty:
        return pd.DataFrame(columns=significance.COLUMNS)
    null = draws.sort_values("shift_minutes")["auc"].dropna().to_numpy()
    row = significance.judged(TEST, significance.AUC, float(made.pooled["auc"]), null, own=significance.weight(null))
    return pd.DataFrame([row], columns=significance.COLUMNS)


def _trained(
    made: Run, source: ShiftedCatalogue, scratch: Path, reuse: fit.Trained | None, progress: Progress
) -> tuple[fit.Trained | None, float]:
    """The trained model (to be used again: TensorFlow never frees one) and the AUC of the judged split."""
    try:
        cut = dataset.build(made.config, source)
    except InputError:  # such as no event in the training block: a draw without a score
        return reuse, math.nan
    shutil.rmtree(scratch, ignore_errors=True)  # a checkpoint of another catalogue
    trained = fit.train(made.config, cut, scratch, should_stop=progress.should_stop, reuse=reuse)
    shutil.rmtree(scratch, ignore_errors=True)
    if trained.cancelled:
        raise Cancelled("Stopped. The trainings that were complete are kept; the same command goes on from there.")
    rows = cut.rows(scored_split(made.scores))
    rows = rows[np.isin(cut.labels(rows), (0, 1))]
    return trained, measures.auc(cut.labels(rows), fit.predict(trained.model, cut, rows))


def _period(made: Run) -> Period:
    """From the first to the last minute that a candidate window or its label looks at."""
    return made.windows["start"].min(), made.windows["footprint_end"].max()


def _shifts(made: Run, period: Period, n: int, seed: int) -> np.ndarray:
    """
    Different shifts in minutes, evenly spread over what is allowed; of a larger n the first ones are the same.

    They go on by the golden ratio from a random beginning, modulo what is allowed (Weyl's sequence).
    """
    least = significance.SOLAR_ROTATION_DAYS * MINUTES_PER_DAY + splits.footprint_minutes(made.config)
    total = int((period[1] - period[0]) / pd.Timedelta(minutes=1))
    if total < 3 * least:
        raise InputError(
            f"The record of run {made.run_id} is {total / MINUTES_PER_DAY:.0f} days long; shifts of more than 27 days "
            f"and a window need at least {3 * least / MINUTES_PER_DAY:.0f} days."
        )
    begin = np.random.default_rng([seed, 99]).random()
    return (least + (begin + GOLDEN * np.arange(n)) % 1 * (total - 2 * least)).astype(np.int64)
