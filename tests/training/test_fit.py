"""The training loop: its numbers, its determinism, and what survives a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.training import checkpoint, fit, loop, network
from support.array_windows import ArrayWindows, config, noise

TESTS = Path(__file__).parents[1]
MEASURED = [name for name in fit.HISTORY_COLUMNS if name != "seconds"]


def weights(trained: fit.Trained) -> dict[str, np.ndarray]:
    return network.arrays(network.named_weights(trained.model))


def assert_same_to_the_bit(a: fit.Trained, b: fit.Trained) -> None:
    pd.testing.assert_frame_equal(a.history[MEASURED], b.history[MEASURED], check_exact=True)
    for name, values in weights(a).items():
        assert values.tobytes() == weights(b)[name].tobytes(), name


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The reference: four epochs on noise, in one go."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    return fit.train(config(), noise(), folder), folder


def test_every_epoch_gives_one_row_of_history_on_disk_and_to_the_caller(tmp_path):
    rows, batches = [], []
    trained = fit.train(config(epochs=2), noise(), tmp_path, rows.append, on_batch=lambda *done: batches.append(done))
    assert trained.history.columns.tolist() == fit.HISTORY_COLUMNS
    assert trained.history["epoch"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(pd.DataFrame(rows), trained.history, check_exact=True)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "history.csv"), trained.history, check_exact=True)
    assert batches == [(1, 3), (2, 3), (3, 3)] * 2  # 40 rows in batches of 16
    assert trained.seconds == pytest.approx(trained.history["seconds"].sum())
    assert not trained.cancelled


def test_validation_columns_are_those_of_the_weights_at_the_end_of_the_epoch(uninterrupted):
    from sklearn import metrics

    trained, _ = uninterrupted
    windows = noise()
    rows = windows.rows("validation")
    label, probability = windows.labels(rows), fit.predict(trained.model, windows, rows)
    assert probability.dtype == np.float64 and probability.shape == (10,)
    last = trained.history.iloc[-1]
    assert last["validation_loss"] == pytest.approx(metrics.log_loss(label, probability), rel=1e-5)
    assert last["validation_accuracy"] == metrics.accuracy_score(label, probability >= 0.5)
    assert last["validation_auc"] == pytest.approx(metrics.roc_auc_score(label, probability))
    assert last["output_sd"] == pytest.approx(probability.std(), rel=1e-4)


def test_training_columns_are_those_of_the_rows_as_they_were_seen(tmp_path):
    # With steps that are too short to change a weight, "while it learned" and "afterwards" are the same.
    from sklearn import metrics

    windows = noise()
    trained = fit.train(config(epochs=1, optimizer="sgd", learning_rate=1e-9), windows, tmp_path)
    rows = windows.rows("train")
    label, probability = windows.labels(rows), fit.predict(trained.model, windows, rows)
    first = trained.history.iloc[0]
    assert first["loss"] == pytest.approx(metrics.log_loss(label, probability), rel=1e-5)
    assert first["accuracy"] == metrics.accuracy_score(label, probability >= 0.5)
    assert first["auc"] == pytest.approx(metrics.roc_auc_score(label, probability))


def test_the_same_config_and_data_give_the_same_history_and_weights(uninterrupted, tmp_path):
    network.load_keras().utils.set_random_seed(99)  # state elsewhere in the process must not matter
    assert_same_to_the_bit(fit.train(config(), noise(), tmp_path), uninterrupted[0])


def test_another_seed_gives_another_history(uninterrupted, tmp_path):
    other = fit.train(config(seed=6, epochs=1), noise(), tmp_path)
    assert other.history["loss"].iloc[0] != uninterrupted[0].history["loss"].iloc[0]


def test_a_reused_model_trains_as_a_new_one_does(uninterrupted, tmp_path):
    first = fit.train(config(seed=77, epochs=1), noise(seed=8), tmp_path / "first")
    again = fit.train(config(), noise(), tmp_path / "again", reuse=first)
    assert again.model is first.model
    assert_same_to_the_bit(again, uninterrupted[0])


CHILD = """
import sys, time
from pathlib import Path
from support.array_windows import config, noise
from core.training import checkpoint, fit

checkpoint.Pace.FREE_SECONDS = 60  # every epoch, however slow the disk of this machine

class Slow:
    def __call__(self, done, total):
        print("batch", done, flush=True)
        time.sleep(0.05)

