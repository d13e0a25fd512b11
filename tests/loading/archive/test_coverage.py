"""Days and months of what is stored: completeness and data types, counted from their definition."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from core.loading.record import minute
from core.loading.record.minute import MinuteRecord

START = int(pd.Timestamp("2019-12-31T00:00Z").timestamp()) // 60


@pytest.fixture
def archive(tmp_path):
    """Three days around New Year: variation, then definitive from 2020-01-01 12:00 on; 100 minutes are missing."""
    values = np.random.default_rng(0).normal(20_000, 10, (3 * 1440, 4))
    values[200:300] = np.nan
    values[2000:2010, 2] = np.nan  # without Z it is no minute
    record = MinuteRecord("DUR", minute.on_grid(START, values), "variation")
    later = record.field.iloc[1440 + 720 :].copy()
    later.iloc[-60:, 1] = np.nan  # of the last hour only X and Z are definitive
    made = Archive(tmp_path / "archive")
    made.store_many([record, dataclasses.replace(record, field=later, data_type="definitive")])
    return made


def test_a_day_counts_its_minutes_with_all_components_and_has_the_type_of_most(archive):
    days = coverage.days(archive.folder, "DUR")
    assert days["day"].dt.strftime("%Y-%m-%d").tolist() == ["2019-12-31", "2020-01-01", "2020-01-02"]
    assert days["n_present"].tolist() == [1340, 1430, 1440]
    assert days["n_minutes"].tolist() == [1440] * 3
    # 2020-01-01: 710 minutes variation, 720 definitive
    assert days["data_type"].tolist() == ["variation", "definitive", "definitive"]


def test_a_month_adds_its_days_and_lists_their_types_best_first(archive):
    months = coverage.months(coverage.days(archive.folder, "DUR"))
    assert months["month"].dt.strftime("%Y-%m").tolist() == ["2019-12", "2020-01"]
    assert months["n_minutes"].tolist() == [31 * 1440] * 2
    assert months["n_present"].tolist() == [1340, 2870]
    assert months["data_type"].tolist() == ["variation", "definitive"]
    assert months["data_types"].tolist() == ["variation", "definitive"]


def test_a_station_without_data_has_no_days(archive):
    days = coverage.days(archive.folder, "IZN")
    assert days.empty and list(days.columns) == ["day", "n_minutes", "n_present", "data_type"]
    assert coverage.months(days).empty


def test_the_days_agree_with_the_values_of_the_archive(archive):
    field = archive.minute("DUR").field[["X", "Y", "Z"]]
    by_day = field.notna().all(axis=1).groupby(field.index.floor("D")).sum()
    assert coverage.days(archive.folder, "DUR")["n_present"].tolist() == by_day.tolist()
