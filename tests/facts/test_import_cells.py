"""Single cells of a table: addresses, dates, languages, error values, characters that nobody sees."""

import datetime
import os
import random
import re
import socket
import unicodedata
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import pytest

from harness.tables import written
from readmission import dates
from readmission.building import reasoning
from readmission.resources import folder
from readmission.table_import import ImportRefusedError, RecordedFacts, import_plan, importing, prepare
from readmission.table_import.cells import content, days
from readmission.table_import.cells.addresses import address
from readmission.table_import.cells.languages import language, refuse_code_of_state
from readmission.table_import.duplicates import is_same
from readmission.table_import.recorded import RecordedInstrument
from readmission.table_import.table_errors import CellError

TODAY = datetime.date(2026, 1, 1)
ROW = {
    "european_state": "DEU", "partner": "Fiji", "kind": "memorandum-of-understanding", "nature": "non-binding",
    "title": "Gemeinsame Erklärung über Rückkehr", "title_language": "de", "signed": "2019-04-11",
    "source_title": "Press office", "source_url": "https://press.example/1", "evidence_level": "press",
}  # fmt: skip


@pytest.fixture(scope="module")
def holdings() -> RecordedFacts:
    return RecordedFacts(folder("graph"))


def taken(rows: list[dict[str, str]], holdings: RecordedFacts, tmp_path: Path) -> import_plan.ImportPlan:
    table = tmp_path / "table.csv"
    table.write_bytes(written(rows))
    return importing.convert(table, holdings, today=TODAY)


ADDRESSES = {
    "https://press.example/wiki/Rücknahme": "https://press.example/wiki/R%C3%BCcknahme",
    "https://press.example/a[1].pdf?b=[2]#[3]": "https://press.example/a%5B1%5D.pdf?b=%5B2%5D#%5B3%5D",
    "https://press.example/x#page=2#d1": "https://press.example/x#page=2%23d1",
    "HTTPS://Press.EXAMPLE/X": "https://press.example/X",
    "https://münchen.example/ä?ö=ß#ü": "https://xn--mnchen-3ya.example/%C3%A4?%C3%B6=%C3%9F#%C3%BC",
    "https://press.example/文/🦊": "https://press.example/%E6%96%87/%F0%9F%A6%8A",
    "https://press.example:8443/(a);b,c!*'d'?e=f?g&h=%2F": "https://press.example:8443/(a);b,c!*'d'?e=f?g&h=%2F",
    "https://press.example/@name?": "https://press.example/@name?",
}


@pytest.mark.parametrize("stated", ADDRESSES)
def test_an_address_is_stored_as_a_uri_that_every_parser_reads(stated: str) -> None:
    stored = address(stated)
    assert stored == ADDRESSES[stated]
    assert address(stored) == stored
    assert reasoning.READABLE_VALUES[f"{reasoning.XSD}anyURI"].fullmatch(stored)


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ("https://press.example/100%", "write %25"), ("https://press.example/%zz", "write %25"),
        ("https://user:secret@press.example/x", "password"), ("https://user@press.example/x", "password"),
        ("https://press.example/a|b", "write %7C"), ("https://press.example/{a}", "write %7B"),
        ("https://press.example/a\\b", "write %5C"), ("https://press.example/\"a\"", "write %22"),
        ("https://press.example:99999/", "port"), ("https://press.example:/", "port"),
        ("https://[::1]/x", "no web address"), ("https://a[b].example/x", "no web address"),
        ("https://press..example/x", "no web address"), ("https://-a.example/x", "no web address"),
        ("https://ex℀mple.org/x", "no web address"), ("https://localhost/x", "no web address"),
        ("ftp://press.example/x", "no web address"), ("https:/press.example", "no web address"),
        ("https://a b.example/", "no web address"), ("https://a.example/b c", "no web address"),
        ("https://a.example/\u2003", "no web address"),
    ],
)  # fmt: skip
def test_an_address_in_doubt_is_refused_with_the_reason(stated: str, reason: str) -> None:
    with pytest.raises(CellError, match=reason) as refused:
        address(stated)
    assert "secret" not in str(refused.value)


