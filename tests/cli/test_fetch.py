"""`precursor fetch` from end to end against services on this machine."""

import json

import numpy as np
import pandas as pd
import pytest

from core.loading.archive.archive import Archive
from support.fake_server import Fake
from support.fake_services import Fdsn, Gin, Hapi, Kp, Usgs, field_at, minutes_of

SPAN = ("--start", "2018-01-30", "--end", "2018-02-02")


@pytest.mark.parametrize(("answers", "service"), [(Hapi, "hapi"), (Gin, "gin"), (Usgs, "usgs")])
def test_minutes_come_into_the_archive_with_credit_and_licence(precursor, data_folder, answers, service):
    with Fake(answers()) as fake:
        code, out, _ = precursor("fetch", "minute", "dur", *SPAN, "--service", service, "--base", fake.base)
    assert code == 0
    assert (
        "Istituto Nazionale di Geofisica e Vulcanologia" in out
        and ("public domain" if service == "usgs" else "CC BY-NC") in out
    )
    record = Archive(data_folder / "archive").minute("DUR")
    times = minutes_of("2018-01-30", "2018-02-02")
    assert (record.field.index == times).all()
    np.testing.assert_allclose(record.field.to_numpy(), np.array(field_at(times)), atol=0.006)
    assert record.data_type == "definitive"
    assert (data_folder / "raw" / "index.jsonl").exists()


def test_an_interrupted_download_is_taken_up_again_and_ends_as_an_uninterrupted_one(precursor, data_folder):
    with Fake(Hapi()) as fake:
        fake.faults = ["", "", "reset", "reset"]
        command = ("fetch", "minute", "DUR", *SPAN, "--base", fake.base)
        code, out, _ = precursor(*command)
        assert code == 1
        assert "1 of 2 parts failed" in out
        asked = len(fake.asked)
        code, out, _ = precursor(*command)
        assert code == 0
        assert len(fake.asked) - asked == 2  # info, and the part that had failed
        assert "1 found among those of before" in out
    record = Archive(data_folder / "archive").minute("DUR")
    assert record.field["X"].notna().sum() == 3 * 1440


def test_a_service_that_is_down_is_exit_code_2_and_one_sentence(precursor, data_folder):
    with Fake(Hapi()) as fake:
        fake.always = "503"
        code, _, err = precursor("fetch", "minute", "DUR", *SPAN, "--base", fake.base)
        assert code == 2
        assert "503" in err and "Traceback" not in err
    assert Archive(data_folder / "archive").stations() == []


def test_no_data_is_no_failure(precursor):
    with Fake(Hapi()) as fake:
        span = ("--start", "2010-01-01", "--end", "2010-02-01")
        code, out, _ = precursor("fetch", "minute", "DUR", *span, "--base", fake.base, "--json")
    assert code == 0
    (row,) = json.loads(out)
    assert row["outcome"] == "no data"


def test_the_best_type_leaves_what_is_not_there_as_no_data(precursor, data_folder):
    with Fake(Hapi()) as fake:  # it has definitive data only
        span = ("--start", "2017-12-31", "--end", "2018-01-02")
        code, out, _ = precursor("fetch", "minute", "DUR", *span, "--type", "best", "--base", fake.base, "--json")
    assert code == 0
    assert [(row["outcome"], row["n_minutes"]) for row in json.loads(out)] == [("data", 1440), ("no data", 0)]
    assert Archive(data_folder / "archive").minute("DUR").start == pd.Timestamp("2018-01-01", tz="UTC")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("minute", "MLR", *SPAN), "precursor ingest"),
        (("minute", "DUR", *SPAN, "--type", "final"), "--type"),
        (("minute", "DUR", *SPAN, "--type", "variation"), "--service gin"),
        (("minute", "DUR", *SPAN, "--service", "ftp"), "hapi, gin"),
        (("minute", "DUR", "--start", "soon"), "--start 'soon'"),
        (("minute", "DUR", "--start", "2018-01-02", "--end", "2018-01-01"), "empty"),
        (("minute", "DUR", *SPAN, "--base", "https://example.org"), "this machine only"),
        (("catalogue", "NASA", *SPAN), "INGV, ISC, USGS, EMSC, NIEP"),
        (("catalogue", "INGV", *SPAN, "--region", "45", "40", "0", "10"), "region"),
        (("activity", "--start", "1900-01-01"), "1932"),
    ],
)
def test_bad_requests_are_one_sentence(precursor, arguments, sentence):
    code, _, err = precursor("fetch", *arguments)
    assert code == 2
    assert sentence in " ".join(err.split())


EVENTS = [(str(n), f"2016-{n:02d}-05T10:00:00", 42.0, 13.0 + n / 10, 3.0 + n / 10) for n in range(1, 13)]


def test_a_catalogue_comes_into_the_archive_with_the_period_it_covers(precursor, data_folder):
    with Fake(Fdsn(EVENTS)) as fake:
        span = ("--start", "2015-01-01", "--end", "2017-01-01", "--region", "40", "45", "10", "20")
        code, out, _ = precursor("fetch", "catalogue", "ingv", *span, "--name", "italy", "--base", fake.base)
        assert code == 0
        assert "12 events stored" in out and "CC BY 4.0" in out
    archive = Archive(data_folder / "archive")
    assert len(archive.events("italy")) == 12
    assert archive.events_period("italy") == (
        pd.Timestamp("2015-01-01", tz="UTC"),
        pd.Timestamp("2017-01-01", tz="UTC"),
    )


def test_a_catalogue_with_a_year_that_failed_is_not_stored(precursor, data_folder):
    with Fake(Fdsn(EVENTS)) as fake:
        fake.faults = ["", "404"]
        code, _, err = precursor("fetch", "catalogue", "INGV", "--start", "2015", "--end", "2017", "--base", fake.base)
        assert code == 2
        assert "404" in err
        assert Archive(data_folder / "archive").catalogues().empty
        code, _, _ = precursor("fetch", "catalogue", "INGV", "--start", "2015", "--end", "2017", "--base", fake.base)
        assert code == 0
    assert len(Archive(data_folder / "archive").events("ingv")) == 12


def test_kp_comes_into_the_archive(precursor, data_folder):
    with Fake(Kp(definitive_until="2024-05-11")) as fake:
        span = ("--start", "2024-05-10", "--end", "2024-05-12", "--base", fake.base)
        code, out, _ = precursor("fetch", "activity", *span)
        assert code == 0 and "10.5880/Kp.0001" in out
        code, out, _ = precursor("fetch", "activity", *span, "--definitive", "--again", "--json")
        assert [(row["status"], row["n_values"]) for row in json.loads(out)] == [("definitive", 8)]
    table = Archive(data_folder / "archive").activity()
    assert table["status"].tolist() == ["definitive"] * 8 + ["preliminary"] * 8
