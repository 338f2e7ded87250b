"""Reads a query into patterns: recursive descent over its words, for texts that an engine has found to be SPARQL.

The engine's parser says what is a query; this one keeps the places of things, so that a text can be mended where it
stands. It takes linear time and a bounded depth, and raises UnclearQueryError rather than guess.
"""

from abc import abstractmethod

from readmission.engine.syntax.expressions import ExpressionParts, Expressions
from readmission.engine.syntax.patterns import (
    AGGREGATES,
    Bind,
    Expression,
    Filter,
    Group,
    Minus,
    Named,
    Names,
    Nested,
    Optional,
    Part,
    Pattern,
    Union,
    Values,
)
from readmission.engine.syntax.queries import Projection, QueryTree, Select, SolutionModifiers
from readmission.engine.syntax.tokens import Token, UnclearQueryError
from readmission.engine.syntax.triples import END


def read(text: str) -> QueryTree:
    """Return the query of a text; raises UnclearQueryError."""
    return _Queries(text).query()


class _Groups(Expressions):
    """Groups and what they are made of."""

    def group(self) -> Group:
        """Read ``{ … }``: a sub-select, or parts."""
        self.enter()
        start, parts = self.expect("{").start, list[Part]()
        if self.has("SELECT"):
            parts.append(self.select())
            self.expect("}")
        else:
            while not self.skip("}"):
                parts.append(self._part())
        self.leave()
        return Group.of(start, self.passed, parts)

    @abstractmethod
    def select(self) -> Select:
        """Read a sub-select."""

    def _part(self) -> Part:
        start, keyword = self.next.start, self.next.keyword
        reader = {
            "{": self._alternatives,
            "OPTIONAL": self._optional,
            "MINUS": self._minus,
            "GRAPH": self._named,
            "FILTER": self._filter,
            "BIND": self._bind,
            "VALUES": self.values,
        }.get(keyword)
        if keyword == "SERVICE":
            raise UnclearQueryError("what SERVICE finds is not known here")
        return reader(start) if reader else self.triples()

    def _closed(self) -> int:
        """Return where a part ends, with the full stop that may follow."""
        end = self.passed
        return self.passed if self.skip(".") else end

    def _alternatives(self, start: int) -> Part:
        branches = [self.group()]
        while self.skip("UNION"):
            branches.append(self.group())
        end = self._closed()
        return Union.of(start, end, branches) if branches[1:] else Nested.of(start, end, branches[0])

    def _optional(self, start: int) -> Part:
        self.take()
        group = self.group()
        return Optional.of(start, self._closed(), group)

    def _minus(self, start: int) -> Part:
        self.take()
        group = self.group()
        return Minus.of(start, self._closed(), group)

    def _named(self, start: int) -> Part:
        self.take()
        graph, group = self.take(), self.group()
        return Named.of(start, self._closed(), group, graph)

    def _filter(self, start: int) -> Part:
        self.take()
        first, expression = self.place, self.constraint()
        denied = self._denied(first, expression)
        return Filter.of(start, self._closed(), expression, denied)

    def _denied(self, first: int, expression: Expression) -> Group | None:
        """Return the pattern of a constraint that is nothing but NOT EXISTS, from word ``first`` to here."""
        if len(expression.groups) != 1:
            return None
        words = [token.keyword for token in self.words[first : first + 3]]
        bracketed = words == ["(", "NOT", "EXISTS"]
        last = self.words[self.place - (2 if bracketed else 1)]
        whole = (bracketed or words[:2] == ["NOT", "EXISTS"]) and last.end == expression.groups[0].end
        return expression.groups[0] if whole else None

    def _bind(self, start: int) -> Part:
        self.take()
        expression, alias = self.named()
        return Bind.of(start, self._closed(), expression, alias.text[1:])

    def values(self, start: int) -> Values:
        """Read a table of values."""
        self.take()
        bracketed = self.has("(")
        names = [token.text[1:] for token in self._row(bracketed)]
        self.expect("{")
        rows, iris, undefined = 0, list[Token](), set[str]()
        while not self.skip("}"):
            rows += 1
            row = self._row(bracketed)
            if len(row) != len(names):
                raise UnclearQueryError("a row of VALUES has as many values as there are variables")
            iris += [token for token in row if token.kind in ("iri", "name")]
            undefined |= {name for name, token in zip(names, row, strict=True) if token.keyword == "UNDEF"}
        return Values.of(start, self._closed(), names, undefined, rows, iris)

    def _row(self, bracketed: bool) -> list[Token]:
        if not bracketed:
            return [self._value()]
        self.expect("(")
        row: list[Token] = []
        while not self.skip(")"):
            row.append(self._value())
        return row

    def _value(self) -> Token:
        return self.take() if self.has("UNDEF") else self.node([])


