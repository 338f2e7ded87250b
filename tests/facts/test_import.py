"""What `readmission import` promises: a right result, or a message with row and column and nothing changed."""

import datetime
import hashlib
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from _pytest.mark import ParameterSet

from harness.tables import written
from readmission import dates, questions
from readmission.building import rules
from readmission.engine.embedded import EmbeddedEngine
from readmission.resources import folder
from readmission.sources.formatting import canonical
from readmission.sources.ledger import LEDGER, extend
from readmission.table_import import (
    COLUMNS,
    ImportRefusedError,
    RecordedFacts,
    guide,
    import_plan,
    importing,
    prepare,
    template,
)
from readmission.table_import.columns import NAMES, REQUIRED
from readmission.table_import.sheets.table_file import MOST_ROWS

TODAY = datetime.date(2026, 1, 1)
ID = "https://w3id.org/eu-readmission/id/"
FIRST = 2  # the row below the header

# Pairs of which no real instrument is known, so that recorded facts never meet the rows of the tests.
ROWS = (
    {
        "european_state": "Benelux", "partner": "Fiji", "kind": "bilateral-readmission-agreement",
        "nature": "binding", "nature_ground": "Ratified by all three states.",
        "title": "Overeenkomst betreffende de overname van personen", "title_language": "nl",
        "signed": "2011-05-12", "entry_into_force": "2013-07-01", "official_reference": "Trb. 2011, 1; Mon. 2012, 2",
        "source_title": "Treaty collection 2011, 1", "source_url": "https://treaties.example/2011-1",
        "evidence_level": "official-text", "locator": "Article 2",
    },
    {
        "european_state": "Deutschland", "partner": "TON", "kind": "Bilateral readmission agreement",
        "nature": "binding", "title": "Abkommen über die Rückübernahme, mit Protokoll", "title_language": "de",
        "title_english": "Agreement on readmission, with a protocol", "signed": "1998-04", "entry_into_force": "1999",
        "ended": "2004-05-01", "persons": "own-nationals|stateless-persons",
        "status_note": "Ended by an exchange of notes.", "source_title": "List of the ministry, 2019",
        "evidence_level": "official-list",
    },
    {
        "european_state": "ITA", "partner": "Nauru", "kind": "memorandum_of_understanding", "nature": "non-binding",
        "title": "Memorandum d’intesa sulla cooperazione", "title_language": "it", "signed": "2017-02-02",
        "persons": "own-nationals", "source_url": "https://press.example/2017", "evidence_level": "press",
    },
    {
        "european_state": "GBR", "partner": "Papua New Guinea", "kind": "other kind",
        "title": "Joint statement on \"migration\"", "title_language": "en", "signed": "2023-08?",
        "evidence_level": "unverified",
    },
)  # fmt: skip


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the facts that no test may change."""
    return Path(shutil.copytree(folder("graph"), tmp_path_factory.mktemp("facts") / "graph"))


@pytest.fixture(scope="session")
def holdings(data: Path) -> RecordedFacts:
    return RecordedFacts(data)


@pytest.fixture(scope="session")
def right(holdings: RecordedFacts, tmp_path_factory: pytest.TempPathFactory) -> import_plan.ImportPlan:
    """The good table taken in, with every check."""
    table = tmp_path_factory.mktemp("tables") / "good.csv"
    table.write_bytes(written(ROWS))
    return prepare(table, holdings, today=TODAY)


def digests(top: Path) -> dict[str, str]:
    files = (path for path in sorted(top.rglob("*")) if path.is_file())
    return {str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# --- good tables -----------------------------------------------------------------------------------------------


def test_a_good_table_becomes_one_instrument_a_row(right: import_plan.ImportPlan) -> None:
    names = [iri.removeprefix(f"{ID}bilateral/") for iri in right.added.values()]
    assert names == ["benelux-fji-2011", "deu-ton-1998", "ita-nru-2017", "gbr-png-2023"]
    assert list(right.added) == [2, 3, 4, 5]
    files = {change.file.name for change in right.changes}
    assert {f"graph/instruments/bilateral/{side}.ttl" for side in ("benelux", "deu", "gbr", "ita")} <= files


def test_the_result_is_canonical_and_adds_only(right: import_plan.ImportPlan) -> None:
    for change in right.changes:
        assert canonical(change.file.text) == change.file.text
        before = set(ox.parse((change.before or "").encode(), format=ox.RdfFormat.TURTLE))
        assert before < set(ox.parse(change.file.text.encode(), format=ox.RdfFormat.TURTLE))


def test_gaps_of_the_result_show_the_coverage(right: import_plan.ImportPlan, holdings: RecordedFacts) -> None:
    would_be = holdings.facts
    for file in right.files:
        would_be = would_be.with_file(file)
    store = would_be.store()
    rules.derive(store)

    def own(state: str, country: str, on: str) -> dict[str, str]:
        values = {"country": country, "on": on, "persons": "own-nationals"}
        rows = questions.find("gaps").run(EmbeddedEngine(store), values, holdings.gazetteer).texts()
        return {
            row["instrument"].rpartition("/id/")[2]: row["status"].rpartition("/code/own-")[2]
            for row in rows
            if row["stateCode"] == state and row["layer"].endswith("own") and row["instrument"]
        }

    for state in ("BEL", "LUX", "NLD"):
        assert own(state, "FJI", "2013-07-01") == {"bilateral/benelux-fji-2011": "in-force"}
    assert own("DEU", "FJI", "2013-07-01") == {}
    assert own("BEL", "FJI", "2013-06-30") == {"bilateral/benelux-fji-2011": "signed"}
    assert own("DEU", "TON", "2004-04-30") == {"bilateral/deu-ton-1998": "in-force"}
    assert own("DEU", "TON", "2004-05-01") == {"bilateral/deu-ton-1998": "ended"}
    assert list(own("ITA", "NRU", "2018-01-01").values()) == ["in-operation"]


def test_the_facts_say_what_the_row_says(right: import_plan.ImportPlan) -> None:
    benelux = next(change.file.text for change in right.changes if change.file.path.stem == "benelux")
    for line in (
        "a rdm:BilateralReadmissionAgreement ;",
        'skos:prefLabel "Benelux–Fiji: agreement on readmission (2011)"@en ;',
        'dcterms:title "Overeenkomst betreffende de overname van personen"@nl ;',
        '"Mon. 2012, 2" ,',
        "rdm:sideActor body:benelux ;",
        'rdm:locator "Article 2" ;',
        'skos:editorialNote "Ratified by all three states."@en ;',
    ):
        assert line in benelux


def test_a_dry_run_shows_the_difference_and_writes_nothing(right: import_plan.ImportPlan, data: Path) -> None:
    before = digests(data)
    shown = right.diff()
    assert "+++ b/graph/instruments/bilateral/benelux.ttl" in shown
    assert "+bilateral:benelux-fji-2011\n" in shown
    assert not [line for line in shown.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert digests(data) == before


def test_written_once_every_row_is_found_again_and_nothing_is_added_twice(
    right: import_plan.ImportPlan, tmp_path: Path, data: Path
) -> None:
    graph = Path(shutil.copytree(data, tmp_path / "graph"))
    table = tmp_path / "good.csv"
    table.write_bytes(written(ROWS))
    assert importing.convert(table, RecordedFacts(graph), today=TODAY).write()
    after = digests(graph)
    again = RecordedFacts(graph)
    with pytest.raises(ImportRefusedError) as refused:
        importing.convert(table, again, today=TODAY)
    assert len(refused.value.problems) == len(ROWS)
    for iri in right.added.values():
        assert f"recorded already as {iri} (graph/instruments/bilateral/" in str(refused.value)
    skipped = importing.convert(table, again, skip_duplicates=True, today=TODAY)
    assert (skipped.changes, len(skipped.skipped), skipped.diff()) == ((), len(ROWS), "")
    # one state of the Benelux alone, a title with two slips, and a title in another language on the same day
    for row in (
        ROWS[0] | {"european_state": "BEL", "title": "Overenkomst betreffende de overname van persoonen"},
        ROWS[0] | {"title": "Accord relatif à la réadmission", "title_language": "fr"},
    ):
        table.write_bytes(written([row]))
        with pytest.raises(ImportRefusedError, match="bilateral/benelux-fji-2011"):
            importing.convert(table, again, today=TODAY)
    # a text of the same sides, kind and day is taken only with a word on what tells it apart
    twin = ROWS[2] | {"title": "Protocollo sui voli di rimpatrio"}
    table.write_bytes(written([twin]))
    with pytest.raises(ImportRefusedError, match="the same sides, kind and day of signature"):
        importing.convert(table, again, today=TODAY)
    table.write_bytes(written([twin | {"told_apart_by": "It covers transit only."}]))
    assert "It covers transit only." in importing.convert(table, again, today=TODAY).diff()
    # a second text of the same sides on another day is another instrument: merged into the file, under the next number
    table.write_bytes(
        written([ROWS[1] | {"signed": "1998-11-02", "title": "Briefwechsel", "title_english": ""}])
    )
    more = importing.convert(table, again, today=TODAY)
    assert list(more.added.values()) == [f"{ID}bilateral/deu-ton-1998-2"]
    assert "Germany–Tonga: agreement on readmission (1998, no. 2)" in more.changes[-1].file.text
    assert "bilateral:deu-ton-1998\n" in more.changes[-1].file.text
    assert digests(graph) == after


def test_the_ledger_gains_a_line_for_each_row_and_state(right: import_plan.ImportPlan, data: Path) -> None:
    before = (data / LEDGER).read_text(encoding="utf-8")
    (change,) = right.ledger
    assert change.file.text.startswith(before)
    added = [line.split(",") for line in change.file.text.removeprefix(before).splitlines()]
    assert [(line[0], line[2], line[3]) for line in added] == [
        ("good:2", "BEL", "FJI"), ("good:2", "LUX", "FJI"), ("good:2", "NLD", "FJI"),
        ("good:3", "DEU", "TON"), ("good:4", "ITA", "NRU"), ("good:5", "GBR", "PNG"),
    ]  # fmt: skip
    assert {line[-2] for line in added} == {iri.removeprefix(ID) for iri in right.added.values()}
    again = extend(change.file.text, "good", [(1, {})]).splitlines()[-1]
    assert again.startswith("good-2:1,good-2,"), "a second table of the same name needs keys of its own"


def test_when_a_write_fails_all_files_are_as_before(
    right: import_plan.ImportPlan, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Path(shutil.copytree(data, tmp_path / "graph"))
    table = tmp_path / "good.csv"
    table.write_bytes(written(ROWS))
    found = importing.convert(table, RecordedFacts(graph), today=TODAY)
    before = digests(graph)
    replace, calls = Path.replace, iter(range(10))

    def failing(self: Path, target: Path) -> Path:
        if next(calls) == 3:
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(ImportRefusedError, match=r"cannot be written \(Permission denied\).*--into"):
        found.write()
    assert digests(graph) == before
    monkeypatch.undo()
    change = found.changes[-1]
    change.file.path.write_text("# by somebody else\n", encoding="utf-8")
    before = digests(graph)
    with pytest.raises(ImportRefusedError, match="has changed since it was read: run it again"):
        found.write()
    assert digests(graph) == before


def test_what_the_checks_refuse_is_told_with_row_and_column(
    holdings: RecordedFacts, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a fault to pass the reading of the cells, the checks of the facts would still stop it."""
    before = digests(data)
    table = tmp_path / "late.csv"
    table.write_bytes(written([ROWS[2], ROWS[0] | {"entry_into_force": "2010-01-01"}]))
    monkeypatch.setattr("readmission.table_import.row_reader.RowReader._check_dates", lambda *_: None)
    with pytest.raises(ImportRefusedError) as refused:
        prepare(table, holdings, today=TODAY)
    (fault,) = refused.value.problems
    assert (fault.row, fault.column) == (3, "entry_into_force")
    assert "before it is signed" in fault.what
    assert digests(data) == before


