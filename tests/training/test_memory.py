"""What a training needs, the batch size that follows, and that the number of windows does not matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import config as configs
from core.config import from_dict
from core.errors import InputError
from core.training import architectures, memory
from core.training.memory import Device

TESTS = Path(__file__).parents[1]


def auto(n_minutes: int = 16, **training) -> configs.ExperimentConfig:
    return from_dict({"windows": {"length_minutes": n_minutes}, "training": {"batch_size": "auto", **training}})


def test_what_the_layers_hold_of_one_window_agrees_with_a_sum_by_hand():
    # 16 minutes: conv_1 gives 3 x 16 x 32 = 1536 numbers, pool_1 768, conv_2 3 x 8 x 64 = 1536, pool_2 768, conv_3 768.
    # The most is there when conv_3 gets its gradient (768) and gives that of pool_2 (768): 5376 kept beside it, and
    # what the poolings note, a byte for each of 2 x 768 numbers.
    found = architectures.layers(configs.NetworkConfig(), 16)
    assert memory.held(found, 16) == 1536 + 768 + 1536 + 768 + 768 + 768 + 768 + 2 * 192


def test_what_a_training_needs_agrees_with_a_sum_by_hand():
    # Weights: 10 x 32 + 97 x 64 + 193 x 64 + 769 x 64 + 65 x 2 = 68226.
    window = 2 * 48 + 7296  # the window, the next one, what the layers hold
    assert memory.needed(auto(), 1) == 4 * (4 * 68226 + window)
    assert memory.needed(auto(), 32) == 4 * (4 * 68226 + 32 * window)
    assert memory.needed(auto(optimizer="sgd"), 32) == 4 * (2 * 68226 + 32 * window)
    assert memory.needed(auto(early_stopping_patience=3), 1) == 4 * (5 * 68226 + window)
    assert memory.needed(auto(precision="mixed_bfloat16"), 1) == 4 * (5 * 68226 + 2 * 48) + 2 * 7296


def test_the_weights_of_a_week_with_adam_take_twelve_bytes_each_in_blocks_and_sixteen_elsewhere():
    assert memory.needed(auto(10080), 1) == pytest.approx(12 * 30_984_834, rel=0.08)
    assert memory.needed(auto(10080, backend="jax"), 1) == pytest.approx(16 * 30_984_834, rel=0.05)


def test_the_initial_weights_are_drawn_in_three_arrays_which_is_more_than_plain_descent_needs_later():
    assert memory.needed(auto(10080, optimizer="sgd"), 1) == 12 * 30_984_834


def test_the_backend_of_the_environment_counts_where_none_is_named():
    code = "from core.training import memory; from core.config import from_dict; "
    code += "print(memory.needed(from_dict({'training': {'batch_size': 1}, 'windows': {'length_minutes': 10080}}), 1))"
    asked = {
        name: int(
            subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "KERAS_BACKEND": name},
            ).stdout
        )
        for name in ("tensorflow", "jax")
    }
    assert asked["jax"] == memory.needed(auto(10080, backend="jax"), 1)
    assert asked["tensorflow"] == memory.needed(auto(10080, backend="tensorflow"), 1)
    assert asked["jax"] > 1.2 * asked["tensorflow"]


def test_the_batch_size_falls_with_the_memory_by_powers_of_two_from_32():
    each = memory.needed(auto(), 2) - memory.needed(auto(), 1)
    weights = memory.needed(auto(), 1) - each

    def chosen(n_windows: float) -> int | str:
        free = (weights + n_windows * each) / memory.SHARE
        return memory.resolve(auto(), Device("memory", int(free) + 1))[0].training.batch_size

    assert [chosen(n) for n in (1, 1.9, 2, 3.9, 4, 15, 16, 31, 32, 1e6)] == [1, 1, 2, 2, 4, 8, 16, 16, 32, 32]


def test_a_network_that_does_not_fit_at_all_is_refused_in_one_sentence_with_both_numbers():
    with pytest.raises(InputError, match=r"of 30,984,834 parameters needs 0\.4 GB .* and 0\.4 GB of the GPU are free"):
        memory.resolve(auto(10080), Device("the GPU", 400_000_000))


def test_the_choice_is_said_with_what_it_needs_and_what_there_is():
    found, said = memory.resolve(auto(10080), Device("memory", 15_200_000_000))
    assert found.training.batch_size == 32
    assert said == ["Batch size 32 (chosen by memory: needs 0.98 of 15.2 GB of memory)."]


def test_a_number_is_left_alone_and_nobody_asks_for_the_memory(monkeypatch):
    monkeypatch.setattr(memory, "find", lambda backend: pytest.fail("asked"))
    config = configs.replace(auto(), training={"batch_size": 48})
    assert memory.resolve(config) == (config, [])


def test_a_chosen_batch_size_is_the_same_experiment_as_that_number():
    found, _ = memory.resolve(auto(), Device("memory", 10**12))
    assert found.id == configs.replace(auto(), training={"batch_size": 32}).id != auto().id


def test_a_batch_size_is_a_number_or_auto():
    with pytest.raises(InputError, match="batch_size = 'big' in \\[training\\] must be a number or one of: auto"):
        from_dict({"training": {"batch_size": "big"}})
    with pytest.raises(InputError, match="batch_size = 0 is outside 1 to 65536"):
        from_dict({"training": {"batch_size": 0}})


def test_the_limit_of_a_container_or_a_job_counts_at_every_level(tmp_path):
    job = tmp_path / "slurm" / "job_7"
    job.mkdir(parents=True)
    for folder, limit, used, files in (
        (job, "4000", 1500, 500),
        (job.parent, "2500", 2000, 100),
        (tmp_path, "max", 9, 0),
    ):
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 7\ninactive_file {files}\n")
    assert memory._groups("0::/slurm/job_7\n", tmp_path)[:2] == [3000, 600]


def test_this_machine_has_memory_and_keras_is_asked_in_another_process():
    found = memory.find()
    assert found.free > 10**8 and found.name in ("memory", "the GPU")


ON_ITS_OWN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import memory
memory.child(*json.loads(sys.argv[2]))
"""


def taken(*case: object) -> dict[str, int]:
    """What a training in a process of its own needs and takes, as benchmarks/memory.py measures it."""
    command = [sys.executable, "-c", ON_ITS_OWN, str(TESTS.parent / "benchmarks"), json.dumps(case)]
    done = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_ten_times_as_many_windows_take_no_more_memory():
    small = {"network": {"filters": 4, "dense": 8}, "training": {"epochs": 1}}
    few, many = (taken(1440, 32, n, small)["taken"] for n in (1000, 10_000))
    all_windows = 12_500 * 3 * 1440 * 4  # 216 MB
    assert many - few < all_windows / 5


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_training_on_a_week_takes_little_more_than_it_must_hold():
    found = taken(10080, 32, 64, {})
    assert 0.8 < found["taken"] / found["needed"] < 1.4  # benchmarks/memory.py: 1.2 to 1.3
