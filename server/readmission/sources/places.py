"""Where a Turtle file says what: the line of each subject, and of each of its properties (RDF 1.2 Turtle, section 6.5).

The engine's parser decides what the statements are, and tells no lines; here the words of a file that it has read are
followed once more. What is not understood is passed over, for a place that is not known stops no check.
"""

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from readmission.namespaces import NAMESPACES

_CHARACTER = r"(?:[\w-]|[^\x00-\x7f])"
_LOCAL = rf"(?:{_CHARACTER}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"
_TOKENS = re.compile(
    rf"""
      (?P<pass>  [ \t\r\n]+ | \#[^\r\n]* | \^\^ )
    | (?P<string> \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
                | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<mark>  <<\(? | \)?>> | \{{\| | \|\}} | [.;,\[\]()] )
    | (?P<iri>   <[^\x00-\x20<>"{{}}|^`]*> )
    | (?P<blank> _:{_CHARACTER}(?:(?:{_CHARACTER}|\.)*{_CHARACTER})? )
    | (?P<name>  (?:{_CHARACTER}(?:(?:{_CHARACTER}|\.)*{_CHARACTER})?)?:(?:{_LOCAL}(?:(?:{_LOCAL}|\.)*{_LOCAL})?)? )
    | (?P<number> [+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?<!\.) )
    | (?P<word>  @?[A-Za-z]+(?:-[A-Za-z0-9-]+)* )
    """,
    re.VERBOSE | re.DOTALL,
)
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ESCAPED = re.compile(r"\\([_~.\-!$&'()*+,;=/?#@%])")
_TYPE, _NIL = (NAMESPACES["rdf"] + name for name in ("type", "nil"))
_DIRECTIVES = ("prefix", "base", "version")
_OPEN, _CLOSED = ("[", "(", "<<(", "<<", "{|"), ("]", ")", ")>>", ">>", "|}")


@dataclass
class _Frame:
    """What is said of one subject: of a statement's own, or of a blank node within it."""

    subject: str = ""
    expects: str = "subject"
    opening: str = ""
    has_statement: bool = False


@dataclass
class Places:
    """The lines of a file, counted from 1, by subject and property; a property of ``None`` is the subject itself.

    A blank node without a label has no name: ``anonymous`` holds their lines, in the order in which the engine's
    parser says the first thing of each.
    """

    lines: dict[tuple[str, str | None], int] = field(default_factory=dict)
    anonymous: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> "Places":
        """Return the places of a text that is Turtle."""
        return _TurtleReader(text).places()


class _TurtleReader:
    def __init__(self, text: str) -> None:
        self.text, self.found = text, Places()
        self.ends = [match.end() for match in re.finditer("\n", text)]
        self.prefixes: dict[str, str] = {}
        self.base = self.directive = self.prefix = ""
        self.frames = [_Frame()]

    def places(self) -> Places:
        for kind, word, line in self._tokens():
            if self.directive:
                self._direct(kind, word)
            elif kind == "mark":
                self._mark(word, line)
            else:
                self._term(kind, word, line)
        return self.found

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        while at < len(self.text):
            match = _TOKENS.match(self.text, at)
            at = match.end() if match else at + 1
            if match and match.lastgroup != "pass":
                yield str(match.lastgroup), match.group(), bisect(self.ends, match.start()) + 1

    def _direct(self, kind: str, word: str) -> None:
        """Take what follows PREFIX, BASE or VERSION."""
        if kind == "name":
            self.prefix = word[:-1]
            return
        if self.directive == "prefix":
            self.prefixes[self.prefix] = self._iri(word)
        elif self.directive == "base":
            self.base = self._iri(word)
        self.directive = ""

    def _mark(self, word: str, line: int) -> None:
        top = self.frames[-1]
        if word in _OPEN:
            self._open(word, line)
        elif word in _CLOSED and len(self.frames) > 1:
            self._close(word, line)
        elif word == "." and len(self.frames) == 1:
            self.frames = [_Frame()]
        elif word == ";":
            top.expects = "verb"
        elif word == ",":
            top.expects = "object"

    def _close(self, word: str, line: int) -> None:
        closed, top = self.frames.pop(), self.frames[-1]
        if word == ")" and not closed.has_statement and closed.subject == top.subject:
            top.subject = _NIL
            self.found.lines.setdefault((_NIL, None), line)
        if word != "|}":
            self._object(line)

    def _open(self, word: str, line: int) -> None:
        top = self.frames[-1]
        subject = f"[{len(self.found.lines)}"  # no IRI, and not the label of a blank node
        self.found.lines[subject, None] = line
        if top.expects == "subject":
            top.subject, top.expects = subject, "verb"
        if word == "{|":
            self.found.anonymous.append(line)
        awaited = "verb" if word in ("[", "{|") else "object"
        self.frames.append(_Frame(subject, awaited, word, has_statement=word == "{|"))

    def _term(self, kind: str, word: str, line: int) -> None:
        top = self.frames[-1]
        if top.expects == "subject":
            if kind == "word" and word.removeprefix("@").lower() in _DIRECTIVES:
                self.directive = word.removeprefix("@").lower()
                return
            top.subject, top.expects = self._name(kind, word), "verb"
            self.found.lines.setdefault((top.subject, None), line)
        elif top.expects == "verb":
            self.found.lines.setdefault((top.subject, self._name(kind, word)), line)
            top.expects = "object"
        else:
            self._object(line)

    def _object(self, line: int) -> None:
        """Note that an object is complete: that is when the engine's parser says something of the subject."""
        top = self.frames[-1]
        if top.expects != "object":
            return
        if top.opening == "(":  # each member of a list is the object of a node of its own
            top.has_statement = True
            self.found.anonymous.append(line)
        elif top.subject.startswith("[") and not top.has_statement:
            top.has_statement = True
            self.found.anonymous.append(self.found.lines[top.subject, None])

    def _name(self, kind: str, word: str) -> str:
        if kind == "iri":
            return self._iri(word)
        if kind == "name":
            prefix, _, local = word.partition(":")
            return self.prefixes.get(prefix, f"{prefix}:") + _ESCAPED.sub(r"\1", local)
        return _TYPE if word == "a" else word

    def _iri(self, word: str) -> str:
        iri = _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), word[1:-1])
        return urljoin(self.base, iri) if self.base else iri
