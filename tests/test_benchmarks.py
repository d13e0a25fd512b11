"""The page of benchmarks: what it says of what was measured, of what was not, and of the machine."""

from __future__ import annotations

import doctest
import importlib
import json
import sys
from pathlib import Path

import pytest

from core.data_folder import ROOT

BENCHMARKS = ROOT / "benchmarks"
MACHINE = {
    "processor": "Abacus 3000 (avx2)",
    "cores": 2,
    "memory": "24 GiB",
    "system": "Linux x86_64",
    "Python": "3.12.1",
    "packages": "numpy 2.0, keras 3.15",
}
ROW = {
    "case": "365 daily files",
    "ours": 0.5,
    "peer": 3.0,
    "ratio": 6.0,
    "unit": "s",
    "against": "pandas.read_csv",
    "goal": "ratio >= 5, memory < 3",
    "memory": 3.25,
    "memory_unit": "GiB",
    "note": "a|b",
}
RESULT = {
    "name": "read_files",
    "about": "Reading files against pandas.",
    "command": "python benchmarks/read_files.py",
    "quick": False,
    "date": "2026-11-22T23:41+00:00",
    "commit": "0123456789ab",
    "machine": MACHINE,
    "load": 0.5,
    "seconds": 61.2,
    "others_cores": 0.01,
    "rows": [ROW],
    "absent": ["GeomagPy is not installed, so there is no ratio to it."],
    "failure": "",
}
GOLDEN = """\
# Performance

How fast this project's code is beside a named peer that does the same, each pair measured in one run. A ratio above 1 \
is in favour of ours. Ratios travel to another machine; seconds do not.

`make bench` writes this page; a number is never typed here.

|  | machine |
| --- | --- |
| processor | Abacus 3000 (avx2) |
| cores | 2 |
| memory | 24 GiB |
| system | Linux x86_64 |
| Python | 3.12.1 |
| packages | numpy 2.0, keras 3.15 |

| benchmark | date | commit | took | load average before | goals |
| --- | --- | --- | --- | --- | --- |
| [Read files](#read-files) | 2026-11-22 23:41 UTC | 0123456789ab | 61 s | 0.50 | 1 of 2 met |

## Read files

Reading files against pandas.

| case | ours | peer | ratio | goal | memory | note |
| --- | --- | --- | --- | --- | --- | --- |
| 365 daily files | 0.500 s | pandas.read_csv 3.00 s | 6.00 | ratio at least 5: met; memory under 3 GiB: **not met** \
| 3.25 GiB | a\\|b |

GeomagPy is not installed, so there is no ratio to it.

Command: `python benchmarks/read_files.py`. 2026-11-22 23:41 UTC, commit 0123456789ab.
"""


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("PYTHONPATH", str(BENCHMARKS))  # for the benchmarks that a test makes up
    found = importlib.import_module("report")
    monkeypatch.setattr(found, "SETTLE_S", 0.0)
    yield found
    for name in ("report", "rows"):
        sys.modules.pop(name, None)


