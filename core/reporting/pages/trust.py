"""Can it be fooled? How often each trick of the battery works, row by row."""

from __future__ import annotations

from core.judgement.battery import results
from core.judgement.battery.results import Battery, RowState
from core.judgement.battery.row import Row
from core.reporting import blind_spots, trust_words
from core.reporting.figures.judgement import battery as figures
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number

FILE, TITLE = "can-it-be-fooled.html", trust_words.TITLE


def page(battery: Battery | None, own: bool = False) -> Page:
    """
    The page of the site.

    Parameters
    ----------
    battery : Battery or None
        None: it is stored and cannot be read.
    own : bool
        It was run here; else it came with the program.
    """
    if battery is None:
        return Page(FILE, TITLE, "trust.html.j2", {"question": trust_words.QUESTION, "groups": [], "unreadable": True})
    name = csv_name("battery", synthetic=True)
    content = {
        "question": trust_words.QUESTION,
        "unreadable": False,
        "how": trust_words.HOW,
        "notes": trust_words.NOTES,
        "blind_title": blind_spots.TITLE,
        "blind_spots": blind_spots.everywhere(),
        "summary": trust_words.summary(battery),
        "missed": trust_words.missed(battery),
        "made": f"{trust_words.made(battery)} {trust_words.whose(own)}",
        "groups": [
            (heading, _plot(number_of, rows, battery, name), group_table(heading, rows, battery, name))
            for number_of, (heading, rows) in enumerate(trust_words.GROUPS)
        ],
    }
    return Page(FILE, TITLE, "trust.html.j2", content, "all", {name: trust_words.numbers(battery)})


def _plot(number_of: int, rows: tuple[Row, ...], battery: Battery, csv: str) -> Plot:
    figure = figures.rates(trust_words.numbers(battery, rows))
    return Plot(f"battery-{number_of}", figure, "A tick is the bar; a cross misses it.", csv)


def group_table(heading: str, rows: tuple[Row, ...], battery: Battery, csv: str) -> Table:
    """The rows of a group, those that were not run too."""
    cells = []
    for row in rows:
        result = battery.of(row.name)
        red = results.state(row, result) == RowState.RED
        cells.append(
            [
                Cell(row.title, note=row.words),
                number(f"{result.n:,}" if result else "–"),
                number(trust_words.rate(row, result), note=trust_words.interval(result)),
                Cell(trust_words.verdicts(result)),
                Cell(trust_words.bar(row, result)),
                Cell(trust_words.outcome(row, result), missed=red),
            ]
        )
    return Table(heading, ["Trick", "Worlds", "How often, 95 %", "Verdicts", "Bar", "Outcome"], cells, csv)
