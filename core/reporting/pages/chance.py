"""How chance looks: the real catalogue among shifted ones, and skill made of nothing by a leak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.judgement.null_gallery import Gallery
from core.reporting import tables
from core.reporting.figures.judgement import gallery as figures
from core.reporting.pages import Cell, Page, Plot, Table, csv_name, number
from core.studies.leak_demonstrator import Demonstration

FILE, TITLE = "chance.html", "How chance looks"
QUESTION = "How convincing is noise, and how does a leak make skill out of nothing?"
LEAK_WORDS = (
    "Made-up worlds in which nothing precedes an earthquake: the field drifts slowly and earthquakes come in bursts. "
    "The same simple model is judged under three ways of keeping windows aside, and each has its audit."
)


def leak_outcome(demo: Demonstration) -> str:
    """Which ways look skilful though nothing is there, and which the audit finds leaking, by the numbers themselves."""
    rows = demo.summary.to_dict("records")
    skilful = [str(row["method"]) for row in rows if row["auc_low"] > 0.5]
    leaking = [str(row["method"]) for row in rows if not row["audit_ok"]]
    n = demo.worlds["world"].nunique()
    return (
        f"In {n:,} world{'' if n == 1 else 's'}: above chance in nearly all of them {_listed(skilful)}; found leaking "
        f"by the audit {_listed(leaking)}."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def gallery_words(n: int) -> str:
    """What a gallery of n pictures shows, and what it asks."""
    return (
        "Each picture shows how many earthquakes the alarms of this run miss when more and more time is alarmed. One "
        f"of the {n} is the real catalogue; in the others all earthquakes were moved in time together, so that "
        "nothing in the record can have to do with them."
    )


def answer_words(made: Gallery) -> str:
    """How many catalogues without meaning do as well as the real one."""
    better = int((made.items["ass"] >= made.items.loc[made.items["real"], "ass"].iloc[0]).sum()) - 1
    return f"{better} of the {len(made.items) - 1} catalogues without meaning do as well as the real one or better."


def page(galleries: Mapping[str, Gallery], demo: Demonstration | None, unreadable: bool = False) -> Page:
    """
    The page of the site.

    Parameters
    ----------
    galleries : mapping of run id to Gallery
        Those that were made.
    demo : Demonstration, optional
    unreadable : bool
        There is a demonstration, and it cannot be read.
    """
    files, sections = {}, []
    for run_id, made in galleries.items():
        synthetic = made.document.synthetic
        name = csv_name(f"{run_id}-gallery", synthetic)
        files[name] = made.items
        drawn = [
            Plot(
                f"gallery-{run_id}-{'answer' if reveal else 'question'}",
                figures.gallery(made.items, made.curves, reveal=reveal, synthetic=synthetic),
                f"Run {run_id}; lower left is better, the grey diagonal is guessing.",
                name if reveal else "",
            )
            for reveal in (False, True)
        ]
        sections.append(
            {
                "run_id": run_id,
                "synthetic": synthetic,
                "words": gallery_words(len(made.items)),
                "plots": drawn,
                "answer": answer_words(made),
            }
        )
    content: dict[str, Any] = {"question": QUESTION, "galleries": sections, "leak_words": LEAK_WORDS, "leak": None}
    content["leak_unreadable"] = unreadable
    if demo is not None:
        name = csv_name("leak-demonstration", synthetic=True)
        files[name] = demo.worlds
        content["leak"] = {"plot": _leak(demo, name), "table": leak_table(demo), "outcome": leak_outcome(demo)}
    synthetic_parts = [section["synthetic"] for section in sections] + [True] * (demo is not None)
    extent = "all" if synthetic_parts and all(synthetic_parts) else "part" if any(synthetic_parts) else ""
    return Page(FILE, TITLE, "chance.html.j2", content, extent, files)


def leak_table(demo: Demonstration) -> Table:
    """Each split with the mean and the spread over the worlds, and what the audit says of it."""
    rows = [
        [
            Cell(str(row["method"]), note=str(row["words"])),
            number(tables.number(row["auc"]), note=tables.interval(row["auc_low"], row["auc_high"])),
            Cell(str(row["audit"])),
        ]
        for row in demo.summary.to_dict("records")
    ]
    head = ["Split", "AUC (chance 0.50), most worlds", "What the audit says"]
    return Table("One model, three ways of keeping windows aside", head, rows)


def _leak(demo: Demonstration, csv: str) -> Plot:
    n = demo.worlds["world"].nunique()
    return Plot("leak", figures.leak(demo.summary, demo.worlds), f"A dot is one of {n} worlds, a bar their mean.", csv)
