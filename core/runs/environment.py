"""What a run was made with: versions, code, machine. Results are promised equal only where these are equal."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from core import READING_ORDER
from core.data_folder import ROOT

PACKAGES = ("geomag-precursor-lab", "tensorflow", "keras", "numpy", "scipy", "pandas", "pyarrow", "ppigrf")
# They decide in which order numbers are added, and so their last bits.
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS")


def describe() -> dict[str, Any]:
    """Versions, code revision, processor, thread settings; JSON-ready, nothing secret."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "packages": {name: _version(name) for name in PACKAGES},
        "keras_backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
        "commit": commit(),
        "code": code_digest(),
        "threads": {name: os.environ[name] for name in THREADS if name in os.environ},
    }


def adopt(threads: dict[str, str]) -> None:
    """Give this process the "threads" that `describe` found elsewhere; once keras is loaded it has no effect."""
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
