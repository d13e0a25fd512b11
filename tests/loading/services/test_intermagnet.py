"""INTERMAGNET by HAPI and by the GIN: right data, "no data" only when said, failures named, downloads that go on."""

import dataclasses
import json

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.services import http
from core.loading.services.raw_store import RawStore
from support.clients import assert_whole, at, by_gin, by_hapi, by_usgs, recorded
from support.fake_server import TRANSPORT, Answer, Fake
from support.fake_services import Gin, Hapi, Usgs

DAY = pd.Timedelta(days=1)


def patience(fault):
    """Seconds to wait for bytes: short only where the fault is that none come."""
    return 0.15 if fault in ("time-out", "slow drip") else 5.0


WAYS = [pytest.param(Hapi, by_hapi, id="hapi"), pytest.param(Gin, by_gin, id="gin")]
ALL_WAYS = [*WAYS, pytest.param(Usgs, by_usgs, id="usgs")]


@pytest.mark.parametrize(("answers", "way"), WAYS)
def test_a_period_over_months_comes_whole_and_in_parts_of_a_month(tmp_path, answers, way):
    with Fake(answers()) as fake:
        chunks = way(fake, tmp_path, "2018-01-30", "2018-03-02")
    assert [(c.start, c.end) for c in chunks] == [
        (at("2018-01-30"), at("2018-02-01")),
        (at("2018-02-01"), at("2018-03-01")),
        (at("2018-03-01"), at("2018-03-02")),
    ]
    assert_whole(chunks, "2018-01-30", "2018-03-02")
    assert {chunk.record.data_type for chunk in chunks} == {"definitive"}
    assert {chunk.record.station for chunk in chunks} == {"DUR"}


@pytest.mark.parametrize(("answers", "way"), ALL_WAYS)
@pytest.mark.parametrize("fault", [*TRANSPORT, "400", "413", "cut line", "half"])
def test_a_lasting_fault_is_failed_and_never_no_data(tmp_path, answers, way, fault):
    with Fake(answers()) as fake:
        fake.faults = [""] * (way is by_hapi) + [fault] * 20  # `info` is well
        (chunk,) = way(fake, tmp_path, patience=patience(fault))
    assert chunk.outcome == "failed"
    assert chunk.record is None
    assert chunk.message
    kept = [entry for entry in RawStore(tmp_path).entries() if "info" not in entry.url]
    assert kept == []


@pytest.mark.parametrize(("answers", "way"), ALL_WAYS)
@pytest.mark.parametrize(
    "fault", ["429", "503", "time-out", "reset", "wrong length", "html", "empty", "cut line", "half"]
)
def test_a_fault_that_passes_leaves_the_right_data(tmp_path, answers, way, fault):
    with Fake(answers()) as fake:
        fake.faults = [""] * (way is by_hapi) + [fault]
        assert_whole(way(fake, tmp_path, patience=patience(fault)), "2018-02-03", "2018-02-04")


@pytest.mark.parametrize(("answers", "way"), WAYS)
def test_an_interrupted_download_goes_on_where_it_stopped(tmp_path, answers, way):
    with Fake(answers()) as fake:
        info = [""] * (way is by_hapi)
        fake.faults = [*info, "", "reset", "reset", ""]
        chunks = way(fake, tmp_path, "2018-01-31", "2018-03-02")
        assert [chunk.outcome for chunk in chunks] == ["data", "failed", "data"]
        asked = len(fake.asked)
        chunks = way(fake, tmp_path, "2018-01-31", "2018-03-02")
        assert len(fake.asked) - asked == 1 + len(info)  # only what was missing
        assert_whole(chunks, "2018-01-31", "2018-03-02")
        way(fake, tmp_path, "2018-01-31", "2018-03-02", again=True)
        assert len(fake.asked) - asked == 1 + 3 + 2 * len(info)


@pytest.mark.parametrize(("answers", "way"), WAYS)
def test_a_server_that_is_down_is_given_up_after_two_parts(tmp_path, answers, way):
    with Fake(answers()) as fake:
        fake.faults = [""] * (way is by_hapi) + ["503"] * 50
        chunks = way(fake, tmp_path, "2018-01-01", "2018-05-01")
        assert [chunk.outcome for chunk in chunks] == ["failed"] * 4
        assert "Not asked for" in chunks[2].message
        assert len(fake.asked) == (way is by_hapi) + 4  # two parts, two tries each


@pytest.mark.parametrize(("answers", "way"), ALL_WAYS)
def test_muntele_rosu_is_sent_to_its_files(tmp_path, answers, way):
    with Fake(answers()) as fake:
        with pytest.raises(InputError, match="not an INTERMAGNET observatory.*precursor ingest") as caught:
            way(fake, tmp_path, station="MLR")
        assert not isinstance(caught.value, http.FetchError)
        assert fake.asked == []


@pytest.mark.parametrize(("answers", "way"), WAYS)
def test_an_unknown_observatory_is_bad_input_not_a_failure(tmp_path, answers, way):
    with Fake(answers()) as fake:
        with pytest.raises(InputError, match="INTERMAGNET") as caught:
            way(fake, tmp_path, station="XYZ")
        assert not isinstance(caught.value, http.FetchError)


