"""A config is checked when it is made, and equal configs are equal experiments."""

import json

import pytest

from core import config, config_file
from core.config import ExperimentConfig
from core.data_folder import ROOT
from core.errors import InputError


def write(tmp_path, text):
    path = tmp_path / "trial.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_without_a_name_takes_its_own(tmp_path):
    assert config_file.load(write(tmp_path, "")).name == "trial"


def test_unknown_keys_list_the_known_ones(tmp_path):
    path = write(tmp_path, "[detectability]\nradius = 3\n")
    with pytest.raises(
        InputError, match=r"trial.toml: Unknown option 'radius' in \[detectability\]. Options are: law, max_"
    ):
        config_file.load(path)


def test_an_unknown_section_lists_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="Unknown option 'detect'. Options are: name, description, data"):
        config_file.load(write(tmp_path, "[detect]\nx = 3\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[windows]\nlength_minutes = 1.5", "must be a whole number"),
        ("[windows]\nlength_minutes = 'week'", "must be a number"),
        ("[windows]\nlength_minutes = true", "must be a number"),
        ("[windows]\nlength_minutes = 2", "outside 16"),
        ("[training]\nlearning_rate = nan", "must be a number"),
        ("[training]\noptimizer = 'adamw'", "Choose one of: adam, adamax"),
        ("[data]\nstations = 'DUR'", "must be a list of names"),
        ("[data]\nstations = ['DUR', 'IZN', 'MLR']\ncatalogues = ['a', 'b']", "2 names for 3 stations"),
        ("[data]\nstart = 'yesterday'", "not an ISO date"),
        ("[data]\nstart = 2016-02-01\nend = 2016-01-01", "is not before"),
        ("[split]\nvalidation_fraction = 0.6\ntest_fraction = 0.4", "less than 5 %"),
        ("[split]\nembargo_days = -0.5", "outside 0 to 3660"),
        ("name = 'two words'", "letters, digits"),
        ("[processing]\nnormalisation = 'paper'", 'Set record_filter = "none"'),
        ("[split]\nn_blocks = 2", "leaves no block to train on"),
        ("[split]\nn_blocks = 5\ntest_block = 5", "is not one of the n_blocks = 5 blocks"),
        ("[split]\nn_blocks = 5\nmethod = 'random'", "cuts time"),
        ("[split]\ntest_station = 'DUR'", "no other method takes one"),
        ("[split]\nmethod = 'leave_one_station_out'", "needs the code of one station"),
        ("[split]\nfinal_fraction = 0.6", "outside 0 to 0.5"),
        ("[split]\nfinal_start = 'soon'", "is not a day such as 2026-12-01"),
        ("[split]\nfinal_start = 2026-12-01T06:00:00", "is not a day such as 2026-12-01"),
        ("[split]\nfinal_start = 2026-12-01\nfinal_fraction = 0.1", "Give one of them"),
        ("[split]\nfinal_start = 2026-12-01\nmethod = 'grouped'", 'Take method = "blocked"'),
        ("[labels]\ncontrols = 'matched'\nclass_ratio = 'natural'", 'class_ratio must be "balanced"'),
        ("[declustering]\nremove = 1", "must be true or false"),
        ("[detectability]\nlaw = 'rikitake'", "Choose one of: fixed, paper, dobrovolsky"),
        ("windows = 3", r"\[windows\] must be a table"),
    ],
)
def test_impossible_values_are_one_sentence(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        config_file.load(write(tmp_path, text))


def test_all_faults_of_a_file_are_named_at_once(tmp_path):
    text = "nam = 1\n[training]\nepochs = 0\n[windows]\nlength = 5\nsampling = 'often'\n"
    with pytest.raises(InputError) as fault:
        config_file.load(write(tmp_path, text))
    for part in ("nam'", "epochs = 0 is outside", "Unknown option 'length' in [windows]", "sampling = 'often'"):
        assert part in str(fault.value), part


def test_the_papers_corner_does_not_exist_on_minute_data(tmp_path):
    with pytest.raises(InputError, match="twice the sampling interval"):
        config_file.load(write(tmp_path, "[processing]\nhighpass_period_minutes = 0.8333"))


def test_an_empty_band_is_refused(tmp_path):
    with pytest.raises(InputError, match="the band is empty"):
        config_file.load(write(tmp_path, "[processing]\nrecord_filter = 'bandpass'\nlowpass_period_minutes = 200"))


def test_broken_toml_names_the_file_and_line(tmp_path):
    with pytest.raises(InputError, match=r"trial.toml, line 1: this is not TOML"):
        config_file.load(write(tmp_path, "[windows\n"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="no config file"):
        config_file.load(tmp_path / "absent.toml")


def test_the_id_ignores_the_name_and_feels_everything_else():
    one = ExperimentConfig(name="one")
    assert one.id == ExperimentConfig(name="two", description="words").id
    assert one.id != config.replace(one, training={"seed": 1}).id
    assert one.id != config.replace(one, split={"method": "random"}).id


def test_equal_configs_have_equal_ids_however_their_numbers_are_written():
    whole, point = (
        ExperimentConfig(detectability=config.DetectabilityConfig(max_distance_km=km)) for km in (200, 200.0)
    )
    assert whole == point
    assert whole.id == point.id


def test_the_synthetic_world_is_part_of_the_id_only_when_it_is_used():
    real = ExperimentConfig()
    assert real.id == config.replace(real, world={"seed": 9}).id
    made_up = config.replace(real, data={"source": "synthetic"})
    assert made_up.id != config.replace(made_up, world={"seed": 9}).id


def test_a_stored_config_comes_back_equal(tmp_path):
    original = config.replace(ExperimentConfig(name="x"), data={"stations": ["DUR", "MLR"]}, labels={"horizon_days": 3})
    path = tmp_path / "config.json"
    path.write_text(json.dumps(original.as_dict()), encoding="utf-8")
    assert config_file.load(path) == original


def test_a_config_keeps_its_options_beside_its_version_and_one_of_before_has_none(tmp_path):
    path = tmp_path / "config.json"
    config_file.write(path, ExperimentConfig(name="x"))
    stored = json.loads(path.read_text())
    assert stored.pop("version") == 1 and stored.pop("program")
    assert stored == ExperimentConfig(name="x").as_dict()
    assert config_file.load(path) == ExperimentConfig(name="x")
    path.write_text(json.dumps({**stored, "version": "one"}))
    with pytest.raises(InputError, match=r"^config\.json: its version must be a whole number, found 'one'\.$"):
        config_file.load(path)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda table: table.pop("windows"), r"\[windows\]"),
        (lambda table: table["training"].pop("epochs"), r"\[training\] epochs"),
        (lambda table: table.pop("description"), "description"),
        (lambda table: table["training"].pop("precision"), r"\[training\] precision"),
        (lambda table: table.pop("declustering"), r"\[declustering\]"),
        (lambda table: table.pop("name"), "name"),
    ],
)
def test_a_kept_config_that_lacks_a_part_is_not_filled_with_todays_defaults(tmp_path, change, missing):
    path = tmp_path / "config.json"
    config_file.write(path, ExperimentConfig(name="x"))
    table = json.loads(path.read_text())
    change(table)
    path.write_text(json.dumps(table))
    with pytest.raises(InputError, match=rf"config\.json: it lacks {missing}, which a kept config has"):
        config_file.load(path)


