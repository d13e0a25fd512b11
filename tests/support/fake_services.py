"""What the services of the field answer when all is well, for `fake_server.Fake`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from support.fake_server import Answer, Asked


def field_at(times: pd.DatetimeIndex) -> list[tuple[float, float, float, float]]:
    """What the fake observatories record: each minute has its own number in X."""
    numbers = (times.day * 1440 + times.hour * 60 + times.minute).tolist()
    return [(round(24_000.0 + number * 0.01, 2), 1300.0, 39_300.0, 46_300.0) for number in numbers]


def minutes_of(start: str, end: str) -> pd.DatetimeIndex:
    """The minutes of [start, end)."""
    return pd.date_range(start, end, freq="min", inclusive="left", tz="UTC")


@dataclass
class Hapi:
    """The HAPI server of INTERMAGNET, with DUR only."""

    first: str = "2018-01-01T00:00Z"
    last: str = "2018-04-30T23:59Z"
    place: tuple[float, float] = (41.65, 14.466)
    longest: str = ""
    old: bool = False  # knows HAPI 2.x only
    too_much_hours: float = 1e9
    strict_stop: bool = False  # refuses a stop after its last time
    fill_days: frozenset[str] = frozenset()
    no_data_days: frozenset[str] = frozenset()
    with_header: bool = True
    absent: frozenset[str] = frozenset()  # minutes without a row
    measured: Callable[[pd.DatetimeIndex], list[tuple[float, float, float, float]]] = field_at

    def __call__(self, asked: Asked) -> Answer:
        names = ("id", "time.min", "time.max") if self.old else ("dataset", "start", "stop")
        known = {*names, "parameters", "include", "format"}
        if set(asked.query) - known:
            return self.error(1401, 400, "unknown request field")
        dataset = asked.query[names[0]]
        if not dataset.startswith("dur/definitive/PT1M/xyzf"):
            return self.error(1406, 404, "unknown dataset id")
        if asked.path.endswith("/info"):
            return Answer(json.dumps(self.info()).encode())
        start, stop = (pd.Timestamp(asked.query[name]) for name in names[1:])
        if stop - start > pd.Timedelta(hours=self.too_much_hours):
            return self.error(1408, 400, "too much time or data requested")
        limit = pd.Timestamp(self.last) + pd.Timedelta(minutes=0 if self.strict_stop else 1)
        if start < pd.Timestamp(self.first) or stop > limit:
            return self.error(1405, 400, "time outside valid range")
        if start.strftime("%Y-%m-%d") in self.no_data_days:
            body = json.dumps(self.info() | {"status": {"code": 1201, "message": "OK - no data"}}, indent=1)
            return Answer(("#" + body.replace("\n", "\n#") + "\n").encode())
        times = pd.date_range(start, stop, freq="min", inclusive="left")
        lines = []
        if self.with_header:
            lines += ["#" + line for line in json.dumps(self.info() | {"format": "csv"}, indent=1).split("\n")]
        for time, row in zip(times.strftime("%Y-%m-%dT%H:%M"), self.measured(times), strict=True):
            if time in self.absent:
                continue
            values = (99999.0,) * 4 if time[:10] in self.fill_days else row
            lines.append(f"{time}Z," + ",".join(f"{value:.2f}" for value in values))
        return Answer(("\n".join(lines) + "\n").encode(), headers={"Content-Type": "text/csv"})

    def info(self) -> dict[str, object]:
        """The header object."""
        content: dict[str, object] = {
            "HAPI": "3.1",
            "status": {"code": 1200, "message": "OK"},
            "startDate": self.first,
            "stopDate": self.last,
            "cadence": "PT1M",
            "x_latitude": self.place[0],
            "x_longitude": self.place[1],
            "parameters": [
                {"name": "Time", "type": "isotime", "length": 17, "units": "UTC", "fill": None},
                {"name": "Field_Vector", "type": "double", "size": [3], "units": ["nT"] * 3, "fill": "99999.0"},
                {"name": "Field_Magnitude", "type": "double", "units": "nT", "fill": "99999.0"},
            ],
        }
        return content | ({"maxRequestDuration": self.longest} if self.longest else {})

    def error(self, code: int, status: int, message: str) -> Answer:
        """An error as HAPI words it."""
        content = {"HAPI": "3.1", "status": {"code": code, "message": f"HAPI error {code}: {message}"}}
        return Answer(json.dumps(content).encode(), status)


@dataclass
class Gin:
    """The GIN service, with DUR only."""

    station: str = "DUR"  # the one that the answer is of
    two_headers: bool = False
    crlf: bool = False
    fill: bool = False
    data_type: str = "Definitive"

    def __call__(self, asked: Asked) -> Answer:
        if asked.query["observatoryIagaCode"] != "DUR":
            return Answer(b"Unable to find observatory\n", 400)
        start = pd.Timestamp(asked.query["dataStartDate"], tz="UTC")
        end = start + pd.Timedelta(days=int(asked.query["dataDuration"]))
        lines = self.header()
        for day in pd.date_range(start, end, freq="D", inclusive="left"):
            if self.two_headers and day > start:
                lines += self.header()
            times = pd.date_range(day, day + pd.Timedelta(days=1), freq="min", inclusive="left")
            for time, row in zip(times.strftime("%Y-%m-%d %H:%M:00.000 %j"), field_at(times), strict=True):
                values = (99999.0,) * 4 if self.fill else row
                lines.append(f"{time}    " + " ".join(f"{value:9.2f}" for value in values))
        end_of_line = "\r\n" if self.crlf else "\n"
        return Answer((end_of_line.join(lines) + end_of_line).encode())

    def header(self) -> list[str]:
        """The 12 lines and the names of the columns."""
        entries = {
            "Format": "IAGA-2002",
            "Source of Data": "a fake",
            "Station Name": "Duronia",
            "IAGA CODE": self.station,
            "Geodetic Latitude": "41.650",
            "Geodetic Longitude": "14.466",
            "Elevation": "895",
            "Reported": "XYZF",
            "Sensor Orientation": "HDZF",
            "Digital Sampling": "1 second",
            "Data Interval Type": "Filtered 1-minute (00:15-01:45)",
            "Data Type": self.data_type,
        }
        lines = [f" {label:<23}{value[:45]:<45}|" for label, value in entries.items()]
        names = "      ".join(self.station + element for element in "XYZF")
        return [*lines, f"DATE       TIME         DOY     {names:<37}|"]


@dataclass
class Usgs:
    """The geomagnetism service of the USGS, which knows DUR here so that one test serves all."""

    made: Gin = field(default_factory=Gin)

    def __call__(self, asked: Asked) -> Answer:
        query = asked.query
        if query["id"] != "DUR":
            return Answer(b"Error 400: Bad Request, no such observatory\n", 400)
        start, last = pd.Timestamp(query["starttime"]), pd.Timestamp(query["endtime"])
        n_days = (last + pd.Timedelta(minutes=1) - start).days  # the end is inclusive
        days = {"observatoryIagaCode": "DUR", "dataStartDate": f"{start:%Y-%m-%d}", "dataDuration": str(n_days)}
        return self.made(Asked(asked.path, days, asked.headers))


HEADER = "#EventID|Time|Latitude|Longitude|Depth/km|Author|Catalog|Contributor|ContributorID|MagType|Magnitude|"
HEADER += "MagAuthor|EventLocationName|EventType"


@dataclass
class Fdsn:
    """An FDSN event service; `events` are (id, time, latitude, longitude, magnitude)."""

    events: list[tuple[str, str, float, float, float]]
    limit: int = 1000
    limit_status: int = 413
    limit_text: str = "Request Entity Too Large"
    trailing: str = ""  # lines after the rows
    counts_wrong: int = 0
    kind: str = "earthquake"

    def __call__(self, asked: Asked) -> Answer:
        if any(asked.query[name].endswith("Z") for name in ("starttime", "endtime")):
            return Answer(b"starttime: a trailing Z is not allowed\n", 400)
        start, end = (pd.Timestamp(asked.query[name]) for name in ("starttime", "endtime"))
        least = float(asked.query["minmagnitude"])
        south, north = float(asked.query.get("minlatitude", -90)), float(asked.query.get("maxlatitude", 90))
        found = [
            event
            for event in self.events
            if start <= pd.Timestamp(event[1]) <= end and event[4] >= least and south <= event[2] <= north
        ]
        if asked.path.endswith("/count"):
            return Answer(f"{len(found) + self.counts_wrong}\n".encode())
        if len(found) > self.limit:
            return Answer(self.limit_text.encode(), self.limit_status)
        if not found:
            return Answer(status=204)
        rows = [
            f"{name}|{time}|{latitude}|{longitude}|10.0|X|X|X|{name}|ML|{size}|--|somewhere|{self.kind}"
            for name, time, latitude, longitude, size in found
        ]
        return Answer(("\n".join([HEADER, *rows]) + "\n" + self.trailing).encode())


@dataclass
class Kp:
    """The JSON service of GFZ; Kp is 0, 1/3, 2/3 ... 3 over and over."""

    definitive_until: str = "2100-01-01"
    null_at: str = ""
    shift_hours: int = 0

    def __call__(self, asked: Asked) -> Answer:
        for name in ("start", "end"):
            if len(asked.query[name]) != 20:
                return Answer(b"Internal Server Error", 500)
        start, end = (pd.Timestamp(asked.query[name]) for name in ("start", "end"))
        times = pd.date_range(start, end, freq="3h") + pd.Timedelta(hours=self.shift_hours)
        is_definitive = times < pd.Timestamp(self.definitive_until, tz="UTC")
        if asked.query.get("status") == "def":
            times = times[is_definitive]
            is_definitive = is_definitive[is_definitive]
        kp = [None if f"{time:%Y-%m-%dT%H}" == self.null_at else kp_at(time) for time in times]
        content = {
            "Kp": kp,
            "datetime": [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times],
            "status": ["def" if definitive else "nowcast" for definitive in is_definitive],
            "meta": {"source": "GFZ Potsdam", "license": "CC BY 4.0"},
        }
        return Answer(json.dumps(content).encode())


def kp_at(time: pd.Timestamp) -> float:
    """The Kp of the fake, written with three decimals as GFZ does."""
    return round(((time.day * 8 + time.hour // 3) % 10) / 3, 3)