# HAPI


def test_outside_of_what_info_says_there_are_no_data_and_nothing_is_asked(tmp_path):
    with Fake(Hapi()) as fake:
        chunks = by_hapi(fake, tmp_path, "2017-12-30", "2018-01-02")
        assert [(c.outcome, c.start, c.end) for c in chunks] == [
            ("no data", at("2017-12-30"), at("2018-01-01")),
            ("data", at("2018-01-01"), at("2018-01-02")),
        ]
        chunks = by_hapi(fake, tmp_path, "2018-04-30", "2018-06-01")
        assert [chunk.outcome for chunk in chunks] == ["data", "no data"]
        assert recorded(chunks).index[-1] == at("2018-04-30 23:59")
        asked = len(fake.asked)
        (chunk,) = by_hapi(fake, tmp_path, "2020-01-01", "2021-01-01")
        assert chunk.outcome == "no data"
        assert "2018-01-01 00:00 to 2018-05-01 00:00" in chunk.message
        assert len(fake.asked) == asked + 1


def test_no_data_is_what_the_server_says_with_1201_or_204(tmp_path):
    with Fake(Hapi(no_data_days=frozenset(["2018-02-03"]))) as fake:
        (chunk,) = by_hapi(fake, tmp_path / "1201")
        assert chunk.outcome == "no data"
        assert "1201" in chunk.message
        fake.faults = ["", "204"]
        (chunk,) = by_hapi(fake, tmp_path / "204", "2018-02-05", "2018-02-06")
        assert chunk.outcome == "no data"


def test_a_server_that_refuses_a_stop_past_its_last_time_loses_the_last_minute_only(tmp_path):
    with Fake(Hapi(strict_stop=True)) as fake:
        (chunk,) = by_hapi(fake, tmp_path, "2018-04-30", "2018-05-01")
    assert chunk.outcome == "data"
    assert chunk.record.end == at("2018-04-30 23:59")
    assert "last minute" in chunk.message


def test_too_much_at_once_is_halved_until_it_fits(tmp_path):
    with Fake(Hapi(too_much_hours=7)) as fake:
        chunks = by_hapi(fake, tmp_path)
    assert len(chunks) == 4
    assert_whole(chunks, "2018-02-03", "2018-02-04")


def test_too_much_for_ever_is_a_failure(tmp_path):
    with Fake(Hapi(too_much_hours=0.1)) as fake:
        chunks = by_hapi(fake, tmp_path)
    assert {chunk.outcome for chunk in chunks} == {"failed"}


def test_the_longest_request_that_the_server_names_is_kept(tmp_path):
    with Fake(Hapi(longest="P1D")) as fake:
        chunks = by_hapi(fake, tmp_path, "2018-02-03", "2018-02-06")
    assert [chunk.end - chunk.start for chunk in chunks] == [DAY] * 3
    assert_whole(chunks, "2018-02-03", "2018-02-06")


def test_a_server_of_the_older_protocol_is_asked_with_the_older_names(tmp_path):
    with Fake(Hapi(old=True)) as fake:
        assert_whole(by_hapi(fake, tmp_path), "2018-02-03", "2018-02-04")


def test_all_fill_is_a_failure_and_some_fill_is_missing_minutes(tmp_path):
    with Fake(Hapi(fill_days=frozenset(["2018-02-03"]))) as fake:
        (chunk,) = by_hapi(fake, tmp_path)
        assert chunk.outcome == "failed"
        assert "every value" in chunk.message
        assert len(fake.asked) == 2  # another try would get the same
        (chunk,) = by_hapi(fake, tmp_path, "2018-02-03", "2018-02-05")
    assert chunk.outcome == "data"
    assert chunk.record.field["X"].isna().sum() == 1440
    assert chunk.record.field.loc["2018-02-04"].notna().all().all()


def test_minutes_without_a_row_are_missing_and_said(tmp_path):
    with Fake(Hapi(absent=frozenset(["2018-02-03T05:00", "2018-02-03T05:01"]))) as fake:
        (chunk,) = by_hapi(fake, tmp_path)
    field = chunk.record.field
    assert list(field.index[field["X"].isna()]) == [at("2018-02-03 05:00"), at("2018-02-03 05:01")]
    assert "2 minutes have no row" in chunk.message


def test_data_of_another_place_are_refused(tmp_path):
    with Fake(Hapi(place=(40.5, 29.72))) as fake, pytest.raises(http.FetchError, match="another station"):
        by_hapi(fake, tmp_path)


