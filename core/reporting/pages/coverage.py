"""What is stored of each station, and whether it is sound: calendars, findings, gaps, what was replaced, credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core import stations
from core.loading.archive import coverage
from core.loading.archive.archive import Archive
from core.loading.record import copied_hours, quality
from core.loading.record.copied_hours import Copies
from core.reporting import credits, sentences, tables
from core.reporting.figures import theme
from core.reporting.figures.record import calendar as calendar_figures
from core.reporting.figures.record import coverage as coverage_figures
from core.reporting.figures.record import quality as quality_figures
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.reporting.pages.record import record_file

FILE = "coverage.html"
TITLE = "Coverage"
QUESTION = "Is the record sound, and how much of it is there?"
MEANING = (
    "What looks unsound is listed, and stays in the data: nothing is changed or left out because of it. A spike leaves "
    "the minutes around it for at most five minutes; a step is a level that is another one from one minute to the "
    "next; deltaF is the total field of the scalar instrument less the length of the vector. A strong sudden "
    "commencement can pass for a step where no scalar instrument saw it too. An hour occurs twice if its X, Y and Z "
    "are those of another hour of the archive, at any station. A clock is off if what another observatory feels too "
    "stands there more than a minute earlier or later for most of a month."
)
MONTHS_WORDS = "Percent of the minutes of each month that are present, and the letter of the data type of most of them."
GAP_MINUTES = 60
MOST_ROWS = 12
SNAPSHOT_COLUMNS = {
    "name": "catalogue",
    "retrieved": "stored",
    "n_events": "events",
    "start": "from",
    "end": "to",
    "digest": "digest",
    "origin": "origin",
}
FEWEST_MONTHS = 3  # of fewer, a figure by month shows nothing that the sentences do not


@dataclass(frozen=True)
class Facts:
    """What is known of a station's record: the tables that `calendar` and `quality` return."""

    days: pd.DataFrame
    months: pd.DataFrame
    summary: pd.DataFrame
    findings: pd.DataFrame
    gaps: pd.DataFrame  # of an hour and more
    revisions: pd.DataFrame

    @property
    def sentences(self) -> list[str]:
        """What was found, deltaF, the frame, what was replaced, and the gaps."""
        said = quality.sentences(self.summary, self.findings)
        said = [types, *said] if (types := credits.types(self.days)) else said
        if n := int(self.revisions["n_minutes"].sum()):
            said.append(
                f"Of {n:,} minute{'s' * (n > 1)} other values were known before; they are kept, and listed below."
            )
        if self.gaps.empty:
            return [*said, "There is no gap of an hour or more."]
        longest = self.gaps.loc[[self.gaps["n_minutes"].idxmax()]].to_dict("records")[0]
        n = len(self.gaps)
        return [
            *said,
            f"{n:,} gap{'s' * (n > 1)} of an hour or more; the longest from {tables.moment(longest['start'])} to "
            f"{tables.moment(longest['end'])} UTC.",
        ]

    def largest(self, most: int = MOST_ROWS) -> pd.DataFrame:
        """The spikes and steps that are largest, at most so many of each, without their (empty) note."""
        parts = []
        for kind in ("step", "spike"):
            rows = self.findings[self.findings["kind"] == kind]
            parts.append(rows.loc[rows["size_nt"].abs().sort_values(ascending=False).index[:most]])
        return pd.concat(parts, ignore_index=True).drop(columns="note")

    def latest_revisions(self, most: int = MOST_ROWS) -> pd.DataFrame:
        """What was replaced last, at most so many rows, the newest first."""
        return self.revisions[::-1].head(most).reset_index(drop=True)

    def longest_gaps(self, most: int = MOST_ROWS) -> pd.DataFrame:
        """The longest gaps, at most so many."""
        return self.gaps.sort_values("n_minutes", ascending=False).head(most).reset_index(drop=True)


