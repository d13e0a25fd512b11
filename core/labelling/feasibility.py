"""Feasibility: what a config yields and what that could show, before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import jupyter
from core.clock import MINUTE_US
from core.config import ExperimentConfig
from core.labelling import controls, detectability, windows
from core.labelling.splits import FINAL
from core.labelling.targets import DEPENDENT
from core.vocabulary import SPLITS

ALL = "all"


@dataclass(frozen=True)
class Preview:
    """
    What a config yields, before any training.

    Tables: `events` (station, reason: "target event" or why not, n), `independent` (see there), `windows` (station,
    label, rejected: "" = kept, n), `costs`, `overlaps`, `splits` (station, split, label, n), `stretches`, `laws`
    (`detectability.inside_laws`) and `matching` (`controls.matching`). `sentences`: what it means.
    """

    events: pd.DataFrame
    independent: pd.DataFrame
    windows: pd.DataFrame
    costs: pd.DataFrame
    overlaps: pd.DataFrame
    splits: pd.DataFrame
    stretches: pd.DataFrame
    laws: pd.DataFrame
    matching: pd.DataFrame
    sentences: list[str]

    def __repr__(self) -> str:
        by_split = self.splits.groupby("split", sort=False)["n"].sum()
        return f"<Preview: {', '.join(f'{n:,} {name}' for name, n in by_split.items()) or 'no'} windows>"

    def _repr_html_(self) -> str:
        shown = (self.independent, self.windows, self.splits)
        return jupyter.card("What a config yields", tables=map(jupyter.of_frame, shown), sentences=self.sentences)

    @property
    def n_train(self) -> int:
        """How many windows are learned from."""
        return int(self.splits.loc[self.splits["split"] == "train", "n"].sum())

    @property
    def judged_row(self) -> pd.Series:
        """The row of `stretches` of the split that a run is judged by."""
        names = self.stretches["split"].tolist()
        return self.stretches.iloc[names.index(next(name for name in ("test", "validation", ALL) if name in names))]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by its name, in the order of reading."""
        return {name: value for name, value in vars(self).items() if name != "sentences"}


def describe(
    config: ExperimentConfig, table: pd.DataFrame, events: pd.DataFrame, broken: pd.DataFrame, sentences: list[str]
) -> Preview:
    """
    All tables of a preview, and what they mean.

    Parameters
    ----------
    config : ExperimentConfig
    table : DataFrame
        The finished windows of all stations.
    events : DataFrame
        From `targets.station_events`, with near_record.
    broken : DataFrame
        Row by row as in `table`, one column per rule: the reason, or "" where the rule is kept.
    sentences : list of str
        Said before those about independent events and power.
    """
    reason = events["reason"].mask(events["dependant"], DEPENDENT)  # all in one row, whatever their mainshock
    reason = reason.where(events["near_record"], "outside the record's period")
    kept = table[table["rejected"] == ""]
    positive = kept[kept["label"] == windows.POSITIVE]
    count = independent(events)
    yielded = Preview(
        events=_count(events.assign(reason=reason.where(reason != "", "target event")), ["station", "reason"]),
        independent=count,
        windows=_count(table, ["station", "label", "rejected"]),
        costs=costs(table, broken),
        overlaps=overlaps(table),
        splits=_count(kept, ["station", "split", "label"]),
        stretches=stretches(table, config),
        laws=detectability.inside_laws(
            events[events["near_record"]], pd.Series(positive["event_id"].to_numpy(), index=positive["station"])
        ),
        matching=controls.matching(table),
        sentences=[*sentences, _independent_sentence(count)],
    )
    yielded.sentences.append(_judged_sentence(yielded.judged_row))
    return yielded


def independent(events: pd.DataFrame) -> pd.DataFrame:
    """
    How many independent events there are, station by station and for all together (station "all").

    Returns
    -------
    DataFrame
        station, n_targets (during the record), n_groups (by declustering alone) and n_clusters (groups, and targets
        within one footprint of each other: what counts as evidence).
    """
    targets = events[events["target"] & events["near_record"]]
    parts = [(str(code), rows) for code, rows in targets.groupby("station", sort=False)]
    rows = [
        {
            "station": code,
            "n_targets": part["event_id"].nunique(),
            "n_groups": part["group"].nunique(),
            "n_clusters": part["cluster"].nunique(),
        }
        for code, part in [*parts, (ALL, targets)]
    ]
    return pd.DataFrame(rows)


