"""CSV answers: as many cells as columns, whatever the terms hold (RFC 4180)."""

import csv
import io
import json
from random import Random

import pyoxigraph as ox
import pytest

from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.execution import InProcessService, Query, UnansweredError
from readmission.engine.running_query import RunningQuery

pytestmark = pytest.mark.quick

LARGEST = 2**24
TEXTS = [
    "",
    "a",
    "a,b",
    'a "quoted" word',
    '"',
    '""',
    ",",
    "line\nbreak",
    "a\r\nb",
    " blank ",
    "é,ü",
    ' "',
    '," ',
]
IRIS = [
    "http://example.org/a",
    "http://example.org/a,b",
    "urn:a,b,c",
    "http://example.org/(x),é",
    "mailto:a@b,c@d",
]


def answered(text: str, media_type: str, largest: int = LARGEST) -> bytes:
    query = Query(text, media_type, "text/turtle")
    return InProcessService(EmbeddedEngine(ox.Store()), largest).ask(query, RunningQuery()).body


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answered(text, "text/csv").decode(), newline=""), strict=True))


def values(text: str) -> list[list[str]]:
    """The same rows by way of JSON, which has no such trouble."""
    told = json.loads(answered(text, "application/sparql-results+json"))
    names = told["head"]["vars"]
    rows = [[row.get(name, {"value": ""})["value"] for name in names] for row in told["results"]["bindings"]]
    return [names, *rows]


def term(chance: Random) -> str:
    if chance.random() < 0.2:
        return "UNDEF"
    if chance.random() < 0.5:
        return f"<{chance.choice(IRIS)}>"
    text = "".join(chance.choice(TEXTS) for _ in range(chance.randint(0, 3)))
    return str(ox.Literal(text)) + chance.choice(["", "@en", "^^<http://example.org/type,with,commas>"])


def table(chance: Random, rows: int) -> str:
    columns = chance.randint(1, 4)
    lines = (" ".join(term(chance) for _ in range(columns)) for _ in range(rows))
    names = " ".join(f"?v{number}" for number in range(columns))
    return f"SELECT {names} {{ VALUES ({names}) {{ {' '.join(f'({line})' for line in lines)} }} }}"


@pytest.mark.parametrize("seed", range(60))
def test_every_cell_is_read_back_as_it_was(seed: int) -> None:
    chance = Random(seed)
    text = table(chance, chance.choice([1, 3, 40, 600]))
    assert [row or [""] for row in cells(text)] == values(text), text[:500]


@pytest.mark.parametrize(
    "odd", ["<urn:a,b>", '<<( <urn:a> <urn:p> "b" )>>', "<<( <urn:a,b> <urn:p> <urn:b> )>>"]
)
def test_one_odd_cell_is_found_wherever_it_stands(odd: str) -> None:
    """The engine hands its text over in pieces of some thousand bytes: the cell may lie across two of them."""
    for length in range(8_100, 8_250):
        text = f'SELECT ("{"x" * length}" AS ?a) ({odd} AS ?b) ("c" AS ?c) {{}}'
        assert [len(row) for row in cells(text)] == [3, 3], f"torn after {length} letters"


def test_a_triple_term_is_one_cell() -> None:
    text = 'SELECT (<<( <urn:a,b> <urn:p> "x, \\"y\\"" )>> AS ?t) ("end" AS ?last) {}'
    assert cells(text)[1] == ['urn:a,b urn:p x, "y"', "end"]


def test_plain_rows_are_written_by_the_engine_alone() -> None:
    """What is not odd must stay as fast as the engine."""
    rows = " ".join(f'(<http://example.org/{number}> "text, {number}")' for number in range(2_000))
    text = f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {rows} }} }}"
    engine = Counting(ox.Store())
    InProcessService(engine, LARGEST).ask(Query(text, "text/csv", None), RunningQuery())
    assert engine.asked == 1


class Counting(EmbeddedEngine):
    asked = 0

    def results(self, text: str, *dataset: object, **options: object) -> ox.QuerySolutions:
        self.asked += 1
        found = self.store.query(text)
        assert isinstance(found, ox.QuerySolutions)
        return found


def test_a_large_answer_with_odd_cells_is_refused_whole() -> None:
    rows = " ".join(f"<http://example.org/{number},x>" for number in range(5_000))
    with pytest.raises(UnansweredError, match="larger than"):
        answered(f"SELECT ?a {{ VALUES ?a {{ {rows} }} }}", "text/csv", 50_000)


def test_a_pattern_without_variables_has_rows_without_cells() -> None:
    assert answered("SELECT * {}", "text/csv") == b"\r\n\r\n"


@pytest.mark.parametrize(
    "object_",
    ["<<( <urn:s> <urn:p> <urn:o> )>>", "<<( <urn:s> <urn:p> <<( <urn:s> <urn:p> 1 )>> )>>"],
)
def test_json_ld_says_that_it_cannot_hold_a_triple_term(object_: str) -> None:
    query = Query(f"CONSTRUCT {{ <urn:r> <urn:p> {object_} }} {{}}", None, "application/ld+json")
    with pytest.raises(UnansweredError, match="triple term") as fault:
        InProcessService(EmbeddedEngine(ox.Store()), LARGEST).ask(query, RunningQuery())
    assert fault.value.outcome == "format-cannot-hold-answer"
