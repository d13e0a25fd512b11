"""How large a file may be, and how tightly packed: what stops an archive bomb before it fills the memory."""

from __future__ import annotations

LARGEST_BYTES = 512 * 1024**2  # unpacked: 14 years of IAGA-2002 minutes
# Minutes pack 5 to 15 times, a year of nothing but 99999.00 about 40 times; zeros, as in a bomb, a thousand times.
MOST_RATIO = 250
UNQUESTIONED_BYTES = 32 * 1024**2  # up to here the ratio is nobody's concern


def most_unpacked(packed_bytes: int) -> int:
    """
    The largest size in bytes that a packed file may unpack to.

    >>> most_unpacked(1000) // 1024**2, most_unpacked(1024**2) // 1024**2, most_unpacked(10**9) // 1024**2
    (32, 250, 512)
    """
    return min(LARGEST_BYTES, max(UNQUESTIONED_BYTES, MOST_RATIO * packed_bytes))
