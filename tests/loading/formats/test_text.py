"""Tables of text: whether a file that does not end with a line end was cut off."""

import pytest

from core.errors import InputError
from core.loading.formats import text


@pytest.mark.parametrize(
    ("last", "others", "whole"),
    [
        ("earthquake", ["earthquake", "quarry blast"], True),
        ("earthq", ["earthquake", "quarry blast"], False),
        ("us", ["us", "usp"], False),  # it could have become usp
        ("", ["earthquake", ""], False),
        ("", ["", ""], True),
        ("27.27", ["27.2761", "26.4749"], False),
        ("127.2", ["27.27", "26.47"], False),  # as long as the others, but with one decimal
        ("9.27", ["27.27", "26.47"], False),  # to refuse is safe
        ("29.27", ["27.27", "26.47"], True),
        ("1592429", [], False),
    ],
)
def test_a_last_value_counts_as_complete_only_if_no_cut_could_have_made_it(last, others, whole):
    header, rows = "kind,more,value", [f"a,b,{other}" for other in others]
    table = text.delimited("list.csv", "\n".join([header, *rows, f"a,b,{last}"]))
    assert table.texts("more") == ["b"] * (len(others) + 1)  # what stands before the last separator is complete
    if whole:
        assert table.texts("value")[-1] == last
        return
    with pytest.raises(InputError, match=f"list.csv, line {len(others) + 2}: the last line has no line end"):
        table.texts("value")
