"""A pipe in the place of a file of a data folder is named at once; nobody waits for what will never be written."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from core import documents
from core.loading.archive import store
from core.loading.archive.archive import Archive

PLACES = ["archive/minute/DUR/2016.parquet", "archive/events/italy.parquet", "raw/journal.jsonl", "raw/index.jsonl"]


@pytest.mark.parametrize("place", PLACES)
def test_a_check_of_an_archive_with_a_pipe_in_it_ends_and_names_it(tmp_path, place):
    pipe = tmp_path / place
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "core", "archive", "check", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr and done.returncode in (1, 2)
    assert pipe.name in done.stdout + done.stderr


@pytest.mark.parametrize("place", ["/dev/zero", "folder", "pipe"])
def test_what_is_no_regular_file_is_not_opened(tmp_path, place):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular file|directory"):
        documents.read_stored(tmp_path / place)


def test_a_run_with_a_pipe_for_its_status_is_left_out_and_named(precursor, data_folder):
    (data_folder / "runs" / "some-12345678").mkdir(parents=True)
    os.mkfifo(data_folder / "runs" / "some-12345678" / "status.json")
    code, out, err = precursor("runs")
    assert "some-12345678" in out + err and code in (0, 1, 2)


def test_a_check_beside_a_busy_writer_says_so_and_accuses_no_file(tmp_path, monkeypatch):
    archive = Archive(tmp_path / "archive")
    looks = iter(range(100))
    accusation = pd.DataFrame(
        [("2016.parquet", "the bytes are not those that were stored")], columns=["file", "problem"]
    )
    monkeypatch.setattr(store.soundness, "table", lambda folder, journal: accusation)
    monkeypatch.setattr(archive, "stamp", lambda: str(next(looks)))  # a writer changes something during every look
    (problem,) = archive.check()["problem"]
    assert "a writer is at work" in problem
    monkeypatch.setattr(archive, "stamp", lambda: "the same")
    assert archive.check().equals(accusation)
