"""The criteria explorer of the map: set the rule by hand, and see at once what it takes and what it leaves out."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core import stations as station_table
from core.config import DetectabilityConfig
from core.errors import InputError
from core.labelling import detectability
from core.loading.archive.archive import Archive
from dashboard import loaders, places, tables, widgets

OWN = "my own criteria"
LAWS = {
    "fixed": "one distance for all",
    "dobrovolsky": "Dobrovolsky 1979",
    "morgunov_malzev": "Morgunov & Malzev 2007",
    "hattori": "Hattori 2004",
    "custom": "R = 10^(a M + b)",
}
DISTANCES = {"epicentral": "to the epicentre", "hypocentral": "to the focus"}


def own() -> DetectabilityConfig:
    """The controls of a rule, and the rule that they make."""
    with st.container(border=True):
        left, middle, right = st.columns(3)
        law = left.selectbox("How far", list(LAWS), format_func=LAWS.get, key="law")
        distance = left.radio("Distance", list(DISTANCES), format_func=DISTANCES.get, horizontal=True, key="distance")
        chosen: dict[str, float] = {}
        if law == "fixed":
            chosen["max_distance_km"] = float(middle.slider("Radius (km)", 20, 1000, 200, 10, key="radius"))
        if law == "custom":
            chosen["custom_slope"] = middle.slider("a", 0.1, 1.0, 0.43, 0.01, key="slope")
            chosen["custom_intercept"] = middle.slider("b", -2.0, 2.0, 0.0, 0.05, key="intercept")
        chosen["max_depth_km"] = float(middle.slider("Deepest focus (km)", 5, 300, 30, 5, key="depth"))
        chosen["min_magnitude"] = right.slider("Magnitude above", 2.0, 7.0, 4.0, 0.1, format="%.1f", key="magnitude")
        return DetectabilityConfig(law=law, distance=distance, **chosen)


def counted(source: Archive, codes: list[str], rule: DetectabilityConfig) -> pd.DataFrame:
    """One row per station, most target events first, and one for all: how many targets, and why the rest are none."""
    rows = []
    for code in codes:
        station = station_table.get(code)
        events = loaders.events(source, code, rule)
        if events.empty:
            continue
        found = detectability.explore(events, station, rule)
        start, end = source.period(code)
        during = int((events["target"] & events["origin_time"].between(start, end)).sum())
        row = {"station": code, "Target events": int(found["n"].iloc[0]), "During its record": during}
        rows.append(row | {words(str(r.reason)): int(r.n) for r in found.iloc[1:].itertuples() if r.n})
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows).set_index("station").fillna(0).astype("int64")
    table = table.sort_values(["Target events", "During its record"], ascending=False, kind="stable")
    if len(table) > 1:
        table.loc["all stations"] = table.sum()
    return table.reset_index()


def show(source: Archive, choice: places.Choice) -> None:
    """What the rule in force takes and leaves out, station by station."""
    codes = list(places.stations(source)["code"]) if choice.station == places.ALL else [choice.station]
    try:
        table = counted(source, codes, choice.rule)
    except InputError as error:
        widgets.problem(error)
        return
    if table.empty:
        return
    st.header("What the criteria take, and what they leave out", anchor=False)
    tables.show(table, alt="Target events and the reasons why the others are none, by station")
    n = int(table["During its record"].iloc[-1])
    events = f"{n:,} target event{'' if n == 1 else 's'}"
    st.markdown(
        f"**{events} during the records.** Sequences make them fewer, and a run is judged by a part of them; the page "
        "Train says how large a change it would find. Each event is counted under the first rule that it breaks."
    )
    tables.download(table, "criteria")


def words(reason: str) -> str:
    """
    A reason as the head of a column.

    >>> words("farther than 200 km")
    'Farther than 200 km'
    """
    return reason[:1].upper() + reason[1:]
