"""FILTER NOT EXISTS written as MINUS, which is many times faster, where ``negation`` has proven that both say the same.

MINUS { P } may find far more than the rows of its group G need, so what is applied unasked is MINUS { rows of G, P }:
it costs G once more, and then what P finds from there. A UNION becomes one MINUS for each branch, for the engine joins
each of them well, and their union badly. One triple pattern is left as it is: the index answers that row by row. And
so is a P that may find very much from one row, where NOT EXISTS is content with the first.
"""

from collections.abc import Iterator

from readmission.engine.rewriting.lists import with_values
from readmission.engine.rewriting.negation import Denial, branches_of, denials
from readmission.engine.syntax.patterns import Bind, Filter, Group, Names, Part, Pattern, Triples
from readmission.engine.syntax.queries import QueryTree
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import Token, UnclearQueryError

LARGEST_REWRITTEN_TEXT = 20_000
"""Characters of a text that is read here; longer ones are left as they are."""
_MOST_COPIES = 6
_MOST_RETURNS = 2
_MOST_PATTERNS = 50


def rewrite(text: str) -> str | None:
    """Return a query with the same rows that is faster, or None where there is none that is proven equal.

    Costs microseconds where there is no EXISTS and no long list. Never fails, and takes time linear in the text.
    """
    joined = with_values(text)
    return _with_minus(joined or text) or joined


def _with_minus(text: str) -> str | None:
    if len(text) > LARGEST_REWRITTEN_TEXT or "exists" not in text.lower():
        return None
    try:
        query = read(text)
    except UnclearQueryError:
        return None
    return rewrite_tree(query)


def rewrite_tree(query: QueryTree) -> str | None:
    """Return the text with all denials rewritten that are proven and gain by it."""
    if query.select.form == "ASK":  # it ends with the first row that NOT EXISTS keeps
        return None
    proven = {id(denial.filter) for denial in denials(query) if gains(denial)}
    if not proven:
        return None
    try:
        return _Rewriting(query.text, proven).query(query)
    except _TooLongError:
        return None


def gains(denial: Denial) -> bool:
    """Whether a denial is proven, and the engine is better off with MINUS."""
    if denial.with_rows or denial.is_lookup:
        return False
    return all(_stays_near(branch, denial.group.visible) for branch in branches_of(denial.denied))


def _stays_near(group: Group, known: Names) -> bool:
    """Whether a pattern finds little from one row: it goes from subjects to objects, and back twice at most.

    Back from one thing to all that have it as their object is a long way; twice from the same thing, or to what is
    not tied to the row at all, multiplies.
    """
    left, reached, returned = _patterns(group), set(known), set[str]()
    if len(left) > _MOST_PATTERNS:
        return False
    while left:
        on = [pattern for pattern in left if pattern.is_of_one or _goes(pattern, pattern.subject, reached)]
        if not on:
            on = [pattern for pattern in left if _goes(pattern, pattern.object, reached - returned)][:1]
            if not on or len(returned) == _MOST_RETURNS:
                return False
            returned.add(_name(on[0].object))
        for pattern in on:
            reached |= {_name(pattern.subject), _name(pattern.object)} - {""}
            left.remove(pattern)
    return True


def _goes(pattern: Pattern, start: Token, reached: set[str]) -> bool:
    return pattern.path.forward and _name(start) in reached


def _patterns(group: Group) -> list[Pattern]:
    found: list[Pattern] = []
    for part in group.parts:
        if isinstance(part, Triples):
            found += part.patterns
        elif not isinstance(part, Filter | Bind):
            found += (pattern for nested in part.groups for pattern in _patterns(nested))
    return found


def _name(term: Token) -> str:
    """Return the name of a variable or a blank node; constants are no way from one thing to another."""
    return term.variable or (term.text if term.kind == "blank" else "")


def alternative(query: QueryTree, denial: Denial) -> str:
    """Return the text with one denial as MINUS: the short form, unless only the long one is proven."""
    kind = _Rewriting if denial.alone and not denial.with_rows else _Plain
    return kind(query.text, {id(denial.filter)}).query(query)


class _TooLongError(ValueError):
    """A text that would hold its own pattern too often."""


class _Plain:
    """Writes a text with some filters as MINUS at the end of their groups."""

    def __init__(self, text: str, chosen: set[int]) -> None:
        self.text, self.chosen = text, chosen

    def query(self, query: QueryTree) -> str:
        """Return the whole text."""
        group = query.select.group
        return query.with_text(group.start, group.end, self.group(group))

    def group(self, group: Group) -> str:
        """Return the text of a group, braces and all."""
        body = self._body(group)
        added = [
            line
            for part in group.filters
            if id(part) in self.chosen and part.denied
            for line in self.minuses(group, part.denied, body)
        ]
        if not added:
            return "{" + body + "}"
        indent = self._indent(group.end - 1)
        return "{" + body.rstrip(" ") + "".join(f"\n{indent}  {line}" for line in added) + f"\n{indent}}}"

    def minuses(self, group: Group, denied: Group, body: str) -> list[str]:
        """Return what stands for a filter."""
        return [f"MINUS {self.text[denied.start : denied.end]}"]

    def _body(self, group: Group) -> str:
        """Return what stands between the braces, without the chosen filters."""
        pieces, place = [], group.start + 1
        before: Part | None = None
        for part, after in zip(group.parts, (*group.parts[1:], None), strict=True):
            for start, end, piece in self._changes(before, part, after):
                pieces += [self.text[place:start], piece]
                place = end
            before = before if id(part) in self.chosen else part
        return "".join([*pieces, self.text[place : group.end - 1]])

    def _changes(self, before: Part | None, part: Part, after: Part | None) -> Iterator[tuple[int, int, str]]:
        """Return what changes in a part; a full stop has to part the triples between which a filter stood."""
        if id(part) in self.chosen:
            runs_on = isinstance(before, Triples) and not before.dotted and isinstance(after, Triples)
            yield part.start, part.end, " . " if runs_on else ""
        elif not isinstance(part, Filter | Bind):
            for child in part.groups:
                yield child.start, child.end, self.group(child)

    def _indent(self, place: int) -> str:
        line = self.text[self.text.rfind("\n", 0, place) + 1 : place]
        return line[: len(line) - len(line.lstrip())]


class _Rewriting(_Plain):
    """Writes MINUS together with the rows of its group, and one MINUS for each branch of a UNION."""

    copies = 0

    def minuses(self, group: Group, denied: Group, body: str) -> list[str]:
        """Return what stands for a filter."""
        shared = " ".join(f"?{name}" for name in sorted(group.visible & denied.mentioned))
        rows = f"{{ SELECT DISTINCT {shared} WHERE {{{body}}} }}"
        branches = branches_of(denied)
        self.copies += len(branches)
        if self.copies > _MOST_COPIES:  # groups within groups would double it at each level
            raise _TooLongError
        return [f"MINUS {{ {rows} {self.text[branch.start + 1 : branch.end - 1]}}}" for branch in branches]
