"""What a plan binds before anything is scored: the stretch that will be judged, and the windows known by now."""

from __future__ import annotations

import pandas as pd

from core import clock
from core.config import ExperimentConfig
from core.errors import InputError
from core.judgement.plans import bound_windows, stretch
from core.judgement.plans.bound_windows import BoundWindows
from core.judgement.plans.stretch import Stretch
from core.labelling import controls, dataset, windows
from core.loading.record.source import Source


def planned(config: ExperimentConfig, source: Source) -> tuple[Stretch, BoundWindows]:
    """
    What a plan for a config would be judged by, and its windows with their labels.

    Without `[split] final_start` all windows are bound. With it those whose footprint ends before that day; where the
    data end before it, those that are known, without their split: where the blocks of time begin is not known yet.

    Parameters
    ----------
    config : ExperimentConfig
        With its stations named.
    source : Source

    Raises
    ------
    InputError
        If nothing would be judged, or the windows that are known would change with what is still to come.
    """
    table, events = dataset.labelled(config, source)
    final_start = config.split.final_start
    asked = stretch.judged(table, events, config, source, open_end=bool(final_start))
    if asked is None:
        split = stretch.judged_split(config, table)
        raise InputError(
            f"The {split} block of this config has no window: nothing would be judged. `precursor preview CONFIG` says "
            "why."
        )
    if not final_start:
        return asked, bound_windows.bind(table)
    edge, last_known = clock.utc(final_start), known_until(config, source)
    if last_known < edge and config.windows.sampling == "event_aligned":
        raise InputError(
            f"Data, earthquakes and Kp are known up to {last_known:%Y-%m-%d %H:%M}, before {edge:%Y-%m-%d}, and with "
            '[windows] sampling = "event_aligned" the quiet windows before that day depend on every earthquake before '
            f'it. Let the final block begin on {last_known:%Y-%m-%d}, or take sampling = "grid".'
        )
    return asked, bound_windows.bind(table, min(edge, last_known).isoformat(), with_split=last_known >= edge)


def known_until(config: ExperimentConfig, source: Source) -> pd.Timestamp:
    """Up to when minutes, earthquakes and, where a storm rule asks for it, Kp are stored for all stations."""
    return min(minutes_until(config, source), labels_until(config, source))


def minutes_until(config: ExperimentConfig, source: Source) -> pd.Timestamp:
    """Up to when minutes are stored for all stations."""
    return min(period[1] for code in config.data.stations if (period := source.period(code)) is not None)


def labels_until(config: ExperimentConfig, source: Source) -> pd.Timestamp:
    """Up to when earthquakes and, where a storm rule asks for it, Kp are stored for all stations."""
    ends = [source.events_period(config.data.catalogue_of(code))[1] for code in config.data.stations]
    activity = source.activity()
    if config.labels.storm_rule != "none" and config.labels.storm_kp <= controls.KP_MAXIMUM and len(activity):
        ends.append(activity["time"].max() + pd.Timedelta(minutes=windows.KP_MINUTES))
    return min(ends)
