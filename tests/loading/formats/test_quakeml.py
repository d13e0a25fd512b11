"""QuakeML: preferred solutions, metres, every name space, and nothing that XML can do to a reader."""

import gzip

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import quakeml
from support.damage import refused_or_sound, refused_when_cut
from support.quakeml_text import document, event, magnitude, origin

SIMPLE = document(event(origin("o1"), magnitude("m1", 5.5, "Mw")))
TWO = document(
    event(
        "<preferredOriginID>o2</preferredOriginID><preferredMagnitudeID>m2</preferredMagnitudeID>",
        origin("o1", depth="1000"),
        origin("o2", "2024-01-01T07:10:10.5", depth="8400"),
        magnitude("m1", 5.9, "Mw"),
        magnitude("m2", 5.4, "ML"),
    ),
    event(origin("o3", "2023-05-05T05:05:05", depth="0"), magnitude("m3", 2.5, "Md"), name="quakeml:x/event/two"),
)


@pytest.fixture
def file(tmp_path):
    def write(content, name="list.xml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_depths_become_kilometres_and_ids_of_ingv_are_those_of_its_text_format(file):
    row = recognise.read_events(file(SIMPLE)).iloc[0]
    assert row["event_id"] == "33778101"
    assert row["origin_time"] == pd.Timestamp("2024-01-01T07:10:09.476Z")
    assert (row["latitude_deg"], row["longitude_deg"], row["depth_km"]) == (42.5, 13.25, 10.0)
    assert (row["magnitude"], row["magnitude_type"], row["source"]) == (5.5, "Mw", "INGV")


def test_the_preferred_origin_and_magnitude_are_taken_not_the_first_nor_the_best_type(file):
    table = recognise.read_events(file(TWO))
    chosen = table.set_index("event_id").loc["33778101"]
    assert chosen["origin_time"] == pd.Timestamp("2024-01-01T07:10:10.5Z")
    assert (chosen["depth_km"], chosen["magnitude"], chosen["magnitude_type"]) == (8.4, 5.4, "ML")
    assert table["depth_km"].tolist() == [0.0, 8.4]  # a depth of 0 m is known, and no missing depth


def test_without_preferred_ids_the_first_origin_and_the_best_type_are_taken(file):
    parts = (origin("a", depth="5000"), origin("b"), magnitude("m1", 5.1, "ML"), magnitude("m2", 4.9, "mww"))
    row = recognise.read_events(file(document(event(*parts)))).iloc[0]
    assert (row["depth_km"], row["magnitude"], row["magnitude_type"]) == (5.0, 4.9, "mww")


def test_a_preferred_id_that_is_not_there_is_counted(file):
    content = TWO.replace("<preferredOriginID>o2<", "<preferredOriginID>gone<")
    table = recognise.read_events(file(content))
    assert table["depth_km"].tolist() == [0.0, 1.0]
    assert table.attrs["notes"] == (
        "1 event names a preferred origin or magnitude that is not there; another was taken.",
    )


@pytest.mark.parametrize(
    ("bed", "root"),
    [
        ("http://quakeml.org/xmlns/bed/1.1", "http://quakeml.org/xmlns/quakeml/1.1"),
        ("http://quakeml.org/xmlns/bed-rt/1.2", "http://quakeml.org/xmlns/quakeml-rt/1.2"),
        ("", ""),
    ],
)
def test_every_name_space_is_read(file, bed, root):
    content = document(*[event(origin("o1"), magnitude("m1", 5.5, "Mw"))], bed=bed, root=root or "urn:x")
    pd.testing.assert_frame_equal(
        recognise.read_events(file(content)), recognise.read_events(file(SIMPLE, "plain.xml"))
    )


def test_prefixes_gzip_and_elements_of_agencies_change_nothing(file):
    expected = recognise.read_events(file(SIMPLE))
    prefixed = SIMPLE.replace('xmlns="', 'xmlns:b="')
    for name in ("eventParameters", "event", "origin", "time", "value", "latitude", "longitude", "depth", "type"):
        prefixed = prefixed.replace(f"<{name}>", f"<b:{name}>").replace(f"<{name} ", f"<b:{name} ")
        prefixed = prefixed.replace(f"</{name}>", f"</b:{name}>")
    for name in ("creationInfo", "agencyID", "creationTime", "magnitude", "mag"):
        prefixed = prefixed.replace(f"<{name}", f"<b:{name}").replace(f"</{name}", f"</b:{name}")
    prefixed = prefixed.replace("<b:magnitude", "<b:magnitude").replace("<b:b:", "<b:").replace("</b:b:", "</b:")
    extended = SIMPLE.replace("<type>earthquake", '<i:type xmlns:i="urn:ingv">blast</i:type><type>earthquake')
    for content in (prefixed.encode(), gzip.compress(SIMPLE.encode()), extended.encode()):
        pd.testing.assert_frame_equal(recognise.read_events(file(content, "any.dat")), expected)


def test_what_is_no_earthquake_and_events_without_an_origin_are_counted(file):
    content = document(
        event(origin("o1"), magnitude("m1", 5.5, "Mw")),
        event(origin("o2"), magnitude("m2", 2.5, "ML"), name="blast", kind="quarry blast"),
        event(origin("o3"), magnitude("m3", 2.5, "ML"), name="unsaid", kind="not reported"),
        event(magnitude("m4", 2.5, "ML"), name="nowhere"),
        event(origin("o5"), name="unmeasured"),
    )
    table = recognise.read_events(file(content))
    assert table["event_id"].tolist() == ["33778101", "unsaid"]
    assert table.attrs["notes"] == (
        "1 row dropped: not earthquakes (1 quarry blast).",
        "1 row dropped: no magnitude.",
        "1 event dropped: no origin.",
    )


def test_an_unknown_depth_is_unknown(file):
    content = document(event(origin("o1", depth=""), magnitude("m1", 5.5, "Mw")))
    assert np.isnan(recognise.read_events(file(content))["depth_km"].iloc[0])


BOMB = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declaration", [BOMB, OUTSIDE, "<!DOCTYPE quakeml>", '<!DOCTYPE q SYSTEM "http://x/y.dtd">'])
def test_a_document_type_is_refused_before_anything_is_parsed(file, declaration):
    content = SIMPLE.replace("?>\n", "?>\n" + declaration).replace("earthquake", "&b;")
    with pytest.raises(InputError, match=r"list\.xml: has a DOCTYPE declaration"):
        recognise.read_events(file(content))
    with pytest.raises(InputError):
        quakeml.read(file(content.encode("utf-16")))


def test_deep_nesting_is_no_danger(file):
    deep = SIMPLE.replace("<type>", "<x>" * 20_000 + "</x>" * 20_000 + "<type>")
    assert len(recognise.read_events(file(deep))) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("10000", "1e400", "event 1: depth in metres is 1e400, outside -10000 to 800000"),
        ("10000", "9000000", "event 1: depth in metres is 9000000, outside"),
        ("42.5", "NaN", "event 1: latitude is missing"),
        ("42.5", "425", "event 1: latitude is 425, outside -90 to 90"),
        ("<value>5.5", "<value>55", "event 1: magnitude is 55, outside"),
        ("<value>5.5", "<value>5,5", "event 1: magnitude is '5,5', expected a number"),
        ("07:10:09.476", "07:10:60.0", "event 1: .* is not a possible time"),
        ("07:10:09.476", "24:00:00", "event 1: .* is not a possible time"),
        ("07:10:09.476Z", "07:10:09+02:00", "event 1: found the time"),
        ("2024-01-01T", "", "event 1: found the time"),
        ("</event>", "", "line 1?[0-9]: the XML is damaged or cut off"),
        ("</q:quakeml>\n", "</q:quakeml>\nError 413", "the XML is damaged or cut off"),
        ("UTF-8", "nothing-8", "the XML cannot be read|the XML is damaged"),
        ("q:quakeml", "q:quakem", "the XML is 'quakem', expected quakeml"),
        ("<event ", "<events ", "damaged"),
    ],
)
def test_what_is_wrong_is_said_with_its_event_or_line(file, old, new, message):
    assert old in SIMPLE
    with pytest.raises(InputError, match=message):
        recognise.read_events(file(SIMPLE.replace(old, new)))


