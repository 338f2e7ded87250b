"""Colour for a terminal: it repeats what words say, so that nothing is lost without it.

No red: a status says what is recorded and accuses nobody.
"""

import re

from readmission.reports.marks import TONES
from readmission.reports.words import STATUS

_BOLD, _GREEN, _AMBER, _VIOLET, _GREY, _PLAIN = (f"\x1b[{code}m" for code in (1, 32, 33, 35, 90, 0))
_BY_TONE = (_GREY, _VIOLET, _VIOLET, _AMBER, _AMBER, _AMBER, _GREEN)
_PHRASES = {
    words: _BY_TONE[TONES[code]] for layer in STATUS.values() for code, words in layer.items() if " " in words
}
_PHRASE = re.compile("|".join(map(re.escape, sorted(_PHRASES, key=len, reverse=True))))
_HEADING = re.compile(r"^\S.*(?=\n-[- ]*$)", re.MULTILINE)


def coloured(text: str) -> str:
    """Return a report with its first line and the headings of its tables in bold, and its statuses in colour."""
    first, newline, rest = text.partition("\n")
    painted = _PHRASE.sub(lambda found: f"{_PHRASES[found.group()]}{found.group()}{_PLAIN}", rest)
    bold = _HEADING.sub(lambda found: f"{_BOLD}{found.group()}{_PLAIN}", painted)
    return f"{_BOLD}{first}{_PLAIN}{newline}{bold}"
