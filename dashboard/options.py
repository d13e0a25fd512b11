"""
Every option of an experiment in words: what the Train page calls it and how it explains it.

The controls themselves are generated from the dataclasses of `core.config`, so
a new option appears on the page by itself; a test asks for its words here.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, Literal

import streamlit as st

from core.config import ExperimentConfig
from core.options import is_number_or_word

PARTS = {
    "data": ("Data", "Which stations, which earthquakes, which period."),
    "world": (
        "Synthetic world",
        "What the made-up world is like. Plant a precursor here to see whether the method would find one.",
    ),
    "detectability": (
        "Detectability",
        "Which earthquakes a station could possibly feel. Only these, the target events, count as positives.",
    ),
    "declustering": (
        "Declustering",
        "Which earthquakes are one sequence, and count once as evidence.",
    ),
    "windows": ("Windows", "How long a stretch of the record the network sees, and where it is cut out."),
    "labels": ("Labels", "When a window counts as 'before an earthquake', and which quiet windows stand against it."),
    "processing": ("Processing", "What is removed from the record before the network sees it."),
    "split": ("Split", "Which windows are learned from, and which are kept aside to judge by."),
    "network": ("Network", "The convolutional network of the paper's Table 2."),
    "training": ("Training", "How the network's weights are found."),
}

# (part, option): (label, what it does). Choices of an option are explained in CHOICES.
WORDS = {
    ("data", "source"): ("Data are", "Real minute data from the archive, or a synthetic world with a known answer."),
    ("data", "stations"): ("Stations", "Observatory codes. Several stations are pooled into one training set."),
    ("data", "catalogues"): ("Catalogues", "One for all stations, or one per station in the same order. None: all."),
    ("data", "start"): ("From (UTC)", "ISO date such as 2016-01-31. Empty: from the first minute stored."),
    ("data", "end"): ("Until (UTC)", "ISO date, not included. Empty: to the last minute stored."),
    ("world", "seed"): ("World seed", "Another number makes another world of the same kind."),
    ("world", "start"): ("World begins", "ISO date."),
    ("world", "end"): ("World ends", "ISO date, not included."),
    ("world", "events_per_year"): (
        "Background earthquakes per year",
        "M 3.5 or more within 300 km of each station; aftershocks come on top.",
    ),
    ("world", "gap_fraction"): ("Missing fraction", "Share of minutes lost in gaps, 0 to 0.5."),
    ("world", "precursor_amplitude_nt"): (
        "Planted precursor (nT)",
        "Amplitude of a burst before each target event. 0, the default: there is none and nothing can be found.",
    ),
    ("world", "precursor_lead_hours"): ("Precursor lead (h)", "From the middle of the burst to the origin time."),
    ("world", "precursor_duration_hours"): ("Precursor duration (h)", "Length of the burst."),
    ("world", "precursor_period_minutes"): ("Precursor period (min)", "Period of the oscillation in the burst."),
    ("world", "precursor_shape"): (
        "Precursor shape",
        "burst: an oscillation that grows and fades. ramp: a straight rise to the amplitude, without oscillation.",
    ),
    ("world", "shaking_nt"): (
        "Shaken sensors (nT)",
        "Noise that an earthquake of M 4 at 100 km leaves in a sensor: ten times as much per magnitude, less farther "
        "away. 0, the default: sensors stay still.",
    ),
    ("world", "shaking_minutes"): ("Shaking fades in (min)", "Time in which the noise falls to 1/e."),
    ("world", "shaking_km"): ("Shaken from within (km)", "Earthquakes farther away shake no sensor."),
    ("detectability", "law"): (
        "Rule",
        "fixed: the three numbers beside. paper: 200 km, 30 km and M > 4, but 100 km and 100 km for MLR (Vrancea). "
        "The others: a distance that grows with magnitude, R = 10^(0.43 M) (dobrovolsky), 10^(0.5 M - 0.27) "
        "(morgunov_malzev), (M - 4.5) / 0.025 (hattori), or your own (custom).",
    ),
    ("detectability", "max_distance_km"): ("Farthest epicentre (km)", "Great-circle distance to the station."),
    ("detectability", "max_depth_km"): ("Greatest depth (km)", "Deeper earthquakes are not target events."),
    ("detectability", "min_magnitude"): ("Smallest magnitude", "As given by the catalogue, whatever its type."),
    ("detectability", "magnitude_rule"): (
        "Magnitude limit is",
        "above: M > limit, as in the paper. at_least: M >= limit.",
    ),
    ("detectability", "custom_slope"): ("Own law: slope", "custom: R = 10^(slope * M + intercept) km."),
    ("detectability", "custom_intercept"): ("Own law: intercept", "custom: R = 10^(slope * M + intercept) km."),
    ("detectability", "distance"): ("Distance to the", "epicentral: along the surface. hypocentral: to the focus."),
    ("declustering", "method"): (
        "Sequences by",
        "none: only earthquakes close in time, so that aftershocks may reach over several splits. By the others a "
        "sequence stays in one split, but for random splits. gardner_knopoff: windows of 1974. reasenberg: links of "
        "1985. zaliapin_ben_zion: nearest neighbours in time, space and magnitude.",
    ),
    ("declustering", "remove"): (
        "Only mainshocks are targets",
        "Aftershocks and foreshocks stay in the list with that reason. Off: they are targets, kept in one split.",
    ),
    ("declustering", "log10_eta0"): ("Nearest-neighbour limit", "zaliapin_ben_zion: log10 of eta0. Usual: -5."),
    ("windows", "length_minutes"): (
        "Window length (min)",
        "60 = 1 hour, 1440 = 1 day, 10080 = 1 week, 43200 = 30 days. Longer windows mean a larger network.",
    ),
    ("windows", "sampling"): (
        "Where windows are cut",
        "grid: a regular step, labelled by what follows. event_aligned: each ends just before an origin time (the "
        "paper), with quiet windows as negatives.",
    ),
    ("windows", "step_minutes"): (
        "Step (min)",
        "Distance of grid windows, and of quiet candidates. 0: one window length.",
    ),
    ("windows", "lead_gap_minutes"): (
        "Minutes before the origin time",
        "event_aligned: the last sample lies at least this long before the earthquake, so no window sees it.",
    ),
    ("windows", "max_gap_minutes"): (
        "Longest repaired gap (min)",
        "A longer gap rejects the window. The paper: up to 3.",
    ),
    ("windows", "max_missing_fraction"): (
        "Most minutes missing",
        "Share of a window that may be repaired in all, 0 to 0.5.",
    ),
    ("labels", "latency_minutes"): ("Latency (min)", "grid: from the window's end to when its forecast becomes valid."),
    ("labels", "horizon_days"): (
        "Horizon (days)",
        "grid: positive if a target event falls within this time after the latency.",
    ),
    ("labels", "quiet_margin_days"): (
        "Quiet margin (days)",
        "event_aligned: negatives keep this far from any target event, before and after it.",
    ),
    ("labels", "class_ratio"): ("Class ratio", "balanced: as many negatives as positives. natural: all there are."),
    ("labels", "storm_kp"): (
        "Storm limit (Kp)",
        "A 3-hour Kp at or above this is a magnetic storm. 4.667 is 5-; 10: never.",
    ),
    ("labels", "storm_rule"): (
        "Stormy windows are rejected",
        "both: whatever the label. negatives: the paper, which ties the label to Kp. none: never.",
    ),
    ("labels", "controls"): (
        "Quiet windows are",
        "random: drawn. matched: for each positive one of the same station, year, season, UT hour and Kp.",
    ),
    ("labels", "seed"): ("Seed of the negatives", "Which quiet windows are drawn."),
    ("processing", "record_filter"): (
        "Filter on the record",
        "Causal: no minute feels a later one, so a window never sees past its end.",
    ),
    ("processing", "window_filter"): (
        "Filter within the window",
        "Zero-phase (forward and backward, as in the paper), inside the window only.",
    ),
    ("processing", "highpass_period_minutes"): (
        "Remove slower than (min)",
        "Corner period of the high-pass. The paper's '0.02 Hz' (50 s) cannot exist on minute data, whose shortest "
        "period is 2 min; its likely meanings are 100, 50 or 833 min.",
    ),
    ("processing", "lowpass_period_minutes"): (
        "Remove faster than (min)",
        "Corner period of the low-pass and band-pass.",
    ),
    ("processing", "filter_order"): ("Filter order", "Steepness of the Butterworth filter."),
    ("processing", "gap_rule"): (
        "Short gaps are filled",
        "paper_mean: with the component's mean over the window. linear: with a straight line.",
    ),
    ("processing", "normalisation"): (
        "Normalisation",
        "record_robust: a fixed scale per station and component, learned from training windows. window_robust: each "
        "window by its own median and spread. paper: the raw field over the maximum of Bz.",
    ),
    ("split", "method"): (
        "Method",
        "blocked: by time, with a distance between the blocks. random: the paper's; neighbours in time fall on both "
        "sides, so it leaks, and the run will say so. grouped: whole sequences at random; leaks too. "
        "leave_one_station_out: blocked, tested on a station that was not trained on.",
    ),
    ("split", "validation_fraction"): ("Validation fraction", "Share used to watch the training."),
    ("split", "test_fraction"): ("Test fraction", "Share kept aside until the end. The paper: 0."),
    ("split", "embargo_days"): ("Embargo (days)", "Extra distance between blocks. -1: one window length."),
    ("split", "seed"): ("Seed of the split", "Used by the random and the grouped split."),
    ("split", "n_blocks"): ("Blocks of time", "Cross-validation: instead of the two fractions. 0: the fractions."),
    ("split", "test_block"): ("Test block", "Which block is tested on, counted from 0. -1: the last."),
    ("split", "test_station"): ("Test station", "leave_one_station_out: the station that is not trained on."),
    ("split", "final_fraction"): ("Final fraction", "Share of time at the end that stays closed until opened, once."),
    ("split", "final_start"): (
        "Final block from",
        "Instead of the share: the day on which the closed block begins, such as 2026-12-01. It may lie ahead. "
        "Empty: the share.",
    ),
    ("network", "name"): (
        "Architecture",
        "table2: three convolutions and two dense layers, as printed in the paper. one_dimensional: the three "
        "components enter as channels. dilated: each convolution looks twice as far as the one before, pooled once.",
    ),
    ("network", "activation_column"): (
        "Activations",
        "text: ReLU, then a softmax on the output, as the paper's text says. table: softmax on the dense layer of 64, "
        "as its Table 2 is printed.",
    ),
    ("network", "layers"): ("Convolutions", "Table 2 has 3, with a pooling between each two."),
    ("network", "filters"): ("Filters", "Of the first convolution; the others have twice as many. Table 2: 32."),
    ("network", "kernel"): ("Kernel", "Positions that a convolution looks at along time. Table 2: 3."),
    ("network", "pool"): ("Pooling", "Positions that a pooling joins. Table 2: 2. 1: no pooling."),
    ("network", "head"): (
        "Head",
        "flatten: every position has its own weights, as in Table 2. average: the mean over time, so a small network "
        "that does not know when. average_matched: the same, widened to as many parameters as flatten has.",
    ),
    ("network", "dense"): ("Hidden units", "Table 2: 64."),
    ("network", "dropout"): (
        "Dropout",
        "Share of hidden units left out in each training step. 0: none, as in Table 2.",
    ),
    ("training", "optimizer"): ("Optimiser", "The five the paper compares."),
    ("training", "learning_rate"): ("Learning rate", "Size of a step. 0.001 is usual for Adam."),
    ("training", "epochs"): ("Epochs", "Passes over the training windows. The paper: 50."),
    ("training", "batch_size"): ("Batch size", "Windows per step. auto: 32, or what fits into memory."),
    ("training", "class_weights"): ("Class weights", "balanced: the rarer class counts for more."),
    ("training", "early_stopping_patience"): (
        "Patience (epochs)",
        "Stop when the validation loss has not improved for so long. 0: never, as in the paper.",
    ),
    ("training", "threshold"): ("Threshold", "Probability from which a window counts as 'earthquake follows'."),
    ("training", "seed"): ("Training seed", "Same seed, same data, same machine: same result."),
    ("training", "precision"): (
        "Precision",
        "mixed_bfloat16: products of 16-bit numbers, about twice as fast on processors that have them; the scores "
        "change a little. Not for the paper's normalisation, whose signal is smaller than its rounding.",
    ),
    ("training", "backend"): (
        "Backend",
        "What keras computes with. auto: the environment variable KERAS_BACKEND, or tensorflow. jax and torch must "
        "be installed.",
    ),
}

# Shown above the controls of a part.
PART_NOTES = {
    "processing": (
        "Two of the paper's choices cannot work as printed. Its normalisation, the raw field over the largest Bz, "
        "keeps the network at chance (measured: AUC 0.46 to 0.50 even for planted bursts of 50 nT). Its filter corner "
        "of 0.02 Hz is a period of 50 s, which minute data do not hold; it may mean 100, 50 or 833 min."
    ),
}

# Shown when the option has this value: what was measured, or what it costs.
NOTES = {
    ("processing", "normalisation", "paper"): (
        "Measured: under the paper's division the network stays at chance (AUC 0.46 to 0.50) even for planted bursts "
        "of 50 nT that it finds (0.97 to 1.0) once the level is removed. The field of some 40,000 nT drowns the "
        "signal, and all 64 hidden units die within three epochs. Kept as a labelled reproduction."
    ),
    ("split", "method", "random"): (
        "A random split puts windows that share minutes, or lie side by side in time, on both sides. Its scores are "
        "too good; the run and every page that shows it will say so."
    ),
    ("split", "method", "grouped"): (
        "Whole sequences are dealt out at random, but neighbours in time still fall on both sides. Its scores are too "
        "good; the run and every page that shows it will say so."
    ),
    ("labels", "storm_rule", "negatives"): (
        "With storms removed from the negatives only, Kp alone can tell the classes apart. That is the paper's rule."
    ),
    ("network", "activation_column", "table"): (
        "A softmax over 64 hidden units starves the gradients; it is here because Table 2 can be read that way."
    ),
}

# Values that stand for something else, in words.
SPECIAL: dict[tuple[str, str, Any], str] = {
    ("windows", "step_minutes", 0): "one window length",
    ("split", "embargo_days", -1): "automatic",
    ("split", "n_blocks", 0): "none",
    ("split", "test_block", -1): "the last",
    ("training", "early_stopping_patience", 0): "never",
}


def value_words(setting: str, value: Any) -> str:
    """
    The value of an option "section.option" as a reader sees it: four digits, lists with commas.

    >>> value_words("split.embargo_days", -1.0), value_words("training.learning_rate", 0.00117814487193765)
    ('automatic', '0.001178')
    """
    part, _, name = setting.partition(".")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return SPECIAL.get((part, name, value)) or (f"{value:.4g}" if abs(value) < 1000 else f"{value:,.10g}")
    return SPECIAL.get((part, name, value)) or str(value)


def key(part: str, name: str) -> str:
    """The name under which a control's value is kept."""
    return f"option_{part}_{name}"


