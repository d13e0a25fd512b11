"""Options say what they are, once: the checks, the Train page, the file of a new config and the docs read the same."""

import dataclasses
import tomllib
import typing

import pytest

from core import config as configs
from core import config_file, config_template, options
from core.errors import InputError
from core.options import option
from core.runs import presets

EVERY = [(section, each.name) for section, kind in configs.parts().items() for each in dataclasses.fields(kind)]
NUMBERS = [
    (section, name) for section, name in EVERY if options.explained(configs.parts()[section], name).low is not None
]


@pytest.mark.parametrize(("section", "name"), EVERY)
def test_every_option_says_what_it_is_what_it_does_and_why(section, name):
    kind = configs.parts()[section]
    says = options.explained(kind, name)
    assert says.label and says.help.endswith(".") and says.reason.endswith(".")
    hint = typing.get_type_hints(kind)[name]
    assert set(says.notes) <= set(typing.get_args(hint))
    if hint in (int, float) and "seed" not in name and "pass_period" not in name:
        assert says.low < says.high, "a number has a range"
    if says.low is not None:
        default = next(each for each in dataclasses.fields(kind) if each.name == name).default
        assert isinstance(default, str) or says.allows(default)


@pytest.mark.parametrize(("section", "name"), NUMBERS)
def test_a_number_outside_its_range_is_refused_in_the_words_of_the_range(section, name):
    says = options.explained(configs.parts()[section], name)
    above = says.high * 2 + 1
    with pytest.raises(InputError, match=rf"\[{section}\] {name} = .* is outside|{name}"):
        configs.from_dict({section: {name: above}})


@dataclasses.dataclass(frozen=True)
class Kettle:
    """[kettle] Of a test."""

    cups: int = option(2, "Cups", "How many.", unit="cups", low=1, high=8, reason="Guests.", special={0: "empty"})
    tea: str = option("", "Tea", "Which.", reason="Taste.")

    def __post_init__(self):
        options.check("kettle", self)


def test_a_value_that_stands_for_something_else_is_allowed_outside_the_range():
    assert Kettle(0).cups == 0 and Kettle(8).cups == 8
    with pytest.raises(InputError, match=r"^\[kettle\] cups = 9 is outside 1 to 8\.$"):
        Kettle(9)
    says = options.explained(Kettle, "cups")
    assert (says.label_with_unit, says.range) == ("Cups (cups)", "1 to 8 cups, or 0: empty")
    assert options.explained(Kettle, "tea").range == ""


@pytest.mark.parametrize("name", ["honest-default", "demo-paper", "demo-planted"])
def test_a_file_with_every_option_explained_is_the_same_config(name, tmp_path):
    config = presets.find(name, tmp_path)
    path = tmp_path / "mine.toml"
    path.write_text(config_template.text(config), encoding="utf-8")
    assert config_file.load(path) == config
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [(s, n) for s in configs.parts() for n in written[s]] == EVERY


def test_every_option_in_such_a_file_stands_below_what_it_does_and_why():
    lines = config_template.text(configs.ExperimentConfig()).splitlines()
    at = lines.index("max_distance_km = 200.0")
    assert lines[at - 3 : at] == [
        "# Farthest epicentre (km): Great-circle distance to the station.",
        "# Allowed: 1 to 20,038 km.",
        "# Why: The paper's, for all stations but one.",
    ]
    assert all(len(line) <= config_template.WIDTH for line in lines if line.startswith("#"))


def test_the_table_of_options_has_every_one_and_those_of_a_section():
    table = config_template.table()
    assert list(zip(table["section"], table["option"], strict=True)) == EVERY
    batch = table.set_index("option").loc["batch_size"]
    assert (batch["default"], batch["allowed"]) == ("32", "1 to 65,536, or auto")
    assert set(config_template.table("windows")["section"]) == {"windows"}
    with pytest.raises(InputError, match=r"no section 'window'\. Sections are: data, world, .*training\.$"):
        config_template.table("window")
