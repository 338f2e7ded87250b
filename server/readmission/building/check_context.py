"""The facts laid out for their checks, and the form of what these find: file, line, what is wrong, how to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import pyoxigraph as ox

from readmission.building import rules
from readmission.building.datatypes import XSD, is_ill_typed
from readmission.building.shapes import Shapes
from readmission.dates import EDTF, bounds
from readmission.engine.interface import text_of
from readmission.errors import DateError
from readmission.namespaces import BASE, ID, NAMESPACES
from readmission.sources.fact_files import FactFile, Facts, Location

TYPE = ox.NamedNode(f"{NAMESPACES['rdf']}type")
LAST_RULE = 70
"""The last rule that conditions need: they read bounds, periods and who is bound; coverage follows from these."""
_PREFIXES = (ID, BASE)


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: where it stands, how grave it is, what is wrong, how to mend it, and which check says so."""

    path: str
    line: int
    severity: str
    shape: str
    focus: str
    message: str
    remedy: str

    @property
    def location(self) -> Location:
        """File and line of the subject, or of the property at fault."""
        return Location(self.path, self.line)

    def __str__(self) -> str:
        return f"{self.location}: {self.severity}: {self.message.rstrip('.')}: {self.remedy}"


class CheckContext:
    """What checks work on: the facts in a store, a store with derived statements, and each subject's place.

    Raises FactSyntaxError when a file is not Turtle.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.store = facts.store()
        self._ill_typed: list[ox.Quad] = []
        self.value_findings = sorted(self._check_values())

    @cached_property
    def mentions(self) -> dict[str, tuple[FactFile, ...]]:
        """The files that say something about each subject: those that give it a type come first."""
        found: dict[str, dict[str, tuple[bool, FactFile]]] = {}
        for file in self.facts.files:
            for quad in file.quads:
                if not isinstance(quad.subject, ox.Triple):
                    files = found.setdefault(quad.subject.value, {})
                    typed = quad.predicate == TYPE or (file.name in files and files[file.name][0])
                    files[file.name] = typed, file
        return {
            subject: tuple(file for _, file in sorted(files.values(), key=lambda each: not each[0]))
            for subject, files in found.items()
        }

    def _check_values(self) -> Iterator[Finding]:
        """Yield faulty literals, and keep their statements in mind: no rule can compute with them."""
        for file in self.facts.files:
            for quad in file.quads:
                if isinstance(quad.object, ox.Literal) and (fault := _value_error(quad.object)):
                    place = file.locate(text_of(quad.subject), quad.predicate.value) or Location(file.name, 1)
                    shape, what, remedy = fault
                    yield Finding(
                        place.path, place.line, "violation", shape, text_of(quad.subject), what, remedy
                    )
                    self._ill_typed.append(quad)

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes, read once for all files that are asked for."""
        return Shapes()

    @cached_property
    def derived(self) -> ox.Store:
        """A second store: the asserted statements and what conditions need the rules to derive from them."""
        store = ox.Store()
        store.bulk_extend(self.store)
        for quad in self._ill_typed:
            store.remove(quad)
        rules.derive(store, last=LAST_RULE)
        return store

    def finding(
        self, focus: str, path: str, shape: str, message: str, remedy: str, severity: str = "violation"
    ) -> Finding:
        """Give a fault its place: the line of the property, else of the subject, else where it is spoken of."""
        place = self._place(focus, path)
        return Finding(place.path, place.line, severity, shape, focus, message, remedy)

    def _place(self, focus: str, path: str) -> Location:
        files = self.mentions.get(focus, ())
        stated = (file.locate(focus, path) for file in files if path and file.states(focus, path))
        return next(
            chain((place for place in stated if place), (file.locate(focus) for file in files)), None
        ) or self._mention_of(focus)

    def _mention_of(self, name: str) -> Location:
        """Return where something that no file describes is used; terms of other vocabularies are such things."""
        for file in self.facts.files:
            for quad in file.quads:
                if name in (quad.predicate.value, text_of(quad.object)):
                    return file.locate(text_of(quad.subject), quad.predicate.value) or Location(file.name, 1)
        return Location("graph", 1)


def _value_error(value: ox.Literal) -> tuple[str, str, str] | None:
    """Return which rule a literal breaks, what is wrong with it, and how to mend it."""
    datatype = value.datatype.value
    if datatype == EDTF:
        try:
            bounds(value.value)
        except DateError as fault:
            return "StatedDate", fault.what, f"{fault.remedy[:1].upper()}{fault.remedy[1:]}."
    elif is_ill_typed(value.value, datatype):
        name = f"xsd:{datatype.removeprefix(XSD)}"
        return (
            "IllTyped",
            f"{shorten(value.value)!r} is no {name}",
            f"Write a value that {name} has, or mend the type.",
        )
    return None


def shorten(text: str) -> str:
    """Return a text as a message shows it: without the beginnings of our IRIs, and not too long."""
    for base in _PREFIXES:
        text = text.replace(base, "")
    return text if len(text) <= 120 else text[:119] + "…"
