"""
The science of the Geomagnetic Precursor Lab; it never imports streamlit.

Minute data of the geomagnetic field, a catalogue of earthquakes and the
activity index Kp go in. The data are cut into windows; a window is positive
if a target event follows it. A small CNN gives each window a probability. A
run is one configuration taken through that pipeline and kept on disk.
Evaluation asks whether the run beats chance. The ledger holds forecasts
with the time at which they were written down, by its own clock. The dashboard and the static site only show.

Read the rooms in the order of `READING_ORDER`; each imports only rooms that
stand before it (a test enforces that). Start with `runs/pipeline.py`
for the whole story in one function. A notebook has three names: `from core import Lab, load_config, figures`.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.lab import figures
    from core.lab.configs import load_config
    from core.lab.lab import Lab

# What a notebook imports, and where each stands: loaded when it is asked for, so that `import core` costs nothing.
DOOR = {"Lab": "core.lab.lab:Lab", "load_config": "core.lab.configs:load_config", "figures": "core.lab.figures:"}
__all__ = ["NESTED", "READING_ORDER", "Lab", "figures", "load_config"]

READING_ORDER = (
    "errors",
    "jupyter",
    "documents",
    "typed_documents",
    "vocabulary",
    "clock",
    "options",
    "data_folder",
    "commands",
    "shipped",
    "config",
    "stations",
    "files",
    "config_file",
    "config_template",
    "caveats",
    "progress",
    "chained_log",
    "loading",
    "synthesis",
    "processing",
    "labelling",
    "training",
    "evaluation",
    "runs",
    "judgement",
    "studies",
    "forecasting",
    "demo",
    "reporting",
    "lab",
    "cli",
)
# Every room that has rooms within it, and these in the order in which they are read; the same rule holds among them.
NESTED = {
    "loading": ("record", "catalogue", "formats", "services", "archive"),
    "loading/formats": ("indices", "minutes", "events"),
    "loading/formats/minutes": ("iaga2002",),
    "evaluation": ("chance", "clocks", "rivals", "power"),
    "judgement": ("plans", "journals", "power", "prose", "battery"),
    "studies": ("paper",),
    "reporting": ("figures", "pages"),
    "reporting/figures": ("record", "map", "run", "judgement", "studies"),
    "cli": ("terminal",),
}


if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name):
        """One of the names of `DOOR`."""
        if name not in DOOR:
            raise AttributeError(f"module 'core' has no attribute {name!r}")
        module, _, attribute = DOOR[name].partition(":")
        loaded = importlib.import_module(module)
        return getattr(loaded, attribute) if attribute else loaded

    def __dir__():
        return sorted([*globals(), *DOOR])
