"""
The static report site: the figures of the dashboard as plain HTML that opens from disk without a network.

One folder: a page per run and per station, the overview, map, learning
curves, ledger and about; `assets/` with one copy of plotly; `data/` with the
numbers as CSV. Only classic scripts, nothing loaded from elsewhere, fixed ids
and no build time, so that two builds of the same data are the same files.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from core import documents
from core.config import DetectabilityConfig
from core.documents import DocumentError
from core.errors import InputError
from core.forecasting.ledger import Ledger
from core.judgement.battery import results
from core.judgement.battery.results import Battery
from core.loading.archive.archive import Archive
from core.reporting import glossary, introduction, run_pages, sentences, tables, verdict_words
from core.reporting.figures import theme
from core.reporting.pages import (
    Page,
    Plot,
    about,
    chance,
    coverage,
    learning_curves,
    ledger,
    map,
    paper,
    record,
    summary,
    trust,
)
from core.runs import sources as source_store
from core.runs.runs import Run, RunStore
from core.studies import leak_demonstrator
from core.studies import learning_curves as curve_store
from core.studies.leak_demonstrator import Demonstration
from core.studies.paper import study

NAVIGATION = (
    ("index.html", "Overview"),
    ("map.html", "Map"),
    (coverage.FILE, coverage.TITLE),
    ("learning-curves.html", "Learning curves"),
    (paper.FILE, paper.TITLE),
    (chance.FILE, chance.TITLE),
    (trust.FILE, trust.TITLE),
    ("ledger.html", "Ledger"),
    ("about.html", "About"),
)
LISTING = ".written-by-precursor.json"


def write(data_dir: Path, out: Path, named: Sequence[str] = (), every: bool = False) -> list[Path]:
    """
    Write the site of a data folder.

    Files that an earlier build wrote to `out` and this one does not are removed; nothing else is touched.

    Parameters
    ----------
    data_dir : Path
        Holds archive, worlds, runs, learning_curves and ledger.sqlite, as far as they exist.
    out : Path
        The folder to write; made if it is not there.
    named : sequence of str
        Ids of runs that a study made, to be published beside the user's own.
    every : bool
        Publish every run.

    Returns
    -------
    list of Path
        The HTML pages, the overview first.

    Raises
    ------
    InputError
        If a named run is not there, or `out` cannot be written.
    """
    found = pages(data_dir, named, every)
    try:
        return _write_files(found, Path(out))
    except OSError as error:
        raise InputError(f"The site cannot be written to {out}: {error.strerror or error}.") from None


def pages(data_dir: Path, named: Sequence[str] = (), every: bool = False) -> list[Page]:
    """
    Everything the site shows, before it is laid out; parameters as in `write`.

    A run whose documents are damaged is passed over, or shown without them: the overview names it, the log says why.
    """
    store, book = RunStore(data_dir), Ledger(data_dir / "ledger.sqlite")
    stored = store.list()
    asked = {*(store.open(name).run_id for name in named), *book.list()["run_id"]}  # whoever forecasts is shown
    published = every | (stored["study"] == "") | stored["run_id"].isin(asked)
    listed, left_out = stored[published], sentences.of_studies(list(stored.loc[~published, "study"]))
    opened = {run_id: store.open(run_id) for run_id in listed["run_id"]}
    archive = Archive(data_dir / "archive")
    sources = {"archive": archive} if archive.stations() or len(archive.catalogues()) else {}
    sources |= source_store.stored_worlds(data_dir)

    made = {run_id: run_pages.of(one, data_dir) for run_id, one in opened.items()}
    whole = {run_id: each for run_id, each in made.items() if each.run is not None}
    damage = [*stored.attrs["notes"], *(sentence for each in made.values() for sentence in each.damage)]
    for sentence in damage:  # it names folders, which a published page does not
        logging.getLogger(__name__).warning("%s", sentence)
    partly = {run_id for run_id, each in made.items() if each.damage}
    incomplete = sorted((set(store.ids()) - set(stored["run_id"])) | partly)
    opened = {run_id: opened[run_id] for run_id in whole}
    verdicts = [each.verdict for each in whole.values() if each.verdict is not None]

    stored_curves, studies, leaks = curve_store.on_shelf(data_dir), study.on_shelf(data_dir), _leaks(data_dir)

    def rule_of(source: str, code: str) -> DetectabilityConfig:
        return _rule(list(opened.values()), sources[source].synthetic, code)

    return [
        summary.page(
            listed[listed["run_id"].isin(whole)],
            opened,
            sources,
            {page.content["run"].run_id: page.content["in_a_cell"] for page in verdicts}
            | {run_id: verdict_words.OUTDATED for run_id, each in whole.items() if each.outdated},
            left_out,
            incomplete,
            {page.content["run"].run_id: page.content["judged"] for page in verdicts},
        ),
        map.page(sources, rule_of),
        coverage.page(sources),
        learning_curves.page(stored_curves.there, sorted(stored_curves.refused)),
        paper.page(studies.there, sorted(studies.refused)),
        chance.page({run_id: each.gallery for run_id, each in whole.items() if each.gallery is not None}, *leaks),
        trust.page(*_battery(data_dir)),
        ledger.page(
            book,
            {run_id: tables.base_rate(one.predictions) for run_id, one in opened.items()},
        ),
        about.page(sources),
        *(each.run for each in whole.values() if each.run is not None),
        *(each.explanation for each in whole.values() if each.explanation is not None),
        *verdicts,
        *(
            record.page(name, source, code, rule_of(name, code))
            for name, source in sources.items()
            for code in source.stations()
        ),
    ]


def _leaks(data_dir: Path) -> tuple[Demonstration | None, bool]:
    """The leak demonstration, and whether there is one that cannot be read; then the log says why."""
    try:
        return leak_demonstrator.stored(data_dir), False
    except InputError as error:
        logging.getLogger(__name__).warning("%s", error)
        return None, True


def _battery(data_dir: Path) -> tuple[Battery | None, bool]:
    """One's own battery or that of the program; None if one's own cannot be read, and then the log says why."""
    try:
        return results.to_show(data_dir)
    except InputError as error:
        logging.getLogger(__name__).warning("%s", error)
        return None, True


def render(page: Page) -> str:
    """One page as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("core.reporting", "templates"),
        autoescape=True,  # always: select_autoescape() does not see .html in .html.j2
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["figure_json"] = figure_json
    environment.globals["introduction"] = introduction
    environment.globals["glossary"] = glossary
    environment.filters["percent"] = theme.percent
    return environment.get_template(page.template).render(
        page=page, navigation=NAVIGATION, palette=script_json(json.dumps(theme.dark_of_light())), **page.content
    )


