"""Record: what a station has recorded, from one day to the whole archive, with earthquakes and storms beside it."""

import pandas as pd
import streamlit as st

from core import clock
from core.config import DetectabilityConfig
from core.loading.record.minute import COMPONENTS
from core.reporting import credits
from core.reporting.figures.record import record as figures
from dashboard import address, jobs, loaders, screen, span, tables, widgets, zoom

PRESETS = {"1 day": 1, "1 week": 7, "1 month": 30, "1 year": 365, "All": 0}  # days; 0 = everything
CORNERS = {100.0: "100 min", 50.0: "50 min", 833.0: "13.9 h"}  # the likely meanings of the paper's 0.02 Hz
NEAR, NONE = "all within 500 km", "none"
NEAR_KM = 500.0
MAX_CSV_MINUTES = 45 * 1440


def show(wanted: span.Span) -> None:
    """Choose the stretch of time shown; it is cut to the record and becomes part of the page's address."""
    st.session_state["shown"] = cut(wanted)
    st.query_params.update(in_address())


def cut(wanted: span.Span) -> span.Span:
    """What the record has of a stretch; the last month recorded if that is nothing."""
    return span.cut(wanted, whole) or span.latest(values, first_minute)


def in_address() -> dict[str, str]:
    """The stretch shown, as the address writes it."""
    return {name: f"{end:%Y-%m-%dT%H:%M}" for name, end in zip(("from", "to"), st.session_state["shown"], strict=True)}


def from_address() -> None:
    """Show what the address asks for; else what was shown before; else the last month recorded."""
    try:
        wanted = tuple(clock.utc(st.query_params[name]) for name in ("from", "to"))
    except (KeyError, ValueError, TypeError):
        wanted = st.session_state.get("shown", span.latest(values, first_minute))
    st.session_state["shown"] = cut(wanted)
    address.add(in_address(), "stretch")


def preset(days: int) -> None:
    """Show so many days around the middle of what is shown."""
    show(span.around(st.session_state["shown"], days, whole))


def move(direction: int) -> None:
    """Go one screen earlier (-1) or later (1)."""
    show(span.moved(st.session_state["shown"], direction, whole))


def to_nearest() -> None:
    """Go to the nearest minutes that were recorded."""
    show(span.nearest(values, first_minute, st.session_state["shown"]))


def dates_changed() -> None:
    """Show the days that the two date fields name."""
    days = [clock.utc(st.session_state[name]) for name in ("from_day", "to_day")]
    show((min(days), max(days) + span.DAY))


def zoomed() -> None:
    """Show what the reader has zoomed to; an empty range means everything."""
    ends = st.session_state["zoom"]["range"]
    show(tuple(clock.utc(end).floor("min") for end in ends) if ends else whole)


def time_buttons() -> None:
    """Buttons that choose the stretch of time."""
    with st.container(horizontal=True):
        st.button("Earlier", icon=":material/chevron_left:", on_click=move, args=(-1,))
        for label, days in PRESETS.items():
            st.button(label, on_click=preset, args=(days,))
        st.button("Later", icon=":material/chevron_right:", icon_position="right", on_click=move, args=(1,))


