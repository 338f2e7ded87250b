"""Spellings of names: the key under which a name is kept, and the keys under which a written text is looked for.

A key is made of letters and digits alone, so that neither case nor accents, blanks, dots, hyphens, apostrophes,
footnote marks and invisible characters matter. A text is only ever turned round or relieved of its article; no
word with a meaning is dropped, for "Republic of China" is not China.
"""

import re
import unicodedata
from collections.abc import Iterator

# Superscript digits mark footnotes, and are no part of a name.
_NOTES = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹"))
# Letters that Unicode does not decompose.
_LETTERS = (
    _NOTES
    | str.maketrans("łŁøØđĐıħĦ’ʼ", "lLoOdDihH''")
    | {ord(letter): plain for letter, plain in zip("æÆœŒ", ("ae", "ae", "oe", "oe"), strict=True)}
)
_TRANSCRIPTIONS = {
    ord(letter): plain for letter, plain in zip("äöüøå", "ae oe ue oe aa".split(), strict=True)
}
# To look whether a name has any of them is far quicker than to replace what it has not.
_HAS_LETTERS = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_HAS_TRANSCRIPTIONS = re.compile(f"[{''.join(map(chr, _TRANSCRIPTIONS))}]", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+|&")
# The format characters (Cf) of running text, and the combining marks of Latin, Greek and Cyrillic.
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMAT = re.compile(f"[{_INVISIBLE}]+")
_MARKS = re.compile(f"[\u0300-\u036f\u0483-\u0487{_INVISIBLE}]+")
_FOOTNOTE = re.compile(r"\s*[(\[]\d{1,2}[)\]]\s*$")
_TURNED = re.compile(r"(?P<head>[^,(\[]+)(?:,\s*(?P<comma>[^,]+)|[(\[](?P<bracket>[^)\]]+)[)\]])\s*")
# One form for each of these; articles and "of" are left out as often as they are written, in Romance languages too.
# Not "del": without its accent it is the South of Hungarian names.
_SAME = {"and": "&", "st": "saint", "ste": "sainte", "rep": "republic", "dem": "democratic"} | dict.fromkeys(
    "of the de du des la le les di el las los da do das dos".split(), ""
)
_ARTICLES = frozenset("l il lo gli i der die den dem het det den an na o a os as".split())
_GENERIC = ("republ", "repubbl", "democrati", "demokrati", "federati", "socialist", "kingdom", "territor")
_AND = frozenset("und et y e i en og och ja a in un ir és şi și agus u и και".split())


def key(name: str) -> str:
    """Return the key of a name; the empty string when it has neither letters nor digits."""
    return "".join(_words(name))


def marked(name: str) -> str:
    """Return the key of a name with its accents: what is alike under it is written with the same letters."""
    return "".join(_words(name, marks=True))


def variants(name: str) -> Iterator[str]:
    """Yield the keys of a recorded name: as it is, transcribed (ue for ü), and with & for "und"."""
    yield key(name)
    if not name.isascii() and _HAS_TRANSCRIPTIONS.search(name):
        yield key(name.lower().translate(_TRANSCRIPTIONS))
    if not _AND.isdisjoint(words := name.split()):
        yield key(" ".join("&" if word in _AND else word for word in words))


def readings(text: str, *, marks: bool = False) -> Iterator[str]:
    """Yield the keys a written text may be found under, the plainest first; with its accents if ``marks``.

    "Moldova, Republic of", "Moldova (Republic of)" and "Moldova Republic of" are read as "Republic of Moldova".
    """
    plain = _FOOTNOTE.sub("", text)
    orders = [plain, *_orders(plain)]
    for order in orders:
        yield "".join(_words(order, marks=marks))
    for order in orders:
        words = _words(order, marks=marks)
        if len(words) > 1 and words[0] in _ARTICLES:
            yield "".join(words[1:])


def longest_word(text: str) -> int:
    """Return the length of the longest word that says which country is meant: "Republic" and its like do not."""
    return max((len(word) for word in _words(text) if not word.startswith(_GENERIC)), default=0)


def _orders(text: str) -> Iterator[str]:
    if turned := _TURNED.fullmatch(text):
        yield f"{turned['comma'] or turned['bracket']} {turned['head']}"
    if text.rstrip(" .").casefold().endswith((" of", " of the")):
        words = text.split()
        yield from (" ".join(words[at:] + words[:at]) for at in range(1, min(len(words) - 1, 6)))


def _words(name: str, *, marks: bool = False) -> list[str]:
    words = _WORD.findall(_letters(name, marks=marks))
    return [same for word in words if (same := _SAME.get(word, word))] if len(words) > 1 else words


def _letters(name: str, *, marks: bool) -> str:
    if name.isascii():  # most are, and the others take ten times as long
        return name.casefold()
    if marks:
        return unicodedata.normalize("NFKC", _FORMAT.sub("", name.translate(_NOTES))).casefold()
    plain = name.translate(_LETTERS) if _HAS_LETTERS.search(name) else name
    return _MARKS.sub("", unicodedata.normalize("NFKD", plain)).casefold()