def facts(archive: Archive, code: str, copies: Copies | None = None) -> Facts:
    """Everything this page says about a station; `copies`: what stands twice in the archive, if that is known."""
    days = coverage.days(archive.folder, code)
    summary, findings = quality.report(archive, code, copies=copies)
    gaps, replaced = archive.gaps(code, GAP_MINUTES), archive.revisions(code)
    return Facts(days, coverage.months(days), summary, findings, gaps, replaced)


def snapshots(archive: Archive, most: int = MOST_ROWS) -> pd.DataFrame:
    """
    The snapshots of the catalogues that were replaced at least once, the newest first, at most so many of each.

    Columns catalogue, stored (UTC), n_events, first and last (of the period covered), digest (12 letters), origin.
    """
    parts = [archive.history(str(name)) for name in archive.catalogues()["name"]]
    rows = [part[::-1].head(most) for part in parts if len(part) > 1]
    if not rows:
        return pd.DataFrame(columns=list(SNAPSHOT_COLUMNS))
    table = pd.concat(rows, ignore_index=True)
    table["retrieved"] = pd.to_datetime(table["retrieved"], utc=True)
    table["digest"] = table["digest"].str[:12]
    return table[list(SNAPSHOT_COLUMNS)].rename(columns=SNAPSHOT_COLUMNS)


def page(sources: Mapping[str, Archive]) -> Page:
    """
    The page of the static site.

    Parameters
    ----------
    sources : mapping of name to Archive
        The real archive and the stored synthetic worlds.
    """
    synthetic = [archive.synthetic for archive in sources.values()]
    extent = "all" if synthetic and all(synthetic) else "part" if any(synthetic) else ""
    names = sentences.sources(sources)
    files: dict[str, pd.DataFrame] = {}
    shown = [_source(name, names[name], archive, files) for name, archive in sources.items() if archive.stations()]
    content = {"sources": shown, "question": QUESTION, "meaning": MEANING}
    return Page(FILE, TITLE, "coverage.html.j2", content, extent, files)


def credits_table(codes: list[str]) -> pd.DataFrame:
    """Station, institute, credit and licence of the data, as the table of stations states them."""
    known = stations.table()
    return pd.DataFrame(
        [
            {"station": code, "institute": one.institute, "credit": one.credit, "licence": one.licence}
            for code in codes
            if (one := known.get(code)) is not None
        ],
        columns=["station", "institute", "credit", "licence"],
    )


def _source(name: str, called: str, archive: Archive, files: dict[str, pd.DataFrame]) -> dict[str, Any]:
    rows, sections = [], []
    csv = {kind: csv_name(f"{kind}-{name}", archive.synthetic) for kind in ("quality", "findings", "credits")}
    copies = copied_hours.find(archive)
    known = {code: facts(archive, code, copies) for code in archive.stations()}
    for code, one in known.items():
        rows.append(_row(name, code, one))
        sections.append(_section(name, code, one, archive.synthetic))
    files[csv["quality"]] = pd.concat([one.summary for one in known.values()], ignore_index=True)
    files[csv["findings"]] = pd.concat(
        [one.findings.assign(station=code) for code, one in known.items()], ignore_index=True
    )
    if not archive.synthetic:
        files[csv["credits"]] = credits_table(list(known))
    head = ["Station", "From", "To", "Present", "Data types", "Spikes", "Steps", "deltaF far off", "Frame"]
    return {
        "name": called,
        "synthetic": archive.synthetic,
        "plot": Plot(
            f"coverage-{name}",
            coverage_figures.coverage(archive.coverage(), synthetic=archive.synthetic),
            "Share of the minutes of each year that are present, station by year.",
        ),
        "table": Table("Every station", head, rows, csv["quality"]),
        "findings_csv": csv["findings"],
        "credits_csv": "" if archive.synthetic else csv["credits"],
        "stations": sections,
        "snapshots": _snapshots(archive),
    }


