"""A second opinion: rdflib's own SPARQL engine gives the same rows as the embedded one, for every question.

rdflib is a hundred times slower and works by other means (nested loops in Python over the same standard), so that
a query which leans on one engine's habits, such as a value seen from outside its scope, shows itself here.
"""

from collections import Counter

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import ResultRow

from readmission import questions
from readmission.release import DATASET, Release

QUESTIONS = questions.load()
Plain = tuple[str, str | None, str | None] | str | None
# Datatypes that literals have without saying so, and the zone that is written in two ways.
_UNSAID = {
    "http://www.w3.org/2001/XMLSchema#string",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
}
_UTC = ("+00:00", "Z")


@pytest.fixture(scope="module")
def second(built: Release) -> rdflib.Dataset:
    """The release in rdflib's own store, its default graph the union of all."""
    assert built.path is not None
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(built.path / DATASET, format="nquads")
    return dataset


def literal(value: str, language: str | None, datatype: str | None) -> Plain:
    if datatype is not None and datatype.endswith("#dateTime"):
        value = value.replace(*_UTC)
    return value, language, None if datatype in _UNSAID else datatype


def of_embedded(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None) -> Plain:
    if isinstance(term, ox.Literal):
        return literal(term.value, term.language, term.datatype.value)
    return None if term is None else str(term).strip("<>")


def of_rdflib(term: object) -> Plain:
    if isinstance(term, rdflib.Literal):
        return literal(str(term), term.language, None if term.datatype is None else str(term.datatype))
    return None if term is None else str(term)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("question", list(QUESTIONS.values()), ids=list(QUESTIONS))
def test_both_engines_give_the_same_rows(
    question: questions.Question, built: Release, second: rdflib.Dataset
) -> None:
    here = question.run(built.engine, {}, built.gazetteer)
    there = second.query(question.sparql({}, built.gazetteer))
    assert [str(name) for name in there.vars or []] == list(here.variables)
    ours = Counter(tuple(of_embedded(term) for term in row) for row in here.rows)
    theirs = Counter(tuple(of_rdflib(term) for term in row) for row in there if isinstance(row, ResultRow))
    assert ours == theirs
