"""
What a run's network looks at, never without controls: attributions of chosen windows, kept beside the run.

`data/explanations/<run_id>/<method>/` is complete or absent: explanation.json is taken away first and written last.
What a network looks at is no cause, and all of this is exploratory: it passes no gate and enters no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core import caveats, clock, documents, files
from core.caveats import Caveat
from core.errors import InputError
from core.evaluation import attention, bootstrap
from core.judgement import control_networks, explained_windows
from core.labelling import splits
from core.labelling.window_set import WindowSet
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Source
from core.progress import Cancelled, Progress
from core.runs import kept, sources
from core.runs.runs import Run, RunStore
from core.training import attribution, checkpoint
from core.typed_documents import Count, Moment, Share, Versioned

REAL, RANDOM, SHUFFLED = "the run", "random weights", "shuffled labels"
STANDING = (
    "Exploratory. What a network looks at is not a cause, and a map that looks convincing may say nothing about what "
    "was learned: compare it with its controls."
)
NOT_PLANTED = "Nothing was planted in these data, so nobody knows where a network should look."
N_COMPARED = 24  # counted windows whose maps are compared with each control's
CHUNK = 8  # windows between two looks at progress and the wish to stop


T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """
    attribution: method and its settings. n_windows: positive windows, and as many negative ones, that are counted; 0
    takes what a few minutes allow. window_ids: windows to show beside the chosen ones. seed: of the controls.
    """

    attribution: attribution.Options = field(default_factory=attribution.Options)
    n_windows: Count = 0
    window_ids: tuple[int, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class ShuffledControl:
    """The training of the control on shuffled labels: its epochs, and the AUC of those labels in the last one."""

    epochs: Count
    auc: Share


@dataclass(frozen=True)
class Document(Versioned):
    """
    explanation.json: when it was made (ISO time, UTC) and how, what must be known of the run, and what it says.

    words: the method in a sentence. sentences: what the controls and the pointing game say, the standing warning first.
    seeds: the runs whose maps were averaged. shuffled: None in an older document.
    """

    created: Moment
    words: str
    sentences: tuple[str, ...]
    caveats: tuple[Caveat, ...]
    run_id: str = ""
    method: str = ""
    options: Options = field(default_factory=Options)
    seeds: tuple[str, ...] = ()
    shuffled: ShuffledControl | None = None

    VERSION = 2  # 1 had caveats as bare sentences
    CALLED = "The explanation of run {}"

    @classmethod
    def of_older(cls, table: dict[str, Any], version: int) -> dict[str, Any]:
        """Bare sentences become caveats."""
        return caveats.of_older(table)


@dataclass(frozen=True)
class Explanation:
    """A stored explanation; a missing or damaged file is an InputError."""

    run_id: str
    method: str
    folder: Path

    @cached_property
    def document(self) -> Document:
        """explanation.json."""
        return self._read("explanation.json", lambda path: Document.from_dict(self._stored, self.run_id))

    @cached_property
    def _stored(self) -> dict[str, Any]:
        return self._read("explanation.json", documents.read_json)

    @property
    def caveats(self) -> tuple[Caveat, ...]:
        """What every reader of the run must know, as it was when the explanation was made."""
        return self.document.caveats

    def table(self, name: str) -> pd.DataFrame:
        """
        A stored table by name.

        windows: the explained windows (`explained_windows.choose`) with hit, covered and mass of `attention.point`.
        controls, pointing: rows of `attention.agreement` and `attention.pointing`, one per control. marginals:
        `attention.marginals`. bursts: window_id, start, end of what was planted in the shown windows.
        """
        return self._beside(self._read(f"{name}.parquet", files.read_table))

    @cached_property
    def maps(self) -> dict[str, np.ndarray]:
        """values, and the attributions by `REAL`, `RANDOM` and `SHUFFLED`: (n, 3, n_minutes), of the shown windows."""
        return self._beside(checkpoint.read(self.folder / "maps.npz")[0])

    def _beside(self, found: T) -> T:
        """The same, if the run was not explained again since `document` was read; else InputError."""
        if "_stored" in self.__dict__:
            kept.same(self.folder / "explanation.json", self._stored, f"The explanation of run {self.run_id}")
        return found

    def _read(self, name: str, reader: Callable[[Path], T]) -> T:
        what, verb = f"The explanation of run {self.run_id}", f"explain {self.run_id} --method {self.method}"
        return kept.read(self.folder / name, reader, what, kept.made_by(verb))


def explain(
    run: Run, source: Source, data_dir: Path, options: Options | None = None, progress: Progress | None = None
) -> Explanation:
    """
    Attribute chosen windows of a run, with controls, and keep what came out.

    An older explanation by the same method is replaced. Where there are runs of other seeds on the same data, the maps
    are the mean over all of them.

    Parameters
    ----------
    run : Run
    source : Source
        That the run was made from, with unchanged data.
    data_dir : Path
    options : Options, optional
    progress : Progress, optional

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        If the network is dead, the data have changed, a window is not the run's, or the method cannot be used.
    Cancelled
        If `progress.should_stop()` became true.
    """
    options, progress = options or Options(), progress or Progress()
    method = options.attribution.method
    if run.status.dead:
        raise InputError(f"There is nothing to explain in run {run.run_id}. {run.status.dead_sentence}")
    if sources.digests(run.config, source) != run.digests:
        raise InputError(f"The data of run {run.run_id} have changed since it was made. Train it again first.")
    folder = files.child(data_dir / "explanations", run.run_id, "The id of a run") / method
    with files.claimed(folder.parent / f".{method}.lock", f"Run {run.run_id} is being explained by another process."):
        progress.stage("Cutting the windows")
        chosen = explained_windows.choose(run, options.n_windows, options.window_ids)
        cut = explained_windows.cut(run, source)
        tables, maps, document = _made(run, source, cut, chosen, data_dir, folder, options, progress)
        files.make_folder(folder)
        (folder / "explanation.json").unlink(missing_ok=True)
        files.clear_leftovers(folder)
        for name, table in tables.items():
            files.replace_table(folder / f"{name}.parquet", table)
        checkpoint.write(folder / "maps.npz", maps)
        files.replace_json(folder / "explanation.json", document.to_dict())
    return Explanation(run.run_id, method, folder)


def stored(data_dir: Path, run_id: str) -> dict[str, Explanation]:
    """The explanations of a run by method, in the order of `attribution.METHODS`; `damaged` has those left out."""
    looked = _looked(data_dir, run_id)
    return {method: outcome for method, outcome in looked if isinstance(outcome, Explanation)}


def damaged(data_dir: Path, run_id: str) -> dict[str, str]:
    """By method, why an explanation of a run cannot be read: damage, or a newer program."""
    looked = _looked(data_dir, run_id)
    return {method: str(outcome) for method, outcome in looked if isinstance(outcome, InputError)}


def _looked(data_dir: Path, run_id: str) -> Iterator[tuple[str, Explanation | InputError]]:
    home = files.child(data_dir / "explanations", run_id, "The id of a run")
    for method in attribution.METHODS:
        explanation = Explanation(run_id, method, home / method)
        try:
            # One without a version may hold anything: it is none.
            if (explanation.folder / "explanation.json").exists() and explanation._stored.get("version"):
                _ = explanation.document  # so that what is damaged is said here
                yield method, explanation
        except InputError as error:
            yield method, error


def _made(
    run: Run,
    source: Source,
    cut: WindowSet,
    chosen: pd.DataFrame,
    data_dir: Path,
    folder: Path,
    options: Options,
    progress: Progress,
) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray], Document]:
    """Tables, maps of the shown windows, and the document."""
    rows = chosen["position"].to_numpy()
    start = epoch_minutes(pd.DatetimeIndex(chosen["start"]))
    group = bootstrap.groups(start, splits.footprint_minutes(run.config), chosen["cluster"].to_numpy())
    shown, counted = chosen["shown"].to_numpy(), chosen["counted"].to_numpy()
    compared = np.zeros(len(rows), dtype=bool)
    of = np.flatnonzero(counted)
    compared[of[np.unique(np.linspace(0, len(of) - 1, min(N_COMPARED, len(of))).astype(int))]] = True

    def mapped(model: Any, what: str, which: np.ndarray) -> np.ndarray:
        return _attributed(model, cut, rows[which], options.attribution, what, progress)

    every = np.ones(len(rows), dtype=bool)
    model = control_networks.trained(run)
    siblings = control_networks.other_seeds(run, RunStore(data_dir))
    first = mapped(model, "Looking at the windows", every)
    by_seed = [first] + [mapped(control_networks.trained(one), "Looking again, other seeds", every) for one in siblings]
    real = np.asarray(np.mean(by_seed, axis=0), dtype=np.float32)
    controls = []
    for one, other in zip(siblings, by_seed[1:], strict=True):
        words = f"another seed: {one.run_id}"
        controls.append(_control("seed", words, first[compared], other[compared], group[compared], options))
    random = np.empty(0)
    cascade = list(_layers(model))
    for name, changed in control_networks.random_weights(run, model, options.seed):
        last = name == cascade[-1]
        random = mapped(changed, "Looking with random weights", every if last else compared)
        words = RANDOM if last else f"random weights from {name} on"
        found, kind = (random[compared], "random") if last else (random, "cascade")
        controls.append(_control(kind, words, first[compared], found, group[compared], options))
    progress.stage("Training on shuffled labels")
    other, auc, epochs = control_networks.shuffled_labels(run.config, cut, folder / "training", options.seed, progress)
    shuffled = mapped(other, "Looking after shuffled labels", every)
    controls.append(_control("shuffled", SHUFFLED, first[compared], shuffled[compared], group[compared], options))

    bursts = sources.precursors(source)
    planted = explained_windows.planted(chosen, bursts, cut.n_minutes)
    table = chosen.assign(**attention.point(real, planted))
    use = counted & (chosen["label"] == 1).to_numpy()
    pointing = []
    for words, maps in ((REAL, real), (RANDOM, random), (SHUFFLED, shuffled)):
        points = attention.point(maps[use], planted[use])
        played = attention.pointing(points, group[use], options.seed)
        gained = attention.Gain()
        if words != REAL:
            gained = attention.gain(attention.point(real[use], planted[use]), points, group[use], options.seed)
        pointing.append({"maps": words, **asdict(played), **asdict(gained)})
    missing = np.isnan(cut.samples(rows, np.arange(cut.n_minutes))).any(axis=1)
    marginals = attention.marginals(real[counted], start[counted], missing[counted], group[counted], options.seed)
    tables = {
        "windows": table.drop(columns="position"),
        "controls": pd.DataFrame(controls),
        "pointing": pd.DataFrame(pointing),
        "marginals": marginals.astype({"name": int}),
        "bursts": explained_windows.bursts_within(chosen[shown], bursts),
    }
    drawn = {"values": cut.batch(rows[shown]), REAL: real[shown], RANDOM: random[shown], SHUFFLED: shuffled[shown]}
    document = Document(
        created=clock.stamp(),
        words=options.attribution.words(cut.n_minutes),
        sentences=tuple(sentences(tables, bool(len(bursts)), epochs, auc, len(by_seed))),
        caveats=run.caveats,
        run_id=run.run_id,
        method=options.attribution.method,
        options=options,
        seeds=(run.run_id, *(sibling.run_id for sibling in siblings)),
        shuffled=ShuffledControl(epochs, auc),
    )
    return tables, drawn, document


def sentences(tables: dict[str, pd.DataFrame], planted: bool, epochs: int, auc: float, n_seeds: int) -> list[str]:
    """What the controls and the pointing game say, in words; the standing warning first."""
    said = [STANDING]
    for kind, words in (("random", "with random weights"), ("shuffled", "trained on shuffled labels")):
        row = tables["controls"].set_index("control").loc[kind]
        between = f"{row['correlation']:.2f} [{row['correlation_low']:.2f}, {row['correlation_high']:.2f}]"
        chance = f"by chance {row['chance_low']:.2f} to {row['chance_high']:.2f}"
        if not row["n"]:
            said.append(
                f"In no window are the run's map and that of a network {words} both more than flat: no comparison."
            )
        elif row["correlation_low"] > row["chance_high"]:
            said.append(
                f"A network {words} ranks the minutes in part alike (Spearman {between}; {chance}): so much of the map "
                "comes from the input and the shape of the network, not from what was learned."
            )
        else:
            said.append(
                f"A network {words} ranks the minutes no more alike than chance (Spearman {between}; {chance})."
            )
    said.append(
        f"The control on shuffled labels was trained for {epochs} epochs and knew its labels with an AUC of {auc:.2f}."
    )
    if n_seeds == 1:
        said.append("One seed only: there is no other run on these data that differs in nothing but its seed.")
    said.append(_pointing_words(tables["pointing"]) if planted else NOT_PLANTED)
    return said


def _pointing_words(table: pd.DataFrame) -> str:
    """The pointing game, beside chance and beside the two controls, which are the harder test."""
    point, *others = table.to_dict("records")
    if not point["n"]:
        return "No counted positive window holds a planted burst in part, so the pointing game cannot be played."
    low, high = point["difference_low"], point["difference_high"]
    answer = "more often than" if low > 0 else "less often than" if high < 0 else "no more often than can be told from"
    played = (
        f"Pointing game: the largest attribution lies in a planted burst in {point['hits']:.0%} of {point['n']} "
        f"windows in {point['n_groups']} independent groups [{point['hits_low']:.0%}, {point['hits_high']:.0%}], "
        f"{answer} a minute picked at random ({point['covered']:.0%})."
    )
    beside = " and ".join(f"{row['maps']} {row['hits']:.0%}" for row in others)
    if any(row["hits"] >= point["hits"] for row in others):
        beside += ": where the burst is also the loudest part of a window, a hit does not show that it was learned"
    said = f"{played} Controls: {beside}."
    if pd.isna(point["mass"]):
        return f"{said} By this method nothing in these windows speaks for label 1: the run's maps are flat."
    gains = " and ".join(
        f"{row['gain']:+.2f} [{row['gain_low']:+.2f}, {row['gain_high']:+.2f}] more than {row['maps']}"
        for row in others
        if pd.notna(row["gain"])
    )
    return f"{said} Of what speaks for label 1, {point['mass']:.0%} lies in bursts{f': {gains}' if gains else ''}."


def _control(
    kind: str, words: str, real: np.ndarray, other: np.ndarray, group: np.ndarray, options: Options
) -> dict[str, object]:
    return {"control": kind, "words": words, **asdict(attention.agreement(real, other, group, options.seed))}


def _layers(model: Any) -> list[str]:
    """The layers with weights, from the output backwards."""
    return [layer.name for layer in reversed(model.layers) if layer.weights]


def _attributed(
    model: Any, cut: WindowSet, rows: np.ndarray, options: attribution.Options, what: str, progress: Progress
) -> np.ndarray:
    out = np.empty((len(rows), 3, cut.n_minutes), dtype=np.float32)
    for first in range(0, len(rows), CHUNK):
        if progress.should_stop():
            raise Cancelled("Stopped. Nothing was kept; the same command begins again.")
        part = rows[first : first + CHUNK]
        out[first : first + len(part)] = attribution.attribute(model, cut.batch(part), options)
        progress.stage(what, first + len(part), len(rows))
    return out
