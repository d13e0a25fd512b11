"""
Reading QuakeML: `quakeml.read` against `obspy.read_events`.

    python benchmarks/read_quakeml.py [--quick]

Writes a made-up catalogue (two origins and two magnitudes an event) to a temporary folder, checks that both give the
same origins and magnitudes, then times them in turns and takes the medians. obspy is no dependency of this project;
without it our time stands alone.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rows

from core.loading.formats.events import quakeml


def main() -> None:
    n_events, rounds = (200, 2) if rows.parser(__doc__).parse_args().quick else (1000, 5)
    with tempfile.TemporaryDirectory() as folder:
        path = made_up(Path(folder), n_events)
        case = f"{n_events:,} events, {path.stat().st_size / 1e6:.1f} MB"
        readers: dict[str, Callable[[], object]] = {"ours": lambda: quakeml.read(path)}
        if importlib.util.find_spec("obspy") is None:
            rows.say(case, timed(readers, rounds)["ours"])
            rows.absent("obspy is not installed, so there is no ratio to it (pip install obspy).")
            return
        readers["obspy"] = agreeing(path)
        seconds = timed(readers, rounds)
        rows.say(case, seconds["ours"], seconds["obspy"], seconds["obspy"] / seconds["ours"], goal="ratio >= 5")


def made_up(folder: Path, n_events: int) -> Path:
    """Write the catalogue."""
    rng = np.random.default_rng(1)
    agency = "<creationInfo><agencyID>BNC</agencyID><creationTime>2021-01-01T00:00:00</creationTime></creationInfo>"
    parts = []
    for n in range(n_events):
        instant = np.datetime64("2020-01-01T00:00:00.000") + np.timedelta64(int(n * 3.1e7 // n_events), "s")
        origins = "".join(
            f'<origin publicID="smi:bnc/o{n}-{k}"><time><value>{instant}</value><uncertainty>0.2</uncertainty></time>'
            f"<latitude><value>{rng.uniform(36, 47):.4f}</value><uncertainty>0.01</uncertainty></latitude>"
            f"<longitude><value>{rng.uniform(6, 19):.4f}</value><uncertainty>0.01</uncertainty></longitude>"
            f"<depth><value>{rng.uniform(0, 30000):.0f}</value></depth><evaluationMode>manual</evaluationMode>"
            f"<quality><azimuthalGap>80</azimuthalGap><usedPhaseCount>20</usedPhaseCount></quality>{agency}</origin>"
            for k in range(2)
        )
        magnitudes = "".join(
            f'<magnitude publicID="smi:bnc/m{n}-{k}"><mag><value>{rng.uniform(2, 6):.1f}</value></mag>'
            f"<type>{kind}</type><originID>smi:bnc/o{n}-{k}</originID>{agency}</magnitude>"
            for k, kind in enumerate(("ML", "Mw"))
        )
        parts.append(
            f'<event publicID="smi:bnc/e{n}"><type>earthquake</type><preferredOriginID>smi:bnc/o{n}-1'
            f"</preferredOriginID><preferredMagnitudeID>smi:bnc/m{n}-1</preferredMagnitudeID>"
            f"<description><text>Somewhere in Italy</text></description>{origins}{magnitudes}{agency}</event>"
        )
    path = folder / "catalogue.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<q:quakeml xmlns:q="http://quakeml.org/xmlns/quakeml/1.2" '
        f'xmlns="http://quakeml.org/xmlns/bed/1.2"><eventParameters publicID="smi:bnc/all">{"".join(parts)}'
        "</eventParameters></q:quakeml>\n"
    )
    return path


def agreeing(path: Path) -> Callable[[], object]:
    """How obspy reads the file, after a check that both readers agree."""
    import obspy

    theirs = {
        (
            event.preferred_origin().time.ns // 1000,
            event.preferred_origin().depth / 1000,
            event.preferred_magnitude().mag,
        )
        for event in obspy.read_events(str(path))
    }
    table = quakeml.read(path)
    ours = set(
        zip(table["origin_time"].dt.as_unit("us").array.asi8, table["depth_km"], table["magnitude"], strict=True)
    )
    if ours != theirs:
        raise SystemExit("quakeml.read and obspy.read_events do not agree")
    return lambda: obspy.read_events(str(path))


def timed(readers: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each reader, taken in turns, so that a change of the machine's load meets both."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            start = time.perf_counter()
            read()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()