def test_an_address_of_any_character_is_refused_or_read_by_every_parser() -> None:
    readable = reasoning.READABLE_VALUES[f"{reasoning.XSD}anyURI"]
    for point in (*range(0x20, 0x3000), *range(0xFE00, 0x10000, 7), *range(0x10000, 0x110000, 997)):
        for stated in (f"https://press.example/a{chr(point)}b", f"https://press.example/#a{chr(point)}"):
            try:
                stored = address(content.clean(stated))
            except CellError:
                continue
            assert readable.fullmatch(stored), f"U+{point:04X}: {stored}"


def test_a_stored_address_stands_in_the_facts(holdings: RecordedFacts, tmp_path: Path) -> None:
    shown = taken([ROW | {"source_url": "HTTPS://press.example/Rück#a#b"}], holdings, tmp_path).diff()
    assert '"https://press.example/R%C3%BCck#a%23b"^^xsd:anyURI' in shown


# As Excel and LibreOffice show a fault to users of the languages of the Union, and of some neighbours.
ERRORS = """
#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #SPILL! #CALC! #GETTING_DATA #ERROR! Err:502 ########
#WERT! #BEZUG! #ZAHL! #NV #ÜBERLAUF! #KALK! Fehler:502
#NUL! #VALEUR! #NOM? #NOMBRE! #PROPAGATION! Erreur:502
#¡NULO! #¡DIV/0! #¡VALOR! #¡REF! #¿NOMBRE? #¡NUM! #N/D #¡DESBORDAMIENTO!
#NULLO! #VALORE! #RIF! #NOME? #ESPANSIONE! Errore:508
#NULO! #VALOR! #NÚM! #DESPEJAR! Erro:502
#LEEG! #DEEL/0! #WAARDE! #VERW! #NAAM? #GETAL! #N/B
#VÆRDI! #REFERENCE! #NAVN? #I/T #OVERLØB! Fejl:502
#SKÄRNING! #DIVISION/0! #VÄRDEFEL! #REFERENS! #NAMN? #OGILTIGT! #SAKNAS! #SAKNAS Fel:502
#TYHJÄ! #JAKO/0! #ARVO! #VIITTAUS! #NIMI? #LUKU! #PUUTTUU! #PUUTTUU Virhe:502
#ZERO! #DZIEL/0! #ARG! #ADR! #NAZWA? #LICZBA! #N/D! #ROZLANIE! Błąd:502
#HODNOTA! #ODKAZ! #NÁZEV? #ČÍSLO! #NENÍ_K_DISPOZICI #DĚLENÍ_NULOU! Chyba:502
#NÁZOV? #DELENIENULOU! #NEDOSTUPNÝ
#NULLA! #ZÉRÓOSZTÓ! #ÉRTÉK! #HIV! #NÉV? #SZÁM! #HIÁNYZIK Hiba:502
#ΚΕΝΟ! #ΔΙΑΙΡ/0! #ΤΙΜΗ! #ΑΝΑΦ! #ΟΝΟΜΑ? #ΑΡΙΘ! #Δ/Υ Σφάλμα:502
#VREDN! #SKLIC! #IME? #ŠTEV! #VÄÄRTUS! #VĒRTĪBA! #REIKŠMĖ! #СТОЙНОСТ! #VALOARE! #VRIJ!
#BOŞ! #SAYI/0! #DEĞER! #BAŞV! #AD? #YOK #ПУСТО! #ДЕЛ/0! #ЗНАЧ! #ССЫЛКА! #ИМЯ? #Н/Д
""".split()


@pytest.mark.parametrize("shown", ERRORS)
def test_the_error_value_of_a_spreadsheet_is_refused_in_every_language(shown: str) -> None:
    with pytest.raises(CellError, match="a fault that the spreadsheet shows"):
        content.clean(shown)


@pytest.mark.parametrize(
    "text", ["#12", "#IV", "#migration", "C#", "No. 5", "Article 502", "p. 512", "R&D; AT&T", "A & B; C"]
)
def test_a_text_that_looks_a_little_like_a_fault_is_taken(text: str) -> None:
    assert content.clean(text) == text


