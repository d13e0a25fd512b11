"""No code looks for a meaning in a sentence: with random text in place of each, everything else is as it was."""

from __future__ import annotations

import json
import os
import random
import shutil

import full_data
import pandas as pd
import pytest
from full_data import SMALL

from core import config as configs
from core import files
from core.judgement import final_block, freeze
from core.runs import pipeline
from core.runs.runs import RunStore
from core.runs.sources import open_source

WITH_FINAL = {**SMALL, "name": "small-final", "split": {"final_fraction": 0.2}}
PHRASES = (
    "Synthetic data:",
    "Leak:",
    "output is a constant",
    "of different splits lie as little",
    "separated in time",
    "the station alone tells the label",
    "do not exist there",
    "contain an earlier target event",
    "The sequence of ",
    "trained again",
    "certain evidence predicts a detection",
)
VERBS = (
    ("runs",),
    ("runs", "--json"),
    ("show", "{run}"),
    ("verdict", "{run}"),
    ("verdict", "{run}", "--json"),
    ("compare", "{run}", "{other}"),
    ("open-final", "{final}"),
    ("open-final", "{run}"),
    ("null-gallery", "{run}", "--n", "3"),
    ("ledger",),
    ("site",),
)


def is_sentence(value) -> bool:
    """As the documents have them: words with spaces between, and a full stop."""
    return isinstance(value, str) and " " in value and value.endswith(".")


def nonsense(draw: random.Random) -> str:
    """Made-up words and a phrase by which code once knew a sentence, with a full stop."""
    words = ["".join(draw.choices("bdfgklmnprstvz", k=draw.randint(3, 9))) for _ in range(draw.randint(2, 8))]
    words.insert(draw.randint(0, len(words)), draw.choice(PHRASES))
    return " ".join(words) + "."


def reworded(value, draw: random.Random):
    """The same with random text in place of each sentence."""
    if isinstance(value, dict):
        return {key: reworded(item, draw) for key, item in value.items()}
    if isinstance(value, list):
        return [reworded(item, draw) for item in value]
    return nonsense(draw) if is_sentence(value) else value


def sentences_of(value) -> list[str]:
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return [sentence for item in items for sentence in sentences_of(item)]
    return [value] if is_sentence(value) else []


def reword_folder(folder) -> list[str]:
    """Put random text into every sentence of every document and table; which files were changed."""
    draw, changed = random.Random(7), []
    moments = {path: path.stat() for path in folder.rglob("*") if path.is_dir()}  # runs are listed by their folder's
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if sentences_of(document) and path.parent.name != "frozen":  # whose digest stands in a journal
            files.replace_json(path, reworded(document, draw))
            changed.append(path.relative_to(folder).as_posix())
    for path in sorted((folder / "assessments").rglob("*.parquet")):
        table = pd.read_parquet(path)
        new = table.map(lambda value: nonsense(draw) if is_sentence(value) else value)
        if not new.equals(table):
            files.replace_table(path, new)
            changed.append(path.relative_to(folder).as_posix())
    for path, moment in moments.items():
        os.utime(path, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    return changed


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A complete data folder with a plan and an opened final block, and its twin that says nothing."""
    whole = tmp_path_factory.mktemp("whole")
    run = full_data.make(whole)
    config = configs.from_dict(WITH_FINAL)
    world = open_source(config, whole)
    final = pipeline.run(config, world, RunStore(whole))
    final_block.open_once(final, world, whole)
    freeze.freeze(run.config, world, whole)
    twin = tmp_path_factory.mktemp("twin") / "data"
    shutil.copytree(whole, twin)
    changed = reword_folder(twin)
    ids = RunStore(whole).ids()
    names = {"run": run.run_id, "final": final.run_id, "other": next(i for i in ids if i.startswith("small-random-"))}
    return whole, twin, changed, names


def test_the_twin_has_other_words_in_every_kind_of_document_that_holds_a_sentence(folders):
    _, _, changed, _ = folders
    assert {name.split("/")[-1] for name in changed} >= {
        "audit.json",
        "status.json",
        "assessment.json",
        "power_law.json",
        "significance.parquet",
    }


def test_marks_kinds_gates_order_and_exit_codes_do_not_depend_on_any_sentence(folders, monkeypatch, precursor):
    whole, twin, _, names = folders
    answers = []
    for folder in (whole, twin):
        monkeypatch.setenv("PRECURSOR_DATA", str(folder))
        answers.append(facts(precursor, names))
    assert answers[0] == answers[1]


def facts(precursor, names) -> dict:
    """All that is no sentence: the table of runs with its marks and order, kinds, gates, exit codes."""
    told: dict = {}
    for verb in VERBS:
        code, out, _ = precursor(*(part.format(**names) for part in verb))
        told[" ".join(verb)] = code
        if verb[0] == "runs":
            told["runs, " + verb[-1]] = out
        if verb[0] == "verdict" and "--json" in verb:
            (said,) = json.loads(out)
            told["gates"] = [(gate["name"], gate["passed"]) for gate in said["gates"]]
            told["kinds"] = {key: said[key] for key in ("kind", "detects", "exploratory", "synthetic")}
            told["registration"] = said["registration"]["state"]
    return told
