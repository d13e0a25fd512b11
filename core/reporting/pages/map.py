"""The map: stations, earthquakes and how far each station could feel them, one map per source."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from core.config import DetectabilityConfig
from core.labelling import detectability
from core.loading.archive.archive import Archive
from core.reporting import geography, sentences, tables
from core.reporting.figures import theme
from core.reporting.figures.map import maps
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.record import known, record_file, station_events, strongest

MOST_EVENTS = 3000


def page(sources: Mapping[str, Archive], rule_of: Callable[[str, str], DetectabilityConfig]) -> Page:
    """
    One map and one table of stations per source.

    Parameters
    ----------
    sources : mapping of name to Archive
    rule_of : function of (source name, station code)
        The detectability rule to draw.
    """
    maps_shown, files, names = [], {}, sentences.sources(sources)
    for name, archive in sources.items():
        rows, circles, verdicts = [], {}, []
        unplaced = []
        for code in archive.stations():
            station = known(code)
            if station is None:
                unplaced.append(code)
                continue
            rule = detectability.limits(station, rule_of(name, code))
            circles[code] = rule.max_distance_km
            period = archive.period(code)
            detail = f"{tables.moment(period[0])} to {tables.moment(period[1])} UTC" if period else ""
            rows.append(
                {
                    "code": code,
                    "name": station.name,
                    "latitude_deg": station.latitude_deg,
                    "longitude_deg": station.longitude_deg,
                    "detail": detail,
                    "rule": rule.sentence(),
                }
            )
            verdicts.append(station_events(archive, code, rule_of(name, code))[0])
        places = pd.DataFrame(rows, columns=["code", "name", "latitude_deg", "longitude_deg", "detail", "rule"])
        events = pooled(verdicts)
        shown = strongest(events, MOST_EVENTS)
        csv = csv_name(f"stations-{name}", archive.synthetic)
        files[csv] = places
        figure = maps.static_map(
            places,
            shown,
            circles=circles,
            coast=geography.coast(),
            plates=geography.plates(),
            synthetic=archive.synthetic,
        )
        few = "" if len(shown) == len(events) else f" Shown are the {len(shown):,} strongest of {len(events):,} events."
        maps_shown.append(
            {
                "name": names[name],
                "synthetic": archive.synthetic,
                "plot": Plot(
                    f"map-{name}",
                    figure,
                    f"Size: magnitude; ring: depth; dotted: detectability; dash-dotted: plate boundaries. Names "
                    f"that would overlap are left out.{few}",
                    csv,
                ),
                "table": _stations(name, places, csv),
                "unplaced": unplaced,
            }
        )
    synthetic = [archive.synthetic for archive in sources.values()]
    extent = "all" if synthetic and all(synthetic) else "part" if any(synthetic) else ""
    depths = [(shade, theme.dark_of_light()[shade], text) for shade, text in maps.depth_legend()]
    return Page("map.html", "Map", "map.html.j2", {"maps": maps_shown, "depths": depths}, extent, files)


def pooled(verdicts: list[pd.DataFrame]) -> pd.DataFrame:
    """
    The events of all stations, each once: a target event if it is one of any station, else with the nearest's reason.

    `distance_km` is that to the station whose verdict is kept.
    """
    filled = [table for table in verdicts if len(table)]
    if not filled:
        return pd.DataFrame()
    every = pd.concat(filled, ignore_index=True)
    every = every.sort_values(["target", "distance_km"], ascending=[False, True], kind="stable")
    return every.drop_duplicates("event_id").sort_values("origin_time", ignore_index=True)


def _stations(source: str, places: pd.DataFrame, csv: str) -> Table:
    rows = [
        [
            Cell(row["code"], href=record_file(source, row["code"])),
            Cell(row["name"]),
            number(f"{row['latitude_deg']:.3f}°"),
            number(f"{row['longitude_deg']:.3f}°"),
            Cell(row["detail"]),
            Cell(row["rule"]),
        ]
        for row in places.to_dict("records")
    ]
    return Table("Stations", ["Code", "Name", "Latitude", "Longitude", "Record (UTC)", "Target events"], rows, csv)
