"""
The run store: one folder per run under `data/runs/`, complete or absent.

A run is written in `<run_id>.partial/`, synced, and renamed when everything is
there. It is never changed afterwards. A partial folder is what a killed or
cancelled run left: the same command goes on from its last checkpoint. A file
`<run_id>.study.json` beside a run says which study asked for it; without one it
is the user's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from core import config_file, documents, files, jupyter
from core.caveats import Caveat, as_text
from core.config import ExperimentConfig
from core.errors import InputError
from core.labelling.audit import Audit
from core.processing.station_scale import StationScale
from core.runs import kept, run_documents, status
from core.runs.environment import RunEnvironment
from core.runs.run_documents import Asker, scored_split
from core.runs.status import Status
from core.training import checkpoint
from core.vocabulary import POOLED

T = TypeVar("T")
PREDICTION_COLUMNS = (
    "window_id",
    "station",
    "start",
    "end",
    "label",
    "event_id",
    "lead_days",
    "split",
    "probability",
)

SUMMARY_COLUMNS = [
    "run_id",
    "name",
    "description",
    "created",
    "source",
    "synthetic",
    "stations",
    "split_method",
    "window_minutes",
    "n_windows",
    "scored_split",
    "auc",
    "auc_low",
    "auc_high",
    "accuracy",
    "majority_share",
    "dead",
    "leak",
    "seconds",
    "study",
]
MARK = ".study.json"
MOST_LISTED = 8  # run ids in an error
ALIKE = 0.75  # of the characters of a mistyped id, in order


@dataclass(frozen=True)
class Run:
    """
    A finished run; every property reads one file of its folder, once.

    A file that is missing or damaged is an InputError that names it.
    """

    run_id: str
    folder: Path

    def __repr__(self) -> str:
        try:
            return f"<Run {self.run_id}: {self._in_short}>"
        except InputError:
            return f"<Run {self.run_id}: its folder is damaged>"

    def _repr_html_(self) -> str:
        try:
            scores = self.scores[["split", "station", "n", "n_positive", "auc", "auc_low", "auc_high"]]
            facts = [("", self.config.description), ("Stations", ", ".join(self.config.data.stations))]
            sentences = ["Chance is an AUC of 0.5.", *as_text(self.caveats)]
            name = f"Run {self.run_id}"
            return jupyter.card(name, facts, [jupyter.of_frame(scores)], sentences, self.synthetic)
        except InputError as error:
            return jupyter.card(f"Run {self.run_id}", sentences=[str(error)])

    @property
    def _in_short(self) -> str:
        """Its stations, whether they are made up, and its score beside chance."""
        stations, auc = " ".join(self.config.data.stations), self.pooled["auc"]
        score = "no AUC" if pd.isna(auc) else f"AUC {auc:.2f} (chance 0.5) of {self.pooled['split']} windows"
        return f"{stations}{', synthetic' if self.synthetic else ''}; {score}"

    @cached_property
    def config(self) -> ExperimentConfig:
        """The configuration that was run."""
        return self._read("config.json", config_file.load)

    @cached_property
    def status(self) -> Status:
        """When and from what it was made, and whether its network lives."""
        return self._read("status.json", lambda path: Status.from_dict(documents.read_json(path), self.run_id))

    @cached_property
    def environment(self) -> RunEnvironment:
        """Versions, commit, threads, processor, and the inputs."""
        return self._read("environment.json", run_documents.environment)

    @property
    def threads(self) -> dict[str, str]:
        """The environment variables about threads that were set, and their numbers."""
        return self.environment.threads

    @cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of every input."""
        return self.environment.digests

    @cached_property
    def audit(self) -> Audit:
        """What the leak audit found."""
        return self._read("audit.json", lambda path: Audit.from_dict(documents.read_json(path)))

    @cached_property
    def scaling(self) -> dict[str, StationScale]:
        """The scaling learned from training rows, by station."""
        return self._read("scaling.json", run_documents.scaling)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Every candidate window with its fate."""
        return self._read("windows.parquet", files.read_table)

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """The probability of label 1 for every window of train, validation and test."""
        return self._read("predictions.parquet", lambda path: files.read_table(path, columns=list(PREDICTION_COLUMNS)))

    @cached_property
    def history(self) -> pd.DataFrame:
        """One row per epoch."""
        return self._read("history.csv", pd.read_csv)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per split and station, chance beside each score."""
        return self._read("scores.json", run_documents.scores)

    @cached_property
    def pooled(self) -> pd.Series:
        """The row of `scores` of all stations together, of the split that the run is judged by."""
        rows = self.scores[(self.scores["split"] == scored_split(self.scores)) & (self.scores["station"] == POOLED)]
        return rows.iloc[0]

    @property
    def parent(self) -> Run | None:
        """The run whose weights this one began with, of the same store; None without one, InputError if it is gone."""
        parent = self.status.parent
        return RunStore(self.folder.parents[1]).open(parent) if parent else None

    @property
    def weights(self) -> Path:
        """The file of the trained weights."""
        return self.folder / "weights.npz"

    @property
    def synthetic(self) -> bool:
        """True if the run was made from synthetic data."""
        return self.status.synthetic

    @cached_property
    def caveats(self) -> tuple[Caveat, ...]:
        """What every page showing this run must show."""
        return status.caveats(self.status, self.audit)

    def _read(self, name: str, reader: Callable[[Path], T]) -> T:
        remedy = f"Restore the folder {self.folder} from a copy, or delete it and train again."
        return kept.read(self.folder / name, reader, f"Run {self.run_id}", remedy)


