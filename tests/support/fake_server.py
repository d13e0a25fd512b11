"""
A server on this machine with every fault that real ones have been seen with.

`Fake` is a real HTTP server in a thread. `answer` makes the right answer of a request; `faults` are used up one
request after the other (`always` is never used up), after which the answers are right again.
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HTML = b"<!DOCTYPE html><html><title>Service temporarily unavailable</title><body>Sorry</body></html>\n"
CODES = ("400", "403", "404", "413", "429", "500", "502", "503", "504")
# Faults that every client must end in FetchError, whatever the service.
TRANSPORT = (
    *("403", "404", "429", "500", "502", "503", "504", "time-out", "slow drip", "reset", "wrong length"),
    *("cut chunked", "broken gzip", "cut gzip", "odd encoding", "html", "empty", "other host", "loop", "garbage"),
)
# Of these, the ones that go away by themselves: another try makes sense.
PASSING = (
    *("429", "500", "502", "503", "504", "time-out", "slow drip", "reset", "wrong length", "cut chunked"),
    *("broken gzip", "cut gzip", "html", "empty", "garbage"),
)


@dataclass
class Answer:
    """What a service says."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Fake:
    """A service on this machine; use it with `with`."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.answer = answer
        self.faults: list[str] = []
        self.always = ""
        self.any_agent = False  # whether programs other than ours are answered
        self.asked: list[Asked] = []
        self.stop = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
                asked = Asked(parts.path, query, dict(self.headers.items()))
                fake.asked.append(asked)
                self.close_connection = True
                named = self.headers.get("User-Agent", "").startswith("geomag-precursor-lab/")
                if not named and not fake.any_agent:
                    _send(self, Answer(b"who are you?\n", 403))
                    return
                fault = fake.always or (fake.faults.pop(0) if fake.faults else "")
                try:
                    if fault:
                        silent = fault in (*CODES, "time-out", "slow drip", "reset", "html", "empty", "other host")
                        _misbehave(self, fault, fake, Answer() if silent else fake.answer(asked))
                    else:
                        _send(self, fake.answer(asked))
                except OSError:
                    pass  # the client went away, as it should

            def log_message(self, *arguments) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *arguments) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Fake:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error) -> None:
        self.stop.set()
        self.server.shutdown()
        self.server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    headers = {"Content-Type": "text/plain"} | answer.headers
    if answer.status != 204:
        headers = {"Content-Length": str(len(answer.body))} | headers
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Connection", "close")
    handler.end_headers()
    if answer.status != 204:
        handler.wfile.write(answer.body)


def _misbehave(handler: BaseHTTPRequestHandler, fault: str, fake: Fake, right: Answer) -> None:
    body = right.body or b"0123456789\n"
    packed = gzip.compress(body)
    if fault == "204":
        _send(handler, Answer(status=204))
    elif fault == "429":
        _send(handler, Answer(b"slow down\n", 429, {"Retry-After": "2"}))
    elif fault in CODES:
        _send(handler, Answer(f"error {fault} of the fake\n".encode(), int(fault)))
    elif fault == "time-out":
        fake.stop.wait(0.4)
    elif fault == "slow drip":
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body) + 1000))
        handler.end_headers()
        for _ in range(60):
            handler.wfile.write(b"0")
            handler.wfile.flush()
            if fake.stop.wait(0.01):
                break
    elif fault == "reset":
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.shutdown(socket.SHUT_RD)
        handler.connection.close()
    elif fault == "wrong length":
        _send(handler, Answer(body[: len(body) // 2], 200, {"Content-Length": str(len(body))}))
    elif fault == "cut chunked":
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        half = body[: len(body) // 2]
        handler.wfile.write(f"{len(half):x}\r\n".encode() + half + b"\r\n")  # and no last chunk
    elif fault == "broken gzip":
        _send(handler, Answer(packed[:20] + b"\xff\xff\xff\xff" + packed[24:], 200, {"Content-Encoding": "gzip"}))
    elif fault == "cut gzip":
        _send(handler, Answer(packed[:-9], 200, {"Content-Encoding": "gzip"}))
    elif fault == "odd encoding":
        _send(handler, Answer(body, 200, {"Content-Encoding": "br"}))
    elif fault == "html":
        _send(handler, Answer(HTML, 200, {"Content-Type": "text/html"}))
    elif fault == "empty":
        _send(handler, Answer(b"", 200))
    elif fault == "other host":
        _send(handler, Answer(b"", 301, {"Location": "http://169.254.169.254/latest"}))
    elif fault == "loop":
        _send(handler, Answer(b"", 302, {"Location": handler.path}))
    elif fault == "garbage":
        _send(handler, Answer(b"\x00\x01\x02" + bytes(range(256)) * 3))
    elif fault == "cut line":  # the length is right, the last line is half of one
        _send(handler, Answer(body[:-7]))
    elif fault == "half":  # the length is right, the lines are whole, and half of them are there
        lines = body.splitlines(keepends=True)
        _send(handler, Answer(b"".join(lines[: len(lines) // 2])))
    elif fault == "no length":  # no fault that could be seen: the end of the connection is the end of the answer
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
    elif fault == "gzip":  # no fault: packed, as servers do
        _send(handler, Answer(packed, right.status, right.headers | {"Content-Encoding": "gzip"}))
    else:
        raise AssertionError(f"no such fault: {fault}")
