"""The same network under TensorFlow, JAX and PyTorch: the same losses, and weights that any of them can use."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.training import fit, network
from support.array_windows import config, noise

TESTS = Path(__file__).parents[1]
OTHERS = ("jax", "torch")

TRAINED = """
import json, sys
from pathlib import Path
import numpy as np
from support.array_windows import config, noise
from core.training import attribution, fit, network
folder = Path(sys.argv[2])
options = config(epochs=3, backend=sys.argv[1])
trained = fit.train(options, noise(), folder, initial_weights=folder.with_suffix(".npz"))
fit.save_weights(trained.model, folder / "weights.npz")
windows = noise()
rows = windows.rows("validation")
occluded = attribution.attribute(trained.model, windows.batch(rows), attribution.Options("occlusion"))
print(json.dumps({
    "backend": network.load_keras().backend.backend(),
    "history": trained.history[["loss", "validation_loss", "active_units"]].to_dict("list"),
    "probability": fit.predict(trained.model, windows, rows).tolist(),
    "occlusion": occluded.tolist(),
}))
"""


def trained_with(backend: str, folder: Path) -> dict:
    """Train in a process of its own, from weights that all backends begin with; what came of it."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    model = network.build(config().network, 32, seed=4)  # backends draw other numbers from the same seed
    fit.save_weights(model, folder.with_suffix(".npz"))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", TRAINED, backend, str(folder)],
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["backend"] == backend
    return found


@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_two_backends_train_the_same_network_to_the_same_loss(backend, tmp_path):
    other = trained_with(backend, tmp_path / backend)
    reference = trained_with("tensorflow", tmp_path / "tensorflow")
    for name in ("loss", "validation_loss"):
        np.testing.assert_allclose(other["history"][name], reference["history"][name], rtol=1e-3)
    assert other["history"]["active_units"] == reference["history"]["active_units"]


@pytest.mark.slow
@pytest.mark.parametrize("backend", OTHERS)
def test_what_one_backend_trained_another_one_uses(backend, tmp_path):
    other = trained_with(backend, tmp_path / backend)
    model = fit.load_model(config(backend=backend), 32, tmp_path / backend / "weights.npz")
    here = fit.predict(model, noise(), noise().rows("validation"))
    np.testing.assert_allclose(here, other["probability"], atol=1e-6)


def test_another_backend_than_the_loaded_one_is_refused_and_so_is_an_absent_one(tmp_path):
    loaded = network.load_keras().backend.backend()
    other = "jax" if loaded != "jax" else "tensorflow"
    with pytest.raises(InputError, match=f"computes with {loaded} already and cannot change to {other}"):
        fit.train(config(backend=other), noise(), tmp_path)