fit.train(config(), noise(), Path(sys.argv[1]), lambda row: print("epoch", row["epoch"], flush=True), on_batch=Slow())
"""


def killed_child(folder: Path, after: list[str]) -> None:
    """Train in a child process and kill it (SIGKILL) as soon as these lines have come, in this order."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], cwd=TESTS, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    wanted = list(after)
    for line in child.stdout:
        if line.strip() == wanted[0]:
            wanted.pop(0)
        if not wanted:
            break
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL and not wanted


def test_a_training_killed_inside_an_epoch_resumes_to_the_same_bits(uninterrupted, tmp_path):
    killed_child(tmp_path, ["epoch 2", "batch 2"])
    assert len(pd.read_csv(tmp_path / "history.csv")) == 2
    (tmp_path / ".checkpoint.npz.abc.npz").write_bytes(b"half")  # as a kill while writing would leave it
    repeated = []
    resumed = fit.train(config(), noise(), tmp_path, repeated.append)
    assert [row["epoch"] for row in repeated] == [3, 4]  # at most the epoch under way is done twice
    assert_same_to_the_bit(resumed, uninterrupted[0])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"checkpoint.npz", "history.csv"}
    kept = pd.read_csv(tmp_path / "history.csv")
    pd.testing.assert_frame_equal(kept[MEASURED], uninterrupted[0].history[MEASURED], check_exact=True)


def test_a_training_cancelled_inside_an_epoch_goes_on_from_that_batch(uninterrupted, tmp_path):
    asked = []

    def stop_at_the_sixth_question() -> bool:
        asked.append(1)
        return len(asked) == 6  # epoch 1 asks 3 + 1 times; this is the second batch of epoch 2

    stopped = fit.train(config(), noise(), tmp_path, should_stop=stop_at_the_sixth_question)
    assert stopped.cancelled and stopped.epoch == 1 and stopped.history["epoch"].tolist() == [1]
    batches = []
    resumed = fit.train(config(), noise(), tmp_path, on_batch=lambda *done: batches.append(done))
    assert batches[0] == (2, 3) and not resumed.cancelled
    assert_same_to_the_bit(resumed, uninterrupted[0])


def test_a_finished_training_is_not_trained_again(uninterrupted):
    trained, folder = uninterrupted
    again = fit.train(config(), noise(), folder, on_batch=lambda *_: pytest.fail("trained again"))
    assert_same_to_the_bit(again, trained)


def test_a_checkpoint_of_another_config_or_of_other_windows_is_refused(uninterrupted):
    _, folder = uninterrupted
    with pytest.raises(InputError, match="another configuration or to other windows"):
        fit.train(config(learning_rate=0.01), noise(), folder)
    with pytest.raises(InputError, match="another configuration or to other windows"):
        fit.train(config(), noise(n_train=39), folder)


def test_a_damaged_checkpoint_is_named_and_not_used(uninterrupted, tmp_path):
    whole = (uninterrupted[1] / "checkpoint.npz").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", whole[:5000] + b"\0\xff" * 8 + whole[5016:]):
        (tmp_path / "checkpoint.npz").write_bytes(damaged)
        with pytest.raises(InputError, match=r"checkpoint\.npz is damaged .* Delete it to train from the start\.$"):
            fit.train(config(), noise(), tmp_path)


@pytest.mark.parametrize("changed", ["a list for a state", "a history of text", "nothing seen", "no weights"])
def test_a_checkpoint_that_is_whole_and_says_something_else_is_named_and_not_used(uninterrupted, tmp_path, changed):
    arrays, state = checkpoint.read(uninterrupted[1] / "checkpoint.npz")
    if changed == "nothing seen":
        del arrays["seen"]
    elif changed == "no weights":
        arrays = {"seen": arrays["seen"]}
    elif changed == "a history of text":
        state["history"] = "text"
    else:
        state = [1]
    checkpoint.write(tmp_path / "checkpoint.npz", arrays, state)
    with pytest.raises(InputError, match=r"checkpoint\.npz .* Delete it to train from the start\.$"):
        fit.train(config(), noise(), tmp_path)


def test_a_pipe_in_place_of_a_checkpoint_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "checkpoint.npz")
    with pytest.raises(InputError, match=r"checkpoint\.npz is damaged .*no regular file"):
        fit.train(config(), noise(), tmp_path)
    with pytest.raises(InputError, match="no regular file"):
        checkpoint.read(tmp_path / "checkpoint.npz", {"kernel": (1, 2)})


