"""FILTER IN with a long list of IRIs, written as VALUES: the engine compares each row with each IRI, and joins at once.

``=`` between a term and an IRI holds for the same IRI and no other term (SPARQL 1.1 Query, section 17.4.1.7), so IN
keeps the rows that a join with the list keeps, and NOT IN those that MINUS the list keeps, when

- the variable is bound in each row of the group: an unbound one would take every IRI of the list;
- each IRI stands once in the list, for a join with a row twice would double it;
- the list stands at the end of the group, for a filter holds for its whole group (section 5.2.2);
- it is not within EXISTS, into which values are put.

Nothing is said of literals: ``=`` compares their values, and a join their terms.
"""

import re
from collections.abc import Iterator, Sequence

from readmission.engine.rewriting.negation import general
from readmission.engine.syntax.patterns import Bind, Filter, Group, Part, Triples
from readmission.engine.syntax.queries import QueryTree
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import Token, UnclearQueryError, tokens

SHORTEST_LIST = 32
"""IRIs in a list that is worth it."""
LARGEST_TEXT = 2_000_000
"""Characters of a text that is read for it."""
_IN = re.compile(r"\bIN\s*\(", re.IGNORECASE)

Tokens = Sequence[Token]


def with_values(text: str, least: int = SHORTEST_LIST) -> str | None:
    """Return a query with the same rows, its long lists as VALUES; None where there is none."""
    if len(text) > LARGEST_TEXT or max(text.count(","), text.count("||")) + 1 < least:
        return None
    if not _IN.search(text) and "||" not in text:
        return None
    try:
        query = read(text)
    except UnclearQueryError:
        return None
    if any(True for _ in general(query)):
        return None
    changes = sorted(_changes(query, query.select.group, least), reverse=True)
    for start, end, written in changes:
        text = text[:start] + written + text[end:]
    return text if changes else None


def _changes(query: QueryTree, group: Group, least: int) -> Iterator[tuple[int, int, str]]:
    added = ""
    before: Part | None = None
    for part, after in zip(group.parts, (*group.parts[1:], None), strict=True):
        split = _split(query, part, group, least) if isinstance(part, Filter) else None
        if split:
            kept, tables = split
            # a full stop has to part the triples between which a filter stood
            runs_on = isinstance(before, Triples) and not before.dotted and isinstance(after, Triples)
            yield part.start, part.end, kept or (" . " if runs_on else " ")
            added += tables
        elif not isinstance(part, Filter | Bind):
            for child in part.groups:
                yield from _changes(query, child, least)
        before = before if split and not split[0] else part
    if added:
        yield group.end - 1, group.end - 1, added


def _split(query: QueryTree, part: Filter, group: Group, least: int) -> tuple[str, str] | None:
    """Return what is left of a filter, and the tables that stand for the rest; None where nothing is won."""
    if part.groups:
        return None
    words = tokens(query.text[part.start : part.end])[1:]
    if words and words[-1].text == ".":
        words = words[:-1]
    kept, tables = "", ""
    for operand in _operands(_bare(words), "&&"):
        table = _table(query, operand, group, least)
        if table:
            tables += table
        elif not operand:
            return None
        else:
            start, end = operand[0].start, operand[-1].end
            kept += f"FILTER({query.text[part.start + start : part.start + end]}) "
    return (kept, tables) if tables else None


def _table(query: QueryTree, words: Tokens, group: Group, least: int) -> str | None:
    variable, iris, denied = _listed(_bare(words)) or _compared(words) or (None, (), False)
    if variable is None or variable not in group.certain or len(iris) < least:
        return None
    if any(token.kind not in ("iri", "name") for token in iris):
        return None
    meant = {query.iri(token) for token in iris}
    if None in meant:  # relative: what it is relative to is not known here
        return None
    table = f" VALUES ?{variable} {{ {' '.join(f'<{iri}>' for iri in sorted(map(str, meant)))} }}"
    return f" MINUS {{{table} }}" if denied else table


def _listed(words: Tokens) -> tuple[str, Tokens, bool] | None:
    """Read ``?variable IN ( … )`` or ``?variable NOT IN ( … )``."""
    denied = len(words) > 1 and words[1].keyword == "NOT"
    rest = words[3 if denied else 2 :]
    if len(words) < 5 or words[2 if denied else 1].keyword != "IN" or words[0].variable is None:
        return None
    if rest[0].text != "(" or rest[-1].text != ")" or any(mark.text != "," for mark in rest[2:-1:2]):
        return None
    return (words[0].variable, rest[1:-1:2], denied) if len(rest) % 2 else None


def _compared(words: Tokens) -> tuple[str, Tokens, bool] | None:
    """Read ``?variable = <…> || ?variable = <…> || …``."""
    names, iris = set[str](), list[Token]()
    for operand in _operands(_bare(words), "||"):
        if len(pair := _bare(operand)) != 3 or pair[1].text != "=":
            return None
        one, other = (pair[0], pair[2]) if pair[0].variable else (pair[2], pair[0])
        names.add(one.variable or "")
        iris.append(other)
    return (names.pop(), iris, False) if len(names) == 1 and "" not in names else None


def _bare(words: Tokens) -> Tokens:
    """Return words without brackets around all of them."""
    while (
        len(words) > 1 and words[0].text == "(" and words[-1].text == ")" and _closes(words) == len(words) - 1
    ):
        words = words[1:-1]
    return words


def _closes(words: Tokens) -> int:
    """Return where the first bracket is closed."""
    depth = 0
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0:
            return place
    return -1


def _operands(words: Tokens, mark: str) -> list[Tokens]:
    """Return what stands between marks outside brackets; all words together where ``||`` stands beside ``&&``."""
    found, depth, start, others = list[Tokens](), 0, 0, False
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.text == mark:
            found.append(words[start:place])
            start = place + 1
        others = others or (depth == 0 and word.text in ("&&", "||") and word.text != mark)
    return [words] if others else [*found, words[start:]]
