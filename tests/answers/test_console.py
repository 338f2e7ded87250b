"""The command line on consoles of all kinds, and texts in all encodings: an answer, or a line that says why not."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from readmission.answers.matrix import Matrix, Partner, State
from readmission.cli import main
from readmission.engine.syntax_errors import explain
from readmission.files.encoding import EncodingError, decode
from readmission.reports import files, workbook

PROGRAM = str(Path(sys.executable).with_name("readmission"))
Captured = pytest.CaptureFixture[bytes]
LETTERS = "SELECT ('ά ж ə 中 𝄞 é' AS ?x) {}"
PLACES = [
    {"PYTHONIOENCODING": "cp1252"}, {"PYTHONIOENCODING": "cp850"}, {"PYTHONIOENCODING": "ascii:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "C.UTF-8"},
]  # fmt: skip


def ran(
    surroundings: dict[str, str], *arguments: str, given: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    kept = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONIOENCODING", "PYTHONUTF8")
    }
    return subprocess.run(
        [PROGRAM, *arguments], input=given, capture_output=True, env={**kept, **surroundings}
    )


@pytest.mark.parametrize("surroundings", PLACES, ids=str)
def test_output_never_fails_on_the_consoles_encoding(
    surroundings: dict[str, str], home: Path, built: object
) -> None:
    done = ran(surroundings, "query", "-", given=LETTERS.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    encoding = surroundings.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    told = done.stdout.decode(encoding)
    assert "𝄞" in told or "\\U0001d11e" in told


def test_files_are_utf_8_whatever_the_console(home: Path, built: object) -> None:
    done = ran({"PYTHONIOENCODING": "ascii"}, "gaps", "Türkiye", "--on", "2021-02-10", "--format", "json")
    assert json.loads(done.stdout.decode("utf-8"))["country"]["name"] == "Türkiye"
    done = ran({"PYTHONIOENCODING": "cp1252"}, "gaps", "GEO", "--on", "2021-02-10", "--format", "csv")
    assert done.stdout.count(b"\r\n") == 55
    assert b"\r\r" not in done.stdout


def asked(data: bytes, name: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    """Ask a query of a file, or of standard input, in this process."""
    if name == "-":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    else:
        Path(name).write_bytes(data)
    return main(["query", name, *more])


@pytest.mark.parametrize("name", ["query.rq", "-"])
def test_a_query_may_open_with_a_byte_order_mark(
    name: str,
    tmp_path: Path,
    home: Path,
    built: object,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: Captured,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert asked(LETTERS.encode("utf-8-sig"), name, monkeypatch, "--format", "csv") == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out.decode() == "x\r\nά ж ə 中 𝄞 é\r\n"


@pytest.mark.parametrize("name", ["query.rq", "-"])
@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "utf-16", "utf-16-le", "utf-32", "mac-roman"])
def test_a_query_in_another_encoding_is_refused_by_name(
    encoding: str, name: str, tmp_path: Path, home: Path, built: object, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert asked("# one\nSELECT ('é' AS ?x) {}".encode(encoding), name, monkeypatch) == 2
    told = capsys.readouterr().err
    assert "UTF-8" in told
    assert ("standard input:" if name == "-" else "query.rq:") in told


@pytest.mark.parametrize("before", ["", "\ufeff", "a\n", "a\r\n", "a\r", "ä\n\n"])
def test_the_line_of_a_wrong_byte_is_named(before: str) -> None:
    lines = before.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").count("\n")
    with pytest.raises(EncodingError, match="0xe4") as fault:
        decode(before.encode() + b"x\xe4", "name.ttl")
    assert str(fault.value).startswith(f"name.ttl:{lines + 1}: ")


def test_a_syntax_error_names_the_line(
    home: Path, built: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("SELECT\u00a0* {}".encode(), "-", monkeypatch) == 2
    assert "NO-BREAK SPACE (U+00A0)" in capsys.readouterr().err


# Why a query cannot be read

SAID = "error at 1:30: expected DISTINCT"


@pytest.mark.parametrize(
    "character", ["\u00a0", "\u200b", "\u202f", "\u3000", "\ufeff", "\u00ad", "\u2028", "\u2009", "\x00", "\x0b",
                  "\u200e", "\u0085"]
)  # fmt: skip
@pytest.mark.parametrize(
    "text", ["SELECT{}* {{ ?s ?p ?o }}", "# one\nSELECT * {{ ?s{}?p ?o }}", "{}ASK {{}}"]
)
def test_invisible_characters_are_named_at_their_place(text: str, character: str) -> None:
    found = explain(SAID, text.format(character))
    line, column = (2, 14) if "one" in text else (1, 1 + text.index("{}"))
    assert (found.place["line"], found.place["column"]) == (line, column)
    assert f"U+{ord(character):04X}" in found.text


@pytest.mark.parametrize("character", ["“", "”", "’", "«", "–"])
def test_typographic_marks_are_named(character: str) -> None:
    assert f"U+{ord(character):04X}" in explain(SAID, f"SELECT * {{ ?s ?p {character}x }}").text


@pytest.mark.parametrize("character", [" ", "{", "}", "|", "^", "`", "\\", '"', "\t"])
@pytest.mark.parametrize("iri", ["http://example.org/a{}b", "https://e/x#{}", "urn:a{}b"])
def test_invalid_iri_characters_are_named_at_their_place(iri: str, character: str) -> None:
    text = f"SELECT * {{ ?s ?p <{iri.format(character)}> }}"
    found = explain(SAID, text)
    assert "PREFIX" not in found.text
    assert f"%{ord(character):02X}" in found.text
    assert found.place["column"] == 19 + iri.index("{}")


@pytest.mark.parametrize(
    "text",
    ["SELECT * { ?s rdfs:label 'a\u00a0b' }", "# \u00a0\nSELECT * { ?s rdfs:label ?o }",
     "SELECT * { ?s rdfs:label 'see <http://a b>' }",
     "SELECT * { ?s rdfs:label <http://example.org/é\u00a0> }"],
)  # fmt: skip
def test_strings_and_comments_may_hold_anything(text: str) -> None:
    assert "PREFIX rdfs:" in explain(SAID, text).text


# Tables for spreadsheets


@pytest.mark.parametrize(
    "cell", ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "-1+1"]
)
def test_no_cell_of_a_table_is_a_formula(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(files.csv_text([["a", cell]]), newline=""))
    assert row == ["a", f"'{cell}"]


@pytest.mark.parametrize("cell", ["-1", "+2.5", "-0,5", "12", "a=b", "", "a-b"])
def test_numbers_and_words_are_as_they_are(cell: str) -> None:
    assert files.csv_text([[cell, "x"]]).startswith(f'"{cell}"' if "," in cell else cell)


def test_a_workbook_holds_texts_for_formulas() -> None:
    partner = Partner(code="=1+1", name="=HYPERLINK(1)", region="http://example.org", groups=frozenset())
    found = Matrix(date(2021, 1, 1), "own", "=v", (State("=2", "member"),), (partner,), {})
    with zipfile.ZipFile(io.BytesIO(workbook.matrix_workbook(found, "own"))) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if "worksheets" in name)
    assert "<f>" not in text
    assert "hyperlink" not in text
