"""A finished run made once more, from the same configuration and the same data: are the predictions the same?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from core import typed_documents
from core.loading.record.source import Source
from core.progress import Progress
from core.runs import environment, pipeline, sources
from core.runs.environment import Environment
from core.runs.runs import Run, RunStore

TOLERANCE = 1e-6  # of a probability; one machine with one set of versions gives the same bits


@dataclass(frozen=True)
class Reproduction:
    """
    ok: every prediction lies within `TOLERANCE`. n: how many predictions. largest: the largest difference of a
    probability, NaN if the run could not be made again. inputs: what of the data has changed since. surroundings: what
    of versions, code and machine differs from those of the run. sentence: the result.
    """

    run_id: str
    ok: bool
    n: int
    largest: float
    inputs: list[str]
    surroundings: list[str]
    sentence: str


def reproduce(run: Run, source: Source, progress: Progress | None = None) -> Reproduction:
    """
    Make a run again in a folder of its own, which is deleted, and hold its predictions against the stored ones.

    If an input has changed since, nothing is trained: it could not be the same run.

    Parameters
    ----------
    run : Run
        It is not changed.
    source : Source
    progress : Progress, optional

    Raises
    ------
    InputError
        If the run, or the run it began from, cannot be read.
    Cancelled
        If `progress.should_stop()` became true.
    """
    inputs = sources.changed(run.digests, sources.digests(run.config, source))
    around = sources.changed(flat(run.environment.surroundings), flat(environment.describe()))
    if inputs:
        said = f"Run {run.run_id} cannot be made again: its inputs have changed since ({', '.join(inputs)})."
        return Reproduction(run.run_id, False, 0, float("nan"), inputs, around, said)
    with tempfile.TemporaryDirectory(prefix="precursor-") as folder:
        again = pipeline.run(run.config, source, RunStore(Path(folder)), progress, run.parent)
        old, new = (one.predictions.set_index("window_id")["probability"] for one in (run, again))
    if not old.index.equals(new.index):
        n_other = len(old.index.symmetric_difference(new.index))
        said = f"Run {run.run_id} is not reproduced: {n_other:,} windows are in one of the two only, or in other order."
        return Reproduction(run.run_id, False, len(old), float("nan"), [], around, said)
    largest = float((old - new).abs().max())
    ok = largest <= TOLERANCE
    found = f"the {len(old):,} predictions differ by at most {largest:.1g}"
    said = f"Run {run.run_id} is {'' if ok else 'not '}reproduced: {found} (allowed: {TOLERANCE:g})."
    return Reproduction(run.run_id, ok, len(old), largest, [], around, said)


def flat(surroundings: Environment) -> dict[str, object]:
    """
    Versions and machine as one level of names.

    >>> flat(Environment(python="3.11", packages={"numpy": "2.4"}))["packages numpy"]
    '2.4'
    """
    out: dict[str, object] = {}
    for name, value in typed_documents.write(surroundings).items():
        if isinstance(value, dict):
            out |= {f"{name} {key}": item for key, item in value.items()}
        else:
            out[name] = value
    return out
