"""Damage to the bytes of a file, for tests that no reader may crash, hang or lose lines in silence."""

from __future__ import annotations

import numpy as np


def text(content: bytes, rng: np.random.Generator, begin: int = 0) -> bytes:
    """One or two of: a character changed, lost or added; a cut; a line lost, doubled or swapped; a part lost."""
    damaged = bytearray(content)
    characters = list(b"0123456789 -+.X\n\r9A\x00\xff")
    for _ in range(rng.integers(1, 3)):
        if len(damaged) - 2 <= begin:
            break
        at = int(rng.integers(begin, len(damaged) - 1))
        start, end = damaged.rfind(b"\n", 0, at) + 1, damaged.find(b"\n", at) + 1 or len(damaged)
        match int(rng.integers(8)):
            case 0:
                damaged[at] = rng.choice(characters)
            case 1:
                del damaged[at]
            case 2:
                damaged.insert(at, int(rng.choice(characters)))
            case 3:
                del damaged[at:]
            case 4:
                del damaged[start:end]
            case 5:
                damaged[start:start] = damaged[start:end]
            case 6:
                damaged[at : at + 7] = rng.choice(characters, 7).tolist()
            case 7:
                del damaged[at : at + int(rng.integers(1, 90))]
    return bytes(damaged)


def binary(content: bytes, rng: np.random.Generator) -> bytes:
    """One to three of: a byte or a bit changed, a cut, eight bytes of noise, a part lost."""
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        if len(damaged) < 16:
            break
        at = int(rng.integers(len(damaged) - 8))
        match int(rng.integers(5)):
            case 0:
                damaged[at] = int(rng.integers(256))
            case 1:
                damaged[at] ^= 1 << int(rng.integers(8))
            case 2:
                del damaged[at:]
            case 3:
                damaged[at : at + 8] = rng.integers(0, 256, 8, dtype=np.uint8).tobytes()
            case 4:
                del damaged[at : at + int(rng.integers(1, 20))]
    return bytes(damaged)