def test_rows_without_a_header_are_taken(tmp_path):
    with Fake(Hapi(with_header=False)) as fake:
        assert_whole(by_hapi(fake, tmp_path), "2018-02-03", "2018-02-04")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2018-02-03T00:05Z,24", "2018-02-03T00:04Z,24"),  # repeats
        ("2018-02-03T00:05Z,24", "2018-02-04T00:05Z,24"),  # outside
        ("2018-02-03T00:05Z,24", "2018-02-03T00:05:30Z,24"),  # off the grid
        ("2018-02-03T00:05Z,24", "2018-02-30T00:05Z,24"),  # no calendar
        ("1300.00,39300.00,46300.00\n2018-02-03T00:06", "1300.00,39300.00\n2018-02-03T00:06"),  # four fields
        ("1300.00,39300.00,46300.00\n2018-02-03T00:06", "1300.00,inf,46300.00\n2018-02-03T00:06"),
        ("1300.00,39300.00,46300.00\n2018-02-03T00:06", "1300.00,abc,46300.00\n2018-02-03T00:06"),
        ('"code": 1200', '"code": 1500'),
    ],
)
def test_one_bad_row_spoils_the_answer(tmp_path, old, new):
    right = Hapi()

    def answer(asked):
        found = right(asked)
        if asked.path.endswith("/data"):
            assert old.encode() in found.body
            return Answer(found.body.replace(old.encode(), new.encode(), 1))
        return found

    with Fake(answer) as fake:
        (chunk,) = by_hapi(fake, tmp_path)
    assert chunk.outcome == "failed"


@pytest.mark.parametrize("fault", TRANSPORT)
def test_without_info_nothing_is_known(tmp_path, fault):
    with Fake(Hapi()) as fake:
        fake.always = fault
        with pytest.raises(http.FetchError):
            by_hapi(fake, tmp_path, patience=patience(fault))


@pytest.mark.parametrize(
    "change",
    [
        {"cadence": "PT1S"},
        {"stopDate": "2017-01-01T00:00Z"},
        {"startDate": "yesterday"},
        {"parameters": []},
        {"parameters": "none"},
        {"maxRequestDuration": "PT0S"},
        {"x_latitude": "north"},
        {"status": {"code": 1500, "message": "oops"}},
        {"status": None},
    ],
)
def test_an_info_that_makes_no_sense_is_a_failure(tmp_path, change):
    def answer(asked):
        return Answer(json.dumps(Hapi().info() | change).encode())

    with Fake(answer) as fake, pytest.raises(http.FetchError):
        by_hapi(fake, tmp_path)


def test_reported_data_are_left_to_the_gin(tmp_path):
    with Fake(Hapi()) as fake, pytest.raises(InputError, match="GIN"):
        by_hapi(fake, tmp_path, data_type="variation")


# GIN


@pytest.mark.parametrize("variant", [{"two_headers": True}, {"crlf": True}, {"two_headers": True, "crlf": True}])
def test_answers_of_the_gin_in_other_dress_are_the_same(tmp_path, variant):
    with Fake(Gin(**variant)) as fake:
        assert_whole(by_gin(fake, tmp_path, "2018-02-03", "2018-02-05"), "2018-02-03", "2018-02-05")


def test_the_gin_answers_with_missing_values_where_it_has_none_and_that_is_a_failure(tmp_path):
    with Fake(Gin(fill=True)) as fake:
        (chunk,) = by_gin(fake, tmp_path)
    assert chunk.outcome == "failed"


def test_an_answer_of_another_station_is_refused(tmp_path):
    with Fake(Gin(station="IZN")) as fake:
        (chunk,) = by_gin(fake, tmp_path)
    assert chunk.outcome == "failed"
    assert "IZN" in chunk.message


def test_the_type_that_the_answer_states_is_believed_and_said(tmp_path):
    with Fake(Gin(data_type="Reported")) as fake:
        (chunk,) = by_gin(fake, tmp_path)
        assert fake.asked[0].query["publicationState"] == "definitive"
    assert chunk.record.data_type == "variation"
    assert "variation" in chunk.message


def test_an_answer_of_fewer_days_than_asked_is_a_failure(tmp_path):
    right = Gin()

    def answer(asked):
        query = asked.query | {"dataDuration": "1"}
        return right(dataclasses.replace(asked, query=query))

    with Fake(answer) as fake:
        (chunk,) = by_gin(fake, tmp_path, "2018-02-03", "2018-02-05")
    assert chunk.outcome == "failed"


# USGS


def test_the_usgs_is_asked_for_two_weeks_at_once_with_an_inclusive_end(tmp_path):
    with Fake(Usgs()) as fake:
        chunks = by_usgs(fake, tmp_path, "2018-02-03", "2018-02-20")
        assert [asked.query["endtime"] for asked in fake.asked] == ["2018-02-16T23:59:00Z", "2018-02-19T23:59:00Z"]
    assert_whole(chunks, "2018-02-03", "2018-02-20")


def test_an_unknown_observatory_of_the_usgs_fails_with_the_words_of_the_server(tmp_path):
    with Fake(Usgs()) as fake:
        (chunk,) = by_usgs(fake, tmp_path, station="XYZ")
    assert chunk.outcome == "failed"
    assert "no such observatory" in chunk.message


def test_missing_values_only_and_another_station_are_failures_of_the_usgs_too(tmp_path):
    for answers in (Gin(fill=True), Gin(station="IZN")):
        with Fake(Usgs(answers)) as fake:
            (chunk,) = by_usgs(fake, tmp_path)
        assert chunk.outcome == "failed"
