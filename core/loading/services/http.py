"""
The only way to the network: one polite GET with retries, limits and a proof that the answer is complete.

Addresses are those of a table (`addresses.py`) or what the environment names in their place, reached by https with the
certificate verified; that a private machine cannot show a public name's certificate is what keeps a request from going
astray. Plain http is spoken only with this machine.
"""

from __future__ import annotations

import email.utils
import http.client
import importlib.metadata
import random
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import pandas as pd
import requests
import urllib3

from core import clock
from core.errors import InputError
from core.loading.formats import unpacking
from core.loading.services.addresses import LOOPBACK

RETRIED = frozenset((429, 500, 502, 503, 504))
REDIRECTS = frozenset((301, 302, 303, 307, 308))
LARGEST_BYTES = 64 * 1024**2  # a month of minutes is 3 MB, 20,000 events are 3 MB
LONGEST_WAIT = 300.0  # seconds; a server that asks for more is left alone


class FetchError(InputError):
    """
    A request that failed: nothing is known about the data. `status` is the HTTP status, 0 if none came.

    It is never raised for "there are no data": that is an answer, not a failure. `final` is true if
    another try at once would get the same.
    """

    def __init__(self, message: str, status: int = 0, final: bool = False) -> None:
        super().__init__(" ".join(message.split()))  # a line, whatever the server or a library said
        self.status = status
        self.final = final


@dataclass(frozen=True)
class Reply:
    """
    A complete answer: `body` as sent, unpacked; `headers` with lower-case names; `retrieved` in UTC.

    `length_known` is false if the server did not say how long the body is, so that a cut cannot be seen.
    """

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    retrieved: pd.Timestamp
    length_known: bool = True

    def text(self) -> str:
        """
        The body as UTF-8 text.

        Raises
        ------
        FetchError
            If it is empty, a web page, binary, or no UTF-8.
        """
        kind = unpacking.refuse_as(self.body[:4096]) or ("binary, not text" if b"\0" in self.body else "")
        if kind:
            raise FetchError(f"{self.url}: answered with status {self.status}, but the body is {kind}.", self.status)
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FetchError(f"{self.url}: the body is not UTF-8 text.", self.status) from None


@dataclass
class Client:
    """
    Gets answers, one at a time.

    Seconds: `connect_s` and `read_s` for a connection and for each wait for bytes, `total_s` for a whole
    answer, `interval_s` between two requests to the same host. `tries` counts the first one. The waits
    before another try are about 1, 2, 4, ... times `backoff_s`, or what the server asks for (Retry-After).
    """

    connect_s: float = 10.0
    read_s: float = 120.0
    total_s: float = 600.0
    interval_s: float = 0.5
    tries: int = 5
    backoff_s: float = 1.0
    largest_bytes: int = LARGEST_BYTES
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.Random)
    _last: dict[str, float] = field(default_factory=dict)
    _session: requests.Session | None = None

    def get(
        self,
        url: str,
        parameters: Mapping[str, str] | None = None,
        *,
        also: Collection[int] = (),
        check: Callable[[Reply], object] | None = None,
    ) -> Reply:
        """
        The complete answer of status 200, or of one in `also`.

        Tried again: no connection, time-outs, cut or damaged bodies, the statuses `RETRIED`, and an answer of
        status 200 that `check` refuses by raising a FetchError that is not final.

        Raises
        ------
        FetchError
            With the address and the reason, when the tries are used up or another try is useless.
        """
        full = address(url, parameters)
        failure: _Again | None = None
        for attempt in range(self.tries):
            if failure is not None:
                self._pause(failure, attempt)
            try:
                reply = self._once(full)
                if reply.status in RETRIED and reply.status not in also:
                    raise _Again(full, meaning(reply), reply.status, _asked_wait(reply))
                if reply.status != 200 and reply.status not in also:
                    raise FetchError(f"{full}: {meaning(reply)}.", reply.status)
                if check is not None:
                    _refuse(check, reply)
                return reply
            except _Again as error:
                failure = error
        assert failure is not None, "at least one try is made"
        raise FetchError(f"{failure} Tried {self.tries} times; try again later.", failure.status) from failure

    def _once(self, url: str) -> Reply:
        for _ in range(5):
            reply = self._send(url)
            if reply.status not in REDIRECTS:
                return reply
            url = _same_host(url, reply.headers.get("location", ""))
        raise FetchError(f"{url}: redirected too often.")

    def _send(self, url: str) -> Reply:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise FetchError(f"{url}: only https addresses are fetched.")
        host = parts.netloc
        wait = self._last.get(host, -self.interval_s) + self.interval_s - self.clock()
        if wait > 0 and host in self._last:
            self.sleep(wait)
        self._last[host] = self.clock()
        if self._session is None:
            self._session = requests.Session()
        headers = {"User-Agent": user_agent(), "Accept-Encoding": "gzip", "Accept": "*/*"}
        deadline = self.clock() + self.total_s
        try:
            with self._session.get(
                url, headers=headers, timeout=(self.connect_s, self.read_s), stream=True, allow_redirects=False
            ) as answer:
                named = {name.lower(): value for name, value in answer.headers.items()}
                raw = self._body(url, answer.raw, named, deadline)
        except requests.exceptions.SSLError as error:
            raise FetchError(f"{url}: the certificate of the server is not valid ({_short(error)}).") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError) as error:
            raise _Again(url, f"no complete answer ({_short(error)})") from error
        body = self._unpack(url, raw, named.get("content-encoding", "identity").strip().lower())
        known = "content-length" in named or "chunked" in named.get("transfer-encoding", "").lower()
        return Reply(url, answer.status_code, body, named, clock.now(), known)

    def _body(self, url: str, raw: urllib3.BaseHTTPResponse, headers: dict[str, str], deadline: float) -> bytes:
        # As it comes, so that a server that drips cannot hold us longer than the deadline.
        parts: list[bytes] = []
        length = 0
        assert isinstance(raw, urllib3.HTTPResponse)
        while part := raw.read1(65_536, decode_content=False):
            parts.append(part)
            length += len(part)
            if length > self.largest_bytes:
                raise FetchError(f"{url}: the answer is larger than {self.largest_bytes} bytes. Ask for less.")
            if self.clock() > deadline:
                raise _Again(url, f"the answer was not complete after {self.total_s:g} s")
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) != length:
            raise _Again(url, f"the answer was cut off: {length} of {declared} bytes came")
        return b"".join(parts)

    def _unpack(self, url: str, body: bytes, encoding: str) -> bytes:
        if encoding in ("", "identity") or not body:
            return body
        if encoding not in ("gzip", "x-gzip"):
            raise FetchError(f"{url}: the answer is packed as {encoding!r}, which was not asked for.")
        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain = unpacker.decompress(body, self.largest_bytes + 1)
        except zlib.error as error:
            raise _Again(url, f"the packed answer is damaged ({error})") from error
        if len(plain) > self.largest_bytes:
            raise FetchError(f"{url}: the unpacked answer is larger than {self.largest_bytes} bytes. Ask for less.")
        if not unpacker.eof or unpacker.unused_data:
            raise _Again(url, "the packed answer is cut off or followed by something else")
        return plain

    def _pause(self, failure: _Again, attempt: int) -> None:
        wait = self.backoff_s * 2 ** (attempt - 1) * self.chance.uniform(0.75, 1.25)  # so that clients do not march
        if failure.wait_s is not None:
            if failure.wait_s > LONGEST_WAIT:
                raise FetchError(
                    f"{failure} The server asks to wait {failure.wait_s:.0f} s; try again after that.", failure.status
                )
            wait = max(wait, failure.wait_s)
        self.sleep(wait)


