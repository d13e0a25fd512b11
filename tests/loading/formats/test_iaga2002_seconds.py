"""IAGA-2002 files of seconds: refused without a rule, averaged to minutes by the one that is named."""

import numpy as np
import pytest

from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.archive.ingest import ingest
from core.loading.formats.minutes import iaga2002
from core.loading.record.averaging import RULES
from support.iaga2002_text import file_text, line

N = 600


def seconds(n=N, step=1, level=24_000.0, day="2018-05-05", values=None):
    rows = []
    for i in range(n):
        t = i * step
        clock = f"{t // 3600:02d}:{t // 60 % 60:02d}:{t % 60:02d}.000"
        rows.append(line(day, clock, values(t) if values else [level + t / 10, 1300.0, 39_300.0 - t / 10, 46_300.0]))
    return rows


@pytest.fixture
def write(tmp_path):
    def write(content, name="tst20180505dsec.sec"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


@pytest.mark.parametrize("rule, offsets", [("gaussian", range(-45, 46)), ("box", range(-30, 30))])
@pytest.mark.parametrize("layout", ["fixed", "loose"])
def test_a_minute_is_the_weighted_sum_of_its_seconds(write, rule, offsets, layout):
    rng = np.random.default_rng(5)
    x = (24_000 + rng.normal(0, 20, N)).round(2)
    content = file_text(seconds(values=lambda t: [x[t], 1300.0, 39_300.0, 46_300.0]))
    record = iaga2002.read(write(content if layout == "fixed" else content.replace(" 39300.00", "39300.00 ")), rule)
    shape = np.exp(-0.5 * (np.array(offsets) / 15.9006) ** 2) if rule == "gaussian" else np.ones(60)
    shape /= shape.sum()
    assert len(record.field) == 10 and record.data_type == "definitive"
    assert record.field["X"].isna().tolist() == [True] + [False] * 9  # half of the first minute is the day before
    for minute in range(1, 9):
        expected = sum(weight * x[minute * 60 + offset] for weight, offset in zip(shape, offsets, strict=True))
        assert record.field["X"].iloc[minute] == pytest.approx(expected, abs=1e-9)
    assert record.header["Data Interval Type"] == f"1-minute, {rule} average"
    assert any(RULES[rule] in note for note in record.notes)


def test_samples_every_five_seconds_and_missing_ones(write):
    def values(t):
        return [99_999.0 if 100 <= t < 140 else 24_000.0, 1300.0, 39_300.0, 46_300.0]

    field = iaga2002.read(write(file_text(seconds(120, step=5, values=values))), "box").field
    # Minute 2 is 90 s to 150 s: 8 of its 12 samples are missing; minute 1, 30 s to 90 s, and 3 have all.
    assert field["X"].isna().tolist() == [True, False, True] + [False] * 7


def test_angles_are_averaged_on_the_circle_and_turned_after(write):
    # D alternates around 180 degrees: 179.9 and -179.9 degrees, in minutes of arc.
    def values(t):
        return [1000.0, 10_794.0 if t % 2 else -10_794.0, 55_000.0, 55_009.0]

    x = iaga2002.read(write(file_text(seconds(values=values), "HDZF")), "gaussian").field["X"].iloc[1:9]
    assert (x < -999.9).all()


def test_two_days_joined_leave_no_gap_between_them(write):
    first = file_text(seconds(86_400))
    second = file_text(seconds(N, day="2018-05-06", level=24_000.0 + 8640))
    record = iaga2002.read(write(first + second), "gaussian")
    assert len(record.field) == 1450 and np.flatnonzero(record.field["X"].isna()).tolist() == [0]
    np.testing.assert_allclose(record.field["X"].iloc[1:1449], 24_000 + np.arange(1, 1449) * 6, atol=1e-6)


@pytest.mark.parametrize(
    "content, rule, match",
    [
        (file_text(seconds()), "", "second data .* Name the rule by which to average them: `--average gaussian`"),
        (file_text(seconds(step=5)), "", "data with a step of 5 s.*--average"),
        (file_text(seconds(step=7)), "gaussian", "data with a step of 7 s, expected one value per minute or per"),
        (file_text(seconds()), "median", "rule 'median' is not known; expected one of gaussian, box"),
        (file_text(seconds()) + file_text(seconds(day="2018-05-06"), "HDZF"), "box", "the columns change from X, Y"),
        (file_text([*seconds(90), *seconds(10)]), "box", "time runs backwards"),
        (file_text(seconds())[:-30], "gaussian", "cut off"),
    ],
    ids=range(7),
)
def test_what_cannot_be_averaged_is_one_sentence(write, content, rule, match):
    with pytest.raises(InputError, match=match) as caught:
        iaga2002.read(write(content), rule)
    assert str(caught.value).startswith("tst20180505dsec.sec") and "\n" not in str(caught.value)


def test_a_rule_changes_nothing_for_minutes(write):
    rows = [line("2018-05-05", f"00:{m:02d}", [24_000.0 + m, 1300.0, 39_300.0, 46_300.0]) for m in range(30)]
    path = write(file_text(rows))
    assert iaga2002.read(path, "gaussian").field.equals(iaga2002.read(path).field)


@pytest.mark.shared
def test_the_real_seconds_of_boulder_go_in_only_with_a_rule(shared_data, tmp_path):
    folder = shared_data / "magnetics" / "iaga2002" / "bou_1s"
    archive = Archive(tmp_path / "archive")
    assert ingest([folder], archive)["outcome"].tolist() == ["refused"]
    report = ingest([folder], archive, average="gaussian")
    assert report["outcome"].tolist() == ["stored"]
    # 00:00:00 to 00:15:00: the first and the last minute have half of their samples.
    assert (report["n_rows"].iloc[0], report["n_missing"].iloc[0]) == (16, 2)
