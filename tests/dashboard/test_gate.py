"""What a guest may ask of a running dashboard: its pages, and nothing that stays in the server's memory."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from dashboard.gate import Gate
from support import live_dashboard

MEGABYTE = 1024 * 1024
UPLOAD = "/_stcore/upload_file/{session_id}/mine"
HEAD = b'--edge\r\nContent-Disposition: form-data; name="mine"; filename="mine.bin"\r\n\r\n'
TAIL = b"\r\n--edge--\r\n"


class Guest:
    """A visitor without a browser, who knows what a browser is told: the session's id and the token for uploads."""

    def __init__(self, url: str, stream: ClientConnection):
        self.place, self.stream, self.token, self.session_id = urlsplit(url), stream, "", ""
        _, headers, _ = self.ask("GET", "/_stcore/health")
        (cookie,) = [line for line in headers.splitlines() if line.lower().startswith("set-cookie: _streamlit_xsrf=")]
        self.token = cookie.split("=", 1)[1].split(";")[0]
        self.session_id = self.read_home()

    def read_home(self) -> str:
        """Ask for the first page and read all of it; the id of the session stands in it."""
        self.stream.send(BackMsg(rerun_script={"query_string": ""}).SerializeToString())
        session_id = ""
        while True:
            message = ForwardMsg.FromString(self.stream.recv(60))
            session_id = session_id or message.new_session.initialize.session_id
            if message.WhichOneof("type") == "script_finished":
                return session_id

    def ask(self, method: str, target: str, body: bytes = b"", version: str = "1.1", chunked: bool = False):
        """Status, headers and body of the answer to a request that no client library has tidied beforehand."""
        target = target.format(session_id=self.session_id)
        lines = [f"{method} {self.place.path}{target} HTTP/{version}", f"Host: {self.place.netloc}"]
        if self.token:
            lines += [f"Cookie: _streamlit_xsrf={self.token}", f"X-Xsrftoken: {self.token}"]
        if body:
            framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
            lines += ["Content-Type: multipart/form-data; boundary=edge", framing]
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body
        with socket.create_connection((self.place.hostname, self.place.port), timeout=60) as connection:
            connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
            answer = b""
            while received := connection.recv(65536):
                answer += received
        head, _, rest = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode("latin-1"), rest


@contextmanager
def visiting(url: str):
    """A guest whose page stays open."""
    with connect(stream_address(url), max_size=None) as stream:
        yield Guest(url, stream)


@pytest.fixture(scope="module", params=["", "lab/one"], ids=["at the root", "below a path"])
def dashboard(request, tmp_path_factory):
    """Address and process of a hosted copy."""
    folder = tmp_path_factory.mktemp("empty")
    hosted = {"PRECURSOR_NO_DEMO": "1", "PRECURSOR_READ_ONLY": "1"}
    with live_dashboard.running(folder, base_path=request.param, **hosted) as (url, process):
        yield url, process


@pytest.fixture(scope="module")
def guest(dashboard):
    with visiting(dashboard[0]) as visitor:
        yield visitor


def file_of(size_bytes: int) -> bytes:
    return HEAD + bytes(size_bytes) + TAIL


