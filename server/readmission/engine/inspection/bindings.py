"""Variables that nothing binds: in filters, expressions, columns and templates."""

from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz, process

from readmission.engine.inspection.findings import QueryWarning
from readmission.engine.syntax.patterns import NONE, Bind, Expression, Filter, Group, Names, Optional, joined
from readmission.engine.syntax.queries import QueryTree, Select
from readmission.engine.syntax.tokens import Token

MEANT = "unbound"
"""The name of a variable that is meant to have no value, as in IF(…, ?x, ?unbound)."""

Use = tuple[Token, str]
"""A variable in the text, and what it is used for."""


def unbound_variables(query: QueryTree) -> Iterator[QueryWarning]:
    """Find the variables that are used where nothing binds them."""
    everywhere = _everywhere(query.select)
    seen: set[str] = set()
    for token, what in _of_query(query):
        name = token.text[1:]
        if name not in seen and name != MEANT:
            seen.add(name)
            yield _finding(query.text, token, what, everywhere)


def _finding(text: str, token: Token, what: str, everywhere: Names) -> QueryWarning:
    name = token.text[1:]
    if name in everywhere:
        told = (
            f"?{name} is {what}, but is not bound there: what stands in braces sees only what these braces bind. "
            f"Move it to where ?{name} is bound."
        )
        return QueryWarning("never-bound", told, token.start)
    told = f"?{name} is {what}, but nothing binds it, so it has no value in any row."
    near = process.extractOne(name, sorted(everywhere), scorer=fuzz.ratio, score_cutoff=70)
    if near is None:
        return QueryWarning("never-bound", told, token.start)
    mended = f"{text[: token.start]}?{near[0]}{text[token.end :]}"
    return QueryWarning("never-bound", f"{told} Did you mean ?{near[0]}?", token.start, mended)


def _everywhere(select: Select) -> Names:
    def below(group: Group) -> Iterator[Names]:
        yield group.visible
        for part in group.parts:
            if isinstance(part, Select):
                yield part.inside
            for nested in part.groups:
                yield from below(nested)

    return select.inside | joined(below(select.group))


def _of_query(query: QueryTree) -> Iterator[Use]:
    yield from _of_select(query.select)
    for pattern in query.template:
        for term in (pattern.subject, pattern.path.term, pattern.object):
            if term and term.variable and term.variable not in query.select.inside:
                yield term, "in the template"


def _of_select(select: Select) -> Iterator[Use]:
    known = select.inside
    for column in select.columns or ():
        if column.expression is None:
            yield from _missing([column.variable], known, "selected")
        else:
            yield from _missing(column.expression.variables, known, "used in a column")
            known |= {column.name}
    for modifier in select.modifiers.expressions:
        yield from _missing(modifier.variables, known, "used to group or order")
    yield from _of_group(select.group, NONE, NONE)


def _of_group(group: Group, put_in: Names, before: Names) -> Iterator[Use]:
    """Find the uses in a group; ``put_in``: values that EXISTS puts in; ``before``: what an OPTIONAL's filters see."""
    known = put_in
    for part in group.parts:
        match part:
            case Filter():
                seen = group.visible | put_in | before
                yield from _of_expression(part.expression, seen, "used in a FILTER")
            case Bind():
                yield from _of_expression(part.expression, known, "used in a BIND")
            case Optional():
                yield from _of_group(part.groups[0], put_in, known)
            case Select():
                yield from _of_select(part)
            case _:
                for nested in part.groups:
                    yield from _of_group(nested, put_in, NONE)
        known |= part.visible


def _of_expression(expression: Expression, known: Names, what: str) -> Iterator[Use]:
    yield from _missing(expression.variables, known, what)
    for group in expression.groups:
        yield from _of_group(group, known, NONE)


def _missing(tokens: Iterable[Token], known: Names, what: str) -> Iterator[Use]:
    return ((token, what) for token in tokens if token.text[1:] not in known)
