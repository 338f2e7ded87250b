"""Compares an external engine with the embedded store, on the release's own questions and on known traps.

Terms are compared by value, for engines write the same number or moment in more than one way. The order of rows is
compared only where the query fixes it: where it sorts by every variable that it returns.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation

import pyoxigraph as ox

from readmission import questions
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.execution import EngineMismatch
from readmission.engine.interface import Engine, EngineError, EngineTimeoutError, QueryError, Term
from readmission.namespaces import NAMESPACES
from readmission.questions import Question
from readmission.resources import folder

Value = tuple[str, str]
ResultRow = tuple[Value | None, ...]

_XSD = NAMESPACES["xsd"]
_NUMBERS = {
    f"{_XSD}{name}"
    for name in ("integer", "decimal", "double", "float", "long", "int", "short", "byte", "nonNegativeInteger",
                 "positiveInteger", "unsignedInt", "unsignedLong")
}  # fmt: skip
_ORDER = re.compile(r"\bORDER\s+BY\b(?P<keys>(?:(?!\bORDER\s+BY\b).)*)$", re.IGNORECASE | re.DOTALL)


def traps() -> dict[str, Question]:
    """Read the known traps, by name."""
    paths = sorted(folder("queries").joinpath("traps").glob("*.rq"))
    return {path.stem: questions.read(path) for path in paths}


def compare_engines(outside: Engine, inside: Engine, gazetteer: Gazetteer) -> Iterator[EngineMismatch]:
    """Ask both engines every question and every trap, and yield the mismatches of the external one.

    Raises EngineError only when the engine is not there at all.
    """
    for kind, asked in (("question", questions.load()), ("trap", traps())):
        for name, question in asked.items():
            text = question.sparql({}, gazetteer)
            if problem := difference(text, outside, inside):
                yield EngineMismatch(kind, name, problem)


def difference(text: str, outside: Engine, inside: Engine) -> str:
    """Return how the answers of two engines to one query differ; empty when they are the same."""
    expected = rows(inside, text)
    try:
        actual = rows(outside, text)
    except QueryError as fault:
        return f"it cannot read the query ({fault})"
    except EngineTimeoutError as fault:
        return f"it is too slow ({fault})"
    except EngineError as fault:
        return f"it fails ({fault})"
    return row_difference(text, expected, actual)


def row_difference(text: str, expected: list[ResultRow], actual: list[ResultRow]) -> str:
    """Return how the actual rows differ from the expected ones; empty when they are the same."""
    if len(expected) != len(actual):
        return f"it answers {len(actual)} rows and not {len(expected)}"
    missing = Counter(expected) - Counter(actual)
    if missing:
        other = next(iter(Counter(actual) - Counter(expected)))
        return f"{missing.total()} of {len(expected)} rows differ, such as {_format_rows(next(iter(missing)), other)}"
    if expected != actual and _is_ordered(text, expected):
        return "the rows stand in another order than ORDER BY says"
    return ""


def rows(engine: Engine, text: str) -> list[ResultRow]:
    """Return an answer as rows of values: of a graph its statements, of ASK one row."""
    results = engine.results(text)
    if isinstance(results, ox.QueryBoolean):
        return [(("truth", str(bool(results)).lower()),)]
    if isinstance(results, ox.QueryTriples):
        return sorted(
            tuple(value(term) for term in (triple.subject, triple.predicate, triple.object))
            for triple in results
        )
    names = sorted(variable.value for variable in results.variables)
    return [tuple(value(row[name]) for name in names) for row in results]


def value(term: Term) -> Value | None:
    """Return what a term stands for: kind and value. Blank nodes are all alike, for their names mean nothing."""
    if term is None:
        return None
    if isinstance(term, ox.Literal):
        return _literal(term)
    return ("blank", "") if isinstance(term, ox.BlankNode) else ("thing", str(term).strip("<>"))


def _literal(term: ox.Literal) -> Value:
    datatype, text = term.datatype.value, term.value
    if datatype in _NUMBERS:
        try:
            return "number", format(Decimal(text).normalize(Context(prec=12)), "f")
        except InvalidOperation:
            return datatype, text
    if datatype == f"{_XSD}boolean":
        return "truth", {"1": "true", "0": "false"}.get(text, text)
    if datatype == f"{_XSD}dateTime":
        return datatype, re.sub(r"(\+00:00|Z)$", "Z", re.sub(r"\.0+(?=\D|$)", "", text))
    if "|" in text:  # what GROUP_CONCAT joins stands in no order (SPARQL 1.1 Query, section 18.5.1.7)
        text = "|".join(sorted(filter(None, text.split("|"))))
    return (f"@{term.language.lower()}" if term.language else datatype), text


def _is_ordered(text: str, rows: list[ResultRow]) -> bool:
    """Tell whether ORDER BY fixes the order: it names every variable, and no text has a language.

    How texts in a language stand to each other is left open (SPARQL 1.1 Query, section 15.1).
    """
    found, selected = _ORDER.search(text), re.search(r"\bSELECT\b(.*?)(?:\bWHERE\b|\{)", text, re.I | re.S)
    if not found or not selected or "}" in found["keys"]:
        return False
    keys, names = (set(re.findall(r"[?$](\w+)", part)) for part in (found["keys"], selected[1]))
    in_a_language = any(cell is not None and cell[0].startswith("@") for row in rows for cell in row)
    return bool(names) and names <= keys and not in_a_language


def _format_rows(expected: ResultRow, actual: ResultRow) -> str:
    pairs = [(a, b) for a, b in zip(expected, actual, strict=True) if a != b] or [(expected[0], actual[0])]
    return " and ".join(f"{_format_cell(b)} for {_format_cell(a)}" for a, b in pairs[:2])


def _format_cell(cell: Value | None) -> str:
    return "nothing" if cell is None else f"{cell[1][:60]!r} ({cell[0].rpartition('#')[2]})"


def withheld_patterns(faults: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    """Return a pattern for each question with a mismatch; it matches whatever the values of the parameters."""
    asked = questions.load()
    return {name: _pattern(asked[name]) for name in faults if name in asked}


def _pattern(question: Question) -> re.Pattern[str]:
    parts = re.split(r"\\\?_\w+", re.escape(normalise_whitespace(question.text)))
    return re.compile(r"\S+".join(parts))


def normalise_whitespace(text: str) -> str:
    """Return a query without comment lines, with each run of white space as one space."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return " ".join(" ".join(lines).split())
