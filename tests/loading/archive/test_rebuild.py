"""The archive made again from the raw store: every derived byte is the same; what cannot be made again is said."""

import json
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from core import stations
from core.loading.archive.archive import Archive
from core.loading.formats.minutes import iaga2002
from core.loading.record.minute import MinuteRecord, on_grid
from support.fake_server import Fake
from support.fake_services import Fdsn, Gin, Hapi, Kp, Usgs

EVENTS = [(str(n), f"2016-{n:02d}-05T10:00:00", 42.0, 13.0 + n / 10, 3.0 + n / 10) for n in range(1, 13)]
SPAN = ("--start", "2018-01-30", "--end", "2018-02-02")
DAY = 25_246_080  # 2018-01-01 in epoch minutes
HEAD = "time,latitude,longitude,depth,mag,magType,id,type\n"


def minute_file(path, first, value, data_type="definitive", n=90):
    record = MinuteRecord("DUR", on_grid(first, [[24_567.1 + value, 1321.2, 39347.3, 46405.9]] * n), data_type)
    iaga2002.write(record, path, stations.get("DUR"))
    return path


def listed(path, rows):
    path.write_text(HEAD + "".join(f"2016-01-{d:02d}T03:04:05.000Z,42,14,10,{m},ml,e{d},earthquake\n" for d, m in rows))
    return path


