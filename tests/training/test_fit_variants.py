"""Networks beside Table 2 and other precisions in the training loop."""

from __future__ import annotations

import numpy as np
import pytest

from core import config as configs
from core.errors import InputError
from core.training import fit, network, precision
from support.array_windows import bursts, config, noise


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
