"""The parts that several pages share: heads, badges, captions, pickers and empty states."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core import commands, stations
from core.caveats import Caveat, as_text
from core.errors import InputError
from core.loading.archive.archive import Archive
from core.reporting import credits, introduction, marks, sentences
from core.runs.runs import Run
from dashboard import address, jobs, loaders, screen


def page_head(title: str, answers: str) -> None:
    """The page's name and, in one sentence, the question it answers."""
    st.title(title, anchor=False)
    st.markdown(answers)


def synthetic_badge(synthetic: bool) -> None:
    """Say in words and colour that what follows is made up."""
    if synthetic:
        st.badge("SYNTHETIC DATA", icon=":material/science:", color="green", help="Made up to test the method.")


def bullets(title: str, told: Iterable[str]) -> None:
    """Sentences below each other under a title."""
    st.subheader(title, anchor=False)
    st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in told))


def anything_synthetic() -> bool:
    """True if the source shown, or any run, is synthetic."""
    chosen = source()
    return bool(loaders.runs()["synthetic"].any()) or (chosen is not None and chosen.synthetic)


def mode() -> str:
    """ "light" or "dark", as the reader's page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


def sidebar() -> None:
    """What every page has beside it: the source shown, the running job, the standing line."""
    screen.watch(mode())
    with st.sidebar:
        sources = loaders.shown()
        if sources:
            choice("Data shown", sentences.sources(sources), "source", "source")
            synthetic_badge(sources[st.session_state["source"]].synthetic)
        for fault in loaders.damaged_worlds():
            problem(fault)
        jobs.follow()
        if sources or jobs.running():
            st.divider()
        st.caption(f"**{introduction.STANDING_LINE}** Nothing here predicts an earthquake.")


def source() -> Archive | None:
    """The source chosen in the sidebar; None while there is none."""
    return loaders.shown().get(st.session_state.get("source", ""))


def source_words() -> str:
    """What the source chosen in the sidebar is called."""
    return sentences.sources(loaders.shown()).get(st.session_state.get("source", ""), "")


# What brings minute data, and what brings runs that lists show: commands by how they begin.
BRINGS_MINUTES = ("demo", "ingest", "fetch minute", "fetch all", "train", "learning-curve")
BRINGS_RUNS = ("demo", "train", "cross-validate", "update")


def empty(what: str, command: str = "", page: str = "", label: str = "", filled_by: Sequence[str] = ()) -> None:
    """
    An empty state: what is missing, and the command or the page that brings it.

    Parameters
    ----------
    what : str
    command, page, label : str
        For those who may start something; the command as `commands.typed` takes it.
    filled_by : sequence of str
        How the commands begin that bring what is missing: only while one of them runs does the page promise itself.
    """
    job = jobs.filling(filled_by)
    if job:
        st.info(f"{what} **{job.title}** {jobs.WORDS[job.state]}; this page fills by itself as it goes on.")
        return
    if jobs.read_only():
        st.info(f"{what} This is a copy to look at: only its keeper can fill this page.")
        return
    st.info(what)
    if command:
        st.markdown(f"In a terminal, in {commands.where()}:")
        st.code(commands.typed(command), language="bash")
    if page:
        st.page_link(page, label=label, icon=":material/arrow_forward:")


def why_greyed() -> None:
    """Beside a button that starts something: why it cannot be pressed; nothing while no job runs."""
    job = jobs.running()
    if job:
        st.caption(f"A job is running ({sentences.plain(job.title)}), and one runs at a time.")


def no_data() -> None:
    """The empty state of pages that need a record."""
    commands = "precursor ingest FILES_OR_FOLDERS\nprecursor demo"
    empty("There is no minute data yet.", commands, filled_by=BRINGS_MINUTES)


def no_runs() -> None:
    """The empty state of pages that need a run."""
    what = f"No run{'' if loaders.runs().empty else ' of your own'} has finished yet."
    empty(what, "precursor demo", "views/train.py", "Or train one on the Train page", BRINGS_RUNS)


def run_caption(run: Run, what: str = "") -> None:
    """The run that the numbers above come from."""
    st.caption(f"Run **{run.run_id}**" + (f", {what}" if what else ""))


def caveats(run: Run, more: Sequence[Caveat] = (), in_full: bool = False) -> None:
    """What a reader must know before believing a number of this run: in full, or one line that opens."""
    synthetic_badge(run.synthetic)
    told = [*run.caveats, *(caveat for caveat in more if caveat not in run.caveats)]
    if in_full:
        warn(as_text(told))
    elif told:
        with st.expander(marks.in_mind(told), icon=":material/warning:"):
            st.markdown("\n".join(f"- {sentences.plain(sentence)}" for sentence in as_text(told)))


def warn(told: Sequence[str]) -> None:
    """One or more caveats in one box; nothing if there is none."""
    if told:
        bullet = "- " if len(told) > 1 else ""
        st.warning("\n".join(f"{bullet}{sentences.plain(sentence)}" for sentence in told), icon=":material/warning:")


def problem(error: Exception | str) -> None:
    """An error that a page cannot get round; visitors of a hosted copy learn only that there is one."""
    hidden = "This cannot be shown: a file is missing or damaged. The keeper of this copy finds out more in its log."
    st.error(hidden if jobs.read_only() else sentences.plain(str(error)))


def refused(told: Iterable[str]) -> None:
    """A sentence for each stored thing that cannot be read; the page goes on without them."""
    for sentence in [*told][: 1 if jobs.read_only() else None]:  # visitors learn once that something is missing
        problem(sentence)


@contextlib.contextmanager
def place() -> Iterator[None]:
    """A part of a page: if a document that it needs cannot be read, that is said in its place, and the page goes on."""
    try:
        yield
    except InputError as error:
        problem(error)


def credit(
    source: Archive,
    station: str,
    events: pd.DataFrame | None = None,
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
) -> None:
    """Whose data are shown and of which type, in [start, end) or in all; nothing for a synthetic world."""
    if source.synthetic:
        return
    days = loaders.days(source, station)
    types = credits.types(days, start, end)
    parts = [part for part in (credits.sentence(station, days), types, credits.axes(station)) if part]
    if events is not None and len(events):
        parts.append(f"Earthquakes: {', '.join(sorted(set(events['source'].astype(str))))}.")
    if len(loaders.activity(source)):
        parts.append("Kp: GFZ, CC BY 4.0.")
    st.caption(sentences.plain(" ".join(parts)))


def damaged_runs() -> None:
    """Say which runs are left out because a file of theirs is missing or damaged."""
    for note in loaders.runs().attrs.get("notes", ()):
        problem(note)


def caveats_of(listed: pd.DataFrame) -> None:
    """What several runs were for, and what to keep in mind: first what holds for all of them, then run by run."""
    by_run = {run_id: loaders.run(run_id).caveats for run_id in listed["run_id"]}
    common, rest = marks.shared(by_run)
    lines = [f"- {sentences.plain(sentence)}" for sentence in as_text(common)]
    for run_id, purpose in zip(listed["run_id"], listed["description"], strict=True):
        purpose = f"*{sentences.plain(purpose.rstrip('.'))}.* " if purpose else ""
        if purpose or rest[run_id]:
            lines.append(f"- **{run_id}** · {purpose}{sentences.plain(' '.join(as_text(rest[run_id])))}")
    if lines:
        every = list(dict.fromkeys(caveat for caveats in by_run.values() for caveat in caveats))
        with st.expander(f"What these runs are for, and {marks.in_mind(every)}", icon=":material/info:"):
            st.markdown("\n".join(lines))


def runs(asked: Sequence[str] = ()) -> pd.DataFrame:
    """
    The runs that lists show, newest first: the user's own, and those of studies where the reader wants them.

    What a link asks for (`asked`) is there, whoever made it.
    """
    table = loaders.runs()
    if st.session_state.get("studies"):
        return table
    return table[(table["study"] == "") | table["run_id"].isin(asked)]


def studies() -> None:
    """One line that says how many runs of studies lists leave out, and puts them in; nothing where there are none."""
    made = sentences.of_studies(list(loaders.runs()["study"]))
    if made:
        st.toggle(f"List the {made} too", key="studies", persist_state="session")


def run_picker(first: Callable[[str], bool] = bool, mark: str = "") -> Run | None:
    """
    Choose a run: that of the address, else the one chosen last; None, and a sentence, if it is not here.

    Before anything is chosen it is the newest, one for which `first` holds before the others; those have `mark`.
    """
    damaged_runs()
    wanted = address.wanted("run")
    names = {row.run_id: run_words(row) for row in runs([wanted]).itertuples()}
    if wanted and wanted not in names:
        no_such("run", wanted)
    if not names:
        no_runs()
        studies()
        return None
    leading = {run_id: names[run_id] + (f" · {mark}" if mark else "") for run_id in names if first(run_id)}
    names = {**leading, **{run_id: names[run_id] for run_id in names if run_id not in leading}}
    chosen = listed("Run", names, wanted, "run", run_picked)
    studies()
    if chosen is None:
        return None
    address.keep("run", chosen)
    address.add({"run": chosen}, "run")
    return loaders.run(chosen)


def listed(label: str, names: dict[str, str], wanted: str, key: str, on_change: Callable[[], None]) -> str | None:
    """A list that shows what is wanted, or its first if nothing is; None and nothing chosen if that is not in it."""
    absent = wanted not in ("", *names)
    st.session_state[key] = None if absent else wanted or next(iter(names))
    return st.selectbox(
        label,
        list(names),
        index=None if absent else 0,
        format_func=lambda name: names.get(name, name),
        key=key,
        on_change=on_change,
        placeholder="Choose one",
    )


def run_picked() -> None:
    """Another run was chosen; what its predecessor's windows and explanations were called does not hold for it."""
    if st.session_state["run"] is not None:
        address.pick("run", st.session_state["run"], drop=("window", "method"))


