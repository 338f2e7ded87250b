"""The Turtle files people edit, read into one named graph a file, with a place for every message.

``graph/instruments/eu/geo.ttl`` becomes the graph ``…/graph/instruments/eu/geo``;
``ontology/concepts.ttl`` becomes ``…/graph/ontology/concepts``.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from readmission import journal, ledger
from readmission.faults import UserFault
from readmission.resources import folder

BASE = "https://w3id.org/eu-readmission/"
GRAPHS = f"{BASE}graph/"

_PREFIX = re.compile(r"^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_TERM = re.compile(r"<([^>]*)>|([\w-]*):([\w.%~-]*[\w%~-])?")


@dataclass(frozen=True)
class Location:
    """A line of a fact file; shown as ``graph/instruments/eu/geo.ttl:12``."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class SyntaxFault(UserFault, ValueError):
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
        """The statements of the file; raises SyntaxFault when it is not Turtle."""
        try:
            parsed = ox.parse(self.text.encode(), format=ox.RdfFormat.TURTLE)
            return tuple(ox.Quad(q.subject, q.predicate, q.object, self.graph) for q in parsed)
        except SyntaxError as fault:
            raise SyntaxFault(Location(self.name, fault.lineno or 1), fault.msg) from fault

    @cached_property
    def _lines(self) -> dict[str, int]:
        return {subject: line for line, subject in self._subjects()}

    def _prefixes(self) -> dict[str, str]:
        found = (_PREFIX.match(line) for line in self.text.splitlines())
        return {match[1]: match[2] for match in found if match}

    def _subjects(self) -> Iterator[tuple[int, str]]:
        prefixes = self._prefixes()
        for number, line in enumerate(self.text.splitlines(), 1):
            if line[:1].strip() and not _PREFIX.match(line) and (term := _TERM.match(line)):
                yield number, _expand(term, prefixes)

    def locate(self, subject: str, predicate: str | None = None) -> Location | None:
        """Return the line of a subject, or of one of its predicates, or None where it does not stand."""
        start = self._lines.get(subject)
        if start is None:
            return None
        return Location(self.name, self._line_of(predicate, start) if predicate else start)

    def _line_of(self, predicate: str, start: int) -> int:
        prefixes = self._prefixes()
        lines = self.text.splitlines()
        for number in range(start, len(lines) + 1):
            line = lines[number - 1]
            if number > start and line[:1].strip() and line[0] != ".":
                break
            term = _TERM.match(line.strip())
            if term and _expand(term, prefixes) == predicate:
                return number
        return start


def _expand(term: re.Match[str], prefixes: dict[str, str]) -> str:
    if term[1] is not None:
        return term[1]
    return prefixes.get(term[2], f"{term[2]}:") + (term[3] or "")


@dataclass(frozen=True)
class Facts:
    """All files of the graph and the ontology, in the order of their names, and the ledger where it was read."""

    files: tuple[FactFile, ...]
    ledger: str | None = None

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

    def with_file(self, changed: FactFile) -> "Facts":
        """Return the same facts with one file replaced or added: for trying a change without writing it."""
        kept = tuple(changed if file.name == changed.name else file for file in self.files)
        return replace(self, files=kept if changed in kept else (*kept, changed))


def read(path: Path, top: Path, prefix: str) -> FactFile:
    """Read one Turtle file below ``top``; ``prefix`` is the folder's name as people see it."""
    inside = path.relative_to(top).as_posix()
    inside_graph = inside if prefix == "graph" else f"{prefix}/{inside}"
    graph = ox.NamedNode(GRAPHS + inside_graph.removesuffix(".ttl"))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as fault:
        place = Location(f"{prefix}/{inside}", path.read_bytes()[: fault.start].count(b"\n") + 1)
        raise SyntaxFault(place, "the file is not UTF-8; save it as UTF-8") from fault
    return FactFile(path, f"{prefix}/{inside}", graph, text)


def load(names: Iterable[str] = ("ontology", "graph")) -> Facts:
    """Read every Turtle file of the named data folders, and the ledger with the folder ``graph``."""
    chosen = tuple(names)
    with contextlib.ExitStack() as still:  # the ledger and the files as they are together
        for name in chosen:
            still.enter_context(journal.reading(folder(name)))
        files = tuple(file for name in chosen for file in _files(folder(name), name))
        return Facts(files, ledger.text(folder("graph")) if "graph" in chosen else None)


def below(top: Path, prefix: str) -> tuple[FactFile, ...]:
    """Read every Turtle file below ``top``, as they are together at one moment; ``prefix`` is as of ``read``."""
    with journal.reading(top):
        return tuple(_files(top, prefix))


def _files(top: Path, prefix: str) -> Iterator[FactFile]:
    return (read(path, top, prefix) for path in sorted(top.rglob("*.ttl")))
