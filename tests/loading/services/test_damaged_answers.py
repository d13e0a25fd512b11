"""However the answer of a service is damaged: all its rows, or one named failure."""

import numpy as np
import pandas as pd
import pytest

from core.loading.services import addresses, fdsn, gfz, gin, intermagnet
from core.loading.services.http import Client, FetchError, Reply
from core.loading.services.raw_store import Entry, Fetcher, RawStore
from support.damaged import text as damage
from support.fake_server import Asked
from support.fake_services import Fdsn, Gin, Hapi, Kp

NOW = pd.Timestamp("2026-11-22", tz="UTC")


class Canned(Client):
    """A network that gives the answers it was told to, in a complete and faultless transfer."""

    bodies: list[bytes]

    def get(self, url, parameters=None, *, also=(), check=None):
        reply = Reply(url, 200, self.bodies.pop(0), {}, NOW)
        if check is not None:
            check(reply)
        return reply


class Forgetful(RawStore):
    """Keeps nothing, so that a thousand answers cost no disk."""

    def keep(self, reply, service):
        return Entry(reply.url, reply.status, "", len(reply.body), "", service.name, "", "")


def fetcher(folder, *bodies):
    client = Canned()
    client.bodies = list(bodies)
    return Fetcher(client, Forgetful(folder), True, lambda: NOW)


def at(time):
    return pd.Timestamp(time, tz="UTC")


# Each: the answer that is damaged, and a call that ends with it. A call gives a table or raises FetchError.

HOUR = (at("2018-02-03"), at("2018-02-03T01:00"))
DAY = (at("2018-02-03"), at("2018-02-04"))
MONTH = (at("2016-01-01"), at("2016-02-01"))
ASKED = {"dataset": "dur/definitive/PT1M/xyzf", "start": "2018-02-03T00:00Z", "stop": "2018-02-03T01:00Z"}
INFO = Hapi()(Asked("/info", {"dataset": ASKED["dataset"]}, {})).body
ROWS = Hapi()(Asked("/data", ASKED, {})).body
IAGA = Gin()(Asked("/", {"observatoryIagaCode": "DUR", "dataStartDate": "2018-02-03", "dataDuration": "1"}, {})).body
EVENTS = [(str(n), f"2016-01-{n:02d}T10:00:00", 42.0, 13.0, 3.0 + n / 10) for n in range(1, 20)]
QUERY = {"starttime": "2016-01-01T00:00:00", "endtime": "2016-02-01T00:00:00", "minmagnitude": "3"}
TEXT = Fdsn(EVENTS)(Asked("/query", QUERY, {})).body
JSON = Kp()(Asked("/", {"start": "2016-01-01T00:00:00Z", "end": "2016-01-31T21:00:00Z"}, {})).body


def minutes(chunks):
    (chunk,) = chunks
    if chunk.outcome == "failed":
        raise FetchError(chunk.message)
    assert chunk.outcome == "data"
    return chunk.record.field


def by_info(folder, body):
    return minutes(intermagnet.fetch("DUR", *HOUR, "definitive", fetcher(folder, body, ROWS), addresses.HAPI))


def by_rows(folder, body):
    return minutes(intermagnet.fetch("DUR", *HOUR, "definitive", fetcher(folder, INFO, body), addresses.HAPI))


def by_gin(folder, body):
    return minutes(gin.fetch("DUR", *DAY, "definitive", fetcher(folder, body), addresses.GIN))


def by_fdsn(folder, body):
    return fdsn.fetch(*MONTH, 3.0, fetcher(folder, b"19\n", body), fdsn.SERVICES["USGS"])


def by_gfz(folder, body):
    return gfz.fetch(*MONTH, fetcher(folder, body))


WAYS = {
    "HAPI info": (by_info, INFO),
    "HAPI rows": (by_rows, ROWS),
    "GIN": (by_gin, IAGA),
    "FDSN": (by_fdsn, TEXT),
    "Kp": (by_gfz, JSON),
}


def check_damage(folder, way, n_copies, seed):
    """Read damaged answers: each is refused in one line, or gives all rows, or says what it dropped."""
    read, right = WAYS[way]
    whole = len(read(folder, right))
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(n_copies):
        body = damage(right, rng)
        try:
            table = read(folder, body)
        except FetchError as error:
            assert len(str(error)) < 900
            refused += 1
            continue
        said = " ".join(table.attrs.get("notes", ()))
        assert len(table) == whole or "dropped" in said, body[-200:]
    assert refused > n_copies / 10


@pytest.mark.parametrize("way", WAYS)
def test_damage_is_refused_or_leaves_all_rows(tmp_path, way):
    check_damage(tmp_path, way, 1000, seed=20261122)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_five_thousand_damages_are_refused_or_leave_all_rows(tmp_path, way):
    check_damage(tmp_path, way, 5000, seed=1)


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_was_cut_off_is_never_taken(tmp_path, way):
    read, right = WAYS[way]
    rng = np.random.default_rng(7)
    places = {0, 1, len(right) // 2, len(right) - 2, *rng.integers(0, len(right) - 1, 60).tolist()}
    for place in sorted(places):
        with pytest.raises(FetchError):
            read(tmp_path, right[:place])
