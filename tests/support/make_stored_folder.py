"""
Make the data folder that later versions must open, once for each version, with `tests` on PYTHONPATH.

Run it with the code of the version whose folder is to be kept, from a clean checkout: it writes `stored/VERSION.zip`,
the folder, and `stored/VERSION.json`, what this code read in it. The files that go in are the same each time; times,
and with them the ids of jobs and the digests of forecasts, are not. A stored folder is not made again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from core.runs.environment import describe
from core.studies import jobs
from support import stored_inputs, stored_record
from support.fake_server import Fake
from support.fake_services import Fdsn, Hapi, Kp

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "tests" / "stored"
SCRATCH = Path("/tmp/precursor-stored")
DATA = SCRATCH / "data"
LARGEST_BYTES = 1_000_000
KILL_AFTER_EPOCHS = 4
SERVED = [(str(100 + n), f"2016-10-{n:02d}T10:00:00", 42.0, 13.0 + n / 10, 3.0 + n / 10) for n in range(1, 13)]

# One-hour windows and a network of four filters: its weights are 13 kB.
ARCHIVE = """\
name = "stored-archive"
[data]
stations = ["DUR"]
catalogues = ["both"]
end = "2017-01-13"
[windows]
length_minutes = 60
sampling = "event_aligned"
step_minutes = 120
[labels]
quiet_margin_days = 0.06
[processing]
record_filter = "none"
normalisation = "window_robust"
[split]
validation_fraction = 0.15
test_fraction = 0.45
embargo_days = 0.05
final_fraction = 0.1
[network]
filters = 4
dense = 8
[training]
epochs = 3
"""
HALF = ARCHIVE.replace("stored-archive", "stored-half").replace("epochs = 3", "epochs = 12\nbatch_size = 2")
WORLD = """\
name = "stored-world"
[data]
source = "synthetic"
stations = ["DUR"]
[world]
seed = 4
start = "2016-01-01"
end = "2016-01-09"
events_per_year = 6000.0
[detectability]
law = "paper"
[windows]
length_minutes = 60
sampling = "event_aligned"
[labels]
quiet_margin_days = 0.05
[split]
embargo_days = 0.05
[network]
filters = 4
dense = 8
[training]
epochs = 2
"""
SCANS = {
    "stored-archive": ("--start", "2017-01-10", "--end", "2017-01-13"),
    "stored-world": ("--step-minutes", "60"),
}
CURVE = ("stored-world", "--fractions", "0.5,1", "--repeats", "1")
SWEEP = 'base = "stored-world"\n[vary]\ntraining.learning_rate = [0.01]\n'


def verb(*arguments: object) -> str:
    """What `precursor ARGUMENTS` prints; a verb that fails ends the making."""
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def rows(*arguments: object) -> list[dict[str, Any]]:
    """What `precursor ARGUMENTS --json` prints."""
    return json.loads(verb(*arguments, "--json"))


def fill_archive(inputs: Path) -> None:
    """Minutes with a history, catalogues of every kind, Kp and Dst; from files and from services."""
    for part in ("first", "months", "later"):
        verb("ingest", inputs / part)
    verb("ingest", inputs / "kod.csv", "--mapping", inputs / "kod.toml")
    for name in ("italy-early", "italy"):
        verb("catalogue", inputs / f"{name}.csv", "--name", "italy", "--start", "2016-10-08", "--end", "2017-01-20")
    verb("catalogue", inputs / "second.txt", "--name", "second")
    verb("catalogue", "merge", "italy", "second", "--name", "both")
    verb("catalogue", "convert", "second", "--name", "second-mw")
    verb("activity", inputs / "kp.csv")
    verb("activity", inputs / "dst.txt")
    span = ("--start", "2017-01-13", "--end", "2017-01-14")
    with Fake(Hapi(first="2017-01-13T00:00Z", last="2017-01-13T23:59Z")) as fake:
        verb("fetch", "minute", "DUR", *span, "--base", fake.base)
    with Fake(Kp()) as fake:
        verb("fetch", "activity", *span, "--base", fake.base)
    with Fake(Fdsn(SERVED, limit=5)) as fake:
        place = ("--start", "2016-10-01", "--end", "2016-11-01", "--region", "40", "45", "10", "20")
        verb("fetch", "catalogue", "ingv", *place, "--name", "served", "--base", fake.base)


def write_configs() -> None:
    """The configurations, as the user's own in the data folder, and the table of stations of a checkout."""
    (DATA / "experiments" / "sweeps").mkdir(parents=True)
    for name, text in (("archive", ARCHIVE), ("half", HALF), ("world", WORLD)):
        (DATA / "experiments" / f"stored-{name}.toml").write_text(text)
    (DATA / "experiments" / "sweeps" / "stored-sweep.toml").write_text(SWEEP)
    shutil.copy(ROOT / "data" / "stations.toml", DATA / "stations.toml")


