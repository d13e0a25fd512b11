"""
The command line: one verb per capability, each a thin layer over core.

In: arguments. Out: words, tables (`--json` for machines) and exit codes: 0 for
success, 1 where part of a batch failed, 2 for bad input, 3 when a page asked to
stop, 130 after Ctrl-C.
Start reading with `run_verbs.py`. A new verb needs a row in `verbs.py`, and `make docs`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys

from core.cli.app import INTERRUPTED, app, job_progress
from core.cli.terminal.console import warn
from core.errors import InputError
from core.progress import Cancelled

# What the machine refuses is no defect of the program: full disk, permission, read-only, a file where a folder goes.
MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.EMFILE,
    errno.ENFILE, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP,
}  # fmt: skip


def main() -> None:
    """Run the command line; bad input is one sentence and exit code 2, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a machine that shuts down is a Ctrl-C
    try:
        app()
    except InputError as error:
        _stop("failed", f"Error: {error}", 2)
    except Cancelled as stop:
        _stop("cancelled", str(stop), 130 if isinstance(stop.__cause__, KeyboardInterrupt) else 3)
    except MemoryError:
        _stop("failed", "Error: The memory is full. Use a shorter period, fewer stations or a smaller batch_size.", 2)
    except OSError as error:
        if error.errno not in MACHINE:
            _end("failed", _defect(error))
            raise
        where = f" ({error.filename})" if error.filename else ""
        _stop("failed", f"Error: {os.strerror(error.errno)}{where}. What was complete before is kept.", 2)
    except SystemExit as end:
        if end.code == 130:  # Ctrl-C before or after the long part of a verb
            _stop("cancelled", INTERRUPTED, 130)
        _end("finished" if end.code in (0, None, 1) else "failed", "")
        raise
    except Exception as error:
        _end("failed", _defect(error))
        raise


def _stop(state: str, sentence: str, code: int) -> None:
    _end(state, sentence.removeprefix("Error: "))
    warn(sentence)
    sys.exit(code)


def _end(state: str, message: str) -> None:
    job = job_progress()
    if job is not None:
        with contextlib.suppress(OSError):  # on a full disk the log is all that is left to say so
            job.end(state, message)


def _defect(error: Exception) -> str:
    return f"This is a defect of the program: {type(error).__name__}: {error}"
