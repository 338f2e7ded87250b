"""SHACL validation with pySHACL, the reference implementation, of all facts or of some subjects only.

Every shape is local to its node: the paths are plain properties, and of a value no more than its type is
asked. So the statements about a subject and the types of its values decide its findings.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from readmission.namespaces import BASE, NAMESPACES
from readmission.resources import folder
from readmission.sources.rdflib_graphs import graph_of, quiet

SHAPES = f"{BASE}shapes#"

_REMEDY = URIRef(f"{NAMESPACES['rdm']}remedy")
_TYPE = ox.NamedNode(str(RDF.type))
_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))
_SEVERITY = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}


class ShapeError(ValueError):
    """The shapes themselves cannot be used; says which and why."""


@dataclass(frozen=True)
class ShapeResult:
    """One SHACL result: which shape refuses which subject, in which property and for which value."""

    focus: str
    shape: str
    severity: str
    message: str
    remedy: str
    path: str
    value: str


class Shapes:
    """The shapes graph of ``shapes/*.ttl``, read once."""

    def __init__(self, files: Iterable[Path] | None = None) -> None:
        self.graph = Graph(bind_namespaces="none")
        for path in sorted(folder("shapes").glob("*.ttl")) if files is None else files:
            self.graph.parse(path, format="turtle")
        self._hand_targets_down()

    def _hand_targets_down(self) -> None:
        """Give each property shape the targets of its node shape, which means the same (SHACL section 2.1.3).

        pySHACL then asks a property of all subjects at once, five times faster than subject by subject.
        """
        for shape, target in list(self.graph.subject_objects(SH.targetClass)):
            for inner in list(self.graph.objects(shape, SH.property)):
                self.graph.add((inner, SH.targetClass, target))
        self.graph.remove((None, SH.property, None))

    def results(self, store: ox.Store, subjects: Collection[str] | None = None) -> list[ShapeResult]:
        """Validate every subject of a store, or only those given.

        Raises ShapeError when pySHACL cannot read a shape.
        """
        data = graph_of(store if subjects is None else _around(store, subjects))
        return sorted(
            {result for result in self._validate(data) if subjects is None or result.focus in subjects},
            key=lambda result: (result.focus, result.shape, result.value),
        )

    def _validate(self, data: Graph) -> Iterator[ShapeResult]:
        from pyshacl import validate  # a third of a second to load: only when something is validated

        with quiet():
            _, report, text = validate(data, shacl_graph=self.graph, inference="none", inplace=True)
        if not isinstance(report, Graph):  # pySHACL hands back its exception instead of raising it
            raise ShapeError(f"shapes/: {text}")
        for found in report.subjects(RDF.type, SH.ValidationResult):
            yield self._result(report, found)

    def _result(self, report: Graph, found: Node) -> ShapeResult:
        shape = report.value(found, SH.sourceShape)
        assert shape is not None
        severity = report.value(found, SH.resultSeverity)
        return ShapeResult(
            focus=str(report.value(found, SH.focusNode)),
            shape=str(shape).removeprefix(SHAPES),
            severity=_SEVERITY[URIRef(str(severity))],
            message=str(self.graph.value(shape, SH.message)),
            remedy=str(self.graph.value(shape, _REMEDY)),
            path=str(report.value(found, SH.resultPath) or ""),
            value=str(report.value(found, SH.value) or ""),
        )


def _around(store: ox.Store, subjects: Collection[str]) -> set[ox.Quad]:
    """What shapes see from some subjects: their statements, the values' types, and the class tree."""
    quads: set[ox.Quad] = set(store.quads_for_pattern(None, _SUBCLASS, None, None))
    for subject in subjects:
        node = ox.NamedNode(subject) if ":" in subject else ox.BlankNode(subject)
        for quad in store.quads_for_pattern(node, None, None, None):
            quads.add(quad)
            if isinstance(quad.object, ox.NamedNode | ox.BlankNode):
                quads.update(store.quads_for_pattern(quad.object, _TYPE, None, None))
    return quads
