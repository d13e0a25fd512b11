"""Days of the INTERMAGNET archive format, word by word."""

from __future__ import annotations

import struct

import numpy as np


def day(
    number=2018125, elements=b"XYZG", values=(245671, 13212, 393473, 15), code=b" DUR", version=b"\x04\x00\x00\x00"
):
    """One day: 16 words of header, 4 x 1440 minutes (each one tenth more than the last), 96 + 4 means, 8 K, 4 words."""
    head = struct.pack("<4siiii", code, number, 48350, 14466, 910) + elements + b"INGV"
    head += struct.pack("<i", 10000) + b"IMAG" + b"  RC" + struct.pack("<ii", 350, 1000) + b"HDZF" + b"2003" + version
    head += bytes(4)
    columns = [np.full(1440, v) if v in (999999, 888888) else v + np.arange(1440) for v in values]
    columns[3] = np.full(1440, values[3])
    rest = [999999] * 100 + [20] * 8 + [0] * 4
    content = head + np.concatenate(columns).astype("<i4").tobytes() + np.array(rest, "<i4").tobytes()
    assert len(head) == 64 and len(content) == 23_552
    return content
