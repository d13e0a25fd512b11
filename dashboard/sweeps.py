"""Sweeps on the pages: ask for one on the Train page, and see its runs on the Compare page, chance in grey."""

from __future__ import annotations

import hashlib
import typing
from typing import Any

import streamlit as st
import tomli_w

from core import commands, files
from core import config as configs
from core.config import ExperimentConfig
from core.data_folder import data_dir
from core.errors import InputError
from core.reporting.figures.studies import sweep as figure
from core.studies import sweep, vary
from core.studies.job_documents import Job
from core.studies.vary import Plan
from core.training import network
from dashboard import jobs, options, tables, widgets

# What can be varied on the page, with values that make sense; () stands for all that the option can be.
VALUES: dict[str, tuple[Any, ...]] = {
    "training.optimizer": (),
    "training.learning_rate": (0.01, 0.001, 0.0001, 0.00001),
    "windows.length_minutes": (60, 360, 1440, 10080),
    "processing.normalisation": (),
    "processing.record_filter": (),
    "network.layers": (1, 2, 3, 4),
    "network.filters": (8, 16, 32, 64),
    "network.dropout": (0.0, 0.25, 0.5),
    "network.head": (),
}
MOST_OPTIONS, MOST_SEEDS = 2, 20
N_BEGIN = 3  # so many values are chosen to begin with


def form(base: ExperimentConfig, busy: bool) -> None:
    """What to vary of a configuration, how many runs that makes and of what size, and the button that starts them."""
    st.markdown("Each combination of the values is trained as a run of its own, with everything else as it is above.")
    varied = st.multiselect(
        "What to vary (one or two options)",
        list(VALUES),
        format_func=option_words,
        max_selections=MOST_OPTIONS,
        select_all=False,
        key="varied",
        persist_state="session",
    )
    picked = {setting: _values(setting, base) for setting in varied}
    seeds = st.number_input(
        "Training seeds",
        1,
        MOST_SEEDS,
        key="seeds",
        persist_state="session",
        help="Each combination is trained so many times, each time from other random weights: how much does that alone "
        "change?",
    )
    try:
        chosen = {setting: typed(setting, values) for setting, values in picked.items()}
    except InputError as error:
        widgets.problem(error)
        return
    few = [option_words(setting) for setting, values in chosen.items() if len(values) < 2]
    if not chosen or few:
        st.info(f"Choose at least two values of {few[0]}." if few else "Choose what to vary.")
        return
    asked = table(base, chosen, int(seeds))
    try:
        plan = vary.from_dict(asked, data_dir())
        st.markdown(counted(plan))
    except InputError as error:
        widgets.problem(error)
        return
    name = f"{base.name}-plan-{hashlib.sha256(tomli_w.dumps(asked).encode()).hexdigest()[:8]}"
    if st.button(
        "Start these runs",
        type="primary",
        icon=":material/play_arrow:",
        disabled=busy,
    ):
        files.replace_text(data_dir() / "experiments" / "sweeps" / f"{name}.toml", tomli_w.dumps(asked))
        if jobs.start(["sweep", name], f"Sweep of {base.name}"):
            st.rerun()
    widgets.why_greyed()
    st.markdown(
        f"Starting keeps the plan as a file, so that `{commands.typed(f'precursor sweep {name}')}` does the same. "
        "The sweep gets an id from its runs, which is shown above as soon as it is known."
    )


def option_words(setting: str) -> str:
    """An option, named "section.option", as the Train page calls it."""
    part = setting.partition(".")[0]
    return f"{configs.parts()[part].TITLE}: {options.explained(setting).label_with_unit}"


def _values(setting: str, base: ExperimentConfig) -> list[Any]:
    """The values of one option that the reader chooses: of the short list, the base's own, or typed (text)."""
    part, _, name = setting.partition(".")
    hint = next(hint for each, hint, _ in options.fields(part) if each == name)
    listed = VALUES[setting] or typing.get_args(hint)
    offered = list(dict.fromkeys([*listed, getattr(getattr(base, part), name)]))
    own = "" if _is_listed(setting) else " (choose, or type a value of your own)"
    return st.multiselect(
        f"{option_words(setting)}{own}",
        offered,
        default=offered[:N_BEGIN],
        key=f"values_{part}_{name}",
        help=options.help_of(options.explained(setting)),
        accept_new_options=not _is_listed(setting),
        persist_state="session",
    )