def figure_json(plot: Plot) -> Markup:
    """A figure as JSON for a script element; its own template adds nothing and is left out."""
    content = json.loads(plot.figure.to_json())
    content["layout"].pop("template", None)
    return script_json(json.dumps(content, separators=(",", ":")))


def script_json(text: str) -> Markup:
    """JSON that cannot end the script element it stands in, whatever text it carries."""
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _rule(runs: list[Run], synthetic: bool, code: str) -> DetectabilityConfig:
    # the rule of the newest run with this station, so that map and record show what was trained on; else the paper's
    for one in runs:
        if one.synthetic == synthetic and code in one.config.data.stations:
            return one.config.detectability
    return DetectabilityConfig(law="paper")


def _write_files(found: list[Page], out: Path) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, str] = {}
    for page in found:
        written[page.file] = render(page)
        for name, table in page.files.items():
            marked = table.assign(synthetic=True) if page.synthetic == "all" or name.startswith("synthetic-") else table
            written[f"data/{name}"] = tables.csv(marked)
    templates = resources.files("core.reporting") / "templates"
    for name in ("site.css", "site.js"):
        written[f"assets/{name}"] = (templates / name).read_text(encoding="utf-8")
    written["assets/plotly.min.js"] = _plotly()
    for name in _earlier(out) - set(written):
        (out / name).unlink(missing_ok=True)
    for name, text in {**written, LISTING: json.dumps(sorted(written), indent=1)}.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return [out / page.file for page in found]


def _earlier(out: Path) -> set[str]:
    try:
        names = documents.read_json(out / LISTING, list)
    except DocumentError:
        return set()
    # whatever stands in the listing, only names that a build could have written are removed
    return {name for name in names if isinstance(name, str) and re.fullmatch(r"((data|assets)/)?\w[\w.-]*", name)}


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script