def no_such(what: str, name: str, shown: str = "") -> None:
    """Say that what the address asks for, or what was chosen before, is not here, and what is shown instead."""
    instead = f"{shown} is shown instead." if shown else f"Choose another {what}, or correct the address."
    st.warning(sentences.plain(f"There is no {what} {name!r} here. {instead}"), icon=":material/search_off:")


def choice(label: str, names: dict[str, str], key: str, what: str) -> str:
    """
    Choose one of several things shown in words; what is chosen stands in the page's address under its own name.

    (Streamlit's own binding would put the words into the address.) `what` is the word for one of them, for the
    sentence that says that what the address asks for is not here.
    """
    asked, kept = address.asked(key), address.kept(key)
    chosen = next((name for name in (asked, kept) if name in names), next(iter(names)))
    if chosen == asked or not kept:
        address.keep(key, chosen)
    if asked and asked not in names:
        no_such(what, asked, names[chosen])
    st.session_state[key] = chosen
    st.selectbox(
        label,
        list(names),
        format_func=lambda name: names.get(name, name),
        key=key,
        on_change=lambda: address.pick(key, st.session_state[key]),
    )
    # what stands in for something that is not here stays out of the address: elsewhere that may be there
    address.add({key: chosen} if chosen == address.kept(key) else {}, key)
    return chosen


