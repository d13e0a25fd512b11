"""Networks beside Table 2, other precisions and other backends in the training loop."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from array_windows import bursts, config, noise

from core import config as configs
from core.errors import InputError
from core.training import fit, network, precision

TESTS = Path(__file__).parent


def trained_bits(trained: fit.Trained) -> list[bytes]:
    return [values.tobytes() for values in network.arrays(network.named_weights(trained.model)).values()]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"name": "dilated", "filters": 4},
        {"name": "one_dimensional", "filters": 4, "head": "average_matched"},
        {"dropout": 0.5, "dense": 16, "filters": 4},
    ],
    ids=["dilated", "one-dimensional, matched", "dropout"],
)
def test_a_variant_cancelled_inside_an_epoch_goes_on_to_the_same_bits(options, tmp_path):
    chosen = configs.replace(config(epochs=2), network=options)
    whole = fit.train(chosen, noise(), tmp_path / "whole")
    asked = []

    def stop_at_the_second_question() -> bool:
        asked.append(1)
        return len(asked) == 2

    stopped = fit.train(chosen, noise(), tmp_path / "parts", should_stop=stop_at_the_second_question)
    assert stopped.cancelled
    resumed = fit.train(chosen, noise(), tmp_path / "parts")
    assert trained_bits(resumed) == trained_bits(whole)
    assert resumed.history["active_units"].max() <= network.n_hidden(resumed.model)
    fit.save_weights(resumed.model, tmp_path / "weights.npz")
    loaded = fit.load_model(chosen, 32, tmp_path / "weights.npz")
    rows = noise().rows("validation")
    np.testing.assert_array_equal(fit.predict(loaded, noise(), rows), fit.predict(resumed.model, noise(), rows))


def test_dropout_draws_anew_in_every_step_and_is_off_in_prediction(tmp_path):
    chosen = configs.replace(config(epochs=1), network={"dropout": 0.5})
    model = fit.train(chosen, noise(), tmp_path).model
    x = noise().values[:4, ..., np.newaxis]
    to_numpy = network.load_keras().ops.convert_to_numpy
    np.testing.assert_array_equal(to_numpy(model(x, training=False)), to_numpy(model(x, training=False)))
    assert (to_numpy(model(x, training=True)) != to_numpy(model(x, training=True))).any()


def test_mixed_precision_is_refused_where_the_processor_lacks_it_and_where_it_rounds_the_signal_away(
    tmp_path, monkeypatch
):
    mixed = config(precision="mixed_bfloat16")
    old = tmp_path / "cpuinfo"
    old.write_text("model name : old\nflags : fpu sse2 avx2\n")
    new = tmp_path / "cpuinfo-new"
    new.write_text("model name : new\nflags : fpu avx512f avx512_bf16\n")
    assert precision.supported(new)
    monkeypatch.setattr(precision, "supported", lambda: False)
    with pytest.raises(InputError, match="no 16-bit products"):
        fit.train(mixed, noise(), tmp_path / "run")
    paper = configs.replace(mixed, processing={"normalisation": "paper", "record_filter": "none"})
    with pytest.raises(InputError, match="a thousandth of the input"):
        precision.check(paper)
    precision.check(config())


@pytest.mark.slow
@pytest.mark.skipif(not precision.supported(), reason="this processor has no 16-bit products")
def test_mixed_precision_learns_what_float32_learns_and_keeps_float32_weights(tmp_path):
    auc = {}
    for kind in ("float32", "mixed_bfloat16"):
        chosen = config(epochs=8, precision=kind)
        trained = fit.train(chosen, bursts(), tmp_path / kind)
        values = network.arrays(network.named_weights(trained.model)).values()
        assert {value.dtype for value in values} == {np.dtype(np.float32)}
        auc[kind] = float(trained.history["validation_auc"].iloc[-1])
    assert auc["float32"] > 0.9 and auc["mixed_bfloat16"] == pytest.approx(auc["float32"], abs=0.05)
    assert network.load_keras().config.dtype_policy().name == "float32"  # nothing global was changed


def test_another_backend_than_the_loaded_one_is_refused_and_so_is_an_absent_one(tmp_path):
    loaded = network.load_keras().backend.backend()
    other = "jax" if loaded != "jax" else "tensorflow"
    with pytest.raises(InputError, match=f"computes with {loaded} already and cannot change to {other}"):
        fit.train(config(backend=other), noise(), tmp_path)


ON_A_BACKEND = """
import json, sys
from pathlib import Path
from array_windows import config, noise
from core.training import fit
folder = Path(sys.argv[2])
options = config(epochs=3, backend=sys.argv[1])
trained = fit.train(options, noise(), folder, initial_weights=folder.with_suffix(".npz"))
print(json.dumps(trained.history[["loss", "validation_loss", "active_units"]].to_dict("list")))
"""


def losses_with(backend: str, folder: Path) -> dict[str, list[float]]:
    """Train in a process of its own; what came of it."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    model = network.build(config().network, 32, seed=4)  # backends draw other numbers from the same seed
    fit.save_weights(model, folder.with_suffix(".npz"))
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-c", ON_A_BACKEND, backend, str(folder)],
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_two_backends_train_the_same_network_to_the_same_loss(backend, tmp_path):
    other = losses_with(backend, tmp_path / backend)
    reference = losses_with("tensorflow", tmp_path / "tensorflow")
    for name in ("loss", "validation_loss"):
        np.testing.assert_allclose(other[name], reference[name], rtol=1e-3)
    assert other["active_units"] == reference["active_units"]
