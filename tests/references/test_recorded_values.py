"""Recorded values are worth what their origin is: each file names it."""

import pytest

from support import recorded

NAMES = sorted(path.stem for path in recorded.FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_values_say_which_program_gave_them_its_version_and_how_it_was_asked(name):
    origin = recorded.values(name)["origin"]
    assert all(isinstance(origin[key], str) and origin[key] for key in ("package", "version"))
    assert origin["command"] and all(isinstance(line, str) and line for line in origin["command"])
