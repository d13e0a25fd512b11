"""Runs on real files, through the verbs: what may be said of them, and that every gate says what it is."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.shared, pytest.mark.slow]

ALASKA = "catalogues/alaska_usgs_comcat_20141020-20160608_m25.csv.gz"
TOHOKU = "catalogues/tohoku_usgs_comcat_1964-20110314_m45.csv.gz"


def judged(precursor, shared_data, config, minutes, catalogue):
    """The verdict of a run of one epoch, as JSON."""
    for folder, mapping in minutes.items():
        code, _, error = precursor("ingest", shared_data / "magnetics" / folder, *mapping)
        assert code == 0, error
    for arguments in (
        ("activity", shared_data / "indices" / "SW-All.txt.gz"),
        catalogue,
        ("train", config, "--epochs", 1),
    ):
        code, out, error = precursor(*arguments)
        assert code == 0, error
    run_id = next(word for word in out.split() if word.startswith(f"{config}-")).rstrip(":")
    assert precursor("assess", run_id)[0] == 0
    code, out, _ = precursor("verdict", run_id, "--json")
    (verdict,) = json.loads(out)
    return verdict, {gate["name"]: gate for gate in verdict["gates"]}


def test_three_alaskan_sequences_in_25_days_show_nothing(precursor, shared_data):
    minutes = {
        "csv_intelecell/InteleCell-Kodiak": ("--mapping", "intelecell_kodiak"),
        "csv_intelecell/InteleCell-Old-Harbor": ("--mapping", "intelecell_old_harbor"),
    }
    catalogue = ("catalogue", shared_data / ALASKA, "--name", "alaska")
    verdict, gates = judged(precursor, shared_data, "alaska-honest", minutes, catalogue)
    # Whether the best turns of these scores would have passed depends on the scores; what is said then, does not.
    answers = {"untestable": "Cannot be told with 3 independent earthquakes.", "null": "No precursor shown."}
    assert verdict["answer"] == answers[verdict["kind"]]
    assert (gates["chance"]["state"] == "not checked") == (verdict["kind"] == "untestable")
    assert gates["confounders"]["state"] == "not checked"
    assert gates["confounders"]["words"].startswith("Too few independent judged windows")
    # The school instrument is not shaken, and there is one catalogue.
    assert "shows no onset" in gates["clocks"]["words"] and gates["clocks"]["state"] == "not checked"
    # Six far places are in the catalogue; Old Harbor lies within the circle of Kodiak, so no observatory is remote.
    assert "offers 6 comparable far places; 20" in gates["specificity"]["words"]
    assert "No observatory outside the circles" in gates["specificity"]["words"]


def test_of_the_two_days_after_the_tohoku_earthquake_nothing_can_be_told(precursor, shared_data):
    catalogue = ("catalogue", shared_data / TOHOKU, "--name", "tohoku")
    verdict, gates = judged(precursor, shared_data, "mmb-tohoku", {"iaga2002/mmb_201103": ()}, catalogue)
    assert verdict["kind"] == "untestable"
    assert gates["resolution"]["words"].endswith("A longer judged stretch with events in more blocks leaves room.")
    assert "No first event of a sequence" in gates["clocks"]["words"]  # all of them are aftershocks
    assert "No second catalogue is at hand" in gates["clocks"]["words"]
    assert "magnitude 9.1" in gates["sequences whole"]["words"] and gates["sequences whole"]["state"] == "failed"
