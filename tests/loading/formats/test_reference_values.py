"""
The same files in the eyes of other programs: values that GeomagPy 2.0.2 and obspy 1.5.1 gave, recorded here.

They were installed beside this project (Python 3.11, numpy 2.4.6) and read the real files of the shared data:
`magpy.stream.read(file)` and its columns x, y, z, f; `stream.filter(filter_type="gaussian", resample_period=60)`;
`obspy.read_events(file)` with the preferred origin and magnitude. Where they give H and D, X and Y follow by
X = H cos D, Y = H sin D.
"""

import math

import pandas as pd
import pytest

from core.loading.formats import recognise
from core.loading.formats.minutes import iaga2002

pytestmark = pytest.mark.shared

# Row of the file: X, Y, Z, F (nT).
XYZF = {
    "esk_2003_daily/esk20030529dmin.min.gz": {
        0: (17373.2, -1427.8, 46179.6, 49360.1),
        777: (17373.0, -1504.8, 46201.6, 49382.9),
        1439: (17174.0, -1350.1, 45965.8, 49087.9),
    },
    "intermagnet_20220115/sua20220115qmin.min.gz": {
        0: (22514.01, 2416.26, 43126.6, 48709.72),
        777: (22558.07, 2396.36, 43126.9, 48729.34),
        1439: (22547.21, 2428.31, 43119.3, 48719.27),
    },
}
MEANS = {
    "esk_2003_daily/esk20030529dmin.min.gz": (17331.504930556, -1439.978541667, 46191.911458333, 49357.393125),
    "intermagnet_20220115/sua20220115qmin.min.gz": (22547.330854167, 2404.607722222, 43122.130902778, 48720.597923611),
}
# H (nT), D (degrees), Z, F; D of Boulder is relative to the 552.7 minutes of its header.
HDZF = {
    ("mmb_201103/mmb_2011_march.txt.gz", 0.0): {
        0: (26179.7, -8.706833333333332, 42208.8, 49668.7),
        777: (26116.9, -8.789166666666667, 42222.1, 49646.2),
        1439: (26119.5, -8.788666666666668, 42201.2, 49630.0),
    },
    ("bou_201411_daily_crlf/bou20141101vmin.min.gz", 552.7): {
        0: (20873.75, -0.1665, 47477.3, 52397.33),
        777: (20880.52, -0.10400000000000001, 47474.04, 52397.07),
        1439: (20871.35, -0.161, 47471.14, 52390.85),
    },
}


@pytest.mark.parametrize("name", XYZF)
def test_minutes_are_those_of_geomagpy(shared_data, name):
    field = iaga2002.read(shared_data / "magnetics" / "iaga2002" / name).field
    for row, values in XYZF[name].items():
        assert field.iloc[row].tolist() == list(values)
    assert field.mean().tolist() == pytest.approx(MEANS[name], abs=1e-8)


@pytest.mark.parametrize("name, base_minutes", HDZF)
def test_elements_of_geomagpy_turned_by_hand_are_our_components(shared_data, name, base_minutes):
    field = iaga2002.read(shared_data / "magnetics" / "iaga2002" / name).field
    for row, (h, d, z, f) in HDZF[name, base_minutes].items():
        angle = math.radians(d + base_minutes / 60)
        expected = (h * math.cos(angle), h * math.sin(angle), z, f)
        assert field.iloc[row].tolist() == pytest.approx(expected, abs=1e-6)


def test_minutes_from_seconds_are_those_of_the_filter_of_geomagpy(shared_data):
    pytest.importorskip("cdflib", reason="the extra `cdf` (cdflib) is not installed")
    from core.loading.formats.minutes import imagcdf

    path = shared_data / "magnetics" / "imagcdf" / "wic_example4_2024_PT1S.cdf"
    z = imagcdf.read(path, "gaussian").field["Z"]
    theirs = {1: 44183.00966933823, 2: 44183.06959886364, 777: 44145.97854812571, 2465: 44182.00418883272}
    for row, value in theirs.items():
        assert z.iloc[row] == pytest.approx(value, abs=0.002)  # their Gaussian is cut and scaled a little otherwise


@pytest.mark.parametrize(
    "name, expected",
    [
        (
            "quakeml/20210101-010910__25883521__INGV-EVENT.qml",
            ("2021-01-01T01:09:10.220", 42.8343, 13.1877, 8400.0, 1.3, "ML"),
        ),
        (
            "quakeml/20210101-021358__25883901__INGV-EVENT.qml",
            ("2021-01-01T02:13:58.519", 40.827333, 14.133667, 1640.0, 1.0, "Md"),
        ),
        ("isf/19670130012028.isf", ("1967-01-30T01:20:28.700", 41.09, 44.31, 11000.0, 5.0, "mb")),
    ],
)
def test_events_are_those_of_obspy_whose_depths_are_metres(shared_data, name, expected):
    event = recognise.read_events(shared_data / "catalogues" / "formats" / name).iloc[0]
    time, latitude, longitude, depth_m, magnitude, kind = expected
    assert event["origin_time"] == pd.Timestamp(time, tz="UTC")
    assert (event["latitude_deg"], event["longitude_deg"]) == (latitude, longitude)
    assert event["depth_km"] == pytest.approx(depth_m / 1000)
    assert (event["magnitude"], event["magnitude_type"]) == (magnitude, kind)


def test_the_text_list_is_that_of_obspy(shared_data):
    table = recognise.read_events(shared_data / "catalogues" / "formats" / "fdsn_text" / "events.txt")
    rows = table[["latitude_deg", "longitude_deg", "depth_km", "magnitude"]].values.tolist()
    assert rows == [[-38.17, -72.57, 0.0, 8.5], [2.2376, 93.0144, 26.3, 8.6]]
    assert table["origin_time"].tolist() == [
        pd.Timestamp("1960-05-22T19:11:14Z"),
        pd.Timestamp("2012-04-11T08:38:37Z"),
    ]
