"""`readmission format`: the one form, in which no statement changes; and the lines that findings name."""

import re
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest

from readmission.building.datatypes import XSD, is_ill_typed
from readmission.cli import main
from readmission.sources import fact_files
from readmission.sources.fact_files import FactFile
from readmission.sources.formatting import FormattingError, canonical, rewrite
from readmission.sources.places import Places

HEAD = "@prefix ex: <http://example.org/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
FORMS = {
    "date": ["2011-03-01Z", "2011-03-01-06:00", "2011-03-01+14:00", "-0044-03-15", "0000-01-01", "2011-02-30", "x"],
    "dateTime": ["2011-03-01T24:00:00", "2011-03-01T00:00:00.123456789", "2011-03-01T00:00:00Z", "2011-03-01T00:00:00"],
    "duration": ["P1Y14M", "P2Y2M", "PT0S", "-P1D", "P1DT24H"],
    "double": ["1e400", "1.0E0", "1E0", "INF", "-INF", "NaN", ".5e1", "1.e1", "inf", "1"],
    "float": ["1.10", "1e400", "NaN"],
    "decimal": ["1.50", "1.5", "1", ".5", "-0.0", "+1.0", "1."],
    "integer": ["01", "1", "+1", "-0", " 5 ", "5 ", "1.0", "٣"],
    "boolean": ["1", "true", "TRUE", "0", "false"],
    "gYear": ["2011", "2011Z", "-0001", "12011"],
    "hexBinary": ["0a", "0A"], "base64Binary": ["YQ==", "Y Q = ="], "anyURI": ["a b", "http://é/%zz"],
    "nonNegativeInteger": ["-1", "007"], "time": ["24:00:00", "00:00:00", "12:00:00.1234567"],
}  # fmt: skip
TEXTS = [
    "",
    '"',
    '""',
    '"""',
    "\\",
    '\\"',
    "\\\n",
    "a\r\nb",
    "a\rb",
    "\t",
    "\x0c\x08",
    "\n",
    'a\n"',
    '\n\\"',
    "𝄞",
    "é",
    "é",
]


def turtle(quads: list[ox.Quad]) -> str:
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.TURTLE).decode()  # type: ignore[union-attr]


