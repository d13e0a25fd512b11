"""The family of a run: all that scored the same stretch, and what they do to its p."""

from __future__ import annotations

from dataclasses import dataclass

from core.typed_documents import Count, Share


@dataclass(frozen=True)
class Family:
    """
    What the runs that scored the same stretch do to the p of one of them.

    n_runs: of the family, this one included, as far as this journal knows them. n_unknown: those of them whose normal
    scores are not there. p, p_smallest: of the run alone. p_family: as one of the family; smallest_p_family: that of
    the best scores that the run's blocks allow. plans: those frozen for the stretch, of a confirmatory run. n_again:
    scorings by these runs that came out otherwise before; each is a try more. lost: a sentence where a journal has lost
    lines, so that nobody knows what is to be paid for.
    """

    run_id: str
    n_runs: Count
    n_unknown: Count
    p: Share
    p_smallest: Share
    p_family: Share
    smallest_p_family: Share
    plans: tuple[str, ...] = ()
    n_again: Count = 0
    lost: str = ""

    @property
    def n_paid(self) -> int:
        """All that its p pays for, itself included: runs, or plans with the runs that may have looked before them."""
        return self.n_runs + (self.n_unknown if self.plans else 0)

    @property
    def kind_paid(self) -> str:
        """What these are, in the plural."""
        if not self.plans:
            return "runs"
        return "plans and deleted runs" if self.n_unknown else "plans"

    @property
    def sentence(self) -> str:
        """How many tries the p value pays for, and that more of them may be gone."""
        return f"{self._paid} {self.lost}".strip()

    @property
    def _paid(self) -> str:
        if self.plans:
            n = len(self.plans)
            also = "no other plan is" if n == 1 else f"{n - 1} other plan{' is' if n == 2 else 's are'}"
            deleted = ""
            if self.n_unknown:
                runs = f"{self.n_unknown:,} run{' that was' if self.n_unknown == 1 else 's that were'}"
                deleted = f", and {runs} deleted before then may have scored it"
            return (
                f"Frozen before the stretch was scored; {also} frozen for it{deleted} (Holm): p = {self.p_family:.2g}."
            )
        if self.n_runs == 1 and not self.n_again:
            return "It is the only run that this journal knows to have scored this stretch."
        unknown = (
            f" (of {self.n_unknown:,} of them the journal does not hold enough; each costs one more p)"
            if self.n_unknown
            else ""
        )
        runs = f"{self.n_runs:,} run{'' if self.n_runs == 1 else 's'}"
        again = f", {self.n_again:,} times otherwise before" if self.n_again else ""
        return (
            f"{runs} known to this journal scored this stretch{again}{unknown}: p = {self.p:.2g} becomes "
            f"{self.p_family:.2g} as the best of them."
        )
