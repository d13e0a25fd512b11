"""The ledger's file: writers that wait for each other lose nothing, and reading it needs no right to write."""

import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

from core.errors import InputError
from core.forecasting.ledger import Ledger
from support.ledger_rows import FORECAST

READ = """
import os, sys
from pathlib import Path
from core.errors import InputError
from core.forecasting.ledger import Ledger
if len(sys.argv) > 2:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
book = Ledger(Path(sys.argv[1]))
try:
    print(len(book.list()), book.verify(), book.head()[:6])
except InputError as error:
    print(error)
"""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user and to mount a disk")


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "book" / "ledger.sqlite")


@pytest.fixture
def open_ledger():
    """A ledger in a folder that every user can enter; pytest closes its own folders to others again and again."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Ledger(Path(folder) / "book" / "ledger.sqlite")


def read_elsewhere(path, *user):
    """What a process of its own, of another user if one is named, reads: rows, problems, head."""
    done = subprocess.run([sys.executable, "-c", READ, str(path), *user], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def in_wal_mode(path, row=None):
    """Make of a ledger what an earlier version left: in WAL mode, and if it was killed with its last row in the log."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    if row:
        script = "import os, sqlite3, sys; database = sqlite3.connect(sys.argv[1], isolation_level=None); "
        script += f"database.execute('INSERT INTO forecast VALUES ({', '.join('?' * len(row))})', {row!r}); os._exit(0)"
        subprocess.run([sys.executable, "-c", script, str(path)], check=True)
        path.with_name(f"{path.name}-shm").unlink()


def second_row(ledger):
    """What the next forecast would be as a row, without writing it."""
    other = Ledger(ledger.path.with_name("other.sqlite"))
    shutil.copy(ledger.path, other.path)
    other.append([replace(FORECAST, station="ESK")])
    row = other.read().rows[-1]
    other.path.unlink()
    return row


def _append_now(path, station):
    for number in range(100):
        valid_from = FORECAST.valid_from + pd.Timedelta(days=number)
        Ledger(path).append([replace(FORECAST, station=station, valid_from=valid_from)])


def test_two_writers_that_take_the_time_themselves_keep_every_forecast(ledger):
    writers = [get_context("spawn").Process(target=_append_now, args=(ledger.path, code)) for code in ("DUR", "IZN")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert ledger.list().groupby("station").size().to_dict() == {"DUR": 100, "IZN": 100}
    assert ledger.verify() == []
    assert ledger.list()["issued_at"].is_monotonic_increasing


def test_a_writer_that_waited_over_a_seconds_edge_is_dated_when_its_turn_came(ledger):
    """Another writer holds the file while it waits, and leaves a row that is seconds younger than the waiting began."""
    ledger.append([FORECAST])
    script = """
import pickle, sys
from pathlib import Path
from core.forecasting.ledger import Ledger
forecast = pickle.loads(bytes.fromhex(sys.argv[2]))
print("asks", flush=True)
Ledger(Path(sys.argv[1])).append([forecast])
"""
    later = datetime.now(UTC) + timedelta(seconds=3)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = subprocess.Popen(
            [sys.executable, "-c", script, str(ledger.path), pickle.dumps(replace(FORECAST, station="IZN")).hex()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert waiting.stdout.readline() == b"asks\n"
        while datetime.now(UTC) < later:
            time.sleep(0.05)
        assert waiting.poll() is None
        names = "issued_at, station, valid_from, valid_until, probability, threshold, run_id, data_until, synthetic"
        names += ", retrospective, previous_digest, digest"
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        other.execute(
            f"INSERT INTO forecast ({names}) VALUES ({', '.join('?' * 12)})",
            (now, "XXX", now, now, 0.5, 0.5, "r", now, 0, 1, "", "other"),
        )
        other.execute("COMMIT")
    _, errors = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, errors.decode()
    assert ledger.list()["station"].tolist() == ["DUR", "XXX", "IZN"]


def test_a_writer_that_is_killed_leaves_all_of_its_forecasts_or_none(ledger):
    """It is killed before each of its rows in turn, with the rows before that in the transaction."""
    script = """
import os, signal, sys
from pathlib import Path
from core.forecasting.ledger import Ledger
import core.forecasting.ledger as module
from tests_forecast import forecasts
count = int(sys.argv[2])
def digest(row, real=module._digest):
    global count
    count -= 1
    if count == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(row)
module._digest = digest
Ledger(Path(sys.argv[1])).append(forecasts)
"""
    helper = ledger.path.parents[1] / "tests_forecast.py"
    helper.write_text(
        "import pandas as pd\nfrom core.forecasting.ledger import Forecast\n"
        "day = pd.Timestamp('2126-01-01', tz='UTC')\n"
        "forecasts = [Forecast('DUR', day + pd.Timedelta(days=n), day + pd.Timedelta(days=n + 1), 0.5, 0.5, 'run', day,"
        " False) for n in range(3)]\n"
    )
    ledger.append([FORECAST])
    for point in (1, 2, 3):
        done = subprocess.run(
            [sys.executable, "-c", script, str(ledger.path), str(point)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(helper.parent), os.getcwd()])},
        )
        assert done.returncode == -signal.SIGKILL
        assert len(ledger.list()) == 1 and ledger.verify() == []


def test_reading_makes_no_file_and_changes_none(ledger):
    ledger.append([FORECAST])
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in ledger.path.parent.iterdir()}
    assert list(before) == ["ledger.sqlite"]
    assert len(ledger.list()) == 1 and ledger.verify() == [] and ledger.head()
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in ledger.path.parent.iterdir()} == before
    assert Ledger(ledger.path.with_name("none.sqlite")).list().empty
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.sqlite"]


