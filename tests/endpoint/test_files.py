"""RDF files from elsewhere: loaded whole, whatever program wrote them, or refused with the reason."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from readmission.engine.embedded import load_files
from readmission.engine.formats.rdf_files import DataError

pytestmark = pytest.mark.quick

TRIPLE = "<http://example.org/a> <http://example.org/p> <http://example.org/b> ."
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE rdf:RDF [ <!ENTITY ex "http://example.org/"> <!ENTITY terms "&ex;terms#"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:t="http://example.org/terms#">
  <rdf:Description rdf:about="&ex;a"><t:p rdf:resource="&terms;b"/></rdf:Description>
  <!-- the end -->
  <rdf:Description rdf:about="&ex;c"><t:p>with &lt; and é</t:p></rdf:Description>
</rdf:RDF>"""
JSON = '{"@id": "http://example.org/a", "http://example.org/p": [{"@id": "http://example.org/b"}]}'


def count(folder: Path, name: str, content: str | bytes) -> int:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return len(load_files([path]).store)


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    with pytest.raises(DataError) as fault:
        count(folder, name, content)
    assert name in str(fault.value)
    return str(fault.value)


def test_the_whole_files_are_read(tmp_path: Path) -> None:
    assert count(tmp_path, "whole.rdf", XML) == 2
    assert count(tmp_path, "whole.jsonld", JSON) == 1
    assert count(tmp_path, "whole.trig", f"GRAPH <http://example.org/g> {{ {TRIPLE} }}") == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.rdf", XML),
        ("cut.owl", XML),
        ("cut.jsonld", JSON),
        ("cut.trig", f"GRAPH <http://e/g> {{ {TRIPLE} }}"),
    ],
)
def test_a_truncated_xml_file_is_refused(name: str, content: str, tmp_path: Path) -> None:
    whole = content.encode()
    for end in range(0 if name.endswith("ld") else 12, len(whole)):
        told = refusal(tmp_path, name, whole[:end])
        assert f"{name}:" in told, f"no line is named for the cut at {end}: {told}"


@pytest.mark.parametrize("content", ["", "  \n", "<!-- nothing -->"])
@pytest.mark.parametrize("name", ["empty.rdf", "empty.owl", "empty.xml"])
def test_an_empty_document_is_no_xml(name: str, content: str, tmp_path: Path) -> None:
    assert "no whole XML" in refusal(tmp_path, name, content)


@pytest.mark.parametrize("after", ["<rdf:RDF/>", "text", "</rdf:RDF>"])
def test_content_after_the_root_element_is_refused(after: str, tmp_path: Path) -> None:
    refusal(tmp_path, "more.rdf", XML + after)


def bomb(levels: int, times: int) -> str:
    declared = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * times}">' for level in range(1, levels + 1)
    )
    return XML.replace("<!ENTITY ex", f"{declared} <!ENTITY ex").replace("with", f"&e{levels};")


@pytest.mark.parametrize(("levels", "times"), [(5, 10), (9, 10), (20, 2), (12, 20)])
def test_nested_xml_entities_are_refused(levels: int, times: int, tmp_path: Path) -> None:
    assert "the entity e" in refusal(tmp_path, "bomb.rdf", bomb(levels, times))


def test_entities_declared_backwards_are_refused_too(tmp_path: Path) -> None:
    levels = [f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(9, 0, -1)]
    content = XML.replace("<!ENTITY ex", "".join(levels) + '<!ENTITY e0 "ha"> <!ENTITY ex').replace(
        "with", "&e9;"
    )
    refusal(tmp_path, "backwards.rdf", content)


@pytest.mark.parametrize("place", ["<t:p>{}</t:p>", '<t:p t:q="{}"/>'])
def test_one_long_entity_used_often_is_refused(place: str, tmp_path: Path) -> None:
    often = "".join(place.format("&long;") for _ in range(2_000))
    content = XML.replace("<!ENTITY ex", f'<!ENTITY long "{"x" * 9_000}"> <!ENTITY ex')
    content = content.replace("<t:p>with", f"{often}<t:p>with")
    assert "times as long" in refusal(tmp_path, "often.rdf", content)


def test_entities_for_namespaces_are_accepted(tmp_path: Path) -> None:
    often = "".join(f'<t:p rdf:resource="&terms;{number}"/>' for number in range(5_000))
    assert count(tmp_path, "editor.owl", XML.replace("<t:p>with", f"{often}<t:p>with")) == 5_002


