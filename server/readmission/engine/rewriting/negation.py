"""FILTER NOT EXISTS and MINUS: where both say the same.

NOT EXISTS { P } puts the values of each row into P and asks again (SPARQL 1.1 Query, section 18.6); MINUS { P } asks
once, and removes the rows that agree with a solution of P in at least one variable (section 18.5). Let G be the group
of the filter. Both keep the same rows when

- each solution of P binds a variable that each row of G binds: then those that agree also share. (That all variables
  of G that P uses are bound in each row would not be needed, but engines fail there: so that is asked too.)
- putting the values of a row into P selects among the solutions of P, and does nothing else: wherever P uses a
  variable of G in an expression or in an OPTIONAL, P itself has bound it there; P has no UNDEF and no BIND for such
  a variable, no MINUS and no sub-select, and no property path that holds between a node and itself (that finds terms
  that are in no statement);
- the filter sees the rows of G and nothing more (not in OPTIONAL, where it sees what stands before, not inside another
  EXISTS), in one known graph; and MINUS stands at the end of G, for a filter holds for its whole group (5.2.2).

MINUS { G P } keeps them too: a solution g + p agrees with the row g, and p with no row that NOT EXISTS keeps; and what
each row of G binds is then bound in P's own expressions and OPTIONALs as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from readmission.engine.syntax.patterns import (
    NONE,
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
    Triples,
    Union,
    Values,
)
from readmission.engine.syntax.queries import QueryTree, Select

_BY_ORDER = ("LIMIT", "OFFSET", "REDUCED", "SAMPLE", "GROUP_CONCAT", "SUM", "AVG", "MIN", "MAX")
_BY_CHANCE = ("RAND", "NOW", "UUID", "STRUUID", "BNODE")


@dataclass(frozen=True, eq=False)
class Denial:
    """A FILTER NOT EXISTS in its group, and why MINUS may give other rows: ``alone``, or with the rows of the group."""

    group: Group
    filter: Filter
    denied: Group
    alone: tuple[str, ...]
    with_rows: tuple[str, ...]

    @property
    def is_lookup(self) -> bool:
        """Whether the pattern is one triple: the index answers that row by row, and MINUS gains nothing."""
        parts = [part for part in self.denied.parts if not isinstance(part, Filter)]
        if len(parts) != 1 or not isinstance(parts[0], Triples) or len(parts[0].patterns) != 1:
            return False
        pattern = parts[0].patterns[0]
        return pattern.path.term is not None and bool(pattern.variables & self.group.certain)


def denials(query: QueryTree) -> Iterator[Denial]:
    """Find every FILTER NOT EXISTS, outermost first, and judge it."""
    always = list(general(query))
    for group, place in _groups(query.select.group):
        for part in group.filters:
            if part.denied is not None:
                yield _judge(query, group, part, part.denied, (*always, *place))


def _judge(query: QueryTree, group: Group, part: Filter, denied: Group, known: tuple[str, ...]) -> Denial:
    outside = group.visible
    common = [*known]
    if not _is_anchored(denied, group.certain):
        common.append(
            "there is no variable that both patterns always bind, and MINUS removes only rows that share one"
        )
    common += [
        f"?{name} may be unbound in some rows"
        for name in sorted((outside & denied.mentioned) - group.certain)
    ]
    alone = tuple(dict.fromkeys([*common, *_differences(denied, outside, NONE)]))
    branches = branches_of(denied)
    with_rows = [
        *common,
        *(reason for branch in branches for reason in _differences(branch, outside, group.certain)),
    ]
    if "_:" in query.text[group.start : group.end]:
        with_rows.append("a labelled blank node cannot stand in two patterns")
    return Denial(group, part, denied, alone, tuple(dict.fromkeys(with_rows)))


def general(query: QueryTree) -> Iterator[str]:
    """Say why the rows of a query may differ from one time to the next, or from one engine to another."""
    if found := [word for word in _BY_ORDER if word in query.words]:
        yield f"the order of rows is not fixed, and with {found[0]} the answer may depend on it"
    if found := [word for word in _BY_CHANCE if word in query.words]:
        yield f"{found[0]} may give another value each time"
    if "\\u" in query.text or "\\U" in query.text:
        yield "the text has \\u escapes, which not all engines read alike"


def _groups(
    group: Group, place: tuple[str, ...] = (), here: tuple[str, ...] = ()
) -> Iterator[tuple[Group, tuple[str, ...]]]:
    """Return each group with what speaks against a rewriting there; ``here`` is not true of the groups within."""
    yield group, (*place, *here)
    for part in group.parts:
        within = place
        only: tuple[str, ...] = ()
        match part:
            case Optional():
                only = ("a FILTER in OPTIONAL also sees what stands before it",)
            case Filter() | Bind():
                within = (*place, "it stands inside another EXISTS")
            case Named() if part.graph.variable:
                within = (*place, "which graph is meant is not known beforehand")
        for child in part.groups:
            yield from _groups(child, within, only)


def _is_anchored(part: Part, bound: Names) -> bool:
    """Whether each solution of a part binds one of these variables."""
    if part.certain & bound:
        return True
    if isinstance(part, Union | Nested):
        return all(_is_anchored(group, bound) for group in part.groups)
    return isinstance(part, Group) and any(_is_anchored(child, bound) for child in part.parts)


def _differences(group: Group, outside: Names, bound: Names) -> Iterator[str]:
    """Say where putting in values of ``outside`` does more than select; ``bound`` is bound before the group begins."""
    for part in group.parts:
        if not isinstance(part, Filter):
            yield from _of_part(part, outside, bound)
            bound |= part.certain
    for part in group.filters:
        yield from _unbound(part.expression, outside, bound, "FILTER")


def _of_part(part: Part, outside: Names, bound: Names) -> Iterator[str]:
    match part:
        case Triples():
            if any(pattern.path.nullable for pattern in part.patterns):
                yield "a property path with * or ? also holds between a node and itself"
        case Values() if part.undefined & outside:
            yield "VALUES leaves a shared variable undefined"
        case Bind():
            if part.variable in outside:
                yield f"BIND gives ?{part.variable} a value that it already has outside"
            yield from _unbound(part.expression, outside, bound, "BIND")
        case Optional():
            for name in sorted((part.mentioned & outside) - bound):
                yield f"?{name} may stay unbound in its OPTIONAL"
            yield from _differences(part.groups[0], outside, NONE)
        case Minus() | Select():
            yield f"it has a {'MINUS' if isinstance(part, Minus) else 'sub-select'} of its own"
        case Nested() | Union() | Named():
            for child in part.groups:
                yield from _differences(child, outside, NONE)


def _unbound(expression: Expression, outside: Names, bound: Names, word: str) -> Iterator[str]:
    for name in sorted((expression.mentioned & outside) - bound):
        yield f"its {word} uses ?{name} of the row outside"


def branches_of(denied: Group) -> tuple[Group, ...]:
    """Return the branches of a pattern that is nothing but a UNION: each can be a MINUS of its own."""
    if len(denied.parts) == 1 and isinstance(denied.parts[0], Union):
        return denied.parts[0].groups
    return (denied,)
