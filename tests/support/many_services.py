"""The three services that `fetch all` asks, at one address, as `fake_server.Fake` answers."""

from __future__ import annotations

import time

from support.fake_server import Answer, Asked
from support.fake_services import Fdsn, Hapi, Kp

EVENTS = [(f"2018_{n}", f"2018-{n:02d}-01T10:00:00", 41.0, 13.0 + n, 3.0 + n / 10) for n in range(1, 4)]
PLACES = {"dur": (41.65, 14.466), "izn": (40.5, 29.72)}


class ManyServices:
    """Below /hapi DUR and IZN, below /event a catalogue, below /kp the index; `down` are those that answer 503."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.hapi, self.fdsn, self.kp = Hapi(), Fdsn(EVENTS), Kp()
        self.slow_s = 0.0

    def __call__(self, asked: Asked) -> Answer:
        service = asked.path.split("/")[1]
        if service in self.down or asked.query.get("dataset", "").split("/")[0] in self.down:
            return Answer(b"down\n", 503)
        if service == "kp":
            return self.kp(asked)
        if service == "event":
            return self.fdsn(asked)
        if asked.path.endswith("/data"):
            time.sleep(self.slow_s)
        station, _, rest = asked.query["dataset"].partition("/")
        self.hapi.place = PLACES[station]
        asked.query["dataset"] = f"dur/{rest}"
        return self.hapi(asked)
