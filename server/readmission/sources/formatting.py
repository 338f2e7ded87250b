"""The one form of a fact file: long Turtle, subjects and predicates sorted, one object a line.

In an ontology the classes come first, then properties, individuals, and annotation properties, each kind by name.

Two people who state the same fact write the same bytes, so that a difference between two versions is a change. The form
never changes a statement: a literal keeps its lexical form (RDF 1.1 Concepts, section 3.3), and what would come out
different is refused.
"""

import io
import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
from rdflib import OWL, RDF, XSD, Graph, Literal
from rdflib.plugins.serializers.longturtle import LongTurtleSerializer
from rdflib.term import Node

from readmission.engine.interface import text_of
from readmission.errors import UserError
from readmission.files import journal
from readmission.files.journal import FileChange
from readmission.namespaces import NAMESPACES
from readmission.resources import FOLDERS, folder
from readmission.sources.fact_files import FactFile, FactSyntaxError, Location
from readmission.sources.rdflib_graphs import graph_of, quiet

_PLAIN = {
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.double: re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+"),
    XSD.boolean: re.compile("true|false"),
}
"""What Turtle reads as a literal of these types without quotes (RDF 1.2 Turtle, section 6.5)."""
_KINDS: tuple[set[Node], ...] = (
    {OWL.Ontology}, {OWL.Class}, {OWL.ObjectProperty, OWL.DatatypeProperty}, set(), {OWL.AnnotationProperty},
)  # fmt: skip
"""The kinds of subjects in their order; those of no other kind are in the place of the empty one."""
_INDIVIDUAL = 3
_INVENTED = re.compile(r"^PREFIX (ns\d+): <(.*)>$", re.MULTILINE)


class FormattingError(UserError, ValueError):
    """Statements that the form would change; nothing is written then."""


def canonical(text: str) -> str:
    """Return Turtle in the form the repository keeps; raises SyntaxError when it is no Turtle.

    Comments are no statements and are not kept: write a skos:editorialNote. Raises FormattingError for statements that
    the form cannot hold.
    """
    graph = Graph(bind_namespaces="none")
    stated = add(graph, text)
    written = serialize(graph)
    if invented := _INVENTED.search(written):
        raise FormattingError(
            f"the prefix {invented[1]}: says nothing; write another one for <{invented[2]}>"
        )
    if stated != _canonicalize(ox.parse(written.encode(), format=ox.RdfFormat.TURTLE)):
        raise FormattingError(
            "a statement would be changed by it; state it in another way, or report this as a fault"
        )
    return written


def add(graph: Graph, text: str) -> ox.Dataset:
    """Add the statements and prefixes of a Turtle text to a graph, literals as they are; return the statements."""
    parser = ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)
    stated = _canonicalize(parser)
    graph += graph_of(sorted(stated, key=str))
    for prefix, namespace in {**parser.prefixes, **_needed_prefixes(graph)}.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    return stated


def _needed_prefixes(graph: Graph) -> dict[str, str]:
    """Return the part of the one table whose namespaces hold a property: facts are read by their properties."""
    names = {str(name) for name in graph.predicates(unique=True) if name != RDF.type}
    spaces = {name[: max(name.rfind("#"), name.rfind("/")) + 1] for name in names}
    return {prefix: space for prefix, space in NAMESPACES.items() if space in spaces}


def serialize(graph: Graph) -> str:
    """Return a graph in the form the repository keeps."""
    page = io.BytesIO()
    with quiet():
        _Serializer(graph).serialize(page)  # type: ignore[no-untyped-call]
    return page.getvalue().decode()