def test_an_error_value_is_no_title(holdings: RecordedFacts, tmp_path: Path) -> None:
    for column in ("title", "source_title", "status_note", "signed", "partner"):
        with pytest.raises(ImportRefusedError, match=f"{column}: '#¡REF!' is a fault"):
            taken([ROW | {column: "#¡REF!"}], holdings, tmp_path)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("A &amp; B", "'&'"),
        ("R&uuml;ck", "'ü'"),
        ("R&#252;ck", "'ü'"),
        ("a&#x2F;b", "'/'"),
        ("a&nbsp;b", "delete"),
    ],
)
def test_html_codes_are_refused_with_what_they_mean(text: str, remedy: str) -> None:
    with pytest.raises(CellError, match=f"HTML code .*{remedy}"):
        content.clean(text)


def test_no_character_that_nobody_sees_is_stored() -> None:
    """Format characters (Cf), by their category in Unicode, and those that only DerivedCoreProperties lists."""
    seen_arabic = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    notation = {*range(0x13430, 0x13440)}  # Egyptian quadrats, which are drawn
    ignorable = [
        point for point in range(0x110000)
        if unicodedata.category(chr(point)) == "Cf" and point not in seen_arabic | notation
    ]  # fmt: skip
    ignorable += [
        0x34F,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x180B,
        0x180D,
        0x3164,
        0xFE00,
        0xFE0F,
        0xFFA0,
        0xE0100,
    ]
    for point in ignorable:
        for text in (f"Gemein{chr(point)}same", f"{chr(point)}Gemeinsame", f"Gemeinsame{chr(point)}"):
            with pytest.raises(CellError, match=f"U\\+{point:04X}"):
                content.clean(text)
    for text in ("🦊 ✈️ 👩‍👧", "می‌خواهم", "क्‍ष", "\ufdd0"):
        assert content.clean(text) == text, "joiners have their use in emoji, in Persian, in Hindi"


def test_invisible_characters_hide_no_repetition(holdings: RecordedFacts, tmp_path: Path) -> None:
    again = ROW | {"title": "Gemein\u00adsame Erklä\u00adrung über Rück\u200bkehr", "signed": ""}
    with pytest.raises(ImportRefusedError, match=r"title: .* U\+00AD \(soft hyphen\) after 'Gemein'"):
        taken([ROW, again], holdings, tmp_path)
    held = [
        RecordedInstrument("", "other-kind", {"a"}, {"b"}, {("de", each["title"])}) for each in (ROW, again)
    ]
    assert is_same(*held), "what an editor has recorded is compared without them"


