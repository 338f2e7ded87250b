"""Property paths of length zero from a term that is in no statement (SPARQL 1.1 Query, sections 9.3 and 18.4).

``<x> p* ?y`` holds for ``?y`` = ``<x>`` whether the data know ``<x>`` or not; the engine finds nothing where they do
not. A term in no statement has no other path, so such a pattern says no more than VALUES does, and is written so.
"""

import re
from collections.abc import Callable, Iterator

from readmission.engine.syntax.patterns import Bind, Filter, Group, Named, Pattern, Triples
from readmission.engine.syntax.queries import QueryTree
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import Token, UnclearQueryError

LARGEST_TEXT_WITH_PATHS = 20_000
"""Characters of a text that is read for it."""
LIMITATION = (
    "a property path with * or ? finds the term that it starts from, also where no statement has that term: so it is "
    "for an IRI that is written in the pattern, outside GRAPH. Where VALUES, BIND or a literal gives such a term, or "
    "the queried graphs lack one that others have, or the path stands in a list with ; or , or beside another as an "
    "alternative, the row is missing. Data files keep numbers, dates and truth values "
    'by what they mean, not as they are spelled: "01"^^xsd:integer is answered as "1"'
)
"""What queries do not get that SPARQL gives; for whoever publishes the limits of this engine."""
_MARKS = (
    re.compile(r"\*(?=[\s/|)<^]|$)"),
    re.compile(r"\?(?=[\s/|)<^]|$)"),
)  # apart: many times as fast as [*?]
_LAST_WORD = re.compile(r"[^\s(){}\[\]/|^]*$")
_LONGEST_NAME = 300

Knows = Callable[[str], bool]


def with_unknown_ends(text: str, knows: Knows) -> str | None:
    """Return a query in which such paths are written out; None where there is none. ``knows`` tells of each IRI."""
    if len(text) > LARGEST_TEXT_WITH_PATHS or not _may_be_empty(text):
        return None
    try:
        query = read(text)
    except UnclearQueryError:
        return None
    changes = sorted(_changes(query, query.select.group, knows), reverse=True)
    for start, end, written in changes:
        text = text[:start] + written + text[end:]
    return text if changes else None


def _may_be_empty(text: str) -> bool:
    """Whether a text may have a path with ``*`` or ``?``; quick, for it is asked of every query."""
    return any(_ends_path(text, mark.start()) for marks in _MARKS for mark in marks.finditer(text))


def _ends_path(text: str, end: int) -> bool:
    """Whether a path may end there: an IRI, a bracket, a prefixed name or ``a``, and no number, variable or keyword."""
    start = max(0, end - _LONGEST_NAME)
    before = text[start:end].rstrip()
    if not before or before.endswith((">", ")")):
        return True
    if "\n" in text[start + len(before) : end] and "#" in before.rpartition("\n")[2]:
        return True  # a comment stands between, or seems to
    word = _LAST_WORD.search(before)
    assert word is not None, "the end of a text is a word, if an empty one"
    return word.group() == "a" or ":" in word.group() or (word.start() == 0 < start)


def _changes(query: QueryTree, group: Group, knows: Knows) -> Iterator[tuple[int, int, str]]:
    for part in group.parts:
        if isinstance(part, Triples):
            written = _write(query, part.patterns[0], knows) if len(part.patterns) == 1 else None
            if written is not None:
                yield part.start, part.end + part.dotted, f"{written} "
        elif not isinstance(part, Filter | Bind | Named):
            for child in part.groups:
                yield from _changes(query, child, knows)


def _write(query: QueryTree, pattern: Pattern, knows: Knows) -> str | None:
    """Return what a pattern says, if it is a path that may have no length at a term that is in no statement."""
    between = query.text[pattern.subject.end : pattern.object.start].strip()
    if not pattern.path.nullable or not _once(between):
        return None
    for one, other in ((pattern.subject, pattern.object), (pattern.object, pattern.subject)):
        iri = query.iri(one) if one.kind in ("iri", "name") else None
        if iri and not knows(iri):
            return _same(query, iri, other)
    return None


def _once(path: str) -> bool:
    """Whether a path finds the term once: each branch of an alternative would, unless * or ? stands around all."""
    if "|" not in path:
        return True
    depth = 0
    for place, mark in enumerate(path):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0:
            return mark == ")" and path[place + 1 :].strip() in ("*", "?")
    return False


def _same(query: QueryTree, iri: str, other: Token) -> str | None:
    if other.variable:
        return f"VALUES ?{other.variable} {{ <{iri}> }}"
    if other.kind in ("iri", "name"):
        return "{ }" if query.iri(other) == iri else "FILTER(false)"
    return None