def test_a_config_from_before_there_were_versions_may_lack_what_came_later_and_nothing_else(tmp_path):
    path = tmp_path / "config.json"
    table = ExperimentConfig(name="x").as_dict()
    del table["declustering"], table["training"]["precision"]
    path.write_text(json.dumps(table))
    assert config_file.load(path) == ExperimentConfig(name="x")
    del table["training"]["epochs"]
    path.write_text(json.dumps(table))
    with pytest.raises(InputError, match=r"it lacks \[training\] epochs"):
        config_file.load(path)


def test_the_version_of_a_form_is_no_option_of_a_config_that_a_user_writes(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text("version = 1\n")
    with pytest.raises(InputError, match="Unknown option 'version'"):
        config_file.load(path)


def test_every_experiment_that_ships_is_valid():
    paths = sorted((ROOT / "data" / "experiments").glob("*.toml"))
    assert len(paths) >= 8
    for path in paths:
        assert config_file.load(path).name == path.stem
        assert config_file.load(path).description


def test_an_option_that_came_later_changes_the_id_only_where_it_is_used():
    # The id that the first version of this program gave to the config without any option.
    assert ExperimentConfig().id == "d5d9f304003d794512c8046f67a56e766125f819710263e000f7521feedaa602"
    assert config.from_dict({"declustering": {"method": "none"}, "split": {"n_blocks": 0}}).id == ExperimentConfig().id
    for part, changes in (
        ("declustering", {"method": "reasenberg"}),
        ("split", {"final_fraction": 0.1}),
        ("split", {"final_start": "2026-12-01"}),
    ):
        assert config.replace(ExperimentConfig(), **{part: changes}).id != ExperimentConfig().id


def test_the_config_of_a_run_that_knew_fewer_options_still_loads():
    table = ExperimentConfig().as_dict()
    del table["declustering"], table["labels"]["controls"]
    del table["split"]["final_fraction"], table["split"]["final_start"]
    assert config.from_dict(table) == ExperimentConfig()


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 9000, "name = 1" + "0" * 5000, 'name = "\ud800"', "a" + ".a" * 100 + " = 1", "\0" * 9]
)
def test_a_config_that_no_parser_expects_is_one_sentence(tmp_path, text):
    path = tmp_path / "trial.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=r"trial\.toml") as refused:
        config_file.load(path)
    assert "\n" not in str(refused.value)