def statements(text: str) -> set[str]:
    """The statements, blank nodes with names that depend on nothing but what is said of them."""
    dataset = ox.Dataset(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


def same(text: str) -> str:
    written = canonical(text)
    assert statements(written) == statements(text), written
    assert canonical(written) == written, "the form of the form is another"
    return written


@pytest.mark.parametrize("datatype", FORMS)
def test_a_literal_keeps_its_lexical_form(datatype: str, capfd: pytest.CaptureFixture[str]) -> None:
    values = " , ".join(f'"{form}"^^xsd:{datatype}' for form in FORMS[datatype])
    written = same(f"{HEAD}ex:a ex:p {values} .")
    assert len(statements(written)) == len(FORMS[datatype]), "two literals became one"
    assert capfd.readouterr().err == "", "a library speaks beside us"


@pytest.mark.parametrize("plain", ["01", "+1", "1.50", "-.5", "1e400", "1.E1", "true"])
def test_a_literal_without_quotes_keeps_its_lexical_form(plain: str) -> None:
    same(f"{HEAD}ex:a ex:p {plain} .")


@pytest.mark.parametrize("seed", range(40))
def test_no_statement_changes(seed: int) -> None:
    chance = Random(seed)
    names = [
        ox.NamedNode(f"http://example.org/{end}")
        for end in ("a", "b.c", "d%20e", "f(g)", "h/i#j", "k,l", "é", "-")
    ]
    nodes: list[ox.NamedNode | ox.BlankNode] = [*names, *(ox.BlankNode(f"b{number}") for number in range(3))]

    def literal() -> ox.Literal:
        if chance.random() < 0.5:
            datatype = chance.choice(list(FORMS))
            return ox.Literal(chance.choice(FORMS[datatype]), datatype=ox.NamedNode(XSD + datatype))
        text = "".join(chance.choice(TEXTS) for _ in range(chance.randint(0, 4)))
        return ox.Literal(text, language=chance.choice(["en", "en-GB", "sr-Latn-RS", "x-a"])) if chance.random() < 0.3 \
            else ox.Literal(text)  # fmt: skip

    quads = [
        ox.Quad(
            chance.choice(nodes),
            chance.choice(names),
            chance.choice([*nodes, literal(), literal()]),
        )
        for _ in range(25)
    ]
    text = turtle(quads)
    shuffled = quads[:]
    chance.shuffle(shuffled)
    assert same(text)
    if not any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        assert canonical(turtle(shuffled)) == canonical(text), "the order of writing shows"


def test_the_form_does_not_depend_on_the_order_of_equal_values() -> None:
    one, other = f'{HEAD}ex:a ex:p 1 , 01 , "1"^^xsd:byte .', f'{HEAD}ex:a ex:p "1"^^xsd:byte , 01 , 1 .'
    assert canonical(one) == canonical(other)


def test_languages_are_spelled_as_is_usual() -> None:
    assert '"x"@en-GB' in same(f'{HEAD}ex:a ex:p "x"@EN-gb .')
    assert '"x"@sr-Latn-RS' in same(f'{HEAD}ex:a ex:p "x"@sr-latn-rs .')


def test_an_ontology_lists_classes_then_properties_then_individuals_then_annotation_properties() -> None:
    kinds = {
        "a": "AnnotationProperty",
        "b": "NamedIndividual",
        "d": "ObjectProperty",
        "c": "DatatypeProperty",
    }
    kinds |= {"f": "Class", "e": "Class", "g": "Ontology"}
    head = "@prefix ex: <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    used = "ex:b ex:sees ex:e , ex:c .\n"
    written = same(head + used + "".join(f"ex:{name} a owl:{kind} .\n" for name, kind in kinds.items()))
    assert re.findall(r"^ex:(\w)$", written, re.MULTILINE) == ["g", "e", "f", "c", "d", "b", "a"], written


def test_a_prefix_is_taken_from_the_table_and_never_invented() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    written = same(f"PREFIX ns1: <{rdf}>\n<urn:a> ns1:value <urn:b> .")
    assert f"PREFIX rdf: <{rdf}>" in written
    assert "ns1" not in written
    assert "<http://example.org/p>" in same("<urn:a> <http://example.org/p> <urn:b> .")
    with pytest.raises(FormattingError, match=r"the prefix ns1: says nothing.*<http://example.org/>"):
        canonical("PREFIX ns1: <http://example.org/>\n<urn:a> ns1:p <urn:b> .")


def test_every_fact_file_has_the_form(loaded: fact_files.Facts) -> None:
    assert [file.name for file in loaded.files[::4] if canonical(file.text) != file.text] == []


# The command


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.ttl"
    path.write_text(f"{HEAD}\n\nex:a   ex:p 01 .\n", encoding="utf-8")
    return path


def test_a_file_is_found_however_its_path_is_written(
    draft: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = draft.read_text(encoding="utf-8")
    (draft.parent / "below").mkdir()
    for folder, name in [
        (draft.parent, "draft.ttl"), (draft.parent, "./draft.ttl"), (draft.parent, "below/../draft.ttl"),
        (draft.parent / "below", "../draft.ttl"), (draft.parent / "below", str(draft)),
    ]:  # fmt: skip
        draft.write_text(before, encoding="utf-8")
        monkeypatch.chdir(folder)
        assert main(["format", name]) == 0
        assert "rewritten" in capsys.readouterr().out, f"{name} in {folder} was not found"
        assert draft.read_text(encoding="utf-8") == canonical(before)
        assert main(["format", name]) == 0
        assert capsys.readouterr().out == "", "the second time nothing is left to do"


def test_names_as_messages_show_them_are_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: fact_files.Facts
) -> None:
    monkeypatch.chdir(tmp_path)
    assert loaded.find("graph/dataset.ttl") in loaded.files


@pytest.mark.parametrize(
    "name", ["nothing.ttl", "./graph/nothing.ttl", "graph/instruments/eu/nothing.ttl", "."]
)
def test_a_file_that_is_not_there_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["format", name]) == 2
    assert Path(name).name in capsys.readouterr().err