@pytest.mark.parametrize(
    ("public_id", "name"),
    [
        ("smi:webservices.ingv.it/fdsnws/event/1/query?eventId=33778101", "33778101"),
        ("quakeml:earthquake.usgs.gov/fdsnws/event/1/query?eventid=us6000m0xl&amp;format=quakeml", "us6000m0xl"),
        ("smi:ISC/evid=600516598", "600516598"),
        (
            "quakeml:apiv2.infp.ro/event/atlas24/2025253/10130024",
            "quakeml:apiv2.infp.ro/event/atlas24/2025253/10130024",
        ),
        ("x" * 300_000, "x" * 300_000),  # and no time is lost on it
    ],
    ids=["ingv", "usgs", "isc", "niep", "long"],
)
def test_identifiers_are_those_of_the_text_formats(file, public_id, name):
    content = document(event(origin("o1"), magnitude("m1", 5.5, "Mw"), name=public_id))
    assert recognise.read_events(file(content))["event_id"].tolist() == [name]


def test_a_catalogue_without_events_is_refused(file):
    with pytest.raises(InputError, match="the QuakeML has no events"):
        recognise.read_events(file(document()))


def test_a_file_cut_off_anywhere_is_refused(file, tmp_path):
    refused_when_cut(quakeml.read, SIMPLE.encode(), tmp_path / "cut.xml")


def test_random_damage_is_refused_or_gives_a_sound_table(tmp_path):
    assert refused_or_sound(quakeml.read, TWO.encode(), tmp_path / "damaged.xml", 1000, "quakeml") > 500


@pytest.mark.shared
def test_the_real_files_of_ingv_have_the_values_that_their_text_shows(shared_data):
    folder = shared_data / "catalogues" / "formats" / "quakeml"
    tables = [recognise.read_events(path) for path in sorted(folder.glob("*.qml"))]
    rows = pd.concat(tables).drop(columns=["origin_time", "source"]).values.tolist()
    assert rows == [
        ["25883521", 42.8343, 13.1877, 8.4, 1.3, "ML"],
        ["25883901", 40.827333, 14.133667, 1.64, 1.0, "Md"],
    ]
    assert tables[0]["origin_time"].iloc[0] == pd.Timestamp("2021-01-01T01:09:10.22Z")
    assert all(table.attrs["notes"] == () for table in tables)
