"""Why a query cannot be read, in plain words and at its place; the engine says only what its grammar would have taken.

The commonest causes are letters that people do not see, such as a no-break blank copied from a page, and IRIs
with blanks.
"""

import re
import unicodedata
from dataclasses import dataclass

from readmission.engine.sparql_text import declaration, position, skeleton, undeclared_prefixes

_PLACE = re.compile(r"error at (\d+):(\d+): ?(.*)", re.DOTALL)
_IRI = re.compile(
    r"<(?:https?|ftp|urn|mailto|tag|file|[A-Za-z][A-Za-z0-9+.-]*(?=://)):[^<>\r\n]*>", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"[\x00-\x20\"{}|^`\\]")
_INVISIBLE = ("Zs", "Zl", "Zp", "Cf", "Cc", "Co", "Cn")
_TYPOGRAPHIC = ("Pi", "Pf", "Pd")
_BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Explanation:
    """What to tell the author: a sentence, and the place with what the engine said and an excerpt where it is known."""

    text: str
    place: dict[str, int | str]


def explain(message: str, text: str) -> Explanation:
    """Return why the engine, which said ``message``, cannot read a query."""
    found = _PLACE.match(message)
    if found is None:
        return Explanation(_clip(message), {})
    line, column, cause = int(found[1]), int(found[2]), ""
    if odd := _odd_character(text) or _odd_iri(text):
        offset, cause = odd
        line, column = position(text, offset)
    elif missing := undeclared_prefixes(text):
        cause = (
            f" The prefix {missing[0]}: is used but not declared; add {declaration(missing[0])} at the top."
        )
    place: dict[str, int | str] = {"line": line, "column": column, "reason": _clip(found[3])}
    lines = re.split(r"\r\n|\r|\n", text)
    if 0 < line <= len(lines):
        start = max(0, column - 60)
        place["excerpt"] = f"{lines[line - 1][start : column + 40]}\n{' ' * (column - 1 - start)}^"
    return Explanation(f"The query cannot be read from line {line}, column {column} on.{cause}", place)


def _odd_character(text: str) -> tuple[int, str] | None:
    """Return the first character outside strings and IRIs that people take for a blank, a quote or a hyphen."""
    for offset, character in enumerate(skeleton(text).bare):
        if character in _BLANKS or "\x20" < character < "\x7f":
            continue
        kind = unicodedata.category(character)
        if kind in _INVISIBLE:
            return (
                offset,
                f" There stands {_name(character)}, which is not seen; write a plain blank, or delete it.",
            )
        if kind in _TYPOGRAPHIC:
            return (
                offset,
                f" There stands {_name(character)}; write a plain \" or ' for quotes, and - for minus.",
            )
    return None


def _odd_iri(text: str) -> tuple[int, str] | None:
    """Return the first character that no IRI may hold (SPARQL 1.1 Query, rule 139) and that stands in one."""
    bare = skeleton(text).bare
    for found in _IRI.finditer(text):
        odd = _FORBIDDEN.search(found.group())
        if odd and bare[found.start()] == "<":  # not in a string or a comment
            name = "a blank" if odd.group() == " " else _name(odd.group())
            written = "".join(f"%{byte:02X}" for byte in odd.group().encode())
            return (
                found.start() + odd.start(),
                f" The IRI holds {name}, which no IRI may; write {written} for it.",
            )
    return None


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"{name} ({code})" if name else f"the character {code}"


def _clip(message: str) -> str:
    """Keep an engine's list of all that it would have accepted from filling the screen."""
    return message if len(message) <= 200 else message[:200].rpartition(",")[0] + ", …"
