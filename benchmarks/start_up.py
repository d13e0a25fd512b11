"""
The start of the command line: `precursor --help` against an empty Python, `precursor runs` against its imports alone.

    python benchmarks/start_up.py [--quick]

`precursor runs` lists an empty data folder; its peer imports pandas and pyarrow.parquet and ends. The processes run in
turns, after one of each that is not counted (it writes byte code), and the medians are taken. The time is that of the
clock; the note gives how many times the peer's time ours takes, by the clock and in processor time.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rows

PRECURSOR = str(Path(sys.executable).with_name("precursor"))
PASS = [sys.executable, "-c", "pass"]
IMPORTS = [sys.executable, "-c", "import pandas, pyarrow.parquet"]


def main() -> None:
    rounds = 3 if rows.parser(__doc__).parse_args().quick else 21
    with tempfile.TemporaryDirectory() as folder:
        commands = [PASS, [PRECURSOR, "--help"], IMPORTS, [PRECURSOR, "runs"]]
        environ = {**os.environ, "PRECURSOR_DATA": folder}
        empty, listed, imports, runs = in_turns(commands, rounds, environ)
    say("precursor --help", listed, empty, "python -c pass", "ratio >= 0.125")  # at most 8 times
    say("precursor runs, no run yet", runs, imports, "import pandas, pyarrow.parquet", "ratio >= 0.77")  # at most 1.3


def in_turns(commands: list[list[str]], rounds: int, environ: dict[str, str]) -> list[tuple[float, float]]:
    """The median seconds of each command, by the clock and of the processor."""
    taken: list[list[tuple[float, float]]] = [[] for _ in commands]
    for turn in range(rounds + 1):
        for command, seconds in zip(commands, taken, strict=True):
            measured = timed(command, environ)
            if turn:
                seconds.append(measured)
    return [
        (statistics.median(clock), statistics.median(processor))
        for clock, processor in (zip(*s, strict=True) for s in taken)
    ]


def timed(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """The seconds of one process, by the clock and of the processor."""
    begun, before = time.perf_counter(), processor_s()
    subprocess.run(command, env=environ, capture_output=True, check=True)
    return time.perf_counter() - begun, processor_s() - before


def processor_s() -> float:
    """Processor seconds of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(case: str, ours: tuple[float, float], peer: tuple[float, float], against: str, goal: str) -> None:
    """The row of one case."""
    clock, processor = (given / other for given, other in zip(ours, peer, strict=True))
    note = f"takes {clock:.2f} times as long, {processor:.2f} times in processor time"
    rows.say(case, ours[0], peer[0], peer[0] / ours[0], against=against, goal=goal, note=note)


if __name__ == "__main__":
    main()
