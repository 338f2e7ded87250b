"""Statements of the engine as an rdflib graph, for what only rdflib and pySHACL can do; no literal is changed by it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node


def graph_of(quads: Iterable[ox.Quad]) -> Graph:
    """Return the statements as a graph; those with triple terms, which rdflib does not know, are left out."""
    graph = Graph(bind_namespaces="none")
    names: dict[str, URIRef] = {}  # an IRI is checked once, not at every place it stands
    with quiet():
        for quad in quads:
            if not isinstance(quad.object, ox.Triple) and not isinstance(quad.subject, ox.Triple):
                graph.add((
                    _term(quad.subject, names), _term(quad.predicate, names), _term(quad.object, names),
                ))  # fmt: skip
    return graph


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal, names: dict[str, URIRef]) -> Node:
    if isinstance(term, ox.NamedNode):
        return names.get(term.value) or names.setdefault(term.value, URIRef(term.value))
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep rdflib from logging a traceback for each literal without a value: ``checks`` tells of those."""
    logger = logging.getLogger("rdflib.term")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
