"""ISF, the bulletin format of the ISC (IMS1.0): per event a table of origins and one of magnitudes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.catalogue import magnitudes
from core.loading.formats.events import assembly
from core.loading.formats.text import Table

# What the event type of an origin says: the first letter how sure it is, the second what it is.
EARTHQUAKES = frozenset(("ke", "se", "fe", "de"))  # known, suspected, felt, damaging
UNKNOWN = frozenset(("uk", ""))
_NAMES = {
    "m": "mining explosion",
    "x": "experimental explosion",
    "h": "chemical explosion",
    "n": "nuclear explosion",
    "r": "rock burst",
    "i": "induced event",
    "l": "landslide",
}

_START = re.compile(r"^[ \t]*(?:BEGIN\s+IMS|DATA_TYPE\s+BULLETIN\s+IMS)", re.IGNORECASE | re.MULTILINE)
_EVENT = re.compile(r"event\s+(\S+)(?:\s|$)", re.IGNORECASE)
_ORIGINS = re.compile(r"\s*Date\s+Time\s+Err\s+RMS\s+Latitude", re.IGNORECASE)
_MAGNITUDES = re.compile(r"\s*Magnitude\s+Err\s+Nsta\s+Author", re.IGNORECASE)
_DATE = re.compile(r"\d{4}/\d{2}/\d{2} ")
_PRIME = re.compile(r"\(\s*#PRIME\b", re.IGNORECASE)

# Places of an origin and of a magnitude line, counted from 0, end exclusive.
_ORIGIN_EDGES = {
    "time": (11, 22),
    "lat": (36, 44),
    "lon": (45, 54),
    "depth": (71, 76),
    "type": (115, 117),
    "author": (118, 127),
    "origid": (128, 140),
}
_MAGNITUDE_EDGES = {"type": (0, 5), "value": (6, 10), "author": (20, 29), "origid": (30, 42)}


@dataclass
class _Event:
    """One event of the bulletin while its lines are read."""

    name: str
    origins: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    magnitudes: list[dict[str, str]] = field(default_factory=list)
    prime: int | None = None

    def preferred(self) -> tuple[int, dict[str, str]]:
        """Line and values of the prime origin; the last one without a #PRIME, as the bulletin orders them so."""
        return self.origins[-1 if self.prime is None else self.prime]

    def magnitude(self) -> dict[str, str]:
        """The magnitude of the preferred type; of equals that of the prime origin, its author's, the first."""
        _, prime = self.preferred()

        def order(each: dict[str, str]) -> tuple[int, bool, bool]:
            other_origin = each["origid"] != prime["origid"] or not each["origid"]
            return magnitudes.rank(each["type"]), other_origin, each["author"] != prime["author"]

        known = [each for each in self.magnitudes if each["value"]]
        return min(known, key=order) if known else {"type": "", "value": ""}

    def kind(self) -> str:
        """The type of the prime origin, or where it says nothing, of the first origin that says something."""
        _, prime = self.preferred()
        types = [prime["type"].casefold(), *(origin["type"].casefold() for _, origin in self.origins)]
        return next((each for each in types if each not in UNKNOWN), "uk")


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is a bulletin in ISF."""
    return _START.search(head[:100_000]) is not None


def kinds(codes: list[str]) -> tuple[list[str], list[str]]:
    """What events are, for `assembly.assemble`, from their codes; and a note if some are unknown."""
    found = []
    for code in codes:
        plain = code.casefold()
        sure = {"k": "known ", "s": "suspected "}.get(plain[:1], "")
        known = plain in EARTHQUAKES or plain in UNKNOWN
        found.append("" if known else f"{sure}{_NAMES.get(plain[1:2], 'event')} ({plain[:10]})")
    unknown = sum(code.casefold() == "uk" for code in codes)
    said = f"{catalogue.counted(unknown, 'event')} of unknown type (uk), kept as earthquakes."
    return found, [said] if unknown else []


def events(file: str, content: str) -> pd.DataFrame:
    """
    The events table of a bulletin; see `isc.read`.

    Origin: the one marked #PRIME, else the last. Magnitude: of the preferred type, if possible of the prime origin.
    """
    found = _events(file, content)
    homeless = sum(not event.origins for event in found)
    found = [event for event in found if event.origins]
    if not found:
        raise InputError(f"{file}: the bulletin has no event with an origin.")
    origins = [event.preferred() for event in found]
    columns = {name: [values[name] for _, values in origins] for name in ("stamp", "lat", "lon", "depth", "author")}
    columns["mag"] = [event.magnitude()["value"] for event in found]
    table = Table(file, columns, [line for line, _ in origins])
    what, notes = kinds([event.kind() for event in found])
    frame = assembly.assemble(
        table,
        times=table.times(table.texts("stamp")),
        latitude="lat",
        longitude="lon",
        depth="depth",
        magnitude=table.numbers("mag", *catalogue.MAGNITUDE),
        magnitude_type=[event.magnitude()["type"] for event in found],
        source=[f"ISC {author}" if author and author != "ISC" else "ISC" for author in table.texts("author")],
        ids=[event.name for event in found],
        id_prefix="isc",
        kinds=what,
    )
    if homeless:
        notes.append(f"{catalogue.counted(homeless, 'event')} dropped: no origin.")
    frame.attrs["notes"] = (*frame.attrs["notes"], *notes)
    return frame


def _events(file: str, content: str) -> list[_Event]:
    found: list[_Event] = []
    part = ""
    for number, raw in enumerate(content.split("\n"), 1):
        line = raw.rstrip()
        plain = line.strip()
        if plain.upper() == "STOP" or plain.upper().startswith("STOP<"):
            return found
        event = _EVENT.match(line)
        if event:
            found.append(_Event(event[1]))
            part = ""
        elif not found:
            continue
        elif not plain:
            part = ""
        elif _ORIGINS.match(line):
            part = "origins"
        elif _MAGNITUDES.match(line):
            part = "magnitudes"
        elif part == "origins":
            _take_origin(found[-1], file, number, line)
        elif part == "magnitudes" and not plain.startswith("("):
            found[-1].magnitudes.append(_magnitude(file, number, line))
    raise InputError(f"{file}: the line STOP is missing, so the bulletin is cut off. Fetch it again.")


def _take_origin(event: _Event, file: str, number: int, line: str) -> None:
    if line.lstrip().startswith("("):
        if _PRIME.search(line) and event.origins:
            event.prime = len(event.origins) - 1
        return
    if not _DATE.match(line) or len(line) < _ORIGIN_EDGES["lon"][1]:
        raise InputError(
            f"{file}, line {number}: found {line[:30]!r}, expected an origin that begins like 1967/01/30 01:20:28.70."
        )
    values = {name: line[start:end].strip() for name, (start, end) in _ORIGIN_EDGES.items()}
    values["stamp"] = f"{line[:10].replace('/', '-')} {values['time']}"
    event.origins.append((number, values))


def _magnitude(file: str, number: int, line: str) -> dict[str, str]:
    values = {name: line[start:end].strip() for name, (start, end) in _MAGNITUDE_EDGES.items()}
    try:
        float(values["value"])
    except ValueError:
        raise InputError(
            f"{file}, line {number}: found the magnitude {values['value']!r}, expected a number."
        ) from None
    return values
