"""What a run was made with: versions, code, machine. Results are promised equal only where these are equal."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import platform
import subprocess
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from core import READING_ORDER
from core.data_folder import ROOT
from core.typed_documents import Versioned

PACKAGES = ("geomag-precursor-lab", "tensorflow", "keras", "numpy", "scipy", "pandas", "pyarrow", "ppigrf")
# They decide in which order numbers are added, and so their last bits.
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS")


@dataclass(frozen=True)
class Environment:
    """
    What a program computes with; nothing secret.

    packages: their versions, "absent" without. commit: the git revision, code: SHA-256 of what shapes a run; "" where
    an older document does not say it. threads: the environment variables of `THREADS` that were set.
    """

    python: str = ""
    system: str = ""
    processor: str = ""
    cores: int | None = None
    packages: dict[str, str] = field(default_factory=dict)
    keras_backend: str = ""
    commit: str = ""
    code: str = ""
    threads: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunEnvironment(Environment, Versioned):
    """environment.json: what a run was made with, and SHA-256 of every input by its name."""

    digests: dict[str, str] = field(kw_only=True)

    @classmethod
    def of(cls, environment: Environment, digests: dict[str, str]) -> RunEnvironment:
        """That of a run that was made in this environment from these inputs."""
        parts = {each.name: getattr(environment, each.name) for each in dataclasses.fields(Environment)}
        return cls(**parts, digests=digests)

    @property
    def surroundings(self) -> Environment:
        """The same without the inputs."""
        return Environment(**{each.name: getattr(self, each.name) for each in dataclasses.fields(Environment)})

    VERSION = 1  # the oldest have none
    CALLED = "The environment of run {}"

    @classmethod
    def of_older(cls, table: dict[str, Any], version: int) -> dict[str, Any]:
        """The same; its threads are to be set in another process, so they are checked first."""
        threads = table.get("threads", {})
        if not isinstance(threads, dict) or not all(isinstance(n, str) and n.isdecimal() for n in threads.values()):
            raise ValueError("its settings of threads are not numbers")
        return table


def describe() -> Environment:
    """Versions, code revision, processor and thread settings of this process."""
    return Environment(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=os.cpu_count(),
        packages={name: _version(name) for name in PACKAGES},
        keras_backend=os.environ.get("KERAS_BACKEND", "tensorflow"),
        commit=commit(),
        code=code_digest(),
        threads={name: os.environ[name] for name in THREADS if name in os.environ},
    )


def adopt(threads: dict[str, str]) -> None:
    """Give this process the threads that `describe` found elsewhere; once keras is loaded it has no effect."""
    for name in THREADS:
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in threads.items() if name in THREADS})


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def code_digest() -> str:
    """SHA-256 of every file of the rooms that shape a run, up to `studies`; pages and verbs do not count."""
    rooms = READING_ORDER[: READING_ORDER.index("studies") + 1]
    digest = hashlib.sha256()
    for path in sorted((ROOT / "core").rglob("*.py")):
        name = path.relative_to(ROOT / "core")
        if name.parts[0].removesuffix(".py") in rooms:
            digest.update(f"{name.as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def commit() -> str:
    """The git revision, with `+changes` when the tree differs from it; "" outside a checkout."""
    if not (ROOT / ".git").exists():  # a wheel may lie within a repository of something else
        return ""
    try:
        revision = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty=+changes", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return revision.stdout.strip()