def test_the_class_follows_kind_and_nature(holdings: RecordedFacts, tmp_path: Path) -> None:
    rows = [
        ROWS[0] | {"european_state": "CYP", "partner": "MAC", "kind": "implementing-protocol", "nature": "",
                   "title": "Protokoll zur Probe der Einfuhr", "title_language": "de", "signed": "2013-01-02"},
        ROWS[0] | {"kind": "police-cooperation"},
        ROWS[2] | {"nature": ""},
    ]  # fmt: skip
    table = tmp_path / "kinds.csv"
    table.write_bytes(written(rows))
    text = "".join(change.file.text for change in importing.convert(table, holdings, today=TODAY).changes)
    assert "a rdm:ImplementingProtocol ;" in text
    assert "rdm:implementsAgreement eura:mac ;" in text
    assert "a rdm:BilateralCooperationAgreement ;" in text
    assert "a rdm:ReadmissionInstrument ;" in text
    assert "rdm:nature code:nature-unknown ;" in text


def test_a_protocol_finds_its_agreement_in_the_same_table(holdings: RecordedFacts, tmp_path: Path) -> None:
    protocol = ROWS[1] | {
        "kind": "implementing-protocol", "nature": "", "title": "Protokoll zur Durchführung", "title_english": "",
        "signed": "1999-04-02", "entry_into_force": "", "ended": "", "persons": "",
    }  # fmt: skip
    table = tmp_path / "both.csv"
    table.write_bytes(written([protocol, ROWS[1]]))
    plan = importing.convert(table, holdings, today=TODAY)
    assert plan.added == {2: f"{ID}bilateral/deu-ton-1999", 3: f"{ID}bilateral/deu-ton-1998"}
    text = plan.changes[-1].file.text
    assert "rdm:implementsAgreement bilateral:deu-ton-1998 ;" in text
    assert "Germany–Tonga: protocol implementing the bilateral readmission agreement (1999)" in text


