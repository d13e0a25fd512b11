"""A catalogue that is replaced, or grows, while it is read or while another program adds to it."""

import builtins
import hashlib
import io
import os
import subprocess
import sys

import pandas as pd
import pytest

from core.loading.archive.archive import Archive
from support.archive_rows import events


def day(number):
    return pd.Timestamp(f"2020-01-{number:02d}T12:00Z")


@pytest.fixture
def archive(tmp_path):
    archive = Archive(tmp_path / "archive")
    archive.store_events("italy", events(3), "three.csv", learned=day(1))
    return archive


def write_at_call(patched, owner, name, number, write):
    """Let another writer write just before the n-th call of a function; the calls made."""
    calls, real = [], getattr(owner, name)

    def counted(*given, **how):
        calls.append(given)
        if len(calls) == number:
            with pytest.MonkeyPatch.context() as plain:
                plain.setattr(owner, name, real)
                write()
        return real(*given, **how)

    patched.setattr(owner, name, counted)
    return calls


def test_a_snapshot_is_what_its_digest_says_also_when_the_catalogue_is_replaced_before_it_is_read(archive):
    snapshot = archive.snapshot("italy")
    archive.store_events("italy", events(5), "five.csv", learned=day(2))
    archive.store_events("italy", events(7), "seven.csv", learned=day(3))
    assert len(snapshot.read()[0]) == 3
    assert snapshot.origin == "three.csv"


def test_digest_origin_and_history_are_of_one_moment_wherever_the_write_falls(archive):
    digests = {}
    for n in (3, 5, 7):
        other = Archive(archive.folder.with_name(f"only-{n}"))
        other.store_events("italy", events(n), "x.csv")
        digests[hashlib.sha256((other.folder / "events" / "italy.parquet").read_bytes()).hexdigest()] = n
    words = {3: "three.csv", 5: "five.csv", 7: "seven.csv"}
    for owner, name in ((builtins, "open"), (io, "open"), (os, "stat"), (os, "scandir")):
        for number in range(1, 12):
            again = Archive(archive.folder.with_name(f"{owner.__name__}-{name}-{number}"))
            again.store_events("italy", events(3), "three.csv", learned=day(1))

            def write(again=again):
                again.store_events("italy", events(5), "five.csv", learned=day(2))
                again.store_events("italy", events(7), "seven.csv", learned=day(3))

            with pytest.MonkeyPatch.context() as patched:
                calls = write_at_call(patched, owner, name, number, write)
                history = again.history("italy")
            assert history["origin"].tolist() in (["three.csv"], list(words.values())), f"{name} {number}"
            for row in history.to_dict("records"):
                assert (row["n_events"], row["origin"]) == (digests[row["digest"]], words[row["n_events"]])
            if len(calls) < number:
                break


ADDER = """
import sys
from pathlib import Path
from core.loading.archive import derived_catalogues
from core.loading.archive.archive import Archive
for path in sorted(Path(sys.argv[2]).iterdir()):
    derived_catalogues.store_added(Archive(sys.argv[1]), "italy", path)
"""


def test_two_programs_that_add_events_to_one_catalogue_lose_none(archive, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for n in range(15):
            (tmp_path / folder / f"{n:02}.csv").write_text(
                "time,latitude,longitude,depth,mag,magType,id,type\n"
                f"2016-01-02T03:{n:02}:05.000Z,42,14,10,4.0,ml,{folder}{n},earthquake\n".replace("\\n", "\\n")
            )
    command = [sys.executable, "-c", ADDER, str(archive.folder)]
    adders = [subprocess.Popen([*command, str(tmp_path / name)], stderr=subprocess.PIPE) for name in ("one", "two")]
    for adder in adders:
        _, errors = adder.communicate(timeout=300)
        assert adder.returncode == 0, errors.decode()
    assert len(archive.events("italy")) == 33
