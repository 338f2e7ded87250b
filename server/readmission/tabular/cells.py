"""Single cells: text that may stand in a fact, dates, codes, languages and web addresses."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from readmission.dates import Bounds, DateError, bounds
from readmission.tabular.faults import CellFault

LONGEST = 2_000
# No instrument on readmission that anybody tabulates is older (the first ones are of the 1920s).
_FIRST_YEAR = 1900

_ERRORS = re.compile(r"#(REF|N/A|NAME|VALUE|DIV/0|NUM|NULL|SPILL)[!?]?|#+", re.IGNORECASE)
_EMPTY = {"-", "–", "—", "?", "n/a", "none", "null", "nan", "unknown", "tbd"}
# Direction overrides, byte-order marks and replacement characters: invisible, or the trace of a wrong encoding.
_STRAY = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffd\ufffe\uffff")
_GARBLED = re.compile("Ã[\u0080-\u00bf€-™]|â€|[ÐÑ][\u0080-\u00bf]")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./ -]\s*(\d{1,2})\s*[./ -]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})(?:[./-](\d{1,2}))?([T ].*)?")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`/?#]+\.[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_LANGUAGES = frozenset(
    (
        "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
        "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it "
        "iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt "
        "my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl "
        "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
        "za zh zu"
    ).split()
)
# Languages whose every letter Windows-1252 has.
_WESTERN = frozenset("af ca da de en es et eu fi fo fr ga gl id is it lb ms nb nl nn no pt sq sv sw".split())


def clean(cell: str) -> str:
    """Return the cell in composed form with single spaces; raises CellFault on what no fact may hold."""
    text = unicodedata.normalize("NFC", cell).strip()
    for letter in text:
        if letter in _STRAY or unicodedata.category(letter) in ("Cc", "Co", "Cs"):
            what = f"the cell holds the control character U+{ord(letter):04X}"
            raise CellFault(what, "delete it; write the text on one line")
    if text[:1] in ("=", "+", "@"):
        raise CellFault(f"{text[:40]!r} is a formula", "write its result as text")
    if _ERRORS.fullmatch(text):
        raise CellFault(
            f"{text[:40]!r} is a fault that the spreadsheet shows", "write the value, or leave it empty"
        )
    if len(text) > LONGEST:
        what = f"the cell has {len(text)} characters, more than {LONGEST}"
        raise CellFault(what, "shorten it, or look for a double quote that is not closed")
    if _GARBLED.search(text):
        what = f"{text[:40]!r} has lost its letters to a wrong encoding"
        raise CellFault(what, "type them anew, and save as CSV (UTF-8)")
    return " ".join(text.split())


def says_nothing(text: str) -> bool:
    """Whether the text is a filler such as n/a."""
    return text.casefold() in _EMPTY


def stated_date(text: str, today: date) -> Bounds:
    """Return the bounds of a date of the past; raises CellFault with the way to write it otherwise."""
    try:
        found = bounds(text)
    except DateError as fault:
        what, _, mend = str(fault).partition("; ")
        raise CellFault(*(_date_hint(text) or (what, mend))) from fault
    ends = text.strip("[]").split("..") if text.startswith("[") else []
    if any(end and len(end) < len("1998-04-22") for end in ends):
        last = found.latest.isoformat() if found.latest else ""
        raise CellFault(f"{text} is a range without whole days", f"write [{found.earliest}..{last}]")
    if found.earliest > today:
        raise CellFault(
            f"{text} lies in the future", "correct it, or say it in status_note until the day has come"
        )
    if found.earliest.year < _FIRST_YEAR:
        raise CellFault(f"{text} lies before {_FIRST_YEAR}", "correct the year")
    return found


def like_date(text: str) -> bool:
    """Whether a text can only be meant as a date."""
    patterns = (_DAY_FIRST, _YEAR_FIRST, re.compile(r"(1[89]|20)\d{2}"))
    return any(pattern.fullmatch(text) for pattern in patterns)


def _date_hint(text: str) -> tuple[str, str] | None:
    if match := _DAY_FIRST.fullmatch(text):
        one, two, year = int(match[1]), int(match[2]), match[3]
        orders = dict.fromkeys(f"{year}-{m:02}-{d:02}" for d, m in ((one, two), (two, one)))
        return _written(text, [each for each in orders if _is_date(each)])
    if match := _YEAR_FIRST.fullmatch(text):
        parts = [f"{int(part):02}" for part in match.group(1, 2, 3) if part]
        return _written(text, [each for each in ["-".join(parts)] if _is_date(each)])
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return f"{text} is a spreadsheet's count of days", "format the column as text and write 1998-04-22"
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", text):
        return (
            f"{text!r} gives its year with two digits",
            "write year-month-day with the whole year, as 1998-04-22",
        )
    return None


def _written(text: str, ways: list[str]) -> tuple[str, str] | None:
    if not ways:
        return f"{text!r} is not in the calendar", "correct it, and write year-month-day as 1998-04-22"
    if ways == [text]:
        return None
    told = " or ".join(ways)
    doubt = ", whichever is meant" if len(ways) > 1 else " (year-month-day)"
    return f"{text!r} is not written as year-month-day", f"write {told}{doubt}"


def _is_date(text: str) -> bool:
    try:
        bounds(text)
    except DateError:
        return False
    return True


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
    raise CellFault(f"{text[:60]!r} is no code of this column", listed)


def code_key(text: str) -> str:
    """Return a code or its label in the form by which it is found."""
    return re.sub(r"[\s_-]+", "-", text.casefold().strip())


def language(text: str) -> str:
    """Return an ISO 639-1 code; raises CellFault otherwise."""
    if text.lower() not in _LANGUAGES:
        what = f"{text[:40]!r} is no two-letter code of a language"
        raise CellFault(what, "write de, fr, bg or the like (ISO 639-1)")
    return text.lower()


def western(tag: str) -> bool:
    """Whether Windows-1252 has all letters of a language."""
    return tag in _WESTERN


def address(text: str) -> str:
    """Return a web address; raises CellFault otherwise."""
    if not _ADDRESS.fullmatch(text):
        what = f"{text[:60]!r} is no web address"
        raise CellFault(what, "write it whole, beginning with https:// and without spaces")
    return text
