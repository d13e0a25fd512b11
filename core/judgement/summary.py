"""The single numbers of an assessment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from core import files, typed_documents
from core.evaluation.estimate import Estimate
from core.typed_documents import Count, NotNegative, Share


@dataclass(frozen=True)
class Summary:
    """
    Every single number of an assessment by name; `_low` and `_high` are its 95 % interval, None does not exist.

    Counts: n windows of the judged split, n_positive of them with label 1, in n_groups independent pieces of the record
    (None: an older document does not say it), n_train training windows; n_events target events in admissible time, in
    n_clusters, and n_events_outside it. auc to log_skill_calibrated: of the windows; chance is 0.5, 0, or the number
    with `_chance`. ass to exact_p: of the Molchan diagram; tau is the share of time alarmed and nu that of events
    missed at `threshold`. information_gain to share_natural: in nats per event, of the calibrated forecast against
    climatology. calibration, ass_sentence: for the reader. admissible_days by station. scan_rejected: windows of the
    scan by reason. leak, data_changed: of the run.
    """

    n: Count
    n_positive: Count
    threshold: NotNegative
    n_groups: Count | None = None
    n_train: Count | None = None
    leak: bool = False
    data_changed: bool = False
    auc: Share | None = None
    auc_low: Share | None = None
    auc_high: Share | None = None
    average_precision: Share | None = None
    average_precision_chance: Share | None = None
    brier: Share | None = None
    brier_low: float | None = None
    brier_high: float | None = None
    brier_skill: float | None = None
    brier_skill_low: float | None = None
    brier_skill_high: float | None = None
    log_score: float | None = None
    log_score_low: float | None = None
    log_score_high: float | None = None
    log_skill: float | None = None
    log_skill_low: float | None = None
    log_skill_high: float | None = None
    expected_calibration_error: Share | None = None
    brier_calibrated: Share | None = None
    brier_calibrated_low: float | None = None
    brier_calibrated_high: float | None = None
    brier_skill_calibrated: float | None = None
    brier_skill_calibrated_low: float | None = None
    brier_skill_calibrated_high: float | None = None
    log_score_calibrated: float | None = None
    log_score_calibrated_low: float | None = None
    log_score_calibrated_high: float | None = None
    log_skill_calibrated: float | None = None
    log_skill_calibrated_low: float | None = None
    log_skill_calibrated_high: float | None = None
    expected_calibration_error_calibrated: Share | None = None
    ass: Share | None = None
    ass_low: float | None = None
    ass_high: float | None = None
    n_events: Count = 0
    n_events_outside: Count | None = None
    n_clusters: Count | None = None
    tau: Share | None = None
    nu: Share | None = None
    hits: Count | None = None
    gain: NotNegative | None = None
    loss: NotNegative | None = None
    exact_p: Share | None = None
    information_gain: float | None = None
    information_gain_low: float | None = None
    information_gain_high: float | None = None
    t_p: Share | None = None
    w_p: Share | None = None
    expected: NotNegative | None = None
    expected_climatology: NotNegative | None = None
    n_events_forecast: Count | None = None
    n_clusters_forecast: Count | None = None
    share_drawn: float | None = None
    share_natural: float | None = None
    calibration: str = ""
    admissible_days: dict[str, NotNegative] = field(default_factory=dict)
    scan_step_minutes: Count | None = None
    scan_rejected: dict[str, Count] = field(default_factory=dict)
    ass_sentence: str = ""

    def estimate(self, name: str) -> Estimate:
        """A number by name with its interval; without one for those that have none. AttributeError: no such number."""
        low, high = (getattr(self, f"{name}{end}", None) for end in ("_low", "_high"))
        return Estimate(getattr(self, name), low, high)

    @classmethod
    def of(cls, numbers: dict[str, object]) -> Summary:
        """
        From computed numbers by name, numpy's or plain; what is not finite does not exist.

        Raises
        ------
        ValueError
            If a name is none of the fields, or a number is of another type.
        """
        unknown = sorted(set(numbers) - {each.name for each in dataclasses.fields(cls)})
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no field of a summary")
        return typed_documents.read(cls, files.plain(numbers))
