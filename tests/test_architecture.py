"""The promises of CONTRIBUTING about the shape of the code, enforced."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import core
from core.data_folder import ROOT

CORE = ROOT / "core"
MODULES = sorted(CORE.rglob("*.py"))
PAGES = sorted((ROOT / "dashboard").rglob("*.py"))

# Each heavy library and the only places that may import it.
DOORS = {
    "keras": ("core/training/network.py", "core/training/fit.py", "core/training/checkpoint.py"),
    "tensorflow": tuple(
        f"core/training/{name}.py"
        for name in ("blocks", "convolution", "fused_adam", "attribution", "memory", "tensorboard")
    ),
    "plotly": ("core/reporting/",),
    "pydeck": ("core/reporting/",),
    "streamlit": (),
    "requests": ("core/loading/services/http.py",),
    "sqlite3": ("core/forecasting/ledger_file.py",),
    "distributed": ("core/studies/cluster.py",),
    "optuna": ("core/studies/search.py",),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """Full names of every module that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: write imports in full"
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def place(module: str) -> tuple[int, ...]:
    """Where a module stands in the reading order, room by room: (position in core, position in the wing, ...)."""
    parts, order, positions = module.split(".")[1:], core.READING_ORDER, []
    for depth, part in enumerate(parts):
        if part not in order:
            break
        positions.append(order.index(part))
        order = core.NESTED.get("/".join(parts[: depth + 1]), ())
    return tuple(positions)


def modules() -> dict[str, Path]:
    """Every module of core by its full name."""
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}


def arrows() -> dict[str, set[str]]:
    """Which modules of core each module of core imports, wherever in the file."""
    known = modules()
    graph = {}
    for name, path in known.items():
        others = {other for other in imported(path) if other in known}
        # `from room import module` needs the module; the room's own file only says what the room is.
        graph[name] = {other for other in others if not any(each.startswith(f"{other}.") for each in others)} - {name}
    return graph


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_rooms_before_it(path):
    here = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if here in ("core", "core.__main__"):
        return
    assert place(here), f"{here} is missing in core.READING_ORDER"
    for module in imported(path):
        if module.startswith("core.") and place(module):
            depth = min(len(place(here)), len(place(module)))
            assert place(module)[:depth] <= place(here)[:depth], f"{here} imports {module}, which stands after it"


def test_the_nested_rooms_are_those_on_disk():
    within: dict[str, set[str]] = {}
    for room in CORE.glob("*/**/__init__.py"):
        wing = room.parents[1]
        if wing != CORE:
            within.setdefault(wing.relative_to(CORE).as_posix(), set()).add(room.parent.name)
    assert within == {wing: set(order) for wing, order in core.NESTED.items()}
    assert not [path.name for path in (CORE / "loading").glob("*.py") if path.name != "__init__.py"]


def test_no_module_imports_itself_by_way_of_others():
    graph, done = arrows(), set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in graph[name]:
                walk(other, (*way, name))
            done.add(name)

    for name in graph:
        walk(name, ())


def test_no_room_has_more_than_22_files_or_a_fifth_of_the_code():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    for folder in {path.parent for path in MODULES}:
        files = [path for path in MODULES if path.parent == folder]
        assert len(files) <= 22, f"{name_of(folder)} holds {len(files)} files"
        assert sum(map(lines.get, files)) < 0.18 * sum(lines.values()), name_of(folder)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_stay_behind_their_door(path):
    for module in imported(path):
        library = module.split(".")[0]
        if library in DOORS:
            assert name_of(path).startswith(DOORS[library] or "nowhere"), f"{name_of(path)} imports {library}"


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=name_of)
def test_every_module_says_what_it_is(path):
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text, f"{name_of(path)} has no docstring"
    assert len(text) > 20, f"{name_of(path)}: its docstring says nothing"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_function_and_class_is_documented(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name_of(path)}: {node.name} has no docstring"


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=name_of)
def test_no_drawers_no_path_tricks_no_bare_except(path):
    assert path.stem not in ("utils", "util", "helpers", "helper", "common", "misc")
    text = path.read_text(encoding="utf-8")
    assert "sys.path" not in text
    assert not re.search(r"except\s*:", text)


def test_pages_contain_no_figure_code():
    for path in PAGES:
        libraries = {module.split(".")[0] for module in imported(path)}
        assert "plotly" not in libraries, name_of(path)
        assert not libraries & {"tensorflow", "keras", "sklearn"}, name_of(path)


ASKS = re.compile(
    r"\b(datetime|date|Timestamp)\.(now|utcnow|today)\("  # what time is it?
    r"|\btime\.(time|time_ns|gmtime|localtime|ctime)\("
    r"|[\"'](now|today)[\"']"
    r"|tz_localize\([\"']UTC"  # in which zone is it?
    r"|unit=[\"'](s|m)[\"'], (tz|utc)="  # what does a number mean?
)


