"""The house is as docs/architecture.md shows it. The directions of imports are a contract that `make lint` checks."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

import floors
from harness import python_strings
from readmission.namespaces import NAMESPACES
from readmission.query_files import bind, lookup, parameters

pytestmark = pytest.mark.quick

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "server" / "readmission"
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_MODULES = 12
MOST_LINES = 250
LOOKUPS = sorted((REPOSITORY / "queries" / "lookups").glob("*.rq"))
FOLDERS = sorted({path.parent for path in PACKAGE.rglob("*.py")})


def test_the_page_explains_every_room() -> None:
    shown = {f"{folder.relative_to(PACKAGE).parts[0]}/" for folder in FOLDERS if folder != PACKAGE}
    shown |= {path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}
    missing = [name for name in sorted(shown) if f"`{name}" not in PAGE]
    assert not missing, f"add these to the table of docs/architecture.md: {missing}"


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|rq|toml))`", PAGE))
    everything = [path.relative_to(REPOSITORY).as_posix() for top in ("server", "queries", "tests")
                  for path in (REPOSITORY / top).rglob("*.*") if "node_modules" not in path.parts]  # fmt: skip
    lost = [
        name
        for name in named
        if not any(
            f"/{path}".endswith(f"/{name}") for path in [*everything, "pyproject.toml", "hatch_build.py"]
        )
    ]
    assert not lost, f"docs/architecture.md names files that are not there: {lost}"


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in PACKAGE.rglob("*.py")}
    long = [f"{path.relative_to(PACKAGE)} ({lines})" for path, lines in lengths.items() if lines > MOST_LINES]
    assert not long, f"split these by reasons, so that none has more than {MOST_LINES} lines: {long}"


def test_imports_go_down_and_never_round() -> None:
    assert floors.floors(floors.arrows()), "a circle of imports is told by python tests/floors.py"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE.parent).as_posix())
def test_a_folder_is_taken_in_at_a_glance(folder: Path) -> None:
    modules = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    if folder.name == "commands":  # one for each command
        return
    assert len(modules) <= MOST_MODULES, f"divide {folder.name}: it has {len(modules)} modules"


def test_no_sparql_is_written_in_python() -> None:
    found = python_strings.sparql()
    assert not found, f"write these into queries/lookups, and ask for them with query_files.lookup: {found}"


@pytest.mark.parametrize(
    "text",
    ["ASK {}", "select ?x { ?x a ?y }", "x ORDER BY ?country", "FILTER(?on < ?end)", "?one dcterms:title ?title",
     "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>", "/sparql?query=SELECT*%7B%7D",
     "?left a rdm:Membership", "DELETE WHERE { ?s ?p ?o }"],
)  # fmt: skip
def test_parts_of_a_query_are_found_too(text: str) -> None:
    assert python_strings.is_sparql(text), "tests/harness/python_strings.py does not see that this is SPARQL"


@pytest.mark.parametrize(
    "text",
    ["send SELECT, ASK, CONSTRUCT or DESCRIBE", "use MINUS for FILTER NOT EXISTS; is it what you meant?"],
)
def test_a_message_about_sparql_is_no_query(text: str) -> None:
    assert not python_strings.is_sparql(text), "tests/harness/python_strings.py takes this message for SPARQL"


def test_namespaces_are_typed_in_one_table() -> None:
    found = python_strings.namespaces()
    assert not found, f"take these from readmission.namespaces: {found}"
    assert len(set(NAMESPACES.values())) == len(NAMESPACES), "two prefixes of the table have one namespace"


def test_each_lookup_is_named_in_the_program_and_each_name_has_a_file() -> None:
    named = list(python_strings.lookups())
    unclear = [place for place, name in named if name is None]
    assert not unclear, (
        f"give lookup() its name as a plain string, which the fingerprint reads too: {unclear}"
    )
    unused = {path.stem for path in LOOKUPS} - {name for _, name in named}
    lost = [place for place, name in named if name not in {path.stem for path in LOOKUPS}]
    assert not unused, f"nothing asks these of queries/lookups; delete them: {sorted(unused)}"
    assert not lost, f"queries/lookups has no file for these: {lost}"


@pytest.mark.parametrize("path", LOOKUPS, ids=lambda path: path.stem)
def test_a_lookup_has_a_summary_and_is_sparql(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#+ summary: "), f"{path.name}: say in a first line '#+ summary:' what it finds"
    terms = {
        name: 1 if re.search(rf"(LIMIT|OFFSET) \?_{name}\b", text) else ox.NamedNode("x:y")
        for name in parameters(text)
    }
    assert "#+" not in lookup(path.stem, **terms), f"{path.name}: the header is sent to engines"
    ox.Store().query(bind(text, terms))


def test_a_lookup_takes_its_own_parameters_and_no_other() -> None:
    with pytest.raises(TypeError, match=r"typed-things\.rq: give one term for each .*start"):
        lookup("typed-things")
    with pytest.raises(TypeError, match=r"classes\.rq: .*start"):
        lookup("classes", start=ox.Literal("x"))
    with pytest.raises(LookupError, match=r"there is no queries/lookups/nowhere\.rq"):
        lookup("nowhere")


def test_a_value_is_a_term_and_never_pasted_in() -> None:
    hostile = 'x")) } DELETE { ?s ?p ?o'
    text = lookup("typed-things", start=ox.Literal(hostile))
    assert str(ox.Literal(hostile)) in text
    ox.Store().query(text)
