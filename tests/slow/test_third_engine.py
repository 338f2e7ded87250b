"""A third opinion beside Apache Jena ARQ's (endpoint/test_same_rows.py): every question has the same rows from rdflib.

Its engine, nested loops in Python, does not finish a few of them in minutes; those are named below, and only two
engines have agreed on them.
"""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import ResultRow

from readmission import questions
from readmission.engine.interface import Term
from readmission.external_engine import comparison
from readmission.release import DATASET_FILE, Release

QUESTIONS = questions.load()
UNFINISHED = (
    "matrix", "why", "open-pairs", "causes-of-change", "changed-statuses", "bilateral-instruments", "partners",
)  # fmt: skip
"""Questions that rdflib has not been seen to finish: `partners` was given eight minutes, `matrix` and `why` four."""


@pytest.fixture(scope="module")
def third(built: Release) -> Iterator[rdflib.Dataset]:
    """The release in rdflib's own store, its default graph the union of all."""
    assert built.path is not None
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(built.path / DATASET_FILE, format="nquads")
    yield dataset
    dataset.close()


def of_rdflib(term: object) -> Term:
    if isinstance(term, rdflib.Literal):
        datatype = None if term.datatype is None or term.language else ox.NamedNode(str(term.datatype))
        return ox.Literal(str(term), language=term.language, datatype=datatype)
    return None if term is None else ox.NamedNode(str(term))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - set(UNFINISHED)))
def test_rdflib_gives_the_same_rows(name: str, built: Release, third: rdflib.Dataset) -> None:
    text = QUESTIONS[name].sparql({}, built.gazetteer)
    there = third.query(text)
    names = sorted(str(variable) for variable in there.vars or [])
    rows = [
        tuple(comparison.value(of_rdflib(row.get(name))) for name in names)
        for row in there
        if isinstance(row, ResultRow)
    ]
    ours = comparison.rows(built.engine, text)
    assert sorted(map(str, rows)) == sorted(map(str, ours)), name