class _Serializer(LongTurtleSerializer):
    """Writes each literal as it is: rdflib's own writes the value that it has read from it."""

    def label(self, node: Node, position: int) -> str:
        if not isinstance(node, Literal):
            return str(super().label(node, position))  # type: ignore[no-untyped-call]
        if node.language:
            return f"{_quote(str(node))}@{_language(node.language)}"
        if node.datatype in (None, XSD.string):
            return _quote(str(node))
        plain = _PLAIN.get(node.datatype)
        if plain and plain.fullmatch(node):
            return str(node)
        name = self.get_pname(node.datatype, False)
        return f"{_quote(str(node))}^^{name or node.datatype.n3()}"

    def get_pname(self, uri: Node, gen_prefix: bool = False) -> str | None:
        """Return the name with its prefix, or None where its namespace has none: rdflib would invent one."""
        return super().get_pname(uri, gen_prefix=False)  # type: ignore[no-untyped-call, no-any-return]

    def orderSubjects(self) -> list[Node]:  # noqa: N802
        """Return the subjects, those of an ontology by their kind; individuals keep the order that rdflib gives."""
        kinds = {subject: self._kind(subject) for subject in super().orderSubjects()}
        return sorted(
            kinds, key=lambda subject: (kinds[subject], "" if kinds[subject] == _INDIVIDUAL else subject)
        )

    def _kind(self, subject: Node) -> int:
        types: set[Node] = set(self.store.objects(subject, RDF.type))
        return next((place for place, kind in enumerate(_KINDS) if types & kind), _INDIVIDUAL)

    def buildPredicateHash(self, subject: Node) -> dict[Node, list[Node]]:  # noqa: N802
        """Return the objects of each predicate; those that rdflib finds equal come in the order of their text."""
        found = super().buildPredicateHash(subject)
        return {predicate: sorted(objects, key=_text) for predicate, objects in found.items()}


def _text(node: Node) -> tuple[str, str]:
    return str(node), str(getattr(node, "language", None) or getattr(node, "datatype", None) or "")


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("\r", "\\r")
    if "\n" not in text:
        return '"' + escaped.replace('"', '\\"') + '"'
    escaped = escaped.replace('"""', '\\"\\"\\"')
    if re.search(r'(?<!\\)(?:\\\\)*"\Z', escaped):
        escaped = escaped[:-1] + '\\"'
    return f'"""{escaped}"""'


def _language(tag: str) -> str:
    """Return a language tag as RFC 5646, section 2.1.1, recommends: ``en-GB``, ``sr-Latn``."""
    first, *others = tag.lower().split("-")
    parts = [first]
    for part in others:
        single = any(len(before) == 1 for before in parts)
        plain = single or len(part) not in (2, 4) or part[0].isdigit()
        parts.append(part if plain else part.upper() if len(part) == 2 else part.title())
    return "-".join(parts)


def _canonicalize(quads: Iterable[ox.Quad]) -> ox.Dataset:
    """Return statements with blank nodes named by what is said of them (RDFC-1.0), so that two sets compare."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def rewrite(files: list[FactFile]) -> list[Path]:
    """Bring files into canonical form, all or none of a data folder, and return those that changed.

    Raises FactSyntaxError for a file that is no Turtle or states what the form cannot hold, and WriteError for one
    that has changed since it was read; no file is changed then.
    """
    changed: dict[Path, list[FileChange]] = {}
    for file, wanted in [(file, _format_file(file)) for file in files]:
        if wanted.encode() != file.path.read_bytes():
            changed.setdefault(_top(file), []).append(FileChange(file.path, file.text, wanted))
    for top, changes in changed.items():
        journal.write(top, changes, f"the formatting of {top.name}")
    return [change.path for changes in changed.values() for change in changes]


def _top(file: FactFile) -> Path:
    """Return the data folder that a file lies in, or, for a file from elsewhere, its own folder."""
    name = file.name.partition("/")[0]
    return folder(name) if name in FOLDERS and file.path.is_relative_to(folder(name)) else file.path.parent


def _format_file(file: FactFile) -> str:
    for quad in file.quads:
        if isinstance(quad.object, ox.Triple) or (
            isinstance(quad.object, ox.Literal) and quad.object.direction
        ):
            raise FactSyntaxError(
                _place(file, quad),
                "an annotation, a triple term or a base direction (RDF 1.2) is not kept in fact files; state what is "
                "said of a statement as a thing with a name, as evidence is",
            )
    try:
        return canonical(file.text)
    except FormattingError as fault:
        raise FactSyntaxError(Location(file.name, 1), str(fault)) from fault


def _place(file: FactFile, quad: ox.Quad) -> Location:
    """Return the line of a statement; of a reifier that is no subject itself, the line of what it reifies."""
    reified = quad.object.subject if isinstance(quad.object, ox.Triple) else quad.subject
    places = (file.locate(text_of(term), quad.predicate.value) for term in (quad.subject, reified))
    return next((place for place in places if place), Location(file.name, 1))
