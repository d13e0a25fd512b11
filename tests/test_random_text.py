"""No code looks for a meaning in a sentence: with random text in place of each, everything else is as it was."""

from __future__ import annotations

import json
import os
import random
import shutil

import pandas as pd
import pytest

from core import config as configs
from core import files
from core.judgement import assessment, explanation, final_block, freeze
from core.reporting import marks, site, verdict_words
from core.runs import pipeline
from core.runs.runs import RunStore
from core.runs.sources import open_source
from core.studies import jobs, leak_demonstrator
from core.training import attribution
from support.full_data import SMALL

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


def nonsense(sentence: str) -> str:
    """Made-up words and a phrase by which code once knew a sentence, with a full stop; the same for the same."""
    draw = random.Random(sentence)
    words = ["".join(draw.choices("bdfgklmnprstvz", k=draw.randint(3, 9))) for _ in range(draw.randint(2, 8))]
    words.insert(draw.randint(0, len(words)), draw.choice(PHRASES))
    return " ".join(words) + "."


def reworded(value):
    """The same with random text in place of each sentence."""
    if isinstance(value, dict):
        return {key: reworded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reworded(item) for item in value]
    return nonsense(value) if is_sentence(value) else value


def sentences_of(value) -> list[str]:
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return [sentence for item in items for sentence in sentences_of(item)]
    return [value] if is_sentence(value) else []


def reword_folder(folder) -> list[str]:
    """Put random text into every sentence of every document and table; which files were changed."""
    changed = []
    moments = {path: path.stat() for path in folder.rglob("*") if path.is_dir()}  # runs are listed by their folder's
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if sentences_of(document) and path.parent.name != "frozen":  # whose digest stands in a journal
            files.replace_json(path, reworded(document))
            changed.append(path.relative_to(folder).as_posix())
    for path in sorted(folder.rglob("*.parquet")):
        table = pd.read_parquet(path)
        if table.map(is_sentence).to_numpy().any():
            files.replace_table(path, table.map(reworded))
            changed.append(path.relative_to(folder).as_posix())
    for path, moment in moments.items():
        os.utime(path, ns=(moment.st_atime_ns, moment.st_mtime_ns))
    return changed


@pytest.fixture(scope="module")
def folders(tmp_path_factory, full_folder):
    """A complete data folder with a plan and an opened final block, and its twin that says nothing."""
    whole = tmp_path_factory.mktemp("whole") / "data"
    shutil.copytree(full_folder, whole)
    by_name = {run_id.rsplit("-", 1)[0]: run_id for run_id in RunStore(whole).ids()}
    run = RunStore(whole).open(by_name["small"])
    config = configs.from_dict(WITH_FINAL)
    world = open_source(config, whole)
    final = pipeline.run(config, world, RunStore(whole))
    final_block.open_once(final, world, whole)
    freeze.freeze(run.config, world, whole, until=run.config.world.end, end="2017-01-01")
    leak_demonstrator.make(whole, n_worlds=2)
    explanation.explain(
        run, world, whole, explanation.Options(attribution.Options("occlusion", patch_minutes=20), n_windows=2)
    )
    job = whole / "jobs" / "20260101-000000-0000"
    files.replace_json(job / "job.json", {"arguments": ["demo"], "title": "A demo.", "created": "2026-01-01T00:00:00"})
    files.replace_json(job / "status.json", {"state": "failed", "message": "The disk is full. Make room.", "pid": 1})
    twin = tmp_path_factory.mktemp("twin") / "data"
    shutil.copytree(whole, twin)
    changed = reword_folder(twin)
    names = {"run": run.run_id, "final": final.run_id, "other": by_name["small-random"]}
    return whole, twin, changed, names


def test_the_twin_has_other_words_in_every_kind_of_document_that_holds_a_sentence(folders):
    _, _, changed, _ = folders
    assert {name.split("/")[-1] for name in changed} >= {
        "audit.json",
        "status.json",
        "assessment.json",
        "power_law.json",
        "explanation.json",
        "job.json",
        "significance.parquet",
        "summary.parquet",
    }


def test_marks_kinds_gates_order_and_exit_codes_do_not_depend_on_any_sentence(folders, monkeypatch, precursor):
    whole, twin, _, names = folders
    answers = []
    for folder in (whole, twin):
        monkeypatch.setenv("PRECURSOR_DATA", str(folder))
        answers.append(facts(folder, precursor, names))
    assert answers[0] == answers[1]


def facts(folder, precursor, names) -> dict:
    """All that is no sentence: the table of runs with its marks and order, kinds, gates, exit codes."""
    told: dict = {"jobs": [job.state for job in jobs.listed(folder)], "order": RunStore(folder).ids()}
    index = next(page for page in site.pages(folder) if page.file == "index.html").content
    told["site"] = index["in_mind"], [[cell.text for cell in row] for row in index["runs"].rows]
    for run_id in told["order"]:
        run, assessed = RunStore(folder).open(run_id), assessment.open(folder, run_id)
        told[run_id] = [caveat.kind for caveat in run.caveats], marks.of(run.caveats)
        if assessed is not None:
            judged = assessment.verdict_of(run, assessed, folder)
            stored = assessed.document.verdict
            told[f"assessment of {run_id}"] = (
                [caveat.kind for caveat in assessed.caveats],
                [(gate.name, gate.state) for gate in stored.gates],
                stored.kind,
                verdict_words.in_a_cell(judged),
            )
    told["explained"] = [each.caveats[0].kind for each in explanation.stored(folder, names["run"]).values()]
    told["leaks"] = leak_demonstrator.stored(folder).summary["audit_ok"].tolist()
    for verb in VERBS:
        code, out, _ = precursor(*(part.format(**names) for part in verb))
        told[" ".join(verb)] = code
        if verb[0] == "runs":
            told["runs, " + verb[-1]] = out
        if verb[0] == "verdict" and "--json" in verb:
            (said,) = json.loads(out)
            told["gates"] = [(gate["name"], gate["state"]) for gate in said["gates"]]
            told["kinds"] = {key: said[key] for key in ("kind", "exploratory", "synthetic")}
            told["registration"] = said["registration"]["state"]
    return told
