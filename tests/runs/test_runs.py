"""The run store: complete or absent, found by its beginning, and one damaged folder is one sentence."""

from __future__ import annotations

import dataclasses
import json
import shutil
from multiprocessing import get_context
from pathlib import Path

import pytest

from core import files
from core.caveats import as_text
from core.config import ExperimentConfig
from core.errors import InputError
from core.reporting import marks
from core.runs.runs import RunStore, run_id
from core.runs.status import Status
from support.untrained_run import CONFIG, STATUS, write_run


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path)


def test_a_run_appears_whole_under_its_name_and_without_its_checkpoint(store):
    folder = write_run(store, "trial-0001")
    assert store.ids() == ["trial-0001"]
    assert not list(store.folder.glob("*.partial"))
    assert not (folder / "checkpoint.npz").exists()
    row = store.list().iloc[0]
    assert (row["scored_split"], row["n_windows"], row["auc"], row["accuracy"]) == ("test", 4, 1.0, 1.0)
    assert row["majority_share"] == 0.5
    assert store.list().attrs["notes"] == ()


def test_a_block_that_fails_leaves_a_partial_folder_that_the_next_one_gets_again(store):
    with pytest.raises(RuntimeError), store.writing("trial-0001") as folder:
        (folder / "checkpoint.npz").write_bytes(b"three epochs")
        raise RuntimeError("killed")
    assert store.ids() == [] and store.list().empty
    assert store.unfinished() == ["trial-0001"]
    with pytest.raises(InputError, match="No run with an id beginning 'trial'"):
        store.open("trial")
    with store.writing("trial-0001") as again:
        assert again == folder
        assert (again / "checkpoint.npz").read_bytes() == b"three epochs"


def test_a_kill_between_the_last_file_and_the_new_name_loses_nothing(store):
    folder = write_run(store, "trial-0001")
    folder.rename(store.folder / "trial-0001.partial")  # as if the kill had come just before the rename
    assert store.ids() == []
    with store.writing("trial-0001") as offered:
        assert offered is None
    assert store.ids() == ["trial-0001"]
    assert store.open("trial-0001").status == Status(**STATUS)


def test_what_another_process_has_finished_meanwhile_is_not_made_again(store):
    folder = write_run(store, "trial-0001")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with store.writing("trial-0001") as offered:
        assert offered is None
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def _hold(folder: Path, ready, finish) -> None:
    with RunStore(folder).writing("trial-0001"):
        ready.set()
        finish.wait(30)


def test_two_processes_never_make_one_run_and_a_killed_one_frees_it(store, tmp_path):
    context = get_context("spawn")
    ready, finish = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(tmp_path, ready, finish))
    other.start()
    assert ready.wait(30)
    try:
        with (
            pytest.raises(InputError, match="trial-0001 is being made by another process"),
            store.writing("trial-0001"),
        ):
            pytest.fail("both write")
    finally:
        other.kill()
        other.join()
    with store.writing("trial-0001") as folder:
        assert folder is not None


def test_a_folder_without_a_status_is_no_run_and_is_not_trained_over(store):
    folder = write_run(store, "trial-0001")
    (folder / "status.json").unlink()
    assert store.ids() == []
    with pytest.raises(InputError, match="not a complete run.*Delete or move it"), store.writing("trial-0001"):
        pytest.fail("hours of training would follow, and no name to give to the result")
    assert (folder / "weights.npz").exists()


def test_runs_that_are_left_out_are_not_looked_at(store, monkeypatch):
    for name in ("a-1", "b-2", "c-3"):
        write_run(store, name)
    looked, exists = [], Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: looked.append(self.parent.name) or exists(self))
    assert store.ids(without={"a-1", "c-3"}) == ["b-2"]
    assert set(looked) == {"b-2"}


def test_a_run_is_opened_by_its_id_or_an_unambiguous_beginning(store):
    for name in ("trial-0001", "trial-0002", "other-0003", "trial-00010"):
        write_run(store, name)
    assert store.open("other").run_id == "other-0003"
    assert store.open("trial-0001").run_id == "trial-0001"  # whole, although another id begins with it
    with pytest.raises(InputError, match="3 runs with an id beginning 'trial': trial-") as refused:
        store.open("trial")
    assert "other" not in str(refused.value)  # a run that is not meant is of no help
    for nothing in ("", ".", "..", "../runs", "trial-0003"):
        with pytest.raises(InputError, match="No run"):
            store.open(nothing)