@pytest.mark.parametrize(
    "annotated",
    [
        "ex:a ex:p ex:b ~ ex:r {| ex:source ex:c |} .",
        "ex:a ex:p <<( ex:a ex:p 1 )>> .",
        'ex:a ex:p "x"@ar--rtl .',
    ],
)
def test_what_the_form_cannot_hold_is_told_with_its_line(
    annotated: str, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = draft.with_name("other.ttl")
    other.write_text(f"{HEAD}\n{annotated}\n", encoding="utf-8")
    before = draft.read_bytes()
    assert main(["format", str(draft), str(other)]) == 2
    told = capsys.readouterr().err
    assert f"{other}:4: " in told
    assert "RDF 1.2" in told
    assert "Traceback" not in told
    assert draft.read_bytes() == before, "one file was changed although another was refused"


def test_a_byte_order_mark_and_line_ends_are_brought_into_form(draft: Path) -> None:
    wanted = canonical(draft.read_text(encoding="utf-8"))
    text = draft.read_text(encoding="utf-8").replace("\n", "\r\n")
    draft.write_bytes(text.encode("utf-8-sig"))
    assert rewrite([fact_files.read_file(draft)]) == [draft]
    assert draft.read_bytes() == wanted.encode()


def test_a_form_that_would_change_a_statement_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("readmission.sources.formatting.serialize", lambda graph: f"{HEAD}ex:a ex:p 2 .")
    with pytest.raises(FormattingError):
        canonical(f"{HEAD}ex:a ex:p 1 .")


# The lines of findings

LAYOUTS = {
    "indented": ("  ex:s\n    ex:p 1 ;\n    ex:q 2 .", 1, 2, 3),
    "on one line": ("ex:s ex:p 1 ; ex:q 2 .", 1, 1, 1),
    "behind another": ("ex:other ex:p 0 . ex:s ex:p 1 ;\n ex:q\n 2 .", 1, 1, 2),
    "in full": ("<http://example.org/s>\n<http://example.org/p> 1 ; <http://example.org/q> 2 .", 1, 2, 2),
    "relative": ("@base <http://example.org/> .\n<s>\n<p> 1 ;\n<q> 2 .", 2, 3, 4),
    "with escapes": ("<http://example.org/\\u0073>\n<http://example.org/p> 1 ;\nex:q 2 .", 1, 2, 3),
    "dotted prefix": ("PREFIX a.b: <http://example.org/>\n\na.b:s\n  a.b:p 1 ;\n  a.b:q 2 .", 3, 4, 5),
    "accented prefix": ("PREFIX é·: <http://example.org/>\né·:s é·:p 1 ;\n  é·:q 2 .", 2, 2, 3),
    "empty prefix": ("@prefix : <http://example.org/> .\n:s :p 1 ;\n:q 2 .", 2, 2, 3),
    "prefix of its own": ("@prefix s: <http://example.org/s> .\ns:\nex:p 1 ; ex:q 2 .", 2, 3, 3),
    "relative prefix": ("@base <http://example.org/x/> . @prefix r: <../> .\nr:s r:p 1;\nr:q 2 .", 2, 2, 3),
    "stated twice": ("ex:s ex:p 1 .\nex:t ex:q 1 .\nex:s\nex:q 2 .", 1, 1, 4),
    "over strings": ('ex:t ex:p """ex:s ex:p 1 .\n\n""" .\nex:s ex:p 1 ;\nex:q 2 .', 4, 4, 5),
    "over comments": ("# ex:s ex:p 1 .\nex:s ex:p 1 ; # ; ex:q 2\nex:q 2 .", 2, 2, 3),
    "over blank nodes": ("ex:s ex:r [ ex:p 5 ;\n ex:q 6 ] ;\nex:p 1 ;\nex:q 2 .", 1, 3, 4),
    "over lists": ("ex:s ex:r ( ex:p\n [ ex:p 5 ] ex:q ) ;\nex:p 1 ;\nex:q 2 .", 1, 3, 4),
    "with dots in names": ("@prefix e: <http://example.org/x.y/> . e:a.b e:c.d 1 .\nex:s ex:p 1.5 ;\nex:q 2.", 2, 2, 3),
    "Windows lines": ("\r\n\r\n  ex:s\r\n  ex:p 1 ;\r\n  ex:q 2 .", 3, 4, 5),
    "with a line separator": ("ex:t ex:p '\u2028\x0b\x85' .\n ex:s ex:p 1 ;\nex:q 2 .", 2, 2, 3),
    "annotated": ("ex:t ex:p ex:q {| ex:p 1 |} .\nex:s ex:p 1 ~ ex:r ;\nex:q 2 .", 2, 2, 3),
}  # fmt: skip


def file(text: str) -> FactFile:
    return FactFile(Path("draft.ttl"), "draft.ttl", ox.NamedNode("http://example.org/graph"), text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_place_is_found_however_the_file_is_laid_out(layout: str) -> None:
    text, *lines = LAYOUTS[layout]
    head = "@prefix ex: <http://example.org/> . "
    found = file(head + text)
    assert found.quads, "the example has to be Turtle"
    places = [
        found.locate("http://example.org/s", predicate)
        for predicate in (None, *(f"http://example.org/{p}" for p in "pq"))
    ]
    assert [place and place.line for place in places] == lines


def test_every_statement_of_the_facts_has_its_place(loaded: fact_files.Facts) -> None:
    for each in loaded.files[::6]:
        rows = each.text.split("\n")
        for quad in each.quads:
            place = each.places.lines.get((quad.subject.value, quad.predicate.value))  # type: ignore[union-attr]
            assert place, f"{each.name}: {quad}"
            assert rows[place - 1].strip()


@pytest.mark.parametrize("seed", range(20))
def test_blank_nodes_have_the_line_on_which_they_open(seed: int) -> None:
    """Each node says on which line it opens, so that the place can be checked."""
    chance = Random(seed)
    line = [1]

    def node(depth: int) -> str:
        own = f"[ ex:line {line[0]}"
        for _ in range(chance.randint(0, 2)):
            own += " ;\n"
            line[0] += 1
            own += f"ex:p {node(depth + 1) if depth < 3 and chance.random() < 0.6 else '5'}"
        return own + " ]"

    text = "@prefix ex: <http://example.org/> . "
    for _ in range(4):
        text += f"{node(0)} .\n" if chance.random() < 0.5 else f"ex:s ex:p {node(0)} .\n"
        line[0] += 1
    found = file(text)
    stated = [quad for quad in found.quads if quad.predicate.value.endswith("line")]
    assert stated
    for quad in stated:
        place = found.locate(quad.subject.value)  # type: ignore[union-attr]
        assert place
        assert str(place.line) == quad.object.value, text  # type: ignore[union-attr]


def test_places_of_what_is_no_turtle_are_no_fault() -> None:
    for text in ("", ".", "]]]", "a b", "<<<", "@prefix", "'", "ex:a ex:b (", "\x00"):
        assert Places.of(text)


# Literals without a value

GOOD = {
    "date": ["2024-02-29", "0000-02-29", "-0004-02-29", "12024-02-29", "2026-01-31+14:00"],
    "dateTime": ["2026-01-01T24:00:00", "2026-01-01T23:59:59.9999Z"], "time": ["24:00:00.0"],
    "gMonthDay": ["--02-29"], "duration": ["P1Y", "-P1M", "PT1.5S", "P1DT1H", "P1Y2M3DT4H5M6S"],
    "integer": ["0", "-0", "+007", "9" * 5000], "long": ["9223372036854775807"], "byte": ["-128", "0000000127"],
    "unsignedLong": ["0" * 30 + "1"], "decimal": ["1.", ".1", "-1"], "double": ["1", "-INF", "+INF", "NaN", "1e5"],
    "boolean": ["1", "true"], "hexBinary": ["", "aB"], "base64Binary": ["", "YQ==", "YWI=", "YWJj YWJj"],
    "string": ["\x00"], "anyURI": ["a b é"], "language": ["en-GB"], "token": ["a b"], "nothing": ["whatever"],
}  # fmt: skip
BAD = {
    "date": ["2026-02-30", "2023-02-29", "1900-02-29", "2026-2-3", "2026-13-01", "26-01-01", "2026-04-31Z",
             " 2026-01-01", "2026-01-01\n", "2026-01-01T00:00:00", "02026-01-01", "2026-01-01+15:00", "-0001-02-29"],
    "dateTime": ["2026-01-01", "2026-01-01T24:00:01", "2026-01-01T1:00:00", "2026-02-30T00:00:00",
                 "2026-01-01T23:60:00"],
    "dateTimeStamp": ["2026-01-01T00:00:00"], "gMonthDay": ["--02-30"], "gMonth": ["--13", "01"],
    "duration": ["P", "PT", "P1S", "1Y", "P-1Y", "P1YT"], "integer": ["", "1.0", "1e3", "1_000", "٣", " 5 ", "--1"],
    "long": ["9223372036854775808"], "byte": ["128", "1" * 5000], "nonNegativeInteger": ["-1"],
    "positiveInteger": ["0"], "decimal": ["1e3", ".", "1,5"], "double": ["inf", "Infinity", "nan", "1e", "1_0"],
    "boolean": ["True", "yes", ""],
    "hexBinary": ["a", "0g"], "base64Binary": ["YQ=", "YQ", "Y===", "Y@=="], "token": [" a", "a  b"],
    "normalizedString": ["a\tb"], "language": ["en_US", ""],
}  # fmt: skip


@pytest.mark.parametrize("datatype", GOOD)
def test_what_is_in_the_lexical_space_has_a_value(datatype: str) -> None:
    assert [form for form in GOOD[datatype] if is_ill_typed(form, XSD + datatype)] == []


@pytest.mark.parametrize("datatype", BAD)
def test_what_is_outside_the_lexical_space_is_ill_typed(datatype: str) -> None:
    assert [form for form in BAD[datatype] if not is_ill_typed(form, XSD + datatype)] == []