def address(url: str, parameters: Mapping[str, str] | None = None) -> str:
    """
    The full address of a request, as `Client.get` sends it.

    >>> address("https://example.org/data", {"start": "2018-05-05T00:00Z"})
    'https://example.org/data?start=2018-05-05T00%3A00Z'
    """
    return requests.Request("GET", url, params=parameters).prepare().url or url


def user_agent() -> str:
    """Who we are, for the logs of the servers: project and version."""
    try:
        version = importlib.metadata.version("geomag-precursor-lab")
    except importlib.metadata.PackageNotFoundError:
        version = "0"
    return f"geomag-precursor-lab/{version} (research; python-requests/{requests.__version__})"


class _Again(Exception):
    """A failure after which another try makes sense."""

    def __init__(self, url: str, reason: str, status: int = 0, wait_s: float | None = None) -> None:
        super().__init__(f"{url}: {reason}.")
        self.status = status
        self.wait_s = wait_s


def _refuse(check: Callable[[Reply], object], reply: Reply) -> None:
    try:
        check(reply)
    except FetchError as error:
        if error.final or reply.status != 200:
            raise
        again = _Again(reply.url, "", error.status)
        again.args = (str(error),)
        raise again from error


def _same_host(url: str, location: str) -> str:
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    if not location or (old.scheme, old.netloc) != (new.scheme, new.netloc):
        raise FetchError(
            f"{url}: the server sends us on to {target if location else 'nowhere'}; another host is not followed. "
            "The service may have moved: update the program."
        )
    return target


def _asked_wait(reply: Reply) -> float | None:
    # Seconds of Retry-After, which is a number or a date.
    value = reply.headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
        return max(0.0, (pd.Timestamp(until) - reply.retrieved).total_seconds())
    except (ValueError, TypeError):
        return None


def meaning(reply: Reply) -> str:
    """What a status other than 200 says, with the reason that the server gave if there is one in plain words."""
    words = http.client.responses.get(reply.status, "unknown status")
    told = reason(reply)
    return f"the server answered {reply.status} ({words})" + (f": {told}" if told else "")


def reason(reply: Reply) -> str:
    """The words of an answer that refuses, at most 200 letters; of a web page its title only; "" if it has none."""
    start = reply.body[:4096]
    page = unpacking.web_page(start)
    if page or unpacking.refuse_as(start):
        return page
    return " ".join(start.decode("utf-8", "replace").split())[:200]


def _short(error: BaseException) -> str:
    text = str(error)
    for word, plain in (
        ("timed out", "time-out"),
        ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed"),
        ("NameResolutionError", "the name of the host is not known; is there a network?"),
        ("Connection refused", "connection refused"),
        ("reset", "connection reset"),
    ):
        if word in text:
            return plain
    return f"{type(error).__name__}: {text[:120]}"
