"""The pages of the dashboard without a browser: go to one, and what it says."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from core.data_folder import ROOT

HOME = ROOT / "dashboard" / "Home.py"
VIEWS = sorted(path.name for path in (ROOT / "dashboard" / "views").glob("*.py"))


def go(app, view, **query):
    """Switch a running app to another page, with a query."""
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"views/{view}").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    assert len(app.title) == 1
    return app


def words(app):
    """Everything the page says in text."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def charts(app):
    """The Plotly figures of a page."""
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def visit(folder, monkeypatch, view, **query):
    """The app of a data folder, on one of its pages."""
    monkeypatch.setenv("PRECURSOR_DATA", str(folder))
    monkeypatch.setenv("PRECURSOR_NO_DEMO", "1")
    app = AppTest.from_file(HOME, default_timeout=60).run()
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(f"views/{view}").run()
    assert not app.exception, [error.stack_trace for error in app.exception]
    return app


def said(app):
    """What the page says in text, its headers too and its errors not."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.info, app.warning, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)
