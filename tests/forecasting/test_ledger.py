"""The ledger writes forecasts down once and shows every later change."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data_folder import ROOT
from core.errors import InputError
from core.forecasting.ledger import Ledger
from core.reporting import site
from support import ledger_rows

ISSUED = datetime(2026, 1, 1, 12, tzinfo=UTC)
# Of a week in which ISSUED is on time and a clock of today is late.
FORECAST = replace(
    ledger_rows.FORECAST,
    valid_from=pd.Timestamp("2026-01-02", tz="UTC"),
    valid_until=pd.Timestamp("2026-01-09", tz="UTC"),
)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


def test_a_ledger_that_does_not_exist_is_empty_and_whole(ledger):
    assert len(ledger.list()) == 0
    assert ledger.verify() == []


def test_what_is_written_comes_back(ledger):
    assert ledger.append([FORECAST], ISSUED) == 1
    row = ledger.list().iloc[0]
    assert row["probability"] == 0.25
    assert row["valid_until"] == FORECAST.valid_until
    assert row["issued_at"] == ISSUED
    assert not row["retrospective"]
    assert ledger.verify() == []


def test_the_same_forecast_is_written_only_once(ledger):
    assert ledger.append([FORECAST, FORECAST], ISSUED) == 1
    assert ledger.append([replace(FORECAST, probability=0.9)], ISSUED) == 0
    assert ledger.list()["probability"].tolist() == [0.25]


def test_a_forecast_issued_when_its_period_has_opened_is_retrospective(ledger):
    ledger.append([FORECAST], datetime(2026, 1, 2, tzinfo=UTC))
    assert ledger.list()["retrospective"].tolist() == [True]


def test_a_forecast_that_was_written_before_its_period_opened_is_not_counted_as_retrospective_later(ledger):
    late = replace(FORECAST, station="IZN")
    ledger.append([FORECAST], ISSUED)
    ledger.append([FORECAST, late], datetime(2026, 1, 3, tzinfo=UTC))
    assert ledger.read().n_retrospective([FORECAST]) == 0
    assert ledger.read().n_retrospective([FORECAST, late, replace(FORECAST, station="ESK")]) == 1


@pytest.mark.parametrize("statement", ["UPDATE forecast SET probability = 1", "DELETE FROM forecast"])
def test_a_row_can_be_neither_edited_nor_deleted(ledger, statement):
    ledger.append([FORECAST], ISSUED)
    with sqlite3.connect(ledger.path) as database, pytest.raises(sqlite3.IntegrityError, match="never"):
        database.execute(statement)
    assert ledger.list()["probability"].tolist() == [0.25]


@pytest.mark.parametrize("key", ["id", "digest"])
def test_a_row_cannot_be_replaced_by_a_new_one(ledger, key):
    """SQLite's REPLACE deletes a row without asking the triggers that guard DELETE."""
    ledger.append([FORECAST], ISSUED)
    other = {**ledger.list().iloc[0].astype(object).to_dict(), "probability": 0.99, "issued_at": "2026-01-01T12:00:00Z"}
    for name in ("valid_from", "valid_until", "data_until"):
        other[name] = other[name].isoformat()
    other["id" if key == "digest" else "digest"] = 7
    with sqlite3.connect(ledger.path) as database, pytest.raises(sqlite3.IntegrityError, match="never replaced"):
        database.execute(
            f"INSERT OR REPLACE INTO forecast ({', '.join(other)}) VALUES ({', '.join('?' * len(other))})",
            list(other.values()),
        )
    assert ledger.list()["probability"].tolist() == [0.25]
    assert ledger.verify() == []


def test_rows_cut_off_the_end_show_against_the_digest_that_was_noted(ledger):
    assert ledger.head() == ""
    ledger.append([FORECAST, replace(FORECAST, station="IZN")], ISSUED)
    noted = ledger.head()
    assert noted == ledger.list()["digest"].iloc[-1]
    with sqlite3.connect(ledger.path) as database:
        database.execute("DROP TRIGGER forecast_is_never_deleted")
        database.execute("DELETE FROM forecast WHERE id = 2")
    assert ledger.verify() == []  # what is left is a whole chain
    assert ledger.head() != noted