def typed(setting: str, values: list[Any]) -> list[Any]:
    """
    The values of an option, each once, typed ones as numbers.

    Raises
    ------
    InputError
        If one is no number, or no whole number where one is wanted.

    Examples
    --------
    >>> typed("training.learning_rate", [0.001, "0.002", "1e-3"]), typed("network.layers", ["2"])
    ([0.001, 0.002], [2])
    """
    if _is_listed(setting):
        return values
    kind, what = (int, "a whole number") if vary.is_whole(setting) else (float, "a number")
    found = []
    for value in values:
        try:
            found.append(kind(value))
        except ValueError:
            raise InputError(f"{option_words(setting)}: {value!r} is not {what}.") from None
    return list(dict.fromkeys(found))


def _is_listed(setting: str) -> bool:
    """Whether an option is one of a few words, so that no other value can be typed."""
    return not VALUES[setting]


def table(base: ExperimentConfig, chosen: dict[str, list[Any]], seeds: int) -> dict[str, Any]:
    """The file of a sweep, as `precursor sweep` reads it."""
    nested: dict[str, dict[str, Any]] = {}
    for setting, values in chosen.items():
        part, _, name = setting.partition(".")
        nested.setdefault(part, {})[name] = values
    return {**base.as_dict(), "vary": nested, "sweep": {"seeds": seeds}}


def counted(plan: Plan) -> str:
    """
    How many runs a plan makes, and how large their networks are.

    Raises
    ------
    InputError
        If a combination is no configuration, or has no network.
    """
    made = [config for _, config in vary.expand(plan)]
    sizes = [network.n_parameters(config.windows.length_minutes, config.network) for config in made]
    between = f"{min(sizes):,}" + (f" to {max(sizes):,}" if max(sizes) > min(sizes) else "")
    counts = [f"{len(values)} values" for values in plan.vary.values() if isinstance(values, tuple)]
    counts += [f"{plan.sweep.seeds} seeds"] if plan.sweep.seeds > 1 else []
    product = f" ({' × '.join(counts)})" if len(counts) > 1 else ""
    return f"That makes **{len(made):,} runs**{product}. Each network has **{between} parameters** to learn."


def is_synthetic(name: str) -> bool:
    """Whether a sweep works on made-up data; unknown counts as made up."""
    try:
        files.child(data_dir(), name, "The plan of a sweep")  # a job of a stranger's folder may name any file
        return vary.load(name, data_dir()).base.data.source == "synthetic"
    except InputError:
        return True


def links(job: Job) -> None:
    """Where the runs of a sweep's job are to be seen, also while it runs, and the command that does the same."""
    if job.sweep_id:
        st.page_link(
            "views/compare.py",
            label=f"See the runs of sweep {job.sweep_id}",
            icon=":material/compare_arrows:",
            query_params={"show": "Sweeps", "sweep": job.sweep_id},
        )
    command = commands.typed(f"precursor {' '.join(job.arguments)}")
    st.markdown(f"The same on the command line: `{command}`")


def wanted() -> bool:
    """Whether the reader of the Compare page wants sweeps instead of single runs; False where there is none."""
    seen = sweep.on_shelf(data_dir())
    if not seen.there and not seen.refused:
        return False
    shown = st.segmented_control(
        "Show", ["Runs", "Sweeps"], default="Runs", key="show", bind="query-params", required=True
    )
    return shown == "Sweeps"


def section() -> None:
    """Choose a sweep and an option, and see every run."""
    seen = sweep.on_shelf(data_dir())
    widgets.refused(seen.refused.values())
    if not seen.there:
        return
    stored = {each.sweep_id: each for each in seen.there}
    shown = stored[st.selectbox("Sweep", list(stored), key="sweep", bind="query-params")]
    widgets.synthetic_badge(shown.synthetic)
    option = st.selectbox("Along the axis", shown.varied, format_func=option_words, key="along")
    widgets.plot(
        figure.sweep(shown.runs, option, option_words(option), synthetic=shown.synthetic, mode=widgets.mode()),
        key="sweep_runs",
        alt="AUC of every run of the sweep against the option that was varied, beside chance",
    )
    st.caption(f"Sweep **{shown.sweep_id}**. " + " ".join(shown.sentences(data_dir())))
    named = shown.runs.rename(columns={key: option_words(key) for key in shown.varied})
    tables.show(named, alt="Every run of the sweep, with its state and its scores")
    tables.download(shown.runs, shown.sweep_id)