class _Queries(_Groups):
    """Queries and sub-selects."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._template: list[Pattern] = []
        self._graphs: list[Token] = []

    def query(self) -> QueryTree:
        """Read the whole text."""
        prefixes: dict[str, str] = {}
        while self.has("PREFIX", "BASE"):
            if self.take().keyword == "PREFIX":
                prefix = self.take().text[:-1]
                prefixes[prefix] = self.take().text[1:-1]
            else:
                self.take()
        select = self.select()
        if self.next is not END:
            raise UnclearQueryError(f"{self.next.text[:50]!r} is not expected after the query")
        names = {token.text.partition(":")[0] for token in self.words if token.kind == "name"}
        if missing := names - prefixes.keys():
            raise UnclearQueryError(f"the prefix {min(missing)}: is not declared")
        words = frozenset(token.keyword for token in self.words)
        return QueryTree(self.text, prefixes, tuple(self._graphs), tuple(self._template), select, words)

    def select(self) -> Select:
        """Read a query of any form, or a sub-select."""
        self.enter()
        start, first, form = self.next.start, self.place, self.take().keyword
        columns = self._columns() if form == "SELECT" else None
        words = self._since(first) & (AGGREGATES | {"DISTINCT", "REDUCED"})
        described = self._described() if form == "DESCRIBE" else ()
        if form == "CONSTRUCT" and self.skip("{"):
            while not self.skip("}"):
                self._template += self.triples().patterns
        elif form not in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
            raise UnclearQueryError(f"{form or 'this'} is no form of query")
        while self.skip("FROM"):
            self.skip("NAMED")
            self._graphs.append(self.take())
        group = self._where(form)
        ending = self._ending()
        self.leave()
        return Select.of((start, self.passed), form, columns, words, group, ending, described)

    def _since(self, first: int) -> Names:
        return frozenset(token.keyword for token in self.words[first : self.place])

    def _columns(self) -> tuple[Projection, ...] | None:
        self.skip("DISTINCT", "REDUCED")
        if self.skip("*"):
            return None
        columns: list[Projection] = []
        while self.next.kind == "variable" or self.has("("):
            if self.has("("):
                expression, alias = self.named()
                columns.append(Projection(alias, expression))
            else:
                columns.append(Projection(self.take()))
        return tuple(columns)

    def _described(self) -> tuple[Token, ...]:
        found: list[Token] = []
        while self.next.kind in ("variable", "iri", "name") or self.has("*"):
            found.append(self.take())
        return tuple(token for token in found if token.kind in ("iri", "name"))

    def _where(self, form: str) -> Group:
        if self.skip("WHERE") or self.has("{"):
            return self.group()
        if form != "DESCRIBE":
            raise UnclearQueryError("a pattern is expected")
        return Group.of(self.passed, self.passed, ())

    def _ending(self) -> SolutionModifiers:
        """Read GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET as one run of words, and VALUES."""
        start, first, kept = self.next.start, self.place, ExpressionParts()
        found, grouped = list[Expression](), set[str]()
        while self.next is not END and not self.has("}", "VALUES"):
            kept.operand = False
            if self.has("("):
                expression, alias = self.bracketed()
                found.append(expression)
                grouped |= {alias.text[1:]} if alias else set()
            else:
                self.one(kept)
        found.append(kept.expression(start, self.passed))
        words = self._since(first)
        values = self.values(self.next.start) if self.has("VALUES") else None
        return SolutionModifiers(tuple(found), frozenset(grouped), words, values)