@pytest.mark.parametrize("killed", [False, True])
def test_a_ledger_of_an_earlier_version_is_read_as_it_is_and_grows_on(ledger, killed):
    ledger.append([FORECAST])
    in_wal_mode(ledger.path, second_row(ledger) if killed else None)
    before = {path.name: path.read_bytes() for path in ledger.path.parent.iterdir()}
    assert ("ledger.sqlite-wal" in before) is killed
    assert ledger.list()["station"].tolist() == (["DUR", "ESK"] if killed else ["DUR"])
    assert ledger.verify() == []
    assert {path.name: path.read_bytes() for path in ledger.path.parent.iterdir()} == before
    ledger.append([replace(FORECAST, station="IZN")])
    assert ledger.list()["station"].tolist()[-1] == "IZN"
    assert [path.name for path in ledger.path.parent.iterdir()] == ["ledger.sqlite"]


@only_root
@pytest.mark.parametrize("mode", ["plain", "wal", "wal with rows"])
def test_another_user_reads_the_ledger_of_a_folder_that_is_not_his(open_ledger, mode):
    open_ledger.append([FORECAST])
    if mode != "plain":
        in_wal_mode(open_ledger.path, second_row(open_ledger) if mode == "wal with rows" else None)
    rows = 2 if mode == "wal with rows" else 1
    assert read_elsewhere(open_ledger.path, "nobody").startswith(f"{rows} [")


@only_root
def test_a_ledger_that_another_user_may_not_read_is_one_sentence(open_ledger):
    open_ledger.append([FORECAST])
    open_ledger.path.chmod(0o600)
    said = read_elsewhere(open_ledger.path, "nobody")
    assert said.endswith("cannot be used: Permission denied.") and "\n" not in said
    open_ledger.path.parent.chmod(0o700)
    assert read_elsewhere(open_ledger.path, "nobody").endswith("cannot be used: Permission denied.")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this machine lets no one mount a disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@only_root
