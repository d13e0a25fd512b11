"""The tables and numbers of an assessment, computed in one pass from what a run is judged by."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.config import MINUTES_PER_DAY
from core.evaluation import (
    alarm_series,
    bootstrap,
    calibration,
    estimate,
    information_gain,
    molchan,
    placebo,
    scores,
    significance,
    strata,
)
from core.evaluation.chance import lead_profile, other_years, skill
from core.evaluation.chance.other_years import OtherYears
from core.evaluation.chance.skill import Scores, SkillTest
from core.evaluation.estimate import Estimate
from core.evaluation.information_gain import InformationGain
from core.evaluation.rivals import added_skill, catalogue_rate, circumstances, confounders, scorecard, ulf
from core.evaluation.rivals.added_skill import AddedSkill
from core.evaluation.strata import Skills
from core.judgement.evidence import Judged
from core.judgement.findings import Classical, Lead, Specificity
from core.judgement.measurements import Measured
from core.judgement.summary import Summary
from core.labelling import splits, windows
from core.loading.record.minute import epoch_minutes
from core.loading.record.source import Period, Source
from core.runs.runs import Run

NEIGHBOURHOOD_KM = 300.0  # of the catalogue's rate, for a station without a target in training
HILL_BINS = 300


@dataclass(frozen=True)
class Gain:
    """
    Information gain against climatology, of a forecast that was corrected from the share of positives among the drawn
    windows to the natural one.
    """

    information: InformationGain
    share_drawn: float
    share_natural: float


@dataclass(frozen=True)
class OfWindows:
    """Scores of the judged windows with cluster bootstrap intervals, chance beside each; 0.5 for the AUC, else 0."""

    auc: Estimate
    average_precision: float
    average_precision_chance: float
    skills: Skills
    expected_calibration_error: float
    skills_calibrated: Skills
    expected_calibration_error_calibrated: float

    def numbers(self) -> dict[str, float | None]:
        """By their names in a `Summary`."""
        plain = ("average_precision", "average_precision_chance", "expected_calibration_error")
        out = {name: getattr(self, name) for name in (*plain, "expected_calibration_error_calibrated")}
        out |= _with_interval("auc", self.auc)
        for suffix, skills in (("", self.skills), ("_calibrated", self.skills_calibrated)):
            for name, number in vars(skills).items():
                out |= _with_interval(f"{name}{suffix}", number)
        return out


@dataclass(frozen=True)
class Made:
    """Every table by name, the single numbers, the scores on one axis with the primary test, and what gates take."""

    tables: dict[str, pd.DataFrame]
    summary: Summary
    scores: Scores
    outcome: SkillTest
    measured: Measured


def make(run: Run, source: Source, judged: Judged, n_bootstrap: int, n_shifts: int, seed: int) -> Made:
    """
    Every table by name, and the single numbers.

    Parameters
    ----------
    run : Run
    source : Source
        For the raw field and the catalogue that the baselines look at.
    judged : Judged
    n_bootstrap, n_shifts, seed : int

    """
    config, rows = run.config, judged.rows
    known = rows["label"].isin([0, 1]).to_numpy()
    mine = (rows["split"] == judged.split).to_numpy() & known
    label = rows["label"].to_numpy(dtype=np.int64)
    features = looked_at(run, source, judged)
    own = features.loc[mine]
    cluster = rows.loc[mine, "cluster"].to_numpy()
    group = bootstrap.groups(own["start_minutes"], splits.footprint_minutes(config), cluster)
    taken = bootstrap.draws(int(group.max()) + 1, n_bootstrap, seed)

    models = confounders.models([c for c in ulf.columns(config.windows.length_minutes) if c in features], True)
    train = (rows["split"] == "train").to_numpy() & known
    probability = confounders.probabilities(models, features, label, train)
    probability[scorecard.NETWORK] = rows["probability"].to_numpy()
    split = rows["split"].to_numpy(dtype=object)
    best = scorecard.choose_best(models, features, label, split, judged.split, probability)
    card = scorecard.table(models, label[mine], probability.loc[mine].reset_index(drop=True), group, best, taken)

    raw = rows.loc[mine, "probability"].to_numpy(dtype=np.float64)
    calibrated, how = calibrate(rows, judged.split, mine)
    series = alarm_series.build(judged.scan, config)
    shift_days = max(significance.SOLAR_ROTATION_DAYS, splits.footprint_minutes(config) / MINUTES_PER_DAY)
    moments = skill.on_one_axis(series)
    outcome = skill.tested(moments, judged.targets)
    scored = molchan.per_target(series, judged.targets)
    moved, moved_draws = significance.table(series, judged.targets, seed, n_shifts, shift_days)
    catalogues = {str(code): events for code, events in judged.events.groupby("station")}
    far, far_draws = placebo.far_location(series, judged.targets, catalogues, config.detectability, seed)
    tables = {
        "scorecard": card,
        "strata": strata.table(rows.loc[mine], label[mine], raw, group, config.training.threshold),
        "reliability": pd.concat(
            [
                calibration.reliability(label[mine], raw, group, False),
                calibration.reliability(label[mine], calibrated, group, True),
            ],
            ignore_index=True,
        ),
        "precision_recall": scores.precision_recall(label[mine], raw),
        "molchan": molchan.curve(series, judged.targets, seed, n_shifts, shift_days),
        "targets": scored,
        "scan": judged.scan,
        "significance": pd.concat([moved, far], ignore_index=True),
        "null_draws": pd.concat([moved_draws, far_draws], ignore_index=True),
        "lead_profile": lead_profile.table(moments, judged.targets),
        "chance": hill(outcome),
    }
    gained = gain(run, judged, train)
    numbers: dict[str, object] = {
        "n": int(mine.sum()),
        "n_positive": int(label[mine].sum()),
        "n_groups": int(group.max()) + 1,
        "n_train": int(train.sum()),
        "leak": not run.audit.ok,
        **of_windows(label[mine], raw, calibrated, group, taken).numbers(),
        **dataclasses.asdict(molchan.area(scored, n_bootstrap, seed)),
        **dataclasses.asdict(molchan.operating_point(series, scored, config.training.threshold)),
        "threshold": config.training.threshold,
        "calibration": how,
        "admissible_days": {one.station: one.admissible_days for one in series},
        "scan_step_minutes": series[0].step_minutes,
        "scan_rejected": judged.scan["rejected"][judged.scan["rejected"] != ""].value_counts().to_dict(),
        **dataclasses.asdict(gained.information),
        "share_drawn": gained.share_drawn,
        "share_natural": gained.share_natural,
    }
    summary = Summary.of(numbers)
    summary = dataclasses.replace(summary, ass_sentence=area_sentence(summary))
    added = added_to_rivals(source, judged, label, known)
    years = other_years.tested(moments, judged.targets)
    measured = Measured(added, specificity(far.iloc[0], years), classical(card), lead(tables["lead_profile"]))
    return Made(tables, summary, moments, outcome, measured)


def added_to_rivals(source: Source, judged: Judged, label: np.ndarray, known: np.ndarray) -> AddedSkill:
    """What the network adds to models of date, hour, storms, gaps and recent earthquakes, on the judged windows."""
    rows = judged.rows
    near = [events[events["distance_km"] <= NEIGHBOURHOOD_KM] for _, events in judged.events.groupby("station")]
    around = pd.concat(near) if near else judged.events
    seen = circumstances.measure(rows, source.activity(), around)
    start = epoch_minutes(pd.DatetimeIndex(rows["start"]))
    group = bootstrap.groups(start, splits.footprint_minutes(judged.config), rows["cluster"].to_numpy())
    return added_skill.measure(
        seen,
        np.where(known, label, -1),
        rows["probability"].to_numpy(dtype=np.float64),
        group,
        (rows["split"] == "train").to_numpy(),
        (rows["split"] == judged.split).to_numpy(),
    )


def specificity(places: pd.Series, years: OtherYears) -> Specificity:
    """What far places (their row of the table of tests) and other years say."""
    p_places, p_years = (p if math.isfinite(p) else None for p in (float(places["p"]), years.p))
    return Specificity(int(places["n_null"]), p_places, n_years=years.n_years, p_years=p_years)


def lead(profile: pd.DataFrame) -> Lead:
    """Since when before the events the scores stand out, from the profile of leads."""
    hours = lead_profile.stands_out_from_hours(profile)
    return Lead(hours if math.isfinite(hours) else None, max(lead_profile.LEADS_HOURS))


def classical(card: pd.DataFrame) -> Classical | None:
    """The classical detector of the scorecard, and the network's AUC less its; None without one."""
    rows = card[card["model"] == "ulf"]
    if rows.empty:
        return None
    numbers = (float(rows[name].iloc[0]) for name in ("auc", "difference_low", "difference_high"))
    return Classical(*(number if math.isfinite(number) else None for number in numbers))


