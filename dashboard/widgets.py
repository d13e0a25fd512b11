"""The parts that several pages share: heads, badges, captions, pickers and empty states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.experiments.runs import Run
from core.loading.archive import Archive
from dashboard import jobs, loaders

STANDING_LINE = "A research record, not an alert service."


def page_head(title: str, answers: str) -> None:
    """The page's name and, in one sentence, the question it answers."""
    st.title(title, anchor=False)
    st.markdown(answers)


def synthetic_badge(synthetic: bool) -> None:
    """Say in words and colour that what follows is made up."""
    if synthetic:
        st.badge("SYNTHETIC DATA", icon=":material/science:", color="green", help="Made up to test the method.")


def anything_synthetic() -> bool:
    """True if the source shown, or any run, is synthetic."""
    chosen = source()
    return bool(loaders.runs()["synthetic"].any()) or (chosen is not None and chosen.synthetic)


def mode() -> str:
    """ "light" or "dark", as the reader's page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def on_phone() -> bool:
    """True on a small screen, as far as the browser says so; the map then begins farther out."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def sidebar() -> None:
    """What every page has beside it: the source shown, the running job, the standing line."""
    with st.sidebar:
        sources = loaders.shown()
        if sources:
            choice("Data shown", {name: loaders.source_words(source) for name, source in sources.items()}, "source")
            synthetic_badge(sources[st.session_state["source"]].synthetic)
        jobs.follow()
        st.divider()
        st.caption(f"**{STANDING_LINE}** Nothing here predicts an earthquake.")


def source() -> Archive | None:
    """The source chosen in the sidebar; None while there is none."""
    return loaders.shown().get(st.session_state.get("source", ""))


def empty(what: str, command: str = "", page: str = "", label: str = "") -> None:
    """An empty state: what is missing, and the command or the page that brings it."""
    job = jobs.running()
    if job:
        st.info(f"{what} **{job['title']}** {jobs.WORDS[job['state']]}; this page fills by itself as it goes on.")
        return
    st.info(what)
    if command:
        st.markdown("In a terminal, in the project's folder:")
        st.code(command, language="bash")
    if page:
        st.page_link(page, label=label, icon=":material/arrow_forward:")


def no_data() -> None:
    """The empty state of pages that need a record."""
    empty("There is no minute data yet.", ".venv/bin/precursor ingest FILES_OR_FOLDERS\n.venv/bin/precursor demo")


def no_runs() -> None:
    """The empty state of pages that need a run."""
    empty("No run has finished yet.", ".venv/bin/precursor demo", "views/train.py", "Or train one on the Train page")


def run_caption(run: Run, what: str = "") -> None:
    """The run that the numbers above come from."""
    st.caption(f"Run **{run.run_id}**" + (f", {what}" if what else ""))


def caveats(run: Run) -> None:
    """What a reader must know before believing a number of this run."""
    synthetic_badge(run.synthetic)
    for sentence in run.caveats:
        st.warning(sentence, icon=":material/warning:")


def run_picker(first: Callable[[str], bool] = bool, key: str = "run") -> Run | None:
    """
    Choose a run, newest first, those for which `first` holds before the others; None if there is none.

    The choice is part of the page's address.
    """
    table = loaders.runs()
    if table.empty:
        no_runs()
        return None
    asked = st.query_params.get(key)
    if asked and asked not in set(table["run_id"]):
        st.warning(f"There is no run {asked!r} here; another one is shown.")
    words = {row.run_id: run_words(row) for row in table.itertuples()}
    ordered = sorted(words, key=lambda run_id: not first(run_id))
    return loaders.run(choice("Run", {run_id: words[run_id] for run_id in ordered}, key))


def choice(label: str, words: dict[str, str], key: str) -> str:
    """
    Choose one of several things shown in words; what is chosen stands in the page's address under its own name.

    (Streamlit's own binding would put the words into the address.)
    """
    asked, written = st.query_params.get(key), st.session_state.get(f"address of {key}")
    if asked in words and asked != written:  # a link was followed
        st.session_state[key] = asked
    elif st.session_state.get(key) not in words:
        st.session_state[key] = next(iter(words))
    chosen = st.selectbox(label, list(words), format_func=lambda name: words.get(name, name), key=key)
    st.session_state[f"address of {key}"] = chosen
    if asked != chosen:
        st.query_params[key] = chosen
    return chosen


def first_preset(names: list[str]) -> str:
    """The preset to begin with: one for the kind of data that the sidebar shows."""
    shown = source()
    wanted = ("honest-default",) if shown is not None and not shown.synthetic else ("demo-honest", "honest-default")
    return next((name for name in wanted if name in names), names[0])


def run_words(row: Any) -> str:
    """One run in a list: its id, day, and whether its data are made up."""
    return f"{row.run_id} · {row.created:%Y-%m-%d %H:%M}" + (" · synthetic" if row.synthetic else "")


def station_picker(codes: list[str], key: str = "station") -> str:
    """Choose a station; the choice is part of the page's address."""
    return choice("Station", {code: station_words(code) for code in codes}, key)


def station_words(code: str) -> str:
    """Code and name, where the table of stations knows it."""
    from core import stations

    known = stations.table()
    return f"{code} · {known[code].name}" if code in known else code