class RunStore:
    """All runs of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "runs"

    def ids(self, without: Container[str] = ()) -> list[str]:
        """Run ids, newest first; those of `without` are left out before their folders are looked at."""
        if not self.folder.is_dir():
            return []
        with os.scandir(self.folder) as entries:
            asked = [self.folder / each.name for each in entries if each.name not in without and each.is_dir()]
        done = [path for path in asked if _is_complete(path)]
        return [p.name for p in sorted(done, key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)]

    def unfinished(self) -> list[str]:
        """Ids of runs that were cancelled or killed, or are being made now."""
        return sorted(path.stem for path in self.folder.glob("*.partial") if path.stem not in self.ids())

    def has(self, run_id: str) -> bool:
        """True if this run is complete; of the others only the names are looked at."""
        there = self.folder.is_dir() and run_id in os.listdir(self.folder)
        return there and _is_complete(self.folder / run_id)

    def open(self, run_id: str) -> Run:
        """
        A run by its id, or by an unambiguous beginning of it.

        Raises
        ------
        InputError
            If no run, or more than one, fits.
        """
        if self.has(run_id):
            return Run(run_id, files.child(self.folder, run_id, self.folder))
        ids = self.ids()
        fitting = [name for name in ids if run_id and name.startswith(run_id)]
        if len(fitting) != 1:
            raise InputError(_which(run_id, fitting, ids))
        return Run(fitting[0], files.child(self.folder, fitting[0], self.folder))

    def list(self) -> pd.DataFrame:
        """
        One row per run, newest first: what it was and what came out, chance beside it; study is "" for the user's own.

        A run with a damaged folder is left out; `attrs["notes"]` holds a sentence for each of those.
        """
        rows, notes, studies = [], [], self.studies()
        for run_id in self.ids():
            try:
                run = Run(run_id, files.child(self.folder, run_id, self.folder))
                rows.append({**_summary(run), "study": studies.get(run_id, "")})
            except InputError as error:
                notes.append(str(error))
        table = pd.DataFrame(rows, columns=SUMMARY_COLUMNS)
        table.attrs["notes"] = tuple(notes)
        return table

    def note_asker(self, run_id: str, study: str, first: bool) -> None:
        """
        Write down who asks for a run: the user (study ""), or a study that makes many runs, such as "sweep".

        A study is noted only if the run has not been begun before (`first`). What the user asks for, whenever that
        is, is his own.
        """
        mark = files.child(self.folder, run_id, "The id of a run").with_name(f"{run_id}{MARK}")
        files.refuse_way_out(mark, self.folder.parent)
        if not study:
            mark.unlink(missing_ok=True)
        elif first:
            files.replace_json(mark, Asker(study).to_dict())

    def studies(self) -> dict[str, str]:
        """By run id, the study that asked for the run; the user's own runs are not in it."""
        found = {}
        for path in sorted(self.folder.glob(f"*{MARK}")):
            with contextlib.suppress(ValueError):  # a damaged mark, or a newer one, hides no run
                found[path.name.removesuffix(MARK)] = run_documents.asker(path).study
        return found

    @contextmanager
    def writing(self, run_id: str) -> Iterator[Path | None]:
        """
        The folder in which to write a run, or None if the run is there; it becomes the run when the block has ended.

        `status.json` is written last and makes the run complete. A folder left by a killed or cancelled attempt is
        handed out again as it is.

        Raises
        ------
        InputError
            If another process is making this run, something that is no run has its name, or a link leads out.
        """
        final = files.child(self.folder, run_id, "The id of a run")
        partial, lock = self.folder / f"{run_id}.partial", self.folder / f".{run_id}.lock"
        for path in (partial, lock):
            files.refuse_way_out(path, self.folder.parent)
        busy = f"Run {run_id} is being made by another process. Wait for it to end."
        with files.claimed(lock, busy):
            if self.has(run_id):
                yield None
                return
            if final.exists():
                raise InputError(f"{final} is not a complete run: it has no status.json. Delete or move it.")
            if (partial / "status.json").exists():  # killed between the last file and the new name
                _publish(partial, final)
                yield None
                return
            partial.mkdir(exist_ok=True)
            yield partial
            _publish(partial, final)


