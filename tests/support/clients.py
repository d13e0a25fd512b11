"""The clients of the services, each asking a service of this machine and patient for seconds only."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pandas as pd

from core.loading.services import addresses, fdsn, gfz, gin, http, intermagnet, usgs_geomag
from core.loading.services.raw_store import Fetcher, RawStore
from support.fake_services import field_at, minutes_of

NOW = pd.Timestamp("2026-11-22T10:30", tz="UTC")

# Twelve a year, on the first of each month, in 2014 to 2018; magnitudes 3.0 to 4.1.
EVENTS = [
    (f"{1000 * year + month}", f"{year}-{month:02d}-01T00:00:00.000", 41.0 + month / 10, 14.0, 2.9 + month / 10)
    for year in range(2014, 2019)
    for month in range(1, 13)
]


def at(text):
    """A time in UTC."""
    return pd.Timestamp(text, tz="UTC")


def fetcher(folder, patience=5.0, tries=2, **options):
    """What a client fetches with: no waiting between tries, answers kept in a folder."""
    client = http.Client(
        connect_s=1.0,
        read_s=patience,
        total_s=2 * patience,
        interval_s=0.0,
        tries=tries,
        sleep=lambda seconds: None,
        chance=random.Random(1),
    )
    return Fetcher(client, RawStore(folder), **options)


def events(fake, folder, start="2015-01-01", end="2017-01-01", name="INGV", least=3.0, region=None, **options):
    """Earthquakes by FDSN; `again` and `patience` are the fetcher's, other options change the service."""
    chosen = {key: options.pop(key) for key in ("again", "patience") if key in options}
    where = dataclasses.replace(fdsn.SERVICES[name], base=fake.base, **options)
    return fdsn.fetch(at(start), at(end), least, fetcher(folder, **chosen), where, region)


def kp(fake, folder, start="2024-05-10", end="2024-05-12", now=NOW, patience=5.0, again=False, **options):
    """Kp of GFZ, as at the time `now`."""
    where = dataclasses.replace(addresses.KP, base=f"{fake.base}/app/json/")
    return gfz.fetch(at(start), at(end), fetcher(folder, patience, again=again, now=lambda: now), where, **options)


def by_hapi(fake, folder, start="2018-02-03", end="2018-02-04", station="DUR", data_type="definitive", **options):
    """Minutes by HAPI, as a list of chunks."""
    service = dataclasses.replace(addresses.HAPI, base=fake.base)
    return list(intermagnet.fetch(station, at(start), at(end), data_type, fetcher(folder, **options), service))


def by_gin(fake, folder, start="2018-02-03", end="2018-02-04", station="DUR", data_type="definitive", **options):
    """Minutes by the GIN, as a list of chunks."""
    service = dataclasses.replace(addresses.GIN, base=fake.base)
    return list(gin.fetch(station, at(start), at(end), data_type, fetcher(folder, **options), service))


def by_usgs(fake, folder, start="2018-02-03", end="2018-02-04", station="DUR", data_type="definitive", **options):
    """Minutes of the USGS, as a list of chunks."""
    service = dataclasses.replace(addresses.USGS_GEOMAG, base=fake.base)
    return list(usgs_geomag.fetch(station, at(start), at(end), data_type, fetcher(folder, **options), service))


def recorded(chunks):
    """The field of all chunks that have one."""
    return pd.concat([chunk.record.field for chunk in chunks if chunk.record is not None])


def assert_whole(chunks, start, end):
    """The chunks hold exactly what the observatory recorded in [start, end)."""
    assert [chunk.outcome for chunk in chunks] == ["data"] * len(chunks)
    field = recorded(chunks)
    times = minutes_of(start, end)
    assert (field.index == times).all()
    np.testing.assert_allclose(field.to_numpy(), np.array(field_at(times)), atol=0.006)
