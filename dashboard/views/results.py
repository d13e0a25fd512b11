"""Results: one run, whole: what it got right and wrong, with chance beside every score."""

import pandas as pd
import streamlit as st
import tomli_w

from core.evaluation import scores
from core.experiments.runs import scored_split
from core.reporting.figures import confusion, curves
from core.reporting.figures import record as record_figures
from dashboard import loaders, widgets

SPLITS = {"test": "Test windows, kept aside", "validation": "Validation windows", "train": "Training windows"}
KEY_SCORES = (
    "station",
    "n",
    "n_positive",
    "auc",
    "auc_low",
    "auc_high",
    "accuracy",
    "majority_share",
    "precision",
    "recall",
    "false_alarm_rate",
    "mcc",
    "brier",
    "brier_reference",
)
WEEK = pd.Timedelta(days=7)


def headline() -> None:
    """The scores of all stations together, each beside what chance would reach, and one sentence."""
    columns = st.columns(4)
    card = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}
    interval = "" if pd.isna(pooled["auc_low"]) else f" (95 %: {pooled['auc_low']:.2f} to {pooled['auc_high']:.2f})"
    columns[0].metric(
        f"AUC{interval}",
        widgets.score(pooled["auc"]),
        "chance: 0.50",
        help="Probability that a positive window gets a higher value than a negative one.",
        **card,
    )
    columns[1].metric(
        "Accuracy",
        widgets.score(pooled["accuracy"]),
        f"majority share: {pooled['majority_share']:.2f}",
        help="The majority share is what always giving the same answer would reach.",
        **card,
    )
    columns[2].metric(
        "MCC",
        widgets.score(pooled["mcc"]),
        "chance: 0.00",
        help="Correlation between alarm and event: 0 by chance, 1 if every window is right.",
        **card,
    )
    columns[3].metric("Windows", f"{int(pooled['n']):,}", f"{int(pooled['n_positive']):,} positive", **card)
    st.markdown(f"**{verdict(pooled['auc_low'], pooled['auc_high'])}**")
    widgets.run_caption(run, SPLITS[split].lower())


def verdict(low: float, high: float) -> str:
    """One sentence about the AUC's interval and chance."""
    but = " Read the warnings above before believing it." if run.caveats else ""
    if pd.isna(low):
        return (
            "The AUC has no interval here (too few windows, one class only, or a constant output): nothing can be said."
        )
    if low > 0.5:
        return f"Above chance on these windows: the AUC's interval, {low:.2f} to {high:.2f}, lies above 0.5.{but}"
    if high < 0.5:
        return f"Below chance on these windows: the AUC's interval, {low:.2f} to {high:.2f}, lies below 0.5.{but}"
    return f"No skill above chance: the AUC's interval, {low:.2f} to {high:.2f}, contains 0.5."


def judged() -> None:
    """What the run got right and wrong at a threshold, recomputed from the stored predictions."""
    left, right = st.columns([2, 3])
    with left:
        counts = scores.confusion(rows["label"].to_numpy(), rows["probability"].to_numpy(), threshold)
        widgets.plot(
            confusion.matrix(counts, threshold=threshold, **look),
            key="confusion",
            alt=", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts.items()),
        )
    with right:
        table = scores.table(rows, threshold)
        widgets.table(table[list(KEY_SCORES)], alt="Scores per station")
        st.caption("Chance: AUC 0.5, accuracy = majority share, MCC 0, Brier = Brier of the class share.")
        widgets.download(table, f"{run.run_id}_{split}_scores")
    widgets.run_caption(run, f"{SPLITS[split].lower()}, threshold {threshold:.2f}")


def curves_shown() -> None:
    """How the training went, the ROC, and how the probabilities are spread."""
    left, right = st.columns(2)
    with left:
        st.subheader("Training", anchor=False)
        validation = run.scores[(run.scores["split"] == "validation") & (run.scores["station"] == "all")]
        share = float(validation["majority_share"].iloc[0]) if len(validation) else None
        widgets.plot(
            curves.history(run.history, majority_share=share, **look),
            key="history",
            alt="Accuracy and loss over the epochs",
        )
    with right:
        st.subheader("ROC", anchor=False)
        figure = curves.roc(
            scores.roc(rows["label"].to_numpy(), rows["probability"].to_numpy()),
            auc=pooled["auc"],
            low=pooled["auc_low"],
            high=pooled["auc_high"],
            threshold=threshold,
            **look,
        )
        widgets.plot(figure, key="roc", alt="Hit rate against false alarm rate, with the diagonal of chance")
    st.subheader("How the probabilities are spread", anchor=False)
    widgets.plot(
        curves.probabilities(run.predictions, threshold=threshold, split=split, **look),
        key="spread",
        alt="Histogram of the probabilities of positive and negative windows",
    )
    widgets.run_caption(run, SPLITS[split].lower())


def over_time() -> None:
    """The probabilities in time order, one station, with its target events."""
    station = st.selectbox(
        "Station", sorted(rows["station"].unique()), format_func=widgets.station_words, key="time_station"
    )
    mine = rows[rows["station"] == station].sort_values("end").assign(rejected="")
    source = loaders.source_of(run.config)
    events = loaders.events(source, station, run.config.detectability) if source else pd.DataFrame()
    if len(events):
        events = events[events["target"] & events["origin_time"].between(mine["start"].min(), mine["end"].max() + WEEK)]
    figure = record_figures.record(
        None,
        events=events,
        scan=mine,
        threshold=threshold,
        chance=float(mine["label"].mean()),
        span=(mine["start"].min(), mine["end"].max()),
        **look,
    )
    widgets.plot(
        figure, key="over_time", alt=f"Probability of each window of {station} over time, with its target events"
    )
    widgets.run_caption(run, f"{SPLITS[split].lower()} of {station}; grey is the share of positives")