@pytest.mark.parametrize("wal", [False, True])
def test_the_ledger_is_read_from_a_disk_that_takes_no_writing_and_from_a_full_one(small_disk, wal):
    book = Ledger(small_disk / "ledger.sqlite")
    book.append([FORECAST])
    if wal:
        in_wal_mode(book.path)
    with pytest.raises(OSError, match="No space left"), open(small_disk / "filler", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert read_elsewhere(book.path).startswith("1 []")
    more = [replace(FORECAST, station=f"{n:03}") for n in range(200)]
    with pytest.raises(InputError, match=r"cannot be used: database or disk is full|disk I/O error"):
        book.append(more)
    assert len(book.list()) == 1 and book.verify() == []
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert read_elsewhere(book.path).startswith("1 []")
    for options, expected in (([], "DUR"), (["--verify"], "The chain of 1 forecasts is whole.")):
        command = [sys.executable, "-m", "core", "ledger", "--data", str(small_disk), *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and expected in done.stdout + done.stderr
    for path in (book.path, small_disk / "new" / "ledger.sqlite"):
        with pytest.raises(InputError, match="cannot be used: (attempt to write a readonly database|Read-only file)"):
            Ledger(path).append(more)
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)


@pytest.mark.parametrize("name", ["a b", "a?mode=memory", "a#b", "100%41", "ä"])
def test_any_name_of_a_folder_will_do(tmp_path, name):
    book = Ledger(tmp_path / name / "ledger.sqlite")
    book.append([FORECAST])
    assert len(book.list()) == 1 and book.verify() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_an_empty_file_and_one_without_forecasts_are_one_sentence_and_stay_as_they_are(tmp_path):
    (tmp_path / "empty.sqlite").touch()
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as database:
        database.execute("CREATE TABLE something (id INTEGER)")
    before = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
    for name, why in (("empty.sqlite", "the file is empty"), ("other.sqlite", "no such table: forecast")):
        for read in (Ledger(tmp_path / name).list, Ledger(tmp_path / name).verify, Ledger(tmp_path / name).head):
            with pytest.raises(InputError, match=f"{name} cannot be used: {why}"):
                read()
    assert [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())] == before


def test_a_killed_writers_unfinished_pages_are_not_read_as_forecasts(ledger, monkeypatch):
    """Half of a transaction is in the file, and the journal beside it says what stood there before."""
    ledger.append([FORECAST])
    script = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("PRAGMA cache_spill = 1")
database.execute("DROP TRIGGER forecast_is_never_edited")
database.execute("BEGIN IMMEDIATE")
for number in range(200):
    database.execute("UPDATE forecast SET probability = 0.99, station = ?", ("X" * 20 * number,))
    database.execute("CREATE TABLE more_%d (text TEXT)" % number)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script, str(ledger.path)], check=True)
    assert ledger.path.with_name("ledger.sqlite-journal").stat().st_size > 0
    before = {path.name: path.read_bytes() for path in ledger.path.parent.iterdir()}
    assert ledger.list()["probability"].tolist() == [0.25] and ledger.verify() == []
    assert {path.name: path.read_bytes() for path in ledger.path.parent.iterdir()} == before
    ledger.append([replace(FORECAST, station="IZN")])
    assert ledger.list()["probability"].tolist() == [0.25, 0.25]


def test_a_time_that_was_changed_into_none_is_named_by_verify_and_one_sentence_in_the_list(ledger):
    ledger.append([FORECAST])
    with closing(sqlite3.connect(ledger.path)) as database:
        database.execute("DROP TRIGGER forecast_is_never_edited")
        database.execute("UPDATE forecast SET issued_at = 'soon', station = x'ff00'")
        database.commit()
    assert ledger.verify() == ["Forecast 1: its content was changed after it was written."]
    with pytest.raises(InputError, match="issued_at"):
        ledger.list()


def test_the_table_the_verdict_and_the_last_digest_are_of_one_reading(ledger):
    ledger.append([FORECAST])
    read = ledger.read()
    ledger.append([replace(FORECAST, station="IZN")])
    assert len(read.table()) == 1 and read.problems() == [] and read.head == ledger.list()["digest"].iloc[0]


def test_a_ledger_that_a_link_leads_out_of_the_data_folder_is_not_written(tmp_path, monkeypatch):
    data, outside = tmp_path / "data", tmp_path / "outside.sqlite"
    data.mkdir()
    monkeypatch.setenv("PRECURSOR_DATA", str(data))
    (data / "ledger.sqlite").symlink_to(outside)
    with pytest.raises(InputError, match=r"ledger\.sqlite"):
        Ledger(data / "ledger.sqlite").append([FORECAST])
    assert not outside.exists()
