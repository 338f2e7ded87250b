"""Single cells: text that may stand in a fact, and codes."""

import difflib
import html
import re
import unicodedata
from collections.abc import Mapping

from readmission.table_import.cells import invisible
from readmission.table_import.table_errors import CellError

LONGEST_CELL = 2_000

_EMPTY = {"-", "–", "—", "?", "n/a", "none", "null", "nan", "unknown", "tbd"}
# Spreadsheets name their faults in the language of their user: #REF!, #BEZUG!, #¡REF!, #HIV!, #N/A, #NV, #SAKNAS.
_ERROR = re.compile(r"#[¡¿]?([^\W\d_][\w./ ]+)([!?]?)|#+")
_ENGLISH_ERRORS = frozenset("REF N/A NAME VALUE DIV/0 NUM NULL SPILL CALC".split())
_ROMAN_NUMBER = re.compile(r"[IVXLC]+")
# LibreOffice numbers its faults from 501 on.
_NUMBERED_ERROR = re.compile(
    "(err|error|fehler|erreur|errore|erro|eroare|fout|fel|feil|fejl|virhe|viga|chyba|hiba|błąd|napaka|greška|kļūda|"
    "klaida|żball|hata|σφάλμα|грешка|ошибка|помилка) ?: ?5[0-9]{2}"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def clean(cell: str) -> str:
    """Return the cell in composed form with single spaces; raises CellError on what no fact may hold."""
    text = unicodedata.normalize("NFC", cell).strip()
    if len(text) > LONGEST_CELL:
        what = f"the cell has {len(text)} characters, more than {LONGEST_CELL}"
        raise CellError(what, "shorten it, or look for a double quote that is not closed")
    for place in invisible.stray(text):
        raise CellError(_stray(text, place), "delete it, or type the word anew; write the text on one line")
    if text[:1] in ("=", "+", "@"):
        raise CellError(f"{text[:40]!r} is a formula", "write its result as text")
    if _is_error(text):
        what = f"{text[:40]!r} is a fault that the spreadsheet shows"
        raise CellError(what, "write the value, or leave it empty")
    _refuse_entity(text)
    return " ".join(text.split())


def _stray(text: str, place: int) -> str:
    name = unicodedata.name(text[place], "a control character").lower()
    where = f"after {text[:place][-20:]!r}" if place else "at its beginning"
    return f"the cell holds the character U+{ord(text[place]):04X} ({name}) {where}"


def _is_error(text: str) -> bool:
    match = _ERROR.fullmatch(text)
    if not match:
        return _NUMBERED_ERROR.fullmatch(text.casefold()) is not None
    name, mark = match.groups()
    if name is None or name.upper() in _ENGLISH_ERRORS:
        return True
    capitals = name.upper() == name and not _ROMAN_NUMBER.fullmatch(name)
    return capitals or (mark != "" and " " not in name)


def _refuse_entity(text: str) -> None:
    for match in _ENTITY.finditer(text):
        meant = html.unescape(match[0])
        if meant != match[0]:
            remedy = f"write {meant!r} in its place" if meant.isprintable() else "delete it"
            raise CellError(f"the cell holds the HTML code {match[0]!r}", remedy)


def says_nothing(text: str) -> bool:
    """Whether the text is a filler such as n/a."""
    return text.casefold() in _EMPTY


def code(text: str, names: Mapping[str, str]) -> str:
    """Return the code of a list; ``names`` are its codes and labels as keys, see ``code_key``."""
    found = names.get(code_key(text))
    if found:
        return found
    near = difflib.get_close_matches(code_key(text), names, n=3, cutoff=0.6)
    codes = dict.fromkeys(names[key] for key in near)
    listed = (
        f"did you mean {', '.join(codes)}?"
        if codes
        else f"write one of {', '.join(sorted(set(names.values())))}"
    )
    raise CellError(f"{text[:60]!r} is no code of this column", listed)


def code_key(text: str) -> str:
    """Return a code or its label in the form by which it is found."""
    return re.sub(r"[\s_-]+", "-", text.casefold().strip())
