"""What every test can use: the folder of shared real data, and a clean data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("PRECURSOR_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pytest_collection_modifyitems(config, items):
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason=f"the shared real data are not at {SHARED}")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real files beside the checkout."""
    return SHARED


@pytest.fixture
def data_folder(tmp_path, monkeypatch) -> Path:
    """An empty data folder that the program uses instead of the checkout's."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    return folder