def test_rows_without_a_new_instrument_leave_a_line_in_the_ledger_only(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    told_again = {"european_state": "LIE", "partner": "GEO", "instrument": "bilateral/che-geo-2005"}
    refused = {
        "european_state": "FRA",
        "partner": "Chile",
        "kind": "readmission agreement",
        "reason": "no text seen",
    }
    table = tmp_path / "rest.csv"
    table.write_bytes(written([told_again, ROWS[0], refused]))
    told: list[str] = []
    plan = importing.convert(table, holdings, today=TODAY, tell=told.append)
    assert told == ["comparing 3 rows with the instruments on file"]
    assert list(plan.added) == [3]
    assert plan.summary().endswith("1 instruments added, 0 rows skipped, 2 rows noted in the ledger only")
    lines = plan.ledger[0].file.text.splitlines()[-5:]
    assert lines[0] == "rest:2,rest,LIE,GEO,,,,bilateral/che-geo-2005,"
    assert lines[-1] == "rest:4,rest,FRA,CHL,bilateral-readmission-agreement,,,,no text seen"
    table.write_bytes(written([told_again | {"instrument": "bilateral/nowhere-1"}, refused | told_again]))
    with pytest.raises(ImportRefusedError) as found:
        importing.convert(table, holdings, today=TODAY)
    assert [(fault.row, fault.column) for fault in found.value.problems] == [(2, "instrument"), (3, "reason")]


def test_what_a_name_or_a_signature_implies_is_marked_as_inferred(
    holdings: RecordedFacts, tmp_path: Path
) -> None:
    table = tmp_path / "implied.csv"
    table.write_bytes(written([ROWS[0], ROWS[2] | {"nature": "", "persons_ground": "The press says so."}]))
    text = "".join(change.file.text for change in importing.convert(table, holdings, today=TODAY).changes)
    for line in (
        "that it covers nationals of the partner follows from that name",
        "The press says so.",
        'rdm:date "[2017-02-02..]"^^edtf:EDTF',
        "not binding it would work from the signature",
    ):
        assert line in text


def test_the_template_and_the_guide_name_every_column_and_code(holdings: RecordedFacts) -> None:
    assert template().strip().split(",") == list(NAMES)
    told = guide(holdings.codes)
    folded = re.sub(r"\s+", "", told)
    for column in COLUMNS:
        assert f"\n{column.name} (" in told
        assert re.sub(r"\s+", "", column.example) in folded
    for codes in holdings.codes.values():
        assert all(code in folded for code in codes)


def test_the_examples_of_the_guide_make_a_right_row(holdings: RecordedFacts, tmp_path: Path) -> None:
    row = {column.name: column.example for column in COLUMNS} | {"partner": "FJI"}
    for column in ("implements", "instrument", "reason"):
        del row[column]
    table = tmp_path / "examples.csv"
    table.write_bytes(written([row]))
    assert list(importing.convert(table, holdings, today=TODAY).added.values()) == [
        f"{ID}bilateral/deu-fji-1998"
    ]


# --- three hundred bad tables ----------------------------------------------------------------------------------

Bad = tuple[
    bytes, str, str
]  # the table; the column at fault, or "" for none; words of the message, or "" when right
Rows = list[dict[str, str]]
RIGHT, ANY = "", "*"


def _rows() -> Rows:
    return [dict(row) for row in ROWS]


def _cell(rows: Rows, dice: random.Random, column: str, value: str) -> Bad:
    dice.choice(rows)[column] = value
    return written(rows), column, column


def wrong_code(dice: random.Random) -> Bad:
    column = dice.choice(
        ["european_state", "partner", "kind", "nature", "evidence_level", "title_language", "persons"]
    )
    value = dice.choice(
        ["XQZ", "Moroco", "Narnia", "binding-ish", "12", "Îles perdues", "bindnig", "?", "zz", "🦊"]
    )
    return _cell(_rows(), dice, column, value)


def impossible_date(dice: random.Random) -> Bad:
    value = dice.choice(
        "2011-02-30 2011-13-01 31.02.2010 17.06.2010 03/04/2011 03.04.2011 2010-6-7 17.06.10 40346 2999-01-01 0987 "
        "1066-10-14 2010-06-17T00:00:00 June [2011..2010] 2010/06/17 20100617 2010-00-00 n/a ?".split()
    )
    return _cell(_rows(), dice, dice.choice(["signed", "entry_into_force", "ended"]), value)


def dates_in_disorder(dice: random.Random) -> Bad:
    rows = _rows()[1:2]
    column, value = dice.choice(
        [("entry_into_force", "1997"), ("ended", "1998-12-31"), ("signed", "2005-01-01")]
    )
    rows[0][column] = value
    return written(rows), "entry_into_force" if column == "signed" else column, "lies before"


def swapped_columns(dice: random.Random) -> Bad:
    one, two = dice.choice(
        [("partner", "signed"), ("kind", "partner"), ("european_state", "title_language"), ("title", "signed"),
         ("european_state", "partner"), ("nature", "kind"), ("source_url", "partner"), ("title", "kind"),
         ("evidence_level", "signed")]
    )  # fmt: skip
    rows = [row | {one: row.get(two, ""), two: row.get(one, "")} for row in _rows()]
    dice.shuffle(rows)
    return written(rows), one, one


def other_encoding(dice: random.Random) -> Bad:
    encoding = dice.choice(["utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-8"])
    return written(_rows(), dice.choice(",;\t"), encoding, dice.choice(["\n", "\r\n", "\r"])), "", RIGHT


def wrong_encoding(dice: random.Random) -> Bad:
    rows = _rows()
    kind = dice.randrange(6)
    if kind == 0:
        return written(rows, encoding="utf-16-le"), "", "NUL bytes"
    if kind == 1:
        return written(rows, encoding="utf-16")[:-1], "", "cannot be read as UTF-16"
    if kind == 2:
        return written(rows).replace(b"Memorandum", b"M\xe9morandum"), "", "not UTF-8"
    if kind == 3:
        rows[0] |= {"title": "Спогодба за обратно приемане", "title_language": "bg"}
        return (
            written(rows[:1], encoding="cp1251"),
            "title",
            "no text of the language; it may be 'Спогодба за обратно приемане'",
        )
    if kind == 4:
        return (
            written(rows).decode().encode("utf-8").decode("cp1252").encode("utf-8"),
            "title",
            "wrong encoding",
        )
    return b"\xef\xbb\xbf" + written(rows[1:2], encoding="cp1252"), "", "cannot be read as UTF-8"


def separators(dice: random.Random) -> Bad:
    rows, separator = _rows(), dice.choice([";", "\t", "|", ":", "sep=;", "sep=,"])
    if separator in "|:":
        return written(rows, separator), "", "names no column"
    if separator.startswith("sep="):
        return separator.encode() + b"\r\n" + written(rows, separator[-1]), "", RIGHT
    return written(rows, separator, dice.choice(["utf-8", "utf-16"])), "", RIGHT


def mark(dice: random.Random) -> Bad:
    names = list(NAMES)
    dice.shuffle(names)
    table = written(_rows(), ";", "utf-8-sig", names=names)
    return (table if dice.random() < 0.5 else table.replace(b"\xef\xbb\xbf", b"")), "", RIGHT


def header_in_any_case(dice: random.Random) -> Bad:
    head, _, rest = written(_rows()).decode().partition("\r\n")
    told = head.replace("_", dice.choice("_ -"))
    told = dice.choice([told, told.upper(), told.title(), told.replace("e", "E")])
    return f"\n{told}\r\n{rest}".encode(), "", RIGHT


def repeated_rows(dice: random.Random) -> Bad:
    rows = _rows()
    rows.insert(dice.randrange(len(rows) + 1), dict(dice.choice(rows)))
    return written(rows), "title", "a similar title as in row"


def missing_headers(dice: random.Random) -> Bad:
    kind, column = dice.randrange(5), dice.choice(REQUIRED)
    table = written(_rows()).decode()
    head, _, rest = table.partition("\r\n")
    if kind == 0:
        return rest.encode(), "", "names no column"
    if kind == 1:
        return written([{n: row.get(n, "") for n in NAMES if n != column} for row in _rows()],
                       names=[n for n in NAMES if n != column]), column, "the column is missing"  # fmt: skip
    if kind == 2:
        return f"{head},remarks\r\n{rest}".encode(), "remarks", "no such column"
    if kind == 3:
        return (
            head.replace(f"{column},", f"{column}s,", 1).encode() + b"\r\n" + rest.encode(),
            column,
            "missing",
        )
    return head.replace("locator", column).encode() + b"\r\n" + rest.encode(), column, "stands twice"


def formula(dice: random.Random) -> Bad:
    value = dice.choice(
        ["=1+1", "+A1", "@SUM(A1)", '=HYPERLINK("http://x.y")', " =cmd|' /C calc'!A0", "#REF!", "#N/A"]
    )
    return _cell(_rows(), dice, dice.choice(["title", "partner", "signed", "status_note", "locator"]), value)


def empty(dice: random.Random) -> Bad:
    table, words = dice.choice([
        (b"", "is empty"), (b" \r\n\r\n", "is empty"), (b"\xef\xbb\xbf", "names no column"),
        (template().encode(), "no rows"), (template().encode() + b"," * (len(NAMES) - 1), "no rows"),
        (b",,,\r\n,,,", "names no column"), (b'""', "names no column"), (b"\0", "NUL bytes"),
    ])  # fmt: skip
    return table, "", words


def cut_off(dice: random.Random) -> Bad:
    table = written(_rows())
    quote = [at.start() for at in re.finditer(rb'"', table)]
    kind = dice.randrange(3)
    if kind == 0:
        return table[: quote[0] + dice.randrange(2, 20)], "", "is no CSV"
    if kind == 1:
        return table.replace(b'protocol"', b"protocol", 1), "", "is no CSV"
    end = table.rindex(b"\r\n", 0, -2)
    return table[: end + dice.randrange(10, 40)], "", "cells for"


def nul_bytes(dice: random.Random) -> Bad:
    table = bytearray(written(_rows()))
    for _ in range(dice.randrange(1, 4)):
        table.insert(dice.randrange(len(table)), 0)
    return bytes(table), "", "NUL bytes"


def huge_cell(dice: random.Random) -> Bad:
    column = dice.choice(["title", "status_note", "partner", "signed", "source_url"])
    size = dice.choice([2_001, 60_000, 200_000])
    table, _, _ = _cell(_rows(), dice, column, dice.choice("aä1,") * size)
    return table, "" if size > 131_072 else column, "field limit" if size > 131_072 else "characters"


def mixed_line_ends(dice: random.Random) -> Bad:
    lines = written(_rows()).decode().split("\r\n")
    return (
        "".join(line + dice.choice(["\n", "\r\n", "\r", "\n\n"]) for line in lines if line).encode(),
        "",
        RIGHT,
    )


def wrong_number_of_cells(dice: random.Random) -> Bad:
    lines = written(_rows()).decode().strip().split("\r\n")
    at = dice.randrange(1, len(lines))
    lines[at] = lines[at] + ",more" if dice.random() < 0.5 else lines[at].rpartition(",")[0]
    return "\r\n".join(lines).encode(), "", f"cells for {len(NAMES)} columns"


def control_character(dice: random.Random) -> Bad:
    column = dice.choice(["title", "partner", "kind", "signed", "source_title"])
    value = dice.choice(["\x07", "\n", "\t", "\u202e", "\ufeff", "\ufffd", "\x85", "\ue000"])
    return _cell(_rows(), dice, column, f"a{value}b")


def swapped_sides(dice: random.Random) -> Bad:
    rows = _rows()
    column, changes, words = dice.choice([
        ("european_state", {"european_state": "Morocco", "partner": "DEU"}, "no Member State"),
        ("partner", {"european_state": "BEL", "partner": "Benelux"}, "is no partner"),
        ("partner", {"european_state": "Benelux", "partner": "NLD"}, "on both sides"),
        ("european_state", {"european_state": "BEL, NLD, LUX"}, "a row for each state"),
        ("partner", {"partner": "Serbia and Montenegro"}, "write Serbia (SRB), which continues it"),
    ])  # fmt: skip
    dice.choice(rows).update(changes)
    return written(rows), column, words


def wrong_source(dice: random.Random) -> Bad:
    rows = _rows()
    column, changes, words = dice.choice([
        ("source_url", {"source_url": "", "source_title": "", "evidence_level": "press"}, "no source is given"),
        ("source_title", {"source_url": "", "source_title": "A book", "evidence_level": "unverified"}, "unverified"),
        ("source_url", {"source_url": "www.example.org", "evidence_level": "press"}, "no web address"),
        ("source_url", {"source_url": "https://a b.example", "evidence_level": "press"}, "no web address"),
        ("source_url", {"source_url": "javascript:alert(1)", "evidence_level": "press"}, "no web address"),
        ("evidence_level", {"evidence_level": "inferred"}, "no code"),
        ("evidence_level", {"evidence_level": ""}, "is empty"),
        ("source_kind", {"source_kind": "blog"}, "no code"),
    ])  # fmt: skip
    dice.choice(rows).update(changes)
    return written(rows), column, words


def against_itself(dice: random.Random) -> Bad:
    rows = _rows()
    protocol = {"kind": "implementing-protocol", "nature": "", "partner": "GEO", "european_state": "AUT"}
    column, changes, words = dice.choice([
        ("nature", protocol | {"nature": "non-binding"}, "carries out an agreement and binds"),
        ("implements", protocol | {"partner": "FJI"}, "which agreement it carries out"),
        ("implements", protocol | {"implements": "eura/tur"}, "no agreement of these sides"),
        ("ended", {"ended": "2012", "entry_into_force": "", "signed": "", "nature": ""}, "nothing says that it began"),
        ("title_english", {"title_language": "en", "title_english": "Twice"}, "in English already"),
        ("title", {"title": "1998"}, "is a date"), ("title", {"title": "Morocco"}, "is a country"),
        ("title", {"title": "…!"}, "no letters"), ("title", {"title": " "}, "is empty"),
        ("locator", {"locator": "n/a"}, "says nothing"),
    ])  # fmt: skip
    dice.choice(rows).update(changes)
    return written(rows), column, words


def no_table(dice: random.Random) -> Bad:
    return dice.choice([
        (b"PK\x03\x04" + dice.randbytes(300), "", "damaged workbook"),
        (b"%PDF-1.7\n" + dice.randbytes(300), "", "a PDF"),
        (b"\xd0\xcf\x11\xe0" + dice.randbytes(300), "", "a workbook"),
        (b"<html><body><table><tr><td>partner</td></tr></table></body></html>", "", "names no column"),
        (b'{"partner": "Fiji", "kind": "other"}', "", "no column"), (b"\x89PNG\r\n\x1a\n\0\0", "", "NUL bytes"),
    ])  # fmt: skip


def noise(dice: random.Random) -> Bad:
    """Bytes changed at random: whatever the end, a message or a result, it is one of the two."""
    table = bytearray(written(_rows()))
    for _ in range(dice.choice([1, 3, 30])):
        at = dice.randrange(len(table))
        table[at : at + dice.randrange(2)] = dice.randbytes(dice.randrange(1, 3))
    return bytes(table), "", ANY


def too_many_rows(dice: random.Random) -> Bad:
    row = written(_rows()).split(b"\r\n")[3]
    if dice.random() < 0.5:
        return template().encode() + (row + b"\r\n") * 100_000, "", f"more than {MOST_ROWS} rows"
    blank = b"," * (len(NAMES) - 1) + b"\r\n"
    return written(_rows()) + blank * 100_000, "", RIGHT


GENERATORS: tuple[Callable[[random.Random], Bad], ...] = (
    wrong_code, impossible_date, dates_in_disorder, swapped_columns, other_encoding, wrong_encoding, separators, mark,
    header_in_any_case, repeated_rows, missing_headers, formula, empty, cut_off, nul_bytes, huge_cell,
    mixed_line_ends, wrong_number_of_cells, control_character, swapped_sides, wrong_source, against_itself, no_table,
    noise,
)  # fmt: skip


def tables() -> Iterator[ParameterSet]:
    """Yield tables of all kinds; most of them are for the nightly."""
    for seed in range(300):
        kind = too_many_rows if seed in (101, 202) else GENERATORS[seed % len(GENERATORS)]
        yield pytest.param(kind.__name__, seed, marks=[pytest.mark.slow] * (seed > 101))


@pytest.fixture(scope="session")
def untouched(data: Path, holdings: RecordedFacts) -> dict[str, str]:
    assert holdings.graph == data
    return digests(data)


@pytest.mark.parametrize(("kind", "seed"), list(tables()))
def test_a_bad_table_ends_in_a_message_or_a_right_result(
    kind: str,
    seed: int,
    holdings: RecordedFacts,
    right: import_plan.ImportPlan,
    untouched: dict[str, str],
    tmp_path: Path,
) -> None:
    content, column, words = globals()[kind](random.Random(seed))
    table = tmp_path / "table.csv"
    table.write_bytes(content)
    found = _outcome(table, holdings)
    assert digests(holdings.graph) == untouched
    if isinstance(found, ImportRefusedError):
        for fault in found.problems:
            assert fault.what
            assert fault.remedy
            assert str(fault).startswith(f"{table}:{fault.row}: " if fault.row else f"{table}: ")
        assert words == ANY or (words and words in str(found)), str(found)
        assert not column or column in {fault.column for fault in found.problems}
    elif words != ANY:
        assert words == RIGHT, "taken over"
        expected = {change.file.name: change.file.text for change in right.changes}
        assert {change.file.name: change.file.text for change in found.changes} == expected


def _outcome(table: Path, holdings: RecordedFacts) -> import_plan.ImportPlan | ImportRefusedError:
    try:
        return importing.convert(table, holdings, today=TODAY)
    except ImportRefusedError as refused:
        return refused


def test_ambiguous_dates_are_never_guessed(holdings: RecordedFacts, tmp_path: Path) -> None:
    table = tmp_path / "dates.csv"
    for stated, way in (
        ("17.06.2010", "write 2010-06-17 (year-month-day)"),
        ("03/04/2011", "write 2011-04-03 or 2011-03-04, whichever is meant"),
        ("2010-6-7", "write 2010-06-07"),
        ("40346", "format the column as text"),
        ("31.02.2010", "is not in the calendar"),
        ("[2010..2011-02]", "write [2010-01-01..2011-02-28]"),
        ("Morocco", "is a country or territory, not a date: see whether columns are swapped"),
    ):
        table.write_bytes(written([ROWS[0] | {"signed": stated}]))
        with pytest.raises(ImportRefusedError) as refused:
            importing.convert(table, holdings, today=TODAY)
        assert [(fault.row, fault.column) for fault in refused.value.problems] == [(FIRST, "signed")]
        assert way in str(refused.value)


@pytest.mark.slow
def test_the_longest_table_is_read_in_seconds(holdings: RecordedFacts, tmp_path: Path) -> None:
    """All rows of one pair, each with another title and no date: the most comparisons there can be."""
    dice = random.Random(7)
    bare = {name: ROWS[3].get(name, "") for name in NAMES} | {"signed": ""}
    words = [f"{dice.choice('bcdfg')}{dice.choice('aeiou')}{n}" for n in range(3_000)]
    rows = [bare | {"title": " ".join(dice.sample(words, 12))} for _ in range(MOST_ROWS)]
    table = tmp_path / "long.csv"
    table.write_bytes(written(rows))
    started = datetime.datetime.now()
    assert len(importing.convert(table, holdings, today=TODAY).added) == MOST_ROWS
    assert (datetime.datetime.now() - started).total_seconds() < 60


def test_a_file_that_is_not_there_is_told(holdings: RecordedFacts, tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path):
        with pytest.raises(ImportRefusedError, match="cannot be read"):
            prepare(path, holdings, today=dates.today())
