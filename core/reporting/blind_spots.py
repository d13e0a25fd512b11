"""What no gate can see: what stays possible beside a claim, whatever it passed; a short list for every reader."""

from __future__ import annotations

from core.judgement.battery import results
from core.judgement.verdict import Verdict, VerdictKind

TITLE = "What no gate can see"
UNLISTED_CAUSE = (
    "Whatever else disturbs the sensor before earthquakes and stands in no table: works at the observatory, a change "
    "of instruments, a habit of those who keep record or catalogue."
)
OTHER_TRIES = "Tries on another machine or in another data folder: the journal here counts only its own."
CLOCK_OF_ONE = (
    "Whether it was declared when the journal says so: that is this machine's own word. Ask for the digest of the "
    "journal's line as it was noted elsewhere before the data came."
)
NO_NETWORK = (
    "What training does: the tricks of the page Can it be fooled? are played with made-up scores, and no trained "
    "network plays in them."
)


def everywhere() -> tuple[str, ...]:
    """What no gate can see of any run."""
    return small_foreshocks(), UNLISTED_CAUSE, OTHER_TRIES, CLOCK_OF_ONE


def small_foreshocks() -> str:
    """That foreshocks may be in no list, and how often they fooled the instrument in the battery of the program."""
    told = (
        "Foreshocks too small for the catalogue that the sensor feels all the same: no list has them, so no gate can "
        "set them aside."
    )
    some, every = (results.with_the_program().of(name) for name in ("unlisted-some", "unlisted-all"))
    if some is None or every is None:
        return told
    return (
        f"{told} Where such foreshocks came before 30 % of the sequences, {some.n_hits} of {some.n} made-up worlds "
        f"were taken for a candidate or more; before all sequences, {every.n_hits} of {every.n}."
    )


def of_claim(verdict: Verdict, run_id: str, seed: int) -> list[str]:
    """
    What stays possible beside a claim; nothing beside any other verdict.

    Parameters
    ----------
    verdict : Verdict
    run_id : str
    seed : int
        Of its training.
    """
    if verdict.kind not in (VerdictKind.CANDIDATE, VerdictKind.DETECTS):
        return []
    declared = () if verdict.exploratory else (CLOCK_OF_ONE,)
    return [small_foreshocks(), UNLISTED_CAUSE, one_seed(run_id, seed), OTHER_TRIES, *declared, NO_NETWORK]


def one_seed(run_id: str, seed: int) -> str:
    """That it is one training with one seed, and which control there is."""
    return (
        f"What another training would say: this is one network with one seed ({seed}), and each other seed is a try "
        f"more. What the same network sees after learning shuffled labels, precursor explain {run_id} shows."
    )