def test_a_recursive_xml_entity_is_refused(tmp_path: Path) -> None:
    circle = '<!ENTITY x "&y;"><!ENTITY y "&x;"> <!ENTITY ex'
    refusal(tmp_path, "itself.rdf", XML.replace("<!ENTITY ex", circle).replace("with", "&x;"))


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_xml_in_another_encoding_is_refused_by_name(encoding: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, "other.rdf", XML.replace("UTF-8", encoding).encode(encoding))
    assert encoding.lower() in told.lower()
    assert "UTF-8" in told


@pytest.mark.parametrize(
    ("name", "content", "statements"),
    [
        ("a.ttl", TRIPLE, 1), ("a.nt", f"{TRIPLE}\n", 1), ("a.nq", f"{TRIPLE}\n", 1), ("a.trig", TRIPLE, 1),
        ("a.n3", TRIPLE, 1), ("a.rdf", XML, 2), ("a.owl", XML, 2), ("a.xml", XML, 2), ("a.jsonld", JSON, 1),
        ("a.json", JSON, 1), ("A.TTL", TRIPLE, 1), ("A.OWL", TRIPLE, 1),
    ],
)  # fmt: skip
def test_a_byte_order_mark_is_no_part_of_the_data(
    name: str, content: str, statements: int, tmp_path: Path
) -> None:
    assert count(tmp_path, name, content) == statements
    assert count(tmp_path, name, content.encode("utf-8-sig")) == statements


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.ttl", "a.nt", "a.jsonld", "a.owl"])
def test_other_encodings_are_named(name: str, encoding: str, tmp_path: Path) -> None:
    content = JSON if name.endswith("jsonld") else TRIPLE
    assert encoding[:6].upper() in refusal(tmp_path, name, content.encode(encoding))


@pytest.mark.parametrize(
    "content", [TRIPLE, f"@prefix e: <http://e/> .\n{TRIPLE}", f"# a comment\n{TRIPLE}", XML, JSON]
)
@pytest.mark.parametrize("name", ["a.owl", "a.rdf"])
def test_ontology_files_are_read_by_their_content(name: str, content: str, tmp_path: Path) -> None:
    assert count(tmp_path, name, content) >= 1


@pytest.mark.parametrize(
    "content",
    [
        "Prefix(:=<http://e/>)\nOntology(<http://e/>)",
        "Prefix: : <http://e/>\nOntology: <http://e/>",
        '<?xml version="1.0"?><Ontology xmlns="http://www.w3.org/2002/07/owl#"></Ontology>',
    ],
)
def test_owl_functional_and_manchester_syntax_are_refused(content: str, tmp_path: Path) -> None:
    assert "not RDF" in refusal(tmp_path, "a.owl", content)


def test_an_unknown_file_extension_lists_the_known_ones(tmp_path: Path) -> None:
    told = refusal(tmp_path, "a.xlsx", "")
    assert all(
        ending in told
        for ending in (".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".xml", ".jsonld", ".json")
    )


@pytest.mark.parametrize("context", ['"https://example.org/context"', '["https://example.org/context", {}]'])
def test_a_remote_json_ld_context_is_refused(context: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, "a.jsonld", f'{{"@context": {context}, "@id": "http://example.org/a"}}')
    assert "@context" in told
    assert "Callback" not in told


@pytest.mark.parametrize("name", ["a.nt", "a.nq"])
@pytest.mark.parametrize(
    "directive", ['VERSION "1.2"', "VERSION '1.1'", ' VERSION "1.2-basic" # basic', '﻿VERSION "1.2"']
)
def test_the_rdf_1_2_version_directive_is_accepted(directive: str, name: str, tmp_path: Path) -> None:
    literal = '<http://e/s> <http://e/p> "VERSION \\"1.2\\"" .'
    assert count(tmp_path, name, f"{directive}\n{TRIPLE}\n{literal}\n") == 2
    assert ":3:" in refusal(tmp_path, name, f"{directive}\n{TRIPLE}\nno triple\n"), "the line has moved"


def test_the_file_keeps_its_statements(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text(f'VERSION "1.2"\n{TRIPLE}\n', encoding="utf-8")
    (quad,) = load_files([path]).store
    assert quad.object == ox.NamedNode("http://example.org/b")
