"""
Run the benchmarks and write docs/performance.md.

    python benchmarks/report.py [--only NAME ...] [--to FILE] [--quick]

Each benchmark is a process of its own, one after the other. What it measured is kept beside the page as lines of JSON,
so that what is not run this time stays on the page with its own date, commit and machine.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import rows

from core import clock, files
from core.runs import environment

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "performance.md"
NO_BENCHMARKS = ("report", "rows")
LIMIT_S = 600.0  # a benchmark that takes longer is stopped
SETTLE_S = 60.0  # the load average falls slowly after the benchmark before
OTHERS_CORES = 0.25  # other programs that use more than this spoil a ratio
PEERS = ("torch", "distributed", "obspy", "geomagpy")
WITHIN = "subprocess.CalledProcessError"  # a process within a benchmark failed; it may have said why before
INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")

Result = dict[str, Any]


def main() -> int:
    known = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NO_BENCHMARKS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a benchmark under way ends too
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=known, help=", ".join(known))
    parser.add_argument("--to", type=Path, metavar="FILE", help="the page, if not docs/performance.md")
    parser.add_argument(rows.QUICK, action="store_true", help="smaller cases; needs --to, for it is no measurement")
    chosen = parser.parse_args()
    if chosen.quick and not chosen.to:
        parser.error("a quick run is no measurement: name another page for it with --to FILE")
    page: Path = chosen.to or PAGE
    results = {name: result for name, result in stored(page).items() if name in known}
    for name in chosen.only or known:
        print(f"== {name}", flush=True)
        results[name] = measure(HERE / f"{name}.py", chosen.quick)
        store(page, results)
    failed = [name for name in chosen.only or known if results[name]["failure"]]
    print(f"{page} is written." + (f" Not finished: {', '.join(failed)}." if failed else ""))
    return 1 if failed else 0


def stored(page: Path) -> dict[str, Result]:
    """What is kept beside a page, by benchmark."""
    path = page.with_suffix(".jsonl")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {result["name"]: result for result in map(json.loads, lines)}


def store(page: Path, results: dict[str, Result]) -> None:
    """Write the page, and beside it what it is made from."""
    lines = [json.dumps(results[name], sort_keys=True) + "\n" for name in sorted(results)]
    files.replace_text(page.with_suffix(".jsonl"), "".join(lines))
    files.replace_text(page, written(list(results.values())))


def measure(script: Path, quick: bool = False, limit_s: float = LIMIT_S) -> Result:
    """Run one benchmark, show what it prints, and give what it measured, or why it did not."""
    settle()
    arguments = [rows.QUICK] if quick else []
    result: Result = {
        "name": script.stem,
        "about": about(script),
        "command": " ".join(["python", f"benchmarks/{script.name}", *arguments]),
        "quick": quick,
        "date": clock.now().isoformat(timespec="minutes"),
        "commit": commit(),
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2),
    }
    with tempfile.TemporaryDirectory() as folder:
        kept, began, busy = Path(folder, "rows"), time.monotonic(), others_s()
        failure = run([sys.executable, str(script), *arguments], kept, limit_s)
        seconds = time.monotonic() - began
        found = [json.loads(line) for line in kept.read_text("utf-8").splitlines()] if kept.exists() else []
    result["seconds"] = round(seconds, 1)
    result["others_cores"] = None if busy is None else round(max(0.0, (others_s() or 0.0) - busy) / seconds, 2)
    result["rows"] = [row for row in found if "absent" not in row]
    result["absent"] = [row["absent"] for row in found if "absent" in row]
    result["failure"] = failure or ("" if found else "It measured nothing.")
    return result


def run(command: list[str], kept: Path, limit_s: float) -> str:
    """Run a command, which adds its rows to `kept`; why it failed, or ""."""
    environ = {**os.environ, rows.FILE: str(kept), "PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        end(process)

    timer = threading.Timer(limit_s, stop)
    timer.start()
    last = cause = ""
    try:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
            if re.match(r"[\w.]+(Error|Exception): ", line) and not line.startswith(WITHIN):
                cause = line.strip()
        code = process.wait()
    finally:
        timer.cancel()
        end(process)
    if late.is_set():
        return f"It was stopped after {limit_s:g} s."
    if code < 0:
        return f"It was killed ({signal.Signals(-code).name})."
    if cause and last.startswith(WITHIN):
        return cause
    return last or f"It ended with code {code}." if code else ""


def end(process: subprocess.Popen[str]) -> None:
    """End a process and those it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def settle() -> None:
    """Wait, for a while at most, until the benchmark before no longer counts as load."""
    until = time.monotonic() + SETTLE_S
    while os.getloadavg()[0] > (os.cpu_count() or 1) and time.monotonic() < until:
        time.sleep(1)


def others_s() -> float | None:
    """Processor seconds that this machine spent on anything but this process and those it started; None: unknown."""
    try:
        numbers = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _, _, irq, soft_irq, steal, *_ = map(int, numbers)
    busy = (user + nice + system + irq + soft_irq + steal) / os.sysconf("SC_CLK_TCK")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return busy - sum(each.ru_utime + each.ru_stime for each in used)