def day_fields(start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Two fields with the first and the last day shown."""
    st.session_state["from_day"], st.session_state["to_day"] = start.date(), (end - span.MINUTE).date()
    for label, key in (("First day (UTC)", "from_day"), ("Last day (UTC)", "to_day")):
        st.date_input(
            label,
            key=key,
            min_value=whole[0].date(),
            max_value=whole[1].date(),
            format="YYYY-MM-DD",
            on_change=dates_changed,
            width=150,
        )


def filter_corner() -> float:
    """The corner of the filter in minutes; 0: as recorded."""
    filtered = st.toggle(
        "Remove slow variations",
        key="filtered",
        help="A causal high-pass filter: no minute feels a later one. It is what the network sees by default.",
    )
    if not filtered:
        return 0.0
    return st.selectbox("slower than", list(CORNERS), format_func=CORNERS.get, key="corner", width=130)


def events_shown(choice: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame | None:
    """The earthquakes to draw, by the choice on the page."""
    found = loaders.events(source, station, rules.get(choice, DetectabilityConfig(law="paper")))
    if found.empty or choice == NONE:
        return None
    near = found["distance_km"] <= NEAR_KM if choice == NEAR else found["target"]
    return found[near & (found["origin_time"] >= start) & (found["origin_time"] < end)]


@st.fragment
def viewer() -> None:
    """The viewer; a zoom, a button or a date runs only this part of the page again."""
    start, end = st.session_state["shown"]
    time_buttons()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day_fields(start, end)
        choice = st.selectbox(
            "Earthquakes",
            [*rules, NEAR, NONE],
            format_func=lambda name: f"target events, {name}" if name in rules else name,
            key="events",
            width=300,
            help="A target event is one that the station could possibly feel, by the rule of the paper or a preset.",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        components = st.pills("Components", COMPONENTS, selection_mode="multi", default=COMPONENTS, key="components")
        corner = filter_corner()
    events = events_shown(choice, start, end)
    drawn = loaders.stretch(source, station, start, end, None, corner)
    figure = figures.record(
        **{**drawn, "events": events},
        components=[name.lower() for name in components or COMPONENTS],
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
    n_minutes = int((end - start) / span.MINUTE)
    n_missing = missing(drawn)
    if n_missing == n_minutes:
        st.info("Nothing was recorded in this stretch.")
        st.button("Go to the nearest data", icon=":material/jump_to_element:", on_click=to_nearest)
    fineness = drawn_words(drawn["envelopes"][1])
    st.caption(
        f"{station}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC. {fineness} {n_missing:,} of {n_minutes:,} "
        "minutes are missing (grey)."
    )
    unknown = loaders.not_covered(source, station, start, end) if choice != NONE else ""
    if unknown:
        st.info(unknown, icon=":material/travel_explore:")
    widgets.credit(source, station, events, start, end)
    if not jobs.read_only() and n_minutes <= MAX_CSV_MINUTES:
        tables.download(
            lambda: source.minute(station, start, end).field.reset_index(),
            f"{station}_{start:%Y%m%d}",
            "Download these minutes (CSV, as recorded)",
            "" if source.synthetic else f"# {credits.sentence(station)} {types(start, end)}\n",
        )


def types(start: pd.Timestamp, end: pd.Timestamp) -> str:
    """The data types of the stretch, and its axes if they are not geographic."""
    return f"{credits.types(loaders.days(source, station), start, end)} {credits.axes(station)}".strip()


def missing(drawn: dict) -> int:
    """How many minutes of what is drawn are missing."""
    start, end = drawn["span"]
    length = drawn["gaps"]["end"].clip(upper=end) - drawn["gaps"]["start"].clip(lower=start)
    return int(length.sum() / span.MINUTE) if len(length) else 0


def drawn_words(dx_ms: int) -> str:
    """How fine the drawing is, and how to see more."""
    if screen.narrow():
        everything, finer = "", "choose a shorter time above"
    else:
        everything, finer = " Double click shows everything.", "drag over the plot"
    if dx_ms <= 60_000:
        return f"Every minute is drawn.{everything}"
    return f"Each point is the lowest and highest of {dx_ms * 2 // 60_000:,} minutes; {finer} to see finer.{everything}"


widgets.page_head("Record", "What did the station record, and were there earthquakes or magnetic storms at the time?")
source = widgets.source()
if source is None:
    widgets.no_data()
    st.stop()
widgets.synthetic_badge(source.synthetic)
station = widgets.station_picker(loaders.by_amount(source))
values, first_minute = loaders.record(source, station)
whole = span.whole(values, first_minute)
rules = loaders.rules()
from_address()
viewer()
