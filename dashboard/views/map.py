"""Map: stations, the earthquakes around them by magnitude and depth, and how far a station could possibly feel one."""

import json

import pandas as pd
import pydeck
import streamlit as st

from core import stations as station_table
from core.config import ROOT, DetectabilityConfig
from core.labelling import detectability
from core.loading.archive import Archive
from core.reporting.figures import maps, projection
from dashboard import loaders, widgets

ALL = "all"
MOST_EVENTS = 5000
DETAILS = ("origin_time", "magnitude", "magnitude_type", "depth_km", "distance_km", "event_id", "source")


class PreparedDeck(pydeck.Deck):
    """A deck whose JSON was made beforehand, compact, so that it can be cached as a text."""

    def __init__(self, spec: str, **options: object) -> None:
        super().__init__(**options)
        self._spec = spec

    def to_json(self) -> str:
        """The text it was made with."""
        return self._spec


@st.cache_data(max_entries=1, show_spinner=False)
def plates() -> dict:
    """Plate boundaries (Bird 2003)."""
    return json.loads((ROOT / "data" / "geo" / "plate_boundaries.geojson").read_text(encoding="utf-8"))


@st.cache_data(max_entries=8, show_spinner="Reading the catalogue ...")
def felt(folder: str, stamp: str, code: str, rule: DetectabilityConfig) -> pd.DataFrame:
    """Every stored event; a target event if it is one of the station, or with no station, of any."""
    archive = Archive(folder)
    tables = [loaders.events(archive, c, rule) for c in ([code] if code != ALL else station_rows(archive)["code"])]
    if code != ALL or not len(tables[0]):
        return tables[0]
    target = pd.concat([table["target"] for table in tables], axis=1).any(axis=1)
    reason = target.map({True: "", False: "of no station here"})
    return tables[0].drop(columns=["station", "distance_km"]).assign(target=target, reason=reason)


def chosen_events(where: tuple, choice: tuple) -> pd.DataFrame:
    """The events that the controls ask for."""
    events = felt(*where)
    if events.empty:
        return events
    smallest, start, end, only_targets = choice
    wanted = (events["magnitude"] >= smallest) & events["origin_time"].between(pd.Timestamp(start), pd.Timestamp(end))
    return events[wanted & events["target"]] if only_targets else events[wanted]


@st.cache_data(max_entries=30, show_spinner=False)
def spec(mode: str, width: int, where: tuple, choice: tuple) -> str:
    """The map as a text, made once for all viewers who choose the same."""
    folder, _, code, rule = where
    rows = station_rows(Archive(folder))
    chosen = rows if code == ALL else rows[rows["code"] == code]
    circles = {c: detectability.limits(station_table.get(c), rule).max_distance_km for c in chosen["code"]}
    events = chosen_events(where, choice)
    events = events.nlargest(MOST_EVENTS, "magnitude") if len(events) > MOST_EVENTS else events
    longitude, latitude, zoom = projection.fitting_view(chosen, circles, width)
    zoom -= 0.0 if code == ALL else 0.8  # leave room to see where the station lies
    return maps.deck_spec(
        rows,
        events,
        circles=circles,
        plates=plates(),
        style=f"app/static/basemap_{mode}.json",
        selected=code,
        view=(longitude, latitude, zoom),
        mode=mode,
    )


def station_rows(archive: Archive) -> pd.DataFrame:
    """The stations of a source that have known coordinates, and the period of their record."""
    rows = []
    for code in archive.stations():
        station = station_table.table().get(code)
        if station is not None:
            start, end = archive.period(code)
            start, end = f"{start:%Y-%m-%d}", f"{end - pd.Timedelta(minutes=1):%Y-%m-%d}"
            rows.append(
                (code, station.name, station.latitude_deg, station.longitude_deg, start, end, f"{start} to {end}")
            )
    return pd.DataFrame(rows, columns=["code", "name", "latitude_deg", "longitude_deg", "first", "last", "detail"])


def clicked() -> None:
    """A click on a station shows it; a click beside shows all."""
    objects = st.session_state["map"]["selection"]["objects"].get("stations")
    st.session_state["map_station"] = objects[0]["code"] if objects else ALL


def row_chosen() -> None:
    """A chosen row of the table shows its station."""
    chosen = st.session_state["stations"]["selection"]["rows"]
    st.session_state["map_station"] = places["code"].iloc[chosen[0]] if chosen else ALL


