"""WindowSet: a table of windows over one series per station, and the batches cut from it on demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core import jupyter
from core.caveats import Caveat, CaveatKind, as_text
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling.audit import Audit
from core.loading.record.minute import COMPONENTS, epoch_minutes
from core.processing import filters, gaps, normalisation
from core.processing.series import Series
from core.processing.station_scale import StationScale
from core.vocabulary import SPLITS

LEARN_SAMPLES = 1_000_000  # per station and component: more than enough for two medians
SMALL_BATCH = 64  # windows that are filtered at a time, to bound the float64 copies


@dataclass
class WindowSet:
    """
    Labelled windows, ready to be fed to a network.

    Guarantees: `table` has the columns `windows.COLUMNS`, one row per candidate;
    `rejected` is "" or a reason; `batch(rows)` is float32, shape (n_windows, 3,
    n_minutes), without NaN, and each window's numbers depend on nothing but the
    window, the past of its record and `scaling`. Windows are slices of `series`,
    never stored copies. `scaling` is by station.
    """

    table: pd.DataFrame
    config: ExperimentConfig
    series: dict[str, Series]
    events: pd.DataFrame
    scaling: dict[str, StationScale] = field(default_factory=dict)
    audited: Audit | None = None

    def __post_init__(self) -> None:
        self.stations = list(self.series)
        self.n_minutes = self.config.windows.length_minutes
        start = epoch_minutes(pd.DatetimeIndex(self.table["start"]))
        code = self.table["station"].to_numpy(dtype=object)
        self._station = np.array([self.stations.index(c) for c in code], dtype=np.int64)
        first = np.array([s.first_minute for s in self.series.values()], dtype=np.int64)
        self._offset = start - first[self._station]
        self._has_gap = (self.table["missing_minutes"] > 0).to_numpy()
        self._label = self.table["label"].to_numpy().astype(np.int64)
        self._kept = (self.table["rejected"] == "").to_numpy()
        self._split = self.table["split"].to_numpy(dtype=object)
        self.learned_rows: dict[str, np.ndarray] = {}  # by station: the windows that `scaling` was learned from

    def __repr__(self) -> str:
        kept = self.table["split"][self._kept].value_counts()
        parts = ", ".join(f"{kept[name]:,} {name}" for name in SPLITS if name in kept)
        stations, rejected = ", ".join(self.stations), f"{(~self._kept).sum():,} rejected"
        words = ", ".join(filter(None, ["synthetic" if self.synthetic else "", parts, rejected]))
        return f"<WindowSet of {stations}: {words}; {self.n_minutes:,} min each>"

    def _repr_html_(self) -> str:
        kept = self.table[self._kept].groupby(["station", "split", "label"], sort=False).size().reset_index(name="n")
        reasons = self.table[~self._kept].groupby(["station", "rejected"]).size().reset_index(name="n")
        tables = [jupyter.of_frame(kept), jupyter.of_frame(reasons.sort_values("n", ascending=False))]
        sentences = [self.audited.sentence, *as_text(self.audited.warnings)] if self.audited is not None else []
        facts = [("Length", f"{self.n_minutes:,} minutes")]
        return jupyter.card(f"Windows of {', '.join(self.stations)}", facts, tables, sentences, self.synthetic)

    @property
    def synthetic(self) -> bool:
        """True if the windows are of made-up data."""
        return self.config.data.source == "synthetic"

    @property
    def audit(self) -> Audit:
        """What the leak audit found; a set without splits, such as that of a scan, has none, and asking is a defect."""
        if self.audited is None:
            raise ValueError("these windows have no splits, so there is no audit of them")
        return self.audited

    def rows(self, split: str) -> np.ndarray:
        """Positions of the kept windows of a split, in the order of the table."""
        return np.flatnonzero(self._kept & (self._split == split))

    def labels(self, rows: np.ndarray | Iterable[int]) -> np.ndarray:
        """Labels (1, 0, or -1 = unknown) of the windows at these positions, shape (n_windows,)."""
        return self._label[np.asarray(rows, dtype=np.int64)]

    def batch(self, rows: np.ndarray | Iterable[int]) -> np.ndarray:
        """
        The windows at these positions of the table, as the network sees them.

        Gaps are filled, the window filter is applied and the numbers are normalised.
        The same window has the same bits in every batch.

        Parameters
        ----------
        rows : array of int, shape (n_windows,)

        Returns
        -------
        ndarray of float32, shape (n_windows, 3, n_minutes)
            Components X, Y, Z; no NaN.

        Raises
        ------
        ValueError
            If a window sticks out of the record, or a component has no value in it.
        """
        rows = np.asarray(rows, dtype=np.int64)
        config = self.config.processing
        if config.normalisation == "record_robust" and config.window_filter == "none":
            return self._scaled(self._filled(rows), rows)
        out = np.empty((len(rows), len(COMPONENTS), self.n_minutes), dtype=np.float32)
        for first in range(0, len(rows), SMALL_BATCH):
            part = rows[first : first + SMALL_BATCH]
            out[first : first + len(part)] = self._normalised(self._window_filtered(part), part)
        return out

    def offsets(self, rows: np.ndarray) -> np.ndarray:
        """Where the windows at these positions of the table begin in the series of their station."""
        return np.asarray(self._offset[rows])

    def stream(self, code: str) -> np.ndarray | None:
        """
        The whole series of a station as its windows see it, float32 (3, n_minutes), without NaN; None if they do not
        see one stream.

        They do if the numbers of a window depend on nothing outside the record: a fixed scale, no filter within the
        window. Gaps are filled with straight lines here. A window sees the same numbers, except where a gap reaches
        over one of its ends, and except under another gap rule, where it sees them only if it has no gap.
        """
        config = self.config.processing
        values = self.series[code].values
        if config.normalisation != "record_robust" or config.window_filter != "none":
            return None
        if np.isnan(values).all(axis=1).any():
            return None
        filled = np.empty_like(values)
        for c in range(len(values)):  # one by one, to bound the float64 copies
            filled[c] = gaps.fill(values[np.newaxis, c : c + 1].astype(np.float64), "linear")[0, 0]
        row = np.flatnonzero(self._station == self.stations.index(code))[:1]
        return np.asarray(self._scaled(filled[np.newaxis], row)[0])

    def samples(self, rows: np.ndarray, places: np.ndarray) -> np.ndarray:
        """
        Single minutes of windows as they stand in the series: neither filled nor scaled, NaN = missing.

        Parameters
        ----------
        rows : array of int, shape (n_windows,)
            Positions of the table; the windows must not stick out of the record.
        places : array of int, shape (n_places,)
            Minutes from the start of each window.

        Returns
        -------
        ndarray of float32, shape (n_windows, 3, n_places)
        """
        out = np.empty((len(rows), len(COMPONENTS), len(places)), dtype=np.float32)
        for i in np.unique(self._station[rows]):
            here = self._station[rows] == i
            minute = self._offset[rows[here], None] + places
            out[here] = self.series[self.stations[i]].values[:, minute].transpose(1, 0, 2)
        return out

    def learn_scaling(self) -> list[Caveat]:
        """
        Learn `scaling` from training windows only; return what a reader should know.

        Per station: the offset of its series and, for `record_robust`, median and scale per component,
        each over minutes of training windows (evenly taken where there are many). A station without a
        training window takes the mean of the others.
        """
        self.scaling = {code: StationScale(tuple(s.offset_nt.tolist())) for code, s in self.series.items()}
        if self.config.processing.normalisation != "record_robust":
            return []
        train, without = self.rows("train"), []
        for i, code in enumerate(self.stations):
            rows = train[self._station[train] == i]
            if len(rows) == 0:
                without.append(code)
                continue
            most = max(16, LEARN_SAMPLES // self.n_minutes)
            rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))]
            self.learned_rows[code] = rows
            median, scale = normalisation.learn(self._window_filtered(rows))
            self.scaling[code] = replace(
                self.scaling[code],
                median_nt=tuple(median.tolist()),
                scale_nt=tuple(scale.tolist()),
                n_windows=len(rows),
            )
        return [self._borrow_scale(code) for code in without]

    def _borrow_scale(self, code: str) -> Caveat:
        config = self.config.processing
        if filters.keeps_level(config.record_filter) and config.window_filter in ("none", "lowpass"):
            raise InputError(
                f"{code} has no training window, and without a high-pass its level cannot be taken from another "
                'station. Set record_filter = "highpass", or leave this station out.'
            )
        others = [scale for scale in self.scaling.values() if scale.n_windows]
        self.scaling[code] = replace(
            self.scaling[code],
            median_nt=tuple(np.mean([scale.median_nt for scale in others], axis=0).tolist()),
            scale_nt=tuple(np.mean([scale.scale_nt for scale in others], axis=0).tolist()),
        )
        sentence = f"{code} has no training window: it is scaled with the mean of the other stations."
        return Caveat(CaveatKind.SCALE_BORROWED, sentence)

    def _gather(self, rows: np.ndarray) -> np.ndarray:
        """Copies of the slices, shape (n_windows, 3, n_minutes), float32, NaN = missing."""
        out = np.empty((len(rows), len(COMPONENTS), self.n_minutes), dtype=np.float32)
        station = self._station[rows]
        for i in np.unique(station):
            here = np.flatnonzero(station == i)
            values = self.series[self.stations[i]].values
            offset = self._offset[rows[here]]
            if offset.min() < 0 or offset.max() + self.n_minutes > values.shape[1]:
                raise ValueError("a window that sticks out of the record has no numbers")
            slices = np.lib.stride_tricks.sliding_window_view(values, self.n_minutes, axis=1)
            for c in range(len(COMPONENTS)):
                out[here, c] = slices[c, offset]
        return out

    def _filled(self, rows: np.ndarray) -> np.ndarray:
        """Float32 windows without NaN, in nT less the offset."""
        values = self._gather(rows)
        gap = np.flatnonzero(self._has_gap[rows])
        for first in range(0, len(gap), SMALL_BATCH):
            part = gap[first : first + SMALL_BATCH]
            values[part] = gaps.fill(values[part].astype(np.float64), self.config.processing.gap_rule)
        return values

    def _window_filtered(self, rows: np.ndarray) -> np.ndarray:
        """Float64 windows in nT, filled and filtered within the window."""
        values = self._filled(rows).astype(np.float64)
        values += np.array([s.offset_nt for s in self.series.values()])[self._station[rows], :, None]
        return filters.zero_phase(values, self.config.processing)

    def _normalised(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Numbers of order one from float64 windows in nT."""
        kind = self.config.processing.normalisation
        if kind == "window_robust":
            return normalisation.window_robust(values)
        if kind == "paper":
            return normalisation.paper(values)
        station = self._station[rows]
        level, scale = self._learned()
        return np.asarray((values - level[station, :, None]) / scale[station, :, None])

    def _scaled(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """`record_robust` on float32 windows in place: the usual, fast way."""
        offset = np.array([s.offset_nt for s in self.series.values()])
        level, scale = self._learned()
        station = self._station[rows]
        values -= (level - offset).astype(np.float32)[station, :, None]
        values /= scale.astype(np.float32)[station, :, None]
        return values

    def _learned(self) -> tuple[np.ndarray, np.ndarray]:
        """Median and scale of every station, nT, shape (n_stations, 3) each."""
        missing = [code for code in self.stations if not self.scaling.get(code, StationScale()).learned]
        if missing:
            raise InputError(
                f"The scale of {', '.join(missing)} was not learned: no window of it was in training. "
                "Choose a station of the run, or train one with this station."
            )
        scales = [self.scaling[code] for code in self.stations]
        return np.array([scale.median_nt for scale in scales]), np.array([scale.scale_nt for scale in scales])
