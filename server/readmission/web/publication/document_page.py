"""A document as a page shows it: a line for each property, a part for each event and evidence, and what names it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from readmission.engine.interface import Term, text_of
from readmission.namespaces import BASE, DERIVED_GRAPH_BASE, ID, NAMESPACES, curie
from readmission.web.publication.documents import Document

_TYPE = f"{NAMESPACES['rdf']}type"
_TERMS = NAMESPACES["rdm"]
_EVENT_DATE, _CELEX = f"{_TERMS}date", f"{_TERMS}celex"
_NAMED_BY = tuple(f"{_TERMS}{local}" for local in ("eventType", "date", "sideActor", "source", "locator"))
"""The properties whose values name what has no name: an event, a side, a piece of evidence."""
_EUR_LEX = "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:"
_LANGUAGES_SHOWN = ("", "en")
_WEB = ("http://", "https://")
_LAST = "~"


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
    parts = [part(document, iri) for iri in document.by_subject if iri != document.thing.value]
    parts.sort(key=lambda each: (_date(each), each.iri))
    return Page(part(document, document.thing.value), tuple(parts), tuple(_incoming(document)))


def part(document: Document, iri: str) -> Part:
    """Return what a document states of one of its subjects."""
    own = document.by_subject.get(iri, [])
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
    yield from sorted(lines, key=_rank)


def _rank(line: Line) -> tuple[bool, str, str]:
    return all(value.rule for value in line.values), line.name.lower(), line.iri


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
        found.setdefault(term, _value(document, term, quad))
    return tuple(
        sorted(
            found.values(),
            key=lambda value: (value.note not in _LANGUAGES_SHOWN, value.note, value.text, value.iri),
        )
    )


def _value(document: Document, term: Term, quad: ox.Quad) -> Value:
    rule = _rule(quad)
    if isinstance(term, ox.NamedNode):
        short = curie(term.value)
        is_foreign = not term.value.startswith(BASE) and short != term.value
        return Value(name(document, term.value), term.value, short if is_foreign else "", rule)
    if isinstance(term, ox.Literal):
        return Value(term.value, _link(term.value, quad), term.language or "", rule)
    return Value("something without a name", rule=rule)


def _link(text: str, quad: ox.Quad) -> str:
    """Return where a text leads: a web address to itself, a CELEX number to EUR-Lex."""
    if quad.predicate.value == _CELEX:
        return _EUR_LEX + quote(text)
    return text if text.startswith(_WEB) else ""


def name(document: Document, iri: str) -> str:
    """Return what a term is called: its English name, else what it consists of, else its IRI as short as it can be."""
    return document.labels.get(iri) or _composed(document, iri) or _short(iri)


def _composed(document: Document, iri: str) -> str:
    own = document.by_subject.get(iri, ())
    told = {
        quad.predicate.value: document.labels.get(text_of(quad.object), text_of(quad.object)) for quad in own
    }
    return ", ".join(told[predicate] for predicate in _NAMED_BY if predicate in told)


def _short(iri: str) -> str:
    return curie(iri).removeprefix(ID).removeprefix(BASE)


def _rule(quad: ox.Quad) -> str:
    """Return the name of the rule that computed a statement; empty where a person stated it."""
    graph = text_of(quad.graph_name) if isinstance(quad.graph_name, ox.NamedNode) else ""
    return graph.removeprefix(DERIVED_GRAPH_BASE) if graph.startswith(DERIVED_GRAPH_BASE) else ""


def _date(part: Part) -> str:
    """Return the date of an event, so that events come first and in their order."""
    return next((line.values[0].text for line in part.lines if line.iri == _EVENT_DATE), _LAST)
