"""QuakeML (`format=xml` of any FDSN event service): the preferred origin and magnitude of each event."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.catalogue import magnitudes
from core.loading.formats import unpacking
from core.loading.formats.events import assembly
from core.loading.formats.text import MISSING, Table

# Entities can expand without end or read other files; no catalogue needs them, so the whole construct is refused.
_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ROOT = re.compile(r"<(\w+:)?(quakeml|eventParameters)[\s>]")
_LONG_ID = re.compile(r"(?:[?&]eventid=|/evid=)(\w+)", re.IGNORECASE)
_KINDS = {"not reported": ""}
METRES_PER_KM = 1000.0


def looks_like(head: str) -> bool:
    """Whether a file that begins with this text is QuakeML, of any version and name space."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and _ROOT.search(head) is not None


def read(path: Path) -> pd.DataFrame:
    """
    Read a QuakeML file into the events table (`events.check`).

    Depths are metres in QuakeML and become km. The origin and the magnitude are those that the event names as
    preferred; without that, the first origin and the magnitude of the best type (`magnitudes.PREFERENCE`). Elements
    are known by their local name, so QuakeML 1.1, 1.2, its real-time variant and extensions of agencies are all read.
    Events without an origin, and what is not an earthquake, are dropped and counted in `attrs["notes"]`.

    Raises
    ------
    InputError
        If the file is no complete XML or no QuakeML, has a document type declaration, or a value is impossible.
    """
    path = Path(path)
    name = path.name
    events = _events(_root(path), name)
    rows: dict[str, list[str]] = {column: [] for column in _COLUMNS}
    numbers: list[int] = []
    n_homeless = n_dangling = 0
    for number, event in enumerate(events, 1):
        prefix = event.tag[: -len("event")]
        origin, dangling = _preferred(event, prefix, "origin", "preferredOriginID")
        if origin is None:
            n_homeless += 1
            continue
        magnitude, missing = _preferred(event, prefix, "magnitude", "preferredMagnitudeID")
        n_dangling += dangling or missing
        numbers.append(number)
        for column, value in _row(event, prefix, origin, magnitude).items():
            rows[column].append(value)
    if not numbers:
        raise InputError(f"{name}: {len(events)} events in the file, none with an origin (time and place).")
    table = Table(name, rows, numbers, unit="event")
    metres = table.numbers("depth in metres", *(METRES_PER_KM * limit for limit in catalogue.DEPTH_KM))
    rows["depth"] = ["" if np.isnan(depth) else repr(float(depth) / METRES_PER_KM) for depth in metres]
    frame = assembly.assemble(
        table,
        times=table.times(table.texts("time")),
        latitude="latitude",
        longitude="longitude",
        depth="depth",
        magnitude=table.numbers("magnitude", *catalogue.MAGNITUDE),
        magnitude_type=table.texts("magnitudetype"),
        source=[agency or "QuakeML" for agency in table.texts("agency")],
        ids=table.texts("id"),
        id_prefix="quakeml",
        kinds=table.texts("kind"),
        updated=table.texts("updated"),
    )
    notes = list(frame.attrs["notes"])
    if n_homeless:
        notes.append(f"{catalogue.counted(n_homeless, 'event')} dropped: no origin.")
    if n_dangling:
        notes.append(
            f"{catalogue.counted(n_dangling, 'event')} {'names' if n_dangling == 1 else 'name'} a preferred origin or "
            "magnitude that is not there; another was taken."
        )
    frame.attrs["notes"] = tuple(notes)
    return frame


_COLUMNS = (
    "id",
    "kind",
    "time",
    "latitude",
    "longitude",
    "depth in metres",
    "magnitude",
    "magnitudetype",
    "agency",
    "updated",
)


def _root(path: Path) -> Element:
    data = unpacking.read(path, markup=True)
    raw = bytes(data)
    found = _DECLARATION.search(raw)
    if found:
        word = found[1].decode().upper()
        raise InputError(f"{path.name}: has a {word} declaration, which no catalogue needs; it was not read.")
    if b"\0" in raw:
        raise InputError(f"{path.name}: the file is binary or UTF-16; expected QuakeML as UTF-8.")
    if not raw.lstrip().startswith(b"<"):
        raise InputError(f"{path.name}: this is no XML, expected QuakeML.")
    try:
        return ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise InputError(
            f"{path.name}, line {error.position[0]}: the XML is damaged or cut off ({error}). Fetch it again."
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that does not exist, or has no single bytes
        raise InputError(f"{path.name}: the XML cannot be read ({error}).") from error


def _events(root: Element, name: str) -> list[Element]:
    if _local(root) == "eventParameters":
        parameters = [root]
    elif _local(root) == "quakeml":
        parameters = [child for child in root if _local(child) == "eventParameters"]
    else:
        raise InputError(f"{name}: the XML is {_local(root)[:40]!r}, expected quakeml.")
    if not parameters:
        raise InputError(f"{name}: the QuakeML has no eventParameters.")
    events = [child for parameter in parameters for child in parameter if _local(child) == "event"]
    if not events:
        raise InputError(f"{name}: the QuakeML has no events.")
    return events


def _preferred(event: Element, prefix: str, kind: str, reference: str) -> tuple[Element | None, bool]:
    """The preferred origin or magnitude of an event; and whether it names one that is not there."""
    candidates = event.findall(prefix + kind)
    wanted = _text(event, prefix + reference)
    if wanted:
        for candidate in candidates:
            if candidate.get("publicID", "").strip() == wanted:
                return candidate, False
    if not candidates:
        return None, bool(wanted)
    place = 0
    if kind == "magnitude":
        place = magnitudes.best([_text(candidate, prefix + "type") for candidate in candidates])
    return candidates[place], bool(wanted)


def _row(event: Element, prefix: str, origin: Element, magnitude: Element | None) -> dict[str, str]:
    def value(parent: Element | None, *steps: str) -> str:
        return "" if parent is None else _text(parent, "/".join(prefix + step for step in steps))

    kind = value(event, "type")
    return {
        "id": _short_id(event.get("publicID", "").strip()),
        "kind": _KINDS.get(kind.casefold(), kind),
        "time": value(origin, "time", "value"),
        "latitude": value(origin, "latitude", "value"),
        "longitude": value(origin, "longitude", "value"),
        "depth in metres": value(origin, "depth", "value"),
        "magnitude": value(magnitude, "mag", "value"),
        "magnitudetype": value(magnitude, "type"),
        "agency": value(origin, "creationInfo", "agencyID") or value(event, "creationInfo", "agencyID"),
        "updated": max(value(part, "creationInfo", "creationTime") for part in (event, origin, magnitude)),
    }


def _short_id(name: str) -> str:
    # INGV, USGS and the ISC wrap the identifier of their text formats in an address.
    found = _LONG_ID.search(name)
    return found[1] if found else name


def _text(parent: Element, path: str) -> str:
    found = (parent.findtext(path) or "").strip()
    return "" if found.casefold() in MISSING else " ".join(found.split())


def _local(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""
