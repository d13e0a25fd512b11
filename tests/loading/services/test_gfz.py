"""Kp from GFZ: thirds, their status, nothing invented and nothing lost."""

import json

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats.indices import kp as activity
from core.loading.services import http
from core.loading.services.raw_store import RawStore
from support import clients
from support.fake_server import TRANSPORT, Answer, Fake
from support.fake_services import Kp, kp_at


def changed(right, **changes):
    """The right answers with some keys replaced; a value may be a function of the old one."""

    def answer(asked):
        content = json.loads(right(asked).body)
        for key, value in changes.items():
            content[key] = value(content[key]) if callable(value) else value
        return Answer(json.dumps(content).encode())

    return answer


def test_the_end_is_exclusive_here_though_it_is_inclusive_there(tmp_path):
    with Fake(Kp()) as fake:
        table = clients.kp(fake, tmp_path)
        assert fake.asked[0].query == {"start": "2024-05-10T00:00:00Z", "end": "2024-05-11T21:00:00Z", "index": "Kp"}
    assert tuple(table.columns) == activity.COLUMNS
    times = pd.date_range("2024-05-10", "2024-05-12", freq="3h", inclusive="left", tz="UTC")
    assert list(table["time"]) == list(times)
    np.testing.assert_allclose(table["kp"], [kp_at(time) for time in times], atol=0.0005)
    assert set(table["status"]) == {"definitive"}


def test_kp_and_ap_of_the_halloween_storm(tmp_path):
    # 2003-10-29, as GFZ prints it; ap by the table of Bartels: 5- 39, 4o 27, 9o 400, 8o 207, 8- 179, 9- 300.
    kp = [4.667, 4.0, 9.0, 8.0, 7.667, 7.667, 8.667, 8.667]
    with Fake(changed(Kp(), Kp=kp)) as fake:
        table = clients.kp(fake, tmp_path, "2003-10-29", "2003-10-30")
    assert (table["kp"] * 3).round(9).tolist() == [14, 12, 27, 24, 23, 23, 26, 26]
    assert table["ap"].tolist() == [39, 27, 400, 207, 179, 179, 300, 300]


@pytest.mark.parametrize("fault", [*TRANSPORT, "204", "400", "413", "cut line"])
def test_a_lasting_fault_is_a_failure(tmp_path, fault):
    with Fake(Kp()) as fake:
        fake.always = fault
        with pytest.raises(http.FetchError):
            clients.kp(fake, tmp_path, patience=0.1 if fault in ("time-out", "slow drip") else 5.0)
    assert RawStore(tmp_path).entries() == []


@pytest.mark.parametrize("fault", ["429", "503", "time-out", "reset", "wrong length", "broken gzip", "html", "empty"])
def test_a_fault_that_passes_leaves_the_right_values(tmp_path, fault):
    with Fake(Kp()) as fake:
        fake.faults = [fault]
        assert len(clients.kp(fake, tmp_path, patience=0.2 if fault == "time-out" else 5.0)) == 16


def test_values_that_are_not_definitive_say_so(tmp_path):
    with Fake(Kp(definitive_until="2024-05-11")) as fake:
        table = clients.kp(fake, tmp_path)
    assert table["status"].tolist() == ["definitive"] * 8 + ["preliminary"] * 8


def test_a_null_is_dropped_and_counted_and_nothing_but_nulls_is_a_failure(tmp_path):
    with Fake(Kp(null_at="2024-05-10T06")) as fake:
        table = clients.kp(fake, tmp_path)
    assert len(table) == 15
    assert clients.at("2024-05-10 06:00") not in set(table["time"])
    assert "1 values of three hours dropped" in table.attrs["notes"][0]
    with Fake(changed(Kp(), Kp=[None] * 16)) as fake, pytest.raises(http.FetchError, match="every value is missing"):
        clients.kp(fake, tmp_path / "nulls")


