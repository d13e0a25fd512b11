"""The client: a complete answer, or a named failure; polite, bounded, never on another host."""

import random
import shutil
import ssl
import subprocess
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pytest

from core.data_folder import ROOT
from core.errors import InputError
from core.loading.services import http
from support.fake_server import CODES, PASSING, TRANSPORT, Answer, Fake

BODY = b"".join(b"line %d\n" % n for n in range(500))


class Sleeps(list):
    """Remembers the waits instead of waiting."""

    def __call__(self, seconds):
        self.append(seconds)


def client(**options):
    options = {"connect_s": 1.0, "read_s": 0.05, "total_s": 0.1, "interval_s": 0.0, "sleep": Sleeps()} | options
    return http.Client(chance=random.Random(1), **options)


def text_only(reply):
    reply.text()


@pytest.fixture
def fake():
    with Fake(lambda asked: Answer(BODY)) as service:
        yield service


@pytest.mark.parametrize("fault", TRANSPORT)
def test_a_lasting_fault_is_a_fetch_error_that_names_the_address(fake, fault):
    fake.always = fault
    with pytest.raises(http.FetchError) as caught:
        client(tries=2).get(f"{fake.base}/data", check=text_only)
    assert fake.base in str(caught.value)
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize("fault", [*PASSING, "gzip"])
def test_a_fault_that_passes_costs_one_more_try_and_nothing_else(fake, fault):
    fake.faults = [fault]
    patient = client(read_s=0.5, total_s=1.0)  # a busy machine takes a while to answer
    reply = patient.get(f"{fake.base}/data", check=text_only)
    assert reply.body == BODY
    assert reply.length_known
    assert len(fake.asked) == (1 if fault == "gzip" else 2)


@pytest.mark.parametrize("status", CODES)
def test_a_status_is_an_answer_only_to_a_caller_that_knows_what_it_means(fake, status):
    fake.always = status
    reply = client().get(f"{fake.base}/data", also=(int(status),))
    assert reply.status == int(status)
    with pytest.raises(http.FetchError) as caught:
        client(tries=1).get(f"{fake.base}/data")
    assert caught.value.status == int(status)
    assert status in str(caught.value)


@pytest.mark.parametrize("fault", ["400", "403", "404", "413", "odd encoding", "other host"])
def test_what_another_try_cannot_mend_is_not_tried_again(fake, fault):
    fake.always = fault
    with pytest.raises(http.FetchError):
        client().get(f"{fake.base}/data")
    assert len(fake.asked) == 1


def test_no_content_is_no_answer_unless_the_caller_expects_it(fake):
    fake.always = "204"
    assert client().get(f"{fake.base}/data", also=(204,)).body == b""
    with pytest.raises(http.FetchError, match="204"):
        client().get(f"{fake.base}/data")


def test_waits_double_and_the_number_of_tries_is_bounded(fake):
    fake.always = "503"
    waits = Sleeps()
    with pytest.raises(http.FetchError, match="Tried 5 times"):
        client(sleep=waits).get(f"{fake.base}/data")
    assert len(fake.asked) == 5
    assert [0.75 * 2**n <= wait <= 1.25 * 2**n for n, wait in enumerate(waits)] == [True] * 4
    assert len(set(waits)) == 4


def test_the_server_says_how_long_to_wait_in_seconds_or_as_a_date():
    for value in ("7", format_datetime((pd.Timestamp.now("UTC") + pd.Timedelta(seconds=9)).to_pydatetime(), True)):
        answers = [Answer(b"slow\n", 429, {"Retry-After": value}), Answer(BODY)]
        waits = Sleeps()
        with Fake(lambda asked, answers=answers: answers.pop(0)) as fake:
            assert client(sleep=waits).get(fake.base).body == BODY
        assert len(waits) == 1
        assert 6.9 <= waits[0] <= 9


def test_a_server_that_wants_an_hour_of_patience_is_left_alone():
    with Fake(lambda asked: Answer(b"", 503, {"Retry-After": "3600"})) as fake:
        waits = Sleeps()
        with pytest.raises(http.FetchError, match="wait 3600 s"):
            client(sleep=waits).get(fake.base)
        assert waits == []
        assert len(fake.asked) == 1


def test_requests_to_one_host_keep_their_distance(fake):
    now = [100.0]
    waits = Sleeps()

    def sleep(seconds):
        waits(seconds)
        now[0] += seconds

    polite = client(interval_s=0.5, sleep=sleep, clock=lambda: now[0], total_s=1e9)
    for _ in range(3):
        polite.get(fake.base)
        now[0] += 0.2
    assert waits == pytest.approx([0.3, 0.3])


def test_every_request_says_who_asks(fake):
    client().get(fake.base, {"a": "1 2"})
    assert fake.asked[0].headers["User-Agent"].startswith("geomag-precursor-lab/")
    assert fake.asked[0].query == {"a": "1 2"}


def test_an_answer_or_an_unpacked_answer_over_the_cap_is_refused(fake):
    for fault in ("", "gzip"):
        fake.always = fault
        with pytest.raises(http.FetchError, match="larger than 2000"):
            client(largest_bytes=2000).get(fake.base)


def test_only_https_is_spoken_except_to_this_machine():
    for address in ("http://example.org/data", "file:///etc/passwd", "ftp://example.org", "http://169.254.169.254/"):
        with pytest.raises(http.FetchError):
            client().get(address)


def test_a_redirect_on_the_same_host_is_followed():
    def answer(asked):
        return Answer(BODY) if asked.path == "/new" else Answer(b"", 301, {"Location": "/new"})

    with Fake(answer) as fake:
        assert client().get(f"{fake.base}/old").body == BODY


def test_a_redirect_to_another_host_is_named_and_not_followed(fake):
    fake.always = "other host"
    with pytest.raises(http.FetchError, match=r"169\.254\.169\.254.*another host is not followed"):
        client().get(fake.base)


def test_nobody_at_the_address_is_a_fetch_error():
    with Fake(lambda asked: Answer()) as fake:
        gone = fake.base
    with pytest.raises(http.FetchError, match="connection refused"):
        client(tries=2).get(gone)


def test_a_body_of_unknown_length_is_marked(fake):
    fake.always = "no length"
    reply = client().get(fake.base)
    assert reply.body == BODY
    assert not reply.length_known


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test")
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=60
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Server(HTTPServer):
        def handle_error(self, *arguments):
            pass

    server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        with pytest.raises(http.FetchError, match="certificate"):
            client(read_s=2.0, total_s=5.0).get(f"https://localhost:{server.server_address[1]}/")
    finally:
        server.shutdown()
        server.server_close()


def test_no_line_of_the_program_switches_verification_off():
    for path in (ROOT / "core").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "verify=False" not in text, path
        assert "_create_unverified_context" not in text, path
