"""
Search: let the trials so far say what to try next (TPE, by Optuna), and judge the winner once.

The search is nested. A trial trains on the training windows and is worth the AUC of the validation windows; the windows
of the test block are taken away from it. Only the winner becomes a run, with a test score that no choice has seen.
`data/searches/<search_id>/` holds study.db (SQLite, Optuna's own format) and search.json; the same command goes on.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd

from core import config as configs
from core import documents, files
from core.config import ExperimentConfig
from core.errors import InputError
from core.judgement import assessment
from core.labelling import dataset
from core.labelling.dataset import WindowSet
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs import pipeline, sources
from core.runs.pipeline import settled
from core.runs.runs import Run, RunStore
from core.studies import search_document, vary
from core.studies.cluster import need
from core.studies.optuna_study import FrozenTrial, Study, Trial
from core.studies.search_document import SearchDocument
from core.studies.vary import Plan, Range, Settings, Value
from core.studies.workers import Epoch, Outcome, Place, Report, Result, Task
from core.training import fit

STAGE = "Trials on the validation windows"
WARM_UP_TRIALS = 5  # before these are done, none is pruned
Perform = Callable[[Place, int, ExperimentConfig, Report], Outcome]
DATABASE = b"SQLite format 3\0"  # how each begins


@dataclass(frozen=True)
class Search:
    """
    A search that has come to its end.

    `trials` has one row per trial: trial, a column "section.option" for each option that is varied, state (complete,
    pruned, fail), validation_auc, epochs and error. `winner` is the run of the best one.
    """

    search_id: str
    folder: Path
    trials: pd.DataFrame
    winner: Run

    @property
    def sentences(self) -> list[str]:
        """What must stand beside the table."""
        ended = self.trials[self.trials["state"] == "complete"]
        best = ended["validation_auc"].max()
        first, *tied = ended.loc[ended["validation_auc"] == best, "trial"]
        also = f" {len(tied) + 1} trials share it to the last digit; the first of them, trial {first}, was taken."
        return [
            f"The best of {len(self.trials)} trials is trial {first}, with a validation AUC of {best:.2f}. It was "
            f"chosen for that, so this number is too good; chance is 0.5.{also if tied else ''}",
            f"What counts is run {self.winner.run_id}: no trial has seen its test windows; they were looked at once.",
        ]


class NoTest:
    """A window set without its test windows: whoever asks for them is refused."""

    def __init__(self, windows: WindowSet) -> None:
        self._windows = windows
        self._allowed = np.concatenate([windows.rows("train"), windows.rows("validation")])

    @property
    def n_minutes(self) -> int:
        """Window length."""
        return self._windows.n_minutes

    def rows(self, split: str) -> np.ndarray:
        """Positions of the training or validation windows."""
        if split not in ("train", "validation"):
            raise ValueError(f"a trial of a search asked for the {split} windows")
        return self._windows.rows(split)

    def labels(self, rows: np.ndarray) -> np.ndarray:
        """Labels 0 and 1."""
        return self._windows.labels(self._checked(rows))

    def batch(self, rows: np.ndarray) -> np.ndarray:
        """The windows themselves."""
        return self._windows.batch(self._checked(rows))

    def _checked(self, rows: np.ndarray) -> np.ndarray:
        if not np.isin(rows, self._allowed).all():
            raise ValueError("a trial of a search asked for windows that are not its own")
        return rows


def run(plan: Plan, data_dir: Path, progress: Progress | None = None, n_workers: int = 1) -> Search:
    """
    Make the trials that are still missing, then train the best as a run.

    With one worker the same plan gives the same trials, also after a stop; with several, what a trial learns from
    depends on which others are done.

    Raises
    ------
    InputError
        If Optuna is not installed, there is no validation block, or not a single trial can be trained.
    Cancelled
        If `progress.should_stop()` became true; the same call goes on.
    """

    def perform(place: Place, number: int, config: ExperimentConfig, report: Report) -> Outcome:
        scratch = folder / "trials" / f"{config.id[:12]}-{number}"  # a trial that was stopped finds its checkpoint
        task = Task("core.studies.search:trial", [config.as_dict(), str(data_dir), str(scratch)])
        return place.do(config.id, task, report)

    optuna = need("optuna", "search")
    need("sqlalchemy", "search")
    progress, data_dir = progress or Progress(), data_dir.resolve()
    source = sources.open_source(plan.base, data_dir, progress)
    base = settled(plan.base, source)
    digests = sorted(sources.digests(base, source).items())
    # More trials are more of the same search.
    asked = {"vary": plan.varied(), "search": {**dataclasses.asdict(plan.search), "n": 0}}
    content = json.dumps([base.id, asked, digests], sort_keys=True)
    search_id = f"{base.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    folder = data_dir / "searches" / search_id
    busy = f"Search {search_id} is being made by another process. Wait for it to end."
    with files.claimed(folder.parent / f".{search_id}.lock", busy):
        files.make_folder(folder)
        database = folder / "study.db"
        files.refuse_way_out(database)
        refuse_damaged(database)
        search_document.refuse_newer(folder / "search.json")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study: Study = optuna.create_study(
            storage=f"sqlite:///{database}",
            study_name=search_id,
            direction="maximize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP_TRIALS)
            if plan.search.prune
            else optuna.pruners.NopPruner(),
            load_if_exists=True,
        )
        _trials(optuna, study, plan, base, progress, perform, n_workers)
        if not _best(study):
            raise InputError(f"No trial could be trained. The first said: {_ended(study)[0].user_attrs['error']}")
        best = vary.config(base, _settings(_winner(study)))
        table = _table(study, list(plan.vary))
        search_document.write(folder / "search.json", SearchDocument(plan.as_dict(), best.as_dict()))
        shutil.rmtree(folder / "trials", ignore_errors=True)
        winner = pipeline.run(best, source, RunStore(data_dir), progress)
        assessment.note_try(winner, source, data_dir, progress)
    return Search(search_id, folder, table, winner)


def trial(table: dict[str, object], data_dir: str, folder: str, report: Report) -> Result:
    """
    One trial, within a worker: train, and say what the validation windows say.

    Returns
    -------
    Result
        validation_auc after the last epoch (with early stopping: after the best), and epochs; pruned if it was stopped.
    """
    config = configs.from_dict(table)
    return judged(config, sources.open_source(config, Path(data_dir)), Path(folder), report)


def judged(config: ExperimentConfig, source: Source, folder: Path, report: Report) -> Result:
    """As `trial`, with the source at hand."""
    windows = NoTest(dataset.build(config, source))
    if not len(windows.rows("validation")):
        raise InputError("A search needs validation windows, and there are none.")
    asked = {"stop": False}

    def on_epoch(row: dict[str, float]) -> None:
        asked["stop"] = not report({"epoch": int(row["epoch"]), "validation_auc": float(row["validation_auc"])})

    trained = fit.train(config, windows, folder, on_epoch, should_stop=lambda: asked["stop"])
    values = {row["epoch"]: float(row["validation_auc"]) for row in trained.history.to_dict("records")}
    value = values.get(trained.epoch, math.nan)
    shutil.rmtree(folder, ignore_errors=True)
    if math.isnan(value):
        raise InputError("The validation windows are all of one class, so there is no AUC to search by.")
    return {"validation_auc": value, "epochs": len(values), "pruned": trained.cancelled}


def _trials(
    optuna: ModuleType,
    study: Study,
    plan: Plan,
    base: ExperimentConfig,
    progress: Progress,
    perform: Perform,
    n_workers: int,
) -> None:
    """Ask Optuna, train, tell Optuna, until there are as many trials as the plan wants; each worker for itself."""
    for left in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):  # of a process that was killed
        study.tell(left.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(left.params)
    space = {key: _distribution(optuna, key, values) for key, values in plan.vary.items()}
    places, lock, under_way = [Place() for _ in range(n_workers)], threading.Lock(), itertools.count(_n_ended(study))

    def work(number: int) -> None:
        while not places[number].closed:
            with lock:
                count = next(under_way)
                if count >= plan.search.n:
                    return
                # The draw depends on the seed and the trial's place in the series, so a stopped search goes on alike.
                seed = int(np.random.SeedSequence([plan.search.seed, count]).generate_state(1)[0])
                study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=n_workers > 1)
                made = study.ask(space)
            outcome = perform(places[number], number, vary.config(base, _settings(made)), _listener(made))
            if not places[number].closed:
                with lock:
                    _tell(optuna, study, made, outcome)

    with ThreadPoolExecutor(n_workers) as pool:
        running = {pool.submit(work, number) for number in range(n_workers)}
        try:
            while running:
                progress.stage(STAGE, _n_ended(study), plan.search.n, _best(study))
                if progress.should_stop():
                    done = f"{_n_ended(study)} of {plan.search.n} trials"
                    raise Cancelled(f"Stopped after {done}. The same command goes on from there.")
                ended, running = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
        finally:
            for place in places:
                place.close()


def _listener(made: Trial) -> Report:
    def told(row: Epoch) -> bool:
        if math.isnan(row["validation_auc"]):
            return True
        made.report(row["validation_auc"], int(row["epoch"]))
        return not made.should_prune()

    return told


def _tell(optuna: ModuleType, study: Study, made: Trial, outcome: Outcome) -> None:
    states = optuna.trial.TrialState
    if outcome.state == "failed":
        made.set_user_attr("error", outcome.error)
        study.tell(made, state=states.FAIL)
        return
    made.set_user_attr("epochs", outcome.result["epochs"])
    made.set_user_attr("validation_auc", outcome.result["validation_auc"])
    if outcome.result["pruned"]:
        study.tell(made, state=states.PRUNED)
    else:
        study.tell(made, _validation_auc(outcome))


def _validation_auc(outcome: Outcome) -> float:
    value = outcome.result["validation_auc"]
    assert isinstance(value, float), value
    return value


def refuse_damaged(path: Path) -> None:
    """Refuse a file that is there and is no database, in one sentence; one that is empty will become one."""
    if not path.exists():
        return
    try:
        with documents.open_stored(path) as file:
            beginning = file.read(len(DATABASE))
        fault = "" if beginning in (b"", DATABASE) else "it is no database"
    except OSError as error:
        fault = documents.reason(error)
    if fault:
        raise InputError(
            f"{path} cannot be used ({fault}). Restore it from a copy, or delete it: the search then begins anew."
        )


def _ended(study: Study) -> list[FrozenTrial]:
    """The trials that ended by themselves; one that was stopped with its process has failed without an error."""
    trials = study.get_trials(deepcopy=False)
    return [
        each
        for each in trials
        if each.state.name in ("COMPLETE", "PRUNED") or (each.state.name == "FAIL" and "error" in each.user_attrs)
    ]


def _n_ended(study: Study) -> int:
    return len(_ended(study))


def _best(study: Study) -> str:
    values = [value for value, _ in _complete(study)]
    return f"best validation AUC {max(values):.2f}" if values else ""


def _winner(study: Study) -> FrozenTrial:
    """The trial with the highest validation AUC; of several, the first."""
    return max(_complete(study), key=lambda pair: pair[0])[1]


def _complete(study: Study) -> list[tuple[float, FrozenTrial]]:
    """The trials that came to their end, each with its validation AUC."""
    complete = [each for each in _ended(study) if each.state.name == "COMPLETE"]
    return [(each.value, each) for each in complete if each.value is not None]


def _distribution(optuna: ModuleType, key: str, values: tuple[Value, ...] | Range) -> object:
    kinds = optuna.distributions
    if not isinstance(values, Range):
        return kinds.CategoricalDistribution([json.dumps(value) for value in values])
    if vary.is_whole(key):
        return kinds.IntDistribution(int(values.low), int(values.high), log=values.log)
    return kinds.FloatDistribution(values.low, values.high, log=values.log)


def _settings(made: Trial | FrozenTrial) -> Settings:
    """What Optuna proposes, by "section.option"; values of lists are kept as JSON."""
    proposed = {key: json.loads(value) if isinstance(value, str) else value for key, value in made.params.items()}
    return {key: value for key, value in proposed.items() if value is not None}


def _table(study: Study, varied: list[str]) -> pd.DataFrame:
    rows = []
    for number, each in enumerate(_ended(study), 1):
        settings = {key: " ".join(v) if isinstance(v, list) else v for key, v in _settings(each).items()}
        facts = {name: each.user_attrs.get(name) for name in ("validation_auc", "epochs", "error")}
        rows.append({"trial": number, **settings, "state": each.state.name.lower(), **facts})
    table = pd.DataFrame(rows, columns=["trial", *varied, "state", "validation_auc", "epochs", "error"])
    return table.astype({"validation_auc": float, "epochs": float}).fillna({"error": ""})
