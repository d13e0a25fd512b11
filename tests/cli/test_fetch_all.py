"""`precursor fetch all`: one command fills the archive; what fails does not stop the rest; it is taken up again."""

import json
import math
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from core import stations
from core.loading.archive.archive import Archive
from core.loading.archive.download import around
from core.loading.services.raw_store import RawStore
from support.fake_server import Fake
from support.many_services import ManyServices

SPAN = ("--start", "2018-01-30", "--end", "2018-02-02")


def test_one_command_fills_the_archive(precursor, data_folder):
    with Fake(ManyServices()) as fake:
        code, out, _ = precursor("fetch", "all", "dur", "IZN", *SPAN, "--base", fake.base)
        assert code == 0
        for words in ("Istituto Nazionale", "Kandilli", "CC BY-NC 4.0", "EMSC-CSEM", "10.5880/Kp.0001"):
            assert words in out
        asked = [a for a in fake.asked if a.path.endswith("/query")]
    # 1000 km is 8.99 degrees of latitude; the box reaches beyond both stations by at least that.
    assert float(asked[0].query["minlatitude"]) == pytest.approx(40.5 - 8.993, abs=0.01)
    assert (
        float(asked[0].query["minlongitude"]) < 14.467 - 8.993 < 29.72 + 8.993 < float(asked[0].query["maxlongitude"])
    )
    archive = Archive(data_folder / "archive")
    assert archive.stations() == ["DUR", "IZN"]
    assert archive.coverage()["n_present"].tolist() == [3 * 1440, 3 * 1440]
    assert archive.events("emsc")["event_id"].tolist() == ["2018_2"]
    assert archive.events_period("emsc") == (pd.Timestamp("2018-01-30", tz="UTC"), pd.Timestamp("2018-02-02", tz="UTC"))
    assert len(archive.activity()) == 3 * 8


@pytest.mark.parametrize("down, failed", [("kp", "Kp"), ("event", "catalogue emsc"), ("hapi", "DUR"), ("izn", "IZN")])
def test_what_fails_does_not_stop_the_rest_and_comes_with_the_next_call(precursor, data_folder, down, failed):
    world = ManyServices()
    command = ("fetch", "all", "DUR", "IZN", *SPAN)
    with Fake(world) as fake:
        world.down = {down}
        code, out, _ = precursor(*command, "--base", fake.base, "--json")
        outcomes = {row["what"]: row["outcome"] for row in json.loads(out)}
        expected = {failed} | ({"IZN"} if down == "hapi" else set())
        assert code == 1 and {what for what, outcome in outcomes.items() if outcome == "failed"} == expected
        assert all(outcome == "stored" for what, outcome in outcomes.items() if what not in expected)
        world.down = set()
        n_asked = len(fake.asked)
        code, out, _ = precursor(*command, "--base", fake.base, "--json")
        assert code == 0 and {row["outcome"] for row in json.loads(out)} == {"stored"}
        again = [asked for asked in fake.asked[n_asked:] if not asked.path.endswith("/info")]
        assert all(failed in ("DUR", "IZN") or f"/{down}" in asked.path for asked in again)
    assert Archive(data_folder / "archive").stations() == ["DUR", "IZN"]


def test_everything_down_is_exit_code_2_and_an_empty_archive(precursor, data_folder):
    world = ManyServices()
    world.down = {"hapi", "event", "kp"}
    with Fake(world) as fake:
        code, out, err = precursor("fetch", "all", "DUR", *SPAN, "--base", fake.base)
    assert code == 2 and "503" in out and "Traceback" not in out + err
    archive = Archive(data_folder / "archive")
    assert archive.stations() == [] and archive.catalogues().empty and archive.activity().empty


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("DUR", "MLR", *SPAN), "MLR) is not an INTERMAGNET observatory"),
        (("QQQ", *SPAN), "'QQQ' is not in data/stations.toml"),
        (("DUR", *SPAN, "--type", "variation"), "is not known here"),
        (("DUR", *SPAN, "--events", "NASA"), "EMSC"),
        (("DUR", *SPAN, "--radius-km", "0"), "not positive"),
        (("DUR", *SPAN, "--base", "https://example.org"), "this machine only"),
    ],
)
def test_bad_requests_are_one_sentence_and_ask_nobody(precursor, arguments, sentence):
    code, _, err = precursor("fetch", "all", *arguments)
    assert code == 2 and sentence in " ".join(err.split())


def test_the_box_holds_every_point_of_the_circle_around_each_station():
    places = [stations.get("DUR"), stations.get("IZN")]
    box = around(places, 500.0)
    for place in places:
        for degrees in range(0, 360, 5):  # destination point on a sphere (Sinnott 1984)
            bearing, angle = math.radians(degrees), 500.0 / 6371.0
            latitude, longitude = math.radians(place.latitude_deg), math.radians(place.longitude_deg)
            sine = math.sin(latitude) * math.cos(angle) + math.cos(latitude) * math.sin(angle) * math.cos(bearing)
            east = math.atan2(
                math.sin(bearing) * math.sin(angle) * math.cos(latitude), math.cos(angle) - math.sin(latitude) * sine
            )
            assert box.south - 0.01 <= math.degrees(math.asin(sine)) <= box.north + 0.01
            assert box.west - 0.01 <= math.degrees(longitude + east) <= box.east + 0.01


def test_a_download_that_was_killed_goes_on_and_ends_as_one_that_was_not(precursor, data_folder, tmp_path):
    """SIGKILL in the middle: what came before is not asked for again, and the archive is the same in every byte."""
    world = ManyServices()
    with Fake(world) as fake:
        command = ["fetch", "minute", "DUR", "--start", "2018-01-01", "--end", "2018-04-01", "--base", fake.base]
        world.slow_s = 0.4
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from core.cli import main; main()",
                *[c.replace(fake.base, f"{fake.base}/hapi") for c in command],
            ],
            env=os.environ | {"PRECURSOR_DATA": str(data_folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while sum(asked.path.endswith("/data") for asked in fake.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        world.slow_s = 0.0
        kept = len([entry for entry in RawStore(data_folder / "raw").entries() if "/data" in entry.url])
        assert 1 <= kept < 3
        n_asked = len(fake.asked)
        command[-1] = f"{fake.base}/hapi"
        code, _, _ = precursor(*command)
        assert code == 0
        assert sum(asked.path.endswith("/data") for asked in fake.asked[n_asked:]) == 3 - kept
        code, _, _ = precursor(*command, "--data", tmp_path / "whole")
        assert code == 0
    killed, whole = Archive(data_folder / "archive"), Archive(tmp_path / "whole" / "archive")
    assert killed.coverage()["n_present"].tolist() == [90 * 1440]
    assert killed.minute("DUR").field.equals(whole.minute("DUR").field)
