"""Catalogues by FDSN: complete, or a named failure; "no events" only when the server said so."""

import dataclasses

import pytest

from core.errors import InputError
from core.loading.catalogue import events as catalogue
from core.loading.services import fdsn, http
from core.loading.services.raw_store import RawStore
from support import clients
from support.clients import EVENTS
from support.fake_server import TRANSPORT, Answer, Fake
from support.fake_services import HEADER, Fdsn


def names(events):
    return list(events["event_id"])


def test_a_catalogue_comes_year_by_year_half_open_and_without_doubles(tmp_path):
    with Fake(Fdsn(EVENTS)) as fake:
        events = clients.events(fake, tmp_path)
        # The ends of slices are inclusive: the events of 1 January come twice, that of 2017 is not asked for.
        assert [asked.query["starttime"] for asked in fake.asked] == ["2015-01-01T00:00:00", "2016-01-01T00:00:00"]
    assert names(events) == [event[0] for event in EVENTS if event[1][:4] in ("2015", "2016")]
    assert tuple(events.columns) == catalogue.COLUMNS
    assert events["origin_time"].iloc[0] == clients.at("2015-01-01")
    assert events["magnitude"].iloc[-1] == pytest.approx(4.1)
    assert events["magnitude_type"].unique().tolist() == ["ML"]


@pytest.mark.parametrize("name", sorted(fdsn.SERVICES))
@pytest.mark.parametrize("fault", [*TRANSPORT, "400", "cut line"])
def test_a_lasting_fault_is_a_failure_and_never_an_empty_catalogue(tmp_path, name, fault):
    with Fake(Fdsn(EVENTS)) as fake:
        fake.always = fault
        with pytest.raises(http.FetchError):
            clients.events(fake, tmp_path, name=name, patience=0.1 if fault in ("time-out", "slow drip") else 5.0)
    kept = [entry for entry in RawStore(tmp_path).entries() if "/count" not in entry.url]
    assert kept == []


@pytest.mark.parametrize("fault", ["429", "503", "time-out", "reset", "wrong length", "html", "empty", "cut line"])
def test_a_fault_that_passes_leaves_the_whole_catalogue(tmp_path, fault):
    with Fake(Fdsn(EVENTS)) as fake:
        fake.faults = ["", fault]
        events = clients.events(fake, tmp_path, patience=0.2 if fault == "time-out" else 5.0)
    assert len(events) == 24


@pytest.mark.parametrize("name", sorted(fdsn.SERVICES))
def test_no_events_is_an_answer_when_the_server_says_so(tmp_path, name):
    with Fake(Fdsn([])) as fake:
        events = clients.events(fake, tmp_path, name=name)
    assert len(events) == 0
    assert tuple(events.columns) == catalogue.COLUMNS
    assert str(events["origin_time"].dtype) == "datetime64[us, UTC]"


def test_a_year_without_events_between_others_is_no_trouble(tmp_path):
    quiet = [event for event in EVENTS if not event[1].startswith("2015-")]
    with Fake(Fdsn(quiet)) as fake:
        events = clients.events(fake, tmp_path, "2014-02-02", "2017-01-01")
    assert len(events) == 10 + 0 + 12


def test_a_header_without_rows_is_not_the_word_of_a_server_without_counts(tmp_path):
    with Fake(lambda asked: Answer((HEADER + "\n").encode())) as fake, pytest.raises(http.FetchError, match="204"):
        clients.events(fake, tmp_path)


def test_where_the_server_counts_nothing_a_header_alone_is_no_events(tmp_path):
    def answer(asked):
        return Answer(b"0\n") if asked.path.endswith("/count") else Answer((HEADER + "\n").encode())

    with Fake(answer) as fake:
        assert len(clients.events(fake, tmp_path, name="USGS")) == 0


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, "Request Entity Too Large"),
        (400, "Error 400: 5 matching events exceeds search limit of 4. Modify the search to match fewer events."),
    ],
)
def test_a_server_with_a_limit_is_asked_for_less_until_it_answers(tmp_path, status, words):
    with Fake(Fdsn(EVENTS, limit=4, limit_status=status, limit_text=words)) as fake:
        events = clients.events(fake, tmp_path)
    assert len(events) == 24
    assert events["event_id"].is_unique


def test_an_error_413_at_the_end_of_a_good_answer_is_a_limit_too(tmp_path):
    right = Fdsn(EVENTS)

    def answer(asked):
        found = right(asked)
        cut = found.body.count(b"\n") > 5
        return Answer(b"\n".join(found.body.split(b"\n")[:5]) + b"\nError 413: too much\n") if cut else found

    with Fake(answer) as fake:
        assert len(clients.events(fake, tmp_path)) == 24


def test_any_other_error_line_in_the_body_is_a_failure(tmp_path):
    trailing = "Error 500: Internal Server Error\n"
    with Fake(Fdsn(EVENTS, trailing=trailing)) as fake, pytest.raises(http.FetchError, match="Error 500"):
        clients.events(fake, tmp_path)


def test_as_many_rows_as_the_limit_may_not_be_all(tmp_path):
    right = Fdsn(EVENTS)

    def answer(asked):  # a server that cuts in silence after 6 rows
        return Answer(b"".join(right(asked).body.splitlines(keepends=True)[:7]), right(asked).status)

    with Fake(answer) as fake:
        assert len(clients.events(fake, tmp_path, limit=6)) == 24