@pytest.mark.parametrize(
    ("stated", "remedy"),
    [
        ("2019-21", "write [2019-01-01..2021-12-31]"), ("2019/21", "write [2019-01-01..2021-12-31]"),
        ("2019-24?", "correct the month"), ("2019-13", "correct the month"), ("2019-33", "correct the month"),
        ("2019.0", "write 2019"), ("2019,00", "write 2019"), ("2018/2019", "write [2018-01-01..2019-12-31]"),
        ("2019-04-11; 2019-05-01", "'2019-04-11; 2019-05-01' holds 2 dates"),
        ("11.04.2019 / 01.05.2019", "'11.04.2019 / 01.05.2019' holds 2 dates"),
        ("sig; ned", "'sig; ned' is no date we read: write 2011-03-01"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_its_own_text_and_the_way_to_write_it(
    stated: str, remedy: str
) -> None:
    with pytest.raises(CellError) as refused:
        days.stated_date(stated, TODAY)
    assert remedy in str(refused.value)


LANGUAGES_OF_STATES = [
    ("se", {"SWE", "MRT"}, "sv"), ("se", {"FIN", "RUS"}, "sv"), ("ee", {"EST", "UKR"}, "et"),
    ("si", {"SVN", "BIH"}, "sl"), ("cy", {"CYP", "GEO"}, "el"), ("be", {"BEL", "MAR"}, "nl"),
    ("lu", {"LUX", "BIH"}, "fr"), ("ch", {"CHE", "VNM"}, "de"), ("ie", {"IRL", "NGA"}, "en"),
    ("uk", {"GBR", "ALB"}, "en"), ("am", {"BEL", "ARM"}, "hy"), ("tn", {"ITA", "TUN"}, "ar"),
    ("br", {"PRT", "BRA"}, "pt"), ("ml", {"FRA", "MLI"}, "fr"), ("ba", {"HRV", "BIH"}, "bs"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "states", "meant"), LANGUAGES_OF_STATES)
def test_the_code_of_a_state_is_no_language(code: str, states: set[str], meant: str) -> None:
    with pytest.raises(CellError, match=f"write .*{meant}"):
        refuse_code_of_state(language(code), states)


@pytest.mark.parametrize(
    ("code", "meant"), [("dk", "da"), ("cz", "cs"), ("gr", "el"), ("at", "de"), ("ua", "uk")]
)
def test_a_code_of_a_state_that_is_no_language_is_refused_with_the_one_meant(code: str, meant: str) -> None:
    with pytest.raises(CellError, match=f"write {meant}"):
        language(code)


@pytest.mark.parametrize(
    ("code", "states"),
    [
        ("be", {"LTU", "BLR"}), ("uk", {"POL", "UKR"}), ("uk", {"GBR", "UKR"}), ("si", {"ITA", "LKA"}),
        ("ga", {"IRL", "GAB"}), ("sv", {"SWE", "SLV"}), ("et", {"EST", "ETH"}), ("sl", {"SVN", "SLE"}),
        ("am", {"ITA", "ETH"}), ("de", {"DEU", "FJI"}), ("ru", {"LVA", "RUS"}), ("ar", {"ITA", "TUN"}),
    ],
)  # fmt: skip
def test_a_language_that_a_side_writes_is_taken(code: str, states: set[str]) -> None:
    refuse_code_of_state(language(code), states)


def test_the_language_of_a_title_is_refused_with_row_and_column(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    row = ROW | {"european_state": "SWE", "title": "Avtal om återtagande", "title_language": "se"}
    with pytest.raises(
        ImportRefusedError, match=r":2: title_language: 'se' is the code of the state SWE.*write sv"
    ):
        taken([row], holdings, tmp_path)


def test_what_is_no_file_is_refused_at_once(holdings: RecordedFacts, tmp_path: Path) -> None:
    pipe, address_of_socket = tmp_path / "pipe", tmp_path / "socket"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address_of_socket))
        special = {
            tmp_path: "a folder", pipe: "a pipe", address_of_socket: "a socket", Path("/dev/zero"): "a device",
            Path("/dev/null"): "a device",
        }  # fmt: skip
        for path, what in special.items():
            with pytest.raises(ImportRefusedError, match=f"cannot be read: it is {what}"):
                prepare(path, holdings, today=dates.today())


def test_titles_of_shuffled_words_differ_and_a_title_with_a_slip_is_found(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    words, dice = [f"wort{number}" for number in range(160)], random.Random(5)
    rows = [ROW | {"title": " ".join(dice.sample(words, 160)), "signed": ""} for _ in range(12)]
    slip = rows[0]["title"].replace("wort77", "Wort 77")
    with pytest.raises(ImportRefusedError, match="a similar title as in row 2") as refused:
        taken([*rows, ROW | {"title": slip, "signed": ""}], holdings, tmp_path)
    assert [fault.row for fault in refused.value.problems] == [14]


def test_two_titles_that_difflib_finds_alike_are_one(holdings: RecordedFacts) -> None:
    """difflib compares letters in blocks; what it finds in common has the same order in both titles."""
    titles = sorted({title for known in holdings.instruments.values() for _, title in known.titles})
    alike = 0
    for one, other in pairwise(titles):
        words, others = (" ".join(re.findall(r"\w+", title.casefold())) for title in (one, other))
        if SequenceMatcher(None, words, others, autojunk=False).ratio() >= 0.8:
            alike += 1
            held = [
                RecordedInstrument("", "other-kind", {"a"}, {"b"}, {("de", title)}) for title in (one, other)
            ]
            assert is_same(*held), (one, other)
    assert alike > 30