def about(script: Path) -> str:
    """What is compared with what: the first paragraph of a script's docstring."""
    doc = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    return " ".join(doc.split("\n\n")[0].split())


def commit() -> str:
    """The git revision, with "+changes" where what is measured differs from it."""
    git = ["git", "-C", str(ROOT)]
    with contextlib.suppress(OSError):
        found = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            differs = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "core", "benchmarks"], check=False)
            return found.stdout.strip() + ("+changes" if differs.returncode else "")
    return "unknown (no git checkout)"


def machine() -> dict[str, Any]:
    """What the ratios depend on."""
    seen = environment.describe()
    processor = seen.processor
    with contextlib.suppress(OSError):
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
        processor += f" ({', '.join(name for name in INSTRUCTIONS if name in flags)})"
    packages = dict(seen.packages)
    for name in PEERS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            packages[name] = metadata.version(name)
    return {
        "processor": processor,
        "cores": seen.cores,
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": seen.system,
        "Python": seen.python,
        "packages": ", ".join(f"{name} {version}" for name, version in packages.items()),
    }


def written(results: list[Result]) -> str:
    """The page."""
    results = sorted(results, key=lambda result: result["name"])
    newest = max(results, key=lambda result: result["date"])
    parts = [
        "# Performance",
        "How fast this project's code is beside a named peer that does the same, each pair measured in one run. A "
        "ratio above 1 is in favour of ours. Ratios travel to another machine; seconds do not.",
        "`make bench` writes this page; a number is never typed here.",
        table([{"": name, "machine": str(value)} for name, value in newest["machine"].items()]),
        table([overview(result) for result in results]),
        *(part for result in results for part in section(result, newest["machine"])),
    ]
    return "\n\n".join(parts) + "\n"


def overview(result: Result) -> dict[str, str]:
    """The row of a benchmark in the table at the top."""
    judged = [verdict for row in result["rows"] for verdict in rows.verdicts(row)]
    met = sum(verdict.endswith(": met") for verdict in judged)
    said = f"{met} of {len(judged)} met" if judged else "none"
    return {
        "benchmark": f"[{title(result)}](#{title(result).lower().replace(' ', '-')})",
        "date": when(result),
        "commit": result["commit"],
        "took": f"{result['seconds']:.0f} s",
        "load average before": f"{result['load']:.2f}",
        "goals": "**did not finish**" if result["failure"] else "quick run" if result["quick"] else said,
    }


def section(result: Result, machine: dict[str, Any]) -> list[str]:
    """What the page says of one benchmark, in paragraphs."""
    parts = [f"## {title(result)}", result["about"]]
    load, cores, others = result["load"], result["machine"]["cores"], result["others_cores"]
    if load > cores or (others or 0.0) > OTHERS_CORES:
        beside = "" if others is None else f", and other programs used {others:.2f} cores meanwhile"
        parts.append(f"> The machine was loaded: load average {load:.2f} on {cores} cores{beside}. Measure again.")
    if result["quick"]:
        parts.append("> A quick run on smaller cases, to see that all works. No goal is judged.")
    if result["failure"]:
        parts.append(f"**It did not finish**: `{result['failure'].replace('`', chr(39))}`")
    if result["rows"]:
        parts.append(table([cells(row) for row in result["rows"]]))
    parts += result["absent"]
    parts.append(f"Command: `{result['command']}`. {when(result)}, commit {result['commit']}.")
    if result["machine"] != machine:
        parts.append(f"Another machine: {'; '.join(f'{name} {value}' for name, value in result['machine'].items())}.")
    return parts


def cells(row: dict[str, Any]) -> dict[str, str]:
    """A measurement as a row of the table."""
    peer = "" if row["peer"] is None else rows.quantity(row["peer"], row["unit"])
    goals = "; ".join(rows.verdicts(row))
    return {
        "case": row["case"],
        "ours": rows.quantity(row["ours"], row["unit"]),
        "peer": f"{row['against']} {peer}".strip(),
        "ratio": "" if row["ratio"] is None else rows.number(row["ratio"]),
        "goal": goals.replace(": not met", ": **not met**"),
        "memory": "" if row["memory"] is None else rows.quantity(row["memory"], row["memory_unit"]),
        "note": row["note"],
    }


def table(lines: list[dict[str, str]]) -> str:
    """A table in Markdown without the columns that are empty."""
    names = [name for name in lines[0] if any(line[name] for line in lines)]
    body = [[line[name].replace("|", "\\|") for name in names] for line in lines]
    return "\n".join(f"| {' | '.join(each)} |" for each in [names, ["---"] * len(names), *body])


def title(result: Result) -> str:
    return result["name"].replace("_", " ").capitalize()


def when(result: Result) -> str:
    return f"{clock.utc(result['date']):%Y-%m-%d %H:%M} UTC"


if __name__ == "__main__":
    sys.exit(main())