def _row(name: str, code: str, one: Facts) -> list[Cell]:
    total = one.summary[["n_minutes", "n_present", "n_spikes", "n_steps", "n_delta_f_out"]].sum()
    frames = ", ".join(dict.fromkeys(one.summary["frame"]))
    types = ", ".join(dict.fromkeys(", ".join(one.months["data_types"]).split(", ")))
    n_minutes = 1440 * ((one.days["day"].iloc[-1] - one.days["day"].iloc[0]).days + 1) if len(one.days) else 1
    return [
        Cell(code, href=record_file(name, code)),
        number(f"{one.days['day'].iloc[0]:%Y-%m-%d}" if len(one.days) else tables.DASH),
        number(f"{one.days['day'].iloc[-1]:%Y-%m-%d}" if len(one.days) else tables.DASH),
        number(theme.percent(float(total["n_present"]) / n_minutes)),
        Cell(types),
        number(f"{int(total['n_spikes']):,}"),
        number(f"{int(total['n_steps']):,}"),
        number(f"{int(total['n_delta_f_out']):,}"),
        Cell(frames),
    ]


def _section(name: str, code: str, one: Facts, synthetic: bool) -> dict[str, Any]:
    known = stations.table().get(code)
    plots = [
        Plot(
            f"calendar-{name}-{code}",
            calendar_figures.months(one.months, synthetic=synthetic),
            MONTHS_WORDS,
        )
    ]
    if len(one.summary) >= FEWEST_MONTHS:
        plots.append(
            Plot(
                f"quality-{name}-{code}",
                quality_figures.quality(one.summary, synthetic=synthetic),
                "Month by month: spikes and steps found, deltaF, and the declination less that of IGRF (grey: within "
                "one degree).",
            )
        )
    return {
        "code": code,
        "title": f"{code} {known.name}" if known is not None else code,
        "sentences": one.sentences,
        "plots": plots,
        "largest": _largest(one),
        "gaps": _gaps(one),
        "revisions": _revisions(one),
        "credit": "" if synthetic else credits.sentence(code, one.days),
    }


def _largest(one: Facts) -> Table | None:
    found = one.largest(5)
    if found.empty:
        return None
    rows = [
        [
            Cell(row["kind"]),
            Cell(tables.moment(row["start"])),
            Cell(row["component"]),
            number(f"{row['size_nt']:+,.1f}"),
        ]
        for row in found.to_dict("records")
    ]
    return Table("The largest steps and spikes", ["What", "When (UTC)", "Component", "Size, nT"], rows)


def _revisions(one: Facts) -> Table | None:
    found = one.latest_revisions(5)
    if found.empty:
        return None
    rows = [
        [
            Cell(tables.moment(row["superseded"])),
            Cell(f"{row['data_type']} by {row['by_type']}"),
            Cell(tables.moment(row["start"])),
            Cell(tables.moment(row["end"])),
            number(f"{row['n_minutes']:,}"),
            number(f"{row['largest_change_nt']:,.1f}"),
        ]
        for row in found.to_dict("records")
    ]
    head = ["When (UTC)", "What", "From (UTC)", "To (UTC)", "Minutes", "Largest change, nT"]
    return Table("What was replaced", head, rows)


def _snapshots(archive: Archive) -> Table | None:
    found = snapshots(archive, 5)
    if found.empty:
        return None
    rows = [
        [
            Cell(row["catalogue"]),
            Cell(tables.moment(row["stored"])),
            number(f"{row['events']:,}"),
            Cell(row["digest"]),
            Cell(row["origin"]),
        ]
        for row in found.to_dict("records")
    ]
    return Table("Snapshots of the catalogues", ["Catalogue", "Stored (UTC)", "Events", "Digest", "From"], rows)


def _gaps(one: Facts) -> Table | None:
    found = one.longest_gaps(5)
    if found.empty:
        return None
    rows = [
        [Cell(tables.moment(row["start"])), Cell(tables.moment(row["end"])), number(f"{row['n_minutes']:,}")]
        for row in found.to_dict("records")
    ]
    return Table("The longest gaps", ["From (UTC)", "To (UTC)", "Minutes"], rows)