def hill(outcome: SkillTest) -> pd.DataFrame:
    """The null of the primary test as it is drawn: skill and share of all movements, at most `HILL_BINS` rows."""
    if not outcome.n_targets:
        return pd.DataFrame({"skill": np.empty(0), "share": np.empty(0)})
    values, share = outcome.density()
    edges = np.linspace(values[0], values[-1], HILL_BINS + 1)
    at = np.clip(np.searchsorted(edges, values, "right") - 1, 0, HILL_BINS - 1)
    total = np.bincount(at, weights=share, minlength=HILL_BINS)
    middle = (edges[:-1] + edges[1:]) / 2
    return pd.DataFrame({"skill": middle, "share": total})[total > 0].reset_index(drop=True)


def looked_at(run: Run, source: Source, judged: Judged) -> pd.DataFrame:
    """What confounders and baselines may look at, one row per prediction; see `confounders.features`."""
    config, rows = run.config, judged.rows
    out = confounders.features(rows)
    names = ulf.columns(config.windows.length_minutes)
    out[[*names, "aftershock_days", "recent_events"]] = np.nan
    after, lasts = alarm_series.validity_minutes(config, MINUTES_PER_DAY)
    learned_until = rows.loc[rows["split"] == "train", "footprint_end"].max()
    for code, part in rows.groupby("station"):
        for _, of_year in part.groupby(part["start"].dt.year):  # many years of minutes at once are gigabytes
            record = source.minute(str(code), of_year["start"].min(), of_year["end"].max())
            statistics = ulf.measure(record, of_year["start"], config.windows.length_minutes)
            out.loc[of_year.index, names] = statistics.to_numpy()
        events = judged.events[judged.events["station"] == code]
        near = events.loc[events["target"] & (events["origin_time"] < learned_until), "distance_km"].max()
        around = events[events["distance_km"] <= (near if near == near else NEIGHBOURHOOD_KM)]
        rate = catalogue_rate.measure(part["end"], after, lasts, around)
        out.loc[part.index, ["aftershock_days", "recent_events"]] = rate.to_numpy()
    return out


