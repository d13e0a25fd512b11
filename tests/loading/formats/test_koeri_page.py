"""The page of KOERI's latest events: Turkish letters and local time, damage, cuts."""

import pandas as pd
import pytest

from core.errors import InputError
from core.loading.formats import recognise
from core.loading.formats.events import koeri_page
from support.damage import refused_or_sound, refused_when_cut

# Layout from descriptions of the live page; values of two rows are made up, the third is public (Kahramanmaras 2023).
ROWS = """\
2026.09.21 23:49:00  38.9932   27.0640       10.5      -.-  2.0  -.-   TEKKEDERE-BERGAMA (İZMİR)         İlksel
2026.09.21 00:10:09  38.1000   27.2000        7.0      2.1  2.2  2.4   EGE DENİZİ      REVİZE01 (2026.09.21 00:20:01)
2023.02.06 04:17:34  37.1757   37.0850        5.0      -.-  7.4  7.7   SOFALICA-SEHITKAMIL (GAZİANTEP)     İlksel
"""
HEADER = """\
Tarih      Saat      Enlem(N)  Boylam(E) Derinlik(km)  MD   ML   Mw    Yer            Çözüm Niteliği
---------- --------  --------  -------   ----------    ------------    --------------   --------------
"""
TITLE = "<html><head><title>Son Depremler</title></head>\n<body>\n<pre>\n"
PAGE = f"{TITLE}TÜRKİYE\n\n{HEADER}{ROWS}</pre>\n</body></html>\n"


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "lst0.asp"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("cp1254"))
        return path

    return write


@pytest.mark.parametrize("encoding", ["cp1254", "utf-8"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_local_times_become_utc_and_mw_is_preferred(file, encoding, eol):
    table = recognise.read_events(file(PAGE.replace("\n", eol).encode(encoding)))
    assert table["origin_time"].tolist() == [
        pd.Timestamp("2023-02-06T01:17:34Z"),
        pd.Timestamp("2026-09-20T21:10:09Z"),
        pd.Timestamp("2026-09-21T20:49:00Z"),
    ]
    assert table["magnitude"].tolist() == [7.7, 2.4, 2.0]
    assert table["magnitude_type"].tolist() == ["Mw", "Mw", "ML"]
    assert table["depth_km"].tolist() == [5.0, 7.0, 10.5] and (table["source"] == "KOERI").all()
    assert table["latitude_deg"].tolist() == [37.1757, 38.1, 38.9932]
    assert "local time" in table.attrs["notes"][0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</pre>", "", "no end .</pre>., so the page was cut off"),
        ("2026.09.21 23:49:00", "21.09.2026 23:49:00", "line 8: found '21.09.2026"),
        ("23:49:00", "25:49:00", "line 8: .* is not a possible time"),
        ("38.9932", "138.993", "line 8: latitude is 138.993, outside"),
        ("  2.0  -.-   TEKKEDERE", "  two  -.-   TEKKEDERE", "line 8: ml is 'two', expected a number"),
        (ROWS, "", "has no event"),
        ("Enlem(N)", "Enlem", "no catalogue|web page"),
    ],
)
def test_a_page_that_cannot_be_used_is_refused(file, old, new, message):
    assert old in PAGE
    with pytest.raises(InputError, match=message) as caught:
        recognise.read_events(file(PAGE.replace(old, new, 1)))
    assert str(caught.value).startswith("lst0.asp")


def test_a_page_cut_off_anywhere_is_refused(tmp_path):
    content = PAGE.encode("cp1254")
    whole = range(content.index(b"</pre>") + 6, len(content))
    refused_when_cut(koeri_page.read, content, tmp_path / "lst0.asp", tuple(whole))


def test_a_thousand_damages_are_refused_or_give_a_sound_table(tmp_path):
    assert refused_or_sound(koeri_page.read, PAGE.encode("cp1254"), tmp_path / "lst0.asp", 1000, "koeri page") > 100