def first_preset(names: list[str]) -> str:
    """The preset to begin with: one for the kind of data that the sidebar shows, and that can be trained here."""
    shown = source()
    wanted = ("honest-default",) if shown is not None and not shown.synthetic else ("demo-honest", "honest-default")
    kind = "archive" if shown is not None and not shown.synthetic else "synthetic"
    able = [name for name in names if loaders.lacking(name) == ()]
    fitting = [name for name in able if loaders.preset(name).data.source == kind]
    return next((name for name in wanted if name in able), [*fitting, *able, *names][0])


def preset_words(name: str) -> str:
    """A preset in a list: its name, whether it is the user's, and what it needs for a training that is not here."""
    lacks = loaders.lacking(name)
    whose = ["yours"] if name in loaders.own_presets() else []
    needs = ["cannot be read"] if lacks is None else [f"needs {', '.join(lacks)}"] if lacks else []
    return " · ".join([name, *whose, *needs])


def run_words(row: Any) -> str:
    """One run in a list: its id, day, whether its data are made up, and which study made it."""
    marks = [*(["synthetic"] if row.synthetic else []), *([row.study] if row.study else [])]
    return " · ".join([row.run_id, f"{row.created:%Y-%m-%d %H:%M}", *marks])


def station_picker(codes: list[str], key: str = "station") -> str:
    """Choose a station; the choice is part of the page's address, and holds for the other pages of a station."""
    chosen = choice("Station", {code: station_words(code) for code in codes}, key, "station")
    if not address.asked(key) and address.kept(key) not in codes:
        no_such("station", address.kept(key), station_words(chosen))
    return chosen


def station_words(code: str) -> str:
    """Code and name, where the table of stations knows it."""
    known = stations.table()
    return f"{code} · {known[code].name}" if code in known else code


def plot(figure: Any, key: str, alt: str, **options: Any) -> Any:
    """
    A figure in the page's text colour; its camera button makes a sharp picture named after it.

    On a phone a finger on it scrolls the page, and no buttons lie on it.
    """
    ink, quiet = {"light": ("#0f1820", "#55606c"), "dark": ("#e6edf3", "#9aa7b4")}[mode()]
    figure.update_layout(font_color=ink)
    for axes in (figure.update_xaxes, figure.update_yaxes):  # Streamlit's own grey is 3.7:1 on white
        axes(tickfont_color=quiet, title_font_color=quiet)
    config: dict[str, Any] = {"displaylogo": False}
    if screen.narrow():
        figure.update_layout(dragmode=False)
        config["displayModeBar"] = False
    config["toImageButtonOptions"] = {"format": "png", "scale": 2, "filename": key}
    return st.plotly_chart(figure, key=key, config=config, alt=alt, **options)
