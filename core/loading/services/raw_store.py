"""
Every answer of a service as it came: `raw/<sha256>` and an index that is only ever appended to.

What a service gives today it may not give tomorrow (preliminary data are taken down), so the bytes are the
archive; everything else can be made from them again. A download that was interrupted finds its first part here.

Each line of the index says the version of its form, and the program that wrote it; the lines of before say neither and
are of the same form.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from core import clock, documents, files, typed_documents
from core.errors import InputError
from core.loading.services.addresses import Service
from core.typed_documents import OtherVersion

if TYPE_CHECKING:  # the network library, which only a fetcher needs
    from core.loading.services.http import Client, Reply

T = TypeVar("T")
VERSION = 1  # of a line of the index; the oldest have none

_DIGEST = re.compile(r"[0-9a-f]{64}")

# How old an answer may be to stand for another request, by the age its data had when it came: preliminary
# data are revised for weeks, old data hardly ever. Older than the last row: it stands until asked again.
_AGES = (
    (pd.Timedelta(days=3), pd.Timedelta(hours=1)),
    (pd.Timedelta(days=10), pd.Timedelta(days=1)),
    (pd.Timedelta(days=100), pd.Timedelta(days=7)),
)


@dataclass(frozen=True)
class Entry:
    """
    One answer: a line of the index.

    `url` is the request as sent, `status` its HTTP status, `sha256` and `length`
    those of the body, `retrieved` an ISO time in UTC; `date` and `etag` are what
    the server said (the date is a second witness of the time).
    """

    url: str
    status: int
    sha256: str
    length: int
    retrieved: str
    service: str
    licence: str
    credit: str
    date: str = ""
    etag: str = ""
    content_type: str = ""


_KINDS: dict[str, type | tuple[type, ...]] = {
    part.name: int if part.name in ("status", "length") else str for part in dataclasses.fields(Entry)
}


class RawStore:
    """The folder of raw answers. Nothing in it is ever changed or deleted by the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._latest: dict[str, Entry] | None = None

    @property
    def index(self) -> Path:
        """The list of answers, one JSON object a line, oldest first."""
        return self.folder / "index.jsonl"

    def path(self, sha256: str) -> Path:
        """The file of a body. Raises InputError if that is no digest: an index or a journal may be a stranger's."""
        if not _DIGEST.fullmatch(sha256):
            raise InputError(
                f"{self.folder}: {sha256[:80]!r} is no SHA-256, expected 64 hexadecimal digits. No file was looked for."
            )
        return self.folder / sha256

    def keep(self, reply: Reply, service: Service) -> Entry:
        """
        Store an answer; the body first, so that the index never names a file that is not there.

        Raises
        ------
        InputError
            If the folder cannot be written, or the index has a line of a newer form.
        """
        self._known()
        digest = hashlib.sha256(reply.body).hexdigest()
        header = reply.headers.get
        entry = Entry(
            url=reply.url,
            status=reply.status,
            sha256=digest,
            length=len(reply.body),
            retrieved=reply.retrieved.isoformat(),
            service=service.name,
            licence=service.licence,
            credit=service.credit,
            date=header("date", ""),
            etag=header("etag", ""),
            content_type=header("content-type", ""),
        )
        try:
            self._keep_body(digest, reply.body)
            self._append(entry)
        except OSError as error:
            raise InputError(f"{self.folder}: the answer cannot be stored ({error.strerror}).") from error
        self._known()[entry.url] = entry
        return entry

    def keep_file(self, path: Path) -> str:
        """
        Keep a copy of a file of this machine; its SHA-256. A file that was kept already is not copied again.

        Raises
        ------
        InputError
            If the file cannot be read or the folder cannot be written.
        """
        try:
            body = documents.read_stored(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
        digest = hashlib.sha256(body).hexdigest()
        try:
            self._keep_body(digest, body)
        except OSError as error:
            raise InputError(f"{self.folder}: {path.name} cannot be kept ({error.strerror}).") from error
        return digest

    def entries(self) -> list[Entry]:
        """
        All answers, oldest first; lines that were cut off by a crash are passed over (`problems` names them).

        Raises
        ------
        OtherVersion
            If a line is of a newer form than this program reads.
        """
        lines = enumerate(lines_of(self.index), 1)
        return [entry for number, line in lines if (entry := self._entry(line, number)) is not None]

    def find(self, url: str) -> Entry | None:
        """The latest answer to a request; None if there is none. Raises OtherVersion as `entries`."""
        return self._known().get(url)

    def read(self, entry: Entry) -> bytes:
        """
        The body of an answer.

        Raises
        ------
        InputError
            If the file is missing or its bytes are not those that came.
        """
        try:
            return self.body(entry.sha256)
        except InputError as error:
            raise InputError(f"{error} Fetch the data again (--again).") from error

    def body(self, sha256: str) -> bytes:
        """The bytes with this digest. Raises InputError if they are missing or damaged."""
        path = self.path(sha256)
        try:
            body = documents.read_stored(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise InputError(f"{path}: the stored bytes are damaged.")
        return body

    def clear_leftovers(self) -> None:
        """Remove the temporary files of writers that were killed more than an hour ago; for a writer of the archive."""
        files.refuse_way_out(self.folder, self.folder.parent)
        for path in self.folder.glob(".*.*"):
            with contextlib.suppress(FileNotFoundError):  # its writer lives, and is done
                if clock.now().timestamp() - path.stat().st_mtime > 3600:
                    path.unlink()

    def problems(self) -> list[str]:
        """Sentences that name every damaged line and file; empty if all is sound."""
        found = []
        for number, line in enumerate(lines_of(self.index), 1):
            try:
                entry = self._entry(line, number)
            except OtherVersion as error:
                found.append(str(error))
                continue
            if entry is None:
                found.append(f"{self.index}, line {number}: cut off or damaged; its answer will be fetched again.")
                continue
            try:
                self.path(entry.sha256)
            except InputError as error:
                found.append(f"{self.index}, line {number}: {error}")
                continue
            try:
                self.read(entry)
            except InputError as error:
                found.append(str(error))
        return list(dict.fromkeys(found))

    def _keep_body(self, sha256: str, body: bytes) -> None:
        path = self.path(sha256)
        files.refuse_way_out(self.folder, self.folder.parent)
        if not path.exists() or documents.read_stored(path) != body:
            files.replace(path, lambda temporary: _write_bytes(temporary, body))

    def _known(self) -> dict[str, Entry]:
        """The latest answer to each request."""
        if self._latest is None:
            self._latest = {entry.url: entry for entry in self.entries()}
        return self._latest

    def _entry(self, line: bytes, number: int) -> Entry | None:
        try:
            content = documents.parse_json(line)
            typed_documents.version_of(content, VERSION, f"Line {number} of {self.index}")
            entry = Entry(**{key: value for key, value in content.items() if key not in ("version", "program")})
            documents.check_kinds(dataclasses.asdict(entry), _KINDS)
            return None if pd.isna(pd.Timestamp(entry.retrieved)) else entry
        except OtherVersion:  # it says itself what to do
            raise
        except documents.UNUSABLE:
            return None

    def _append(self, entry: Entry) -> None:
        append_lines(self.index, [json.dumps(typed_documents.write(entry, VERSION), sort_keys=True).encode()])


def append_lines(path: Path, lines: Sequence[bytes]) -> None:
    """
    Append lines to a file, with one sync: whole or, after a crash, with a torn last line.

    The next line never joins a torn one. Raises OSError, and InputError as `files.refuse_way_out`.
    """
    files.refuse_way_out(path, path.parent.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = b"".join(line + b"\n" for line in lines)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content
        while content:  # a nearly full disk takes a part and says so only at the next one
            content = content[os.write(handle, content) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file, without empty ones; none if there is no file. Raises InputError if it cannot be read."""
    try:
        return [line for line in documents.read_stored(path).split(b"\n") if line]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error


@dataclass
class Fetcher:
    """
    Gets answers from the raw store or, if they are not there, from the network into it.

    `again` asks the network in any case. `n_fetched` and `n_reused` count; `used` are the addresses and digests of
    the answers since it was last emptied.
    """

    client: Client
    store: RawStore
    again: bool = False
    now: Callable[[], pd.Timestamp] = lambda: clock.now()
    n_fetched: int = 0
    n_reused: int = 0
    used: list[tuple[str, str]] = field(default_factory=list)

    def take_used(self) -> tuple[tuple[str, str], ...]:
        """The answers that were used since this was last called."""
        used = tuple(self.used)
        self.used.clear()
        return used

    def get(
        self,
        service: Service,
        url: str,
        parameters: Mapping[str, str],
        parse: Callable[[Reply], T],
        *,
        until: pd.Timestamp | None = None,
        also: Collection[int] = (),
    ) -> T:
        """
        What `parse` makes of the answer to a request.

        Parameters
        ----------
        service, url, parameters
        parse : callable
            Gets an answer of status 200 or one in `also`. It raises FetchError if the answer is bad; such an
            answer is tried again (`Client.get`) and never stored. What it returns from is stored.
        until : Timestamp, optional
            End of the data that are asked for; None if the answer must be new.
        also : collection of int
            Statuses that are answers too.

        Raises
        ------
        FetchError
            If there is no good answer.
        """
        from core.loading.services import http
        from core.loading.services.http import Reply

        asked = http.address(url, parameters)
        known = self.stored(asked, until)
        if known is not None:
            result = parse(Reply(known.url, known.status, self.store.read(known), {}, pd.Timestamp(known.retrieved)))
            self.n_reused += 1
            self.used.append((known.url, known.sha256))
            return result
        parsed: list[T] = []
        reply = self.client.get(url, parameters, also=also, check=lambda reply: parsed.append(parse(reply)))
        # Kept under the address that was asked for, also when the server sent us on.
        entry = self.store.keep(dataclasses.replace(reply, url=asked), service)
        self.n_fetched += 1
        self.used.append((entry.url, entry.sha256))
        return parsed[-1]

    def stored(self, asked: str, until: pd.Timestamp | None) -> Entry | None:
        """The stored answer that may stand for a request of data until a time; None if the network must be asked."""
        known = None if until is None or self.again else self.store.find(asked)
        return known if known is not None and until is not None and stands(known, until, self.now()) else None


def stands(entry: Entry, until: pd.Timestamp, now: pd.Timestamp) -> bool:
    """
    Whether a stored answer may stand for a new request: always, if its data were settled when it came.

    Data of the last 3 days are asked for again after an hour, of 10 days after a day, of 100 days after a week;
    where there were none, after an hour, for some may have come.
    """
    retrieved = pd.Timestamp(entry.retrieved)
    if entry.status != 200:
        return now - retrieved < _AGES[0][1]
    for age, lifetime in _AGES:
        if retrieved - until < age:
            return now - retrieved < lifetime
    return True


def _write_bytes(path: Path, body: bytes) -> None:
    path.write_bytes(body)