def test_a_mistyped_id_gets_those_that_are_much_alike_and_a_strange_one_the_newest(store):
    for number in range(11):
        (store.folder / f"demo-planted-{number:04d}").mkdir(parents=True)
        (store.folder / f"demo-planted-{number:04d}" / "status.json").write_text("{}")
    write_run(store, "other-0003")
    with pytest.raises(InputError, match=r"'othre'\. Did you mean: other-0003\?$"):
        store.open("othre")
    with pytest.raises(InputError, match=r"'zebra'\. Runs: (\S+, ){7}\S+ and 4 more\.$"):
        store.open("zebra")
    with pytest.raises(
        InputError, match=r"^11 runs .*'demo': (demo-planted-\d{4}, ){7}demo-planted-\d{4} and 3 more\."
    ):
        store.open("demo")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("status.json", b'{"created": "2026', "status.json cannot be used"),
        ("status.json", b'{"created": "2026-01-01"}', "another version of this program.*no 'dead'"),
        ("config.json", b'{"windows": {"radius": 3}}', "config.json cannot be used.*Unknown option 'radius'"),
        ("scores.json", b"[]", "scores.json cannot be used .it holds no scores"),
        ("scores.json", b"\xff\xfe", "scores.json cannot be used"),
        ("predictions.parquet", b"PAR1 and then nothing", "predictions.parquet cannot be used"),
        ("predictions.parquet", None, "predictions.parquet cannot be used .it is missing"),
        ("audit.json", None, "audit.json cannot be used .it is missing"),
    ],
)
def test_a_damaged_run_is_one_sentence_and_the_others_are_listed(store, name, content, words):
    write_run(store, "good-0001")
    folder = write_run(store, "bad-0002")
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    table = store.list()
    assert table["run_id"].tolist() == ["good-0001"]
    (note,) = table.attrs["notes"]
    assert note.startswith("Run bad-0002") and "\n" not in note
    with pytest.raises(InputError, match=words):
        raise InputError(note)
    run = store.open("bad")
    with pytest.raises(InputError, match=words):
        _ = run.status, run.config, run.scores, run.predictions, run.audit


def test_files_that_only_single_pages_need_are_named_too(store):
    folder = write_run(store, "trial-0001")
    for name, attribute in (
        ("windows.parquet", "windows"),
        ("history.csv", "history"),
        ("environment.json", "digests"),
        ("scaling.json", "scaling"),
    ):
        (folder / name).write_bytes(b"")
        with pytest.raises(InputError, match=f"trial-0001: {name} cannot be used"):
            getattr(store.open("trial-0001"), attribute)


@pytest.mark.parametrize(("closest_days", "said"), [(5.2 / 24, "as little as 5.2 hours apart"), (1.0, ""), (None, "")])
def test_splits_only_hours_apart_are_a_caveat_although_nothing_is_shared(store, closest_days, said):
    folder = write_run(store, "trial", synthetic=False)
    files.replace_json(folder / "audit.json", {"ok": True, "sentence": "No leak.", "closest_days": closest_days})
    told = store.open("trial").caveats
    assert [said in caveat.sentence for caveat in told] == ([True] if said else [])
    assert marks.of(told) == (["splits hours apart"] if said else [])


def test_the_caveats_name_synthetic_data_a_leak_and_a_dead_network(store):
    folder = write_run(store, "trial-0001", synthetic=True, dead=True, dead_sentence="The network is dead.")
    files.replace_json(folder / "audit.json", {"ok": False, "sentence": "Leak: 3 windows.", "warnings": ["Mind this."]})
    told = store.open("trial").caveats
    assert [caveat.kind for caveat in told] == ["synthetic", "leak", "other", "dead"]
    assert told[0].sentence.startswith("Synthetic data")
    assert as_text(told[1:]) == ["Leak: 3 windows.", "Mind this.", "The network is dead."]


def test_the_id_feels_config_data_and_parent_and_not_the_order_of_the_digests():
    one = run_id(CONFIG, {"minute/DUR": "1", "events/a": "2"})
    assert one == run_id(CONFIG, {"events/a": "2", "minute/DUR": "1"})
    assert one.startswith("trial-") and len(one) == len("trial-") + 8
    assert one != run_id(CONFIG, {"minute/DUR": "1", "events/a": "3"})
    assert one != run_id(CONFIG, {"minute/DUR": "1"})
    assert one != run_id(CONFIG, {"minute/DUR": "1", "events/a": "2"}, parent="trial-0001")
    other = dataclasses.replace(CONFIG, training=dataclasses.replace(CONFIG.training, epochs=3))
    assert one != run_id(other, {"minute/DUR": "1", "events/a": "2"})


def test_a_run_copied_to_another_data_folder_opens_there(store, tmp_path):
    folder = write_run(store, "trial-0001")
    shutil.copytree(folder, tmp_path / "elsewhere" / "runs" / "trial-0001")
    shutil.rmtree(folder)
    run = RunStore(tmp_path / "elsewhere").open("trial")
    assert isinstance(run.config, ExperimentConfig) and len(run.predictions) == 4
    assert json.loads((run.folder / "status.json").read_text())["created"] == run.status.created


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"offset_nt": "level"}, "'offset_nt' cannot be 'level'"),
        ({"offset_nt": [1.0, 2.0]}, "'offset_nt' must hold 3 numbers, found 2"),
        ({"median_nt": [1.0, 2.0, 3.0]}, "'median_nt' and 'scale_nt' must both be there"),
        ({"median_nt": [1.0, 2.0, 3.0], "scale_nt": [1.0, 0.0, 1.0]}, "'scale_nt' must be above 0, found 0.0"),
        ([], "it must be a table, found list"),
    ],
)
def test_a_scale_that_no_window_can_have_taught_is_one_sentence(store, numbers, words):
    folder = write_run(store, "bad-0002")
    (folder / "scaling.json").write_text(json.dumps({"version": 1, "stations": {"DUR": numbers}}))
    with pytest.raises(InputError, match=f"scaling.json cannot be used .{words}"):
        _ = store.open("bad").scaling
