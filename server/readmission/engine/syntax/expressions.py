"""Reads expressions: only their variables, their names and the patterns of their EXISTS are kept."""

from abc import ABC, abstractmethod

from readmission.engine.syntax.patterns import Expression, Group
from readmission.engine.syntax.tokens import Token, UnclearQueryError
from readmission.engine.syntax.triples import TERMS, Terms


class Expressions(Terms, ABC):
    """Expressions between brackets, constraints, and runs of them."""

    @abstractmethod
    def group(self) -> Group:
        """Read the group of an EXISTS."""

    def bracketed(self) -> tuple[Expression, Token | None]:
        """Read ``( … )`` to its end, with the variable of its ``AS``."""
        start, alias, kept = self.expect("(").start, None, ExpressionParts()
        depth = 1
        while depth:
            if depth == 1 and self.skip("AS"):
                alias = self.take()
            else:
                depth += self.one(kept)
        return kept.expression(start, self.passed), alias

    def named(self) -> tuple[Expression, Token]:
        """Read ``( … AS ?variable )``."""
        expression, alias = self.bracketed()
        if alias is None:
            raise UnclearQueryError("an expression without a name")
        return expression, alias

    def constraint(self) -> Expression:
        """Read a constraint: in brackets, a call, or EXISTS (rule 69)."""
        start, kept = self.next.start, ExpressionParts()
        if self.has("NOT", "EXISTS"):
            self.skip("NOT")
            self.one(kept)
        else:
            if not self.has("("):
                self.one(kept)
            kept.add(self.bracketed()[0])
        return kept.expression(start, self.passed)

    def one(self, kept: "ExpressionParts") -> int:
        """Take one word of an expression; returns how many brackets it opens."""
        if self.skip("EXISTS"):
            kept.groups.append(self.group())
            kept.operand = True
            return 0
        token = self.take()
        if token.keyword in ("{", "}", "[", "]"):
            raise UnclearQueryError(f"{token.text} is not expected in an expression")
        operand = token.kind in TERMS
        if operand and kept.operand:  # ?a<?b&&?c>?d: some see an IRI there, others two comparisons
            raise UnclearQueryError(f"{token.text[:50]!r} may be read in two ways")
        kept.operand = operand or token.text == ")"
        kept.take(token)
        return {"(": 1, ")": -1}.get(token.keyword, 0)


class ExpressionParts:
    """What is kept of an expression while it is read."""

    def __init__(self) -> None:
        self.variables: list[Token] = []
        self.groups: list[Group] = []
        self.iris: list[Token] = []
        self.operand = False
        """Whether the last word was an operand, so that no other can follow."""

    def take(self, token: Token) -> None:
        """Keep a word if it is a variable or a name."""
        if token.kind == "variable":
            self.variables.append(token)
        elif token.kind in ("iri", "name"):
            self.iris.append(token)

    def add(self, expression: Expression) -> None:
        """Keep what another expression holds."""
        self.variables += expression.variables
        self.groups += expression.groups
        self.iris += expression.iris

    def expression(self, start: int, end: int) -> Expression:
        """Return the expression as kept."""
        return Expression(start, end, tuple(self.variables), tuple(self.groups), tuple(self.iris))
