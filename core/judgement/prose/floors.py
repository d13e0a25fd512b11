"""A p that cannot be any smaller, in words."""

from __future__ import annotations

import math

from core.evaluation import p_value
from core.evaluation.chance import turned_blocks
from core.judgement.journals.family import Family


def of_family(family: Family) -> str:
    """That the p of a run among its family cannot be any smaller, as a sentence; "" where it could."""
    turns = 1 / (1 + turned_blocks.N_DRAWS)
    if math.isclose(family.p_family, turns + family.n_unknown * family.p, rel_tol=1e-6):
        added = f", plus {family.n_unknown:,} times its own p for the runs of which too little is known"
        smallest = f"{turns:.2g}, the smallest p that {turned_blocks.N_DRAWS:,} turns can show"
        return f"That is {smallest}{added if family.n_unknown else ''}."
    if p_value.at_floor(family.p_family, family.smallest_p_family):
        return "That is the smallest p that these blocks can show: no score could have done better."
    return ""