@pytest.mark.slow
def test_ten_kills_of_one_training_at_any_moment_change_nothing(uninterrupted, tmp_path):
    random = np.random.default_rng(2)
    for _ in range(10):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=TESTS, stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(random.uniform(0, 0.4))
        child.kill()
        child.stdout.close()
        child.wait()
    assert_same_to_the_bit(fit.train(config(), noise(), tmp_path), uninterrupted[0])


def test_early_stopping_ends_after_the_patience_and_brings_the_best_weights_back(tmp_path):
    windows = noise()
    options = config(epochs=30, early_stopping_patience=2, learning_rate=0.01)
    trained = fit.train(options, windows, tmp_path)
    losses = trained.history["validation_loss"]
    best = int(losses.idxmin()) + 1
    assert trained.epoch == best and len(losses) == best + 2 < 30
    rows = windows.rows("validation")
    probability = fit.predict(trained.model, windows, rows)
    given = np.where(windows.labels(rows) == 1, probability, 1 - probability)
    assert -np.log(given).mean() == pytest.approx(losses.min(), rel=1e-5)
    assert_same_to_the_bit(fit.train(options, windows, tmp_path), trained)  # from the checkpoint


def test_without_early_stopping_the_last_weights_stay(uninterrupted):
    trained, _ = uninterrupted
    assert trained.epoch == 4


@pytest.mark.parametrize("name", ["adam", "adamax", "adagrad", "sgd", "rmsprop"])
def test_every_optimizer_of_the_paper_trains_and_resumes(name, tmp_path):
    options = config(optimizer=name, epochs=2, learning_rate=0.002)
    windows = noise(n=30, n_train=20, n_minutes=16)
    whole = fit.train(options, windows, tmp_path / "whole")
    assert type(whole.model.optimizer).__name__.lower() == name
    assert float(whole.model.optimizer.get_config()["learning_rate"]) == pytest.approx(0.002)
    expected, before = whole.history, {name: values.copy() for name, values in weights(whole).items()}
    done = []  # one model for the three trainings: it is quicker, and the optimiser must be as new each time
    halted = fit.train(
        options, windows, tmp_path / "parts", done.append, should_stop=lambda: len(done) == 1, reuse=whole
    )
    parts = fit.train(options, windows, tmp_path / "parts", reuse=halted)
    assert halted.cancelled and not parts.cancelled
    pd.testing.assert_frame_equal(parts.history[MEASURED], expected[MEASURED], check_exact=True)
    for name, values in weights(parts).items():
        assert values.tobytes() == before[name].tobytes(), name


def test_balanced_class_weights_give_both_classes_the_same_sum():
    labels = np.array([0, 0, 0, 1])
    by_label = loop.class_weights(labels, config(class_weights="balanced").training)
    np.testing.assert_allclose(by_label, [4 / 6, 4 / 2])
    assert loop.class_weights(labels, config().training) is None


def test_balanced_class_weights_move_the_forecast_towards_the_rare_class(tmp_path):
    random = np.random.default_rng(4)
    label = (np.arange(80) % 8 == 0).astype(int)
    windows = ArrayWindows(random.normal(size=(80, 3, 16)), label, 64)
    mean = {}
    for rule in ("none", "balanced"):
        options = config(class_weights=rule, epochs=5, learning_rate=0.0005)
        trained = fit.train(options, windows, tmp_path / rule)
        mean[rule] = fit.predict(trained.model, windows, windows.rows("validation")).mean()
    assert mean["balanced"] > mean["none"] + 0.1


def test_windows_are_never_taken_all_at_once(tmp_path):
    windows = noise(n=300, n_train=200)
    fit.train(config(epochs=1, batch_size=8), windows, tmp_path)
    assert windows.largest_batch <= 64
    assert loop.evaluation_batch(1440) == 64 and loop.evaluation_batch(43200) == 14


def test_saved_weights_give_the_same_probabilities(uninterrupted, tmp_path):
    trained, _ = uninterrupted
    windows = noise()
    rows = np.array([3, 0, 41])
    fit.save_weights(trained.model, tmp_path / "weights.npz")
    loaded = fit.load_model(config(), 32, tmp_path / "weights.npz")
    np.testing.assert_array_equal(fit.predict(loaded, windows, rows), fit.predict(trained.model, windows, rows))
    assert fit.predict(loaded, windows, np.array([], dtype=int)).shape == (0,)


