"""The words of a SPARQL query with their places (SPARQL 1.1 Query, section 19.8), in time linear in its length.

What this module does not know, such as RDF 1.2 or ``\\u`` outside strings, is Unclear: nothing is said of it.
"""

import re
from dataclasses import dataclass


class UnclearQueryError(ValueError):
    """A text that is not read here with certainty, though an engine may read it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text: its kind, and where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def variable(self) -> str | None:
        """The name of a variable; None for other words."""
        return self.text[1:] if self.kind == "variable" else None

    @property
    def keyword(self) -> str:
        """A keyword in capitals, or a mark as it is; the empty string for other words."""
        if self.kind == "word":
            return self.text.upper()
        return self.text if self.kind == "mark" else ""


_LOCAL = r"(?:%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]|[\w:])"
_WORDS = re.compile(
    rf"""
      (?P<blank_space> [\x20\t\r\n]+ | \#[^\r\n]* )
    | (?P<string> \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
                | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<iri>      <[^\x00-\x20<>"{{}}|^`\\]*> )
    | (?P<blank>    _:\w(?:[\w.-]*[\w-])? )
    | (?P<name>     (?:[^\W\d_](?:[\w.-]*[\w-])?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|[.-])*(?:{_LOCAL}|-))?)? )
    | (?P<variable> [?$]\w+ )
    | (?P<language> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<number>   (?:\d+\.?\d*|\.\d+)[eE][+-]?\d+ | \d*\.\d+ | \d+ )
    | (?P<word>     [A-Za-z_][A-Za-z0-9_]* )
    | (?P<mark>     \^\^ | && | \|\| | != | <= | >= | [{{}}()\[\].,;|/^*+?!=<>-] )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """Return the words of a text; raises UnclearQueryError where one is not known."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _WORDS.match(text, place)
        if match is None:
            raise UnclearQueryError(f"{text[place]!r} is not expected there")
        kind = str(match.lastgroup)
        if kind != "blank_space":
            found.append(Token(kind, match.group(), place, match.end()))
        place = match.end()
    return found