def fill(config: ExperimentConfig) -> None:
    """Set every control to a configuration."""
    table = config.as_dict()
    st.session_state["option_name"], st.session_state["option_description"] = table["name"], table["description"]
    for part in PARTS:
        for name, hint, _ in fields(part):
            value = table[part][name]
            st.session_state[key(part, name)] = str(value) if is_number_or_word(hint) else value


def table() -> dict[str, Any]:
    """What the controls say now, as the nested table that a configuration is made of."""
    content: dict[str, Any] = {
        "name": st.session_state["option_name"],
        "description": st.session_state["option_description"],
    }
    for part in PARTS:
        content[part] = {name: _said(st.session_state[key(part, name)], hint) for name, hint, _ in fields(part)}
    return content


def _said(value: Any, hint: Any) -> Any:
    """What a control says; text of digits where a number or a word is wanted is that number."""
    return int(value) if is_number_or_word(hint) and value.strip().isdigit() else value


def fields(part: str) -> list[tuple[str, Any, Any]]:
    """Name, type and default of each option of a part, from its dataclass."""
    kind = typing.get_type_hints(ExperimentConfig)[part]
    hints = typing.get_type_hints(kind)
    return [(field.name, hints[field.name], field.default) for field in dataclasses.fields(kind)]


def controls(part: str, names: dict[str, list[str]]) -> None:
    """Draw the controls of one part; `names` gives what can be chosen for the options that are lists of names."""
    if part in PART_NOTES:
        st.caption(PART_NOTES[part])
    columns = st.columns(3)
    for position, (name, hint, _) in enumerate(fields(part)):
        label, words = WORDS.get((part, name), (name, ""))
        with columns[position % 3]:
            _control(part, name, hint, label, words, names)
            note = (
                NOTES.get((part, name, st.session_state[key(part, name)]))
                if typing.get_origin(hint) is Literal
                else None
            )
            if note:
                st.warning(note, icon=":material/warning:")


def _control(part: str, name: str, hint: Any, label: str, words: str, names: dict[str, list[str]]) -> None:
    common: dict[str, Any] = {"key": key(part, name), "help": words, "persist_state": "session"}
    if typing.get_origin(hint) is Literal:
        st.selectbox(label, typing.get_args(hint), **common)
    elif typing.get_origin(hint) is tuple:
        chosen = st.session_state.get(key(part, name), [])
        choice = list(dict.fromkeys([*names.get(name, []), *chosen]))
        st.multiselect(label, choice, accept_new_options=True, **common)
    elif hint is bool:
        st.checkbox(label, **common)
    elif hint is int:
        st.number_input(label, step=1, format="%d", **common)
    elif hint is float:
        st.number_input(label, format="%g", step=None, **common)
    else:
        st.text_input(label, **common)
