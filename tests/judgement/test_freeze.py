"""Pre-registration: what counts as announced before the fact, and what departs from it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from core import chained_log
from core import config as configs
from core.errors import InputError
from core.evaluation import tested_runs
from core.judgement import freeze
from core.judgement.journals import witness
from core.judgement.plans import bound_windows, frozen_plan
from core.judgement.plans.stretch import Stretch
from core.runs import environment
from core.runs.status import Status

CONFIG = configs.from_dict({"name": "plan", "data": {"stations": ["DUR"]}, "training": {"epochs": 3}})


class Source:
    """Answers with the digests it was given."""

    synthetic = True

    def __init__(self, **digests) -> None:
        self.known = digests or {"minute/DUR": "aa", "events/italy": "bb"}

    def stations(self):
        return ["DUR"]

    def digests(self, stations, catalogues):
        return dict(self.known)


def table_of(days=range(1, 21), label=0):
    """One window a day of January 2016, the last four of the test block."""
    start = pd.to_datetime([f"2016-01-{day:02d}" for day in days], utc=True)
    return pd.DataFrame(
        {
            "station": "DUR",
            "start": start,
            "end": start + pd.Timedelta(days=1),
            "footprint_start": start,
            "footprint_end": start + pd.Timedelta(days=2),
            "label": label,
            "lead_days": float("nan"),
            "rejected": "",
            "split": ["test" if day > 16 else "train" for day in days],
        }
    )


STRETCH = Stretch(True, "archive", "test", ("DUR",), "2016-01-17T00:00:00+00:00", "2016-01-22T00:00:00+00:00", ())


@pytest.fixture(autouse=True)
def same_code(monkeypatch):
    monkeypatch.setattr(environment, "code_digest", lambda: "c0de")
    monkeypatch.setattr(freeze, "planned", lambda config, source: (STRETCH, bound_windows.bind(table_of())))


def run_of(config=CONFIG, minutes_later=5, seconds=30.0, digests=None, code="c0de", parent="", table=None):
    """What `registration` looks at in a run that ended some minutes from now."""
    ended = datetime.now(UTC) + timedelta(minutes=minutes_later)
    return SimpleNamespace(
        run_id="plan-0a1b2c3d",
        config=config,
        synthetic=True,
        windows=table_of() if table is None else table,
        digests=digests or Source().known,
        environment=environment.Environment(code=code),
        status=Status(ended.isoformat(timespec="seconds"), seconds, True, "synthetic", parent, False, ""),
    )


def as_version_1(plan, folder):
    """The plan as the program before this one kept it: it binds inputs and code."""
    path = folder / "frozen" / f"{plan.frozen_id}.json"
    document = {key: value for key, value in json.loads(path.read_text()).items() if key not in frozen_plan.BINDS}
    path.write_text(json.dumps({**document, "version": 1}))
    (folder / "frozen" / "journal.jsonl").unlink()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    chained_log.ChainedLog(folder / "frozen" / "journal.jsonl").append({"id": plan.frozen_id, "sha256": digest})


def test_a_run_of_what_was_frozen_before_it_is_pre_registered(tmp_path):
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    found = freeze.registration(run_of(), tmp_path)
    assert found.state == "pre-registered" and found.frozen_id == plan.frozen_id
    assert found.differs == () and "before the run" in found.words
    renamed = configs.replace(CONFIG, name="another-name", description="the same computation")
    assert freeze.registration(run_of(renamed), tmp_path).state == "pre-registered"


def test_freezing_twice_keeps_the_first_time(tmp_path):
    first = freeze.freeze(CONFIG, Source(), tmp_path)
    assert freeze.freeze(CONFIG, Source(), tmp_path) == first
    assert len(list((tmp_path / "frozen").glob("plan-*.json"))) == 1


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (run_of(configs.replace(CONFIG, training={"epochs": 9})), "[training] epochs = 9 (frozen: 3)"),
        (run_of(table=table_of(label=1)), "its windows or their labels (20)"),
        (run_of(table=table_of(range(2, 21))), "its windows or their labels (20 when frozen, 19 in the run)"),
        (run_of(parent="old-run"), "the weights of old-run"),
    ],
)
def test_a_run_that_departs_from_its_plan_is_exploratory_and_says_how(tmp_path, run, words):
    freeze.freeze(CONFIG, Source(), tmp_path)
    found = freeze.registration(run, tmp_path)
    assert found.state == "exploratory"
    assert words in found.words and len(found.differs) == 1


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (run_of(digests={"minute/DUR": "aa", "events/italy": "cc"}), "the data of events/italy"),
        (run_of(code="other"), "the code"),
    ],
)
def test_a_plan_of_version_1_still_binds_inputs_and_code(tmp_path, run, words):
    as_version_1(freeze.freeze(CONFIG, Source(), tmp_path), tmp_path)
    assert freeze.registration(run_of(), tmp_path).state == "pre-registered"
    found = freeze.registration(run, tmp_path)
    assert found.state == "exploratory" and words in found.words and len(found.differs) == 1


def test_a_plan_survives_newer_code(tmp_path):
    freeze.freeze(CONFIG, Source(), tmp_path)
    found = freeze.registration(run_of(code="beefcafe99"), tmp_path)
    assert found.state == "pre-registered"
    assert "the code (c0de when frozen, beefcafe in the run)" in found.words and "20 windows" in found.words


def test_a_pre_registered_run_names_the_digest_by_which_an_outside_witness_can_be_asked(tmp_path):
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    (line,) = (tmp_path / "frozen" / "journal.jsonl").read_text().splitlines()
    digest = json.loads(line)["digest"]
    assert len(digest) == 64 and witness.digest(plan, tmp_path) == digest
    words = freeze.registration(run_of(), tmp_path).words
    assert "only this journal says" in words and digest in words


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ("1a2b3c", "4d5e6f", "`git diff 1a2b3c 4d5e6f -- core` shows what changed in the code"),
        ("1a2b3c", "4d5e6f+changes", "it held changes that were in no commit"),
        ("", "4d5e6f", "it came without its history"),
    ],
)
def test_what_changed_in_the_code_since_a_plan_was_frozen_can_be_looked_up_or_is_said_not_to_be(
    tmp_path, monkeypatch, then, now, words
):
    monkeypatch.setattr(environment, "commit", lambda: then)
    freeze.freeze(CONFIG, Source(), tmp_path)
    run = run_of(code="beefcafe99")
    run.environment = environment.Environment(code="beefcafe99", commit=now)
    assert words in freeze.registration(run, tmp_path).words
    assert "what changed" not in freeze.registration(run_of(), tmp_path).words.lower()


def test_what_was_frozen_after_the_run_had_begun_does_not_count(tmp_path):
    freeze.freeze(CONFIG, Source(), tmp_path)
    found = freeze.registration(run_of(minutes_later=5, seconds=600), tmp_path)
    assert found.state == "exploratory" and "only after the run had begun" in found.words


def test_a_plan_that_was_frozen_in_a_pause_of_the_training_does_not_count(tmp_path):
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    run = run_of(minutes_later=60, seconds=30)  # half a minute of training, an hour from beginning to end
    run.status = dataclasses.replace(run.status, began=(plan.created - timedelta(minutes=1)).isoformat())
    assert freeze.registration(run, tmp_path).state == "exploratory"
    run.status = dataclasses.replace(run.status, began=(plan.created + timedelta(minutes=1)).isoformat())
    assert freeze.registration(run, tmp_path).state == "pre-registered"


def test_a_plan_that_was_frozen_after_an_equal_run_does_not_count_though_that_run_was_deleted(tmp_path, monkeypatch):
    tested_runs.note_trained(
        tmp_path, tested_runs.of_training("other-name-ffffffff", "other-name", True, 0.6, 0.5, 0.7)
    )
    tested_runs.note_trained(
        tmp_path, tested_runs.of_training("first-name-0a1b2c3d", "first-name", True, 0.6, 0.5, 0.7)
    )
    seen = tested_runs.lines(tmp_path)[-1].time
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    later = dataclasses.replace(plan, created=datetime.fromisoformat(seen) + timedelta(seconds=2))
    monkeypatch.setattr(freeze, "frozen", lambda data_dir: [later])
    assert freeze.registration(run_of(), tmp_path).state == "exploratory"
    other = run_of()
    other.run_id = "plan-99999999"
    assert freeze.registration(other, tmp_path).state == "pre-registered"


def test_without_a_plan_a_run_is_exploratory(tmp_path):
    found = freeze.registration(run_of(), tmp_path)
    assert found.state == "exploratory" and "not frozen" in found.words


def test_a_plan_that_was_dated_back_is_refused(tmp_path):
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    path = tmp_path / "frozen" / f"{plan.frozen_id}.json"
    path.write_text(path.read_text().replace(str(plan.created.year), "2001", 1))
    with pytest.raises(InputError, match="changed after it was frozen"):
        freeze.registration(run_of(), tmp_path)


def test_a_plan_that_was_slipped_in_beside_the_journal_does_not_count(tmp_path):
    plan = freeze.freeze(configs.replace(CONFIG, training={"epochs": 4}), Source(), tmp_path)
    text = (tmp_path / "frozen" / f"{plan.frozen_id}.json").read_text().replace('"epochs": 4', '"epochs": 3')
    (tmp_path / "frozen" / "plan-00000000.json").write_text(text)
    assert freeze.registration(run_of(), tmp_path).state == "exploratory"


def test_the_digest_of_the_code_does_not_count_pages_and_verbs(monkeypatch):
    monkeypatch.undo()
    from core.data_folder import ROOT

    before = environment.code_digest()
    read = type(ROOT).read_bytes
    for changed, same in (("core/cli/app.py", True), ("core/labelling/splits.py", False), ("core/errors.py", False)):
        with monkeypatch.context() as patch:
            patch.setattr(
                type(ROOT), "read_bytes", lambda path, c=changed: read(path) + (b"#" if path == ROOT / c else b"")
            )
            assert (environment.code_digest() == before) is same, changed


def test_a_run_that_begins_and_ends_in_the_second_of_its_plan_is_pre_registered(tmp_path):
    moment = "2016-01-01T00:00:05+00:00"  # all three are whole seconds: the plan, the beginning, the end
    status = Status(moment, 0.7, True, "synthetic", "", False, "", began=moment)
    run = SimpleNamespace(run_id="quick-00000000", status=status)
    assert freeze._began(run, tmp_path).isoformat() == moment


def test_a_plan_of_before_there_were_versions_still_counts_and_one_of_a_newer_program_is_refused(tmp_path, monkeypatch):
    plan = freeze.freeze(CONFIG, Source(), tmp_path)
    path = tmp_path / "frozen" / f"{plan.frozen_id}.json"
    document = json.loads(path.read_text())
    assert document["version"] == 2
    monkeypatch.setattr(frozen_plan, "_sha256", lambda path: "as it was written")
    (tmp_path / "frozen" / "journal.jsonl").unlink()
    chained_log.ChainedLog(tmp_path / "frozen" / "journal.jsonl").append(
        {"id": plan.frozen_id, "sha256": "as it was written"}
    )
    later = ("version", "program", *frozen_plan.BINDS)
    path.write_text(json.dumps({key: value for key, value in document.items() if key not in later}))
    assert freeze.frozen(tmp_path) == [dataclasses.replace(plan, stretch=None, windows=None)]
    path.write_text(json.dumps({**document, "version": 3, "program": "5.0"}))
    with pytest.raises(InputError, match="frozen plan .* has version 3 of its form.*Install version 5.0"):
        freeze.frozen(tmp_path)


@pytest.mark.parametrize("line", [{}, {"id": "a"}, {"id": ["a"], "sha256": "0"}, {"id": "a", "sha256": None}])
def test_a_line_of_the_journal_that_is_no_plan_is_one_sentence_with_file_and_line(tmp_path, line):
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen" / "a.json").write_text("{}")
    chained_log.ChainedLog(tmp_path / "frozen" / "journal.jsonl").append(line)
    with pytest.raises(InputError, match=r"journal\.jsonl, line 1: "):
        freeze.frozen(tmp_path)