def make_runs() -> tuple[dict[str, str], str]:
    """A plan, runs and everything that is made from them: by configuration the run id, and the id of the plan."""
    frozen = rows("freeze", "stored-archive")[0]["frozen_id"]
    ids = {name: rows("train", name)[0]["run_id"] for name in ("stored-archive", "stored-world")}
    archive = ids["stored-archive"]
    verb("open-final", archive)
    verb("null-gallery", archive, "--n", 3)
    for name, run in ids.items():
        verb("scan", run, *SCANS[name])
        verb("update", run)
    verb("learning-curve", *CURVE)
    verb("sweep", "stored-sweep", "--workers", 1)
    return ids, frozen


def kill_a_training() -> str:
    """Start a training, kill it after some epochs, and give the id of the run that it would have become."""
    command = [sys.executable, "-m", "core", "train", "stored-half"]
    training = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while training.poll() is None:
        for path in (DATA / "runs").glob("stored-half-*.partial/history.csv"):
            if len(path.read_text().splitlines()) > KILL_AFTER_EPOCHS:
                training.kill()
                training.wait()
                return path.parent.name.removesuffix(".partial")
        time.sleep(0.01)
    raise SystemExit("The training ended before it could be killed. Give it more epochs.")


def finish_a_job() -> str:
    """Let a background job run to its end."""
    job = jobs.start(["stations"], "List stations", DATA)
    while not jobs.status(job, DATA).ended:
        time.sleep(0.1)
    return job


def finished_elsewhere(run_id: str) -> dict[str, Any]:
    """What comes out when this code goes on with the killed training, in a copy of the folder."""
    copy = SCRATCH / "copy"
    shutil.copytree(DATA, copy)
    verb("train", "stored-half", "--data", copy)
    return {
        "history": stored_record.history(copy, run_id),
        "predictions": stored_record.predictions(copy, run_id),
        "scores": stored_record.scores(lambda *arguments: rows(*arguments, "--data", copy), run_id),
    }


def record(ids: dict[str, str], plan: str, half: str, job: str) -> dict[str, Any]:
    """What this code reads in the folder."""
    found = stored_record.runs(rows)
    described = describe()
    opened = rows("open-final", ids["stored-archive"])[0]
    curve = rows("learning-curve", *CURVE)
    return {
        "made_with": {"python": described.python, "commit": described.commit, **described.packages},
        "runs": found,
        "scores": {run: stored_record.scores(rows, run) for run in found},
        "predictions": {run: stored_record.predictions(DATA, run) for run in found},
        "verdicts": {run: stored_record.verdict(rows, run) for run in ids.values()},
        "headlines": {run: rows("verdict", run)[0]["headline"] for run in ids.values()},
        "final": {"run": ids["stored-archive"], **{name: opened[name] for name in ("time", "n", "n_positive", "auc")}},
        "plan": plan,
        "scans": {run: SCANS[name] for name, run in ids.items()},
        "learning_curve": {
            "id": curve[0]["curve_id"],
            "command": CURVE,
            "points": [
                {name: point[name] for name in ("fraction", "repeat", "n_windows", "validation_auc")} for point in curve
            ],
        },
        "ledger": stored_record.ledger(rows),
        "job": job,
        "catalogues": stored_record.catalogues(rows),
        "indices": stored_record.indices(rows),
        "revisions": {"DUR": stored_record.revisions(rows, "DUR")},
        "minutes": stored_record.minutes(DATA),
        "parquet": stored_record.parquet(DATA),
        "unfinished": {"run": half, **stored_record.checkpoint(DATA, half), "finished": finished_elsewhere(half)},
    }


def refuse_paths_of_this_machine() -> None:
    """A folder that is kept for all to read must not say where it was made."""
    for path in (path for path in DATA.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            schema = pq.read_schema(path)
            content = pd.read_parquet(path).to_csv().encode() + repr(schema.metadata).encode()
        for place in (SCRATCH, ROOT, Path.home(), Path(sys.prefix)):
            if str(place).encode() in content:
                raise SystemExit(f"{path} names {place}.")


def pack(path: Path) -> None:
    """The whole folder as one zip, the same bytes for the same files; locks are left out, they are no content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(DATA.rglob("*")):
            if file.is_file() and not file.name.endswith(".lock"):
                entry = zipfile.ZipInfo(file.relative_to(DATA).as_posix(), (2016, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                packed.writestr(entry, file.read_bytes(), compresslevel=9)
    if path.stat().st_size > LARGEST_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size:,} bytes, more than {LARGEST_BYTES:,}.")


def main() -> None:
    """Make the folder, read it, pack it."""
    version = metadata.version("geomag-precursor-lab")
    if (STORED / f"{version}.zip").exists():
        raise SystemExit(f"{STORED / version}.zip is there. What a version has stored is not made again.")
    os.environ["PRECURSOR_DATA"] = str(DATA)
    shutil.rmtree(SCRATCH, ignore_errors=True)
    stored_inputs.write(SCRATCH / "inputs")
    write_configs()
    fill_archive(SCRATCH / "inputs")
    ids, plan = make_runs()
    job = finish_a_job()
    half = kill_a_training()
    refuse_paths_of_this_machine()
    if list(DATA.glob("ledger.sqlite-*")):
        raise SystemExit("The ledger has a journal beside it, so some process has not closed it.")
    STORED.mkdir(exist_ok=True)
    pack(STORED / f"{version}.zip")
    text = json.dumps(record(ids, plan, half, job), indent=1, sort_keys=True)
    (STORED / f"{version}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
