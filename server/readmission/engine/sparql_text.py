"""What a SPARQL text says before an engine reads it: its form, its dataset, whether it calls other servers.

The engine's own parser decides what is a query. This module only has to be right about the words that stand
outside strings, IRIs, comments and names; where two readings are possible it says so, and callers refuse.
"""

import re
from dataclasses import dataclass

from readmission.errors import UserError
from readmission.namespaces import NAMESPACES

FORMS = ("select", "ask", "construct", "describe")


class FederationError(UserError, ValueError):
    """A text that asks, or may ask, the engine to call another server (SERVICE); says where."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(
            f"line {line}, column {column}: SERVICE is not answered, for no query may call other servers. "
            "Fetch the other data first and join them on your side. If no SERVICE was meant, rename the "
            "prefix or write the IRIs near it in full (<https://…>)"
        )
        self.line, self.column = line, column


class UpdateError(UserError, ValueError):
    """A SPARQL update where a query was asked for; the data are read-only."""

    def __init__(self) -> None:
        super().__init__(
            "this is a SPARQL update and the data are read-only; send SELECT, ASK, CONSTRUCT or DESCRIBE"
        )


# Escapes outside this list make a string unreadable to every SPARQL 1.1 parser (grammar rule 160, ECHAR).
_ESCAPED = r"""\\[tbnrf\\"'uU]"""
_TOKENS = re.compile(
    rf"""
      (?P<string> \"\"\"(?:"{{0,2}}(?:[^"\\]|{_ESCAPED}))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|{_ESCAPED}))*+'''
                | "(?:[^"\\\r\n]|{_ESCAPED})*+" | '(?:[^'\\\r\n]|{_ESCAPED})*+' )
    | (?P<iri>    <[A-Za-z][A-Za-z0-9+.-]*://[^\x00-\x20<>"{{}}|^`\\]*> | <[A-Za-z0-9_:./%~+@-]*> )
    | (?P<doubt>  <[^\x00-\x20<>"{{}}|^`\\]*> | ["'\\] )
    | (?P<comment>\#[^\r\n]*)
    | (?P<variable>[?$][A-Za-z0-9_]+)
    | (?P<local>  :[A-Za-z0-9_][A-Za-z0-9_:-]*)
    """,
    re.VERBOSE,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_PROLOGUE = r"^(?:\s*(?:BASE\s|PREFIX\s[^\s:]*\s*:|VERSION\s))*\s*"
_FORM = re.compile(_PROLOGUE + r"(SELECT|ASK|CONSTRUCT|DESCRIBE)", re.IGNORECASE)
_UPDATE = re.compile(
    _PROLOGUE + r"(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", re.IGNORECASE
)
_FROM = re.compile(r"(?<![\w:.-])FROM(?![\w:-])", re.IGNORECASE)
_DECLARED = re.compile(r"PREFIX\s+([A-Za-z][\w.-]*):", re.IGNORECASE)
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]*):")
_VOLATILE = re.compile(r"(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_VOLATILE_WORDS = ("NOW", "RAND", "UUID", "BNODE")


@dataclass(frozen=True)
class Skeleton:
    """A text with its strings, IRIs, comments, variables and local names blanked out, place for place."""

    bare: str
    doubts: tuple[int, ...]
    """Offsets with a second reading: in ``?a<?b#>`` some parsers see an IRI, others a comparison."""


def skeleton(text: str) -> Skeleton:
    """Return the words of a text that can be keywords. Never fails; doubtful places are listed."""
    doubts: list[int] = []

    def blank(found: re.Match[str]) -> str:
        if found.lastgroup == "doubt":
            doubts.append(found.start())
        kept = ":" if found.lastgroup == "local" else " "
        return kept + " " * (len(found.group()) - 1)

    return Skeleton(_TOKENS.sub(blank, text), tuple(doubts))


def form(text: str) -> str | None:
    """Return ``select``, ``ask``, ``construct`` or ``describe``; None when no query form opens the text.

    Raises UpdateError when an update keyword does.
    """
    bare = skeleton(text).bare
    if found := _FORM.match(bare):
        return found.group(1).lower()
    if _UPDATE.match(bare):
        raise UpdateError
    return None


def names_dataset(text: str) -> bool:
    """Tell whether the query has a FROM or FROM NAMED clause of its own (SPARQL 1.1 Query, section 13.2)."""
    return "from" in text.lower() and _FROM.search(skeleton(text).bare) is not None


def is_volatile(text: str) -> bool:
    """Tell whether the same query may answer differently each time it runs (NOW, RAND, UUID, …)."""
    large = text.upper()
    return (
        any(word in large for word in _VOLATILE_WORDS) and _VOLATILE.search(skeleton(text).bare) is not None
    )


def refuse_federation(text: str) -> None:
    """Raise FederationError unless it is certain that no parser reads a SERVICE clause in the text.

    SPARQL 1.1 Query section 19.2 decodes ``\\u0053`` before parsing; some engines do not: both count.
    Keywords need no space around them (``trueSERVICE<…>`` calls out in Oxigraph), so any bare ``service``
    counts. Texts without these letters, nearly all, pass at once.
    """
    for reading in {text, _CODEPOINT.sub(_character, text)}:
        if "service" not in reading.lower():
            continue
        seen = skeleton(reading)
        at = seen.bare.lower().find("service")
        places = [*seen.doubts, *([at] if at >= 0 else [])]
        if places:
            raise FederationError(*position(reading, at if at >= 0 else min(places)))


def undeclared_prefixes(text: str) -> tuple[str, ...]:
    """Return the prefixes that a query uses without declaring them, the commonest slip of all."""
    bare = skeleton(text).bare
    declared = set(_DECLARED.findall(bare))
    return tuple(sorted({name for name in _PREFIX.findall(bare) if name not in declared}))


def declaration(prefix: str) -> str:
    """Return the PREFIX line to add; for a prefix we do not know, with a place to fill in."""
    return f"PREFIX {prefix}: <{NAMESPACES.get(prefix, '…')}>"


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both counted from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _character(found: re.Match[str]) -> str:
    number = int(found.group(1) or found.group(2), 16)
    return chr(number) if number <= 0x10FFFF else found.group()
