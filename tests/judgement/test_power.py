"""What a run could find: by the table, by its own simulation, and before it is trained."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pandas as pd
import pytest

from core import config as configs
from core.errors import InputError
from core.evaluation.power import table, words
from core.evaluation.power.planting import Lasting
from core.evaluation.power.table import Power
from core.evaluation.tested_runs import Trained
from core.judgement import tries, verdicts
from core.judgement.journals.family import Family
from core.judgement.power import expected, kept
from core.judgement.power.kept import OwnPower
from core.judgement.tries import Record, Try
from core.labelling import feasibility

AUC = (0.55, 0.95)
OWN = OwnPower(
    run_id="r", created="2026-01-01T00:00:00+00:00", draws="d" * 64, seed=0, n_worlds=4, n_runs=3, largest_p=0.02,
    lasting=tuple(Lasting), auc=AUC,
    p=(1.0, 0.001, 1.0, 0.01, 1.0, 0.015, 0.03, 0.01, 0.001, 1e-6, 1.0, 1.0, 0.04, 0.0004, 0.2, 0.3),
)  # fmt: skip


def findings(n_clusters=24, days=365.0, split="test"):
    return SimpleNamespace(primary=SimpleNamespace(n_clusters=n_clusters, days=days, split=split))


def family(n_runs=1):
    return Family("r", n_runs, 0, 0.2, 1e-6, 0.2, 1e-4)


def store(own, folder):
    path = kept.place(folder, own.run_id, "test")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(own.to_dict()))
    return path


def test_without_a_simulation_of_its_own_the_table_says_what_a_run_could_have_seen(tmp_path):
    said = kept.could_have_seen(findings(), family(5), "d" * 64, tmp_path)
    assert said == words.sentence(table.read(24, 365.0, 5), 24, words.DONE)
    assert "outside the table" in kept.could_have_seen(findings(days=9000), family(), "d" * 64, tmp_path)


def test_its_own_simulation_takes_the_place_of_the_table_until_the_run_is_scored_anew(tmp_path):
    store(OWN, tmp_path)
    own = kept.of(findings(), family(3), "d" * 64, tmp_path)
    # p at most 0.02: after a day's change in one world and in all, after a week's in none and in two.
    assert own.simulated and own.share_day == (0.25, 1.0) and own.share_week == (0.0, 0.5)
    assert not kept.of(findings(), family(3), "e" * 64, tmp_path).simulated
    again = kept.of(findings(), family(100), "d" * 64, tmp_path)
    assert again.share_day == (0.0, 0.5) and again.share_week == (0.0, 0.0)  # at most 1 - 0.95 ** 0.01 = 0.0005


def test_a_simulation_is_read_as_it_was_kept_and_a_damaged_one_is_a_sentence(tmp_path):
    path = store(OWN, tmp_path)
    assert kept.read(tmp_path, "r", "test") == OWN
    assert kept.read(tmp_path, "s", "test") is None and kept.read(tmp_path, "r", "final") is None
    path.write_text(json.dumps({**OWN.to_dict(), "p": [1.0]}))
    with pytest.raises(InputError, match="precursor power r"):
        kept.read(tmp_path, "r", "test")
    path.write_text(json.dumps({**OWN.to_dict(), "version": 99}))
    with pytest.raises(InputError, match="newer"):
        kept.read(tmp_path, "r", "test")


def test_what_is_judged_by_the_windows_that_chose_it_is_told_that_it_can_be_no_candidate(tmp_path):
    assert "no candidate" in kept.could_have_seen(findings(split="validation"), family(), "", tmp_path)
    assert "fewer than 10" in kept.could_have_seen(findings(n_clusters=0), None, "", tmp_path)


CONFIG = configs.from_dict({"data": {"stations": ["AAA"]}})


def preview(n_clusters, split="test", days=400):
    start = pd.Timestamp("2020-01-01", tz="UTC")
    row = {
        "split": split,
        "n_clusters": n_clusters,
        "start": start,
        "end": start + pd.Timedelta(days=days),
        "days": days,
    }
    empty = pd.DataFrame()
    independent = pd.DataFrame({"station": ["AAA", "all"]})
    fields = {field.name: empty for field in dataclasses.fields(feasibility.Preview)}
    return feasibility.Preview(
        **{**fields, "stretches": pd.DataFrame([row]), "independent": independent, "sentences": []}
    )


def scored(run_id, station="AAA", start="2020-06-01", end="2021-06-01", synthetic=False, data="archive"):
    times = (pd.Timestamp(each, tz="UTC").isoformat() for each in (start, end))
    return Try(run_id, "", synthetic, data, "test", (station,), *times, 0.5, 0.1, "", "")


def test_a_preview_counts_the_runs_that_scored_a_day_of_the_stretch_at_one_of_its_stations(tmp_path, monkeypatch):
    before = [
        scored("a"), scored("a"), scored("b"), scored("elsewhere", "BBB"), scored("made up", synthetic=True),
        scored("later", start="2021-03-01"),
    ]  # fmt: skip
    monkeypatch.setattr(tries, "read", lambda data_dir: Record(tuple(before), {}))
    could = expected.expected(CONFIG, preview(24), tmp_path)
    assert could.sentences[0] == words.sentence(table.read(24, 400, 3), 24, words.AHEAD)
    assert "24 independent earthquakes in 400 days, 3 runs." in could.sentences[1]
    assert could.table["found_day"].tolist() == list(table.read(24, 400, 3).share_day)


def test_a_preview_counts_the_runs_of_which_nobody_knows_what_they_scored_as_the_verdict_will(tmp_path, monkeypatch):
    """It said "1 run" where the verdict later paid for 101: those that were trained and never scored were left out."""
    trained = {name: (False, "archive") for name in ("a", "old", "older")} | {
        "undated": (False, ""), "made up": (True, "archive"), "elsewhere": (False, "another archive"),
    }  # fmt: skip
    monkeypatch.setattr(tries, "read", lambda data_dir: Record((scored("a"),), trained))
    line = Trained("copied here", "", False, None, None, None, "archive")
    monkeypatch.setattr(verdicts, "unnoted", lambda data_dir: [line])
    could = expected.expected(CONFIG, preview(24), tmp_path)
    own = dataclasses.replace(scored("own"), draws="d", targets="e")
    family = tries.family(own, Record((scored("a"),), trained), 1, tmp_path)
    assert "1 run that scored a day of this stretch, and 4 of which the journal does not know" in could.sentences[2]
    assert family.n_runs == 6 and "in 400 days, 6 runs." in could.sentences[1]


def test_a_preview_says_how_many_events_it_would_take(tmp_path):
    rows = expected.expected(CONFIG, preview(24, days=3000), tmp_path).table.set_index("auc")
    n = int(rows.loc[0.85, "events_needed"])
    for n_clusters, enough in ((n - 1, False), (n, True)):
        power = table.read(n_clusters, 3000, 1)
        assert (min(power.shares(lasting)[3] for lasting in Lasting) >= 0.8 - 1e-9) == enough


def test_a_preview_of_what_cannot_be_told_says_so(tmp_path):
    assert "outside the table" in expected.expected(CONFIG, preview(24, days=10), tmp_path).sentences[0]
    assert "fewer than 10" in expected.expected(CONFIG, preview(3), tmp_path).sentences[0]
    assert "no candidate" in expected.expected(CONFIG, preview(24, "validation"), tmp_path).sentences[0]


def test_what_a_run_could_have_seen_has_the_certainty_of_its_worlds():
    """8 of 10 of 100 worlds: binom.test(80, 100) of R gives 0.708 to 0.873."""
    power = Power(24, 365, 1, (0.55, 0.8), (0.1, 0.8), (0.1, 0.9), 100)
    told = words.source(power)
    assert "tell 80 % from less than 71 % and from more than 87 % (95 % certainty)" in told
    hardly = dataclasses.replace(
        power, share_day=(0.1, 0.3), share_week=(0.1, 0.2)
    )  # binom.test(30, 100): 0.212 to 0.400
    assert "tell 30 % from less than 21 % and from more than 40 %" in words.source(hardly)
