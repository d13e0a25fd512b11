"""
The command line: one verb per capability, each a thin layer over core.

In: arguments. Out: words, tables (`--json` for machines) and exit codes: 0 for
success, 1 where part of a batch failed, 2 for bad input, 3 when cancelled.
Start reading with `run_verbs.py`.
"""

from __future__ import annotations

import sys

from core.cli.app import app, job_progress
from core.errors import InputError
from core.experiments.progress import Cancelled

# Importing a module registers its verbs.
from core.cli import data_verbs, forecast_verbs, run_verbs  # noqa: F401 isort: skip


def main() -> None:
    """Run the command line; bad input is one sentence and exit code 2, never a traceback."""
    try:
        app()
    except InputError as error:
        _end("failed", str(error))
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 the command line is where printing belongs
        sys.exit(2)
    except (Cancelled, KeyboardInterrupt) as stop:
        message = str(stop) or "Stopped."
        _end("cancelled", message)
        print(message, file=sys.stderr)  # noqa: T201
        sys.exit(3)
    except SystemExit as end:
        _end("finished" if end.code in (0, None, 1) else "failed", "")
        raise
    except Exception as error:
        _end("failed", f"This is a defect of the program: {type(error).__name__}: {error}")
        raise


def _end(state: str, message: str) -> None:
    job = job_progress()
    if job is not None:
        job.end(state, message)
