"""A reader sees the archive of before a write or that of after it, wherever between its openings the write falls."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from support.archive_rows import MIDNIGHT_2016, record

START = pd.Timestamp("2016-01-01T00:00Z")
HOUR = pd.Timedelta(hours=1)


def day(number):
    return pd.Timestamp(f"2020-01-{number:02d}T12:00Z")


@pytest.fixture
def archive(tmp_path):
    """Two hours of which each minute has its own number as its value, from the second hour of 2016 on."""
    archive = Archive(tmp_path / "archive")
    archive.store(record(np.arange(60, 180), "provisional", MIDNIGHT_2016 + 60), learned=day(1))
    return archive


def write(archive):
    """The hour before, with numbers that go on backwards; and half a minute's value was wrong and is corrected."""
    values = np.arange(0, 180, dtype=float)
    values[90:100] += 0.5
    archive.store(record(values, "definitive"), learned=day(3))


def write_at_opening(monkeypatch, archive, number):
    """Let another writer write just after the reader has opened a Parquet file for the n-th time."""
    openings = []

    def counted(opened):
        openings.append(1)
        if len(openings) == number:
            with monkeypatch.context() as plain:
                plain.setattr(pq, "read_metadata", read_metadata)
                plain.setattr(pq, "ParquetFile", parquet_file)
                write(archive)
        return opened

    read_metadata, parquet_file = pq.read_metadata, pq.ParquetFile
    monkeypatch.setattr(pq, "read_metadata", lambda *given, **how: counted(read_metadata(*given, **how)))
    monkeypatch.setattr(pq, "ParquetFile", lambda *given, **how: counted(parquet_file(*given, **how)))
    return openings


def state(found):
    return found.field.to_csv() + found.data_type + str(found.notes) if hasattr(found, "field") else found.to_csv()


READERS = {
    "minute": lambda archive: archive.minute("DUR", START, START + 3 * HOUR),
    "part": lambda archive: archive.minute("DUR", START + HOUR, START + 2 * HOUR),
    "as of before": lambda archive: archive.minute("DUR", START, START + 3 * HOUR, as_of=day(2)),
    "as of after": lambda archive: archive.minute("DUR", START, START + 3 * HOUR, as_of=day(3)),
    "types": lambda archive: archive.data_types("DUR", START, START + 2 * HOUR),
    "gaps": lambda archive: archive.gaps("DUR", 1, START, START + 3 * HOUR),
    "days": lambda archive: coverage.days(archive.folder, "DUR"),
    "revisions": lambda archive: archive.revisions("DUR"),
    "coverage": lambda archive: archive.coverage(),
    "check": lambda archive: archive.check(),
}


@pytest.mark.parametrize("name", READERS)
def test_a_read_gives_the_state_of_before_or_after_the_write_that_falls_into_it(archive, tmp_path, name):
    read = READERS[name]
    other = Archive(tmp_path / "other")
    other.store(record(np.arange(60, 180), "provisional", MIDNIGHT_2016 + 60), learned=day(1))
    before = state(read(other))
    write(other)
    after = state(read(other))
    allowed = {before} if name == "as of before" else {before, after}
    for number in range(1, 10):
        again = Archive(tmp_path / f"{number}")
        again.store(record(np.arange(60, 180), "provisional", MIDNIGHT_2016 + 60), learned=day(1))
        with pytest.MonkeyPatch.context() as patched:
            openings = write_at_opening(patched, again, number)
            found = state(read(again))
        assert found in allowed, f"written after opening {number}"
        if len(openings) < number:
            break
    assert number > 1  # the reader has opened something


def test_a_reader_of_all_minutes_beside_a_writer_has_every_value_at_its_own_minute(archive, monkeypatch):
    """The period is looked up before the values are read; its minutes must have their own values."""
    for number in range(1, 6):
        again = Archive(archive.folder.with_name(str(number)))
        again.store(record(np.arange(60, 180), "provisional", MIDNIGHT_2016 + 60), learned=day(1))
        with monkeypatch.context() as patched:
            write_at_opening(patched, again, number)
            field = again.minute("DUR").field["X"]
        minutes = (field.index - START) / pd.Timedelta(minutes=1)
        assert len(field) in (120, 180)
        assert set((field.to_numpy() - minutes.to_numpy()).tolist()) <= {0.0, 0.5}


WRITER = """
import sys
import numpy as np
from core.loading.archive.archive import Archive
from core.loading.record.minute import MinuteRecord
from core.loading.record.minute import on_grid
first = 24193440 + 9000
for n in range(120):
    begin = first - (n * 37) % 9000
    values = np.repeat(np.arange(begin, begin + 400, dtype=float)[:, None] + (n % 2) / 4, 4, axis=1)
    Archive(sys.argv[1]).store(MinuteRecord("DUR", on_grid(begin, values), "definitive"))
"""


@pytest.mark.slow
def test_readers_beside_a_process_that_writes_again_and_again_have_every_value_at_its_own_minute(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.store(record(np.arange(MIDNIGHT_2016 + 9000, MIDNIGHT_2016 + 9400), first=MIDNIGHT_2016 + 9000))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(archive.folder)], stderr=subprocess.PIPE)
    n_reads = 0
    while writer.poll() is None:
        as_of = pd.Timestamp.now("UTC") if n_reads % 2 else None
        field = archive.minute("DUR", as_of=as_of).field["X"].dropna()
        minutes = (field.index - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(minutes=1)
        assert set((field.to_numpy() - minutes.to_numpy()).tolist()) <= {0.0, 0.25}
        n_reads += 1
    assert writer.returncode == 0, writer.stderr.read().decode()
    assert n_reads > 10
    assert archive.check().empty
