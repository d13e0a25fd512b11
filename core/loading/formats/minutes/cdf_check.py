"""
Whether the records of a CDF file hang together, before a library follows them.

A CDF is a web of records that point to each other and say how many there are.
One damaged number can send a reader into thousand millions of steps; here every
pointer and every number that is used as a count is looked at first.
Source of the layout: CDF Internal Format Description, version 3 (NASA).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from core.errors import InputError

MAGIC_3 = b"\xcd\xf3\x00\x01"
PLAIN, COMPRESSED = b"\x00\x00\xff\xff", b"\xcc\xcc\x00\x01"
MOST_DIMENSIONS = 10
MOST_VALUES_PER_BYTE = 200  # of the file: gzip packs a thousand bytes, 125 numbers, into one at best

WIDEST_VALUE = 16  # bytes, of CDF_EPOCH16

_GDR, _VDR_R, _ADR, _VXR, _VVR, _VDR_Z, _CVVR = 2, 3, 4, 6, 7, 8, 13
_GZIP = 5


def plain(data: memoryview, name: str, largest: int) -> memoryview:
    """
    The file without the compression that may lie over all of it.

    Raises
    ------
    InputError
        If it is no CDF file of version 3, damaged, or larger than `largest` bytes.
    """
    if bytes(data[:4]) != MAGIC_3:
        raise InputError(f"{name}: this is no CDF file of version 3, as ImagCDF is.")
    if bytes(data[4:8]) == PLAIN:
        return data
    if bytes(data[4:8]) != COMPRESSED:
        raise _damaged(name, "the second word is unknown")
    records = _Records(data, name)
    size, parameters = records.number(8, 8), records.number(20, 8)
    if records.number(parameters + 12, 4) != _GZIP:
        raise InputError(f"{name}: the CDF file is compressed in a way that is not read, expected gzip.")
    try:
        body = zlib.decompressobj(wbits=31).decompress(bytes(data[40 : 8 + size]), largest)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(name, "the compressed part cannot be unpacked") from error
    return memoryview(MAGIC_3 + PLAIN + body)


def check(data: memoryview, name: str) -> None:
    """
    Follow all pointers of an uncompressed file; raises InputError at the first that leads nowhere.

    Checked are the chains of variables, of their index records and of attributes with their entries, and the counts
    in them. The values themselves are not looked at.
    """
    records = _Records(data, name)
    general = records.record(records.number(20, 8), (_GDR,))
    n_r, n_attributes, n_dimensions, n_z = (records.number(general + at, 4) for at in (44, 48, 56, 60))
    if not 0 <= n_dimensions <= MOST_DIMENSIONS:
        raise _damaged(name, f"{n_dimensions} dimensions")
    for head, n, kind in ((12, n_r, _VDR_R), (20, n_z, _VDR_Z)):
        for variable in records.chain(records.number(general + head, 8), n, kind):
            _check_variable(records, variable, kind)
    for attribute in records.chain(records.number(general + 28, 8), n_attributes, _ADR):
        for head, count in ((20, 36), (48, 56)):
            n = records.number(attribute + count, 4)
            for entry in records.chain(records.number(attribute + head, 8), n, None):
                n_elements = records.number(entry + 32, 4)
                if not 0 <= n_elements <= records.number(entry, 8):
                    raise _damaged(name, f"an attribute of {n_elements} elements")


def _check_variable(records: _Records, variable: int, kind: int) -> None:
    last = records.number(variable + 24, 4)
    if not -1 <= last < MOST_VALUES_PER_BYTE * len(records.data):
        raise _damaged(records.name, f"a variable of {last + 1} values")
    if kind == _VDR_Z and not 0 <= records.number(variable + 340, 4) <= MOST_DIMENSIONS:
        raise _damaged(records.name, f"{records.number(variable + 340, 4)} dimensions")
    if not 1 <= records.number(variable + 64, 4) <= 4096:
        raise _damaged(records.name, f"{records.number(variable + 64, 4)} elements in a value")
    parameters = records.number(variable + 72, 8)
    packed_by_gzip = bool(records.number(variable + 44, 4) & 4) and records.number(parameters + 12, 4) == _GZIP
    waiting = [records.number(variable + 28, 8)]
    seen: set[int] = set()
    while waiting:
        at = waiting.pop()
        if at in (0, -1):
            continue
        if at in seen:
            raise _damaged(records.name, "the index of a variable runs in a circle")
        seen.add(at)
        records.record(at, (_VXR,))
        size, n, n_used = records.number(at, 8), records.number(at + 20, 4), records.number(at + 24, 4)
        if not 0 <= n_used <= n or 28 + 16 * n > size:
            raise _damaged(records.name, f"an index of {n_used} of {n} entries")
        waiting.append(records.number(at + 12, 8))
        for entry in range(n_used):
            first, final = records.number(at + 28 + 4 * entry, 4), records.number(at + 28 + 4 * (n + entry), 4)
            if not 0 <= first <= final <= last:
                raise _damaged(records.name, f"an index entry for the values {first} to {final} of {last + 1}")
            below = records.record(records.number(at + 28 + 8 * n + 8 * entry, 8), (_VXR, _VVR, _CVVR))
            kind_below = records.number(below + 8, 4)
            if kind_below == _VXR:
                waiting.append(below)
            elif kind_below == _CVVR and packed_by_gzip:
                _check_packed(records, below, (final - first + 1) * WIDEST_VALUE * records.number(variable + 64, 4))


def _check_packed(records: _Records, at: int, largest: int) -> None:
    # A few bytes can unpack to anything: not more than the values that the index speaks of may come out.
    size = records.number(at + 16, 8)
    if not 0 <= size <= records.number(at, 8) - 24:
        raise _damaged(records.name, f"at byte {at} {size} packed bytes in a record of {records.number(at, 8)}")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacker.decompress(bytes(records.data[at + 24 : at + 24 + size]), largest)
    except zlib.error as error:
        raise _damaged(records.name, f"the values at byte {at} cannot be unpacked") from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise _damaged(records.name, f"the values at byte {at} unpack to more or less than they should")


class _Records:
    """The numbers and records of a file by position; every read is checked against its end."""

    def __init__(self, data: memoryview, name: str) -> None:
        self.data, self.name = data, name

    def number(self, at: int, width: int) -> int:
        """The signed big-endian integer at a position."""
        if not 0 <= at <= len(self.data) - width:
            raise _damaged(self.name, f"a pointer to byte {at} of {len(self.data)}")
        return int.from_bytes(self.data[at : at + width], "big", signed=True)

    def record(self, at: int, kinds: tuple[int, ...] | None) -> int:
        """The position of a record, after a look at its size and kind."""
        size, kind = self.number(at, 8), self.number(at + 8, 4)
        if size < 16 or at + size > len(self.data) or (kinds is not None and kind not in kinds):
            raise _damaged(self.name, f"at byte {at} a record of kind {kind} and {size} bytes")
        return at

    def chain(self, at: int, n: int, kind: int | None) -> Iterator[int]:
        """The positions of n records, each of which points to the next."""
        if not 0 <= n <= len(self.data) // 16:
            raise _damaged(self.name, f"a count of {n} records")
        for _ in range(n):
            yield self.record(at, None if kind is None else (kind,))
            at = self.number(at + 12, 8)


def _damaged(name: str, what: str) -> InputError:
    return InputError(f"{name}: the CDF file is damaged or cut off ({what}). Fetch it again.")
