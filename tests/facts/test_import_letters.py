"""Letters of a table: each title is read right or refused, whatever encoding its file passed through."""

import datetime
import unicodedata
from itertools import product
from pathlib import Path

import pyoxigraph as ox
import pytest

from harness.tables import written
from harness.titles import TITLES
from readmission.resources import folder
from readmission.sources.fact_files import Facts
from readmission.table_import import ImportRefusedError, RecordedFacts, letters
from readmission.table_import.cells import alphabets, content
from readmission.table_import.letters import Letters
from readmission.table_import.row_reader import RowReader
from readmission.table_import.sheets import table_file
from readmission.table_import.table_errors import CellError

TODAY = datetime.date(2026, 1, 1)
SINGLE = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1257 iso8859_1 iso8859_2 iso8859_5 iso8859_7 iso8859_9 iso8859_13 iso8859_15 "
    "iso8859_16 mac_roman mac_latin2 mac_greek mac_cyrillic cp437 cp737 cp775 cp850 cp852 cp866 koi8_r"
).split()
EASTERN = ["gb18030", "big5", "shift_jis", "euc_kr", "euc_jp"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "cp500", *SINGLE, *EASTERN]
NO_NAMES: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def holdings() -> RecordedFacts:
    return RecordedFacts(folder("graph"))


def row(language: str, title: str) -> dict[str, str]:
    return {
        "european_state": "DEU", "partner": "Fiji", "kind": "other-kind", "title": title,
        "title_language": language, "evidence_level": "unverified",
    }  # fmt: skip


def title_read(table: Path, holdings: RecordedFacts) -> str | None:
    """Return the title that import would store, None when it refuses the table."""
    try:
        read = table_file.read(table)
        letters.refuse_doubts(read, holdings.names_with_letters)
        return RowReader(read, read.rows[0], holdings, TODAY).entry().texts["title"]
    except ImportRefusedError:
        return None


def refused(language: str, title: str, column: str = "title") -> bool:
    try:
        content.clean(title)
        Letters(language, NO_NAMES).check(column, unicodedata.normalize("NFC", title))
    except CellError:
        return True
    return False


@pytest.mark.parametrize("language", TITLES)
def test_a_title_in_any_encoding_is_read_right_or_refused(
    language: str, holdings: RecordedFacts, tmp_path: Path
) -> None:
    title, table, read = TITLES[language], tmp_path / "table.csv", set()
    for encoding in ENCODINGS:
        try:
            table.write_bytes(written([row(language, title)], encoding=encoding))
        except UnicodeEncodeError:
            continue
        found = title_read(table, holdings)
        assert found in (title, None), f"{encoding} was read as {found!r}"
        if found:
            read.add(encoding)
    assert {"utf-8", "utf-8-sig", "utf-16", "utf-32"} <= read


@pytest.mark.parametrize("language", ["de", "fr", "da", "es", "pt", "sv", "fi", "nl", "it", "et", "en"])
def test_windows_1252_of_its_languages_is_read(
    language: str, holdings: RecordedFacts, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(written([row(language, TITLES[language])], encoding="cp1252"))
    assert title_read(table, holdings) == TITLES[language]


@pytest.mark.parametrize("language", TITLES)
def test_utf_8_read_as_a_code_page_is_refused(language: str) -> None:
    for encoding in (*SINGLE, *EASTERN):
        garbled = TITLES[language].encode()
        for _ in range(2):  # read wrongly once, and once more
            text = garbled.decode(encoding, "replace")
            same = cells_as_typed(text) == TITLES[language]
            assert same or refused(language, text), f"{encoding}: {text!r}"
            garbled = text.encode()


@pytest.mark.parametrize("language", TITLES)
def test_a_code_page_read_as_another_is_refused(language: str) -> None:
    """But for a text whose every letter is one of the language, as Croatian š that became đ: no rule sees that."""
    alphabet = alphabets.of(language)
    assert alphabet
    for one, other in product(SINGLE, SINGLE):
        try:
            text = TITLES[language].encode(one).decode(other)
        except UnicodeError:
            continue
        same = alphabet.plain(text) or cells_as_typed(text) == TITLES[language]
        assert same or refused(language, text), f"{one} as {other}: {text!r}"


def cells_as_typed(text: str) -> str:
    """Return a cell as it would be stored, or the empty string when it is refused."""
    try:
        return content.clean(text)
    except CellError:
        return ""


@pytest.mark.parametrize("language", [each for each in TITLES if each != "en"])
def test_letters_replaced_by_question_marks_are_refused(language: str) -> None:
    for column in ("title", "status_note", "source_title"):
        assert refused(language, TITLES[language].encode("ascii", "replace").decode(), column)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("de", "Abkommen über Łódź und São Tomé"), ("de", "Abkommen zwischen „Łódź“ und Türkiye – Protokoll"),
        ("pl", "Umowa zawarta w Århus o readmisji osób przebywających"), ("fr", "Accord « relatif » à l’État"),
        ("en", "Germany–Ghana: “the” states’ communiqué"), ("ga", "Comhaontú idir Rialtas na hÉireann"),
        ("mt", "Ftehim ta’ riammissjoni"), ("cs", "Dohoda o\u00a0readmisi"), ("bg", "Спогодба с EURA № 5"),
        ("fa", "موافقتنامه می‌خواهم"), ("hi", "समझौता क्षेत्र"), ("ja", "日本とのビザ協定"), ("uz", "O‘zbekiston"),
        ("uk", "п’ять пʼять"), ("cs", unicodedata.normalize("NFD", "Dohoda o zpětném přebírání")),
        ("hu", "Megállapodás „a” személyekről"), ("ro", "Acord şi ţară"),
    ],
)  # fmt: skip
def test_foreign_names_and_signs_are_taken(language: str, title: str) -> None:
    Letters(language, NO_NAMES).check("title", title)
    content.clean(title)


def test_no_recorded_title_is_refused(loaded: Facts, holdings: RecordedFacts) -> None:
    properties = ("http://purl.org/dc/terms/title", "http://www.w3.org/2004/02/skos/core#prefLabel")
    count = 0
    for quad in loaded.quads:
        text = quad.object
        if quad.predicate.value in properties and isinstance(text, ox.Literal) and not text.value.isascii():
            language = (text.language or "").partition("-")[0]
            Letters(language, holdings.names_with_letters).check("source_title", text.value)
            count += 1
    assert count > 1000


def test_a_coordinator_who_has_looked_can_have_the_letters_taken(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(written([row("pl", "Umowa o readmisji z Türk")]))
    read = table_file.read(table)
    with pytest.raises(ImportRefusedError, match=r"wrong encoding.*--trust-letters"):
        RowReader(read, read.rows[0], holdings, TODAY).entry()
    entry = RowReader(read, read.rows[0], holdings, TODAY, trust_letters=True).entry()
    assert entry.texts["title"] == "Umowa o readmisji z Türk"
