"""An answer that is no answer to the question: every client says in plain words what came and what was expected."""

import dataclasses

import pandas as pd
import pytest

from core.loading.services import addresses, fdsn, gfz, gin, http, intermagnet, usgs_geomag
from core.loading.services.raw_store import RawStore
from support.clients import NOW, fetcher
from support.fake_server import Answer, Asked, Fake
from support.fake_services import HEADER, Fdsn, Gin, Hapi, Kp, Usgs

PERIOD = pd.Timestamp("2018-02-03", tz="UTC"), pd.Timestamp("2018-02-04", tz="UTC")

# What each service is known to send or a file of each kind begins with, and what it is called.
STRANGERS = {
    "HORUS": b"Year\tMo\tDa\tHo\tMi\tSe\tLat\tLon\tDepth\tMw\tsigMw\n2016\t8\t24\t1\t36\t32\t42.7\t13.2\t8\t6.0\t0.1\n",
    "FDSN text": (HEADER + "\n1|2016-08-24T01:36:32|42.7|13.2|8|X|X|X|1|ML|6.0|--|Accumoli|earthquake\n").encode(),
    "QuakeML": b'<?xml version="1.0"?>\n<q:quakeml xmlns:q="http://quakeml.org/xmlns/quakeml/1.2"></q:quakeml>\n',
    "GeoJSON of events": b'{"type":"FeatureCollection","features":[{"properties":{"mag":6.0,"magType":"ml"}}]}\n',
    "IAGA-2002": Gin()(
        Asked("/", {"observatoryIagaCode": "DUR", "dataStartDate": "2018-02-03", "dataDuration": "1"}, {})
    ).body,
    "Kp JSON of GFZ": Kp()(Asked("/", {"start": "2018-02-03T00:00:00Z", "end": "2018-02-03T21:00:00Z"}, {})).body,
    "Dst of Kyoto": b"DST1503*17RRX220   0   4" + b"   1" * 24 + b"\n",
}
KINDS = {"IAGA-2002": "magnetic data", "Kp JSON of GFZ": "a file of Kp", "Dst of Kyoto": "a file of Dst"}


def at(service, fake):
    return dataclasses.replace(service, base=fake.base)


def by_minutes(fetch, service):
    def message(fake, folder):
        try:
            (chunk,) = fetch("DUR", *PERIOD, "definitive", fetcher(folder, tries=1, now=lambda: NOW), at(service, fake))
        except http.FetchError as error:
            return str(error)
        assert chunk.outcome == "failed" and chunk.record is None
        return chunk.message

    return message


def by_fdsn(name):
    def message(fake, folder):
        with pytest.raises(http.FetchError) as caught:
            fdsn.fetch(*PERIOD, 3.0, fetcher(folder, tries=1, now=lambda: NOW), at(fdsn.SERVICES[name], fake))
        return str(caught.value)

    return message


def by_gfz(fake, folder):
    with pytest.raises(http.FetchError) as caught:
        gfz.fetch(*PERIOD, fetcher(folder, tries=1, now=lambda: NOW), at(addresses.KP, fake))
    return str(caught.value)


# Each client: what it expects, how it ends, and how many good answers come before the one in question.
CLIENTS = {
    "fdsn": ("FDSN text", by_fdsn("INGV"), Fdsn([]), 0),
    "fdsn count": ("the number of events", by_fdsn("USGS"), Fdsn([]), 0),
    "gfz": ("Kp JSON of GFZ", by_gfz, Kp(), 0),
    "gin": ("IAGA-2002", by_minutes(gin.fetch, addresses.GIN), Gin(), 0),
    "usgs": ("IAGA-2002", by_minutes(usgs_geomag.fetch, addresses.USGS_GEOMAG), Usgs(), 0),
    "hapi info": ("a HAPI answer", by_minutes(intermagnet.fetch, addresses.HAPI), Hapi(), 0),
    "hapi rows": ("a HAPI answer", by_minutes(intermagnet.fetch, addresses.HAPI), Hapi(), 1),
}


def said_of(client, answer, folder):
    """What a client says of an answer that a service on this machine gives; nothing of it may be kept."""
    _, message, right, n_before = CLIENTS[client]
    n_asked = 0

    def service(asked):
        nonlocal n_asked
        n_asked += 1
        return right(asked) if n_asked <= n_before else answer

    with Fake(service) as fake:
        told = message(fake, folder)
    assert len(RawStore(folder).entries()) == n_before
    return told


@pytest.mark.parametrize(
    ("client", "stranger"),
    [(client, stranger) for client in CLIENTS for stranger in STRANGERS if CLIENTS[client][0] != stranger],
)
def test_an_answer_of_another_known_format_is_named(tmp_path, client, stranger):
    expected = CLIENTS[client][0]
    told = said_of(client, Answer(STRANGERS[stranger]), tmp_path)
    what = KINDS.get(stranger, "an earthquake catalogue")
    assert f"the service answered with {what} ({stranger}) where {expected} was expected" in told


@pytest.mark.parametrize("client", CLIENTS)
def test_a_web_page_is_called_one_and_its_title_is_shown(tmp_path, client):
    page = Answer(b"<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head></html>\n")
    told = said_of(client, page, tmp_path)
    expected = CLIENTS[client][0]
    assert f'the service answered with a web page ("Scheduled maintenance") where {expected} was expected' in told
    assert "<" not in told


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("status", "name"), [(403, "Forbidden"), (502, "Bad Gateway")])
def test_an_error_page_is_its_status_and_its_title_without_markup(tmp_path, client, status, name):
    page = Answer(b"<html><head><title>Behind the proxy</title></head><body>hm</body></html>\n", status)
    told = said_of(client, page, tmp_path)
    assert str(status) in told and name in told and 'a web page ("Behind the proxy")' in told
    assert "<" not in told


@pytest.mark.parametrize("client", ["fdsn", "gin", "hapi rows"])
def test_a_page_that_refuses_a_request_is_told_without_its_markup(tmp_path, client):
    page = Answer(b"<html><head><title>Bad request</title></head></html>\n", 400)
    told = said_of(client, page, tmp_path)
    assert "400" in told and 'a web page ("Bad request")' in told and "<" not in told


@pytest.mark.parametrize("client", ["fdsn", "gfz", "gin", "usgs"])
def test_words_that_are_of_no_known_format_are_shown(tmp_path, client):
    told = said_of(client, Answer(b"Sorry, too many users today\n"), tmp_path)
    assert f"expected {CLIENTS[client][0]}" in told and "'Sorry, too many users today'" in told


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("body", "words"), [(b"", "empty"), (b"%PDF-1.7\n", "a PDF document"), (b"\0\1\2", "binary")])
def test_what_is_no_text_is_named_in_plain_words(tmp_path, client, body, words):
    assert words in said_of(client, Answer(body), tmp_path)


def test_a_header_of_an_observatory_that_speaks_of_kp_and_gfz_is_no_file_of_kp(tmp_path):
    class OfGfz(Hapi):
        def info(self):
            return super().info() | {"contact": "GFZ Potsdam, which makes Kp"}

    with Fake(OfGfz()) as fake:
        service = at(addresses.HAPI, fake)
        (chunk,) = intermagnet.fetch("DUR", *PERIOD, "definitive", fetcher(tmp_path, tries=1, now=lambda: NOW), service)
    assert chunk.outcome == "data" and len(chunk.record.field) == 1440
