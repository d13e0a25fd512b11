"""Sentences that were measured to be untrue, and may not come back into what a reader sees."""

from __future__ import annotations

import re

import pytest

from core.data_folder import ROOT

READ = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "data" / "README.md",
    ROOT / "docs" / "verbs.md",
    *(path for room in ("core", "dashboard") for ending in ("py", "j2") for path in (ROOT / room).rglob(f"*.{ending}")),
]
UNTRUE = {
    # The chance of passing every gate was simulated: .00 to .55 where .80 was promised.
    "power of a verdict": r"four times in five|would (have stood|stand) out|would probably be missed|power 80 ?%",
    # A chain of digests that one keeps oneself can be forged as a whole.
    "ledger": r"(can never be|cannot be|, never|are never) (edited|changed|altered)\b(?! unnoticed)",
    # Issue times are those of one's own clock, and --verify passes a ledger that was made anew.
    "time of the ledger": (
        r"(written( down)?|said) before the fact|: [\"']before the fact[\"']|no row was changed or removed"
    ),
    # The raw output of a network that was taught half and half, beside the half.
    "number of the ledger": (
        r"[\"']Probability[\"'], [\"']Answer[\"']|height of its probability|By chance: the share of positives"
    ),
    # A null shows no skill; it does not show that there is none.
    "null": r"""return ["']No\.["']|No skill above chance: |No skill above chance shown: """,
}


@pytest.mark.parametrize("what", UNTRUE)
def test_an_untrue_sentence_stands_nowhere(what):
    texts = {path: " ".join(path.read_text(encoding="utf-8").split()) for path in READ}
    joined = {path: re.sub(r'" f?"', "", text) for path, text in texts.items()}  # strings broken over lines
    standing = [str(path.relative_to(ROOT)) for path, text in joined.items() if re.search(UNTRUE[what], text)]
    assert len(READ) > 200 and not standing


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("power of a verdict", "an AUC of 0.63 or more would have stood out from chance four times in five"),
        ("ledger", "Forecasts are written down before the fact and can never be edited."),
        ("ledger", "forecasts, written down before the fact, never edited"),
        ("time of the ledger", "The ledger holds forecasts written down before the fact."),
        ("time of the ledger", 'False: "before the fact"'),
        ("time of the ledger", "Check that no row was changed or removed."),
        ("number of the ledger", '"Probability", "Answer"'),
        ("number of the ledger", "By chance: the share of positives among the windows"),
        ("null", 'return "No."'),
        ("null", "No skill above chance: AUC 0.52"),
        ("null", "No skill above chance shown: AUC 0.59"),
    ],
)
def test_the_search_knows_the_sentences_that_stood_there(what, text):
    assert re.search(UNTRUE[what], text)


def test_a_ledger_that_cannot_be_edited_unnoticed_may_be_called_so():
    assert not re.search(UNTRUE["ledger"], "cannot be edited unnoticed once its last digest is noted elsewhere")