def test_a_limit_that_no_slice_can_meet_is_a_failure(tmp_path):
    swarm = [(str(n), f"2015-03-01T00:00:{n:02d}", 42.0, 14.0, 3.5) for n in range(50)]
    with Fake(Fdsn(swarm, limit=10)) as fake, pytest.raises(http.FetchError, match="too much"):
        clients.events(fake, tmp_path)


def test_the_count_of_usgs_finds_a_short_answer(tmp_path):
    with (
        Fake(Fdsn(EVENTS, counts_wrong=1)) as fake,
        pytest.raises(http.FetchError, match="12 events came.*counts 13"),
    ):
        clients.events(fake, tmp_path, "2015-01-02", "2016-01-02", name="USGS")
    with Fake(Fdsn([], counts_wrong=3)) as fake, pytest.raises(http.FetchError, match="counts 3 events"):
        clients.events(fake, tmp_path, name="USGS")


@pytest.mark.parametrize(
    ("body", "expected"), [(b'{"count":24,"maxAllowed":20000}', 24), (b"24", 24), (b"twenty", None), (b"-1", None)]
)
def test_a_count_is_a_number_alone_or_in_json(tmp_path, body, expected):
    two_years = [event for event in EVENTS if "2015" <= event[1][:4] <= "2016"]
    moved = [(name, "2015-05-05T01:02:03", lat, lon, size) for name, _, lat, lon, size in two_years]
    right = Fdsn(moved)
    with Fake(lambda asked: Answer(body) if asked.path.endswith("/count") else right(asked)) as fake:
        if expected:
            assert len(clients.events(fake, tmp_path, "2015-01-01", "2016-01-01", name="USGS")) == expected
        else:
            with pytest.raises(http.FetchError, match="no number"):
                clients.events(fake, tmp_path, "2015-01-01", "2016-01-01", name="USGS")


def test_the_lines_of_contributors_at_the_end_of_isc_are_no_events(tmp_path):
    with Fake(Fdsn(EVENTS, trailing="\n#Contributing agencies\n#ISK Kandilli\n")) as fake:
        assert len(clients.events(fake, tmp_path, name="ISC")) == 24


def test_the_region_is_asked_for_and_an_answer_from_elsewhere_is_refused(tmp_path):
    box = fdsn.Region(41.0, 42.0, 10.0, 20.0)
    with Fake(Fdsn(EVENTS)) as fake:
        events = clients.events(fake, tmp_path, region=box)
        assert fake.asked[0].query["maxlongitude"] == "20"
    assert len(events) == 20
    with (
        Fake(lambda asked: Fdsn(EVENTS)(dataclasses.replace(asked, query=asked.query | {"maxlatitude": "90"}))) as fake,
        pytest.raises(http.FetchError, match="another question"),
    ):
        clients.events(fake, tmp_path / "other", region=box)


def test_events_of_another_time_are_refused(tmp_path):
    def answer(asked):
        return Fdsn(EVENTS)(dataclasses.replace(asked, query=asked.query | {"endtime": "2018-01-01T00:00:00"}))

    with Fake(answer) as fake, pytest.raises(http.FetchError, match="another question"):
        clients.events(fake, tmp_path)


def test_events_whose_shown_magnitude_is_too_small_are_dropped_and_counted(tmp_path):
    with Fake(
        lambda asked: Fdsn(EVENTS)(dataclasses.replace(asked, query=asked.query | {"minmagnitude": "0"}))
    ) as fake:
        events = clients.events(fake, tmp_path, least=3.5)
    assert events["magnitude"].min() == 3.5
    assert sum("5 rows dropped: the magnitude" in note for note in events.attrs["notes"]) == 2


def test_explosions_alone_are_a_catalogue_without_earthquakes(tmp_path):
    with Fake(Fdsn(EVENTS, kind="quarry blast")) as fake:
        events = clients.events(fake, tmp_path)
    assert len(events) == 0
    assert "not earthquakes" in " ".join(events.attrs["notes"])


def test_an_interrupted_download_asks_only_for_what_is_missing(tmp_path):
    with Fake(Fdsn(EVENTS)) as fake:
        fake.faults = ["", "", "reset", "reset"]
        with pytest.raises(http.FetchError):
            clients.events(fake, tmp_path, "2014-01-01", "2018-01-01")
        assert len(fake.asked) == 4
        assert len(clients.events(fake, tmp_path, "2014-01-01", "2018-01-01")) == 48
        assert len(fake.asked) == 6
        assert len(clients.events(fake, tmp_path, "2014-01-01", "2018-01-01", again=True)) == 48
        assert len(fake.asked) == 10


def test_a_damaged_row_fails_with_its_line(tmp_path):
    right = Fdsn(EVENTS)

    def answer(asked):
        return Answer(right(asked).body.replace(b"|41.5|", b"|a41.5|"))

    with Fake(answer) as fake, pytest.raises(http.FetchError, match="line 6.*a41.5"):
        clients.events(fake, tmp_path)


@pytest.mark.parametrize("box", [(45, 40, 0, 10), (40, 45, 20, 10), (-91, 0, 0, 10), (0, 10, 0, 190)])
def test_a_region_that_is_none_is_bad_input(box):
    with pytest.raises(InputError, match="region"):
        fdsn.Region(*box)


def test_an_empty_period_is_bad_input(tmp_path):
    with Fake(Fdsn(EVENTS)) as fake, pytest.raises(InputError, match="empty"):
        clients.events(fake, tmp_path, "2016-01-01", "2015-01-01")
