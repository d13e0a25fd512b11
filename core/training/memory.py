"""
The memory that a training needs, the memory that there is, and the batch size that follows.

The estimate counts numbers: the weights, those gradients of them that are there at once, what the optimiser keeps of
each, and for every window of the batch what the layers keep for the way back. The largest part differs: for an hour it
is what the libraries take for themselves (not counted here), for a month the weights. benchmarks/memory.py holds it
against measured peaks.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core import config as configs
from core import documents, typed_documents
from core.config import ExperimentConfig
from core.data_folder import ROOT
from core.errors import InputError
from core.training import architectures, blocks, network

# Not more than the usual batch where there is room: another batch size is another training, and twice as many windows
# at once make a week's network a tenth faster.
MOST = 32
SHARE = 0.8  # of the free memory; the rest is for the record, the libraries and their working space
FLOAT = 4  # bytes
DRAWING = 3  # arrays as large as the weights while the initial ones are drawn
KEPT_BY = {"adam": 2, "adamax": 2, "adagrad": 1, "sgd": 0, "rmsprop": 1}  # numbers per weight


@dataclass(frozen=True)
class Answer:
    """What the process that asks a backend says: the bytes of its GPU, None without one; or why it could not ask."""

    free: int | None = None
    error: str = ""


@dataclass(frozen=True)
class Device:
    """What keras computes on, and the bytes that are free there."""

    name: str
    free: int


def resolve(config: ExperimentConfig, device: Device | None = None) -> tuple[ExperimentConfig, list[str]]:
    """
    The config with `batch_size = "auto"` replaced by a number, and a sentence about it; none if it was a number.

    Whoever makes a run does this once, before anything is computed, so that the run's config and id hold the number
    and another machine repeats it.

    Parameters
    ----------
    config : ExperimentConfig
    device : Device, optional
        Default: the one that keras will use. A sweep asks on the machine where it is started, and as if each
        training were alone there.

    Raises
    ------
    InputError
        If not even one window at a time fits, or the backend is not installed.
    """
    if config.training.batch_size != "auto":
        return config, []
    device = device or find(config.training.backend)
    size = MOST
    while size > 1 and needed(config, size) > SHARE * device.free:
        size //= 2
    asked = needed(config, size)
    if asked > SHARE * device.free:
        parameters = network.n_parameters(config.windows.length_minutes, config.network)
        raise InputError(
            f"Training this network of {parameters:,} parameters needs {_gb(asked)} GB even with one window at a time, "
            f"and {_gb(device.free)} GB of {device.name} are free, of which a fifth is left for the rest. Take shorter "
            'windows, head = "average", or a larger machine.'
        )
    found = configs.replace(config, training={"batch_size": size})
    said = f"Batch size {size} (chosen by memory: needs {_gb(asked)} of {_gb(device.free)} GB of {device.name})."
    return found, [said]


def needed(config: ExperimentConfig, batch_size: int) -> int:
    """
    Bytes that a training needs: the model, its optimiser, one batch on its way, and the next one prepared.

    Where that is less than what it takes to draw the initial weights, it is the latter.
    """
    options, n_minutes = config.training, config.windows.length_minutes
    found = architectures.layers(config.network, n_minutes)
    mixed = options.precision != "float32"
    copies = 1 + KEPT_BY[options.optimizer]
    copies += bool(options.early_stopping_patience)  # the best weights so far
    copies += mixed  # half as long, of the weights and of the gradients
    n_weights = architectures.n_parameters(found, n_minutes)
    in_blocks = blocks.possible(network.backend_name(options.backend), options.precision)
    n_gradients = blocks.n_gradients(found, n_minutes) if in_blocks else n_weights
    weights = FLOAT * (copies * n_weights + n_gradients)
    windows = 2 * FLOAT * architectures.N_COMPONENTS * n_minutes
    batch = batch_size * (windows + (FLOAT // 2 if mixed else FLOAT) * held(found, n_minutes))
    return max(weights + batch, FLOAT * DRAWING * n_weights)


def held(found: list[architectures.Layer], n_minutes: int) -> int:
    """
    The most numbers that the layers hold of one window while it is trained on, the window itself not counted.

    On the way forward each layer keeps what it gives. On the way back a layer turns the gradient of what it gave into
    that of what it got, while all that was kept before it is still there. A pooling also keeps which number was the
    largest: with TensorFlow on a processor a byte for each that it gives.
    """
    shape = architectures.shape_after([], n_minutes)
    kept = most = before = 0  # no gradient of the window itself is asked for
    for layer in found:
        shape = architectures.after(layer, shape)
        if isinstance(layer, architectures.Flatten):  # the same numbers in one row
            continue
        given = math.prod(shape)
        kept += given
        kept += given // FLOAT if isinstance(layer, architectures.Pooling) else 0
        most = max(most, kept + given + before)
        before = given
    return most


@cache
def find(backend: str = "auto") -> Device:
    """
    What keras will compute on: the first GPU that the backend names, or this machine's processor and memory.

    The backend is asked in a process of its own, which gives back what it takes of the GPU.
    """
    command = [sys.executable, "-m", "core.training.memory", backend]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        answer = typed_documents.read(Answer, documents.parse_json(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        answer = Answer()  # whatever was wrong with it, training will say
    if answer.error:
        raise InputError(answer.error)
    return Device("the GPU", answer.free) if answer.free else Device("memory", machine())


def machine() -> int:
    """
    Bytes of this machine's memory that a process can still have.

    Raises
    ------
    InputError
        If the system does not say.
    """
    found = []
    with contextlib.suppress(OSError, ValueError):
        table = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        found.append(1024 * int(table["MemAvailable"].split()[0]))
    with contextlib.suppress(OSError, ValueError, StopIteration):
        found += _groups(Path("/proc/self/cgroup").read_text(), Path("/sys/fs/cgroup"))
    if not found:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    if not found:
        raise InputError('This system does not say how much memory it has. Set batch_size to a number, not to "auto".')
    return min(found)


def _groups(own: str, root: Path) -> list[int]:
    """What the limits of a container or of a cluster's job leave, at each level of the groups (cgroup 2)."""
    name = next(line.split("::", 1)[1] for line in own.splitlines() if line.startswith("0::"))
    folder, found = root / name.strip("/"), []
    for level in (folder, *folder.parents):
        with contextlib.suppress(OSError, ValueError):  # "max" is no number: no limit here
            limit = int((level / "memory.max").read_text())
            used = int((level / "memory.current").read_text())
            counted = dict(line.split() for line in (level / "memory.stat").read_text().splitlines())
            found.append(max(0, limit - used + int(counted.get("inactive_file", 0))))  # files can be forgotten
    return found


def _gpu(backend: str) -> int | None:
    """Bytes of the first GPU, by the query of the backend that is loaded; None without one."""
    chosen = network.load_keras(backend).backend.backend()
    if chosen == "jax":
        import jax

        device = jax.local_devices()[0]
        return None if device.platform == "cpu" else int(device.memory_stats()["bytes_limit"])
    if chosen == "torch":
        import torch

        return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else None
    from tensorflow.python.client import device_lib

    return next((int(each.memory_limit) for each in device_lib.list_local_devices() if each.device_type == "GPU"), None)


def _gb(n_bytes: float) -> str:
    """
    Bytes as gigabytes (10^9), in a few digits.

    >>> _gb(15_234_000_000), _gb(870_000_000)
    ('15.2', '0.87')
    """
    return f"{n_bytes / 1e9:.1f}" if n_bytes >= 1e9 else f"{n_bytes / 1e9:.2g}"


def _answer(backend: str) -> Answer:
    try:
        return Answer(free=_gpu(backend))
    except InputError as error:
        return Answer(error=str(error))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(typed_documents.write(_answer(sys.argv[1]))) + "\n")
