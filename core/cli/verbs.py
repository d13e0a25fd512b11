"""
The table of verbs: where each one lives, what it is for, and what it does in one sentence.

`precursor` knows its verbs from here and imports only the module of the one that was called, for a module brings
pandas and more with it, which takes many times as long as printing the help. The sentence is the first paragraph of
the verb's own help; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple

BRING_IN, SOUND, TRAIN = "Bring in data", "Are the data sound?", "Train"
CAME_OUT, FORECAST, SHARE = "What came out", "Forecast", "Share and show"
WISHES = (BRING_IN, SOUND, TRAIN, CAME_OUT, FORECAST, SHARE)  # in the order in which a study has them


class Verb(NamedTuple):
    """
    The module in `core.cli` that holds a verb, the wish that it answers, and its help in one sentence.

    A verb that `needs_folder` looks at what is there, or wants a run of it: a data folder that is not there is then a
    slip of the pen. The others make one.
    """

    module: str
    wish: str
    sentence: str
    needs_folder: bool = False


# In the order in which `precursor --help` lists them.
VERBS = {
    "stations": Verb(
        "data_verbs",
        SOUND,
        "List the known stations, which have minute data here, whose the data are, and which entries are your own.",
        needs_folder=True,
    ),
    "ingest": Verb("data_verbs", BRING_IN, "Read minute files into the archive; the format is found from the content."),
    "activity": Verb(
        "data_verbs",
        BRING_IN,
        "Store the activity index Kp (CelesTrak SW-All, GFZ) or Dst (Kyoto), or say what is stored.",
    ),
    "coverage": Verb(
        "data_verbs",
        SOUND,
        "How complete the minute data are: station x year, in percent of all minutes.",
        needs_folder=True,
    ),
    "quality": Verb(
        "quality_verbs",
        SOUND,
        "Spikes, steps, deltaF, stuck readings, copied hours, the frame and the clock of a station, month by month.",
        needs_folder=True,
    ),
    "demo": Verb(
        "run_verbs",
        SHARE,
        "Make synthetic worlds and finished runs, so that every page but The paper has content. No network needed.",
    ),
    "config": Verb(
        "config_verbs",
        TRAIN,
        "Begin an experiment of your own: a file with every option explained; list all options.",
    ),
    "preview": Verb("run_verbs", TRAIN, "What a config yields and what that could show, before any training."),
    "train": Verb("run_verbs", TRAIN, "Take a config through labelling, training and evaluation into a run."),
    "cross-validate": Verb("run_verbs", TRAIN, "Test on every block of time in turn; each fold is a run of its own."),
    "learning-curve": Verb("run_verbs", TRAIN, "Train on growing subsets: would more of the same data help?"),
    "runs": Verb(
        "run_verbs", CAME_OUT, "List your finished runs, newest first, chance beside each score.", needs_folder=True
    ),
    "show": Verb(
        "run_verbs",
        CAME_OUT,
        "Show one run: scores with chance beside them, caveats, where its files are.",
        needs_folder=True,
    ),
    "sweep": Verb(
        "sweep_verbs", TRAIN, "Train every combination of the options listed under \\[vary], each as a run of its own."
    ),
    "search": Verb(
        "sweep_verbs", TRAIN, "Look for the best of what is listed or ranged under \\[vary], on the validation windows."
    ),
    "compare": Verb(
        "compare_verbs",
        CAME_OUT,
        "Hold runs against the first one, on the windows that both are judged by.",
        needs_folder=True,
    ),
    "reproduce": Verb(
        "compare_verbs",
        CAME_OUT,
        "Make a run once more from its configuration and data, and compare every prediction.",
        needs_folder=True,
    ),
    "assess": Verb(
        "assess_verbs",
        CAME_OUT,
        "Judge a run: the verdict, confounders beside the network, scores part by part, calibration, "
        "the Molchan diagram.",
        needs_folder=True,
    ),
    "calibrate": Verb(
        "assess_verbs",
        CAME_OUT,
        "Try to fool the instrument with made-up worlds, and say how often each trick works.",
    ),
    "freeze": Verb(
        "verdict_verbs",
        TRAIN,
        "Pre-register a config: write down what it will be judged by, before any run has scored that.",
    ),
    "verdict": Verb(
        "verdict_verbs",
        CAME_OUT,
        "What a run found, in one paragraph, with the gates it passed; a null is said as loudly as anything else.",
        needs_folder=True,
    ),
    "power": Verb(
        "verdict_verbs",
        CAME_OUT,
        "Simulate how large a change a run would have found: planted in its own scores, through a verdict's gates.",
        needs_folder=True,
    ),
    "refit": Verb(
        "verdict_verbs",
        CAME_OUT,
        "The expensive test: label, split and train anew on shifted catalogues, and compare the AUC.",
        needs_folder=True,
    ),
    "open-final": Verb(
        "verdict_verbs",
        CAME_OUT,
        "Score the final block of a run, once, write down that it was opened, and judge the run by it.",
        needs_folder=True,
    ),
    "leak-demo": Verb(
        "verdict_verbs",
        CAME_OUT,
        "The same data and model under random, grouped and blocked splits: which one looks skilful where nothing is?",
    ),
    "null-gallery": Verb(
        "verdict_verbs",
        CAME_OUT,
        "Judge a run's scores against shifted catalogues, drawn like the real one: how convincing does noise look?",
        needs_folder=True,
    ),
    "scan": Verb(
        "forecast_verbs",
        FORECAST,
        "Slide a trained run over a continuous record: a probability for each step, kept for the Forecast page.",
        needs_folder=True,
    ),
    "update": Verb(
        "forecast_verbs",
        FORECAST,
        "Take in what is new, relabel, retrain from the run's weights into a new run, and forecast.",
        needs_folder=True,
    ),
    "ledger": Verb("forecast_verbs", FORECAST, "List the forecasts written down so far.", needs_folder=True),
    "site": Verb(
        "forecast_verbs",
        SHARE,
        "Write the static report site: plain HTML that opens from disk without a network.",
        needs_folder=True,
    ),
    "hourly": Verb("hourly_verb", SOUND, "Show a file of hourly means (WDC or IAGA-2002), month by month."),
    "paper": Verb(
        "paper_verb",
        TRAIN,
        "Do every experiment of Petrescu & Moldovan (2022) again, under their choices and under the honest default.",
    ),
    "explain": Verb(
        "explain_verb",
        CAME_OUT,
        "What does the network look at? Attributions beside those of networks that cannot know.",
        needs_folder=True,
    ),
    "export": Verb(
        "export_verb", SHARE, "The history of a run as event files, for `tensorboard --logdir DIR`.", needs_folder=True
    ),
    "catalogue": Verb(
        "catalogue_verbs",
        BRING_IN,
        "Store an earthquake catalogue (`precursor catalogue FILE`), or list the stored ones; compare and merge them.",
    ),
    "archive": Verb(
        "archive_verbs",
        SOUND,
        "What is missing and what was replaced in the minute data; check every byte; make the archive again.",
        needs_folder=True,
    ),
    "fetch": Verb(
        "fetch_all",
        BRING_IN,
        "Fetch data from INTERMAGNET, FDSN event services or GFZ. What came is kept; a stopped download goes on.",
    ),
}
