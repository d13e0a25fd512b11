"""The dashboard in a process of its own, as the README starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from core.data_folder import ROOT


@contextmanager
def running(folder: Path, *options: str, base_path: str = "", **environment: str):
    """Its address and its process, on a data folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # the console script does not put the working directory on the path, `python -m streamlit` would
    command = [Path(sys.executable).with_name("streamlit"), "run", "dashboard/Home.py"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.baseUrlPath", base_path]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none", *options]
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PRECURSOR_DATA": str(folder), **environment}
        )
    url = f"http://127.0.0.1:{port}" + (f"/{base_path}" if base_path else "")
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url + "/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.1)
        yield url, server
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def serving(folder: Path, **environment: str):
    """Its address alone."""
    with running(folder, **environment) as (url, _):
        yield url