def run_id(config: ExperimentConfig, digests: dict[str, str], parent: str = "") -> str:
    """The config's name and a hash of config, inputs and parent: the same config on the same data is the same run."""
    content = json.dumps([config.id, sorted(digests.items()), parent])
    return f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def with_clusters(predictions: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """The predictions with the event cluster of each window, which says what depends on what."""
    return predictions.assign(
        cluster=windows.set_index("window_id")["cluster"].loc[predictions["window_id"]].to_numpy()
    )


def _is_complete(path: Path) -> bool:
    """True if something in the store is the folder of a finished run."""
    return path.suffix != ".partial" and path.is_dir() and (path / "status.json").exists()


def _which(asked: str, fitting: list[str], ids: list[str]) -> str:
    """What to say where not exactly one run fits: those that do, or those whose id begins much alike."""
    if fitting:
        return f"{len(fitting)} runs with an id beginning {asked!r}: {_listed(fitting)}. Give more of it."
    problem = f"No run with an id beginning {asked!r}."
    alike = [name for name in ids if SequenceMatcher(None, asked, name[: len(asked)]).ratio() >= ALIKE]
    if asked and alike:
        return f"{problem} Did you mean: {_listed(alike)}?"
    return f"{problem} Runs: {_listed(ids) or 'none yet; `precursor train CONFIG` makes one'}."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def _publish(partial: Path, final: Path) -> None:
    """Give a complete folder its name, once all of it is on disk."""
    (partial / checkpoint.NAME).unlink(missing_ok=True)
    for path in partial.iterdir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    files.sync_folder(partial)
    os.rename(partial, final)
    files.sync_folder(final.parent)


def _summary(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "name": run.config.name,
        "description": run.config.description,
        "created": pd.Timestamp(run.status.created),
        "source": run.status.source,
        "synthetic": run.synthetic,
        "stations": " ".join(run.config.data.stations),
        "split_method": run.config.split.method,
        "window_minutes": run.config.windows.length_minutes,
        "n_windows": len(run.predictions),
        "scored_split": scored_split(run.scores),
        **{key: run.pooled[key] for key in ("auc", "auc_low", "auc_high", "accuracy", "majority_share")},
        "dead": run.status.dead,
        "leak": not run.audit.ok,
        "seconds": run.status.seconds,
    }