def calibrate(rows: pd.DataFrame, split: str, mine: np.ndarray) -> tuple[np.ndarray, str]:
    """Calibrated probabilities of the judged rows, and in words on which rows the calibration was learned."""
    raw, label = rows["probability"].to_numpy(dtype=np.float64), rows["label"].to_numpy()
    other = (rows["split"] == "validation").to_numpy() & np.isin(label, (0, 1))
    if split != "validation" and other.any():
        return calibration.platt(label[other], raw[other])(raw[mine]), "Platt, learned on the validation windows"
    start = windows.microseconds(rows.loc[mine, "start"])
    folds = calibration.cross_fitted(label[mine], raw[mine], start)
    return folds, "Platt, each fifth of the judged period by the other four"


def gain(run: Run, judged: Judged, train: np.ndarray) -> Gain:
    """Information gain per target event of the calibrated, prior-corrected forecast against climatology."""
    config, rows = run.config, judged.rows
    series = alarm_series.newest(judged.scan, config)
    _, valid = alarm_series.validity_minutes(config, series[0].step_minutes)
    climatology = climatology_per_day(judged)
    mean_rate = float(np.mean([climatology[one.station] for one in series]))
    natural = natural_share(run, judged.split)
    if config.windows.sampling == "event_aligned":
        natural = -math.expm1(-mean_rate * valid / MINUTES_PER_DAY)
    label = rows["label"].to_numpy()
    learned = (rows["split"] == "validation").to_numpy() & np.isin(label, (0, 1)) & (judged.split != "validation")
    platt, drawn = calibration.Platt(1.0, 0.0), float(label[train].mean())
    if len(np.unique(label[learned])) == 2:  # from one class no share of positives can be corrected
        platt = calibration.platt(label[learned], rows.loc[learned, "probability"])
        drawn = float(label[learned].mean())
    corrected = [
        alarm_series.AlarmSeries(
            one.station,
            one.first_minute,
            one.step_minutes,
            calibration.prior_corrected(platt(one.score), drawn, natural),
        )
        for one in series
    ]
    found = information_gain.against_climatology(information_gain.rates(corrected, valid), climatology, judged.targets)
    return Gain(found, drawn, natural)


