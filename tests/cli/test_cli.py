"""The command line: words, tables, JSON, and bad input as one sentence with exit code 2."""

import json

import pandas as pd
import pytest
from rich.console import Console

from core.cli.terminal import console
from core.cli.terminal.tables import show
from core.loading.archive.archive import Archive
from core.runs.runs import RunStore


def everything_in(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".lock"}


def test_ingest_twice_changes_nothing(precursor, published, data_folder):
    code, out, _ = precursor("ingest", published / "minutes")
    assert code == 0 and "4 files stored." in out
    before = everything_in(data_folder)
    code, out, _ = precursor("ingest", published / "minutes")
    assert code == 0 and "4 files unchanged." in out
    assert everything_in(data_folder) == before


def test_coverage_is_a_table_for_people_and_json_for_machines(precursor, published):
    precursor("ingest", published / "minutes")
    _, out, _ = precursor("coverage")
    assert "DUR" in out and "2016" in out and "33." in out
    code, out, _ = precursor("coverage", "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["station"], row["year"]) == ("DUR", 2016)
    # January to April are 121 of 366 days; the world was made with 0.2 % of gaps or so.
    assert 0.32 < row["present_fraction"] < 121 / 366


BAD_FILES = {
    "empty.min": (b"", "empty"),
    "page.min": (b"<!DOCTYPE html><html><body>503 busy</body></html>", "web page"),
    "noise.min": (bytes(range(256)) * 40, "binary"),
    "returns.csv": (b"a\rb\n1\n", "no minute data were recognised"),
    "words.min": (b"What follows is not data at all.\nReally.\n", "no minute data were recognised"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_data_is_one_sentence_and_the_archive_is_unchanged(precursor, data_folder, tmp_path, name):
    content, words = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    before = everything_in(data_folder)
    code, out, err = precursor("ingest", path)
    assert code == 2
    assert name in out and words in out
    assert "Traceback" not in out + err
    assert everything_in(data_folder) == before


def test_a_failing_file_does_not_stop_the_others(precursor, published, tmp_path, data_folder):
    good = sorted((published / "minutes").glob("*.min"))[0]
    lines = good.read_text().splitlines(keepends=True)
    (tmp_path / "a_cut.min").write_text("".join(lines[:200]) + lines[200][:40])
    second = [
        line[:11] + f"00:00:{i % 60:02d}.000" + line[23:] if line.startswith("2016") else line
        for i, line in enumerate(lines[:90])
    ]
    (tmp_path / "b_seconds.min").write_text("".join(second))
    (tmp_path / "c_good.min").write_text("".join(lines))
    code, out, _ = precursor("ingest", tmp_path)
    assert code == 1
    assert "1 file stored" in out and "2 files refused" in out
    assert Archive(data_folder / "archive").stations() == ["DUR"]


def test_a_wrong_station_is_refused_when_one_is_insisted_on(precursor, published, data_folder):
    code, out, _ = precursor("ingest", published / "minutes", "--station", "IZN")
    assert code == 2
    assert "only IZN is wanted" in out
    assert Archive(data_folder / "archive").stations() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "absent"], "There is no config 'absent'. Give a TOML file, or one of: alaska-honest"),
        (["train", "honest-default"], "The archive has no minute data of DUR, IZN, MLR"),
        (["train", "honest-default"], "`precursor fetch all DUR IZN MLR --start 2016-01-01` downloads them"),
        (["train", "honest-default"], "`precursor ingest FILES` adds files that you have"),
        (["show", "absent"], "No run with an id beginning 'absent'"),
        (["scan", "absent"], "No run with an id beginning 'absent'"),
        (["update", "absent"], "No run with an id beginning 'absent'"),
        (["learning-curve", "demo-honest", "--fractions", "0,2"], "must be numbers above 0 and up to 1"),
        (["catalogue", "absent.csv"], "absent.csv"),
        (["activity", "absent.txt"], "absent.txt"),
        (["ingest", "absent.min", "--mapping", "absent.toml"], "absent.toml"),
    ],
)
def test_bad_requests_are_one_sentence_and_exit_code_2(precursor, data_folder, arguments, words):
    code, out, err = precursor(*arguments)
    assert code == 2
    assert words in err
    assert err.startswith("Error: ") and "Traceback" not in out + err


