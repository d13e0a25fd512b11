"""Damaged copies of a file, the same ones every time: for tests that no damage breaks a reader."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import InputError
from core.loading.catalogue import events

INSERTS = (b'"', b",", b"|", b"\t", b"\n", b"\0", b"-", b"\xff", b"<", b">", b"&", b"{", b"]", b"e999", b"NaN", b"1_0")


def copies(content: bytes, n: int, seed: str) -> Iterator[bytes]:
    """Copies of a file with one to four places damaged: bytes flipped, lost, put in, doubled, or the end cut off."""
    choose = random.Random(seed)
    for _ in range(n):
        damaged = bytearray(content)
        for _ in range(choose.randint(1, 4)):
            at = choose.randrange(max(1, len(damaged)))
            what = choose.choice(("flip", "delete", "insert", "double", "cut", "digit"))
            if what == "flip" and damaged:
                damaged[at] = choose.randrange(256)
            elif what == "delete":
                del damaged[at : at + choose.randint(1, 30)]
            elif what == "insert":
                damaged[at:at] = choose.choice(INSERTS)
            elif what == "double":
                damaged[at:at] = damaged[at : at + 40]
            elif what == "cut" and choose.random() < 0.2:
                del damaged[at:]
            elif what == "digit":
                digits = [place for place, byte in enumerate(damaged) if 48 <= byte < 58]
                if digits:
                    damaged[choose.choice(digits)] = choose.randrange(48, 58)
        yield bytes(damaged)


def refused_or_sound(read: Callable, content: bytes, path: Path, n: int, seed: str) -> int:
    """Read damaged copies: each gives a sound table, or one sentence that names the file. How many were refused."""
    refused = 0
    for damaged in copies(content, n, seed):
        path.write_bytes(damaged)
        try:
            table = read(path)
        except InputError as error:
            assert path.name in str(error) and "\n" not in str(error)
            assert len(str(error)) < 600
            refused += 1
        else:
            assert tuple(table.columns) == events.COLUMNS and len(table)
    return refused


def refused_when_cut(read: Callable, content: bytes, path: Path, ends: tuple[int, ...] = ()) -> None:
    """A file cut off anywhere is refused, but for cuts that leave it complete (`ends`)."""
    for length in range(len(content.rstrip())):
        if length in ends:
            continue
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            read(path)
