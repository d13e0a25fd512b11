"""Values that other programs gave, recorded once beside the tests of `tests/references`."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "references"


def values(name):
    """What a file of recorded values holds; its `origin` says which program gave them, and how."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
