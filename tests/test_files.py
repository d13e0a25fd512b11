"""Writes are whole or absent."""

import time
from multiprocessing import get_context

import pytest

from core import files
from core.errors import InputError


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path):
    path = tmp_path / "a.txt"
    files.replace_text(path, "old")

    def fail(temporary):
        temporary.write_text("half")
        raise OSError(28, "disk full")

    with pytest.raises(OSError, match="disk full") as caught:
        files.replace(path, fail)
    assert caught.value.filename == str(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_not_a_number_never_reaches_a_json_file(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        files.replace_json(tmp_path / "a.json", {"auc": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_kill_are_cleared_and_nothing_else(tmp_path):
    for name in (".a.json.x1.json", ".weights.npz.y2.npz", "a.json"):
        (tmp_path / name).write_text("half")
    files.clear_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def _hold(path, ready) -> None:
    with files.claimed(path, "busy"):
        ready.set()
        time.sleep(60)


def test_a_claim_keeps_others_out_and_dies_with_its_process(tmp_path):
    context = get_context("spawn")
    ready = context.Event()
    other = context.Process(target=_hold, args=(tmp_path / "a.lock", ready))
    other.start()
    assert ready.wait(30)
    with pytest.raises(InputError, match="^busy$"), files.claimed(tmp_path / "a.lock", "busy"):
        pytest.fail("two at once")
    other.kill()
    other.join()
    with files.claimed(tmp_path / "a.lock", "busy"):
        pass
