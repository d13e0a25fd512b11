"""A stretch: the piece of time, the stations and the earthquakes that a run is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core import clock
from core.config import ExperimentConfig
from core.labelling import splits, windows
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Source
from core.runs import sources
from core.runs.runs import Run
from core.vocabulary import SPLITS

SAME_EVENT_MINUTES = 1  # origin times of two catalogues that are so near are those of one earthquake


@dataclass(frozen=True)
class Stretch:
    """
    What was scored, or is to be.

    synthetic, data: of which data, see `sources.data_key`. split: the one that its windows have. start, end: ISO times,
    UTC, half-open; an end of "" is still to come. events: minutes since 1970 of its target events, sorted; None where
    they are not known any more.
    """

    synthetic: bool
    data: str
    split: str
    stations: tuple[str, ...]
    start: str
    end: str
    events: tuple[int, ...] | None

    def __post_init__(self) -> None:
        _ = self.opens, self.closes  # a ValueError here, not where two are compared

    @cached_property
    def opens(self) -> pd.Timestamp:
        """Its start."""
        return clock.utc(self.start)

    @cached_property
    def closes(self) -> pd.Timestamp | None:
        """Its end; None where that is still to come."""
        return clock.utc(self.end) if self.end else None

    def shares(self, other: Stretch) -> bool:
        """
        True if the two have a moment in common, at a station in common or with a target event in common.

        Made-up data only share with the same world. Events that are not known count as shared.
        """
        if self.synthetic != other.synthetic or (self.synthetic and self.data != other.data):
            return False
        if _ended(self, other) or _ended(other, self):
            return False
        return bool(set(self.stations) & set(other.stations)) or _share_an_event(self.events, other.events)


def judged(
    table: pd.DataFrame, events: pd.DataFrame, config: ExperimentConfig, source: Source, open_end: bool = False
) -> Stretch | None:
    """
    The stretch by which a run of a config would be judged: the final block, else the test block, else validation.

    Parameters
    ----------
    table, events : DataFrame
        From `dataset.labelled`.
    config : ExperimentConfig
    source : Source
    open_end : bool
        The final block begins with `[split] final_start` and goes on with what is still to come, up to `[data] end`.

    Returns
    -------
    Stretch or None
        None if no window has that split.
    """
    split = judged_split(config, table)
    rows = table[table["split"] == split]
    codes = tuple(dict.fromkeys(rows["station"].astype(str)))
    if open_end:
        start, end = clock.utc(config.split.final_start), clock.utc(config.data.end) if config.data.end else None
        codes = (config.split.test_station,) if config.split.test_station else config.data.stations
    elif len(rows):
        start, end = rows["start"].min(), rows["footprint_end"].max()
    else:
        return None
    origin = events.loc[events["target"] & events["station"].isin(codes), "origin_time"]
    inside = (origin >= start) & ((origin < end) if end is not None else True)
    return Stretch(
        synthetic=source.synthetic,
        data=sources.data_key(config),
        split=split,
        stations=codes,
        start=start.isoformat(),
        end="" if end is None else end.isoformat(),
        events=_minutes(origin[inside]),
    )


def of_run(run: Run, *names: str) -> Stretch | None:
    """
    The stretch of a run's windows of some splits: by default of those that it is judged by.

    Its target events are those of the positive windows. None if no window has such a split.
    """
    names = names or (judged_split(run.config, run.windows),)
    rows = run.windows[(run.windows["rejected"] == "") & run.windows["split"].isin(names)]
    if not len(rows):
        return None
    positive = rows[(rows["label"] == windows.POSITIVE) & rows["lead_days"].notna()]
    return Stretch(
        synthetic=run.synthetic,
        data=sources.data_key(run.config),
        split=" ".join(names),
        stations=tuple(dict.fromkeys(rows["station"].astype(str))),
        start=rows["start"].min().isoformat(),
        end=rows["footprint_end"].max().isoformat(),
        events=_minutes(positive["end"] + pd.to_timedelta(positive["lead_days"], unit="D")),
    )


def judged_split(config: ExperimentConfig, table: pd.DataFrame) -> str:
    """The split by which a plan is judged: the final block where one is set aside, else test, else validation."""
    if config.split.has_final:
        return splits.FINAL
    return "test" if (table["split"] == "test").any() else SPLITS[1]


def _minutes(times: pd.Series) -> tuple[int, ...]:
    return tuple(np.unique(epoch_minutes(pd.DatetimeIndex(times))).tolist())


def _ended(stretch: Stretch, other: Stretch) -> bool:
    """True if one stretch ends before the other begins."""
    return stretch.closes is not None and stretch.closes <= other.opens


def _share_an_event(events: tuple[int, ...] | None, others: tuple[int, ...] | None) -> bool:
    if events is None or others is None:
        return True
    if not events or not others:
        return False
    minutes, theirs = np.array(events), np.array(others)
    after = np.searchsorted(theirs, minutes)
    nearest = [abs(theirs[np.clip(at, 0, len(theirs) - 1)] - minutes) for at in (after - 1, after)]
    return bool((np.minimum(*nearest) <= SAME_EVENT_MINUTES).any())
