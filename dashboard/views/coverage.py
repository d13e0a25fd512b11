"""Coverage: what is stored of a station, day by day, and whether it is sound."""

import streamlit as st

from core.reporting import credits, sentences
from core.reporting.figures.record import calendar as calendar_figures
from core.reporting.figures.record import coverage as coverage_figures
from core.reporting.figures.record import quality as quality_figures
from core.reporting.pages import coverage
from dashboard import jobs, loaders, tables, widgets

WORDS = {
    "kind": "what",
    "n_minutes": "minutes",
    "superseded": "replaced",
    "by_type": "replaced by",
    "largest_change_nt": "largest change_nt",
}


def stored(known: coverage.Facts) -> None:
    """The calendar of the station, year by month, and the days of one year."""
    st.header("What is stored", anchor=False)
    mode, synthetic = widgets.mode(), source.synthetic
    widgets.plot(
        calendar_figures.months(known.months, synthetic=synthetic, mode=mode),
        key="months",
        alt=f"Percent of the minutes of {station} present in each month, with the data type",
    )
    st.caption(
        "Percent of the minutes of each month that are present, and the letter of the data type of most of them."
    )
    years = sorted({int(year) for year in known.days["day"].dt.year}, reverse=True)
    year = st.selectbox("Days of the year", years, key="year", width=150)
    widgets.plot(
        calendar_figures.days(known.days, year, synthetic=synthetic, mode=mode),
        key="days",
        alt=f"Days of {year} with data of {station}",
    )


def sound(known: coverage.Facts) -> None:
    """What looks unsound: by month, the largest of it, and the gaps."""
    st.header("Is it sound?", anchor=False)
    st.markdown(coverage.MEANING)
    if len(known.summary) >= coverage.FEWEST_MONTHS:
        widgets.plot(
            quality_figures.quality(known.summary, synthetic=source.synthetic, mode=widgets.mode()),
            key="quality",
            alt=f"Spikes and steps, deltaF and declination of {station} by month",
        )
        st.caption("Grey in the last panel: within one degree of IGRF.")
    with st.expander("Month by month"):
        tables.show(known.summary.drop(columns="station").rename(columns=WORDS), alt=f"Quality of {station} by month")
    largest, gaps = (table.rename(columns=WORDS) for table in (known.largest(), known.longest_gaps()))
    if len(largest):
        st.markdown("**The largest steps and spikes**")
        tables.show(largest.drop(columns="end"), alt=f"The largest steps and spikes of {station}")
    if len(gaps):
        st.markdown("**The longest gaps**")
        tables.show(gaps, alt=f"The longest gaps of {station}")
    if len(known.revisions):
        st.markdown("**What was replaced last**: earlier values are kept")
        tables.show(known.latest_revisions().rename(columns=WORDS), alt=f"Values of {station} that were replaced")
    if not jobs.read_only():
        tables.download(known.findings, f"{station}_findings", "Download every finding (CSV)")


widgets.page_head(coverage.TITLE, coverage.QUESTION)
source = widgets.source()
if source is None:
    widgets.no_data()
    st.stop()
widgets.synthetic_badge(source.synthetic)
codes = source.stations()
if len(codes) > 1:
    widgets.plot(
        coverage_figures.coverage(loaders.coverage(source), synthetic=source.synthetic, mode=widgets.mode()),
        key="coverage",
        alt="Percent of the minutes of each year that are present, station by year",
    )
station = widgets.station_picker(loaders.by_amount(source))
facts = loaders.facts(source, station)
st.markdown("\n".join(f"- {sentence}" for sentence in facts.sentences))
stored(facts)
sound(facts)
snapshots = loaders.snapshots(source)
if len(snapshots):
    with st.expander("Earthquake catalogues: every snapshot of those that were replaced"):
        tables.show(snapshots, alt="Snapshots of the stored catalogues")
if not source.synthetic:
    st.caption(sentences.plain(credits.sentence(station, facts.days)))