def costs(table: pd.DataFrame, broken: pd.DataFrame) -> pd.DataFrame:
    """
    What each rule costs: how many candidate windows break it, and how many would be kept without it.

    Returns
    -------
    DataFrame
        station, rule, n_windows (break it, whatever else they break), n_alone (break no other rule),
        n_positive and n_positive_alone (the same for positive windows); the costliest first.
    """
    reasons = broken.to_numpy(dtype=object)
    alone = (reasons != "").sum(axis=1) == 1
    positive = (table["label"] == windows.POSITIVE).to_numpy()
    station = table["station"].to_numpy(dtype=object)
    rows = []
    for code in dict.fromkeys(station):
        for column in reasons.T:
            for rule in pd.unique(column[(column != "") & (station == code)]):
                here = (column == rule) & (station == code)
                rows.append(
                    {
                        "station": code,
                        "rule": rule,
                        "n_windows": int(here.sum()),
                        "n_alone": int((here & alone).sum()),
                        "n_positive": int((here & positive).sum()),
                        "n_positive_alone": int((here & alone & positive).sum()),
                    }
                )
    columns = ["station", "rule", "n_windows", "n_alone", "n_positive", "n_positive_alone"]
    out = pd.DataFrame(rows, columns=columns)
    return out.sort_values(["station", "n_alone", "n_windows"], ascending=[True, False, False], ignore_index=True)


def overlaps(table: pd.DataFrame) -> pd.DataFrame:
    """
    How many kept windows share minutes with another kept window of their station.

    Returns
    -------
    DataFrame
        station, n_windows, n_sharing, sharing_fraction, and n_both_labels: windows that share minutes with one of the
        other label, so that the same numbers stand under both.
    """
    kept, rows = table[(table["rejected"] == "") & (table["split"] != "")], []
    for code, part in kept.groupby("station", sort=False):
        start, end = windows.microseconds(part["start"]), windows.microseconds(part["end"])
        positive = (part["label"] == windows.POSITIVE).to_numpy()
        touching = windows.n_overlapping(start, end, start, end) - 1
        other = np.where(
            positive,
            windows.n_overlapping(start, end, start[~positive], end[~positive]),
            windows.n_overlapping(start, end, start[positive], end[positive]),
        )
        rows.append(
            {
                "station": str(code),
                "n_windows": len(part),
                "n_sharing": int((touching > 0).sum()),
                "sharing_fraction": float((touching > 0).mean()),
                "n_both_labels": int((other > 0).sum()),
            }
        )
    return pd.DataFrame(rows, columns=["station", "n_windows", "n_sharing", "sharing_fraction", "n_both_labels"])


def stretches(table: pd.DataFrame, config: ExperimentConfig) -> pd.DataFrame:
    """
    What each split holds, and over how long.

    Negatives count as independent where they share no time, whatever the station.

    Returns
    -------
    DataFrame
        split ("all", then each that has windows), n_positive (windows), n_clusters, n_negative (windows),
        n_independent_negative, start and end of its windows with their periods of validity (UTC; NaT without any), and
        days, the length of what lies between.
    """
    used = table[(table["rejected"] == "") & table["split"].isin((*SPLITS, FINAL))]
    rows = []
    for name in (ALL, *SPLITS, FINAL):
        part = used if name == ALL else used[used["split"] == name]
        if name != ALL and not len(part):
            continue
        positive = part[part["label"] == windows.POSITIVE]
        negative = part[part["label"] == windows.NEGATIVE]
        start, end = part["start"].min(), part["footprint_end"].max()
        rows.append(
            {
                "split": name,
                "n_positive": len(positive),
                "n_clusters": positive["cluster"].nunique(),
                "n_negative": len(negative),
                "n_independent_negative": _n_disjoint(negative, config.windows.length_minutes),
                "start": start,
                "end": end,
                "days": (end - start) / pd.Timedelta(days=1) if len(part) else 0.0,
            }
        )
    return pd.DataFrame(rows)


def _independent_sentence(count: pd.DataFrame) -> str:
    row = count.set_index("station").loc[ALL]
    return (
        f"{row.n_targets} target events count as {row.n_clusters} independent: a sequence counts once, and so do "
        "events within one window's reach of each other."
    )


def _judged_sentence(row: pd.Series) -> str:
    where = "Kept windows" if row["split"] == ALL else f"The {row['split']} windows"
    return (
        f"{where} hold {row['n_clusters']} independent events and {row['n_independent_negative']} independent quiet "
        f"windows in {row['days']:,.0f} days."
    )


def _n_disjoint(rows: pd.DataFrame, length_minutes: int) -> int:
    """How many windows of this length the union of all of them holds, stations together."""
    if not len(rows):
        return 0
    first, last = windows.union(windows.microseconds(rows["start"]), windows.microseconds(rows["end"]))
    return int(((last - first) // (length_minutes * MINUTE_US)).sum())


def _count(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return table.groupby(by, sort=True).size().rename("n").reset_index()
