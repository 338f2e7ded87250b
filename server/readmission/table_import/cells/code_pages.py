"""Texts read with a wrong code page: found by what they would be with the right one.

A garbled text of a language has signs or letters that the language has not, and there is a pair of encodings under
which it becomes a text with letters of the language only. Both together are hardly ever an accident.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from readmission.table_import.cells.alphabets import Alphabet, every, script
from readmission.table_import.cells.invisible import visible

# Those that spreadsheets and databases have written in Europe, the most common first.
PAGES = (
    "cp1252", "mac_roman", "cp1250", "cp850", "cp437", "cp1251", "cp1253", "cp1254", "cp1257", "cp852", "iso8859_1",
    "iso8859_15", "iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "iso8859_13", "iso8859_16", "iso8859_3",
    "iso8859_4", "iso8859_10", "iso8859_14", "cp737", "cp775", "cp855", "cp857", "cp858", "cp860", "cp861", "cp863",
    "cp865", "cp866", "cp869", "cp1125", "koi8_r", "koi8_u", "mac_latin2", "mac_greek", "mac_cyrillic",
    "mac_croatian", "mac_romanian", "mac_turkish", "mac_iceland", "cp1255", "cp1256", "cp1258",
)  # fmt: skip
# Many languages write apostrophes: only where one of these was taken for another may they stand for letters.
_COMMON = PAGES[:5]
# Read as one of these, two or three bytes of UTF-8 become one letter.
_EASTERN = ("gb18030", "big5", "shift_jis", "cp949", "euc_jp")
_RUN = re.compile(r"[^\x00-\x7f]+")
_SIGNS = frozenset("’‘“”„‚–—…«»°§€ºª")
_LETTERS = ("Lu", "Ll", "Lt", "Lo")
_EUROPEAN = {"LATIN", "GREEK", "CYRILLIC"}  # others are mixed by rule, as in Japanese
_NO_LETTER = re.compile(r"[\u2500-\u259f]|(?<=[^\W\d_])[^\w\s\x00-\x7f’‘–—·‐‑׳״](?=[^\W\d_])")
# Where a sign is all that a pair of code pages restores, it has to be one beyond doubt.
_SURE_SIGNS = re.compile(
    r"(?<=[a-z]{3})’(?=s\b)|(?<=[a-z]{2}s)’(?= )|(?<= )[–—](?= )|(?:^|(?<=[ (]))“(?=\w)|(?<=\w)”(?!\w)"
)
_NESTED = 3  # times that a text is read wrongly and saved again


def from_utf8(text: str) -> str | None:
    """Return what a text of UTF-8 that was read as a code page should be; None when it was not."""
    return None if text.isascii() else _as_utf8(text, every(), _NESTED)


def from_page(text: str, alphabet: Alphabet) -> str | None:
    """Return what a text of one code page that was read as another should be; None when it was not."""
    plain = alphabet.plain(text)
    if text.isascii() or (plain and "’" not in text):
        return None
    odd = "".join(dict.fromkeys(letter for letter in text if not letter.isascii()))
    for pair in _pairs(odd, alphabet, _COMMON if plain else PAGES):
        right = text.translate(str.maketrans(odd, pair))
        if right != text and alphabet.sound(right) and _restores(pair, right) and not broken(right):
            return right
    return None


def broken(text: str) -> str:
    """Return the first word that no language writes: of two scripts, with a sign within, or with lines of boxes."""
    if text.isascii():
        return ""
    for word in text.split():
        bare = "".join(letter for letter in visible(word) if unicodedata.category(letter)[0] != "M")
        scripts = {script(letter) for letter in bare if unicodedata.category(letter) in _LETTERS}
        if (len(scripts) > 1 and scripts & _EUROPEAN) or _NO_LETTER.search(bare):
            return word
    return ""


def readings(data: bytes, alphabet: Alphabet, pages: Iterable[str] = PAGES) -> Iterator[tuple[str, str]]:
    """Yield those of some code pages under which bytes are a sound text, each with that text."""
    for page in pages:
        try:
            text = data.decode(page)
        except UnicodeDecodeError:
            continue
        if alphabet.sound(text) and not broken(text):
            yield page, text


def _as_utf8(text: str, alphabet: Alphabet, depth: int) -> str | None:
    """Return a text with each run of UTF-8 that was read as a code page put right; None when there is none."""
    found = text
    for match in _RUN.finditer(text):
        run = match[0]
        # a spreadsheet makes a space of a no-break space, which is the second half of à
        ends = text[match.end() :][:1] == " "
        if right := _run_as_utf8(run, alphabet, depth) or (
            ends and _run_as_utf8(run + "\u00a0", alphabet, 0)
        ):
            found = found.replace(run, right, 1)
    return found if found != text else None


def _same_script(run: str, right: str) -> bool:
    """Whether a run is no word of Greek or Cyrillic letters, or becomes one of the same script."""
    scripts = {script(letter) for letter in run}
    return "LATIN" in scripts or not run.isalpha() or {script(letter) for letter in right} == scripts


@lru_cache(maxsize=4096)
def _run_as_utf8(run: str, alphabet: Alphabet, depth: int) -> str | None:
    for page in (*PAGES, *_EASTERN):
        try:
            right = run.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        if right == run or not _same_script(run, right):
            continue
        if all(
            letter in _SIGNS or letter == "\u00a0" or letter.lower() in alphabet.letters for letter in right
        ):
            return right
        if depth and (again := _as_utf8(right, alphabet, depth - 1)):
            return again
    return None


def _restores(pair: str, right: str) -> bool:
    return not _SIGNS.issuperset(pair) or _SURE_SIGNS.sub("", right).isascii()


@lru_cache(maxsize=4096)
def _pairs(odd: str, alphabet: Alphabet, pages: Sequence[str]) -> tuple[str, ...]:
    """Return, for letters that are odd, what they would be for each pair of code pages, where that is possible."""
    found: dict[str, None] = {}
    for data in dict.fromkeys(_encoded(odd, pages)):
        for page in pages:
            try:
                right = data.decode(page)
            except UnicodeDecodeError:
                continue
            if all(letter in _SIGNS or letter.lower() in alphabet.letters for letter in right):
                found[right] = None
    return tuple(found)


def _encoded(text: str, pages: Sequence[str]) -> Iterator[bytes]:
    for page in pages:
        try:
            yield text.encode(page)
        except UnicodeEncodeError:
            continue
