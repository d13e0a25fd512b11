"""The words of the field in plain ones: the glossary of the pages and of the static site, and their tooltips."""

from __future__ import annotations

from types import MappingProxyType

TERMS = MappingProxyType(
    {
        "alarm": "A window whose probability is at or above the threshold. Without skill alarms are right as often as "
        "the share of positive windows.",
        "area skill": "How well a ranking of all moments places the events: of the Molchan diagram, the share "
        "of time with a lower probability than the moments of the events. 0.5 is chance, 1 is "
        "perfect.",
        "AUC": "Area under the ROC curve: the probability that a positive window gets a higher value than a negative "
        "one. 0.5 is chance, 1 is perfect; it needs no threshold.",
        "Brier score": "The mean squared difference between probability and outcome (1 or 0); lower is better. Beside "
        "it stands what always saying the share of positives would reach.",
        "calibrated": "Said of probabilities that come true as often as they say: of windows with 0.7, seven in "
        "ten are positive.",
        "circular shift": "Moving the whole catalogue in time by one amount, what falls off the end coming back at "
        "the start: its bursts stay as they are, any tie to the record is lost.",
        "cluster": "An earthquake with its foreshocks and aftershocks, counted as one. Windows of one cluster stay in "
        "one split: their answers are not independent.",
        "confounder": "What differs between the classes without being a precursor, such as the hour, the season "
        "or Kp. A model that knows only that, and no field, is the rival of the network.",
        "dead network": "One that gives the same output for every input: it has learned nothing, and its scores "
        "are those of a constant.",
        "declustering": "Telling main shocks from their foreshocks and aftershocks in a catalogue, by one of "
        "several published methods.",
        "embargo": "Windows between two splits that belong to none, so that what lingers in the record (a storm, an "
        "aftershock sequence) is not on both sides.",
        "false alarm": "A window that gets an alarm although no target event follows. The false alarm rate is the "
        "share of the negative windows that get one.",
        "footprint": "All that a window has seen and all that its label depends on: from its first minute to the end "
        "of the time in which an earthquake would make it positive.",
        "gate": "A condition that a run must pass before more than chance may be said of it. All of them must pass.",
        "hit": "A window that gets an alarm and is followed by a target event. The hit rate is the share of the "
        "positive windows that get one.",
        "horizon": "How long after a window a target event still makes it positive.",
        "independent event": "One that is not part of the sequence of another. Aftershocks are many and count as one: "
        "they tell little more than their main shock.",
        "information gain": "How much more probability a run gave to what happened than the share of positives would, "
        "as a logarithm (nats) per event; 0 is no gain.",
        "Kp": "How disturbed the field is worldwide in each three hours, from 0 (quiet) to 9 (the strongest storms). A "
        "storm is no sign of an earthquake.",
        "leak": "Something that windows of different splits share, such as minutes, a storm or an earthquake: the "
        "score is then too good.",
        "majority share": "The share of the larger class: the accuracy of always giving the same answer. An accuracy "
        "that is no higher shows no skill.",
        "MCC": "Matthews correlation coefficient, between alarm and event: 0 by chance, 1 if every window is right, "
        "-1 if every one is wrong.",
        "nT": "Nanotesla, the unit of the field. The Earth's field has 25,000 to 65,000 nT; a quiet day moves it by "
        "some tens, a storm by hundreds.",
        "p value": "How often chance alone does as well or better. 0.05 is one time in twenty; the best of "
        "many tries reaches it easily.",
        "purge": "Leaving out windows whose footprint or cluster reaches into another split, so that no answer is "
        "seen on both sides.",
        "split": "Which windows are learned from (training), watched during training (validation), and judged by at "
        "the end (test).",
        "target event": "An earthquake near, shallow and strong enough for the station to possibly feel, by the rule "
        "named beside it.",
        "threshold": "The probability from which a window counts as an alarm. Lower: more hits, and more false alarms.",
        "window": "A stretch of the record that the network sees at once. Positive if a target event follows it, "
        "negative if none does.",
    }
)

# What a heading calls a term, where it is not the term itself.
_HEADINGS = {
    "Brier": "Brier score",
    "Majority": "majority share",
    "Hit rate": "hit",
    "False alarm rate": "false alarm",
    "Accuracy": "majority share",
    "Split": "split",
    "Judged on": "split",
    "Target events": "target event",
    "Windows": "window",
    "Threshold": "threshold",
    "Cluster": "cluster",
    "Embargo": "embargo",
    "Horizon": "horizon",
}


def tip(heading: str) -> str:
    """
    What the heading of a column or a number means; "" where it needs no words.

    >>> tip("AUC [95 %], chance 0.5") == tip("AUC") == TERMS["AUC"]
    True
    >>> tip("Hit rate")[:14], tip("Station")
    ('A window that ', '')
    """
    names = {**{term: term for term in TERMS}, **_HEADINGS}
    fitting = [name for name in names if heading == name or heading.startswith((f"{name} ", f"{name},"))]
    return TERMS[names[max(fitting, key=len)]] if fitting else ""
