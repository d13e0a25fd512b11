"""A data folder with a bit of everything and hostile words throughout; no training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from core import config as configs
from core import files
from core.evaluation import scores
from core.forecasting import scan
from core.forecasting.ledger import Forecast, Ledger
from core.loading.archive.archive import Archive
from core.loading.catalogue import events as catalogue
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.runs.runs import RunStore

HOSTILE = (
    "</script><script>window.canary = 1</script><img src=x onerror='window.canary = 1'>![x](http://198.51.100.1/x.png)"
)
T0 = pd.Timestamp("2016-10-20", tz="UTC")
DAYS = 6


def minutes(station: str, data_type: str) -> MinuteRecord:
    n = DAYS * 1440
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1, (n, 4)).cumsum(axis=0) + [24_000, 1_200, 40_300, 47_000]
    values[2000:2200] = np.nan
    first = int(minute.epoch_minutes(pd.DatetimeIndex([T0]))[0])
    return MinuteRecord(station, minute.on_grid(first, values), data_type)


def events(source: str) -> pd.DataFrame:
    n = 8
    frame = pd.DataFrame(
        {
            "event_id": [f"{source}{i}" for i in range(n)],
            "origin_time": T0 + pd.to_timedelta(16 * np.arange(n) + 3, unit="h"),
            "latitude_deg": 41.7 + 0.05 * np.arange(n),
            "longitude_deg": 14.5,
            "depth_km": 9.0,
            "magnitude": np.linspace(3.2, 5.4, n),
            "magnitude_type": "mw",
            "source": source,
        }
    )
    return frame[list(catalogue.COLUMNS)]


def kp(status: str) -> pd.DataFrame:
    n = DAYS * 8
    times = T0 + pd.to_timedelta(3 * np.arange(n), unit="h")
    return pd.DataFrame({"time": times, "kp": np.round(np.linspace(0, 6, n) * 3) / 3, "ap": 5.0, "status": status})


def write_run(data_dir: Path, name: str, synthetic: bool, description: str, leak: bool = False) -> str:
    """A run as the pipeline leaves it, without training."""
    source = "synthetic" if synthetic else "archive"
    config = configs.from_dict(
        {"name": name, "description": description, "data": {"source": source, "stations": ["DUR"]}}
    )
    rng = np.random.default_rng(2)
    n = 60
    start = T0 + pd.to_timedelta(2 * np.arange(n), unit="h")
    predictions = pd.DataFrame(
        {
            "window_id": np.arange(n),
            "station": "DUR",
            "start": start,
            "end": start + pd.Timedelta(hours=1),
            "label": np.arange(n) % 2,
            "event_id": "",
            "lead_days": 0.5,
            "split": np.repeat(["train", "validation", "test"], n // 3),
            "probability": rng.uniform(0, 1, n),
        }
    )
    windows = predictions.drop(columns="probability").assign(rejected="", magnitude=4.5, kp_max=2.0)
    windows = windows.assign(missing_minutes=0, longest_gap_minutes=0, cluster=-1)
    windows.loc[::7, ["rejected", "split"]] = ["storm (Kp >= 4.667)", ""]
    table = scores.table(predictions, 0.5)
    history = pd.DataFrame(
        {f"{part}{name}": [0.7, 0.6] for part in ("", "validation_") for name in ("loss", "accuracy", "auc")}
    )
    with RunStore(data_dir).writing(f"{name}-0123abcd") as folder:
        files.replace_json(folder / "config.json", config.as_dict())
        audit = {"ok": not leak, "method": "random" if leak else "blocked", "sentence": "Leak: 3 windows are shared."}
        files.replace_json(folder / "audit.json", audit)
        files.replace_json(folder / "scaling.json", {})
        files.replace_json(folder / "environment.json", {"python": "3", "digests": {"minute/DUR": "ab" * 32}})
        files.replace_json(folder / "scores.json", scores.records(table))
        windows.to_parquet(folder / "windows.parquet", index=False)
        predictions.to_parquet(folder / "predictions.parquet", index=False)
        history.assign(epoch=[1, 2]).to_csv(folder / "history.csv", index=False)
        status = {"created": "2026-01-02T03:04:05+00:00", "seconds": 5, "synthetic": synthetic, "source": source}
        files.replace_json(folder / "status.json", {**status, "parent": "", "dead": False, "dead_sentence": ""})
    return f"{name}-0123abcd"


def fill(data_dir: Path) -> None:
    """A real archive and a synthetic world, a run on each, a learning curve and forecasts; hostile words throughout."""
    for folder, synthetic in ((data_dir / "archive", False), (data_dir / "worlds" / "w1", True)):
        archive = Archive(folder, synthetic=synthetic)
        archive.store(minutes("DUR", "synthetic" if synthetic else "definitive"))
        kind = "synthetic" if synthetic else HOSTILE
        archive.store_events("events", events(kind), origin=HOSTILE, start=T0, end=T0 + pd.Timedelta(days=DAYS))
        archive.store_activity(kp("synthetic" if synthetic else "definitive"), "test")
        if synthetic:
            (folder / "world.json").write_text(
                json.dumps({"precursors": [], "config": {"precursor_amplitude_nt": 0}, "stations": ["DUR"]})
            )
    Archive(data_dir / "archive").store(minutes("QQQ", "variation"))  # not in the table of stations
    write_run(data_dir, "real", False, HOSTILE, leak=True)
    write_run(data_dir, "madeup", True, "a made-up world")
    start = T0 + pd.to_timedelta(6 * np.arange(20), unit="h")
    series = pd.DataFrame({"start": start, "end": start + pd.Timedelta(hours=1), "probability": 0.6, "rejected": ""})
    series.loc[3, ["probability", "rejected"]] = [np.nan, "gap of 12 minutes"]
    scan.save(series, data_dir, "real-0123abcd", "DUR")
    curve = data_dir / "learning_curves" / "curve-1"
    curve.mkdir(parents=True)
    files.replace_json(curve / "config.json", configs.from_dict({"name": "curve", "description": HOSTILE}).as_dict())
    files.replace_json(curve / "status.json", {"created": "2026-01-02T03:04:05+00:00", "synthetic": True, "leak": True})
    points = {f"{split}_{m}": [0.5, 0.6] for split in ("train", "validation") for m in ("accuracy", "loss")}
    points |= {"fraction": [0.5, 1.0], "n_windows": [50, 100], "repeat": 0, "seed": 0, "majority_share": 0.5}
    pd.DataFrame({**points, "validation_auc": 0.5}).to_csv(curve / "points.csv", index=False)
    day = pd.Timedelta(days=1)
    Ledger(data_dir / "ledger.sqlite").append(
        [Forecast("DUR", T0, T0 + 7 * day, 0.7, 0.5, "madeup-0123abcd", T0, True)], issued_at=T0 - day
    )
