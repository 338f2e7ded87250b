"""The ontology as a document: its files as statements, and each term with what uses it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from readmission import questions
from readmission.engine.interface import Engine, text_of
from readmission.namespaces import BASE, GRAPH_BASE, NAMESPACES
from readmission.query_files import lookup
from readmission.web.publication import documents
from readmission.web.publication.document_page import Line, Part, part
from readmission.web.publication.documents import Document

ONTOLOGY = f"{BASE}ontology"
FILES = ("readmission", "policy", "derived", "internal", "terms", "alignments")
"""The files that ``/ontology`` holds; the codelists have documents of their own."""
_TERMS, _OWL, _RDFS, _SKOS = (NAMESPACES[name] for name in ("rdm", "owl", "rdfs", "skos"))
_VERSION = ox.NamedNode(f"{_OWL}versionIRI")
_DEFINED_BY, _CLASS = f"{_RDFS}isDefinedBy", f"{_OWL}Class"
_LABEL, _DEFINITION, _EXAMPLE = f"{_RDFS}label", f"{_SKOS}definition", f"{_SKOS}example"
_TOLD_APART = (_DEFINED_BY, _LABEL, _DEFINITION, _EXAMPLE)
_TERM_NAME = re.compile(r"\brdm:(\w+)")


@dataclass(frozen=True)
class TermEntry:
    """A class or property: what is stated of it, how often it is used, a thing that uses it, questions that do."""

    local: str
    is_class: bool
    part: Part
    uses: int
    thing: str
    questions: tuple[str, ...]

    @property
    def definition(self) -> str:
        """What it means."""
        return self._first(_DEFINITION)

    @property
    def example(self) -> str:
        """An example of it, in words or as a name."""
        return self._first(_EXAMPLE)

    @property
    def labels(self) -> Line | None:
        """What it is called, in each language."""
        return next((line for line in self.part.lines if line.iri == _LABEL), None)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What else is stated of it."""
        return tuple(line for line in self.part.lines if line.iri not in _TOLD_APART)

    def _first(self, predicate: str) -> str:
        return next((line.values[0].text for line in self.part.lines if line.iri == predicate), "")


@dataclass(frozen=True)
class Module:
    """One file of the ontology with its terms, by name, classes first."""

    local: str
    part: Part
    terms: tuple[TermEntry, ...]


def read(engine: Engine, path: str = "") -> Document | None:
    """Return the document of the ontology or of one of its files; None where there is none.

    The path is what stands behind ``ontology/``: a file such as ``derived``, a version such as ``0.1.0``, or both.
    """
    if not documents.is_iri(f"{ONTOLOGY}/{path}"):
        return None
    name, _, version = path.partition("/")
    if name[:1].isdigit():
        name, version = "", name
    module = ox.NamedNode(f"{ONTOLOGY}/{name}" if name else ONTOLOGY)
    graphs = tuple(ox.NamedNode(f"{GRAPH_BASE}ontology/{file}") for file in ([name] if name else FILES))
    statements = documents.quads(engine, lookup("ontology-statements", graphs=graphs))
    stated = ox.Triple(module, _VERSION, ox.NamedNode(f"{ONTOLOGY}/{path}"))
    if not statements or (version and all(quad.triple != stated for quad in statements)):
        return None
    return documents.with_names(engine, module, _canonical(statements))


def _canonical(statements: tuple[ox.Quad, ...]) -> tuple[ox.Quad, ...]:
    """Return statements whose blank nodes have the same names in each process (RDF Dataset Canonicalization 1.0)."""
    found = ox.Dataset(statements)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(sorted(found, key=str))


def modules(engine: Engine, document: Document) -> tuple[Module, ...]:
    """Return the files of a document with their terms."""
    uses = {
        text_of(term): (int(text_of(count)), text_of(thing))
        for term, count, thing in engine.select(lookup("term-uses")).rows
    }
    askers = _questions_by_term()
    found: dict[str, list[TermEntry]] = {}
    for home, iri in _terms(document):
        local = iri.removeprefix(_TERMS)
        entry = part(document, iri)
        is_class = any(each.iri == _CLASS for each in entry.types)
        count, thing = uses.get(iri, (0, ""))
        found.setdefault(home, []).append(
            TermEntry(local, is_class, entry, count, thing, askers.get(local, ()))
        )
    return tuple(
        Module(home.removeprefix(ONTOLOGY).strip("/"), part(document, home), tuple(sorted(terms, key=_order)))
        for home, terms in sorted(found.items())
    )


def _terms(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the IRI of each term of ours, after that of the file that defines it."""
    for quad in document.statements:
        iri = text_of(quad.subject)
        if quad.predicate.value == _DEFINED_BY and iri.startswith(_TERMS):
            yield text_of(quad.object), iri


def _order(term: TermEntry) -> tuple[bool, str]:
    return not term.is_class, term.local.lower()


def _questions_by_term() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the questions in whose text a term stands, by the term's local name."""
    found: dict[str, list[str]] = {}
    for name, question in questions.load().items():
        for local in sorted(set(_TERM_NAME.findall(question.text))):
            found.setdefault(local, []).append(name)
    return {local: tuple(names) for local, names in found.items()}
