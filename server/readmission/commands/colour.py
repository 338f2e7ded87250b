"""Colour for a terminal: it repeats what the words say, so that nothing is lost without it.

No red: a verdict says what is recorded and accuses nobody.
"""

import re

_BOLD, _GREEN, _AMBER, _VIOLET, _GREY, _PLAIN = (f"\x1b[{code}m" for code in (1, 32, 33, 35, 90, 0))
_VERDICTS = {
    "covered-binding": _GREEN,
    "covered-contested": _AMBER,
    "covered-non-binding": _AMBER,
    "possibly-covered": _AMBER,
    "not-in-force": _VIOLET,
    "lacks": _VIOLET,
    "not-recorded": _GREY,
}
_VERDICT = re.compile(rf"(?<![\w-])(?:{'|'.join(_VERDICTS)})(?![\w-])")
_HEADING = re.compile(r"^\S.*(?=\n-[- ]*$)", re.MULTILINE)


def coloured(text: str) -> str:
    """Return a report with its first line and the headings of its tables in bold, and its verdicts in colour."""
    first, newline, rest = text.partition("\n")
    painted = _VERDICT.sub(lambda found: f"{_VERDICTS[found.group()]}{found.group()}{_PLAIN}", rest)
    bold = _HEADING.sub(lambda found: f"{_BOLD}{found.group()}{_PLAIN}", painted)
    return f"{_BOLD}{first}{_PLAIN}{newline}{bold}"