def script(folder: Path, name: str, code: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(f'"""\nCounting sheep,\nagainst a dog.\n\nMore of it.\n"""\n{code}\n')
    return path


def command(report, monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["report.py", *arguments])
    return report.main()


def test_the_page_made_from_known_rows_is_this_page(report):
    assert report.written([RESULT]) == GOLDEN


def test_a_benchmark_of_a_loaded_machine_says_so_and_one_of_a_quiet_machine_does_not(report):
    assert "was loaded" not in report.written([RESULT])
    assert "was loaded: load average 2.10 on 2 cores" in report.written([{**RESULT, "load": 2.1}])
    assert "other programs used 0.70 cores" in report.written([{**RESULT, "others_cores": 0.7}])


def test_a_section_from_another_machine_names_it(report):
    older = {**RESULT, "name": "scan", "date": "2026-01-01T00:00+00:00", "machine": {**MACHINE, "cores": 64}}
    page = report.written([RESULT, older])
    assert "| cores | 2 |" in page
    assert page.count("Another machine:") == 1
    assert "cores 64" in page.split("## Scan")[1]


def test_a_benchmark_gives_its_rows_what_it_compares_and_its_command(report, tmp_path, capfd, monkeypatch):
    monkeypatch.delenv("BENCHMARK_ROWS", raising=False)
    code = "import rows\nrows.say('a flock', 2, 8, 4, against='dog', goal='ratio >= 3')\nrows.absent('No cat.')"
    result = report.measure(script(tmp_path, "sheep", code))
    assert result["about"] == "Counting sheep, against a dog."
    assert result["command"] == "python benchmarks/sheep.py"
    (row,) = result["rows"]
    assert (row["case"], row["ours"], row["peer"], row["ratio"]) == ("a flock", 2, 8, 4)
    assert (result["absent"], result["failure"]) == (["No cat."], "")
    shown = capfd.readouterr().out
    assert "a flock: ours 2.00 s, dog 8.00 s, ratio 4.00 (ratio at least 3: met)" in shown and "No cat." in shown
    page = report.written([result])
    assert "`python benchmarks/sheep.py`" in page and f"commit {report.commit()}" in page


def test_a_quick_run_judges_no_goal_and_says_that_it_is_quick(report, tmp_path):
    code = "import rows\nassert rows.parser('').parse_args().quick\nrows.say('lamb', 1, goal='ours < 2')"
    result = report.measure(script(tmp_path, "sheep", code), quick=True)
    page = report.written([result])
    assert "met" not in page.split("## Sheep")[1]
    assert "A quick run" in page and "`python benchmarks/sheep.py --quick`" in page


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('so far so good')\nraise ValueError('no dog')", "ValueError: no dog"),
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, '-c', '1 / 0'], check=True)",
            "ZeroDivisionError: division by zero",
        ),
        ("raise SystemExit('The two do not agree.')", "The two do not agree."),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "It was killed (SIGKILL)."),
        ("import time\ntime.sleep(60)", "It was stopped after 1 s."),
        ("pass", "It measured nothing."),
    ],
    ids=["error", "error of a process within", "refusal", "killed", "late", "silent"],
)
def test_a_benchmark_that_fails_is_named_with_its_reason(report, tmp_path, code, reason):
    result = report.measure(script(tmp_path, "sheep", code), limit_s=1.0 if "sleep" in code else 60.0)
    assert result["failure"] == reason
    page = report.written([RESULT, result])
    assert f"**It did not finish**: `{reason}`" in page.split("## Sheep")[1]
    assert "| **did not finish** |" in page


def test_what_was_measured_before_a_failure_is_kept(report, tmp_path):
    code = "import rows\nrows.say('first', 1)\nraise ValueError('no dog')"
    result = report.measure(script(tmp_path, "sheep", code))
    assert [row["case"] for row in result["rows"]] == ["first"]
    assert "| first | 1.00 s |" in report.written([result])


def test_what_is_not_run_this_time_stays_on_the_page_with_its_date(report, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "HERE", tmp_path)
    for name in ("sheep", "goats"):
        script(tmp_path, name, f"import rows\nrows.say('{name} of old', 1)")
    page = tmp_path / "out" / "page.md"
    assert command(report, monkeypatch, "--to", str(page)) == 0
    lines = [json.loads(line) for line in page.with_suffix(".jsonl").read_text().splitlines()]
    old = [{**line, "date": "2020-02-02T02:02+00:00", "commit": "feedfeedfeed"} for line in lines]
    gone = {**old[0], "name": "a_script_that_is_gone"}
    page.with_suffix(".jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*old, gone]))

    script(tmp_path, "goats", "import rows\nrows.say('goats of today', 1)")
    assert command(report, monkeypatch, "--only", "goats", "--to", str(page)) == 0
    goats, sheep = page.read_text().split("## Goats")[1].split("## Sheep")
    assert "goats of today" in goats and "2020" not in goats
    assert "sheep of old" in sheep and "2020-02-02 02:02 UTC, commit feedfeedfeed" in sheep
    assert "script that is gone" not in page.read_text().lower()


def test_the_command_fails_where_a_benchmark_fails_but_runs_the_others(report, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(report, "HERE", tmp_path)
    script(tmp_path, "bad", "raise SystemExit('no')")
    script(tmp_path, "good", "import rows\nrows.say('x', 1)")
    assert command(report, monkeypatch, "--to", str(tmp_path / "page.md")) == 1
    assert "Not finished: bad." in capfd.readouterr().out
    assert "## Good" in (tmp_path / "page.md").read_text()


def test_a_quick_run_never_takes_the_place_of_the_page(report, monkeypatch, capfd):
    with pytest.raises(SystemExit):
        command(report, monkeypatch, "--quick")
    assert "--to FILE" in capfd.readouterr().err


@pytest.mark.parametrize("path", sorted(BENCHMARKS.glob("*.py")), ids=lambda path: path.stem)
def test_each_benchmark_says_in_a_sentence_what_is_compared_and_has_a_quick_form(report, path):
    if path.stem in report.NO_BENCHMARKS:
        return
    assert 20 < len(report.about(path)) < 300
    assert "--quick" in path.read_text()


def test_goals_and_numbers_are_said_as_their_examples_show(report):
    assert doctest.testmod(importlib.import_module("rows")).failed == 0
