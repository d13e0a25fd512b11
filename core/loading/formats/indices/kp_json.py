"""Kp as the JSON service of GFZ writes it (kp.gfz.de/app/json): three lists of the same length."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import InputError
from core.loading.formats import json_text, text
from core.loading.formats.indices import kp as activity
from core.loading.formats.nothing import NothingInItError
from core.loading.formats.text import Table

NAMES = ("datetime", "Kp", "status")

_LIST = re.compile(rf'"({"|".join(NAMES)})"\s*:\s*\[')
_OFF = 0.07  # of a unit: values come with three decimals, or rounded to one


def looks_like(head: str) -> bool:
    """
    Whether a file that begins with this text is such JSON; of a long one, the first list alone may be in it.

    >>> looks_like('{"Kp": [0.333, 1.0], '), looks_like('{"status": {"code": 1200}}')
    (True, False)
    """
    return head.lstrip("\ufeff \t\r\n").startswith("{") and _LIST.search(head) is not None


def read(path: Path) -> pd.DataFrame:
    """
    Read the JSON into the activity table (`kp.check`); what is not definitive has the status "preliminary".

    Returns
    -------
    DataFrame
        The activity table; `attrs["notes"]` counts the times that have no value, `attrs["no_value"]` is the tuple of
        them.

    Raises
    ------
    NothingInItError
        If no time has a value.
    InputError
        If the file is no complete JSON of this form, the times are off the three hours, repeat or run backwards, or a
        value is no Kp (the sentence says which).
    """
    path = Path(path)
    table = _table(json_text.read(path), path.name)
    times = table.times(table.texts("datetime"))
    if (times != times.floor("3h")).any() or not times.is_monotonic_increasing or not times.is_unique:
        raise InputError(f"{path.name}: times are off the three hours, repeat or run backwards.")
    kp = table.numbers("Kp", 0.0, 9.0)
    thirds = activity.thirds(kp)
    off = np.abs(kp - thirds) > _OFF
    if off.any():
        row = int(off.argmax())
        table.fail(row, f"Kp is {kp[row]:g}, which is no third of a unit.")
    has_value = ~np.isnan(kp)
    n_none = int((~has_value).sum())
    notes = (f"{n_none} values of three hours dropped: no Kp.",) if n_none else ()
    if not has_value.any():
        raise NothingInItError(f"{path.name}: holds no Kp. {' '.join(notes)}".rstrip(), notes)
    status = np.where(np.array(table.texts("status")) == "def", "definitive", "preliminary")
    values = pd.DataFrame(
        {
            "time": times[has_value],
            "kp": thirds[has_value],
            "ap": activity.AP_OF_THIRDS[np.round(3 * thirds[has_value]).astype(int)].astype("float64"),
            "status": pd.Series(status[has_value], dtype="str"),
        }
    )
    values.attrs = {"notes": notes, "no_value": tuple(times[~has_value])}
    return activity.check(values)


def _table(content: object, name: str) -> Table:
    # The three lists as columns of text.
    lists = content if isinstance(content, dict) else {}
    absent = next((each for each in NAMES if not isinstance(lists.get(each), list)), None)
    if absent is not None:
        raise InputError(f"{name}: this is no JSON of Kp; expected the lists {', '.join(NAMES)}, found no {absent!r}.")
    n_values, n_times, n_words = (len(lists[each]) for each in ("Kp", "datetime", "status"))
    if not n_values == n_times == n_words:
        raise InputError(f"{name}: {n_values} values, {n_times} times and {n_words} words for their status.")
    columns = {each: [json_text.cell(value) for value in lists[each]] for each in NAMES}
    _refuse_words_for_none(columns["Kp"], name)
    return Table(name, columns, list(range(1, n_values + 1)), unit="value")


def _refuse_words_for_none(cells: list[str], name: str) -> None:
    # JSON has null for "no value"; a word for it ("-", "NaN") is damage, which a table of text would let pass.
    for number, cell in enumerate(cells, 1):
        if cell and cell.casefold() in text.MISSING:
            raise InputError(f"{name}, value {number}: Kp is {cell!r}, expected a number or null.")
