"""Whether a network has died: what its history says, why, and what to change."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

CONSTANT_SD = 1e-3  # probabilities that differ by less than this tell no window from another
PATIENCE = 3  # epochs for which a constant output is waited out; dead units never come back

_ADVICE = (
    'The usual cause is an input whose level is large beside its variations, as under normalisation = "paper": '
    'choose normalisation = "record_robust", or a lower learning_rate.'
)


@dataclass(frozen=True)
class Diagnosis:
    """Whether the network is dead, its output a constant; and how it does, dead or not, in a sentence for a reader."""

    dead: bool
    sentence: str


def diagnose(history: pd.DataFrame, n_units: int = 64) -> Diagnosis:
    """
    Say whether the network is dead: its hidden units, or its output.

    A ReLU unit that no window activates has no gradient and stays so. If all
    are dead, or the probabilities have a standard deviation below 0.001
    for three epochs (a few units may live on with one value for all windows),
    the output is a constant and the accuracy is the share of one class.

    Parameters
    ----------
    history : DataFrame
        Columns epoch, active_units, output_sd, validation_accuracy.
    n_units : int
        How many hidden units the network has (`network.n_hidden`).
    """
    if history.empty:
        return Diagnosis(False, "No epoch is complete yet.")
    last = history.iloc[-1]
    accuracy = float(last["validation_accuracy"])
    share = "its accuracy is the share of one class"
    if accuracy == accuracy:
        share = f"its validation accuracy ({accuracy:.3f}) is the share of one class"
    if last["active_units"] == 0:
        died = int(history.loc[history["active_units"].eq(0)[::-1].cummin()[::-1], "epoch"].iloc[0])
        return Diagnosis(
            True,
            (
                f"The network is dead: since epoch {died} no window activates any of the {n_units} hidden units, "
                f"so the output is a constant and {share}. {_ADVICE}"
            ),
        )
    recent = history.tail(PATIENCE)
    if len(recent) == PATIENCE and (recent["output_sd"] < CONSTANT_SD).all():
        return Diagnosis(
            True,
            (
                f"The output is a constant: in the last {PATIENCE} epochs the probabilities of different windows had a "
                f"standard deviation below {CONSTANT_SD:g} (now {last['output_sd']:.1g}, with "
                f"{int(last['active_units'])} of {n_units} hidden units active), so {share}. {_ADVICE}"
            ),
        )
    return Diagnosis(
        False,
        (
            f"{int(last['active_units'])} of {n_units} hidden units are active and the probabilities differ "
            f"between windows (standard deviation {last['output_sd']:.2g})."
        ),
    )
