"""The Turtle files people edit, read into one named graph a file, with a place for every message.

``graph/instruments/eu/geo.ttl`` becomes the graph ``…/graph/instruments/eu/geo``;
``ontology/concepts.ttl`` becomes ``…/graph/ontology/concepts``.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from readmission.errors import UserError
from readmission.files import journal
from readmission.files.encoding import EncodingError, decode
from readmission.namespaces import GRAPH_BASE
from readmission.resources import folder
from readmission.sources import ledger
from readmission.sources.places import Places


@dataclass(frozen=True)
class Location:
    """A line of a fact file; shown as ``graph/instruments/eu/geo.ttl:12``."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class FactSyntaxError(UserError, ValueError):
    """A file that is not Turtle, with its place and the way to mend it."""

    def __init__(self, location: Location, message: str) -> None:
        super().__init__(f"{location}: {message}")
        self.location, self.message = location, message


@dataclass(frozen=True)
class FactFile:
    """One Turtle file: where it lies, which named graph it is, and its text."""

    path: Path
    name: str
    graph: ox.NamedNode
    text: str = field(repr=False)

    @cached_property
    def quads(self) -> tuple[ox.Quad, ...]:
        """The statements of the file; raises FactSyntaxError when it is not Turtle."""
        try:
            parsed = ox.parse(self.text.encode(), format=ox.RdfFormat.TURTLE)
            return tuple(ox.Quad(q.subject, q.predicate, q.object, self.graph) for q in parsed)
        except SyntaxError as fault:
            raise FactSyntaxError(Location(self.name, fault.lineno or 1), fault.msg) from fault

    @cached_property
    def places(self) -> Places:
        """The lines on which things stand."""
        return Places.of(self.text)

    @cached_property
    def _anonymous(self) -> dict[str, int]:
        """The line of each blank node that is a subject and has no label, where the lines can be told apart."""
        seen = (quad.subject for quad in self.quads)
        labelled = {subject.removeprefix("_:") for subject, _ in self.places.lines}
        nodes = dict.fromkeys(node.value for node in seen if isinstance(node, ox.BlankNode))
        unnamed, lines = [node for node in nodes if node not in labelled], self.places.anonymous
        first = min(lines, default=1)
        return dict(
            zip(unnamed, lines if len(lines) == len(unnamed) else [first] * len(unnamed), strict=True)
        )

    def states(self, subject: str, predicate: str) -> bool:
        """Whether the file says this property of a subject."""
        return (subject, predicate) in self._properties

    @cached_property
    def _properties(self) -> frozenset[tuple[str, str]]:
        return frozenset((str(getattr(q.subject, "value", "")), q.predicate.value) for q in self.quads)

    def locate(self, subject: str, predicate: str | None = None) -> Location | None:
        """Return the line of a subject, or of one of its predicates, or None where it does not stand.

        A subject is an IRI, or a blank node as the statements name it.
        """
        lines = self.places.lines
        for key in (
            (subject, predicate),
            (subject, None),
            (f"_:{subject}", predicate),
            (f"_:{subject}", None),
        ):
            if line := lines.get(key):
                return Location(self.name, line)
        line = self._anonymous.get(subject)
        return Location(self.name, line) if line else None


@dataclass(frozen=True)
class Facts:
    """All files of the graph and the ontology, in the order of their names, and the ledgers where they were read."""

    files: tuple[FactFile, ...]
    ledgers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def quads(self) -> Iterator[ox.Quad]:
        """Every statement with its named graph."""
        for file in self.files:
            yield from file.quads

    def store(self) -> ox.Store:
        """Return a fresh store that holds every statement."""
        store = ox.Store()
        store.bulk_extend(self.quads)
        return store

    def locate(self, subject: str, predicate: str | None = None) -> Location | None:
        """Return the first place where a subject (or its predicate) is written."""
        places = (file.locate(subject, predicate) for file in self.files)
        return next((place for place in places if place), None)

    def find(self, path: str) -> FactFile:
        """Return the file of a path, or of a name as messages show it; one that is not among these is read.

        Raises FactSyntaxError when it is not UTF-8, and OSError when there is none.
        """
        resolved = Path(path).resolve()
        known = {file.path.resolve(): file for file in self.files}
        if not resolved.exists():
            known |= {Path(file.name).resolve(): file for file in self.files}
        return known.get(resolved) or read_file(Path(path))

    def with_file(self, changed: FactFile) -> "Facts":
        """Return the same facts with one file replaced or added: for trying a change without writing it."""
        kept = tuple(changed if file.name == changed.name else file for file in self.files)
        return replace(self, files=kept if changed in kept else (*kept, changed))


def read(path: Path, top: Path, prefix: str) -> FactFile:
    """Read one Turtle file below ``top``; ``prefix`` is the folder's name as people see it."""
    inside = path.relative_to(top).as_posix()
    return _read(path, f"{prefix}/{inside}", inside if prefix == "graph" else f"{prefix}/{inside}")


def read_file(path: Path) -> FactFile:
    """Read one Turtle file from anywhere; messages show the path as it is given."""
    return _read(path, path.as_posix(), f"draft/{path.resolve().as_posix().lstrip('/')}")


def _read(path: Path, name: str, inside: str) -> FactFile:
    graph = ox.NamedNode(GRAPH_BASE + quote(inside.removesuffix(".ttl")))
    try:
        text = decode(path.read_bytes(), name)
    except EncodingError as fault:
        raise FactSyntaxError(Location(name, fault.line), fault.message) from fault
    return FactFile(path, name, graph, text)


def load(names: Iterable[str] = ("ontology", "graph")) -> Facts:
    """Read every Turtle file of the named data folders, and the ledgers with the folder ``graph``."""
    chosen = tuple(names)
    with contextlib.ExitStack() as still:  # the ledgers and the files as they are together
        for name in chosen:
            still.enter_context(journal.reading(folder(name)))
        files = tuple(file for name in chosen for file in _files(folder(name), name))
        return Facts(files, ledger.read_texts(folder("graph")) if "graph" in chosen else {})


def read_folder(top: Path, prefix: str) -> tuple[FactFile, ...]:
    """Read every Turtle file below ``top``, as they are together at one moment; ``prefix`` is as of ``read``."""
    with journal.reading(top):
        return tuple(_files(top, prefix))


def _files(top: Path, prefix: str) -> Iterator[FactFile]:
    return (read(path, top, prefix) for path in sorted(top.rglob("*.ttl")))
