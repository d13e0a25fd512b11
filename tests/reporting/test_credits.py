"""Whose data, of which type and along which axes: in sentences, on the figures and in what is downloaded."""

import importlib
import json
import sys

import numpy as np
import pandas as pd
import pytest

from core import stations
from core.cli import main
from core.config import DetectabilityConfig
from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord
from core.reporting import credits, site
from core.reporting.pages import record as record_page

importlib.import_module("core.cli.app")


def days(*typed):
    """Days of 2016 by number, each with its type."""
    first = pd.Timestamp("2015-12-31", tz="UTC")
    table = [
        {"day": first + pd.Timedelta(days=n), "n_minutes": 1440, "n_present": 1440, "data_type": t} for n, t in typed
    ]
    return pd.DataFrame(table)


def stored(folder, code, data_type="definitive"):
    values = np.random.default_rng(0).normal(20_000, 5, (2 * 1440, 4))
    first = int(pd.Timestamp("2016-01-01T00:00Z").timestamp()) // 60
    archive = Archive(folder / "archive")
    archive.store(MinuteRecord(code, minute.on_grid(first, values), data_type))
    return archive


def test_the_data_type_is_said_interval_by_interval():
    table = days((1, "definitive"), (2, "definitive"), (9, "definitive"), (10, "variation"), (12, "definitive"))
    assert credits.types(table) == (
        "Data type: definitive 2016-01-01 to 2016-01-09, variation on 2016-01-10, definitive on 2016-01-12."
    )
    start = pd.Timestamp("2016-01-02T12:00Z")
    assert credits.types(table, start, pd.Timestamp("2016-01-10T00:00Z")) == "Data type: definitive."
    assert credits.types(table, pd.Timestamp("2017-01-01T00:00Z")) == ""


def test_many_intervals_are_counted_not_listed():
    kinds = ["definitive", "variation"] * 4
    assert credits.types(days(*enumerate(kinds, 1))).endswith("and 4 more intervals.")


def test_intervals_are_half_open_and_gaps_do_not_divide_them():
    table = coverage.intervals(days((1, "variation"), (5, "variation"), (6, "definitive")))
    assert table["start"].dt.day.tolist() == [1, 6] and table["end"].dt.day.tolist() == [6, 7]


def test_definitive_data_of_intermagnet_say_how_they_are_cited():
    assert "10.5880/INTERMAGNET" in credits.sentence("DUR", days((1, "definitive")))
    assert "10.5880/INTERMAGNET" not in credits.sentence("DUR", days((1, "variation")))
    assert "10.5880/INTERMAGNET" not in credits.sentence("KOD", days((1, "definitive")))


def test_sensor_axes_are_not_called_north_and_east(tmp_path):
    assert stations.get("KOD").axes == stations.get("OLH").axes == "sensor"
    assert credits.labels("DUR") == credits.labels("QQQ") == ("X north", "Y east", "Z down")
    page = record_page.page("archive", stored(tmp_path, "KOD", "variation"), "KOD", DetectabilityConfig(law="paper"))
    titles = json.dumps(page.content["plots"][0].figure.to_dict()["layout"], default=str)
    assert "X sensor" in titles and "north" not in titles
    assert "axes of the sensor" in site.render(page)


def test_the_record_page_of_the_site_has_the_data_type_and_the_credit(tmp_path):
    page = record_page.page("archive", stored(tmp_path, "DUR"), "DUR", DetectabilityConfig(law="paper"))
    text = site.render(page)
    assert "Data type: definitive." in text and "rely on the data collected at Duronia" in text
    assert "10.5880/INTERMAGNET" in text and "CC BY-NC 4.0" in text
    titles = json.dumps(page.content["plots"][0].figure.to_dict()["layout"], default=str)
    assert "X north" in titles


@pytest.mark.parametrize("options, words", [(["--credits"], "We thank Istituto"), (["--json"], '"licence": "CC BY-NC')])
def test_the_command_line_names_credit_and_licence(data_folder, monkeypatch, capsys, options, words):
    stored(data_folder, "DUR")
    monkeypatch.setattr(sys, "argv", ["precursor", "stations", *options])
    with pytest.raises(SystemExit) as end:
        main()
    out = capsys.readouterr().out
    assert not end.value.code and words in out


def test_coverage_can_be_written_as_a_file_of_calendars(data_folder, tmp_path, monkeypatch, capsys):
    stored(data_folder, "DUR")
    monkeypatch.setattr(sys, "argv", ["precursor", "coverage", "--figure", str(tmp_path / "out.html")])
    with pytest.raises(SystemExit) as end:
        main()
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert not end.value.code and "DUR" in capsys.readouterr().out
    assert 'id="calendar-DUR"' in text and "rely on the data collected at Duronia" in text
    assert 'src="http' not in text  # nothing is loaded from elsewhere
