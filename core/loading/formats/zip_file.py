"""The files in a zip archive, one at a time, with caps on their number, size and ratio; names lead nowhere."""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType

from core.errors import InputError
from core.loading.formats import caps

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an archive without files
MOST_FILES = 5_000  # 13 years of daily files
LARGEST_TOTAL_BYTES = 4 * 1024**3
LARGEST_LIST_BYTES = 16 * 1024**2  # of the list of files at the end, which is read whole

_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError)
_CHUNK = 1024**2


def looks_like(start: bytes) -> bool:
    """Whether the first bytes of a file are those of a zip archive."""
    return start.startswith(MAGIC)


def unpack_head(start: bytes, n_bytes: int) -> bytes:
    """The first bytes of the first file, as far as they go in the first bytes of the archive; b"" if that fails."""
    if len(start) < 30 or not start.startswith(MAGIC[0]):
        return b""
    method, name_length, extra_length = (int.from_bytes(start[at : at + 2], "little") for at in (8, 26, 28))
    body = start[30 + name_length + extra_length :]
    if method == zipfile.ZIP_STORED:
        return body[:n_bytes]
    try:
        return zlib.decompressobj(wbits=-15).decompress(body, n_bytes) if method == zipfile.ZIP_DEFLATED else b""
    except zlib.error:
        return b""


class ZipFile:
    """
    An open zip archive; use it with `with`.

    `names` are the names of its files in their order, folders and hidden files (which begin with a dot) left out.

    Raises
    ------
    InputError
        On opening: damaged, no archive of data but a document, or more files than `MOST_FILES`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._n_unpacked = 0
        try:
            _check_list(path)
            self._archive = zipfile.ZipFile(path)
        except InputError:
            raise
        except (*_DAMAGE, ValueError) as error:
            raise _damaged(path.name) from error
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
        every = self._archive.infolist()
        if any(one.filename == "[Content_Types].xml" for one in every) or (every and every[0].filename == "mimetype"):
            self._archive.close()
            raise InputError(f"{path.name}: a document of an office program, not data. Save its table as CSV.")
        self._files = [one for one in every if not one.is_dir() and not _hidden(one.filename)]
        self.names = [one.filename for one in self._files]

    def __enter__(self) -> ZipFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def read(self, at: int) -> bytes:
        """
        The content of the file `names[at]`.

        Raises
        ------
        InputError
            If its name leads outside the archive, it is a link, locked, damaged, another zip archive, too large or too
            tightly packed.
        """
        one = self._files[at]
        name = f"{self.path.name}, {one.filename[:120]}"
        _refuse(one, name)
        if self._n_unpacked + one.file_size > LARGEST_TOTAL_BYTES:
            raise InputError(f"{name}: the files up to here hold {LARGEST_TOTAL_BYTES // 1024**3} GiB. Split the zip.")
        parts, left = list[bytes](), one.file_size
        try:
            with self._archive.open(one) as file:
                while part := file.read(min(_CHUNK, left + 1)):
                    parts.append(part)
                    left -= len(part)
                    if left < 0:
                        raise zipfile.BadZipFile("more than it says")
        except (*_DAMAGE, RuntimeError, ValueError, OSError) as error:
            raise _damaged(name) from error
        content = b"".join(parts)
        self._n_unpacked += len(content)
        if left:
            raise _damaged(name)
        if looks_like(content):
            raise InputError(f"{name}: a zip archive within a zip archive. Unpack the outer one first.")
        return content

    def unpack(self, at: int, folder: Path) -> Path:
        """Write the file `names[at]` into a folder, under the last part of its name; raises as `read`."""
        content = self.read(at)
        path = folder / (re.sub(r"[^\w.+-]", "_", PurePosixPath(self.names[at]).name)[-100:] or "file")
        path.write_bytes(content)
        return path


def only_file(path: Path) -> bytes:
    """
    The content of the one file in an archive, for the readers of a single file.

    Raises
    ------
    InputError
        As `ZipFile` and its `read`; or if there is none or more than one.
    """
    with ZipFile(path) as archive:
        if len(archive.names) != 1:
            raise InputError(
                f"{path.name}: the zip archive holds {len(archive.names)} files, expected one. Unpack it first."
            )
        return archive.read(0)


def _check_list(path: Path) -> None:
    # Before the list of files is read: its length, as the end of the archive states it.
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        end = file.read()
    at = end.rfind(MAGIC[1])
    if at < 0 or len(end) < at + 22:
        raise zipfile.BadZipFile("no end")
    n_files, list_bytes = struct.unpack_from("<HI", end, at + 10)
    if n_files > MOST_FILES or list_bytes > LARGEST_LIST_BYTES:  # 65,535 also stands for "more"
        raise InputError(f"{path.name}: the zip archive holds more than {MOST_FILES} files. Unpack it first.")


def _hidden(name: str) -> bool:
    return any(part.startswith(".") and not part.startswith("..") for part in PurePosixPath(name).parts)


def _refuse(one: zipfile.ZipInfo, name: str) -> None:
    posix, windows = PurePosixPath(one.filename), PureWindowsPath(one.filename)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or ".." in (*posix.parts, *windows.parts):
        raise InputError(
            f"{name}: the name leads outside the archive, as that of data never does. It was not unpacked."
        )
    if stat.S_ISLNK(one.external_attr >> 16):
        raise InputError(f"{name}: a link to another file, not data. It was not unpacked.")
    if one.flag_bits & 1:
        raise InputError(f"{name}: locked with a password. Unpack it first.")
    if one.compress_type not in _READABLE:
        raise InputError(f"{name}: packed in a way that is not read. Unpack it first.")
    if one.file_size > caps.LARGEST_BYTES:
        raise InputError(
            f"{name}: unpacked it holds more than {caps.LARGEST_BYTES // 1024**2} MiB. Split it into files of a year."
        )
    if one.file_size > caps.most_unpacked(one.compress_size):
        raise InputError(
            f"{name}: packed more than {caps.MOST_RATIO} times, as no data are; perhaps made to fill the memory."
        )


def _damaged(name: str) -> InputError:
    return InputError(f"{name}: the zip archive is damaged or cut off. Fetch it again.")
