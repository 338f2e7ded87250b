"""A query as a whole, and its sub-selects: columns, modifiers, prefixes and the dataset that it names."""

from dataclasses import dataclass

from readmission.engine.syntax.patterns import (
    AGGREGATES,
    NONE,
    Expression,
    Group,
    Names,
    Part,
    Pattern,
    Values,
    joined,
)
from readmission.engine.syntax.tokens import Token


@dataclass(frozen=True, eq=False)
class Projection:
    """A column of a SELECT: its variable, and the expression that it is the value of."""

    variable: Token
    expression: Expression | None = None

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.variable.text[1:]


@dataclass(frozen=True, eq=False)
class SolutionModifiers:
    """What stands after the pattern: GROUP BY with its ``AS``, HAVING, ORDER BY, LIMIT, OFFSET and VALUES."""

    expressions: tuple[Expression, ...] = ()
    grouped: Names = NONE
    words: Names = NONE
    """Its keywords."""
    values: Values | None = None


@dataclass(frozen=True, eq=False)
class Select(Part):
    """A query, or a sub-select. ``columns`` is None for ``*``, and for forms that have none."""

    form: str
    columns: tuple[Projection, ...] | None
    words: Names
    """The keywords of its modifiers, and its aggregates."""
    modifiers: SolutionModifiers
    inside: Names
    """What can be bound before columns are chosen."""
    iris: tuple[Token, ...]

    @classmethod
    def of(
        cls,
        place: tuple[int, int],
        form: str,
        columns: tuple[Projection, ...] | None,
        words: Names,
        group: Group,
        ending: SolutionModifiers,
        iris: tuple[Token, ...] = (),
    ) -> "Select":
        """Return a select from this group; a column that is computed is never certain."""
        visible, certain = group.visible | ending.grouped, group.certain
        if ending.values:
            visible, certain = visible | ending.values.visible, certain | ending.values.certain
        inside = visible
        if columns is not None:
            visible = frozenset(column.name for column in columns)
            certain &= {column.name for column in columns if column.expression is None}
        expressions = [column.expression for column in columns or () if column.expression]
        mentioned = joined(
            [inside, visible, group.mentioned, *(e.mentioned for e in (*expressions, *ending.expressions))]
        )
        words |= ending.words
        return cls(*place, (group,), visible, certain, mentioned, form, columns, words, ending, inside, iris)

    @property
    def group(self) -> Group:
        """Its pattern."""
        return self.groups[0]

    @property
    def is_single(self) -> bool:
        """Whether it has one row always: it counts all together."""
        return "GROUP" not in self.words and bool(self.words & AGGREGATES)


@dataclass(frozen=True, eq=False)
class QueryTree:
    """A query as read: its prefixes, the graphs of its FROM, and its outermost select."""

    text: str
    prefixes: dict[str, str]
    graphs: tuple[Token, ...]
    template: tuple[Pattern, ...]
    select: Select
    words: Names
    """All its keywords."""

    def iri(self, token: Token) -> str | None:
        """Return the IRI that a word stands for; None for a relative one, or a prefix not declared."""
        if token.kind == "iri":
            named = token.text[1:-1]
            return named if ":" in named else None
        prefix, _, local = token.text.partition(":")
        return self.prefixes[prefix] + local.replace("\\", "") if prefix in self.prefixes else None

    def with_text(self, start: int, end: int, text: str) -> str:
        """Return the text of the query with another text in one place."""
        return self.text[:start] + text + self.text[end:]
