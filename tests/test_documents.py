"""Documents on disk: what a file says, or one sentence; no damage gets through as another exception."""

import json

import pytest

from core import documents
from core.documents import DocumentError

# Damage to a JSON file that once held a table, and words of the sentence about it.
JSON_DAMAGE = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\n", "it is empty"),
    "cut": (b'{"a": 1, "b', "line 1: this is not whole JSON"),
    "cut on the third line": (b'{"a": 1,\n\n"b" 2}', "line 3: this is not whole JSON"),
    "Latin-1": ('{"a":\n"Fürstenfeldbruck"}'.encode("latin-1"), "line 2: this is not text in UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "line 1: this is not text in UTF-8"),
    "null bytes": (b"\0" * 40, "line 1: this is not whole JSON"),
    "lists in lists": (b"[" * 100_000, "it is nested too deeply"),
    "tables in tables": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "it is nested too deeply"),
    "a hundred levels": (b'{"a":' * 100 + b"1" + b"}" * 100, "it is nested too deeply"),
    "5000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "a number that cannot be"),
    "more than 64 bits": (b'{"a": [1' + b"0" * 30 + b"]}", "more than 64 bits"),
    "1e400": (b'{"a": 1e400}', "not finite"),
    "NaN": (b'{"a": NaN}', "NaN, which is no finite number"),
    "Infinity": (b'{"a": -Infinity}', "-Infinity, which is no finite number"),
    "a list": (b"[1, 2]", "it holds a list, not a table"),
    "a number": (b"5", "it holds a whole number, not a table"),
    "null": (b"null", "it holds nothing, not a table"),
    "half a character": (b'{"a": "\\ud800"}', "half a character"),
}

TOML_DAMAGE = {
    "a missing quote": (b'a = 1\nb = "x\nc = 2\n', "line 2: this is not TOML"),
    "an unfinished list": (b"a = 1\nb = [1,\n", "line 2: this is not TOML"),
    "Latin-1": ('a = 1\n# ü\nb = "ü"'.encode("latin-1"), "line 2: this is not text in UTF-8"),
    "null bytes": (b"\0" * 40, "line 1: this is not TOML"),
    "lists in lists": (b"a = " + b"[\n" * 50_000, "it is nested too deeply"),
    "a hundred levels": (b"a" + b".a" * 100 + b" = 1", "it is nested too deeply"),
    "one very long line": (b"a = 1\n" + b"a." * 500_000 + b"a = 1", "line 2: this is longer than 10,000 characters"),
    "5000 digits": (b"a = " + b"9" * 5000, "a number or a time that cannot be"),
    "more than 64 bits": (b"a = 1" + b"0" * 30, "more than 64 bits"),
    "too large": (b"# a\n" * 300_000, "larger than 1 MiB"),
}


def refusal(read, path, content) -> str:
    path.write_bytes(content)
    with pytest.raises(DocumentError) as refused:
        read(path)
    assert str(refused.value).startswith((f"{path}: ", f"{path}, line ")) and "\n" not in str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize("damage", JSON_DAMAGE)
def test_damaged_json_is_one_sentence_that_says_what_is_wrong(tmp_path, damage):
    content, words = JSON_DAMAGE[damage]
    assert words in refusal(documents.read_json, tmp_path / "a.json", content)
    with pytest.raises(DocumentError, match="^this line[:,] "):
        documents.parse_json(content)


@pytest.mark.parametrize("damage", TOML_DAMAGE)
def test_damaged_toml_is_one_sentence_that_says_where(tmp_path, damage):
    content, words = TOML_DAMAGE[damage]
    assert words in refusal(documents.read_toml, tmp_path / "a.toml", content)


@pytest.mark.parametrize("read", [documents.read_json, documents.read_toml, documents.read_text])
def test_a_missing_file_and_a_folder_in_its_place_are_one_sentence(tmp_path, read):
    with pytest.raises(DocumentError, match="it is missing") as refused:
        read(tmp_path / "absent")
    assert refused.value.missing
    (tmp_path / "folder").mkdir()
    with pytest.raises(DocumentError, match="it cannot be read") as refused:
        read(tmp_path / "folder")
    assert not refused.value.missing


def test_what_is_whole_is_read_as_any_reader_of_json_reads_it(tmp_path):
    content = {"a": [1, -2.5, None, True, "ü \U0001f9ed"], "b": {"c": {"d": []}}, "most": 2**63 - 1}
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert documents.read_json(tmp_path / "a.json") == content
    (tmp_path / "a.json").write_text("[1, 2]")
    assert documents.read_json(tmp_path / "a.json", list) == [1, 2]


def test_a_byte_order_mark_as_windows_writes_it_is_no_damage(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + 'name = "ü"\r\n'.encode())
    assert documents.read_toml(tmp_path / "a.toml") == {"name": "ü"}
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert documents.read_json(tmp_path / "a.json") == {"a": 1}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "it has no 'seconds'"),
        ({"seconds": "5"}, "its 'seconds' is text, not a number"),
        ({"seconds": True}, "its 'seconds' is true or false, not a number"),
        ({"seconds": [5]}, "its 'seconds' is a list, not a number"),
    ],
)
def test_a_value_of_another_kind_is_named(document, words):
    with pytest.raises(ValueError, match=words):
        documents.check_kinds(document, {"seconds": float})
    documents.check_kinds({"seconds": 5}, {"seconds": float})