def test_a_ledger_made_anew_with_earlier_times_is_whole_and_shows_only_against_the_digest_that_was_noted(ledger):
    ledger.append([FORECAST], ISSUED)
    noted = ledger.head()
    ledger.path.unlink()
    ledger.append([replace(FORECAST, probability=0.99)], ISSUED - timedelta(days=400))
    assert ledger.verify() == [] and not ledger.list()["retrospective"].any()
    assert ledger.head() != noted


def test_page_and_site_promise_no_more_and_show_the_digest_to_note(full_folder, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(full_folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(ROOT / "dashboard" / "Home.py", default_timeout=60).run()
    app.switch_page("views/forecast.py").run()
    head = Ledger(full_folder / "ledger.sqlite").head()
    html = site.render(next(page for page in site.pages(full_folder) if page.file == "ledger.html"))
    shown = "\n".join(str(each.value) for each in [*app.markdown, *app.success])
    for text in (shown, html):
        assert "cannot be edited unnoticed once the last digest is noted elsewhere" in text and head in text
    assert head


def test_whole_numbers_do_not_look_like_a_change(ledger):
    ledger.append([replace(FORECAST, probability=1, threshold=0)], ISSUED)
    assert ledger.verify() == []


def test_a_probability_that_is_none_is_refused_whole(ledger):
    for wrong in (float("nan"), 1.5, -0.1):
        with pytest.raises(InputError, match="cannot be used"):
            ledger.append([FORECAST, replace(FORECAST, station="IZN", probability=wrong)], ISSUED)
    assert len(ledger.list()) == 0


def test_a_change_behind_the_triggers_shows_in_the_chain(ledger):
    ledger.append([FORECAST, replace(FORECAST, station="IZN")], ISSUED)
    with sqlite3.connect(ledger.path) as database:
        database.execute("DROP TRIGGER forecast_is_never_edited")
        database.execute("UPDATE forecast SET probability = 0.99 WHERE id = 1")
    assert ledger.verify() == ["Forecast 1: its content was changed after it was written."]


def test_a_removed_row_shows_in_the_chain(ledger):
    ledger.append([FORECAST, replace(FORECAST, station="IZN")], ISSUED)
    with sqlite3.connect(ledger.path) as database:
        database.execute("DROP TRIGGER forecast_is_never_deleted")
        database.execute("DELETE FROM forecast WHERE id = 1")
    assert ledger.verify() == ["Forecast 2: the row before it was removed or changed."]


def test_a_clock_behind_the_last_entry_is_refused(ledger):
    ledger.append([FORECAST], ISSUED)
    with pytest.raises(InputError, match="clock says 2025"):
        ledger.append([replace(FORECAST, station="IZN")], datetime(2025, 1, 1, tzinfo=UTC))
    assert len(ledger.list()) == 1


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"this is not a database" * 100)
    with pytest.raises(InputError, match="cannot be used"):
        Ledger(tmp_path / "ledger.sqlite").list()


def test_a_ledger_that_cannot_be_opened_or_is_of_another_make_is_one_sentence(tmp_path):
    (tmp_path / "folder.sqlite").mkdir()
    with sqlite3.connect(tmp_path / "other.sqlite") as database:
        database.execute("CREATE TABLE forecast (id INTEGER PRIMARY KEY, station TEXT, digest TEXT)")
    for name in ("folder.sqlite", "other.sqlite"):
        with pytest.raises(InputError, match=f"{name} cannot be used"):
            Ledger(tmp_path / name).list()


def _append_many(path, station):
    for day in range(20):
        valid_from = pd.Timestamp("2026-02-01", tz="UTC") + pd.Timedelta(days=day)
        Ledger(path).append([replace(FORECAST, station=station, valid_from=valid_from)], ISSUED)


def test_two_writers_at_once_lose_nothing_and_keep_the_chain(ledger):
    context = get_context("spawn")
    writers = [context.Process(target=_append_many, args=(ledger.path, code)) for code in ("DUR", "IZN")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(ledger.list()) == 40
    assert ledger.verify() == []
