"""The columns of the questions: each has one name, one type and one meaning everywhere, and none is a constant."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pyoxigraph as ox
import pytest
from rdflib import Literal, Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from readmission import questions
from readmission.dates import EDTF
from readmission.engine.interface import Term, text_of
from readmission.namespaces import NAMESPACES
from readmission.release import Release
from readmission.reports import columns

QUESTIONS = questions.load()
CERTAINTIES = {"certainly", "possibly", "no"}


def literal(*names: str) -> Callable[[Term], bool]:
    datatypes = {f"{NAMESPACES['xsd']}{name}" for name in names}
    return lambda term: isinstance(term, ox.Literal) and term.datatype.value in datatypes


def text(term: Term) -> bool:
    return isinstance(term, ox.Literal) and (bool(term.language) or literal("string")(term))


# What the types in queries/columns.csv stand for.
TYPES: dict[str, Callable[[Term], bool]] = {
    "iri": lambda term: isinstance(term, ox.NamedNode),
    "text": text,
    "code": lambda term: text(term) and bool(re.fullmatch(r"[A-Z]{3}", text_of(term))),
    "certainty": lambda term: text(term) and text_of(term) in CERTAINTIES,
    "integer": literal("integer"),
    "decimal": literal("decimal"),
    "boolean": literal("boolean"),
    "day": literal("date"),
    "time": literal("date", "dateTime"),
    "date": lambda term: isinstance(term, ox.Literal) and term.datatype.value == EDTF,
    "address": literal("anyURI"),
}


def every(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(name, list(QUESTIONS.values()), ids=list(QUESTIONS))


def test_each_row_of_the_dictionary_is_complete_and_used() -> None:
    rows = columns.dictionary()
    asked = {(name, question.name) for question in QUESTIONS.values() for name in question.columns}
    doubles = [
        name for name, number in Counter(row.name for row in rows if not row.questions).items() if number > 1
    ]
    assert not doubles, (
        f"queries/columns.csv says twice what {doubles} is in every question; keep one row of each"
    )
    for row in rows:
        assert row.meaning, f"queries/columns.csv: say what {row.name} is"
        assert row.type in TYPES, (
            f"queries/columns.csv: {row.name}: there is no type {row.type}; choose of {list(TYPES)}"
        )
        ending = row.name[0] == "*"
        used = {
            question
            for name, question in asked
            if name.endswith(row.name[1:]) and (ending or name == row.name)
        }
        assert used, f"queries/columns.csv: no question has a column {row.name}; delete the row"
        assert row.questions <= used, (
            f"queries/columns.csv: {row.name}: not a column of {row.questions - used}"
        )


@every("question")
def test_each_column_is_in_the_dictionary_with_values_of_its_type(
    question: questions.Question, built: Release
) -> None:
    promised = {name: columns.find(name, question.name) for name in question.columns}
    answer = question.run(built.engine, {}, built.gazetteer)
    for row in answer.rows:
        for (name, column), term in zip(promised.items(), row, strict=True):
            assert term is None or TYPES[column.type](term), (
                f"{question.name}: {name} is {column.type} in queries/columns.csv, and {term} is not; "
                "use another name, or mend the query"
            )


@every("question")
def test_no_column_is_a_constant(question: questions.Question) -> None:
    constant = constants(question.text)
    assert not constant, (
        f"{question.name}: {', '.join(constant)} says the same whatever the facts are; read it from them, or drop it"
    )


@pytest.mark.parametrize(
    ("select", "found"),
    [
        ('SELECT ?a ("not recorded" AS ?b) WHERE { ?a ?p ?o }', ["b"]),
        ('SELECT ?a ?b WHERE { ?a ?p ?o BIND("not recorded" AS ?b) }', ["b"]),
        ('SELECT ?a ?b WHERE { ?a ?p ?o BIND("not recorded" AS ?c) BIND(?c AS ?b) }', ["b"]),
        ('SELECT ?a ?b WHERE { { SELECT ?a ("x" AS ?b) { ?a ?p ?o } } }', ["b"]),
        ('SELECT ?a ?b WHERE { ?a ?p ?o VALUES ?b { "x" } }', ["b"]),
        ('SELECT ?a ?b WHERE { { ?a ?p ?o BIND("x" AS ?b) } UNION { ?a ?q ?o BIND("y" AS ?b) } }', []),
        ('SELECT ?a ?b WHERE { ?a ?p ?o OPTIONAL { ?a ?q ?c } BIND(COALESCE(?c, "none") AS ?b) }', []),
        ("SELECT ?a (COUNT(?o) AS ?b) WHERE { ?a ?p ?o } GROUP BY ?a", []),
    ],
)  # fmt: skip
def test_a_constant_is_found_in_whatever_form(select: str, found: list[str]) -> None:
    assert constants(select) == found


def constants(text: str) -> list[str]:
    """Return the columns of a query that are bound by one literal only, and by no pattern."""
    algebra = prepareQuery(text).algebra
    bound: dict[Variable, list[object]] = {}
    for variable, value in bindings(algebra):
        bound.setdefault(variable, []).append(value)
    return [str(variable) for variable in algebra.PV if is_constant(variable, bound)]


def is_constant(variable: Variable, bound: dict[Variable, list[object]]) -> bool:
    """Tell whether a variable has one literal as its only value, by itself or by the name of another variable."""
    values = bound.get(variable, [])
    named = [
        other for each in values for other in (bound.get(each, []) if isinstance(each, Variable) else [each])
    ]
    return all(isinstance(each, Literal) for each in named) and len(set(map(str, named))) == 1


def bindings(part: object) -> Iterator[tuple[Variable, object]]:
    """Yield each variable with what gives it a value: an expression, a value of VALUES, or None for a pattern."""
    if isinstance(part, CompValue):
        if part.name == "Extend":
            yield part.var, part.expr
        elif part.name == "values":
            yield from (pair for row in part.res or () for pair in row.items())
        elif part.name == "BGP":
            yield from (
                (term, None) for triple in part.triples for term in triple if isinstance(term, Variable)
            )
        elif part.name == "Graph" and isinstance(part.term, Variable):
            yield part.term, None
        elif part.name.startswith("Aggregate_") and isinstance(part.res, Variable):
            yield part.res, None
        for child in part.values():
            yield from bindings(child)
    elif isinstance(part, list | tuple):
        for child in part:
            yield from bindings(child)
