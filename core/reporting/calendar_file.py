"""The calendars of all stations of an archive as one HTML file that opens without a network."""

from __future__ import annotations

import html as markup

from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from core.reporting import credits
from core.reporting.figures.record import calendar as figures

_STYLE = "body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem; background: #fff; }"


def html(archive: Archive) -> str:
    """A calendar of months with the data type for each station, its credit below it."""
    from plotly.offline import get_plotlyjs

    parts = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8"><title>Coverage</title>']
    parts += ['<meta name="viewport" content="width=device-width, initial-scale=1">', f"<style>{_STYLE}</style>"]
    parts += [f"<script>{get_plotlyjs()}</script></head><body><h1>Coverage</h1>"]
    for code in archive.stations():
        days = coverage.days(archive.folder, code)
        figure = figures.months(coverage.months(days), synthetic=archive.synthetic)
        said = [credits.types(days)] if archive.synthetic else [credits.types(days), credits.sentence(code, days)]
        parts.append(f"<h2>{markup.escape(code)}</h2>")
        parts.append(figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"calendar-{code}"))
        parts.append(f"<p>{markup.escape(' '.join(said))}</p>")
    return "\n".join([*parts, "</body></html>", ""])