def test_the_logits_of_the_printed_table_become_probabilities(tmp_path):
    options = config(epochs=1)
    table = type(options)(training=options.training, network=type(options.network)(activation_column="table"))
    trained = fit.train(table, noise(), tmp_path)
    windows = noise()
    logits = trained.model.predict_on_batch(windows.batch(np.arange(5))[..., None]).astype(np.float64)
    expected = np.exp(logits[:, 1]) / np.exp(logits).sum(axis=1)
    np.testing.assert_allclose(fit.predict(trained.model, windows, np.arange(5)), expected, rtol=1e-5)
    assert 0.5 < trained.history["loss"].iloc[0] < 0.9  # cross-entropy of logits, not of numbers taken for shares


def test_weights_of_another_window_length_are_refused(uninterrupted, tmp_path):
    fit.save_weights(uninterrupted[0].model, tmp_path / "weights.npz")
    with pytest.raises(InputError, match=r"dense_1/kernel has shape \(1536, 64\), expected \(3072, 64\)"):
        fit.load_model(config(), 64, tmp_path / "weights.npz")


def test_a_weights_file_cannot_carry_code_objects_nan_or_strangers(uninterrupted, tmp_path):
    good = weights(uninterrupted[0])
    path = tmp_path / "weights.npz"

    def refused(arrays, message):
        np.savez(path, **arrays)
        with pytest.raises(InputError, match=message):
            fit.load_model(config(), 32, path)

    refused({**good, "output/bias": np.array([print, None], dtype=object)}, "objects")
    refused({**good, "output/bias": np.array([np.nan, 0], dtype=np.float32)}, "finite")
    refused({**good, "extra": np.zeros(3)}, "'extra', which the network does not have")
    refused({name: good[name] for name in list(good)[1:]}, "no array 'conv_1/kernel'")
    path.write_text("<html>not found</html>")
    with pytest.raises(InputError, match="damaged"):
        fit.load_model(config(), 32, path)
    with pytest.raises(InputError, match="There is no file"):
        fit.load_model(config(), 32, tmp_path / "absent.npz")


def test_training_starts_from_given_weights(uninterrupted, tmp_path):
    trained, _ = uninterrupted
    fit.save_weights(trained.model, tmp_path / "weights.npz")
    options = config(epochs=1, optimizer="sgd", learning_rate=1e-9, seed=50)
    again = fit.train(options, noise(), tmp_path / "run", initial_weights=tmp_path / "weights.npz")
    last = trained.history["validation_loss"].iloc[-1]
    assert again.history["validation_loss"].iloc[0] == pytest.approx(last, rel=1e-5)


def test_training_rows_of_one_class_are_refused_with_the_counts(tmp_path):
    windows = noise()
    windows.label[:40] = 0
    with pytest.raises(InputError, match="No training window has label 1 \\(40 training windows in all\\)"):
        fit.train(config(), windows, tmp_path)
    windows.label[:40] = 1
    with pytest.raises(InputError, match="No training window has label 0"):
        fit.train(config(), windows, tmp_path)


def test_without_validation_rows_the_columns_are_nan_and_early_stopping_is_refused(tmp_path):
    windows = noise(n_train=48)
    windows.split["validation"] = np.array([], dtype=int)
    trained = fit.train(config(epochs=1), windows, tmp_path / "a")
    row = trained.history.iloc[0]
    assert np.isnan(row[["validation_loss", "validation_accuracy", "validation_auc"]].astype(float)).all()
    assert row["active_units"] > 0 and row["output_sd"] > 0
    with pytest.raises(InputError, match="Early stopping needs validation windows"):
        fit.train(config(early_stopping_patience=1), windows, tmp_path / "b")


def test_a_diverging_training_says_which_option_to_change(tmp_path):
    if network.load_keras().backend.backend() != "tensorflow":
        pytest.skip("with the other backends this loss stays finite: the network is dead instead")
    windows = noise()
    windows.values *= 1e4
    with pytest.raises(InputError, match=r"infinite in epoch \d+.*Lower learning_rate \(now 0\.1\)"):
        fit.train(config(optimizer="sgd", learning_rate=0.1, epochs=10), windows, tmp_path)
