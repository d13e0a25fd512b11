"""The verb that hands a run to another program: export."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core import commands
from core.caveats import as_text
from core.cli.app import Data, Json, RunId, app, folder
from core.cli.terminal.console import say
from core.cli.terminal.tables import show
from core.errors import InputError
from core.runs.runs import RunStore


@app.command()
def export(
    run: RunId,
    tensorboard: Annotated[
        Path, typer.Option(metavar="DIR", help="Event files of TensorBoard go here, in a folder named after the run.")
    ],
    data: Data = None,
    json: Json = False,
) -> None:
    """
    The history of a run as event files, for `tensorboard --logdir DIR`.

    Writing needs nothing more; looking needs the extra tensorboard.
    """
    import tomli_w

    from core.training import tensorboard as events

    chosen = RunStore(folder()).open(run)
    try:
        written = events.write(chosen.history, tomli_w.dumps(chosen.config.as_dict()), tensorboard / chosen.run_id)
    except OSError as error:
        raise InputError(
            f"{tensorboard} cannot be written ({error.strerror or error}). Choose another folder."
        ) from None
    if json:
        show(pd.DataFrame({"file": [str(path) for path in written]}), True)
        return
    absent = f"TensorBoard is not installed. {commands.how_to_install('tensorboard')}"
    say(
        f"{len(chosen.history)} epochs of {chosen.run_id} were written to {tensorboard / chosen.run_id}.",
        *([] if find_spec("tensorboard") else [absent]),
        f"Look at them with: {commands.typed(f'tensorboard --logdir {tensorboard}')}",
        *as_text(chosen.caveats[:1]),
    )