def derived(folder):
    """Every file of the archive but the lock, with its bytes."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (".lock", ".writer")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def fetched(precursor):
    """Everything that a service can give, with answers that were too large, cut off, and asked for again."""
    with Fake(Gin(data_type="Variation")) as fake:
        assert (
            precursor("fetch", "minute", "DUR", *SPAN, "--service", "gin", "--type", "variation", "--base", fake.base)[
                0
            ]
            == 0
        )
    with Fake(Hapi(too_much_hours=24)) as fake:
        fake.faults = ["", "", "reset", "reset"]
        command = ("fetch", "minute", "DUR", *SPAN, "--base", fake.base)
        assert precursor(*command)[0] in (0, 1)
        assert precursor(*command)[0] == 0
        assert precursor("fetch", "minute", "DUR", *SPAN, "--type", "best", "--base", fake.base, "--again")[0] == 0
    with Fake(Usgs()) as fake:
        late = ("--start", "2018-02-02", "--end", "2018-02-04")
        assert precursor("fetch", "minute", "DUR", *late, "--service", "usgs", "--base", fake.base)[0] == 0
    with Fake(Fdsn(EVENTS, limit=5)) as fake:
        span = ("--start", "2015-06-01", "--end", "2017-01-01", "--region", "40", "45", "10", "20")
        assert precursor("fetch", "catalogue", "ingv", *span, "--name", "italy", "--base", fake.base)[0] == 0
    with Fake(Kp(definitive_until="2024-05-11")) as fake:
        span = ("--start", "2024-05-10", "--end", "2024-05-12", "--base", fake.base)
        assert precursor("fetch", "activity", *span)[0] == 0


@pytest.mark.slow
def test_the_rebuilt_archive_is_byte_for_byte_the_one_that_was_deleted(precursor, data_folder, tmp_path):
    fetched(precursor)
    files = tmp_path / "files"
    files.mkdir()
    minute_file(files / "a.min", DAY + 40 * 1440, 1.0)
    minute_file(files / "b.min", DAY + 29 * 1440 + 100, 2.0)  # revises what was fetched
    minute_file(files / "old.min", DAY - 30, 3.0, "provisional", 60)  # over New Year
    with zipfile.ZipFile(files / "more.zip", "w") as packed:
        for number in range(3):
            packed.write(minute_file(tmp_path / f"z{number}.min", DAY + number * 50, 4.0 + number), f"z{number}.min")
    assert precursor("ingest", files)[0] == 0
    mapped = tmp_path / "kod.csv"
    mapped.write_text("t,x,y,z\n" + "".join(f"2018-03-01 00:{m:02d},100.5,200,300\n" for m in range(30)))
    mapping = tmp_path / "kod.toml"
    mapping.write_text('station = "KOD"\ntime = "t"\ntime_format = "%Y-%m-%d %H:%M"\nx = "x"\ny = "y"\nz = "z"\n')
    assert precursor("ingest", mapped, "--mapping", mapping)[0] == 0
    assert precursor("catalogue", listed(tmp_path / "a.csv", [(1, 4.0), (2, 5.0)]), "--name", "mine")[0] == 0
    later = listed(tmp_path / "a.csv", [(1, 4.0), (2, 5.1), (9, 3.0)])
    assert precursor("catalogue", later, "--name", "mine", "--end", "2016-02-01")[0] == 0
    assert precursor("catalogue", "merge", "italy", "mine", "--name", "both")[0] == 0
    before = derived(data_folder / "archive")
    assert sum(name.endswith(".earlier.parquet") for name in before) == 1
    code, _, err = precursor("archive", "rebuild")
    assert code == 0 and "is, byte for byte, what raw/ gives" in " ".join(err.split())
    shutil.rmtree(data_folder / "archive")
    code, _, err = precursor("archive", "rebuild")
    assert code == 0, err
    after = derived(data_folder / "archive")
    assert after.keys() == before.keys()
    parquet = [name for name in before if name.endswith(".parquet")]
    assert len(parquet) >= 9
    assert {name for name in parquet if after[name] != before[name]} == set()
    for name in before:  # where each came from is the same too
        if name.startswith(("events", "activity")) and name.endswith(".json"):
            assert json.loads(after[name]) == json.loads(before[name])
    assert Archive(data_folder / "archive").check().empty


def test_a_small_archive_that_was_deleted_comes_back_with_the_same_digests(precursor, data_folder, tmp_path):
    with Fake(Hapi()) as fake:
        assert precursor("fetch", "minute", "DUR", *SPAN, "--base", fake.base)[0] == 0
    precursor("ingest", minute_file(tmp_path / "a.min", DAY + 29 * 1440 + 100, 2.0))  # revises what was fetched
    precursor("catalogue", listed(tmp_path / "a.csv", [(1, 4.0), (2, 5.0)]), "--name", "mine")
    before = derived(data_folder / "archive")
    shutil.rmtree(data_folder / "archive")
    assert precursor("archive", "rebuild")[0] == 0
    after = derived(data_folder / "archive")
    same = [name for name in before if after.get(name) == before[name]]
    assert [name for name in before if name.endswith(".parquet") and name not in same] == []
    assert after.keys() == before.keys() and "minute/DUR/history/2018.earlier.parquet" in same


@pytest.mark.parametrize("packs", ["the same", "otherwise"])
def test_a_merge_of_an_older_snapshot_is_rebuilt_from_that_snapshot(
    precursor, data_folder, tmp_path, other_pyarrow, packs
):
    precursor("catalogue", listed(tmp_path / "a.csv", [(1, 4.0)]), "--name", "a")
    (first,) = Archive(data_folder / "archive").history("a")["digest"]
    precursor("catalogue", listed(tmp_path / "a.csv", [(1, 4.0), (2, 5.0)]), "--name", "a")
    precursor("catalogue", listed(tmp_path / "b.csv", [(1, 4.0), (9, 3.0)]), "--name", "b")
    assert precursor("catalogue", "merge", f"a@{first}", "b", "--name", "both")[0] == 0
    assert precursor("catalogue", "convert", f"a@{first}", "--name", "mw")[0] == 0
    shutil.rmtree(data_folder / "archive")
    if packs == "otherwise":
        other_pyarrow()
    code, _, err = precursor("archive", "rebuild")
    assert code == 0, err
    rebuilt = Archive(data_folder / "archive")
    assert rebuilt.events("both")["event_id"].tolist() == ["e1", "e9"]
    assert rebuilt.events("mw")["event_id"].tolist() == ["e1"]
    assert len(rebuilt.history("a")) == 2


@pytest.mark.parametrize("journal", ["of today", "of before"])
def test_a_merge_is_not_rebuilt_from_another_snapshot_where_its_own_cannot_be_made(
    precursor, data_folder, tmp_path, other_pyarrow, journal
):
    precursor("catalogue", listed(tmp_path / "b.csv", [(1, 4.0), (9, 3.0)]), "--name", "b")
    for rows in ([(1, 4.0)], [(1, 4.0), (2, 5.0)]):
        precursor("catalogue", listed(tmp_path / "a.csv", rows), "--name", "a")
    precursor("catalogue", "merge", "a", "b", "--name", "both")
    step = Archive(data_folder / "archive").journal.steps()[2]
    if journal == "of before":  # which did not say when the members were stored
        path = data_folder / "raw" / "journal.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        lines[-1]["parameters"].pop("retrieved")
        path.write_text("".join(json.dumps(line, sort_keys=True) + "\n" for line in lines))
    (data_folder / "raw" / step.inputs[0][1]).unlink()
    shutil.rmtree(data_folder / "archive")
    other_pyarrow()
    code, _, err = precursor("archive", "rebuild")
    assert code == 1 and "(merge) could not be taken" in err
    assert Archive(data_folder / "archive").catalogues()["name"].tolist() == ["a", "b"]


def test_each_learning_time_names_the_bytes_it_came_from(precursor, data_folder, tmp_path):
    path = minute_file(tmp_path / "a.min", DAY, 1.0)
    precursor("ingest", path)
    journal = Archive(data_folder / "archive").journal
    (step,) = journal.steps()
    learned = pd.read_parquet(data_folder / "archive" / "minute" / "DUR" / "history" / "2018.learned.parquet")
    assert set(learned["X"]) == {pd.Timestamp(step.time)}
    assert [(name, journal.raw.body(digest)) for name, digest in step.inputs] == [("a.min", path.read_bytes())]


def test_what_changes_nothing_is_neither_kept_nor_written_down(precursor, data_folder, tmp_path):
    path = minute_file(tmp_path / "a.min", DAY, 1.0)
    precursor("ingest", path)
    before = derived(data_folder)
    precursor("ingest", path)
    precursor("ingest", minute_file(tmp_path / "worse.min", DAY, 2.0, "variation"))
    assert derived(data_folder) == before


def test_without_raw_bytes_an_archive_cannot_be_rebuilt_and_is_left_as_it_is(precursor, data_folder, tmp_path):
    precursor("ingest", minute_file(tmp_path / "a.min", DAY, 1.0), "--no-raw")
    code, _, err = precursor("archive", "rebuild")
    assert code == 2 and "nothing to rebuild from" in err
    precursor("ingest", minute_file(tmp_path / "b.min", DAY + 500, 1.0))
    before = derived(data_folder / "archive")
    code, out, err = precursor("archive", "rebuild", "--json")
    assert code == 1 and "is not what raw/ gives" in " ".join(err.split())
    outcomes = {row["file"]: row["outcome"] for row in json.loads(out)}
    assert outcomes["minute/DUR/2018.parquet"] == "differs"
    assert derived(data_folder / "archive") == before
    code, _, err = precursor("archive", "rebuild", "--replace")
    assert code == 0 and "is kept in" in err
    (aside,) = data_folder.glob("archive.before-*")
    assert derived(aside) == before
    assert Archive(data_folder / "archive").minute("DUR").start == pd.Timestamp("2018-01-01T08:20Z")


def test_a_damaged_raw_byte_is_named_by_check_and_by_rebuild(precursor, data_folder, tmp_path):
    precursor("ingest", minute_file(tmp_path / "a.min", DAY, 1.0))
    (step,) = Archive(data_folder / "archive").journal.steps()
    raw = data_folder / "raw" / step.inputs[0][1]
    raw.write_bytes(raw.read_bytes().replace(b"24568.10", b"24569.10", 1))
    code, out, _ = precursor("archive", "check")
    assert code == 1 and raw.name in out and "it held a.min" in out
    code, _, err = precursor("archive", "rebuild")
    assert code == 1 and raw.name in err and "the stored bytes are damaged" in err
    assert Archive(data_folder / "archive").stations() == ["DUR"]


@pytest.mark.parametrize("part", ["minute", "events", "activity", "history"])
def test_check_names_a_file_of_the_archive_in_which_any_byte_was_flipped(precursor, data_folder, tmp_path, part):
    path = minute_file(tmp_path / "a.min", DAY, 1.0)
    precursor("ingest", path)
    precursor("ingest", minute_file(tmp_path / "b.min", DAY, 2.0))
    for rows in ([(1, 4.0)], [(1, 4.0), (2, 5.0)]):
        precursor("catalogue", listed(tmp_path / "a.csv", rows), "--name", "mine")
    with Fake(Kp()) as fake:
        precursor("fetch", "activity", "--start", "2024-05-10", "--end", "2024-05-12", "--base", fake.base)
    code, out, _ = precursor("archive", "check")
    assert code == 0 and "Every file is as it was stored." in out
    names = {
        "minute": "minute/DUR/2018.parquet",
        "events": "events/mine.parquet",
        "activity": "activity/kp.parquet",
        "history": next((data_folder / "archive" / "events" / "history" / "mine").glob("*.parquet")),
    }
    file = data_folder / "archive" / names[part]
    sound = file.read_bytes()
    for at in range(5, len(sound), len(sound) // 4):
        damaged = bytearray(sound)
        damaged[at] ^= 0x04
        file.write_bytes(damaged)
        code, out, _ = precursor("archive", "check", "--json")
        assert code == 1 and str(file) in {row["file"] for row in json.loads(out)}, at


def test_gaps_and_revisions_are_listed(precursor, data_folder, tmp_path):
    precursor("ingest", minute_file(tmp_path / "a.min", DAY, 1.0, "provisional"))
    precursor("ingest", minute_file(tmp_path / "b.min", DAY + 200, 1.0), minute_file(tmp_path / "c.min", DAY, 1.5))
    code, out, _ = precursor("archive", "gaps", "dur", "--json")
    assert code == 0
    assert [(row["start"], row["n_minutes"]) for row in json.loads(out)] == [("2018-01-01T01:30:00+00:00", 110)]
    code, out, _ = precursor("archive", "revisions", "DUR", "--json")
    (row,) = json.loads(out)
    assert (row["data_type"], row["by_type"], row["n_minutes"]) == ("provisional", "definitive", 90)
    assert row["largest_change_nt"] == pytest.approx(0.5)
    code, _, err = precursor("archive", "gaps", "IZN")
    assert code == 2 and "no minute data of 'IZN'" in err
    code, _, err = precursor("archive", "check", "--data", tmp_path / "absent")
    assert code == 2 and "There is no folder" in err


def test_ingesting_an_empty_folder_says_so(precursor, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = precursor("ingest", tmp_path / "empty")
    assert code == 2 and "there is no file in it" in err


@pytest.mark.slow
def test_two_ingests_at_once_lose_nothing_and_can_be_rebuilt(precursor, data_folder, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        for day in range(4):  # the same days in both, and each has hours of its own
            minute_file(folder / f"{day}.min", DAY + day * 1440 + number * 60, number / 2)
    command = [sys.executable, "-m", "core", "ingest", "--data", str(data_folder)]
    writers = [subprocess.Popen([*command, str(folder)], stdout=subprocess.PIPE) for folder in folders]
    for writer in writers:
        writer.communicate(timeout=300)
        assert writer.returncode == 0
    field = Archive(data_folder / "archive").minute("DUR").field["X"]
    for day in range(4):
        values = field.iloc[day * 1440 : day * 1440 + 150].to_numpy()
        assert (values[:60] == 24_567.1).all() and (values[90:] == 24_567.6).all()
        assert len(set(values[60:90])) == 1  # of the second writer, whichever that was
    assert precursor("archive", "check")[0] == 0
    assert precursor("archive", "rebuild")[0] == 0
