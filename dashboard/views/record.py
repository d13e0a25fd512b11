"""Record: what a station has recorded, from one day to the whole archive, with earthquakes and storms beside it."""

import pandas as pd
import streamlit as st

from core.config import DetectabilityConfig
from core.loading.minute import COMPONENTS
from core.reporting.figures import record as figures
from dashboard import jobs, loaders, widgets, zoom

PRESETS = {"1 day": 1, "1 week": 7, "1 month": 30, "1 year": 365, "All": 0}  # days; 0 = everything
CORNERS = {100.0: "100 min", 50.0: "50 min", 833.0: "13.9 h"}  # the likely meanings of the paper's 0.02 Hz
NEAR, NONE = "all within 500 km", "none"
NEAR_KM = 500.0
MAX_CSV_MINUTES = 45 * 1440
DAY = pd.Timedelta(days=1)


def period() -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and one past the last minute of the record."""
    start = pd.Timestamp(first_minute, unit="m", tz="UTC")
    return start, start + pd.Timedelta(minutes=len(values))


def show(start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Choose the stretch of time shown; it is cut to the record and becomes part of the page's address."""
    first, last = period()
    start, end = max(start, first), min(end, last)
    if end - start < pd.Timedelta(minutes=10):  # outside the record, or a slip of the mouse
        start, end = max(first, last - 30 * DAY), last
    st.session_state["shown"] = (start, end)
    st.query_params["from"], st.query_params["to"] = f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}"


def from_address() -> None:
    """Show what the address asks for; else what was shown before; else the last month."""
    try:
        ends = [pd.Timestamp(st.query_params[name]).tz_localize("UTC") for name in ("from", "to")]
    except (KeyError, ValueError, TypeError):
        _, last = period()
        ends = st.session_state.get("shown", (last - 30 * DAY, last))
    show(*ends)


def preset(days: int) -> None:
    """Show so many days around the middle of what is shown; 0 = everything."""
    start, end = st.session_state["shown"]
    first, last = period()
    half = pd.Timedelta(days=days) / 2
    if not days or last - first <= 2 * half:
        show(first, last)
    else:
        middle = min(max(start + (end - start) / 2, first + half), last - half)
        show(middle - half, middle + half)


def move(direction: int) -> None:
    """Go one screen earlier (-1) or later (1), stopping at the ends of the record."""
    start, end = st.session_state["shown"]
    first, last = period()
    shift = direction * (end - start)
    shift = max(shift, first - start) if direction < 0 else min(shift, last - end)
    show(start + shift, end + shift)


def dates_changed() -> None:
    """Show the days that the two date fields name."""
    days = [pd.Timestamp(st.session_state[name], tz="UTC") for name in ("from_day", "to_day")]
    show(min(days), max(days) + DAY)


def zoomed() -> None:
    """Show what the reader has zoomed to; an empty range means everything."""
    ends = st.session_state["zoom"]["range"]
    if ends:
        show(*(pd.Timestamp(end).floor("min").tz_localize("UTC") for end in ends))
    else:
        show(*period())


def events_shown(start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame | None:
    """The earthquakes to draw, by the choice on the page."""
    choice = st.session_state["events"]
    events = loaders.events(source, station, rules.get(choice, DetectabilityConfig(law="paper")))
    if events.empty or choice == NONE:
        return None
    near = events["distance_km"] <= NEAR_KM if choice == NEAR else events["target"]
    return events[near & (events["origin_time"] >= start) & (events["origin_time"] < end)]


def event_words(choice: str) -> str:
    """The choice of earthquakes in words."""
    return f"target events, {choice}" if choice in rules else choice


@st.fragment
def viewer() -> None:
    """The viewer; a zoom, a button or a date runs only this part of the page again."""
    start, end = st.session_state["shown"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Earlier", icon=":material/chevron_left:", on_click=move, args=(-1,))
        for label, days in PRESETS.items():
            st.button(label, on_click=preset, args=(days,))
        st.button("Later", icon=":material/chevron_right:", icon_position="right", on_click=move, args=(1,))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first, last = (end.date() for end in period())
        limits = {
            "min_value": first,
            "max_value": last,
            "format": "YYYY-MM-DD",
            "on_change": dates_changed,
            "width": 150,
        }
        st.session_state["from_day"], st.session_state["to_day"] = start.date(), (end - pd.Timedelta(minutes=1)).date()
        st.date_input("First day (UTC)", key="from_day", **limits)
        st.date_input("Last day (UTC)", key="to_day", **limits)
        st.selectbox(
            "Earthquakes",
            [*rules, NEAR, NONE],
            format_func=event_words,
            key="events",
            width=300,
            help="A target event is one that the station could possibly feel, by the rule of the paper or a preset.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        shown = st.pills("Components", COMPONENTS, selection_mode="multi", default=COMPONENTS, key="components")
        filtered = st.toggle(
            "Remove slow variations",
            key="filtered",
            help="A causal high-pass filter: no minute feels a later one. It is what the network sees by default.",
        )
        if filtered:
            period_minutes = st.selectbox(
                "slower than", list(CORNERS), format_func=CORNERS.get, key="corner", width=130
            )

    drawn = loaders.stretch(source, station, start, end, None, period_minutes if filtered else 0.0)
    figure = figures.record(
        **{**drawn, "events": events_shown(start, end)},
        components=[name.lower() for name in shown or COMPONENTS],
        synthetic=source.synthetic,
        mode=widgets.mode(),
    )
    figure.update_layout(uirevision=f"{station} {start} {end}")
    widgets.plot(
        figure,
        key="record",
        alt=f"Field of {station} from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, with earthquakes and Kp",
    )
    zoom.report("record", key="zoom", on_change=zoomed)
    n_minutes = int((end - start) / pd.Timedelta(minutes=1))
    st.caption(f"{station}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC. {drawn_words(drawn, n_minutes)}")
    if not jobs.read_only() and n_minutes <= MAX_CSV_MINUTES:
        widgets.download(
            lambda: minutes_table(start, end), f"{station}_{start:%Y%m%d}", "Download these minutes (CSV, as recorded)"
        )


def drawn_words(drawn: dict, n_minutes: int) -> str:
    """How fine the drawing is, and how much is missing."""
    start, end = drawn["span"]
    missing = drawn["gaps"]["end"].clip(upper=end) - drawn["gaps"]["start"].clip(lower=start)
    n_missing = int(missing.sum() / pd.Timedelta(minutes=1)) if len(missing) else 0
    dx_ms = drawn["envelopes"][1]
    fineness = (
        f"Each point is the lowest and highest of {dx_ms * 2 // 60_000:,} minutes; drag over the plot to see finer."
        if dx_ms > 60_000
        else "Every minute is drawn."
    )
    return f"{fineness} {n_missing:,} of {n_minutes:,} minutes are missing (grey). Double click shows everything."


def minutes_table(start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """The minutes shown, as recorded."""
    return source.minute(station, start, end).field.reset_index()


widgets.page_head("Record", "What did the station record, and were there earthquakes or magnetic storms at the time?")
source = widgets.source()
if source is None:
    widgets.no_data()
    st.stop()
widgets.synthetic_badge(source.synthetic)
station = widgets.station_picker(source.stations())
values, first_minute = loaders.record(source, station)
rules = loaders.rules()
from_address()
viewer()
