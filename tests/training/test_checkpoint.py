"""Checkpoint files: whole after any kill, and not written more often than is cheap."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.training import checkpoint

WRITER = """
import sys
from pathlib import Path
import numpy as np
from core.training import checkpoint
step = 0
while True:
    step += 1
    arrays = {"weights/a": np.full(200_000, step, dtype=np.float32), "optimizer/0": np.full(50_000, step)}
    checkpoint.write(Path(sys.argv[1]), arrays, {"epoch": step})
    print(step, flush=True)
"""


def kill_writer(path: Path, delay: float) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    seen = int(child.stdout.readline())
    time.sleep(delay)
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split("\n")
    child.stdout.close()
    child.wait()
    seen = max([seen, *(int(line) for line in rest[:-1] if line)])
    arrays, state = checkpoint.read(path)
    assert seen <= state["epoch"] <= seen + 1
    for values in arrays.values():
        assert (values == state["epoch"]).all()


def test_a_kill_while_a_checkpoint_is_written_leaves_a_whole_one(tmp_path):
    random = np.random.default_rng(0)
    for i in range(2):
        kill_writer(tmp_path / f"{i}.npz", random.uniform(0, 0.02))


@pytest.mark.slow
def test_a_hundred_kills_while_a_checkpoint_is_written_leave_a_whole_one(tmp_path):
    random = np.random.default_rng(1)
    for _ in range(100):
        kill_writer(tmp_path / "checkpoint.npz", random.uniform(0, 0.02))


def test_checkpoints_come_every_epoch_unless_writing_is_slow_and_then_every_thirty_seconds(tmp_path):
    now, cost = [0.0], [0.1]

    def clock() -> float:
        return now[0]

    class SlowDisk(checkpoint.Pace):
        def write_in(self, seconds: float) -> None:
            cost[0] = seconds
            self.write(tmp_path / "a.npz", {"a": np.zeros(1)}, {})

    def slow_write(*_) -> None:
        now[0] += cost[0]

    pace = SlowDisk(clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "write", slow_write)
        assert pace.due()
        pace.write_in(0.09)
        assert pace.due()  # at once: cheap
        pace.write_in(2.0)
        now[0] += 19.0
        assert not pace.due()  # 2 s of 19 s is more than a tenth
        now[0] += 1.0
        assert pace.due()
        pace.write_in(60.0)
        now[0] += 29.0
        assert not pace.due()
        now[0] += 1.0
        assert pace.due()
