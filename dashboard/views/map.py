"""Map: stations, the earthquakes around them by magnitude and depth, and how far a station could possibly feel one."""

import dataclasses

import streamlit as st

from core import stations as station_table
from core.labelling import detectability
from core.reporting import sentences
from core.reporting.figures.map import maps, projection
from dashboard import address, criteria, loaders, places, screen, tables, widgets
from dashboard.places import ALL, Choice

DETAILS = ("origin_time", "magnitude", "magnitude_type", "depth_km", "distance_km", "event_id", "source")


def clicked() -> None:
    """A click on a station shows it; a click beside shows all."""
    objects = st.session_state["map"]["selection"]["objects"].get("stations")
    address.pick("map_station", objects[0]["code"] if objects else ALL)


def row_chosen() -> None:
    """A chosen row of the table shows its station."""
    rows = st.session_state["stations"]["selection"]["rows"]
    address.pick("map_station", stations["code"].iloc[rows[0]] if rows else ALL)


def controls() -> Choice:
    """What to show: a station or all, which events, and by which rule they are target events."""
    left, middle, right = st.columns([2, 3, 2])
    with left:
        names = {ALL: "all stations", **{code: widgets.station_words(code) for code in stations["code"]}}
        code = widgets.choice("Station", names, "map_station", "station")
    if code != ALL:
        address.keep("station", code)  # Record and Coverage open on it
    rules = loaders.rules()
    rule = right.selectbox(
        "Target events by",
        [*rules, criteria.OWN],
        key="rule",
        help="The paper's rule, that of a preset or run, or your own.",
    )
    asked = criteria.own() if rule == criteria.OWN else rules[rule]
    choice = Choice(str(source.folder), loaders.stamp(source), code, asked)
    stored = places.felt(choice.folder, choice.stamp, code, choice.rule)
    if stored.empty:
        brings = ("catalogue", "fetch catalogue", "fetch all")
        widgets.empty("No earthquake catalogue is stored.", "precursor catalogue FILE", filled_by=brings)
        return choice
    ends = (stored["origin_time"].min().floor("D"), stored["origin_time"].max().ceil("D"))
    low, high = (end.to_pydatetime() for end in ends)
    start, end = middle.slider(
        "Time (UTC)", low, high, (low, high), format="YYYY-MM-DD", key=f"time_{source.folder.name}_{low:%Y%m%d}"
    )
    smallest = middle.slider("Smallest magnitude", 2.0, 8.0, 4.0, 0.1, format="%.1f", key="smallest")
    with left:
        only = st.toggle(
            "Only target events", key="targets", help="Those that a station could possibly feel, by the rule chosen."
        )
    return dataclasses.replace(choice, smallest=smallest, start=str(start), end=str(end), only_targets=only)


def legend() -> None:
    """What the colours, sizes and lines mean."""
    found = places.events(choice)
    n_drawn = len(places.strongest(found))
    some = f" Only the largest {n_drawn:,} are drawn." if n_drawn < len(found) else ""
    mode = widgets.mode()

    def dots(shades: list[tuple[str, str]]) -> str:
        return " ".join(
            f":color[{'◉' if meaning == 'target event' else '●'}]{{foreground={shade}}} {meaning}"
            for shade, meaning in shades
        )

    st.markdown(f"Filled: {dots(maps.event_legend(mode))} · Ring, by depth: {dots(maps.depth_legend(mode))}")
    st.caption(
        f"{len(found):,} earthquakes.{some} Size: magnitude. Circles: how far the rule reaches. Brown lines: plate "
        "boundaries (Bird 2003). Names that would overlap are left out. Point at anything to read what it is; click a "
        "station, or choose it in the list or the table."
    )


def details(code: str) -> None:
    """What is known of the chosen station, and its target events."""
    station = station_table.get(code)
    limits = detectability.limits(station, choice.rule)
    st.header(widgets.station_words(code), anchor=False)
    where = projection.place_words(station.latitude_deg, station.longitude_deg)
    st.markdown(sentences.plain(f"{where}. {station.institute or 'Institute not known'}. {station.note}"))
    events = places.events(dataclasses.replace(choice, only_targets=True))
    if len(events):
        inside = events["origin_time"].between(*source.period(code))
        st.markdown(
            f"**{len(events):,} target events** {limits.sentence()} in the time and magnitudes chosen, "
            f"{int(inside.sum()):,} of them during its record; the largest has magnitude "
            f"{events['magnitude'].max():.1f}."
        )
        tables.show(events[list(DETAILS)].iloc[::-1], alt="Target events")
        tables.download(events[list(DETAILS)], f"{code}_target_events")
    else:
        st.markdown(f"No target event {limits.sentence()} in the time and magnitudes chosen.")
    unknown = loaders.not_covered(source, code, *source.period(code))
    if unknown:
        st.info(unknown, icon=":material/travel_explore:")
    widgets.credit(source, code, events)
    st.page_link(
        "views/record.py",
        label=f"See the record of {code}",
        icon=":material/show_chart:",
        query_params={**address.carried(), "station": code},
    )


widgets.page_head("Map", "Where are the stations, and which earthquakes could each of them possibly feel?")
source = widgets.source()
if source is None:
    widgets.no_data()
    st.stop()
widgets.synthetic_badge(source.synthetic)
stations = places.stations(source)
unknown = sorted(set(source.stations()) - set(stations["code"]))
if unknown:
    st.warning(f"Not on the map, because data/stations.toml does not know them: {', '.join(unknown)}.")
if stations.empty:
    st.stop()
choice = controls()
st.pydeck_chart(
    places.PreparedDeck(
        places.spec(choice, widgets.mode(), 330 if screen.narrow() else 700),
        map_provider="maplibre",
        tooltip=maps.TOOLTIP,
    ),
    on_select=clicked,
    selection_mode="single-object",
    key="map",
    height=480,
    alt="Map of stations and earthquakes",
)
legend()
criteria.show(source, choice)
if choice.station != ALL:
    details(choice.station)
st.header("Stations", anchor=False)
tables.show(
    stations.drop(columns="detail"),
    on_select=row_chosen,
    selection_mode="single-row",
    key="stations",
    alt="Stations; choose one to show it on the map",
)