def resident_megabytes(process, row: str = "VmRSS") -> float:
    """What the process holds in memory; row VmHWM: the most that it ever did."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{row}:")) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_sixty_uploads_of_five_megabytes_are_refused_and_leave_the_servers_memory_as_it_was(guest, dashboard):
    for _ in range(3):  # what the first requests load stays, and is not what is asked here
        guest.ask("PUT", UPLOAD, file_of(1000))
    before = resident_megabytes(dashboard[1])
    for number in range(60):  # 294 MB, and each would be kept for as long as the guest's page is open
        status, _, _ = guest.ask("PUT", UPLOAD + str(number), file_of(int(4.9 * MEGABYTE)), chunked=number % 2 == 1)
        assert status == 405
    assert resident_megabytes(dashboard[1]) - before < 30


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE", "OPTIONS", "put", "TRACE", "PROPFIND"])
def test_whatever_only_sends_is_refused(guest, method, version):
    for target in (UPLOAD, "/", "/map", "/media/x", "/app/static/x", "/_stcore/agent/mcp", "/_stcore/health"):
        status, head, _ = guest.ask(method, target, b"" if method in ("OPTIONS", "TRACE") else file_of(10), version)
        assert status == 405, target
        assert "\nallow: get, head" in head.lower()


@pytest.mark.parametrize(
    "target",
    [
        "/" + UPLOAD,
        UPLOAD + "/",
        "/x/.." + UPLOAD,
        UPLOAD.replace("/mine", "//mine"),
        UPLOAD.replace("upload_file", "%75pload_file"),
        UPLOAD.replace("/_stcore/", "/%5Fstcore%2F"),
        UPLOAD.replace("/_stcore/", "/%2e/_stcore/"),
        UPLOAD.upper().replace("{SESSION_ID}", "{session_id}"),
        UPLOAD + "?x=1",
        UPLOAD + "#x",
    ],
)
def test_no_other_spelling_of_the_address_takes_an_upload(guest, target):
    for version, chunked in (("1.1", False), ("1.1", True), ("1.0", False)):
        assert guest.ask("PUT", target, file_of(10), version, chunked)[0] == 405


@pytest.mark.parametrize(
    "target",
    [
        "/_stcore/metrics",
        "/_stcore/metrics/",
        "/_stcore/metrics?families=cache_memory_bytes",
        "//_stcore/metrics",
        "/_stcore//metrics",
        "/_stcore/%6Detrics",
        "/%5Fstcore%2Fmetrics",
        "/_STCORE/Metrics",
        "/_stcore/./metrics",
        "/map/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/agent/interact",
        "/_stcore/upload_file/{session_id}/mine",
    ],
)
def test_what_tells_of_the_server_is_not_there(guest, target):
    for method in ("GET", "HEAD"):
        status, _, body = guest.ask(method, target)
        assert status == 404, body


def test_what_a_page_needs_is_there(guest):
    for target in ("/", "/map", "/_stcore/health", "/_stcore/host-config", "/app/static/basemap_light.json"):
        assert guest.ask("GET", target)[0] == 200, target


def test_a_message_that_is_larger_than_any_that_a_page_sends_ends_the_connection(dashboard):
    with visiting(dashboard[0]) as visitor:
        assert code_at_the_end(visitor, 6 * MEGABYTE) == 1009  # RFC 6455: too big to process


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_a_message_of_hundreds_of_megabytes_is_refused_before_the_server_holds_it(dashboard):
    with visiting(dashboard[0]) as visitor:
        before = resident_megabytes(dashboard[1])
        code_at_the_end(visitor, 190 * MEGABYTE)  # none, if the line is cut while it is being sent
    assert resident_megabytes(dashboard[1], "VmHWM") - before < 60


def code_at_the_end(visitor: Guest, size_bytes: int) -> int | None:
    """Why the server ended the connection after a message so large, once it does."""
    with pytest.raises(ConnectionClosed) as end:
        visitor.stream.send(bytes(size_bytes))
        while True:  # what was on its way comes first
            visitor.stream.recv(60)
    return end.value.rcvd and end.value.rcvd.code


def stream_address(url: str) -> str:
    return url.replace("http://", "ws://") + "/_stcore/stream"


def asking_for(size_bytes: int) -> bytes:
    """A message as pages send it, except that its address is so long."""
    return BackMsg(rerun_script={"query_string": "run=" + "x" * size_bytes}).SerializeToString()


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_thirty_viewers_who_each_ask_with_an_address_of_five_megabytes_leave_the_memory_as_it_was(guest, dashboard):
    before = resident_megabytes(dashboard[1])
    with ExitStack() as open_ones:
        for _ in range(30):
            stream = open_ones.enter_context(connect(stream_address(dashboard[0]), max_size=None))
            with suppress(ConnectionClosed):  # cut while it is still being sent
                stream.send(asking_for(int(4.9e6)))
            with pytest.raises(ConnectionClosed):
                while True:
                    stream.recv(60)
        assert resident_megabytes(dashboard[1]) - before < 30  # each left 9.6 MB, 288 MB in all
    guest.read_home()  # who asked for nothing large is served as before


def test_a_message_of_a_hundred_kilobytes_ends_the_connection_and_one_of_twenty_is_answered(dashboard):
    with visiting(dashboard[0]) as visitor:
        visitor.stream.send(asking_for(20_000))
        while not ForwardMsg.FromString(visitor.stream.recv(60)).HasField("script_finished"):
            pass
        with pytest.raises(ConnectionClosed) as end:
            visitor.stream.send(asking_for(100_000))
            while True:
                visitor.stream.recv(60)
    assert end.value.rcvd.code == 1009


def test_one_address_has_a_number_of_pages_open_at_most_and_a_closed_one_makes_room(dashboard):
    url = stream_address(dashboard[0])
    of_a_guest = {"X-Forwarded-For": "203.0.113.7"}  # as a proxy on the same machine says whom it speaks for
    with ExitStack() as open_ones:
        streams = [open_ones.enter_context(connect(url, additional_headers=of_a_guest)) for _ in range(40)]
        with pytest.raises(InvalidStatus) as refusal, connect(url, additional_headers=of_a_guest):
            pass
        assert refusal.value.response.status_code == 503
        with connect(url, additional_headers={"X-Forwarded-For": "203.0.113.8"}):
            pass
        streams[0].close()
        for _ in range(100):  # until the server has heard of it
            with suppress(InvalidStatus), connect(url, additional_headers=of_a_guest):
                return
            time.sleep(0.1)
    pytest.fail("a closed page made no room")


@pytest.mark.parametrize(
    ("opened_from", "let_in"),
    [
        ([f"198.51.100.{number}" for number in range(250)], 200),
        (["198.51.100.1"] * 250, 40),
        ([f"::ffff:198.51.100.{number}" for number in range(250)], 200),  # IPv4, as a server for both kinds sees it
        ([f"2001:db8:1:1::{number:x}" for number in range(250)], 40),  # one line's addresses, RFC 6177: a /64 at least
        ([f"2001:db8:1:{number:x}::1" for number in range(250)], 200),
        (["no address"] * 250, 40),
    ],
)
def test_the_pages_open_at_once_have_a_number_in_all_and_one_for_each_line(opened_from, let_in):
    inside = []

    async def page(scope, receive, send):
        inside.append(scope["client"])
        await asyncio.Event().wait()  # it stays open

    async def say(event):
        refusals.append(event)

    async def everybody_comes():
        gate = Gate(page)
        visits = [gate({**scope, "client": (address, 50_000)}, None, say) for address in opened_from]
        waiting = [asyncio.ensure_future(visit) for visit in visits]
        await asyncio.sleep(0)
        for visit in waiting:
            visit.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    scope = {"type": "websocket", "path": "/_stcore/stream", "extensions": {"websocket.http.response": {}}}
    refusals = []
    asyncio.run(everybody_comes())
    assert len(inside) == let_in
    assert [event["status"] for event in refusals if "status" in event] == [503] * (250 - let_in)