def one_window() -> None:
    """A table of windows; the chosen one is drawn in its week."""
    outcome = rows["label"].map({1: "positive", 0: "negative"})
    alarm = rows["probability"] >= threshold
    words = pd.Series("", index=rows.index)
    for label, is_alarm, word in (
        (1, True, "hit"),
        (1, False, "miss"),
        (0, True, "false alarm"),
        (0, False, "correct negative"),
    ):
        words[(rows["label"] == label) & (alarm == is_alarm)] = word
    table = rows.assign(outcome=words, label=outcome)[
        ["station", "start", "end", "label", "probability", "outcome", "lead_days", "event_id"]
    ]
    kinds = st.pills("Show", ["hit", "miss", "false alarm", "correct negative"], selection_mode="multi", key="outcomes")
    table = table[table["outcome"].isin(kinds)] if kinds else table
    table = table.sort_values("probability", ascending=False).reset_index(drop=True)
    picked = widgets.table(
        table,
        height=280,
        on_select="rerun",
        selection_mode="single-row-required" if len(table) else "single-row",
        key="window",
        columns={
            "probability": st.column_config.ProgressColumn("Probability", min_value=0, max_value=1, format="%.2f")
        },
        alt="The windows of this split; choose one to see its week",
    )
    chosen = picked["selection"]["rows"]
    widgets.download(table, f"{run.run_id}_{split}_windows")
    if chosen and chosen[0] < len(table):
        week_of(table.iloc[chosen[0]])


def week_of(window: pd.Series) -> None:
    """The record around a window, and a link to the same stretch on the Record page."""
    source = loaders.source_of(run.config)
    station = window["station"]
    if source is None or station not in source.stations():
        st.info(f"The minute data of {station} are no longer stored here, so the window cannot be drawn.")
        return
    middle = window["start"] + (window["end"] - window["start"]) / 2
    half = max(WEEK / 2, (window["end"] - window["start"]) * 0.75)
    start, end = middle - half, middle + half
    figure = record_figures.record(**loaders.stretch(source, station, start, end, run.config.detectability), **look)
    widgets.plot(
        widgets.marked(figure, window["start"], window["end"]),
        key="week",
        alt=f"The week around the window that ends {window['end']:%Y-%m-%d %H:%M}",
    )
    st.caption(
        f"{station}, the window from {window['start']:%Y-%m-%d %H:%M} to {window['end']:%Y-%m-%d %H:%M} UTC: "
        f"{window['outcome']}, probability {window['probability']:.2f}. Run **{run.run_id}**."
    )
    st.page_link(
        "views/record.py",
        label="Open this stretch on the Record page",
        icon=":material/show_chart:",
        query_params={
            "source": source.folder.name,
            "station": station,
            "from": f"{start:%Y-%m-%dT%H:%M}",
            "to": f"{end:%Y-%m-%dT%H:%M}",
        },
    )


def identity() -> None:
    """The configuration, the environment and the audit, as stored with the run."""
    settings, environment, audit = st.tabs(["Configuration", "Environment", "Audit"])
    with settings:
        st.code(tomli_w.dumps(run.config.as_dict()), language="toml", height=380)
    with environment:
        st.json({key: value for key, value in run.environment.items() if key != "digests"})
        st.markdown("**SHA-256 of every input**")
        widgets.table(pd.DataFrame(run.digests.items(), columns=["input", "sha256"]), alt="Digests of the inputs")
    with audit:
        st.markdown(str(run.audit.get("sentence", "")))
        st.json(run.audit)
    widgets.run_caption(run, "as stored; a run is never changed")


widgets.page_head("Results", "What did one run get right and wrong, and is that better than chance?")
run = widgets.run_picker()
if run is None:
    st.stop()
widgets.caveats(run)
if run.config.description:
    st.markdown(f"*{run.config.description}*")
known = [name for name in SPLITS if (run.predictions["split"] == name).any()]
with st.container(horizontal=True, vertical_alignment="bottom"):
    split = st.segmented_control(
        "Windows judged", known, format_func=SPLITS.get, default=scored_split(run.scores), key="split", required=True
    )
rows = run.predictions[run.predictions["split"] == split]
pooled = (
    run.scores[(run.scores["split"] == split) & (run.scores["station"] == "all")]
    .iloc[0]
    .map(lambda value: float("nan") if value is None else value)
)
look = {"synthetic": run.synthetic, "mode": widgets.mode()}
headline()
threshold = st.slider(
    "Threshold",
    0.0,
    1.0,
    float(run.config.training.threshold),
    0.01,
    key=f"threshold_{run.run_id}",
    help="A window counts as an alarm from this probability on. Everything below follows from the stored predictions.",
)
st.header("Right and wrong", anchor=False)
judged()
st.header("Curves", anchor=False)
curves_shown()
st.header("Over time", anchor=False)
over_time()
st.header("Window by window", anchor=False)
one_window()
st.header("What was run", anchor=False)
identity()
