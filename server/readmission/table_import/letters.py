"""Whether the letters of a table are those that its author wrote, or what a wrong encoding made of them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from readmission.table_import.cells import alphabets, code_pages
from readmission.table_import.cells.alphabets import Alphabet
from readmission.table_import.columns import NAMES
from readmission.table_import.sheets.csv_file import WINDOWS
from readmission.table_import.sheets.table_file import Sheet
from readmission.table_import.table_errors import CellError, ImportRefusedError, TableProblem

TITLES = ("title", "title_english")
TEXTS = (
    *TITLES,
    "nature_ground",
    "told_apart_by",
    "status_note",
    "official_reference",
    "source_title",
    "locator",
)
"""The columns whose cells are words; others are codes, dates and names that are looked up."""

_Place = tuple[int, str]  # row and column
_WINDOWS = "cp1252"
_MEND = (
    "write the letters anew, and save as a workbook (.xlsx) or as CSV (UTF-8); if all is right as it is, "
    "import it with --trust-letters"
)
_LOST = re.compile(r"\w*\?(?:\w+|\?+| (?=[a-z]))")
_WORD = re.compile(r"\w+")


class Letters:
    """What is known of the letters of a row: the language of its title, and names with letters of any language."""

    def __init__(self, language: str, names: frozenset[str]) -> None:
        self._language, self._names = language, names

    def alphabet(self, column: str) -> Alphabet | None:
        """Return the letters of a column's language, None when they are not known; other columns mix two languages."""
        if column == "title_english":
            return alphabets.of("en")
        return alphabets.of(self._language) if column == "title" else alphabets.of("en", self._language)

    def check(self, column: str, cell: str) -> None:
        """Raise CellError when a cell shows that its letters were read with a wrong encoding, or lost."""
        text = self.without_names(unicodedata.normalize("NFC", cell))
        self._refuse_lost(column, text)
        if text.isascii():
            return
        if right := code_pages.from_utf8(text):
            raise _is_garbled(text, right)
        if word := code_pages.broken(text):
            raise CellError(f"{word[:60]!r} has signs or letters that no word has: a wrong encoding", _MEND)
        alphabet = self.alphabet(column)
        if alphabet is None:
            return
        if right := code_pages.from_page(text, alphabet):
            raise _is_garbled(text, right)
        if column in TITLES and (letter := alphabet.foreign(text)):
            raise CellError(f"{letter!r} is of a script that the title's language does not use", _MEND)

    def without_names(self, text: str) -> str:
        """Return a text with each name of a country that has letters of its own replaced by one without."""
        return _WORD.sub(lambda word: "Aa" if word[0].casefold() in self._names else word[0], text)

    @staticmethod
    def _refuse_lost(column: str, text: str) -> None:
        found = _LOST.search(text) or (column in TITLES and re.search(r"\w*\?", text))
        if found:
            raise CellError(f"{found[0][:60]!r} has a question mark where a letter may have been lost", _MEND)


def refuse_doubts(sheet: Sheet, names: frozenset[str]) -> None:
    """Raise ImportRefusedError when a file without a mark of its encoding could be read in another way.

    ``names`` are words in names of countries that have letters of their own.
    """
    if sheet.encoding != WINDOWS:
        return
    cells = []
    for row in sheet.rows:
        known = Letters(row.cells["title_language"].strip().lower(), names)
        for name in NAMES:
            text = known.without_names(row.cells[name])
            if not text.isascii():
                cells.append(((row.number, name), text, known.alphabet(name)))
    remedy = "save the table as CSV (UTF-8)"
    if faults := [
        TableProblem(sheet.path, row, column, what, remedy) for (row, column), what in _find_doubts(cells)
    ]:
        raise ImportRefusedError(faults)


def _find_doubts(cells: Iterable[tuple[_Place, str, Alphabet | None]]) -> Iterator[tuple[_Place, str]]:
    """Yield the place of each cell of a Windows-1252 table that could be another text, and why.

    Nothing in such a file tells its code page. It is believed where every cell is a text of its language, and no
    other code page makes a text of its language of every cell too.
    """
    read: list[tuple[_Place, str, dict[str, str]]] = []
    pages: Iterable[str] = code_pages.PAGES
    for place, text, alphabet in cells:
        data = text.encode(_WINDOWS)
        found = dict(code_pages.readings(data, alphabet)) if alphabet else {}
        if _WINDOWS not in found and not (alphabet and place[1] in TITLES):
            found = dict(code_pages.readings(data, alphabets.every()))
        if _WINDOWS not in found:
            yield place, _no_text(text, next(iter(found.values()), ""))
            continue
        read.append((place, text, found))
        pages = [page for page in pages if page in found]
    for place, text, found in read:
        other = next((found[page] for page in pages if found[page] != text), None)
        if other is not None:
            one, two = _first_difference(text, other)
            yield place, f"the file is not UTF-8, so {one[:60]!r} may as well be {two[:60]!r}"


def _no_text(text: str, other: str) -> str:
    told = f"; it may be {other[:60]!r}" if other else ""
    return f"the file is not UTF-8, and as Windows-1252 {text[:60]!r} is no text of the language{told}"


def _is_garbled(text: str, right: str) -> CellError:
    one, other = _first_difference(text, right)
    return CellError(f"{one[:60]!r} would be {other[:60]!r} but for a wrong encoding", _MEND)


def _first_difference(text: str, right: str) -> tuple[str, str]:
    """Return the first word that differs in two forms of a text; the whole texts when their words do not pair."""
    ones, others = text.split(), right.split()
    if len(ones) != len(others):
        return text, right
    return next(
        ((one, other) for one, other in zip(ones, others, strict=True) if one != other), (text, right)
    )
