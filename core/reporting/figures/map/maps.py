"""The map: an interactive one for the dashboard (deck.gl on our own base map) and a plain one for the static site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pydeck

from core.reporting.figures import theme
from core.reporting.figures.map import projection
from core.reporting.figures.record import events as quakes
from core.reporting.figures.theme import Mode

PLAIN_WIDTH = 900  # pixels of the plain map on a usual screen; names that would overlap there are left out
DOTS = {"get_position": "p", "radius_units": "'pixels'"}
TOOLTIP = {"html": "<b>{name}</b><br>{detail}"}


def deck_spec(
    stations: pd.DataFrame,
    events: pd.DataFrame | None = None,
    *,
    circles: Mapping[str, float] | None = None,
    plates: Mapping[str, Any] | None = None,
    style: str = "app/static/basemap_light.json",
    selected: str = "",
    view: tuple[float, float, float] | None = None,
    mode: Mode = "light",
) -> str:
    """
    The map as a compact deck.gl JSON text, ready to be cached.

    Layers, from below: "plates", "circles", "events", "targets" (a dot in the middle of target events), "stations",
    "names" (of those that do not overlap at the opening zoom). Stations and events can be picked and have the same
    tooltip columns `name` and `detail`; use `TOOLTIP`, in which they are escaped.

    Parameters
    ----------
    stations : DataFrame
        code, name, latitude_deg, longitude_deg, and where wanted detail (text of the tooltip).
    events : DataFrame, optional
        latitude_deg, longitude_deg, magnitude, depth_km, origin_time, and where known target, reason, distance_km.
        Size is magnitude, the ring is depth (see `theme.DEPTH_BINS`), the fill says target or other event.
    circles : mapping of station code to km, optional
        Detectability circles.
    plates : GeoJSON mapping, optional
        Plate boundaries, drawn as lines.
    style : str
        URL of the MapLibre style of this mode.
    selected : str
        Code of the station to highlight.
    view : (longitude_deg, latitude_deg, zoom), optional
        Default: all stations and circles.
    """
    longitude, latitude, zoom = view or projection.fitting_view(stations, circles or {})
    # deck.gl draws each thing once: where it lies nearest to the middle, also across the date line
    stations = stations.assign(longitude_deg=projection.near_meridian(stations["longitude_deg"], longitude))
    ink, paper = _rgb(theme.colour("station", mode)), _rgb("#ffffff" if mode == "light" else "#0f151c")
    layers = []
    if plates:
        layers.append(_plates(projection.turned_lines(plates, longitude), mode))
    if circles:
        layers.append(_circles(stations, circles, mode))
    if events is not None and len(events):
        moved = events.assign(longitude_deg=projection.near_meridian(events["longitude_deg"], longitude))
        layers += _events(moved, paper, mode)
    layers += _stations(stations, selected, zoom, ink, paper)
    deck = pydeck.Deck(
        map_provider="maplibre",
        map_style=style,
        initial_view_state=pydeck.ViewState(longitude=longitude, latitude=latitude, zoom=zoom, min_zoom=0, max_zoom=10),
        layers=layers,
    )
    # pydeck indents its JSON: 16 times the size
    return json.dumps(json.loads(deck.to_json()), separators=(",", ":"))


def event_radius(magnitude: Any) -> np.ndarray:
    """Radius in pixels: doubles with every 1.5 magnitudes, from 2 to 24."""
    radius: np.ndarray = 4.0 * 2 ** ((np.nan_to_num(np.asarray(magnitude, dtype=float), nan=0.0) - 4.0) / 1.5)
    return radius.clip(2.0, 24.0)


def depth_colours(depth_km: Any, mode: Mode = "light") -> list[str]:
    """The ring colour of each depth; unknown depths are grey."""
    depth = np.asarray(depth_km, dtype=float)
    colours = [shade for shade, _ in depth_legend(mode)]
    place = np.clip(np.searchsorted([limit for limit, _ in theme.DEPTH_BINS], depth), 0, len(colours) - 1)
    grey = theme.colour("chance", mode)
    return [colours[i] if known else grey for i, known in zip(place, np.isfinite(depth), strict=True)]


def depth_legend(mode: Mode = "light") -> list[tuple[str, str]]:
    """(colour, words) of each depth bin, shallow first, for a legend beside the map."""
    limits = [0, *(limit for limit, _ in theme.DEPTH_BINS)]
    words = [f"{low} to {high} km" for low, high in pairwise(limits)]
    words[-1] = f"deeper than {limits[-2]} km"
    return [(pair[0 if mode == "light" else 1], word) for (_, pair), word in zip(theme.DEPTH_BINS, words, strict=True)]


def event_legend(mode: Mode = "light") -> list[tuple[str, str]]:
    """(colour, words) of the two kinds of events."""
    return [(theme.colour(f"{kind}_event", mode), f"{kind} event") for kind in ("target", "other")]


def static_map(
    stations: pd.DataFrame,
    events: pd.DataFrame | None = None,
    *,
    circles: Mapping[str, float] | None = None,
    coast: Mapping[str, Any] | None = None,
    plates: Mapping[str, Any] | None = None,
    synthetic: bool = False,
    mode: Mode = "light",
) -> go.Figure:
    """
    The same map as plain lines and markers in Mercator projection; needs neither WebGL nor a network.

    Parameters
    ----------
    stations, events, circles, plates
        As for `deck_spec`.
    coast : GeoJSON mapping, optional
        Lines of the coast.
    synthetic : bool
        Stamp the figure.
    """
    west, east, south, north = projection.bounds(stations, circles or {})
    height = projection.mercator(north) - projection.mercator(south)
    # drawn somewhat beyond the map: a narrow screen shows more to the north and south, a wide one to the sides
    box = projection.grown((west, east, south, north), 0.6 * (east - west), 0.9 * height)
    view = projection.grown((west, east, south, north), 0.04 * (east - west), 0.04 * height)
    fig = theme.figure(height=560, margin={"l": 48, "r": 12, "t": 36, "b": 36}, synthetic=synthetic, mode=mode)
    if coast:
        fig.add_trace(_lines(coast, box, {"color": theme.colour("chance", mode), "width": 1}, "coast", False))
    if plates:
        line = {"color": _plate_colour(mode), "width": 1.2, "dash": "dashdot"}
        fig.add_trace(_lines(plates, box, line, "plate boundary", True))
    for code, radius_km in (circles or {}).items():
        for row in theme.rows(stations[stations["code"] == code]):
            ring = projection.circle(row["latitude_deg"], projection.near(row["longitude_deg"], box), radius_km)
            fig.add_trace(
                go.Scatter(
                    x=ring[:, 0],
                    y=projection.mercator(ring[:, 1]),
                    mode="lines",
                    line={"color": theme.colour("station", mode), "width": 1, "dash": "dot"},
                    name="detectability",
                    legendgroup="circle",
                    showlegend=code == next(iter(circles or {})),
                    hoverinfo="skip",
                )
            )
    if events is not None and len(events):
        fig.add_traces(_event_dots(events, box, mode))
    longitude = projection.near(stations["longitude_deg"], box)
    zoom = np.log2(360 * PLAIN_WIDTH / 512 / (view[1] - view[0]))
    named = projection.apart(longitude, stations["latitude_deg"], zoom, np.zeros(len(stations)), width=34, height=16)
    fig.add_trace(
        go.Scatter(
            x=longitude,
            y=projection.mercator(stations["latitude_deg"].to_numpy(dtype=float)),
            text=[
                f"<b>{theme.words(code)}</b>" if fits else ""
                for code, fits in zip(stations["code"], named, strict=True)
            ],
            mode="markers+text",
            textposition="top center",
            marker={"symbol": "triangle-up", "size": 13, "color": theme.colour("station", mode)},
            name="station",
            hovertext=[f"<b>{name}</b><br>{detail}" for name, detail in _station_words(stations, theme.words)],
            hoverinfo="text",
        )
    )
    ticks_x, ticks_y = projection.degree_ticks(view[:2], box[:2]), projection.degree_ticks(view[2:], box[2:])
    fig.update_xaxes(
        range=[view[0], view[1]],
        tickvals=ticks_x,
        ticktext=[projection.degree_words(projection.wrap(v), "WE") for v in ticks_x],
        constrain="range",
    )
    fig.update_yaxes(
        range=[float(projection.mercator(view[2])), float(projection.mercator(view[3]))],
        tickvals=[float(projection.mercator(v)) for v in ticks_y],
        ticktext=[projection.degree_words(v, "SN") for v in ticks_y],
        scaleanchor="x",
        constrain="range",
    )
    return fig.update_layout(dragmode="pan")


def _plates(plates: Mapping[str, Any], mode: Mode) -> pydeck.Layer:
    return pydeck.Layer(
        "GeoJsonLayer",
        id="plates",
        data=dict(plates),
        stroked=True,
        filled=False,
        get_line_color=[*_rgb(_plate_colour(mode)), 200],
        line_width_units="'pixels'",
        get_line_width=1.3,
        pickable=False,
    )


def _circles(stations: pd.DataFrame, circles: Mapping[str, float], mode: Mode) -> pydeck.Layer:
    rows = [
        {"path": projection.circle(row["latitude_deg"], row["longitude_deg"], circles[row["code"]]).round(3).tolist()}
        for row in theme.rows(stations)
        if row["code"] in circles
    ]
    return pydeck.Layer(
        "PathLayer",
        id="circles",
        data=rows,
        get_path="path",
        get_color=[*_rgb(theme.colour("station", mode)), 150],
        width_units="'pixels'",
        get_width=1.4,
        pickable=False,
    )


def _events(events: pd.DataFrame, paper: list[int], mode: Mode) -> list[pydeck.Layer]:
    events = events.sort_values("magnitude", ascending=False)  # small ones on top of large ones
    rings = depth_colours(events["depth_km"], mode)
    rows = [
        {
            "p": [round(float(lon), 3), round(float(lat), 3)],
            "r": round(float(radius), 1),
            "c": [*_rgb(theme.colour("target_event" if target else "other_event", mode)), 190 if target else 130],
            "l": _rgb(ring),
            "name": name,
            "detail": detail,
        }
        for lon, lat, radius, target, ring, (name, detail) in zip(
            events["longitude_deg"],
            events["latitude_deg"],
            event_radius(events["magnitude"]),
            quakes.is_target(events),
            rings,
            _event_words(events),
            strict=True,
        )
    ]
    dots = pydeck.Layer(
        "ScatterplotLayer",
        id="events",
        data=rows,
        **DOTS,
        get_radius="r",
        get_fill_color="c",
        stroked=True,
        get_line_color="l",
        line_width_units="'pixels'",
        get_line_width=1.6,
        pickable=True,
    )
    centres = pydeck.Layer(  # so that target events differ by more than their colour
        "ScatterplotLayer",
        id="targets",
        data=[{"p": row["p"]} for row, chosen in zip(rows, quakes.is_target(events), strict=True) if chosen],
        **DOTS,
        get_radius=1.7,
        get_fill_color=paper,
        pickable=False,
    )
    return [dots, centres]


def _stations(
    stations: pd.DataFrame, selected: str, zoom: float, ink: list[int], paper: list[int]
) -> list[pydeck.Layer]:
    rows = [
        {
            "p": [row["longitude_deg"], row["latitude_deg"]],
            "code": row["code"],
            "r": 10 if row["code"] == selected else 7,
            "w": 4 if row["code"] == selected else 2,
            "name": name,
            "detail": detail,
        }
        for row, (name, detail) in zip(theme.rows(stations), _station_words(stations), strict=True)
    ]
    dots = pydeck.Layer(
        "ScatterplotLayer",
        id="stations",
        data=rows,
        **DOTS,
        get_radius="r",
        get_fill_color=ink,
        stroked=True,
        get_line_color=paper,
        line_width_units="'pixels'",
        get_line_width="w",
        pickable=True,
    )
    named = projection.apart(
        stations["longitude_deg"], stations["latitude_deg"], zoom, stations["code"] == selected, width=34, height=16
    )
    names = pydeck.Layer(
        "TextLayer",
        id="names",
        data=[row for row, fits in zip(rows, named, strict=True) if fits],
        get_position="p",
        get_text="code",
        get_size=14,
        get_color=ink,
        get_pixel_offset=[0, -18],
        font_weight=700,
        font_settings={"sdf": True},
        outline_width=4,
        outline_color=[*paper, 230],
        pickable=False,
    )
    return [dots, names]


def _lines(shapes: Mapping[str, Any], box: projection.Box, line: dict[str, Any], name: str, legend: bool) -> go.Scatter:
    x, y = projection.clipped_lines(shapes, box)
    return go.Scatter(
        x=x.astype(np.float32),
        y=projection.mercator(y).astype(np.float32),
        mode="lines",
        line=line,
        name=name,
        hoverinfo="skip",
        showlegend=legend,
    )


def _event_dots(events: pd.DataFrame, box: projection.Box, mode: Mode) -> list[go.Scatter]:
    shown = events.sort_values("magnitude", ascending=False)  # small ones on top of large ones
    target = quakes.is_target(shown)
    longitude = projection.near(shown["longitude_deg"], box)
    latitude = shown["latitude_deg"].to_numpy(dtype=float)
    inside = (longitude >= box[0]) & (longitude <= box[1]) & (latitude >= box[2]) & (latitude <= box[3])
    size = 2 * event_radius(shown["magnitude"])
    ring = np.array(depth_colours(shown["depth_km"], mode), dtype=object)
    words = np.array(quakes.words(shown), dtype=object)
    kinds = [(~target & inside, "other event", "other_event"), (target & inside, "target event", "target_event")]
    return [
        go.Scatter(
            x=longitude[chosen].astype(np.float32),
            y=projection.mercator(latitude[chosen]).astype(np.float32),
            mode="markers",
            marker={
                "size": size[chosen].round(1),
                "color": theme.fade(theme.colour(meaning, mode), 0.7 if meaning == "target_event" else 0.4),
                "symbol": "diamond" if meaning == "target_event" else "circle",
                "line": {"width": 1.2, "color": ring[chosen]},
            },
            name=name if "target" in events else "earthquake",
            hovertext=words[chosen],
            hoverinfo="text",
        )
        for chosen, name, meaning in kinds
        if chosen.any()
    ]


def _station_words(stations: pd.DataFrame, escape: Callable[[Any], str] = str) -> list[tuple[str, str]]:
    return [
        (
            escape(f"{row['code']} {row['name']}"),
            escape(
                row["detail"]
                if row.get("detail")
                else projection.place_words(row["latitude_deg"], row["longitude_deg"])
            ),
        )
        for row in theme.rows(stations)
    ]


def _event_words(events: pd.DataFrame) -> list[tuple[str, str]]:
    # the tooltip escapes what it inserts: plain words, no markup
    texts = []
    for row in theme.rows(events):
        parts = [f"{row['depth_km']:.0f} km deep"] if pd.notna(row["depth_km"]) else []
        parts += [f"{row['distance_km']:.0f} km away"] if pd.notna(row.get("distance_km")) else []
        if "target" in row:
            parts.append("target event" if row["target"] else f"not a target event: {row['reason']}")
        texts.append((f"M {row['magnitude']:.1f}, {row['origin_time']:%Y-%m-%d %H:%M} UTC", ", ".join(parts)))
    return texts


def _plate_colour(mode: Mode) -> str:
    return theme.colour("other_event", mode)


def _rgb(hex_colour: str) -> list[int]:
    return [int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]
