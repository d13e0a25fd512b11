"""The bytes of large text files, and plain words for what is no such file: a web page, a picture, an archive."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from pathlib import Path

import numpy as np

from core import documents
from core.errors import InputError
from core.loading.formats import caps, zip_file

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # in no text; x1a ends one of old systems, x1b colours one

_BINARY = {
    b"PK\x03\x04": "a zip archive of several files, or a document; unpack it first",
    b"PK\x05\x06": "an empty zip archive",
    b"\xcd\xf3\x00\x01": "a CDF file",
    b"\xcd\xf2\x60\x02": "a CDF file",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\x89HDF": "an HDF5 file",
    b"PAR1": "a Parquet file",
    b"BZh": "a bzip2 file; unpack it first",
    b"\xfd7zXZ": "an xz file; unpack it first",
}


def read(path: Path, *, markup: bool = False) -> memoryview:
    """
    The content of a text file without its byte-order mark; gzip and zip are recognised by content, not by name.

    A plain file is read straight into a numpy buffer: for a year of minutes (37 MB) that takes 5 ms,
    and `file.read()` 20 ms, most of it spent on getting small pages of memory. With `markup` the file may be XML or
    HTML, which is for the readers of such formats.

    Raises
    ------
    InputError
        If the file is missing, empty, damaged, too large, binary or a web page.
    """
    data = unpacked(path)
    start = bytes(data[:4096])
    kind = "" if markup and _is_markup(start) else refuse_as(start)
    if kind:
        raise InputError(f"{path.name}: the file is {kind}. Nothing of it was stored.")
    return data[3:] if data[:3] == BYTE_ORDER_MARK else data


def unpacked(path: Path) -> memoryview:
    """
    The bytes of a file of any kind; gzip, and a zip archive of one file, are unpacked, whatever their names.

    Raises
    ------
    InputError
        If the file is missing, damaged as gzip or zip, too large or too tightly packed, or a zip of several files.
    """
    try:
        data = _unpacked(path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path.name}: the compressed file is cut off or damaged. Fetch it again.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    if len(data) > caps.LARGEST_BYTES:
        raise InputError(
            f"{path.name}: holds more than {caps.LARGEST_BYTES // 1024**2} MiB. Split it into files of a year."
        )
    return data


def unpack_head(start: bytes, n_bytes: int = 4096) -> bytes:
    """The first bytes of a file, unpacked as far as they go if they are the start of a gzip or zip file."""
    if zip_file.looks_like(start):
        return zip_file.unpack_head(start, n_bytes).removeprefix(BYTE_ORDER_MARK)
    if start.startswith(GZIP_MAGIC):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, n_bytes)
        except zlib.error:
            return b""
    return start.removeprefix(BYTE_ORDER_MARK)


def refuse_as(start: bytes) -> str:
    """
    What the first bytes of a file show it to be, if that cannot be a text table; "" if it may be one.

    >>> refuse_as(b"<!DOCTYPE html><title>502 Bad Gateway</title>")
    'a web page ("502 Bad Gateway"), perhaps an error page saved in place of the data'
    """
    if not start.strip():
        return "empty"
    for magic, kind in _BINARY.items():
        if start.startswith(magic):
            return kind
    if _CONTROL.search(start):
        return "binary, not text"
    page = web_page(start)
    if page:
        return f"{page}, perhaps an error page saved in place of the data"
    return "XML or HTML, not a table of values" if start.lstrip()[:1] == b"<" else ""


def web_page(start: bytes) -> str:
    """
    What first bytes are called if they are those of a web page: with its title, if it has one; "" if they are not.

    >>> web_page(b"<html><head><title>502 Bad Gateway</title>"), web_page(b"<q:quakeml>")
    ('a web page ("502 Bad Gateway")', '')
    """
    if start.lstrip()[:1] != b"<":
        return ""
    heading = re.search(rb"<title[^>]*>\s*([^<]{1,80})", start, re.IGNORECASE)
    title = " ".join(heading[1].decode("utf-8", "replace").split()) if heading else ""
    return f'a web page ("{title}")' if title else "a web page" if heading or b"<html" in start.lower() else ""


def _is_markup(start: bytes) -> bool:
    return b"\x00" not in start and start.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] == b"<"


def _unpacked(path: Path) -> memoryview:
    with documents.open_stored(path) as file:
        size = min(os.fstat(file.fileno()).st_size, caps.LARGEST_BYTES + 1)
        buffer: memoryview = np.empty(size, np.uint8).data
        n = 0
        while count := file.readinto(buffer[n:]):
            n += count
    if zip_file.looks_like(bytes(buffer[:4])):
        return memoryview(zip_file.only_file(path))
    if buffer[:2] != GZIP_MAGIC:
        return buffer[:n]
    most = caps.most_unpacked(n)
    with gzip.open(path, "rb") as packed:
        data = packed.read(most + 1)
    if most < len(data) <= caps.LARGEST_BYTES:
        raise InputError(
            f"{path.name}: packed more than {caps.MOST_RATIO} times, as no data are; perhaps made to fill the memory."
        )
    return memoryview(data)
