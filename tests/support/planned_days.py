"""Eighty days of a station with an earthquake every few days: what plans are frozen for, and runs that scored them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd

from core import config as configs
from core.evaluation.chance import skill
from core.evaluation.chance.skill import Scores
from core.judgement import tries
from core.labelling import dataset
from core.loading.record.minute import epoch_minutes
from core.runs.status import Status
from support.fake_source import FIRST, FakeSource, activity_table, events_table, field, utc

DAY = 1440
VALUES = field(80 * DAY)
ORIGINS = [FIRST + pd.Timedelta(days=d, hours=5) for d in np.arange(3, 80, 4.5)]


class Archive(FakeSource):
    """What is stored after so many days; its digests are the number of days."""

    synthetic = False

    def __init__(self, n_days, codes=("AAA",)):
        end = FIRST + pd.Timedelta(days=n_days)
        values = {code: VALUES[: n_days * DAY] for code in codes}
        known = activity_table(utc("2015-12-01"), 31 + n_days)
        super().__init__(values, events_table([at for at in ORIGINS if at < end]), (utc("1990-01-01"), end), known)
        self.n_days = n_days

    def digests(self, station_codes, catalogues):
        return {f"minute/{code}": str(self.n_days) for code in station_codes}


def config_of(code="AAA", sampling="grid", data=None, **split):
    return configs.from_dict(
        {
            "name": f"plan-{code.lower()}",
            "data": {"stations": [code], **(data or {})},
            "windows": {"length_minutes": 720, "step_minutes": 360, "sampling": sampling},
            "labels": {"horizon_days": 1.0, "quiet_margin_days": 1.0},
            "split": {"embargo_days": 0.5, **split},
        }
    )


def run_of(config, source, run_id="plan-11111111", code="c0de", minutes_later=5):
    """What `registration` looks at in a run of a config on what is stored."""
    ended = (datetime.now(UTC) + timedelta(minutes=minutes_later)).isoformat(timespec="seconds")
    return SimpleNamespace(
        run_id=run_id,
        config=config,
        synthetic=source.synthetic,
        windows=dataset.labelled(config, source)[0],
        digests=source.digests(config.data.stations, [""]),
        environment=SimpleNamespace(code=code, commit=""),
        status=Status(ended, 30.0, source.synthetic, "archive", "", False, ""),
    )


def note_try(folder, run_id, begins, days, code="AAA", split="test", lift=0.0, at=None):
    """A run that scored some days of a station; its target events are those of the catalogue unless told otherwise."""
    start = FIRST + pd.Timedelta(days=begins)
    times = [time for time in ORIGINS if start <= time < start + pd.Timedelta(days=days)] if at is None else at
    first = int(epoch_minutes(pd.DatetimeIndex([start]))[0])
    values = np.random.default_rng(len(run_id)).normal(size=(1, days))
    when = ((epoch_minutes(pd.DatetimeIndex(times, tz="UTC")) - first) // DAY).astype(int)
    values[0, when] += lift
    scores = Scores((code,), first, DAY, values)
    targets = pd.DataFrame({"station": code, "origin_time": times, "cluster": np.arange(len(times))})
    outcome = skill.tested(scores, targets)
    run = SimpleNamespace(run_id=run_id, config=config_of(code), synthetic=False)
    tries.note(folder, run, split, scores, targets, outcome)
    return outcome
