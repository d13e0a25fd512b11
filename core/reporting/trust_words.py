"""Can it be fooled? The battery in words: what each trick is, how often it works, and the page docs/trust.md."""

from __future__ import annotations

import math
from collections import Counter

import pandas as pd

from core.judgement.battery import results
from core.judgement.battery.results import Battery, RowResult, RowState
from core.judgement.battery.row import Measure, Row, promised
from core.judgement.battery.rows import BLIND, COVERAGE, GATES, REAL, ROWS, SCORES, TRIES
from core.reporting import blind_spots, tables
from core.reporting.verdict_words import VERDICTS

TITLE = "Can it be fooled?"
QUESTION = "We try to fool the instrument. This is how often each trick works."
HOW = (
    "Each row is a kind of made-up world whose truth is known. Its scores go through the very functions that judge a "
    "run; only the checks that a trick is about are asked, and everything else counts as passed, so that a world is "
    "taken for a finding here more easily than a run is. The interval holds the true rate with 95 % certainty of the "
    "method (exact, Clopper and Pearson). A row that misses its bar is played once more with new worlds, and both "
    "rounds count together. A real precursor may be seen a little less often than is promised, because both numbers "
    "come from simulated worlds: the row holds its bar up to three standard errors below the promise, and that least "
    "rate is the bar that is drawn. What the program itself promises must not be exceeded by more than that either."
)
BARS = (
    "Why 8 and 10 %: a trick is meant to work in 5 % of the worlds, and the bar is for the upper end of the interval, "
    "which lies above the true rate. A row whose true rate is 5 % holds 8 % with 1,000 worlds, and 10 % with the 400 "
    "of many runs, in 97 of 100 calibrations; one whose true rate is 8 % holds the former in 2 of 100."
)
NO_NETWORK = (
    "No trained network plays in any row: scores are made up, or read from made-up minutes by a fixed rule. What "
    "training could add to a trick is not measured here."
)
FINE = "Of 100 worlds in which nothing precedes an earthquake, 5 are expected above chance: that is what 5 % means."
NOTES = (BARS, NO_NETWORK, FINE)
GROUPS = (
    ("Nothing precedes the earthquakes: is noise taken for a candidate or more?", SCORES),
    ("Something else makes the scores high: is it taken for a candidate or more?", GATES),
    ("Somebody tries often: is the best of many tries taken for a candidate or more?", TRIES),
    ("Are the printed band and interval as wide as they must be?", COVERAGE),
    ("A real precursor is there: is it seen?", REAL),
    ("What no gate can see: how often is that taken for a candidate?", BLIND),
)
SHORT = {
    Measure.FOOLED: "fooled",
    Measure.BAND: "covered",
    Measure.INTERVAL: "covered",
    Measure.SEEN: "seen",
    Measure.LIMIT: "fooled",
}
_VERDICT = {kind.value: words for kind, words in VERDICTS.items()}
COLUMNS = ["row", "trick", "what_is_done", "counted", "worlds", "rate", "interval", "verdicts", "bar", "outcome"]


def table(battery: Battery, rows: tuple[Row, ...] = ROWS, quick: bool = False) -> pd.DataFrame:
    """
    The rows for people.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, all text but `worlds`. A row that was not run keeps its place.
    """
    return pd.DataFrame([_cells(row, battery.of(row.name), quick) for row in rows], columns=COLUMNS)


def numbers(battery: Battery, rows: tuple[Row, ...] = ROWS) -> pd.DataFrame:
    """The same for machines: n, hits, rate and interval as numbers, and each round by itself; rows that were run."""
    out = []
    for row in rows:
        result = battery.of(row.name)
        if result is not None:
            low, high = result.interval
            rounds = " + ".join(f"{part.n_hits}/{part.n}" for part in result.rounds)
            cells = (
                result.n,
                result.n_hits,
                result.rate,
                low,
                high,
                results.least_or_most(row, result.n) if result.n else math.nan,
                results.state(row, result).value,
                rounds,
                verdicts(result),
            )
            out.append((row.name, row.title, row.measure.value, *cells))
    names = ["row", "trick", "counted", "n", "n_hits", "rate", "low", "high", "bar", "outcome", "rounds", "verdicts"]
    return pd.DataFrame(out, columns=names)


def percent(share: float) -> str:
    """
    A share in percent, one decimal.

    >>> percent(0.0512), percent(1.0)
    ('5.1 %', '100 %')
    """
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def bar(row: Row, result: RowResult | None = None, quick: bool = False) -> str:
    """What a row is held against; for a real precursor that depends on how many worlds there were."""
    if row.measure == Measure.FOOLED:
        whole = f"upper end at most {percent(row.bar)}"
        return f"lower end at most {percent(results.QUICK_BAR)}" if quick else whole
    if row.measure == Measure.LIMIT:
        return "none: nothing in the data tells it"
    if row.measure == Measure.SEEN:
        least, most = results.seen_range(row, result.n if result is not None and result.n else row.n)
        promise = f"{percent(promised(row)[0])} promised"
        asked = f"at least {percent(least)}" if most == 1.0 else f"{percent(least)} to {percent(most)}"
        return f"upper end at least the {promise}" if quick else f"{asked}, for {promise}"
    return f"at least {percent(row.bar)}"


