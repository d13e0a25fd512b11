"""Train: every option in words, what it yields, start, live curves, cancel."""

import hashlib
from pathlib import Path

import streamlit as st
import tomli_w

from core import commands, config_file, files
from core import config as configs
from core.config import ExperimentConfig
from core.data_folder import data_dir
from core.errors import InputError
from core.judgement.power.expected import expected
from core.reporting import sentences
from core.reporting.figures.run import curves
from core.studies import jobs as core_jobs
from core.studies.job_documents import Job, JobState
from core.training import network
from dashboard import jobs, loaders, options, sweeps, tables, widgets


def progress() -> None:
    """The newest training or sweep, read from its folder: how far it is, its curves, and a way to stop it."""
    job = jobs.latest("train", "sweep")
    if job is None:
        return
    running = not job.ended
    if st.session_state.pop("followed", None) == job.job_id and not running:
        st.rerun()
    if running:
        st.session_state["followed"] = job.job_id
    jobs.show(job)
    if job.arguments[0] == "sweep":
        widgets.synthetic_badge(sweeps.is_synthetic(" ".join(job.arguments[1:2])))
        cancel(job, "Cancel this sweep", "It stops at once. Runs that are finished stay.")
        sweeps.links(job)
        return
    synthetic = is_synthetic(job)
    widgets.synthetic_badge(synthetic)
    history = core_jobs.history(job.job_id, data_dir())
    if len(history):
        share = loaders.majority_share(job.run_id)
        figure = curves.history(history, majority_share=share, synthetic=synthetic, mode=widgets.mode())
        widgets.plot(figure, key="live", alt="Loss and accuracy after each epoch so far")
        st.caption(f"Run **{job.run_id}** · epoch {len(history)} of {job.epochs or '?'}")
    cancel(job, "Cancel this training", "It stops after the present batch and keeps what it has learned.")
    if job.state == JobState.FINISHED and job.run_id:
        st.page_link(
            "views/results.py",
            label="See its results",
            icon=":material/fact_check:",
            query_params={"run": job.run_id},
        )


def cancel(job: Job, label: str, said: str) -> None:
    """A button that stops a job; nothing once it has ended."""
    if not job.ended and not jobs.read_only() and st.button(label, icon=":material/stop_circle:"):
        core_jobs.cancel(job.job_id, data_dir())
        st.caption(said)


def is_synthetic(job: Job) -> bool:
    """Whether a training works on made-up data; unknown counts as made up."""
    try:
        asked = Path(job.arguments[1]).name
        path = files.child(data_dir() / "jobs" / "asked", asked, "The configuration of a job")
        return config_file.load(path).data.source == "synthetic"
    except (InputError, IndexError, TypeError):
        return True


def chosen() -> ExperimentConfig | None:
    """The configuration that the controls spell; if it is impossible, say why and return None."""
    try:
        return configs.from_dict(options.table())
    except InputError as error:
        widgets.problem(error)
        return None


def preset_changed() -> None:
    """Set every control to the preset that was picked."""
    try:
        options.fill(loaders.preset(st.session_state["preset"]))
    except InputError as error:
        st.session_state["preset_problem"] = error


def show_preview(config: ExperimentConfig) -> None:
    """How many events, windows and rejections a configuration yields, before any training."""
    try:
        source = loaders.source_of(config)
        if source is None:
            st.info(
                "This synthetic world has not been made yet; training makes it first. To preview it, in a terminal:"
            )
            st.code(commands.typed(f"precursor preview {config.name}.toml"), language="bash")
            return
        found = loaders.preview(config, source)
        could = expected(config, found, data_dir())
    except InputError as error:
        widgets.problem(error)
        return
    lines = [*found.sentences, *could.sentences, sentences.capacity(n_parameters, found.n_train)]
    st.markdown("\n".join(f"- {sentences.plain(line)}" for line in lines))
    counted = {
        "Windows by label and fate": found.windows,
        "Events": found.events,
        "Kept windows by split": found.splits,
    }
    for column, (name, table) in zip(st.columns(3), counted.items(), strict=True):
        column.markdown(f"**{name}**")
        with column:
            tables.show(table, alt=name)
    st.caption(
        f"Counted from the data stored now, for the configuration **{config.name}** as it stands above; no run yet."
    )


def start(config: ExperimentConfig) -> None:
    """Write the configuration down and start the training."""
    text = tomli_w.dumps(config.as_dict())
    asked = data_dir() / "jobs" / "asked" / f"{config.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.toml"
    files.replace_text(asked, text)
    if jobs.start(["train", str(asked)], f"Training {config.name}"):
        st.rerun()


widgets.page_head("Train", "Choose what to ask, see what data that leaves, and let the network learn.")
busy = jobs.running()
st.fragment(progress, run_every=2 if busy else None)()

presets = loaders.presets()
if jobs.read_only():
    st.info("This is a copy to look at: training is switched off. Install the project to train on your own machine.")
if not presets:
    widgets.empty("There is no configuration to start from.", "ls data/experiments")
    st.stop()
if "option_name" not in st.session_state:
    st.session_state["preset"] = widgets.first_preset(list(presets))
    preset_changed()

st.selectbox(
    "Start from a preset",
    list(presets),
    format_func=widgets.preset_words,
    key="preset",
    on_change=preset_changed,
    persist_state="session",
)
if "preset_problem" in st.session_state:
    widgets.problem(st.session_state.pop("preset_problem"))
st.text_input(
    "Name", key="option_name", persist_state="session", help="Letters, digits, - and _. The run is called after it."
)
st.text_input(
    "What for", key="option_description", persist_state="session", help="One sentence for those who find the run later."
)
names = {"stations": loaders.station_codes(), "catalogues": loaders.catalogue_names()}
for part, kind in configs.parts().items():
    if part == "world" and st.session_state[options.key("data", "source")] != "synthetic":
        continue
    with st.expander(f"**{kind.TITLE}** · {kind.ABOUT}", key=f"part_{part}"):
        options.controls(part, names)

config = chosen()
if config is None:
    st.stop()
widgets.synthetic_badge(config.data.source == "synthetic")
n_parameters = network.n_parameters(config.windows.length_minutes, config.network)
st.markdown(
    f"For windows of {config.windows.length_minutes:,} minutes the network has **{n_parameters:,} parameters** "
    "to learn."
)
with st.container(horizontal=True):
    wants_preview = st.button(
        "Preview", icon=":material/visibility:", help="Events, windows and rejections, without training"
    )
    wants_training = not jobs.read_only() and st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        disabled=busy is not None,
    )
if not jobs.read_only():
    widgets.why_greyed()
if wants_training:
    start(config)
if wants_preview:
    show_preview(config)
if not jobs.read_only():
    with st.expander("**Vary something** · One or two options, each value a run of its own.", key="part_vary"):
        sweeps.form(config, busy is not None)
with st.expander("The same as a file, for the command line"):
    st.code(tomli_w.dumps(config.as_dict()), language="toml")
    st.markdown(f"Save it as `mine.toml`, then `{commands.typed('precursor train mine.toml')}`.")
