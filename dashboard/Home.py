"""
The dashboard: `streamlit run dashboard/Home.py`.

This file only lists the pages. One script per page is in `views/`; what they
read is in `loaders.py`, what they share in `widgets.py`.

Streamlit looks for an `App` here and reads the file once, as a module, to serve
that. For every viewer, and after every click, it runs the file as a script.
"""

import logging

import streamlit as st

from core.errors import InputError
from core.reporting.introduction import STANDING_LINE


def draw() -> None:
    """Draw the menu, then the chosen page."""
    st.set_page_config(
        page_title="Geomagnetic Precursor Lab",
        page_icon="🧭",
        layout="wide",
        menu_items={"About": f"Geomagnetic Precursor Lab. {STANDING_LINE}"},
    )

    page = st.navigation(
        {
            "": [
                st.Page("views/home.py", title="Home", icon=":material/home:", default=True),
            ],
            "Data": [
                st.Page("views/map.py", title="Map", icon=":material/map:", url_path="map"),
                st.Page("views/record.py", title="Record", icon=":material/show_chart:", url_path="record"),
                st.Page("views/coverage.py", title="Coverage", icon=":material/calendar_month:", url_path="coverage"),
                st.Page("views/windows.py", title="Windows", icon=":material/view_week:", url_path="windows"),
                st.Page("views/audit.py", title="Dataset audit", icon=":material/balance:", url_path="audit"),
            ],
            "Experiments": [
                st.Page("views/train.py", title="Train", icon=":material/model_training:", url_path="train"),
                st.Page("views/results.py", title="Results", icon=":material/fact_check:", url_path="results"),
                st.Page("views/explain.py", title="Explain", icon=":material/search_insights:", url_path="explain"),
                st.Page("views/compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"),
                st.Page(
                    "views/learning_curves.py",
                    title="Learning curves",
                    icon=":material/school:",
                    url_path="learning_curves",
                ),
            ],
            "Judgement": [
                st.Page("views/verdict.py", title="Verdict", icon=":material/gavel:", url_path="verdict"),
                st.Page("views/evaluation.py", title="Evaluation", icon=":material/insights:", url_path="evaluation"),
                st.Page(
                    "views/significance.py", title="Significance", icon=":material/casino:", url_path="significance"
                ),
                st.Page("views/paper.py", title="The paper", icon=":material/article:", url_path="paper"),
                st.Page("views/chance.py", title="How chance looks", icon=":material/visibility:", url_path="chance"),
                st.Page("views/trust.py", title="Can it be fooled?", icon=":material/shield:", url_path="trust"),
            ],
            "Forecasts": [
                st.Page("views/forecast.py", title="Forecast", icon=":material/update:", url_path="forecast"),
            ],
            "More": [
                st.Page("views/about.py", title="About", icon=":material/info:", url_path="about"),
            ],
        },
        expanded=True,
    )

    from dashboard import address, jobs, widgets  # the menu is on screen by now; pandas takes a second to load

    address.begin(page.url_path)
    try:
        jobs.start_demo_once()
        widgets.sidebar()
        page.run()
    except InputError as error:  # of a damaged run, for instance; what a page expects it deals with itself
        logging.getLogger(__name__).warning("%s", error)
        widgets.problem(error)


if __name__ == "__main__":
    draw()
else:
    from starlette.middleware import Middleware

    from dashboard import browser
    from dashboard.gate import Gate

    app = st.App(__file__, middleware=[Middleware(Gate)], lifespan=browser.opened)