def learned_periods(rows: pd.DataFrame, split: str, method: str) -> list[Period]:
    """
    The periods [first, last) of the training windows, without that of the judged ones where it lies between them.

    Parameters
    ----------
    rows : DataFrame
        start, footprint_end, split of windows.
    split : str
        The judged one.
    method : str
        Of the split; where training and judged windows alternate, as under "random", nothing would be left, and the
        whole period is given.
    """
    train, mine = rows[rows["split"] == "train"], rows[rows["split"] == split]
    first, last = train["start"].min(), train["footprint_end"].max()
    if method in splits.LEAKY:
        return [(first, last)]
    parts = [(first, min(last, mine["start"].min())), (max(first, mine["footprint_end"].max()), last)]
    return [(begin, end) for begin, end in parts if begin < end]


def natural_share(run: Run, split: str) -> float:
    """The share of positives among all usable windows of the training period, before negatives were drawn."""
    table = run.windows
    usable = table["rejected"].isin(["", windows.NOT_DRAWN]) & table["label"].isin([0, 1])
    inside = np.zeros(len(table), dtype=bool)
    for first, last in learned_periods(table, split, run.config.split.method):
        inside |= ((table["start"] >= first) & (table["footprint_end"] <= last)).to_numpy()
    return float(table.loc[usable & inside, "label"].mean())


def climatology_per_day(judged: Judged) -> dict[str, float]:
    """
    Target events a day of each station in the training period; half an event more, so that no rate is 0.
    """
    origin, days = judged.events["origin_time"], 0.0
    inside = np.zeros(len(origin), dtype=bool)
    for first, last in learned_periods(judged.rows, judged.split, judged.config.split.method):
        days += (last - first) / pd.Timedelta(days=1)
        inside |= ((origin >= first) & (origin < last)).to_numpy()
    counts = judged.events.loc[inside & judged.events["target"].to_numpy(), "station"].value_counts()
    return {str(code): (int(counts.get(code, 0)) + 0.5) / days for code in judged.events["station"].unique()}


def area_sentence(summary: Summary) -> str:
    """The Molchan diagram in a sentence."""
    if not summary.n_events:
        return "No target event lies in admissible time of the judged period: there is no Molchan diagram."
    interval = "" if summary.ass_low is None else f" [{summary.ass_low:.2f}, {summary.ass_high:.2f}]"
    return (
        f"Molchan area skill {summary.ass:.3f}{interval} (0.5 is chance), {summary.n_events} target events in "
        f"{summary.n_clusters} clusters. Alarms at {summary.threshold:g} cover {summary.tau:.1%} of the time "
        f"and miss {summary.nu:.1%} of the events."
    )


def of_windows(
    label: np.ndarray, raw: np.ndarray, calibrated: np.ndarray, group: np.ndarray, taken: np.ndarray
) -> OfWindows:
    """
    Scores of the judged windows.

    Parameters
    ----------
    label, raw, calibrated : ndarray, shape (n,)
        Probabilities as the network gives them and as `calibrate` does.
    group, taken : ndarray
        See `strata.skills`.
    """
    return OfWindows(
        auc=estimate.of(scores.auc(label, raw), scores.auc_interval(label, raw, group)),
        average_precision=scores.average_precision(label, raw),
        average_precision_chance=float(label.mean()),
        skills=strata.skills(label, raw, group, taken),
        expected_calibration_error=calibration.expected_error(calibration.reliability(label, raw, group, False)),
        skills_calibrated=strata.skills(label, calibrated, group, taken),
        expected_calibration_error_calibrated=calibration.expected_error(
            calibration.reliability(label, calibrated, group, True)
        ),
    )


def _with_interval(name: str, number: Estimate) -> dict[str, float | None]:
    return {name: number.value, f"{name}_low": number.low, f"{name}_high": number.high}
