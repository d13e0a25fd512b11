"""A chained log: each line is verified once in a process, and what was changed since is refused all the same."""

from __future__ import annotations

import pytest

from core.chained_log import MOST_HELD, ChainedLog
from core.errors import InputError


class Counted:
    """A check of lines that keeps what it was asked about."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, line: dict) -> None:
        self.asked.append(line["number"])


def numbers(log: ChainedLog) -> list[int]:
    return [line["number"] for line in log.entries()]


def test_a_line_is_verified_once_however_often_the_log_is_read_and_added_to(tmp_path):
    check = Counted()
    for number in range(20):
        ChainedLog(tmp_path / "log.jsonl", check).append({"number": number})
        assert numbers(ChainedLog(tmp_path / "log.jsonl", check)) == list(range(number + 1))
    assert check.asked == list(range(20))


@pytest.mark.parametrize("change", ["a line", "the first line is gone", "one more line"])
def test_what_is_changed_after_it_was_read_is_refused(tmp_path, change):
    log = ChainedLog(tmp_path / "log.jsonl")
    for number in range(3):
        log.append({"number": number})
    assert numbers(log) == [0, 1, 2]
    lines = log.path.read_bytes().splitlines(keepends=True)
    if change == "a line":
        lines[1] = lines[1].replace(b'"number": 1', b'"number": 7')
    elif change == "the first line is gone":
        del lines[0]
    else:
        lines.append(lines[-1])
    log.path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="was changed after it was written"):
        log.entries()


def test_a_log_that_was_put_back_to_an_earlier_copy_is_read_as_that(tmp_path):
    log = ChainedLog(tmp_path / "log.jsonl")
    log.append({"number": 0})
    earlier = log.path.read_bytes()
    log.append({"number": 1})
    assert numbers(log) == [0, 1]
    log.path.write_bytes(earlier)
    assert numbers(log) == [0]


def test_whoever_changes_what_was_read_changes_nothing_for_the_next_reader(tmp_path):
    log = ChainedLog(tmp_path / "log.jsonl")
    log.append({"number": 0})
    for line in log.entries():
        line["number"] = 9
    log.entries().clear()
    assert numbers(log) == [0]


def test_more_logs_than_a_process_remembers_are_read_as_well(tmp_path):
    logs = [ChainedLog(tmp_path / f"{number}.jsonl") for number in range(MOST_HELD + 3)]
    for number, log in enumerate(logs):
        log.append({"number": number})
    assert [numbers(log) for log in logs] == [[number] for number in range(MOST_HELD + 3)]
