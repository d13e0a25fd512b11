"""hapiclient, the reference client of HAPI, gets the same minutes from the same server (where it is installed)."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from core.loading.services import addresses, intermagnet
from core.loading.services.http import Client
from core.loading.services.raw_store import Fetcher, RawStore
from support.fake_server import Answer, Fake
from support.fake_services import Hapi

hapiclient = pytest.importorskip("hapiclient", reason="hapiclient is not installed (a test-only oracle)")

DATASET = "dur/definitive/PT1M/xyzf"
ABSENT = frozenset({"2018-02-03T00:07"})


class Whole:
    """The fake with the two endpoints that hapiclient asks first."""

    def __init__(self):
        self.hapi = Hapi(absent=ABSENT, fill_days=frozenset({"2018-02-04"}))

    def __call__(self, asked):
        status = {"HAPI": "3.1", "status": {"code": 1200, "message": "OK"}}
        if asked.path.endswith("/capabilities"):
            return Answer(json.dumps(status | {"outputFormats": ["csv"]}).encode())
        if asked.path.endswith("/catalog"):
            return Answer(json.dumps(status | {"catalog": [{"id": DATASET}]}).encode())
        self.hapi.with_header = "include" in asked.query
        return self.hapi(asked)


def test_both_clients_get_the_same_minutes(tmp_path):
    with Fake(Whole()) as fake:
        fake.any_agent = True
        span = (pd.Timestamp("2018-02-03", tz="UTC"), pd.Timestamp("2018-02-05", tz="UTC"))
        theirs, _ = hapiclient.hapi(
            fake.base,
            DATASET,
            "Field_Vector,Field_Magnitude",
            "2018-02-03T00:00:00Z",
            "2018-02-05T00:00:00Z",
            cache=False,
            usecache=False,
            logging=False,
            format="csv",
        )
        service = dataclasses.replace(addresses.HAPI, base=fake.base)
        fetcher = Fetcher(Client(interval_s=0.0), RawStore(tmp_path))
        (chunk,) = intermagnet.fetch("DUR", *span, "definitive", fetcher, service)
    times = pd.to_datetime([time.decode() for time in theirs["Time"]], utc=True)
    values = np.column_stack([theirs["Field_Vector"], theirs["Field_Magnitude"]])
    values[values == 99_999.0] = np.nan
    expected = pd.DataFrame(values, index=times).reindex(chunk.record.field.index)
    np.testing.assert_array_equal(chunk.record.field.to_numpy(), expected.to_numpy())
    assert int(expected[0].isna().sum()) == 1 + 1440 and len(expected) == 2880