def rate(row: Row, result: RowResult | None) -> str:
    """How often, with both rounds where there were two."""
    if result is None or not result.n:
        return tables.DASH
    said = f"{SHORT[row.measure]} {percent(result.rate)}"
    if len(result.rounds) > 1:
        said += " (" + ", then ".join(percent(part.n_hits / part.n) for part in result.rounds if part.n) + ")"
    return said


def interval(result: RowResult | None) -> str:
    """Of the rate."""
    return tables.DASH if result is None or not result.n else " to ".join(map(percent, result.interval))


def verdicts(result: RowResult | None) -> str:
    """How the worlds were judged, the most frequent verdict first: "no precursor shown 951, detects 48"."""
    count: Counter[str] = Counter()
    for part in result.rounds if result is not None else ():
        count.update(part.kinds)
    return ", ".join(f"{_VERDICT.get(kind, kind)} {n:,}" for kind, n in count.most_common()) or tables.DASH


def outcome(row: Row, result: RowResult | None, quick: bool = False) -> str:
    """Held, misses its bar, or why it was not run."""
    state = results.state(row, result, quick)
    if state != RowState.NOT_RUN:
        return state.value
    return f"{state.value}: {row.why_not}" if row.why_not else state.value


def summary(battery: Battery) -> str:
    """How many rows hold their bar, miss it, or wait."""
    states = [results.state(row, battery.of(row.name)) for row in ROWS]
    count = {state: states.count(state) for state in RowState}
    waiting = f" Not run yet: {count[RowState.NOT_RUN]}." if count[RowState.NOT_RUN] else ""
    limits = f" {count[RowState.LIMIT]} show a limit of the method and have no bar." if count[RowState.LIMIT] else ""
    held = f"{count[RowState.HELD]} of {len(ROWS)} rows hold their bar, {count[RowState.RED]} miss it.{limits}{waiting}"
    return f"{held} {again}" if (again := played_again(battery)) else held


def played_again(battery: Battery) -> str:
    """Which rows missed their bar in the first round and were played once more, in a sentence; "" if none was."""
    twice = {result.name for result in battery.rows if len(result.rounds) > 1}
    names = [row.title for row in ROWS if row.name in twice]
    if not names:
        return ""
    missed_it = "row missed its" if len(names) == 1 else "rows missed their"
    return (
        f"{len(names)} {missed_it} bar in the first round and had a second one with new worlds, by a rule that was "
        f"fixed before any row was played: {'; '.join(names)}."
    )


def made(battery: Battery) -> str:
    """When the rows were run."""
    days = sorted({row.made[:10] for row in battery.rows})
    if not days:
        return "Nothing has been run yet."
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    asked = {row.name: row.n for row in ROWS}
    few = sum(row.rounds[0].n < asked.get(row.name, 0) for row in battery.rows if row.rounds)
    less = f" {few} of these rows have fewer worlds than the full form asks for." if few else ""
    return f"Run {when}, {sum(row.n for row in battery.rows):,} worlds in all.{less}"


def whose(own: bool) -> str:
    """Where the result comes from."""
    return "It was run in this data folder." if own else "This result came with the program."


def missed(battery: Battery) -> str:
    """Which rows are red, in a sentence; "" if none is."""
    names = [row.title for row in ROWS if row.name in results.red(battery)]
    return f"{len(names)} of {len(ROWS)} rows miss their bar: {'; '.join(names)}." if names else ""


def document(battery: Battery) -> str:
    """The page docs/trust.md."""
    parts = [f"# {TITLE}", "`precursor calibrate --write-docs` writes this page.", QUESTION, HOW, *NOTES]
    parts += [f"**{summary(battery)}**", *([f"**{missed(battery)}**"] if missed(battery) else []), made(battery)]
    for heading, rows in GROUPS:
        lines = ["| trick | what is done | worlds | rate | 95 % | verdicts | bar | |", f"{'|---' * 8}|"]
        for cells in table(battery, rows).to_dict("records"):
            last = cells["outcome"]
            last = f"**{last}**" if last == RowState.RED else last
            shown = [cells["trick"], cells["what_is_done"], cells["worlds"] or tables.DASH, cells["rate"]]
            shown += [cells["interval"], cells["verdicts"], cells["bar"], last]
            lines.append(f"| {' | '.join(map(str, shown))} |")
        parts += [f"## {heading}", "\n".join(lines)]
    parts += [f"## {blind_spots.TITLE}", "\n".join(f"* {sentence}" for sentence in blind_spots.everywhere())]
    return "\n\n".join(parts) + "\n"


def _cells(row: Row, result: RowResult | None, quick: bool) -> tuple[object, ...]:
    return (
        row.name,
        row.title,
        row.words,
        row.measure.value,
        0 if result is None else result.n,
        rate(row, result),
        interval(result),
        verdicts(result),
        bar(row, result, quick),
        outcome(row, result, quick),
    )
