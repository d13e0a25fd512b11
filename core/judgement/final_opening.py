"""Opening a final block: it is scored once, the score is noted as a try, and the run is judged by it."""

from __future__ import annotations

from pathlib import Path

from core.errors import InputError
from core.judgement import assessment, final_block, freeze
from core.judgement.assessment import Options
from core.judgement.final_block import Opening
from core.labelling import splits
from core.loading.record.source import Source
from core.progress import Progress
from core.runs.runs import Run


def open_final(
    run: Run, source: Source, data_dir: Path, progress: Progress | None = None, options: Options | None = None
) -> tuple[Opening, list[str]]:
    """
    Open the final block of a run and judge the run by it; a second time gives what the first one gave.

    What a first call did not come to, because it was killed or its data had changed, is made up for by the next one.

    Returns
    -------
    opening : Opening
    notes : list of str
        A sentence if a block that was opened before cannot be judged any more, else nothing.

    Raises
    ------
    InputError
        If the run has no final block, or its data have changed, or the code of today does not give what it gave, or
        the end that its config binds is still to come.
    Cancelled
        If `progress.should_stop()` became true.
    """
    opened_earlier = any(opening.run_id == run.run_id for opening in final_block.openings(data_dir))
    registered = freeze.registration(run, data_dir)
    plan = registered.frozen_id if registered.covers(splits.FINAL) else ""
    opening = final_block.open_once(run, source, data_dir, progress, plan)
    if assessment.of_split(data_dir, run.run_id, splits.FINAL) is not None:
        return opening, []
    try:
        assessment.assess(run, source, data_dir, progress, options, split=splits.FINAL)
    except InputError as error:
        if not opened_earlier:
            raise
        return opening, [f"The block was opened, but the run cannot be judged by it: {error}"]
    return opening, []
