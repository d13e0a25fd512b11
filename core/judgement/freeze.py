"""
Pre-registration: a configuration and what it will be judged by, written down before anything of that was looked at.

A plan binds the stretch that it will be judged by, which no run may have scored, and its windows with their labels. A
run is pre-registered if it is what was frozen before it began; newer code and more data are no harm where the same
windows and labels come out. Any other run is exploratory, and what departs from the plan is named.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core import clock, typed_documents
from core import config as configs
from core.chained_log import Head
from core.config import ExperimentConfig
from core.errors import InputError
from core.judgement import final_block, tries
from core.judgement.journals import journal_heads, witness
from core.judgement.plans import frozen_plan, plan_answers, scorings, stretch_end
from core.judgement.plans import stretch as stretches
from core.judgement.plans.bound_windows import BoundWindows
from core.judgement.plans.frozen_plan import Frozen, frozen
from core.judgement.plans.plan_answers import Answer
from core.judgement.plans.planned import planned
from core.judgement.plans.stretch import Stretch
from core.judgement.tries import Record, Try
from core.labelling import splits
from core.loading.record.source import Source
from core.runs import environment, sources
from core.runs.pipeline import settled
from core.runs.runs import Run

__all__ = ["Frozen", "freeze", "frozen", "plans_for", "registration"]
UNCOMMITTED = "+changes"  # what `environment.commit` ends with where the files were not those of a commit
MOST_NAMED = 6  # departures that a sentence names


class RegistrationState(enum.StrEnum):
    """Whether a run is what was frozen before it began."""

    PRE_REGISTERED = "pre-registered"
    EXPLORATORY = "exploratory"


@dataclass(frozen=True)
class Registration:
    """
    What a run is beside the plans that were frozen: frozen_id ("" without a plan), words (a sentence for the reader),
    differs (what departs from the plan), split (what the plan speaks of; "" where that is not known).
    """

    state: RegistrationState
    words: str
    frozen_id: str = ""
    differs: tuple[str, ...] = ()
    split: str = ""

    def covers(self, judged_split: str) -> bool:
        """True if a verdict by the windows of this split is that of a plan frozen before they were scored."""
        return self.state == RegistrationState.PRE_REGISTERED and self.split in ("", judged_split)


NOT_FROZEN = Registration(
    RegistrationState.EXPLORATORY, "Exploratory: this configuration was not frozen before the run."
)


def freeze(config: ExperimentConfig, source: Source, data_dir: Path, until: str = "", end: str = "") -> Frozen:
    """
    Write a plan down; the same plan is written once, and the first time counts.

    Parameters
    ----------
    config : ExperimentConfig
    source : Source
    data_dir : Path
    until : str
        A day, UTC: what comes from it on is the final block by which the plan will be judged. It may lie ahead.
    end : str
        The day, UTC, before which that block ends; it is `[data] end` of the plan, which needs one with `until`.

    Raises
    ------
    InputError
        If a run has scored the stretch already, nothing would be judged, its end is not bound, lines of a journal are
        gone, or an earlier file or the journal was changed.
    """
    config = settled(config, source)
    if until:
        config = configs.replace(config, split={"final_start": until})
    if end:
        config = configs.replace(config, data={"end": end})
    asked, windows = planned(config, source)
    same = next((plan for plan in frozen(data_dir) if plan.config.id == config.id and plan.windows == windows), None)
    if same is not None:
        return same
    stretch_end.refuse_unbound(config)
    lost = journal_heads.lost(data_dir)
    if lost and asked.opens < clock.now():
        raise InputError(
            f"{lost[0].sentence} Until then no plan can be frozen for what has happened already: `precursor freeze "
            "CONFIG --until DAY --end DAY` takes what comes from a day ahead on."
        )
    scored = scorings.of(asked, data_dir)
    if scored:
        raise InputError(
            f"The stretch that this plan would be judged by ({_period(asked)}, {', '.join(asked.stations)}) is not "
            f"closed: {scorings.named(scored)} scored it or a part of it. Choose one that no run has looked at: "
            "`precursor freeze CONFIG --until DAY --end DAY` takes what comes from a day on, also from one ahead."
        )
    content = json.dumps([config.id, typed_documents.write(windows)])
    name = f"{config.name}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
    document = {
        "created": clock.stamp(),
        "config": config.as_dict(),
        "config_id": config.id,
        "digests": sources.digests(config, source),
        "code": environment.code_digest(),
        "commit": environment.commit(),
        "synthetic": source.synthetic,
        "stretch": typed_documents.write(asked),
        "windows": typed_documents.write(windows),
        "n_unknown": scorings.n_unknown(asked, data_dir),
        "heads": [typed_documents.write(head) for head in journal_heads.now(data_dir)],
    }
    return frozen_plan.keep(name, document, data_dir)


def harmless(registration: Registration, split: str, data_dir: Path) -> tuple[Head, ...]:
    """
    The heads whose loss does no harm to a run that is judged by a split: those that its plan names, of a stretch that
    was still to come when it was frozen. What was gone by then cannot have scored it.
    """
    plan = _kept_to(registration, split, data_dir)
    return plan.heads if plan is not None and _was_ahead(plan) else ()


def n_unknown(registration: Registration, split: str, data_dir: Path) -> int:
    """
    Runs that may have scored what a run is judged by before its plan was frozen: deleted before that was noted.

    None of them for a stretch that was still to come by then.
    """
    plan = _kept_to(registration, split, data_dir)
    return 0 if plan is None or _was_ahead(plan) else plan.n_unknown


def _kept_to(registration: Registration, split: str, data_dir: Path) -> Frozen | None:
    """The plan whose verdict is that of a split; None of an exploratory run."""
    if not registration.covers(split):
        return None
    return next(plan for plan in frozen(data_dir) if plan.frozen_id == registration.frozen_id)


def _was_ahead(plan: Frozen) -> bool:
    return plan.stretch is not None and plan.stretch.opens >= plan.created


def judged_by(plan: Frozen) -> str:
    """What a plan will be judged by, for a sentence; of a plan of version 1 only that is not known."""
    if plan.stretch is None:
        return "inputs and code"
    stations = ", ".join(plan.stretch.stations)
    return f"that it will be judged by its {plan.stretch.split} block, {_period(plan.stretch)}, of {stations}"


def registration(run: Run, data_dir: Path) -> Registration:
    """
    Whether a run is what was frozen before it.

    Raises
    ------
    InputError
        If a plan or a journal was changed.
    """
    began = _began(run, data_dir)
    plans = frozen(data_dir)
    same = [plan for plan in plans if not departures(plan, run)]
    if same:
        split = stretches.judged_split(run.config, run.windows)
        hindered = {plan.frozen_id: _hindrance(plan, run, began, data_dir) for plan in same}
        plan = next((plan for plan in same if not hindered[plan.frozen_id]), None)
        if plan is not None:
            final = " The plan's verdict is that of the final block." if split == splits.FINAL else ""
            words = f"{_kept(plan, run)}{final} {witness.in_words(plan, data_dir)}"
            return Registration(RegistrationState.PRE_REGISTERED, words, plan.frozen_id, split=split)
        plan_id, words = next(iter(hindered.items()))
        return Registration(RegistrationState.EXPLORATORY, f"Exploratory: {words}", plan_id, split=split)
    named = [plan for plan in plans if plan.config.name == run.config.name]
    if not named:
        return NOT_FROZEN
    plan = min(named, key=lambda plan: len(departures(plan, run)))
    differs = departures(plan, run)
    more = f" and {len(differs) - MOST_NAMED} more" if len(differs) > MOST_NAMED else ""
    named_first = ", ".join(differs[:MOST_NAMED])
    words = f"Exploratory: the run departs from its frozen plan {plan.frozen_id} in {named_first}{more}."
    return Registration(RegistrationState.EXPLORATORY, words, plan.frozen_id, tuple(differs))


def plans_for(frozen_id: str, tried: Try, record: Record, data_dir: Path) -> dict[str, float | None]:
    """
    The plans that pay for each other: all that were frozen for the stretch of a try, by `Stretch.shares`.

    A plan whose file was deleted counts as well, so that nobody opens many and keeps the best: by the stretch that its
    answer scored, and without an answer always, since what it was for is not known any more.

    Parameters
    ----------
    frozen_id : str
        Of the plan that the try answers.
    tried : Try
    record : Record
    data_dir : Path

    Returns
    -------
    dict
        By the id of the plan, the exact p of the run that answered it, None where none has yet; `frozen_id` first, with
        the p of the try. It is what `tries.confirmed` takes.
    """
    asked = tries.stretch_of(tried, data_dir)
    there = [plan.frozen_id for plan in frozen(data_dir) if plan.stretch is not None and plan.stretch.shares(asked)]
    p_by_plan: dict[str, float | None] = {frozen_id: tried.p}
    for plan_id in there:
        scored = _answered(plan_id, record, data_dir)
        p_by_plan.setdefault(plan_id, None if scored is None else scored.p)
    for plan_id in frozen_plan.deleted(data_dir):
        scored = _answered(plan_id, record, data_dir)
        if scored is None or tries.stretch_of(scored, data_dir).shares(asked):
            p_by_plan.setdefault(plan_id, None if scored is None else scored.p)
    return p_by_plan


def _answered(plan_id: str, record: Record, data_dir: Path) -> Try | None:
    """The scoring that answered a plan; None where nothing has yet."""
    answer = plan_answers.first(plan_id, data_dir)
    return None if answer is None else record.of(answer.run_id, answer.split)


def answer(run: Run, split: str, data_dir: Path) -> None:
    """Write down that a run was judged on a split, if that answers the plan that it was pre-registered with."""
    registered = registration(run, data_dir)
    if not registered.covers(split):
        return
    plan = next(plan for plan in frozen(data_dir) if plan.frozen_id == registered.frozen_id)
    opening = next((each for each in final_block.openings(data_dir) if each.run_id == run.run_id), None)
    compared = Answer(
        plan=plan.frozen_id,
        run_id=run.run_id,
        split=split,
        code_frozen=plan.code,
        code_run=run.environment.code,
        inputs=tuple(sources.changed(plan.digests, run.digests)),
        windows=None if plan.windows is None else plan.windows.again(run.windows),
        largest_difference=None if opening is None or split != splits.FINAL else opening.largest_difference,
    )
    plan_answers.note(compared, data_dir)


def _hindrance(plan: Frozen, run: Run, began: datetime, data_dir: Path) -> str:
    """Why a plan that a run departs from in nothing was not made before the fact, as a sentence; "" if it was."""
    if plan.created > began:
        return f"its configuration was frozen ({plan.frozen_id}) only after the run had begun."
    judged = stretches.of_run(run) or plan.stretch
    events = () if plan.stretch is None else plan.stretch.events or ()
    if judged is not None:
        judged = dataclasses.replace(judged, events=tuple(sorted({*(judged.events or ()), *events})))
        looked = scorings.before(scorings.of(judged, data_dir), plan.created)
        if looked:
            runs = scorings.named(looked)
            return f"before its plan {plan.frozen_id} was frozen, {runs} had scored the stretch that it is judged by."
    if plan.stretch is not None and not plan.stretch.end:
        return (
            f"its plan {plan.frozen_id}, of an older version, binds no end of the stretch that it is judged by, so "
            "that it could be opened on a day on which p happened to be small."
        )
    opened = next((each for each in final_block.openings(data_dir) if each.plan == plan.frozen_id), None)
    if opened is not None and opened.run_id != run.run_id:
        when = f"by {opened.run_id} on {opened.time[:10]}"
        return f"its plan {plan.frozen_id} was opened {when}, and a plan is opened once."
    earlier = plan_answers.first(plan.frozen_id, data_dir)
    if earlier is not None and earlier.run_id != run.run_id:
        when = f"by {earlier.run_id} on {earlier.time[:10]}"
        return f"its plan {plan.frozen_id} was answered {when}, and a plan is answered once."
    return ""


def _kept(plan: Frozen, run: Run) -> str:
    """What a reader must know of a run that keeps to its plan."""
    begin = (
        f"Pre-registered: frozen as {plan.frozen_id} on {plan.created:%Y-%m-%d %H:%M} UTC, before the run and before "
        "anything scored what it is judged by; "
    )
    unknown = _unknown(plan.n_unknown)
    other_inputs, code = sources.changed(plan.digests, run.digests), run.environment.code
    if plan.windows is None or not (other_inputs or code != plan.code):
        return f"{begin}configuration, inputs and code are the same.{unknown}"
    others = [f"the data of {name}" for name in other_inputs]
    if code != plan.code:
        others.append(f"the code ({plan.code[:8]} when frozen, {code[:8]} in the run)")
    until = f" up to {plan.windows.until[:10]}" if plan.windows.until else ""
    return (
        f"{begin}the configuration is the same, and its {plan.windows.n:,} windows{until} came out the same with their "
        f"labels, though {_listed(others)} {'is' if len(others) == 1 else 'are'} no longer what was frozen."
        f"{_what_changed(plan, run)}{unknown}"
    )


def _what_changed(plan: Frozen, run: Run) -> str:
    """Where a reader finds what changed in the code since it was frozen; "" if nothing did."""
    if run.environment.code == plan.code:
        return ""
    then, now = plan.commit, run.environment.commit
    if not then or not now:
        return " What changed in the code is not known here: it came without its history."
    if UNCOMMITTED in then + now:
        return " What changed in the code is not known here: it held changes that were in no commit."
    return f" `git diff {then} {now} -- core` shows what changed in the code."


def _unknown(n: int) -> str:
    runs = "1 run on these data that was" if n == 1 else f"{n:,} runs on these data that were"
    return f" What {runs} deleted before then had scored is not known." if n else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _period(asked: Stretch) -> str:
    return f"{asked.start[:10]} to {asked.end[:10]}" if asked.end else f"from {asked.start[:10]} on"


def _began(run: Run, data_dir: Path) -> datetime:
    """
    When the outcome could first be looked at: the first attempt at this run began, or an equal run was trained.

    The same config on the same data under another name, or in a folder that was deleted since, is an equal run.
    """
    if run.status.began:
        moments = [datetime.fromisoformat(run.status.began)]
    else:  # runs of earlier versions do not say it; times are whole seconds, so this may be a second early
        ended = datetime.fromisoformat(run.status.created)
        moments = [ended - timedelta(seconds=run.status.seconds)]
    moments += [datetime.fromisoformat(time) for time in tries.read(data_dir).times_trained(run.run_id)]
    return min(moments)


def departures(plan: Frozen, run: Run) -> list[str]:
    """What of a run is not as its plan says, in words: options, inputs, code; empty if nothing."""
    differences = []
    if plan.config.id != run.config.id:
        ours, theirs = run.config.as_dict(), plan.config.as_dict()
        for part in sorted(set(ours) | set(theirs)):
            if isinstance(ours.get(part), dict):
                for key in sorted(ours[part]):
                    if ours[part][key] != theirs[part][key]:
                        differences.append(f"[{part}] {key} = {ours[part][key]!r} (frozen: {theirs[part][key]!r})")
    if plan.windows is None:
        differences += [f"the data of {name}" for name in sources.changed(plan.digests, run.digests)]
        if run.environment.code != plan.code:
            differences.append("the code")
    else:
        differences += _other_windows(plan.windows, run)
    if run.status.parent:
        differences.append(f"its beginning from the weights of {run.status.parent}")
    return differences


def _other_windows(windows: BoundWindows, run: Run) -> list[str]:
    now = windows.again(run.windows)
    n = f"{windows.n:,} when frozen, {now.n:,} in the run" if now.n != windows.n else f"{windows.n:,}"
    return [] if now == windows else [f"its windows or their labels ({n})"]
