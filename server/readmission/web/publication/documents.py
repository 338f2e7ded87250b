"""The document of a thing: what the release states about it and its parts, what names it, and what all are called.

Every format of a document is written from the same statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import pyoxigraph as ox

from readmission.engine.interface import Engine, Term, text_of
from readmission.namespaces import NAMESPACES
from readmission.query_files import lookup

MOST = 100
"""How many statements that name a thing are on one page of its document."""
_DEPRECATED = f"{NAMESPACES['owl']}deprecated"
_REPLACED_BY = f"{NAMESPACES['dcterms']}isReplacedBy"
_TRUE = ("true", "1")


@dataclass(frozen=True)
class Document:
    """The statements of a document; ``incoming`` is one page of those that name the thing, ``counts`` counts all."""

    thing: ox.NamedNode
    statements: tuple[ox.Quad, ...]
    incoming: tuple[ox.Quad, ...]
    counts: Mapping[str, int]
    names: tuple[ox.Quad, ...]
    page: int

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """A name of each term that has one: its label, else its title, in English where there is such a title."""
        ordered = sorted(
            self.names, key=lambda quad: (quad.predicate.value, _is_english(quad.object), str(quad))
        )
        return {text_of(quad.subject): text_of(quad.object) for quad in ordered}

    @cached_property
    def by_subject(self) -> Mapping[str, Sequence[ox.Quad]]:
        """The statements on the thing and its parts, by what they are about."""
        found: dict[str, list[ox.Quad]] = {}
        for quad in self.statements:
            found.setdefault(text_of(quad.subject), []).append(quad)
        return found

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-sum(self.counts.values()) // MOST))

    @property
    def quads(self) -> tuple[ox.Quad, ...]:
        """All statements, each once in each graph."""
        return tuple(dict.fromkeys((*self.statements, *self.incoming, *self.names)))

    @property
    def is_withdrawn(self) -> bool:
        """Whether the release says that the IRI is no longer to be used."""
        return any(text in _TRUE for text in self._values(_DEPRECATED))

    @property
    def successors(self) -> tuple[str, ...]:
        """The IRIs that replace the thing."""
        return tuple(self._values(_REPLACED_BY))

    def _values(self, predicate: str) -> list[str]:
        own = self.by_subject.get(self.thing.value, ())
        return [text_of(quad.object) for quad in own if quad.predicate.value == predicate]


def is_known(engine: Engine, iri: str) -> bool:
    """Return whether any statement has an IRI."""
    return is_iri(iri) and bool(engine.select(lookup("occurrence", term=ox.NamedNode(iri))).rows)


def is_iri(text: str) -> bool:
    """Return whether a text can be an IRI (RFC 3987)."""
    try:
        return bool(ox.NamedNode(text))
    except ValueError:
        return False


def read(engine: Engine, iri: str, page: int = 1) -> Document | None:
    """Return a page of the document of a thing; None where no statement has the IRI, or there is no such page."""
    if not is_iri(iri):
        return None
    thing = ox.NamedNode(iri)
    statements = quads(engine, lookup("document-statements", thing=thing))
    counts = {
        text_of(predicate): int(text_of(count))
        for predicate, count in engine.select(lookup("incoming-counts", thing=thing)).rows
    }
    first = (page - 1) * MOST
    rows = engine.select(lookup("document-incoming", thing=thing, most=MOST, first=first)).rows
    incoming = tuple(_quad(graph, subject, predicate, thing) for graph, subject, predicate in rows)
    if not (statements or counts) or (page > 1 and not incoming):
        return None
    return with_names(engine, thing, statements, incoming, counts, page)


def with_names(
    engine: Engine,
    thing: ox.NamedNode,
    statements: tuple[ox.Quad, ...],
    incoming: tuple[ox.Quad, ...] = (),
    counts: Mapping[str, int] = MappingProxyType({}),
    page: int = 1,
) -> Document:
    """Return a document of some statements, with the names of all that they speak of."""
    terms = tuple(_terms(thing, (*statements, *incoming)))
    names = quads(engine, lookup("document-labels", terms=terms))
    return Document(thing, statements, incoming, counts, names, page)


def quads(engine: Engine, text: str) -> tuple[ox.Quad, ...]:
    """Return the statements that a lookup finds, with their graphs."""
    rows = engine.select(text).rows
    return tuple(sorted((_quad(*row) for row in rows), key=str))  # rows come in another order in each process


def _is_english(text: Term) -> bool:
    return isinstance(text, ox.Literal) and text.language in (None, "en")


def _quad(graph: Term, subject: Term, predicate: Term, object_: Term) -> ox.Quad:
    """Return the statement of a row, which SPARQL promises to be one."""
    return ox.Quad(subject, predicate, object_, graph)  # type: ignore[arg-type]


def _terms(thing: ox.NamedNode, quads: Iterable[ox.Quad]) -> dict[ox.NamedNode, None]:
    """Return every IRI of some statements, once."""
    found = {thing: None}
    for quad in quads:
        ends = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        found |= {term: None for term in ends if isinstance(term, ox.NamedNode)}
    return found