def test_nothing_definitive_yet_is_an_answer_and_nothing_at_all_is_a_failure(tmp_path):
    empty = {"Kp": [], "datetime": [], "status": []}
    with Fake(changed(Kp(), **empty)) as fake:
        table = clients.kp(fake, tmp_path / "definitive", definitive_only=True)
        assert len(table) == 0
        assert "16 intervals have no definitive value yet" in table.attrs["notes"][0]
        with pytest.raises(http.FetchError, match="16 intervals did not come"):
            clients.kp(fake, tmp_path / "any")
        with pytest.raises(http.FetchError, match="no value came"):
            clients.kp(fake, tmp_path / "any", "2026-11-21", "2026-11-22")


def test_definitive_values_only(tmp_path):
    with Fake(Kp(definitive_until="2024-05-11")) as fake:
        table = clients.kp(fake, tmp_path, definitive_only=True)
        assert fake.asked[0].query["status"] == "def"
    assert len(table) == 8
    assert "8 intervals" in table.attrs["notes"][0]
    with Fake(changed(Kp(), status=["pre"] * 16)) as fake, pytest.raises(http.FetchError, match="others came"):
        clients.kp(fake, tmp_path / "others", definitive_only=True)


def test_the_newest_values_may_be_late_and_the_future_is_not_asked_for(tmp_path):
    def late(asked):
        content = json.loads(Kp()(asked).body)
        return Answer(json.dumps({key: content[key][:-2] for key in ("Kp", "datetime", "status")}).encode())

    with Fake(late) as fake:
        table = clients.kp(fake, tmp_path, "2026-11-20", "2027-01-01")
        assert fake.asked[0].query["end"] == "2026-11-22T09:00:00Z"
    assert table["time"].iloc[-1] == clients.at("2026-11-22 03:00")


@pytest.mark.parametrize(
    "change",
    [
        {"Kp": lambda kp: kp[:-1]},
        {"Kp": lambda kp: [4.5, *kp[1:]]},
        {"Kp": lambda kp: [9.333, *kp[1:]]},
        {"Kp": lambda kp: [-1.0, *kp[1:]]},
        {"Kp": lambda kp: ["high", *kp[1:]]},
        {"Kp": None},
        {"status": lambda status: status[1:]},
        {"datetime": lambda times: times[::-1]},
        {"datetime": lambda times: [times[1], *times[1:]]},
        {"datetime": lambda times: ["2024-05-10T01:00:00Z", *times[1:]]},
        {"datetime": lambda times: ["soon", *times[1:]]},
        {key: lambda values: values[:7] + values[8:] for key in ("Kp", "datetime", "status")},
        {key: lambda values: values[: len(values) // 2] for key in ("Kp", "datetime", "status")},
    ],
)
def test_an_answer_that_cannot_be_true_is_a_failure(tmp_path, change):
    with Fake(changed(Kp(), **change)) as fake, pytest.raises(http.FetchError):
        clients.kp(fake, tmp_path)


def test_an_answer_to_another_question_is_a_failure(tmp_path):
    with Fake(Kp(shift_hours=24)) as fake, pytest.raises(http.FetchError, match="another question"):
        clients.kp(fake, tmp_path)


def test_long_periods_come_in_parts_and_go_on_after_a_cut(tmp_path):
    with Fake(Kp()) as fake:
        fake.faults = ["", "reset", "reset"]
        with pytest.raises(http.FetchError):
            clients.kp(fake, tmp_path, "2012-01-01", "2017-01-01")
        table = clients.kp(fake, tmp_path, "2012-01-01", "2017-01-01")
        assert len(fake.asked) == 4
    assert len(table) == 1827 * 8
    assert table["time"].is_unique


@pytest.mark.parametrize(
    ("start", "end"), [("1931-12-31", "1940-01-01"), ("2020-01-01", "2020-01-01"), ("2027-01-01", "2028-01-01")]
)
def test_a_period_without_kp_is_bad_input(tmp_path, start, end):
    with Fake(Kp()) as fake, pytest.raises(InputError, match="Kp begins in 1932"):
        clients.kp(fake, tmp_path, start, end)