@pytest.mark.parametrize("path", [*MODULES, *PAGES, *sorted((ROOT / "benchmarks").glob("*.py"))], ids=name_of)
def test_only_the_clock_asks_the_computer_for_the_time_and_gives_times_a_zone(path):
    if name_of(path) != "core/clock.py":
        line = next((line for line in path.read_text(encoding="utf-8").splitlines() if ASKS.search(line)), "")
        assert not line, f"{name_of(path)}: take it from core.clock: {line.strip()}"


def test_importing_core_and_its_rooms_loads_nothing_heavy():
    heavy = "{'tensorflow', 'keras', 'sklearn', 'plotly', 'pydeck', 'streamlit', 'ppigrf', 'scipy.stats'}"
    code = (
        "import sys, core, core.config, core.stations, core.loading.archive.archive, core.loading.archive.ingest,"
        "core.labelling.dataset,"
        "core.training.fit, core.evaluation.scores, core.runs.pipeline, core.forecasting.scan\n"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_option_has_a_section_that_says_what_it_is():
    import dataclasses
    import typing

    from core.config import ExperimentConfig

    for field in dataclasses.fields(ExperimentConfig):
        kind = typing.get_type_hints(ExperimentConfig)[field.name]
        if dataclasses.is_dataclass(kind):
            assert f"[{field.name}]" in (kind.__doc__ or "")


def test_every_verb_has_help_and_a_data_option():
    from core.cli.app import loaded
    from core.cli.verbs import VERBS

    verbs = {name: loaded(name) for name in VERBS}
    expected = "stations ingest catalogue activity coverage demo preview train learning-curve runs show scan"
    assert {*expected.split(), "update", "ledger", "site"} <= set(verbs)
    for name, verb in verbs.items():
        assert verb.help, name
        options = {option for parameter in verb.params for option in parameter.opts}
        assert "--data" in options, name
        assert all(p.help for p in verb.params if p.param_type_name == "option" and p.name != "help"), name


# What a method of Lab does, no verb does by itself: downloads, ingest, windows, training, judging, scans, the site.
OF_LAB = {f"core.loading.archive.{name}" for name in ("download", "ingest")}
OF_LAB |= {"core.labelling.dataset", "core.runs.pipeline", "core.forecasting.scan", "core.reporting.site"}
OF_LAB |= {"core.loading.services", "core.judgement.evidence"}


@pytest.mark.parametrize("path", sorted((CORE / "cli").rglob("*.py")), ids=name_of)
def test_a_verb_repeats_nothing_that_the_lab_does(path):
    by_itself = {module for module in imported(path) if any(module.startswith(part) for part in OF_LAB)}
    assert not by_itself, f"{name_of(path)}: call core.lab for {', '.join(sorted(by_itself))}"


def test_no_test_takes_samples_from_another_test():
    """What several of them share stands in tests/support, where it can be found and no test is run beside it."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tests = {module for module in imported(path) if module.split(".")[0].startswith(("test_", "conftest"))}
        assert not tests, f"{name_of(path)} imports {', '.join(sorted(tests))}"


def test_contributing_names_every_room():
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in core.READING_ORDER:
        assert f"`{name}`" in contributing, name


# Who parses JSON that is no document on disk: answers of services, pipes to workers, what was just made, a checkpoint's
# state inside its archive of arrays (whose numbers may be infinite, and longer than 64 bits).
PARSERS = {
    "core/documents.py",
    "core/config/experiment.py",
    "core/studies/search.py",
    "core/studies/workers.py",
    "core/loading/services/hapi.py",
    "core/loading/formats/json_text.py",
    "core/reporting/figures/map/maps.py",
    "core/reporting/site.py",
    "core/training/checkpoint.py",
    "core/training/memory.py",
    "dashboard/loaders.py",
}


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=name_of)
def test_documents_on_disk_are_read_in_one_place(path):
    """Whoever parses a file by himself forgets a damage: nesting, long numbers, another encoding."""
    text = path.read_text(encoding="utf-8")
    if name_of(path) not in PARSERS:
        assert not re.search(r"\bjson\.loads?\(", text)
    if name_of(path) != "core/documents.py":
        assert "tomllib" not in text and "json.load(" not in text


@pytest.mark.parametrize("path", sorted((CORE / "studies").rglob("*.py")), ids=name_of)
def test_no_table_of_anything_passes_between_the_modules_of_studies(path):
    # A learning curve holds its power law as evaluation gives it.
    assert "typing.Any" not in imported(path) or name_of(path) == "core/studies/learning_curves.py"
