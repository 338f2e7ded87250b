"""The parts of a query's patterns: where they stand, and which variables they bind (SPARQL 1.1 Query, section 18)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from readmission.engine.syntax.tokens import Token

Names = frozenset[str]
NONE: Names = frozenset()
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})


def joined(sets: Iterable[Names]) -> Names:
    """Return the union of sets of variables."""
    return NONE.union(*sets)


@dataclass(frozen=True, eq=False)
class Path:
    """A predicate: one term, or a property path.

    ``nullable`` when it can hold between a node and itself, ``forward`` when it goes from subjects to objects only.
    """

    term: Token | None
    iris: tuple[Token, ...] = ()
    nullable: bool = False
    forward: bool = True


@dataclass(frozen=True, eq=False)
class Pattern:
    """A triple pattern; blank nodes without a label have names of their own that begin with ``_``."""

    subject: Token
    path: Path
    object: Token

    @cached_property
    def variables(self) -> Names:
        """The variables of subject, predicate and object."""
        terms = (self.subject, self.path.term, self.object)
        return frozenset(term.variable for term in terms if term and term.variable)

    @property
    def is_of_one(self) -> bool:
        """Whether it says something of one thing that is named: a handful of solutions at most."""
        return self.subject.kind in ("iri", "name") and not (self.path.term and self.path.term.variable)

    @property
    def ends(self) -> Names:
        """Variables and blank nodes: what this pattern can be joined by."""
        blank = {term.text for term in (self.subject, self.object) if term.kind == "blank"}
        return self.variables | blank


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a group, from the offset ``start`` to ``end``, with the groups that it is made of."""

    start: int
    end: int
    groups: tuple["Group", ...]
    visible: Names
    """Variables that a solution can bind."""
    certain: Names
    """Variables that every solution binds."""
    mentioned: Names
    """Variables in the text, bound or not."""


@dataclass(frozen=True, eq=False)
class Group(Part):
    """What stands between two braces."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, start: int, end: int, parts: Iterable[Part]) -> "Group":
        """Return a group of these parts."""
        parts = tuple(parts)
        visible, certain = (joined(part.visible for part in parts), joined(part.certain for part in parts))
        return cls(start, end, (), visible, certain, joined(part.mentioned for part in parts), parts)

    @property
    def filters(self) -> list["Filter"]:
        """The filters of this group itself."""
        return [part for part in self.parts if isinstance(part, Filter)]


@dataclass(frozen=True, eq=False)
class Expression:
    """The variables of an expression, the patterns of its EXISTS, and the names in it."""

    start: int
    end: int
    variables: tuple[Token, ...] = ()
    groups: tuple[Group, ...] = ()
    iris: tuple[Token, ...] = ()

    @cached_property
    def mentioned(self) -> Names:
        """All variables, those of EXISTS too."""
        own = frozenset(token.text[1:] for token in self.variables)
        return own | joined(group.mentioned for group in self.groups)


@dataclass(frozen=True, eq=False)
class Triples(Part):
    """Triple patterns about one subject; ``dotted`` when a full stop follows."""

    patterns: tuple[Pattern, ...]
    dotted: bool

    @classmethod
    def of(cls, start: int, end: int, patterns: Iterable[Pattern], dotted: bool) -> "Triples":
        """Return triples of these patterns."""
        patterns = tuple(patterns)
        names = joined(pattern.variables for pattern in patterns)
        return cls(start, end, (), names, names, names, patterns, dotted)


@dataclass(frozen=True, eq=False)
class Nested(Part):
    """``{ … }`` by itself."""

    @classmethod
    def of(cls, start: int, end: int, group: Group) -> "Nested":
        """Return a group as a part of another."""
        return cls(start, end, (group,), group.visible, group.certain, group.mentioned)


@dataclass(frozen=True, eq=False)
class Optional(Part):
    """``OPTIONAL { … }``."""

    @classmethod
    def of(cls, start: int, end: int, group: Group) -> "Optional":
        """Return an OPTIONAL of a group."""
        return cls(start, end, (group,), group.visible, NONE, group.mentioned)


@dataclass(frozen=True, eq=False)
class Minus(Part):
    """``MINUS { … }``."""

    @classmethod
    def of(cls, start: int, end: int, group: Group) -> "Minus":
        """Return a MINUS of a group."""
        return cls(start, end, (group,), NONE, NONE, group.mentioned)


@dataclass(frozen=True, eq=False)
class Named(Part):
    """``GRAPH name { … }``."""

    graph: Token

    @classmethod
    def of(cls, start: int, end: int, group: Group, graph: Token) -> "Named":
        """Return a group within a graph; a variable that names it is always bound."""
        name = frozenset({graph.variable}) if graph.variable else NONE
        sets = (group.visible | name, group.certain | name, group.mentioned | name)
        return cls(start, end, (group,), *sets, graph)


@dataclass(frozen=True, eq=False)
class Union(Part):
    """``{ … } UNION { … }``, two branches at least."""

    @classmethod
    def of(cls, start: int, end: int, branches: Iterable[Group]) -> "Union":
        """Return the union of groups; certain is only what each of them binds."""
        branches = tuple(branches)
        visible, mentioned = (
            joined(group.visible for group in branches),
            joined(g.mentioned for g in branches),
        )
        certain = branches[0].certain.intersection(*(group.certain for group in branches))
        return cls(start, end, branches, visible, certain, mentioned)


@dataclass(frozen=True, eq=False)
class Filter(Part):
    """``FILTER …``; ``denied`` is the pattern of a filter that is nothing but NOT EXISTS."""

    expression: Expression
    denied: Group | None

    @classmethod
    def of(cls, start: int, end: int, expression: Expression, denied: Group | None) -> "Filter":
        """Return a filter of an expression."""
        return cls(start, end, expression.groups, NONE, NONE, expression.mentioned, expression, denied)


@dataclass(frozen=True, eq=False)
class Bind(Part):
    """``BIND(expression AS ?variable)``: an expression that fails binds nothing, so it is never certain."""

    expression: Expression
    variable: str

    @classmethod
    def of(cls, start: int, end: int, expression: Expression, variable: str) -> "Bind":
        """Return the binding of an expression to a variable."""
        name = frozenset({variable})
        return cls(
            start, end, expression.groups, name, NONE, expression.mentioned | name, expression, variable
        )


@dataclass(frozen=True, eq=False)
class Values(Part):
    """``VALUES``: its number of rows, the variables that have UNDEF somewhere, and the names in it."""

    undefined: Names
    rows: int
    iris: tuple[Token, ...]

    @classmethod
    def of(
        cls,
        start: int,
        end: int,
        names: Iterable[str],
        undefined: Iterable[str],
        rows: int,
        iris: Iterable[Token],
    ) -> "Values":
        """Return a table of values."""
        known, open_ = frozenset(names), frozenset(undefined)
        return cls(start, end, (), known, known - open_, known, open_, rows, tuple(iris))
