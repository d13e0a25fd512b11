"""Which address a service has here: that of its operator, or what the environment names in its place."""

from __future__ import annotations

import json

import pytest

from core.errors import InputError
from core.loading.archive.archive import Archive
from core.loading.services import addresses
from support.fake_server import Fake
from support.many_services import ManyServices

KEYS = ("HAPI", "GIN", "USGS_GEOMAG", "KP", "INGV", "ISC", "USGS", "EMSC", "NIEP")


@pytest.fixture(autouse=True)
def none_named(monkeypatch):
    for key in KEYS:
        monkeypatch.delenv(f"PRECURSOR_{key}_URL", raising=False)


@pytest.mark.parametrize("key", KEYS)
def test_every_service_has_its_operators_address_until_the_environment_names_another(key, monkeypatch):
    assert addresses.in_use(key) == addresses.SERVICES[key] and addresses.in_use(key).base.startswith("https://")
    monkeypatch.setenv(f"PRECURSOR_{key}_URL", "https://mirror.example.org/data/")
    used = addresses.in_use(key)
    # With the slash at its end that the operator's own has, so that "/info" can be put behind it or not.
    assert used.base.rstrip("/") == "https://mirror.example.org/data"
    assert used.base.endswith("/") == addresses.SERVICES[key].base.endswith("/")
    assert (used.licence, used.credit) == (addresses.SERVICES[key].licence, addresses.SERVICES[key].credit)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/hapi", "http://localhost/hapi", "https://[2001:db8::1]/hapi"])
def test_https_and_this_machine_are_taken(url, monkeypatch):
    monkeypatch.setenv("PRECURSOR_HAPI_URL", url)
    assert addresses.in_use("HAPI").base == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hapi",
        "http://127.0.0.1.example.org/hapi",
        "http://localhost@example.org/hapi",
        "ftp://example.org",
        "file:///etc/passwd",
        "example.org",
        "127.0.0.1:8000",
        "https://",
        "https://example.org:port/",
        "https://[::1",
        "https://exa mple.org/",
        "https://example.org/?key=SECRET",
        "https://me:SECRET@example.org/",
        "https://example.org/#SECRET",
    ],
)
def test_any_other_address_is_one_sentence_that_repeats_no_secret(url, monkeypatch):
    monkeypatch.setenv("PRECURSOR_EMSC_URL", url)
    with pytest.raises(InputError) as caught:
        addresses.in_use("EMSC")
    words = str(caught.value)
    assert words.startswith("PRECURSOR_EMSC_URL ") and "expected https" in words and "unset it" in words
    assert "SECRET" not in words and "\n" not in words


def test_a_wrong_address_stops_a_verb_before_anybody_is_asked(precursor, monkeypatch):
    monkeypatch.setenv("PRECURSOR_KP_URL", "http://example.org")
    code, _, err = precursor("fetch", "activity", "--start", "2024-05-10", "--end", "2024-05-12")
    assert code == 2 and err.startswith("Error: PRECURSOR_KP_URL is http of example.org")


def test_the_address_that_was_used_stands_in_the_recipe_and_in_the_origin(precursor, data_folder, monkeypatch):
    with Fake(ManyServices()) as fake:
        for key, path in (("HAPI", "hapi"), ("EMSC", "event"), ("KP", "kp")):
            monkeypatch.setenv(f"PRECURSOR_{key}_URL", f"{fake.base}/{path}")
        code, _, _ = precursor("fetch", "all", "DUR", "--start", "2018-01-30", "--end", "2018-02-02")
        assert code == 0 and {asked.path.split("/")[1] for asked in fake.asked} == {"hapi", "event", "kp"}
    lines = (data_folder / "raw" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    bases = {json.loads(line)["parameters"]["base"].rstrip("/") for line in lines}
    assert bases == {f"{fake.base}/hapi", f"{fake.base}/event", f"{fake.base}/kp"}
    archive = Archive(data_folder / "archive")
    assert archive.catalogues()["origin"].tolist() == [f"EMSC FDSN at {fake.base}/event, magnitude 3 and above"]
    assert f"GFZ Kp at {fake.base}/kp" in (data_folder / "archive" / "activity" / "kp.json").read_text(encoding="utf-8")


def test_what_came_from_a_named_address_is_made_again_without_it(precursor, data_folder, monkeypatch, tmp_path):
    with Fake(ManyServices()) as fake:
        for key, path in (("HAPI", "hapi"), ("EMSC", "event"), ("KP", "kp")):
            monkeypatch.setenv(f"PRECURSOR_{key}_URL", f"{fake.base}/{path}")
        assert precursor("fetch", "all", "DUR", "--start", "2018-01-30", "--end", "2018-02-02")[0] == 0
        for key in ("HAPI", "EMSC", "KP"):
            monkeypatch.delenv(f"PRECURSOR_{key}_URL")
    before = Archive(data_folder / "archive").digests(["DUR"], ["emsc"])
    (data_folder / "archive").rename(tmp_path / "gone")
    assert precursor("archive", "rebuild")[0] == 0
    assert Archive(data_folder / "archive").digests(["DUR"], ["emsc"]) == before
