"""Each row of the source tables has become an instrument or was refused; nothing else stands in the graph."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.ledgers import ledger_rows
from readmission.building import check_context, checks
from readmission.sources.fact_files import Facts

pytestmark = pytest.mark.quick

LEDGER = "instruments/bilateral/ledger.csv"
ROWS = {"bilateral-instruments": 437, "parallel-agreements": 34, "bilateral-instruments-2": 100}
BILATERAL = "https://w3id.org/eu-readmission/id/bilateral/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@pytest.fixture(scope="module")
def ledger() -> list[dict[str, str]]:
    """The rows of the ledger, in the order of the tables."""
    return ledger_rows(LEDGER)


@pytest.fixture(scope="module")
def instruments(loaded: Facts) -> set[str]:
    """The local names of all bilateral instruments that the graph describes, as ``bilateral/deu-mar-1998``."""
    return set(_described(loaded))


def _described(loaded: Facts) -> Iterator[str]:
    for quad in loaded.quads:
        subject = getattr(quad.subject, "value", "")
        if quad.predicate.value == TYPE and subject.startswith(BILATERAL):
            yield "bilateral/" + subject.removeprefix(BILATERAL)


def test_the_ledger_holds_every_row_of_the_tables_once(ledger: list[dict[str, str]]) -> None:
    wanted = [f"{table}:{number}" for table, count in ROWS.items() for number in range(1, count + 1)]
    found = [row["key"] for row in ledger if row["table"] in ROWS]
    missing, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    assert found == wanted, (
        f"{LEDGER} must list {len(wanted)} rows in the order of the tables; "
        f"add {missing or 'none'}, remove {extra or 'none'}, and keep each key once"
    )


def test_every_row_is_represented_or_refused_with_a_reason(ledger: list[dict[str, str]]) -> None:
    for row in ledger:
        assert bool(row["instrument"]) != bool(row["reason"]), (
            f"{LEDGER}, {row['key']}: give either the instrument that represents the row or the reason for refusing it"
        )


def test_every_instrument_of_the_ledger_stands_in_the_graph(
    ledger: list[dict[str, str]], instruments: set[str]
) -> None:
    lost = sorted({row["instrument"] for row in ledger if row["instrument"]} - instruments)
    assert not lost, f"describe these in graph/instruments/bilateral, or correct {LEDGER}: {lost}"


def test_every_bilateral_instrument_of_the_graph_stands_in_the_ledger(
    ledger: list[dict[str, str]], instruments: set[str]
) -> None:
    unknown = sorted(instruments - {row["instrument"] for row in ledger})
    assert not unknown, f"add the rows these come from to {LEDGER}, or delete them: {unknown}"


def test_benelux_rows_are_merged_and_the_transit_arrangement_is_one(ledger: list[dict[str, str]]) -> None:
    rows = Counter(row["instrument"] for row in ledger)
    assert rows["bilateral/multilateral-alb-bih-2000"] == 14
    assert rows["bilateral/benelux-kaz-2015"] == 3
    assert rows["bilateral/benelux-srb-mne-2002"] == 6
    refused = Counter(row["reason"].partition(":")[0] for row in ledger if row["reason"])
    assert refused == {"negotiation, not an instrument": 10, "outside the scope": 1, "not proven": 7}


def test_liechtenstein_is_a_side_of_the_swiss_agreements_that_bind_it(ledger: list[dict[str, str]]) -> None:
    rows = [
        row for row in ledger if row["table"] == "bilateral-instruments-2" and row["european_state"] == "LIE"
    ]
    assert len(rows) == 9
    assert all(row["instrument"].startswith("bilateral/che-") for row in rows)


def test_the_total_of_the_search_is_the_number_of_instruments(loaded: Facts, instruments: set[str]) -> None:
    between = {
        each for file in loaded.files for each in re.findall(r"^intra-european:\S+$", file.text, re.MULTILINE)
    }
    stated = [
        getattr(quad.object, "value", "")
        for quad in loaded.quads
        if getattr(quad.subject, "value", "").endswith("/completeness/bilateral-all-states")
        and quad.predicate.value.endswith("#recordedTotal")
    ]
    total = len(instruments) + len(between)
    assert stated == [str(total)], (
        f"write rdm:recordedTotal {total} in graph/completeness/bilateral.ttl, and in its statement"
    )


# --- what the checks say when the two differ ------------------------------------------------------------------------


def found(changed: Facts) -> list[check_context.Finding]:
    return list(checks.ledger_findings(check_context.CheckContext(changed)))


def test_the_ledger_of_the_repository_has_no_finding(loaded: Facts) -> None:
    assert loaded.ledgers["bilateral"]
    assert found(loaded) == []


def test_an_instrument_that_no_row_names_is_found_in_its_file(loaded: Facts) -> None:
    assert loaded.ledgers["bilateral"]
    rows = loaded.ledgers["bilateral"].splitlines(keepends=True)
    shorter = "".join(row for row in rows if ",bilateral/deu-mar-1998," not in row)
    assert shorter != loaded.ledgers["bilateral"]
    (finding,) = found(replace(loaded, ledgers={"bilateral": shorter}))
    assert finding.severity == "violation"
    assert finding.location == loaded.locate(f"{BILATERAL}deu-mar-1998")
    assert "no row of the ledger names bilateral/deu-mar-1998" in finding.message
    assert "import" in finding.remedy


def test_a_row_whose_instrument_is_not_described_is_found_in_the_ledger(loaded: Facts) -> None:
    (file,) = (file for file in loaded.files if file.name == "graph/instruments/bilateral/deu.ttl")
    text = re.sub(r"(?ms)^bilateral:deu-mar-1998\n.*?^\.\n", "", file.text)
    assert text != file.text
    lost = loaded.with_file(replace(file, text=text))
    assert loaded.ledgers["bilateral"]
    rows = enumerate(loaded.ledgers["bilateral"].splitlines(), 1)
    lines = [number for number, row in rows if ",bilateral/deu-mar-1998," in row]
    assert [(finding.path, finding.line) for finding in found(lost)] == [
        (f"graph/{LEDGER}", line) for line in lines
    ]
    assert all("no file describes bilateral/deu-mar-1998" in finding.message for finding in found(lost))


@pytest.mark.parametrize(
    ("wrong", "line", "what"),
    [
        ("", 0, "no row of the ledger names"),
        ("key,table\n", 1, "the columns have other names"),
        ("\ufeff", 1, "the columns have other names"),
        ("{header}x:1,x,DEU\n", 2, "the row has 3 cells, not 9"),
        ('{header}\nx:1,x,DEU,MAR,k,,"a title', 3, "it is no CSV"),
        ('{header}x:1,x,DEU,MAR,k,,"a title",,\n', 2, "x:1 needs an instrument or a reason"),
        ('{header}x:1,x,DEU,MAR,k,,"two\nlines",,\n', 2, "x:1 needs an instrument or a reason"),
        ("{header}x:1,x,DEU,MAR,k,,t,bilateral/deu-mar-1998,a reason\n", 2, "and not both"),
        ("{header}x:1,x,DEU,MAR,k,,t,bilateral/nowhere-1,\n", 2, "no file describes bilateral/nowhere-1"),
    ],
)
def test_a_ledger_that_is_cut_or_no_table_is_a_finding_with_its_line(
    loaded: Facts, wrong: str, line: int, what: str
) -> None:
    assert loaded.ledgers["bilateral"]
    header = loaded.ledgers["bilateral"].splitlines(keepends=True)[0]
    findings = found(replace(loaded, ledgers={"bilateral": wrong.format(header=header)}))
    told = [finding for finding in findings if what in finding.message]
    assert told, [finding.message for finding in findings[:5]]
    assert all(finding.severity == "violation" for finding in told)
    if line:
        assert {(finding.path, finding.line) for finding in told} == {(f"graph/{LEDGER}", line)}


def test_facts_that_were_read_without_their_ledger_are_not_compared_with_it(loaded: Facts) -> None:
    assert found(replace(loaded, ledgers={})) == []
