"""Target events: what each station makes of each earthquake, after detectability and declustering."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core import stations
from core.config import ExperimentConfig
from core.labelling import declustering, detectability, splits
from core.loading.record.source import Source

DEPENDENT = "aftershock or foreshock"


def station_events(config: ExperimentConfig, source: Source, codes: list[str]) -> pd.DataFrame:
    """
    Every event of each station's catalogue, with what makes it a target there or not.

    Parameters
    ----------
    config : ExperimentConfig
    source : Source
    codes : list of str
        Stations.

    Returns
    -------
    DataFrame
        The tables of `detectability.select`, one station below the other, with the columns group, is_mainshock and
        mainshock_id of `declustering.decluster`, dependant (bool: a target but for `DeclusteringConfig.remove`; its
        reason is "aftershock or foreshock of" and the id of the mainshock) and cluster (`splits.event_clusters`).
    """
    catalogues = {name: source.events(name) for name in dict.fromkeys(map(config.data.catalogue_of, codes))}
    every = pd.concat(catalogues.values(), ignore_index=True).drop_duplicates("event_id", ignore_index=True)
    # All catalogues at once: an earthquake that two of them list, under two ids, is one group.
    groups = declustering.decluster(every, config.declustering)
    position = pd.Index(every["event_id"].astype(str))
    parts = [
        detectability.select(catalogues[config.data.catalogue_of(code)], stations.get(code), config.detectability)
        for code in codes
    ]
    out = pd.concat(parts, ignore_index=True)
    found = groups.iloc[position.get_indexer(pd.Index(out["event_id"].astype(str)))].reset_index(drop=True)
    dependant = (out["target"] & ~found["is_mainshock"]).to_numpy() & config.declustering.remove
    reason = np.where(dependant, DEPENDENT + " of " + found["mainshock_id"].astype(object), out["reason"])
    out = out.assign(target=out["target"] & ~dependant, reason=reason, dependant=dependant)
    out = pd.concat([out, found], axis=1)
    return out.assign(cluster=splits.event_clusters(out, config))
