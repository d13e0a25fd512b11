"""What is installed: the locks, what is said of their licences, and the systems that are supported."""

from __future__ import annotations

import ast
import json
import re
import tomllib

import pytest
from packaging.markers import Marker

from core.data_folder import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE)
TEST_TOOLS = {"hypothesis", "ipykernel", "nbclient", "pytest", "pytest-xdist"}
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "implementation_name": "cpython"}
PYTHONS = [{"python_full_version": f"3.{n}.0", "python_version": f"3.{n}"} for n in (11, 12, 13)]
IMPORTED = {"pytest", "hypothesis", "_pytest", "xdist", "ipykernel", "nbclient"}  # as they are imported


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> list[tuple[str, str, str]]:
    """(package, version, for which Python or system), in the order of the file."""
    return PIN.findall(text(name))


def plain(name: str) -> str:
    """The name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_both_locks_name_the_same_versions():
    assert pins("requirements.lock") == pins("requirements.txt")
    assert len(pins("requirements.txt")) > 60


def test_every_line_of_the_readable_lock_is_a_pin_or_the_project_itself():
    lines = [line for line in text("requirements.txt").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not PIN.fullmatch(line)] == ["-e ."]


def test_every_pin_of_the_lock_has_hashes_and_nothing_else_stands_there():
    lock = text("requirements.lock").replace("\\\n", "")
    for line in lock.splitlines():
        requirement, *hashes = line.split("--hash=")
        assert PIN.fullmatch(requirement.strip()), line
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()) for digest in hashes), line


def test_the_lock_holds_what_the_project_needs_and_its_test_tools():
    needed = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in PROJECT["dependencies"]}
    assert needed | TEST_TOOLS <= {name for name, _, _ in pins("requirements.txt")}


def test_tools_of_the_tests_are_no_dependency_and_nothing_that_runs_imports_them():
    extra = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in PROJECT["optional-dependencies"]["test"]}
    assert extra == TEST_TOOLS
    assert not any(each.startswith(tuple(TEST_TOOLS)) for each in PROJECT["dependencies"])
    for path in (*(ROOT / "core").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & IMPORTED, path


def test_the_bill_of_materials_names_what_is_locked():
    bill = json.loads(text("docs/sbom.json"))
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == PROJECT["name"]
    listed = sorted((plain(part["name"]), part["version"]) for part in bill["components"])
    assert listed == sorted((name, version) for name, version, _ in pins("requirements.lock"))


def test_the_licence_of_every_locked_package_of_linux_is_listed_in_its_version():
    rows = re.findall(r"^\| (\S+) +\| (\S+) +\| (.*?) +\|$", text("docs/licences.md"), re.MULTILINE)
    licences = {plain(name): (version, licence) for name, version, licence in rows if name != "Name"}
    versions: dict[str, set[str]] = {}
    for name, version, where in pins("requirements.lock"):
        if not where or any(Marker(where).evaluate({**LINUX, **python}) for python in PYTHONS):
            versions.setdefault(name, set()).add(version)
    assert set(licences) == set(versions)
    assert all(version in versions[name] and licence for name, (version, licence) in licences.items())


@pytest.mark.parametrize("name", ["requirements.txt", "requirements.lock", "docs/sbom.json", "docs/licences.md"])
def test_what_is_written_about_packages_names_no_index_but_the_public_one_and_no_folder(name):
    assert not re.search(r"file:|localhost|127\.0\.0\.1|--(extra-)?index-url|--find-links|^/|\"/", text(name), re.M)
    addresses = set(re.findall(r'"url": "https?://([^/"]+)/simple', text(name)))
    assert addresses <= {"pypi.org"}


def test_linux_and_macos_are_named_and_windows_is_sent_to_wsl():
    systems = {each for each in PROJECT["classifiers"] if each.startswith("Operating System")}
    assert systems == {"Operating System :: POSIX :: Linux", "Operating System :: MacOS"}
    assert re.search(r"Linux or macOS.*\(on Windows: use WSL\)", text("README.md"))
