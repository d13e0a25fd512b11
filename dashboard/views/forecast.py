"""Forecast: a trained run slides over the record, and the ledger of the forecasts written down."""

import streamlit as st

from core.data_folder import data_dir
from core.forecasting import scan
from core.forecasting.ledger import Ledger
from core.loading.archive.archive import Archive
from core.reporting import introduction, sentences
from core.reporting.figures.record import forecast as figures
from core.reporting.figures.run import windows as window_figures
from core.reporting.tables import base_rate
from core.runs.runs import Run
from dashboard import jobs, loaders, span, tables, widgets

LEDGER = (
    "id",
    "station",
    "valid_from",
    "valid_until",
    "network_number",
    "in_training",
    "answer",
    "written",
    "data",
    "run_id",
    "issued_at",
    "data_until",
    "threshold",
    "digest",
)
STEPS = {60: "every hour", 180: "every 3 hours", 360: "every 6 hours", 1440: "every day"}


def scanned(run: Run, source: Archive, station: str) -> None:
    """The stored scan of a run over a station, under the field and the target events."""
    series = scan.load(data_dir(), run.run_id, station)
    if series is None or series.empty:
        command = f"scan {run.run_id} --station {station}"
        widgets.empty(f"This run has not been slid over {station} yet.", f"precursor {command}", filled_by=(command,))
        return
    spans = span.scanned(series)
    start, end = spans[st.selectbox("Show", list(spans), key=f"span_{run.run_id}_{station}")]
    part = series[(series["end"] > start) & (series["start"] < end)]
    used = window_figures.used(run.windows, station)
    drawn = loaders.stretch(source, station, start, end, run.config.detectability)
    figure = figures.scan(
        part,
        threshold=run.config.training.threshold,
        chance=base_rate(run.predictions),
        use=used[(used["end"] > start) & (used["start"] < end)],
        **drawn,
        synthetic=run.synthetic,
        mode=widgets.mode(),
    )
    widgets.plot(figure, key="scan", alt=f"Probability given by the run over time at {station}, under the field")
    st.caption(
        f"Run **{run.run_id}** over {station}: {len(part):,} windows, "
        f"{sentences.without_probability(part['rejected'])}. Each value stands where its window ends. "
        "The grey line is the share of positives in training. The ribbon says which windows the run was trained and "
        "judged on; where the lowest panel is shaded, *trained here*, it looks better than it is."
    )
    widgets.credit(source, station, drawn["events"])
    tables.download(part, f"{run.run_id}_{station}_scan")


def start_scan(run: Run, station: str) -> None:
    """A control that starts the scan as a job."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = st.selectbox("A window starts", list(STEPS), index=2, format_func=STEPS.get, key="step", width=200)
        if st.button(
            "Slide this run over the record", icon=":material/play_arrow:", disabled=jobs.running() is not None
        ):
            arguments = ["scan", run.run_id, "--station", station, "--step-minutes", str(step)]
            if jobs.start(arguments, f"Scanning {station} with {run.run_id}"):
                st.rerun()


def ledger(run: Run | None) -> None:
    """Every forecast written down so far, and whether the chain is whole."""
    st.header("Ledger", anchor=False)
    st.markdown(
        f"{introduction.LEDGER} Each row carries a digest of the row before it. *Retrospective* rows "
        "were written after their period had begun; they do not count."
    )
    chain = Ledger(data_dir() / "ledger.sqlite").read()
    if not chain.rows:
        name = run.run_id if run is not None else "RUN"
        command = f"precursor update {name}"
        widgets.empty("No forecast has been written down yet.", command, filled_by=("update", "demo"))
        return
    problems, table = chain.problems(), chain.table()
    if problems:
        st.error("The ledger was changed after it was written. " + sentences.plain(" ".join(problems)))
    else:
        n_before = int((~table["retrospective"].astype(bool)).sum())
        st.success(
            f"The chain of {len(table):,} forecasts is whole; {n_before:,} were written in time, by their own "
            f"clock. Its last digest is `{chain.head}`."
        )
    for synthetic in (False, True):
        part = table[table["synthetic"].astype(bool) == synthetic]
        if part.empty:
            continue
        kind = "synthetic" if synthetic else "real"
        st.subheader(f"Forecasts from {kind} data", anchor=False)
        widgets.synthetic_badge(synthetic)
        widgets.plot(
            figures.ledger(part, synthetic=synthetic, mode=widgets.mode()),
            key=f"ledger_{kind}",
            alt=f"Each forecast from {kind} data over its period of validity, at the height of the network's number",
        )
    known = {name: base_rate(loaders.run(name).predictions) for name in loaders.runs()["run_id"]}
    shown = table.assign(
        network_number=table["probability"],
        in_training=table["run_id"].map(known),
        answer=(table["probability"] >= table["threshold"]).map({True: "alarm", False: "no alarm"}),
        written=table["retrospective"].map({True: "retrospective", False: introduction.IN_TIME}),
        data=table["synthetic"].map({True: "synthetic", False: "real"}),
    ).iloc[::-1]
    st.subheader("All forecasts", anchor=False)
    tables.show(shown[list(LEDGER)], alt="The forecasts in the ledger, newest first")
    st.caption(introduction.LEDGER_NUMBER)
    tables.download(table, "ledger")


widgets.page_head(
    "Forecast",
    "What does a trained run say about every hour of the record, and what was written down, by its own clock, in time?",
)
run = widgets.run_picker(first=lambda run_id: scan.folder(data_dir(), run_id).is_dir())
if run is not None:
    widgets.caveats(run)
    st.header("Scan", anchor=False)
    station = widgets.station_picker(list(run.config.data.stations))
    source = loaders.source_of(run.config)
    if source is None or station not in source.stations():
        st.info(f"The minute data of {station} are no longer stored here, so the run cannot be slid over them.")
    else:
        scanned(run, source, station)
        if not jobs.read_only():
            start_scan(run, station)
ledger(run)