def runs_table(runs: pd.DataFrame) -> pd.DataFrame:
    """The table of runs that people compare: what each was for, and each score beside its chance."""
    doubts = [", ".join(word for word in ("leak", "dead") if getattr(row, word)) for row in runs.itertuples()]
    return pd.DataFrame(
        {
            "run_id": runs["run_id"],
            "AUC [95 %], chance 0.5": [score(row.auc, row.auc_low, row.auc_high) for row in runs.itertuples()],
            "accuracy": runs["accuracy"],
            "majority_share": runs["majority_share"],
            "caveats": doubts,
            "what for": runs["description"],
            "judged_on": runs["scored_split"],
            "stations": runs["stations"],
            "data": runs["synthetic"].map({True: "synthetic", False: "archive"}),
            "created": runs["created"],
        }
    )


# Words for columns whose name says too little; the others are their name, with the unit in brackets.
COLUMN_WORDS = {
    "run_id": "Run",
    "auc": "AUC",
    "auc_low": "AUC low",
    "auc_high": "AUC high",
    "mcc": "MCC",
    "n": "Windows",
    "n_positive": "Positive",
    "lead_days": "Days before the event",
    "event_id": "Event",
    "brier_reference": "Brier of the class share",
    "created": "Made (UTC)",
    "sha256": "SHA-256",
}
UNITS = {"_deg": " (°)", "_km": " (km)", "_nt": " (nT)", "_days": " (days)", "_minutes": " (min)"}


def table(frame: pd.DataFrame, alt: str, **options: Any) -> Any:
    """A table with words for its columns, times to the minute, and few decimals."""
    frame = harmless(frame)  # the table's own toolbar exports what it shows
    kinds = st.column_config
    shown: dict[str, Any] = {}
    for name in frame.columns:
        label, column = column_words(str(name)), frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            label = label if "UTC" in label else f"{label} (UTC)"
            shown[name] = kinds.DatetimeColumn(label, format="YYYY-MM-DD HH:mm", timezone="UTC")
        elif pd.api.types.is_float_dtype(column):
            shown[name] = kinds.NumberColumn(
                label, format="%.1f" if name in ("magnitude", "depth_km", "distance_km") else "%.3f"
            )
        elif name == "year":
            shown[name] = kinds.NumberColumn(label, format="%d")
        elif pd.api.types.is_integer_dtype(column):
            shown[name] = kinds.NumberColumn(label, format="localized")
        else:
            shown[name] = label
    return st.dataframe(
        frame, hide_index=True, column_config={**shown, **options.pop("columns", {})}, alt=alt, **options
    )


def column_words(name: str) -> str:
    """
    A column's name in words.

    >>> column_words("latitude_deg"), column_words("n_windows"), column_words("run_id")
    ('Latitude (°)', 'Number of windows', 'Run')
    """
    if name in COLUMN_WORDS:
        return COLUMN_WORDS[name]
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            name = name.removesuffix(ending) + unit
    words = name.replace("_", " ")
    words = f"number of {words[2:]}" if words.startswith("n ") else words
    return words[:1].upper() + words[1:]


def plot(figure: Any, key: str, alt: str) -> None:
    """A figure in the page's text colour; its camera button makes a sharp picture named after it."""
    figure.update_layout(font_color={"light": "#0f1820", "dark": "#e6edf3"}[mode()])
    picture = {"format": "png", "scale": 2, "filename": key}
    st.plotly_chart(figure, key=key, config={"toImageButtonOptions": picture, "displaylogo": False}, alt=alt)


def depth_legend(shades: list[tuple[str, str]]) -> str:
    """The depth colours of the map as one line of text with coloured rings."""
    return "Depth: " + " ".join(f":color[●]{{foreground={shade}}} {words}" for shade, words in shades)


def marked(figure: Any, start: pd.Timestamp, end: pd.Timestamp) -> Any:
    """The figure with one stretch of time marked."""
    return figure.add_vrect(
        x0=f"{start:%Y-%m-%d %H:%M}",
        x1=f"{end:%Y-%m-%d %H:%M}",
        line_width=0,
        layer="below",
        fillcolor="rgba(128,140,150,0.25)",
        annotation_text="window",
        annotation_position="top left",
    )


def flat(table: dict[str, Any], before: str = "") -> dict[str, str]:
    """A nested table of options as one row of texts.

    >>> flat({"training": {"epochs": 3}})
    {'training.epochs': '3'}
    """
    row: dict[str, str] = {}
    for key, value in table.items():
        row |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {f"{before}{key}": str(value)}
    return row


def score(value: float | None, low: float | None = None, high: float | None = None) -> str:
    """A score with its interval, or a dash where it does not exist."""
    if value is None or pd.isna(value):
        return "-"
    return f"{value:.2f}" + ("" if low is None or pd.isna(low) else f" [{low:.2f}, {high:.2f}]")


def download(table: pd.DataFrame | Callable[[], pd.DataFrame], name: str, label: str = "Download as CSV") -> None:
    """Offer a table as CSV, made at the click."""
    make = table if callable(table) else lambda: table
    st.download_button(
        label, lambda: safe_csv(make()), f"{name}.csv", "text/csv", on_click="ignore", icon=":material/download:"
    )


def safe_csv(table: pd.DataFrame) -> str:
    """
    CSV in which no text can act as a formula of a spreadsheet.

    Texts that begin with = + - @, a tab or a line break get a ' in front; numbers stay as they are.
    """
    safe = harmless(table)
    safe.columns = [_harmless(str(name)) for name in safe.columns]
    return safe.to_csv(index=False)


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """A copy whose texts cannot act as formulas."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]) and not pd.api.types.is_datetime64_any_dtype(safe[name]):
            safe[name] = [_harmless(value) for value in safe[name]]
    return safe


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value