def test_a_config_is_found_by_its_name_even_beside_a_folder_of_that_name(precursor, data_folder, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    (data_folder / "experiments").mkdir()
    (data_folder / "experiments" / "mine.toml").write_text('[data]\nstations = ["DUR"]\n')
    code, _, err = precursor("preview", "mine")
    assert code == 2 and "The archive has no minute data of DUR" in err


def test_a_data_folder_that_is_a_file_is_one_sentence(precursor, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = precursor("runs", "--data", tmp_path / "file")
    assert code == 2 and "is a file; the data folder" in err


@pytest.mark.parametrize(
    "folder", ["/proc/x", "/proc/self/status/x", "/dev/null/x", "~nobody-of-this-name/x", "a" * 5000, "ring"]
)
@pytest.mark.parametrize("verb", [["demo"], ["runs"], ["ingest", "absent.min"], ["preview", "demo-honest"]])
def test_a_data_folder_that_cannot_be_made_is_one_sentence(precursor, tmp_path, monkeypatch, folder, verb):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ring").symlink_to("ring")
    code, out, err = precursor("--data", folder, *verb)
    assert code == 2 and err.startswith("Error: ") and err.count("\n") == 1
    assert folder.removeprefix("/proc/self") in err and "Traceback" not in out + err


def test_words_in_brackets_and_colons_are_printed_as_they_are(capsys):
    table = pd.DataFrame({"message": ["[training] epochs = [/x] :warning: :x:"], "n": [1]})
    show(table, False, title="[data] of :a:")
    show(table, True)
    console.say(table["message"].iloc[0])
    shown = capsys.readouterr().out
    assert shown.count("[training] epochs = [/x] :warning: :x:") == 3 and "[data] of :a:" in shown


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of so many columns."""

    def of(width):
        options = {"highlight": False, "markup": False, "emoji": False, "color_system": None}
        monkeypatch.setattr(
            console, "terminal", lambda **given: Console(**{**options, **given}, force_terminal=True, width=width)
        )

    return of


ID = "paper-pooled-second-reading-0123abcd"
WIDE = pd.DataFrame(
    {
        "run_id": [ID, "b"],
        "message": ["one two three four five six seven eight", "short"],
        "digest": ["f" * 24, "e"],
    }
)


@pytest.mark.parametrize("width", [10, 40, 60, 80, 120])
def test_no_id_and_no_word_is_cut_or_folded_however_narrow_the_terminal_is(terminal, capsys, width):
    terminal(width)
    show(WIDE, False, title="Runs")
    shown = capsys.readouterr().out
    assert ID in shown
    if width >= 40:
        assert all(word in shown.split() for word in [*WIDE["message"][0].split(), "f" * 24])
        assert max(map(len, shown.splitlines())) <= width


def test_into_a_pipe_a_table_has_a_tab_between_cells_and_nothing_else(capsys):
    show(WIDE.assign(message=["tab\there\nand", "x"]), False)
    lines = capsys.readouterr().out.split("\n")
    assert lines[:2] == ["run id\tmessage\tdigest", f"{ID}\ttab here and\t{'f' * 24}"]


def test_labels_are_words_and_scores_have_their_capitals(capsys):
    show(pd.DataFrame({"label": [-1, 0, 1], "rejected": ["gap", "", ""], "auc_low": [0.1, 0.2, 0.3]}), False)
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows == [
        ["label", "rejected", "AUC low"],
        ["unknown", "gap", "0.1"],
        ["negative", "kept", "0.2"],
        ["positive", "kept", "0.3"],
    ]


@pytest.mark.parametrize(
    "verb",
    [
        *("runs", "stations", "coverage", "ledger", "show x", "archive gaps DUR", "quality DUR", "verdict x"),
        *("compare x y", "export x --tensorboard d", "scan x", "update x", "assess x", "refit x", "open-final x"),
        *("null-gallery x", "explain x", "reproduce x", "catalogue history x", "power x", "site out"),
    ],
)
def test_a_misspelt_data_folder_is_said_and_not_made(precursor, tmp_path, verb):
    code, _, err = precursor(*verb.split(), "--data", tmp_path / "typo")
    assert code == 2 and "There is no folder" in err and "typo" in err
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("time", ["soon", "NaT", "nan"])
def test_what_is_no_time_is_one_sentence(precursor, time):
    for verb in ("archive gaps DUR", "fetch minute DUR"):
        code, _, err = precursor(*verb.split(), "--start", time)
        assert code == 2 and f"--start {time!r} is not a time such as" in err


def test_ctrl_c_is_one_sentence_and_exit_code_130(precursor, monkeypatch, data_folder):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(RunStore, "list", interrupted)
    assert precursor("runs") == (130, "", "Stopped. What was complete is kept.\n")


def test_a_small_number_is_not_printed_as_none(capsys):
    show(pd.DataFrame({"probability": [0.0003, 0.0, 0.12345, 2.0, float("nan"), -0.0004, 1e-5]}), False)
    assert capsys.readouterr().out.split() == ["probability", "0.0003", "0", "0.123", "2", "-", "-0.0004", "1e-05"]


def test_learning_rates_that_differ_are_not_printed_alike(capsys):
    show(pd.DataFrame({"learning_rate": [0.00117, 0.00142, 0.05]}), False)
    assert capsys.readouterr().out.split() == ["learning", "rate", "0.00117", "0.00142", "0.05"]


def test_a_damaged_and_an_unfinished_run_are_named_beside_the_list(precursor, data_folder):
    (data_folder / "runs" / "broken-0001").mkdir(parents=True)
    (data_folder / "runs" / "broken-0001" / "status.json").write_text("{")
    (data_folder / "runs" / "half-0002.partial").mkdir()
    code, out, err = precursor("runs", "--json")
    assert code == 0 and json.loads(out) == []
    assert "Run broken-0001: " in err and "half-0002 is not finished" in err
    code, _, err = precursor("show", "broken")
    assert code == 2 and err.startswith("Error: Run broken-0001: ") and "Traceback" not in err


CATALOGUE = "time,latitude,longitude,depth,mag,magType,id,type\n"
ROW = "2016-01-02T03:04:05.000Z,42.0,14.0,10,4.5,mw,{},earthquake\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CATALOGUE, "holds no earthquake"),
        (CATALOGUE + ROW.format("a")[:30], "line 2"),
        (CATALOGUE + ROW.format("a").replace("42.0", "142.0"), "line 2"),
        (CATALOGUE + ROW.format("a").replace("2016-01-02", "16-01-02"), "line 2"),
        ("<html><body>busy</body></html>\n", "web page"),
    ],
)
def test_a_bad_catalogue_is_one_sentence_and_is_not_stored(precursor, data_folder, tmp_path, text, words):
    path = tmp_path / "list.csv"
    path.write_text(text)
    code, _, err = precursor("catalogue", path)
    assert code == 2
    assert words in err and "list.csv" in err
    assert Archive(data_folder / "archive").catalogues().empty


def test_a_catalogue_in_any_order_with_a_bom_and_a_missing_magnitude_is_stored_and_counted(
    precursor, data_folder, tmp_path
):
    rows = [ROW.format(name).replace("02T", f"{day:02d}T") for name, day in (("c", 9), ("a", 3), ("b", 5))]
    rows[1] = rows[1].replace(",4.5,", ",,")
    path = tmp_path / "Italy list.csv"
    path.write_text("\ufeff" + CATALOGUE + "".join(rows), encoding="utf-8")
    code, out, _ = precursor("catalogue", path)
    assert code == 0
    assert "2 events" in out and "magnitude" in out
    events = Archive(data_folder / "archive").events("italy-list")
    assert events["event_id"].tolist() == ["b", "c"]


def test_preview_works_without_positives_and_says_what_to_change(precursor, published, data_folder, tmp_path):
    precursor("ingest", published / "minutes")
    precursor("catalogue", published / "catalogue.csv", "--name", "italy")
    precursor("activity", published / "kp.csv")
    config = tmp_path / "strict.toml"
    config.write_text(
        '[data]\nstations = ["DUR"]\n[detectability]\nmin_magnitude = 9\n[windows]\nlength_minutes = 240\n'
    )
    code, out, _ = precursor("preview", config)
    assert code == 0
    assert "Lower min_magnitude or raise max_distance_km" in out and "Synthetic" not in out
    assert out.index("Lower min_magnitude") < out.index("Events seen from each station")  # what matters comes first
    code, _, err = precursor("train", config)
    assert code == 2
    assert "No training window has label 1" in err
    assert precursor("runs", "--json")[1].strip() == "[]"


def test_the_deepest_dst_keeps_its_sign(precursor, data_folder):
    hours = pd.date_range("1989-03-13T22:00", periods=5, freq="h", tz="UTC")
    table = pd.DataFrame({"time": hours, "dst_nt": [40.0, -200.0, -589.0, None, -300.0], "status": "definitive"})
    Archive(data_folder / "archive").store_dst(table.dropna(), "WWW_dstae.txt")
    (row,) = json.loads(precursor("activity", "--json")[1])
    assert (row["index"], row["largest"]) == ("Dst", -589.0)


def test_the_data_option_wins_over_the_environment(precursor, published, data_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PRECURSOR_DATA", str(data_folder))
    precursor("ingest", published / "minutes", "--data", tmp_path / "other")
    assert Archive(tmp_path / "other" / "archive").stations() == ["DUR"]
    assert Archive(data_folder / "archive").stations() == []


def test_a_log_file_gets_a_line_a_minute_and_a_short_verb_leaves_none(capsys):
    from core.cli.terminal.progress import LogProgress, watching

    clock = iter([0.0, 30.0, 61.0, 61.0, 100.0, 122.0, 122.0])
    log = LogProgress(clock=lambda: next(clock))
    log.stage("Reading", 1, 2)
    log.stage("Making the paper's runs", 45, 1230, "about 60 min left")
    log.stage("Making the paper's runs", 46, 1230)
    log.epoch({"epoch": 3.0, "loss": 0.71}, 50)
    out, err = capsys.readouterr()
    lines = [line.split(" ", 2)[2] for line in err.splitlines()]
    assert out == "" and lines == [
        "Making the paper's runs 45 of 1,230; about 60 min left",
        "Training, epoch 3 of 50; loss 0.710",
    ]
    with watching() as listener:  # standard error is captured here, so it is no terminal
        assert isinstance(listener, LogProgress)
