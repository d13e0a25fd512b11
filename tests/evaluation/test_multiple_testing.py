"""The journal that only grows, and what many runs do to the best of them: worked by hand, and by simulation."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core import typed_documents
from core.chained_log import ChainedLog
from core.errors import InputError
from core.evaluation import multiple_testing, tested_runs
from support.document_damage import values_of_other_kinds


def test_a_journal_keeps_its_lines_in_order(tmp_path):
    journal = ChainedLog(tmp_path / "book.jsonl")
    for number in range(3):
        journal.append({"number": number})
    assert [line["number"] for line in ChainedLog(tmp_path / "book.jsonl").entries()] == [0, 1, 2]


@pytest.mark.parametrize("damage", ["changed", "removed", "swapped"])
def test_what_was_done_to_a_line_later_shows(tmp_path, damage):
    path = tmp_path / "book.jsonl"
    for number in range(4):
        ChainedLog(path).append({"number": number})
    lines = path.read_text().splitlines()
    if damage == "changed":
        lines[1] = lines[1].replace('"number": 1', '"number": 7')
    elif damage == "removed":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="line 2.*changed after it was written"):
        ChainedLog(path).entries()
    with pytest.raises(InputError):
        ChainedLog(path).append({"number": 4})


def test_a_line_that_was_cut_off_by_a_crash_was_never_there(tmp_path):
    path = tmp_path / "book.jsonl"
    ChainedLog(path).append({"number": 0})
    with open(path, "a") as file:
        file.write('{"number": 1, "dig')
    assert len(ChainedLog(path).entries()) == 1
    ChainedLog(path).append({"number": 2})
    assert [line["number"] for line in ChainedLog(path).entries()] == [0, 2]


def trained(folder, *names, synthetic=False, auc=0.5, half=0.1, data=""):
    for name in names:
        tested_runs.note_trained(
            folder, tested_runs.of_training(name, name, synthetic, auc, auc - half, auc + half, data)
        )


def judged(folder, *names, synthetic=False, data=""):
    """Lines of an earlier version, which judged by circular shifts."""
    numbers = {"observed": 0.6, "p": 0.01, "null": [0.5, 0.4], "shared": "x"}
    for name in names:
        line = {"kind": "judged", "run_id": name, "synthetic": synthetic, "data": data, **numbers}
        ChainedLog(folder / "tested.jsonl").append(line)


def test_every_run_counts_once_whatever_becomes_of_its_folder(tmp_path):
    trained(tmp_path, "a", "b", "a", "c")
    trained(tmp_path, "made-up", synthetic=True)
    judged(tmp_path, "b", "never trained here")
    found = multiple_testing.ledger(tmp_path, synthetic=False)
    assert (found.n_trained, found.n_runs) == (3, 4)
    assert len(tested_runs.lines(tmp_path)) == 6
    assert multiple_testing.ledger(tmp_path, synthetic=True).n_runs == 1
    assert multiple_testing.ledger(tmp_path).n_runs == 5
    stored = json.loads(json.dumps(typed_documents.write(found), allow_nan=False))
    assert typed_documents.read(multiple_testing.MultipleTesting, stored) == found
    # Three with 95 % within 0.1: 0.846 standard deviations of 0.1 / 1.96 above 0.5.
    assert found.sentence == (
        "4 runs on real data were trained in this store; the best of so many without skill has an AUC of 0.54 on "
        "average, the best here 0.50."
    )


def test_runs_count_together_only_if_they_were_made_from_the_same_data(tmp_path):
    trained(tmp_path, "planted", "again", synthetic=True, data="world A")
    trained(tmp_path, *(f"other{k}" for k in range(12)), synthetic=True, data="world B")
    trained(tmp_path, "real", data="archive")
    found = multiple_testing.ledger(tmp_path, synthetic=True, data="world A")
    assert found.n_runs == 2
    assert found.sentence.startswith("2 runs on this synthetic world were trained in this store; the best")
    assert multiple_testing.ledger(tmp_path, synthetic=True, data="world B").n_runs == 12
    assert multiple_testing.ledger(tmp_path, synthetic=False, data="archive").n_runs == 1
    assert multiple_testing.ledger(tmp_path, synthetic=True).n_runs == 14  # whoever asks for all gets all


def test_a_run_whose_data_an_earlier_version_did_not_note_counts_with_everything_of_its_kind(tmp_path):
    trained(tmp_path, "new", synthetic=True, data="world A")
    trained(tmp_path, "old1", "old2", "old3", "elsewhere", synthetic=True)
    trained(tmp_path, "old real")
    trained(tmp_path, "elsewhere", "elsewhere", synthetic=True, data="world B")  # its data became known
    found = multiple_testing.ledger(tmp_path, synthetic=True, data="world A")
    assert found.n_runs == 4
    assert found.sentence.startswith("4 runs on this synthetic world (3 of them perhaps on another: theirs was not ")
    assert multiple_testing.ledger(tmp_path, synthetic=True).n_trained == 5  # each once
    assert len(tested_runs.lines(tmp_path)) == 7


def test_one_archive_is_one_and_a_world_is_another_when_its_numbers_are():
    from core import config as configs
    from core.runs.sources import data_key
    from support.small_run import SMALL

    more = configs.replace(SMALL, data={"stations": ["DUR", "IZN"]}, training={"epochs": 9})
    assert data_key(SMALL) == data_key(more) == data_key(configs.replace(SMALL, world={"end": "2016-06-01"}))
    others = [{"seed": 4}, {"start": "2015-12-01"}, {"events_per_year": 30.0}, {"precursor_amplitude_nt": 40.0}]
    keys = [data_key(configs.replace(SMALL, world=other)) for other in others]
    assert len({data_key(SMALL), *keys}) == 5
    real = configs.replace(SMALL, data={"source": "archive"})
    assert data_key(real) == data_key(configs.replace(real, data={"stations": ["MLR"]}, world={"seed": 9})) == "archive"


LINES = {
    "trained": {"name": "a", "auc": 0.5, "auc_low": 0.4, "auc_high": 0.6},
    "judged": {"observed": 0.6, "p": 0.04, "null": [0.5, 0.4], "shared": "x"},
}
OPTIONAL = {"without data"}  # earlier versions did not write it


def whole_line(kind):
    return {"kind": kind, "run_id": "a", "synthetic": True, "data": "world A", **LINES[kind]}


@pytest.mark.parametrize("kind", LINES)
def test_a_line_of_another_kind_under_a_whole_chain_is_one_sentence_with_file_and_line(tmp_path, kind):
    changed = values_of_other_kinds(whole_line(kind))
    changed["a list of nothing"] = whole_line("judged") | {"null": [None]}
    changed["a list of truth"] = whole_line("judged") | {"null": [True]}
    changed["a large p"] = whole_line("judged") | {"p": 7.5}
    refused = set()
    for number, (damage, line) in enumerate(changed.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        trained(folder, "before")
        ChainedLog(folder / "tested.jsonl").append(line)
        try:
            multiple_testing.ledger(folder)
        except InputError as error:
            assert f"{folder / 'tested.jsonl'}, line 2: " in str(error) and "\n" not in str(error), damage
            refused.add(damage)
    keys = ("kind", "run_id", "synthetic", *LINES[kind])
    assert {f"without {key}" for key in keys} | {"a list of nothing", "a list of truth", "a large p"} <= refused
    assert {f"{key} = {{}}" for key in keys} <= refused
    assert not refused & OPTIONAL


def test_a_journal_whose_times_are_none_is_one_sentence(tmp_path, monkeypatch):
    for number, time in enumerate(("soon", "2026-01-01T00:00:00", 5, None)):
        monkeypatch.setattr("core.clock.stamp", lambda time=time: time)
        book = ChainedLog(tmp_path / f"{number}.jsonl")
        book.append({"number": 0})
        with pytest.raises(InputError, match=rf"{number}\.jsonl, line 1: .*'time'|Invalid isoformat"):
            book.entries()


def test_an_empty_store_is_no_error(tmp_path):
    empty = multiple_testing.ledger(tmp_path)
    assert empty.n_runs == 0 and empty.expected_best_auc is None
    assert empty.sentence == "0 runs were trained in this store."


def test_the_expected_best_is_that_of_a_simulation():
    sigma = [0.05] * 10 + [0.1] * 3
    best = (0.5 + np.random.default_rng(2).normal(size=(200_000, 13)) * sigma).max(axis=1).mean()
    assert multiple_testing.expected_best(sigma) == pytest.approx(best, abs=0.001)
    # One standard normal of two: 1 / sqrt(pi) on average.
    assert multiple_testing.expected_best([0.1, 0.1]) == pytest.approx(0.5 + 0.1 / np.sqrt(np.pi), abs=1e-5)
    assert multiple_testing.expected_best([0.1]) == pytest.approx(0.5)


def test_a_run_is_counted_when_it_is_trained_and_still_when_its_folder_is_gone(data_folder):
    import shutil

    from core.judgement import verdicts
    from core.runs import pipeline, sources
    from core.runs.runs import RunStore
    from support.small_run import SMALL

    store, source = RunStore(data_folder), sources.open_source(SMALL, data_folder)
    run = pipeline.run(SMALL, source, store)
    pipeline.run(SMALL, source, store)
    (line,) = tested_runs.lines(data_folder)
    assert (line.run_id, line.data) == (run.run_id, sources.data_key(SMALL))
    # What an earlier version noted gets its data, once, as long as the run is there.
    (data_folder / "tested.jsonl").unlink()
    tested_runs.note_trained(data_folder, tested_runs.of_training(run.run_id, "small", True, 0.5, 0.4, 0.6))
    verdicts.count(data_folder)
    verdicts.count(data_folder)
    noted = [line.data for line in tested_runs.lines(data_folder)]
    assert noted == ["", sources.data_key(SMALL)]
    shutil.rmtree(run.folder)
    found = multiple_testing.ledger(data_folder)
    assert (found.n_trained, found.best_run) == (1, run.run_id)
