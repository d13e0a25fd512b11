"""`streamlit run dashboard/Home.py` on a desktop opens the browser by itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import streamlit as st

from dashboard import browser
from support import live_dashboard

DESKTOP = ("--server.headless", "false", "--server.showEmailPrompt", "false")


def pretended(folder: Path, visited: Path) -> Path:
    """A browser that only writes down where it was sent."""
    program = folder / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > "{visited}.part"\nmv "{visited}.part" "{visited}"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def test_the_browser_of_a_desktop_opens_at_the_dashboards_address(tmp_path):
    visited = tmp_path / "visited"
    sent_by = {"BROWSER": f"{pretended(tmp_path, visited)} %s", "PRECURSOR_NO_DEMO": "1"}
    with live_dashboard.running(tmp_path, *DESKTOP, base_path="lab", **sent_by) as (url, _):
        for _ in range(100):
            if visited.exists():
                break
            time.sleep(0.1)
        assert visited.read_text(encoding="utf-8").strip() == url


def test_no_browser_opens_where_there_is_no_screen(tmp_path):
    visited = tmp_path / "visited"
    sent_by = {"BROWSER": f"{pretended(tmp_path, visited)} %s", "PRECURSOR_NO_DEMO": "1"}
    with live_dashboard.running(tmp_path, **sent_by):
        time.sleep(1)
    assert not visited.exists()


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "http://localhost:8501"),
        ({"server.address": "0.0.0.0"}, "http://localhost:8501"),
        ({"server.address": "::"}, "http://localhost:8501"),
        ({"server.address": "192.0.2.7"}, "http://192.0.2.7:8501"),
        ({"server.address": "2001:db8::7"}, "http://[2001:db8::7]:8501"),
        ({"server.address": "192.0.2.7", "browser.serverAddress": "lab.example"}, "http://lab.example:8501"),
        ({"server.sslCertFile": "lab.pem", "browser.serverPort": 443}, "https://localhost:443"),
        ({"server.baseUrlPath": "/lab/"}, "http://localhost:8501/lab"),
    ],
)
def test_the_address_is_one_that_a_browser_can_go_to(monkeypatch, options, address):
    usual = {
        "browser.serverAddress": "localhost",
        "browser.serverPort": 8501,
        "server.address": None,
        "server.baseUrlPath": "",
        "server.sslCertFile": None,
    }
    monkeypatch.setattr(st, "get_option", {**usual, **options}.__getitem__)
    assert browser.address() == address
