"""The figures of the door are those of the site, and say where data are made up."""

from __future__ import annotations

import inspect
import json

import pytest

from core import Lab, figures
from core.errors import InputError
from core.reporting.figures import theme
from core.reporting.pages import judgement
from core.reporting.pages import run as run_page
from support.small_run import SMALL

OF_RUN = {"confusion": "confusion", "roc": "roc", "history": "history", "probabilities": "spread"}
OF_RUN |= {"rejections": "rejections", "timeline": "timeline"}
OF_JUDGED = ("hill", "molchan", "scorecard", "strata", "reliability", "precision_recall", "lead_profile")


@pytest.fixture(scope="module")
def lab(home):
    lab = Lab(home)
    lab.assess(lab.train(SMALL))
    return lab


def content(figure):
    return json.loads(figure.to_json())


@pytest.mark.parametrize("name", OF_RUN)
def test_a_figure_of_a_run_is_the_one_of_its_page(lab, name):
    page = run_page.page(lab.runs[0])
    assert content(getattr(figures, name)(lab.runs[0])) == content(page.content["plots"][OF_RUN[name]].figure)


@pytest.mark.parametrize("name", OF_JUDGED)
def test_a_figure_of_a_verdict_is_the_one_of_its_page(lab, name):
    judged = lab.verdict(lab.runs[0])
    page = judgement.page(judged.run, judged.assessment, lab.folder)
    assert content(getattr(figures, name)(judged)) == content(page.content["plots"][name].figure)


@pytest.mark.parametrize("name", ["rejections", "timeline"])
def test_windows_that_were_not_trained_on_are_drawn_as_those_of_the_run(lab, name):
    draw = getattr(figures, name)
    assert content(draw(lab.windows(SMALL))) == content(draw(lab.runs[0]))


def test_every_figure_of_made_up_data_is_marked(lab):
    judged, source = lab.verdict(lab.runs[0]), lab.source(SMALL)
    drawn = [getattr(figures, name)(lab.runs[0]) for name in OF_RUN]
    drawn += [getattr(figures, name)(judged) for name in OF_JUDGED]
    drawn += [figures.coverage(source), figures.record(source, "dur", "2016-02-01", "2016-02-03")]
    public = [
        name for name, each in inspect.getmembers(figures, inspect.isfunction) if each.__module__ == "core.lab.figures"
    ]
    assert len(drawn) == len([name for name in public if not name.startswith("_")])
    assert all(theme.SYNTHETIC_WORDS in figure.to_json() for figure in drawn)


def test_a_record_is_drawn_for_the_days_that_are_named(lab):
    figure = figures.record(lab.source(SMALL), "DUR", "2016-02-01", "2016-02-03")
    low, high = figure.layout.xaxis.range
    assert str(low).startswith("2016-02-01") and str(high).startswith("2016-02-03")
    with pytest.raises(InputError, match="start 'soon' is not a time"):
        figures.record(lab.source(SMALL), "DUR", "soon")
    with pytest.raises(InputError):
        figures.record(lab.source(SMALL), "IZN")
