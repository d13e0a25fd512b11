"""Results: one run, whole: what it got right and wrong, with chance beside every score."""

from dataclasses import asdict

import pandas as pd
import streamlit as st
import tomli_w

from core import typed_documents
from core.evaluation import scores
from core.evaluation.cells import Cells
from core.labelling import splits
from core.reporting import glossary, sentences
from core.reporting.figures.record import record as record_figures
from core.reporting.figures.run import confusion, curves
from core.runs.run_documents import scored_split
from core.runs.runs import with_clusters
from dashboard import assessments, loaders, tables, widgets, window_list

SPLITS = {"test": "Test windows, kept aside", "validation": "Validation windows", "train": "Training windows"}


def headline() -> None:
    """The scores of all stations together, each beside what chance would reach, and one sentence."""
    columns = st.columns(4)
    card = {"border": True, "height": "stretch", "delta_color": "off", "delta_arrow": "off"}
    interval = "" if pd.isna(pooled["auc_low"]) else f" (95 %: {pooled['auc_low']:.2f} to {pooled['auc_high']:.2f})"
    columns[0].metric(
        f"AUC{interval}",
        tables.score(pooled["auc"]),
        "chance: 0.50",
        help=glossary.TERMS["AUC"],
        **card,
    )
    columns[1].metric(
        "Accuracy",
        tables.score(pooled["accuracy"]),
        f"majority share: {pooled['majority_share']:.2f}",
        help=f"The share of windows that are right. Majority share: {glossary.TERMS['majority share']}",
        **card,
    )
    columns[2].metric(
        "MCC",
        tables.score(pooled["mcc"]),
        "chance: 0.00",
        help=glossary.TERMS["MCC"],
        **card,
    )
    positive = f"{int(pooled['n_positive']):,} positive"
    columns[3].metric("Windows", f"{int(pooled['n']):,}", positive, help=glossary.TERMS["window"], **card)
    auc, low, high = (pooled[name] for name in ("auc", "auc_low", "auc_high"))
    said = assessments.headline(run) or sentences.not_judged(split, auc, low, high)
    st.markdown(f"**{sentences.plain(said)}**")
    if other := assessments.judged_on_other_windows(run, split):
        st.markdown(sentences.plain(other))
    widgets.run_caption(run, judged_on)
    for sentence in sentences.origin(run):
        st.caption(sentences.plain(sentence))


def right_and_wrong() -> None:
    """The confusion matrix at the threshold, the windows of its cells, and the week of the chosen window."""
    left, right = st.columns([2, 3])
    with left:
        cells = Cells.count(rows["label"].to_numpy(), rows["probability"].to_numpy(), threshold)
        widgets.plot(
            confusion.matrix(cells, threshold=threshold, **look),
            key="confusion",
            alt=", ".join(f"{confusion.cell_words(name)}: {n}" for name, n in asdict(cells).items()),
            on_select=window_list.cell_clicked,
            selection_mode="points",
        )
        widgets.run_caption(run, f"{judged_on}, threshold {threshold:.2f}; click a cell to list its windows")
    with right:
        chosen = window_list.choose(rows, threshold)
        tables.download(rows, f"{run.run_id}_{split}_windows")
    if chosen is not None:
        window_list.week(run, chosen, look)


def per_station() -> None:
    """The scores of each station and of all together, recomputed at the threshold."""
    table = scores.table(with_clusters(rows, run.windows), threshold, splits.footprint_minutes(run.config))
    tables.show(tables.scores(table), alt="Scores per station")
    widgets.run_caption(
        run,
        f"{judged_on}, threshold {threshold:.2f}. By chance: AUC 0.5, accuracy at most the majority share, MCC 0, "
        "precision = share of positives, hit rate = false alarm rate, Brier = that of always saying the share",
    )
    tables.download(table, f"{run.run_id}_{split}_scores")


def curves_shown() -> None:
    """The ROC, how the training went, and how the probabilities are spread."""
    left, right = st.columns(2)
    with left:
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
    with right:
        st.subheader("Training", anchor=False)
        widgets.plot(
            curves.history(run.history, majority_share=loaders.majority_share(run.run_id), **look),
            key="history",
            alt="Accuracy and loss over the epochs",
        )
    st.subheader("How the probabilities are spread", anchor=False)
    widgets.plot(
        curves.probabilities(run.predictions, threshold=threshold, split=split, **look),
        key="spread",
        alt="Histogram of the probabilities of positive and negative windows",
    )
    widgets.run_caption(run, f"{judged_on}; without skill the two outlines look the same")


def over_time() -> None:
    """The probabilities in time order, one station, with its target events."""
    station = st.selectbox(
        "Station", sorted(rows["station"].unique()), format_func=widgets.station_words, key="time_station"
    )
    mine = rows[rows["station"] == station].sort_values("end").assign(rejected="")
    first, last = mine["start"].min(), mine["end"].max()
    source = loaders.source_of(run.config)
    events = loaders.events(source, station, run.config.detectability) if source else pd.DataFrame()
    if len(events):
        events = events[events["target"] & events["origin_time"].between(first, last + window_list.WEEK)]
    figure = record_figures.record(
        None,
        events=events,
        scan=mine,
        joined=False,
        threshold=threshold,
        chance=float(mine["label"].mean()),
        span=(first, last),
        **look,
    )
    widgets.plot(
        figure, key="over_time", alt=f"Probability of each window of {station} over time, with its target events"
    )
    widgets.run_caption(
        run, f"{judged_on}, station {station}: each mark is a window, where it ends; grey: the share of positives"
    )


def identity() -> None:
    """The configuration, the environment and the audit, as stored with the run."""
    settings, environment, audit = st.tabs(["Configuration", "Environment", "Audit"])
    with settings:
        st.code(tomli_w.dumps(run.config.as_dict()), language="toml", wrap_lines=True)
    with environment:
        st.json(typed_documents.write(run.environment.surroundings))
        st.markdown("**SHA-256 of every input**")
        tables.show(pd.DataFrame(run.digests.items(), columns=["input", "sha256"]), alt="Digests of the inputs")
    with audit:
        st.markdown(sentences.plain(run.audit.sentence))
        st.json(run.audit.to_dict())
    widgets.run_caption(run, f"configuration {run.config.id[:12]} (SHA-256), as stored")


widgets.page_head("Results", "What did one run get right and wrong, and is that better than chance?")
run = widgets.run_picker()
if run is None:
    st.stop()
widgets.caveats(run)
if run.config.description:
    st.markdown(f"*{sentences.plain(run.config.description)}*")
known = [name for name in SPLITS if (run.predictions["split"] == name).any()]
split = st.segmented_control(
    "Windows judged", known, format_func=SPLITS.get, default=scored_split(run.scores), key="split", required=True
)
judged_on = SPLITS[split].lower()
rows = run.predictions[run.predictions["split"] == split]
pooled = run.scores[(run.scores["split"] == split) & (run.scores["station"] == scores.POOLED)].iloc[0]
look = {"synthetic": run.synthetic, "mode": widgets.mode()}
headline()
st.header("Right and wrong", anchor=False)
threshold = st.slider(
    "Threshold",
    0.0,
    1.0,
    float(run.config.training.threshold),
    0.01,
    key=f"threshold_{run.run_id}",
    help=f"{glossary.TERMS['threshold']} Everything below follows from the stored predictions.",
)
right_and_wrong()
st.header("Scores", anchor=False)
per_station()
st.header("Curves", anchor=False)
curves_shown()
st.header("Over time", anchor=False)
over_time()
st.header("What was run", anchor=False)
identity()
