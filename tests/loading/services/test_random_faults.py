"""Faults in random order: each client ends with exactly the right data, or says that it failed and has all later."""

import random

import pytest

from core.loading.services.http import FetchError
from support import clients
from support.fake_server import TRANSPORT, Fake
from support.fake_services import Fdsn, Gin, Hapi, Kp, Usgs

# The slow ones are left out here: each has its own test, and costs half a second.
FAULTS = [fault for fault in (*TRANSPORT, "400", "413", "cut line") if fault not in ("time-out", "slow drip")]


def minutes(way):
    def got(fake, folder):
        chunks = way(fake, folder, start="2018-02-27", end="2018-03-02")  # two months, so two parts
        if any(chunk.outcome == "failed" for chunk in chunks):
            raise FetchError("a part failed")
        clients.assert_whole(chunks, "2018-02-27", "2018-03-02")

    return got


def events(fake, folder):
    assert len(clients.events(fake, folder, name="USGS")) == 24


def kp(fake, folder):
    assert len(clients.kp(fake, folder)) == 16


CLIENTS = {
    "hapi": (Hapi(), minutes(clients.by_hapi)),
    "gin": (Gin(), minutes(clients.by_gin)),
    "usgs": (Usgs(), minutes(clients.by_usgs)),
    "fdsn": (Fdsn(clients.EVENTS), events),
    "gfz": (Kp(), kp),
}


def check(name, folder, n_downloads, seed):
    """Each request meets a fault with a chance of one half; a download is repeated until it says that all is there."""
    answers, download = CLIENTS[name]
    chance = random.Random(seed)
    n_failed = 0
    with Fake(answers) as fake:
        for n in range(n_downloads):
            for _ in range(60):
                fake.faults = [chance.choice(FAULTS) if chance.random() < 0.5 else "" for _ in range(40)]
                try:
                    download(fake, folder / str(n))
                    break
                except FetchError as error:
                    assert "\n" not in str(error)
                    n_failed += 1
            else:
                raise AssertionError("sixty tries, and never all of it")
    assert n_failed > n_downloads / 10


@pytest.mark.parametrize("name", CLIENTS)
def test_random_faults_never_end_in_wrong_data(name, tmp_path):
    check(name, tmp_path, 12 if name == "gfz" else 4, seed=20261122)


@pytest.mark.slow
@pytest.mark.parametrize("name", CLIENTS)
def test_a_thousand_downloads_with_random_faults_never_end_in_wrong_data(name, tmp_path):
    check(name, tmp_path, 200, seed=7)  # five clients
