"""The end of a final block that waits for data: bound before it is opened, so that nobody chooses the day by its p."""

from __future__ import annotations

import pandas as pd

from core import clock
from core.config import ExperimentConfig
from core.errors import InputError
from core.judgement.plans import planned
from core.labelling import splits
from core.loading.record.source import Source

SILENT_DAYS = 7  # a station may be silent in the last days of a stretch, or it could never be opened


def refuse_unbound(config: ExperimentConfig) -> None:
    """
    Refuse a plan for data to come that does not say where they end.

    Raises
    ------
    InputError
        If `[split] final_start` is set and `[data] end` is not, or does not come after it.
    """
    start, end = config.split.final_start, config.data.end
    if not start:
        return
    if not end:
        raise InputError(
            f"The stretch that this plan would be judged by begins on {start} and has no end: it could be opened on a "
            "day on which its p happens to be small. Bind the end: `precursor freeze CONFIG --end DAY`, or [data] end."
        )
    if clock.utc(end) <= clock.utc(start):
        raise InputError(f"[data] end {end} is not after [split] final_start {start}: nothing would be judged.")


def refuse_before(run_id: str, config: ExperimentConfig, source: Source) -> None:
    """
    Refuse to open a final block before all that belongs to it is there.

    Raises
    ------
    InputError
        If earthquakes and Kp are not known up to the end that the config binds and as long after it as a label looks,
        or minutes of a station end more than `SILENT_DAYS` before it. Never where it binds none.
    """
    if not (config.split.final_start and config.data.end):
        return
    end = clock.utc(config.data.end)
    reach = pd.Timedelta(minutes=splits.footprint_minutes(config) - config.windows.length_minutes)
    missing = []
    if (minutes := planned.minutes_until(config, source)) < end - pd.Timedelta(days=SILENT_DAYS):
        missing.append(f"minutes end on {minutes:%Y-%m-%d %H:%M}")
    if (others := planned.labels_until(config, source)) < end + reach:
        missing.append(f"earthquakes and Kp are known up to {others:%Y-%m-%d %H:%M}")
    if missing:
        raise InputError(
            f"The final block of run {run_id} ends on {end:%Y-%m-%d}, and {' and '.join(missing)}: it stays closed "
            f"until all of it is there (up to {end + reach:%Y-%m-%d %H:%M}). Fetch what comes until then, and train "
            "the run again."
        )
