"""Characters that nobody sees: refused in cells, and left out where texts are compared.

Unicode calls them Default_Ignorable_Code_Point (DerivedCoreProperties.txt); UAX #31 R3a and UTS #39 leave them out of
comparisons. Words copied from a PDF hold soft hyphens, pages from the web zero-width spaces.
"""

import re
import unicodedata
from collections.abc import Iterator

_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Visible or not, they are no text: the traces of a wrong encoding, and anchors of objects and notes.
_TRACES = frozenset("\ufff9\ufffa\ufffb\ufffc\ufffd\ufffe\uffff")
# Persian and the languages of India write with joiners, emoji with joiners and variation selectors.
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
_NEVER_JOINED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN")  # scripts that never do


def visible(text: str) -> str:
    """Return a text without its invisible characters."""
    return text if text.isascii() else _IGNORABLE.sub("", text)


def stray(text: str) -> Iterator[int]:
    """Yield the places of characters that no fact may hold: control, private, invisible, or the trace of a fault."""
    for place, letter in enumerate(text):
        useful = letter in _JOINERS and _joins(text[:place])
        trace = letter in _TRACES or unicodedata.category(letter) in ("Cc", "Co", "Cs")
        if trace or (_IGNORABLE.match(letter) and not useful):
            yield place


def _joins(before: str) -> bool:
    """Whether a joiner has a use after a text: the last visible character is a sign, or of a script with joiners."""
    last = visible(before)[-1:]
    if not last or last.isascii() or last.isspace():
        return False
    return not unicodedata.name(last, "LATIN").startswith(_NEVER_JOINED)
