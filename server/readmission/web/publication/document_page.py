"""A document as a page shows it: a line for each property, a part for each event and evidence, and what names it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from readmission.engine.interface import Term, text_of
from readmission.namespaces import BASE, DERIVED_GRAPH_BASE, NAMESPACES, shorten
from readmission.web.publication.documents import Document

_TYPE = f"{NAMESPACES['rdf']}type"
_EVENT_DATE = f"{NAMESPACES['rdm']}date"
_LANGUAGES_SHOWN = ("", "en")
_WEB = ("http://", "https://")


@dataclass(frozen=True)
class Value:
    """A value: its words, and where there are such its IRI, its language, and the rule that computed it."""

    text: str
    iri: str = ""
    note: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Line:
    """A property with its values; ``count`` is how many there are, ``values`` perhaps only some of them."""

    name: str
    iri: str
    values: tuple[Value, ...]
    count: int = 0


@dataclass(frozen=True)
class Part:
    """The thing itself, or something that belongs to it: its name, its types and its lines."""

    name: str
    iri: str
    types: tuple[Value, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Page:
    """What a page shows of a document."""

    thing: Part
    parts: tuple[Part, ...]
    incoming: tuple[Line, ...]


def show(document: Document) -> Page:
    """Return the page of a document."""
    subjects = dict.fromkeys(text_of(quad.subject) for quad in document.statements)
    parts = [_part(document, iri) for iri in subjects if iri != document.thing.value]
    parts.sort(key=lambda part: (_date(part), part.iri))
    return Page(_part(document, document.thing.value), tuple(parts), tuple(_incoming(document)))


def _part(document: Document, iri: str) -> Part:
    own = [quad for quad in document.statements if text_of(quad.subject) == iri]
    types = [quad for quad in own if quad.predicate.value == _TYPE]
    rest = [quad for quad in own if quad.predicate.value != _TYPE]
    return Part(name(document, iri), iri, _values(document, types), tuple(_lines(document, rest)))


def _lines(document: Document, quads: Iterable[ox.Quad]) -> Iterator[Line]:
    """Yield a line for each property, what is stated before what is computed."""
    gathered: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        gathered.setdefault(quad.predicate.value, []).append(quad)
    lines = [
        Line(name(document, iri), iri, _values(document, found), len(found))
        for iri, found in gathered.items()
    ]
    yield from sorted(lines, key=lambda line: (all(value.rule for value in line.values), line.name.lower()))


def _incoming(document: Document) -> Iterator[Line]:
    gathered: dict[str, list[ox.Quad]] = {}
    for quad in document.incoming:
        gathered.setdefault(quad.predicate.value, []).append(quad)
    for iri, quads in gathered.items():
        yield Line(
            name(document, iri), iri, _values(document, quads, subjects=True), document.counts.get(iri, 0)
        )


def _values(document: Document, quads: Sequence[ox.Quad], *, subjects: bool = False) -> tuple[Value, ...]:
    """Return the values of some statements, each once; what is stated is not told again as computed."""
    found: dict[Term, Value] = {}
    for quad in sorted(quads, key=_rule):
        term = quad.subject if subjects else quad.object
        found.setdefault(term, _value(document, term, _rule(quad)))
    return tuple(
        sorted(found.values(), key=lambda value: (value.note not in _LANGUAGES_SHOWN, value.note, value.text))
    )


def _value(document: Document, term: Term, rule: str) -> Value:
    if isinstance(term, ox.NamedNode):
        return Value(name(document, term.value), term.value, rule=rule)
    if isinstance(term, ox.Literal):
        link = term.value if term.value.startswith(_WEB) else ""
        return Value(term.value, link, term.language or "", rule)
    return Value(text_of(term), rule=rule)


def name(document: Document, iri: str) -> str:
    """Return what a term is called: its English name, else its IRI as short as it can be."""
    return document.labels.get(iri) or shorten(iri).removeprefix(f"{BASE}id/").removeprefix(BASE)


def _rule(quad: ox.Quad) -> str:
    """Return the name of the rule that computed a statement; empty where a person stated it."""
    graph = text_of(quad.graph_name) if isinstance(quad.graph_name, ox.NamedNode) else ""
    return graph.removeprefix(DERIVED_GRAPH_BASE) if graph.startswith(DERIVED_GRAPH_BASE) else ""


def _date(part: Part) -> str:
    """Return the date of an event, so that events come in their order; what is none comes first."""
    return next((line.values[0].text for line in part.lines if line.iri == _EVENT_DATE), "")
