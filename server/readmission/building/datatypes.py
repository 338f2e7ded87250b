"""Whether a literal is in the lexical space of its XSD datatype (XSD 1.1 Part 2; RDF 1.1 Concepts, section 5.1).

Outside it a literal is ill-typed: it has no value, and what compares or counts passes over it.
"""

import re
from calendar import monthrange

from readmission.namespaces import NAMESPACES

XSD = NAMESPACES["xsd"]

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_YEAR, _MONTH, _DAY = r"-?(?:[1-9]\d{3,}|0\d{3})", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_MONTHS, _DAYS = r"(?:\d+Y(?:\d+M)?|\d+M)", r"(?:\d+D)"
_HOURS = r"T(?:\d+H(?:\d+M)?(?:\d+(?:\.\d+)?S)?|\d+M(?:\d+(?:\.\d+)?S)?|\d+(?:\.\d+)?S)"
_INTEGER = r"[+-]?\d+"
_DOUBLE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_BASE64 = r"[A-Za-z0-9+/] ?"

_FORMS = {
    "boolean": "true|false|1|0",
    "decimal": r"[+-]?(?:\d+\.?\d*|\.\d+)",
    "double": _DOUBLE, "float": _DOUBLE,
    "date": rf"({_YEAR})-({_MONTH})-({_DAY}){_ZONE}?",
    "dateTime": rf"({_YEAR})-({_MONTH})-({_DAY})T{_TIME}{_ZONE}?",
    "dateTimeStamp": rf"({_YEAR})-({_MONTH})-({_DAY})T{_TIME}{_ZONE}",
    "time": rf"{_TIME}{_ZONE}?",
    "gYear": rf"{_YEAR}{_ZONE}?", "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
    "gMonth": rf"--{_MONTH}{_ZONE}?", "gDay": rf"---{_DAY}{_ZONE}?",
    "gMonthDay": rf"(?#year)()--({_MONTH})-({_DAY}){_ZONE}?",
    "duration": rf"-?P(?:{_MONTHS}?{_DAYS}?{_HOURS}|{_MONTHS}?{_DAYS}|{_MONTHS})",
    "yearMonthDuration": rf"-?P{_MONTHS}",
    "dayTimeDuration": rf"-?P(?:{_DAYS}?{_HOURS}|{_DAYS})",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "base64Binary": rf"(?:(?:{_BASE64}){{4}})*(?:(?:{_BASE64}){{3}}[A-Za-z0-9+/]"
                    rf"|(?:{_BASE64}){{2}}[AEIMQUYcgkosw048] ?=|{_BASE64}[AQgw] ?= ?=)?",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
}  # fmt: skip
_RANGES = {
    "integer": (None, None), "nonNegativeInteger": (0, None), "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0), "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1), "int": (-(2**31), 2**31 - 1), "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127), "unsignedLong": (0, 2**64 - 1), "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1), "unsignedByte": (0, 255),
}  # fmt: skip
_COMPILED = {name: re.compile(form, re.ASCII) for name, form in _FORMS.items()}
_WHOLE = re.compile(_INTEGER, re.ASCII)


def is_ill_typed(text: str, datatype: str) -> bool:
    """Tell whether a text is outside the lexical space of a datatype; of one that is not known here, never."""
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if name in _RANGES:
        return not _WHOLE.fullmatch(text) or not _within(text, *_RANGES[name])
    form = _COMPILED.get(name)
    if form is None:
        return False
    found = form.fullmatch(text)
    return found is None or (form.groups == 3 and not _is_day(*found.groups()))


def _within(text: str, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    digits = text.lstrip("+-").lstrip("0")[
        :21
    ]  # more than any bound has: a number of a million is not worked out
    number = int(f"{text[0] if text[0] == '-' else ''}{digits or 0}")
    return (least is None or number >= least) and (most is None or number <= most)


def _is_day(year: str, month: str, day: str) -> bool:
    """Whether a month has a day; years before 1 are counted with a year 0 (XSD 1.1, section 3.3.9)."""
    return int(day) <= monthrange(2000 + int(year[-4:] or 0) % 400, int(month))[1]