def details(code: str) -> None:
    """What is known of the chosen station, and its target events."""
    station = station_table.get(code)
    limits = detectability.limits(station, rule)
    st.subheader(widgets.station_words(code), anchor=False)
    st.markdown(f"{station.latitude_deg:.3f}° N, {station.longitude_deg:.3f}° E. {station.institute}. {station.note}")
    if station.credit:
        st.caption(station.credit)
    events = chosen_events(where, (*choice[:-1], True))
    record_start, record_end = source.period(code)
    if len(events):
        inside = events["origin_time"].between(record_start, record_end)
        st.markdown(
            f"**{len(events):,} target events** {limits.sentence()} in the time and magnitudes chosen, "
            f"{int(inside.sum()):,} of them during its record; the largest has magnitude "
            f"{events['magnitude'].max():.1f}."
        )
        widgets.table(events[list(DETAILS)].iloc[::-1], alt="Target events")
        widgets.download(events[list(DETAILS)], f"{code}_target_events")
    else:
        st.markdown(f"No target event {limits.sentence()} in the time and magnitudes chosen.")
    st.page_link(
        "views/record.py",
        label=f"See the record of {code}",
        icon=":material/show_chart:",
        query_params={"station": code},
    )


widgets.page_head("Map", "Where are the stations, and which earthquakes could each of them possibly feel?")
source = widgets.source()
if source is None:
    widgets.no_data()
    st.stop()
widgets.synthetic_badge(source.synthetic)
places = station_rows(source)
unknown = sorted(set(source.stations()) - set(places["code"]))
if unknown:
    st.warning(f"Not on the map, because data/stations.toml does not know them: {', '.join(unknown)}.")
if places.empty:
    st.stop()

left, middle, right = st.columns([2, 3, 2])
words = {ALL: "all stations", **{code: widgets.station_words(code) for code in places["code"]}}
with left:
    code = widgets.choice("Station", words, "map_station")
rules = loaders.rules()
rule_name = right.selectbox(
    "Target events by", list(rules), key="rule", help="The paper's rule, or that of a preset or run."
)
rule = rules[rule_name]
where = (str(source.folder), source.stamp(), code, rule)
events = felt(*where)
choice: tuple = (4.0, "1900-01-01T00:00Z", "2100-01-01T00:00Z", False)
if len(events):
    ends = (events["origin_time"].min().floor("D"), events["origin_time"].max().ceil("D"))
    low, high = (end.to_pydatetime() for end in ends)
    start, end = middle.slider(
        "Time (UTC)", low, high, (low, high), format="YYYY-MM-DD", key=f"time_{source.folder.name}_{low:%Y%m%d}"
    )
    smallest = right.slider("Smallest magnitude", 2.0, 8.0, 4.0, 0.1, key="smallest")
    only = left.toggle(
        "Only target events", key="targets", help="Those that a station could possibly feel, by the rule chosen."
    )
    choice = (smallest, str(start), str(end), only)
else:
    widgets.empty("No earthquake catalogue is stored.", ".venv/bin/precursor catalogue FILE")
deck = PreparedDeck(
    spec(widgets.mode(), 330 if widgets.on_phone() else 700, where, choice),
    map_provider="maplibre",
    tooltip=maps.TOOLTIP,
)
st.pydeck_chart(
    deck,
    on_select=clicked,
    selection_mode="single-object",
    key="map",
    height=480,
    alt="Map of stations and earthquakes",
)
n_events = len(chosen_events(where, choice))
too_many = f" Only the largest {MOST_EVENTS:,} are drawn." if n_events > MOST_EVENTS else ""
st.markdown(widgets.depth_legend(maps.depth_legend(widgets.mode())))
st.caption(
    f"{n_events:,} earthquakes.{too_many} Size: magnitude. Ring: depth. Circles: how far the rule reaches "
    f"({rule_name}). Brown lines: plate boundaries (Bird 2003). Click a station, or choose it in the list or the table."
)
if code != ALL:
    details(code)
st.subheader("Stations", anchor=False)
widgets.table(
    places.drop(columns="detail"),
    on_select=row_chosen,
    selection_mode="single-row",
    key="stations",
    alt="Stations; choose one to show it on the map",
)
