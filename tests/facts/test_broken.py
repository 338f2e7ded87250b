"""Each shape and check query refuses the one example made for it, and that example breaks nothing else.

``tests/broken/<shape>.ttl`` is laid beside the graph; ``tests/broken/<shape>.ru`` (a SPARQL update) changes
it, where nothing that is added could break the rule. Examples without a common subject are checked
together, for the whole graph is checked each time.
"""

import re
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path

import pytest
from rdflib import RDF, SH, BNode, Graph, URIRef

from readmission.building import check_queries, checks
from readmission.building.check_context import CheckContext, Finding
from readmission.building.shapes import SHAPES
from readmission.resources import folder
from readmission.sources import fact_files
from readmission.sources.fact_files import FactFile, Facts

BROKEN = Path(__file__).parents[1] / "broken"
ADDED = sorted(BROKEN.glob("*.ttl"))
CHANGES = sorted(BROKEN.glob("*.ru"))
REMEDY = URIRef("https://w3id.org/eu-readmission/ontology#remedy")
# The ontology's own check queries have their examples in tests/broken/ontology.
CONDITIONS = [condition for condition in check_queries.load() if not condition.on_ontology]
# What no shape and no query checks, but the program itself.
OWN = {"Turtle", "StatedDate", "IllTyped"}


def all_findings(bench: CheckContext, files: Collection[str] = ()) -> set[Finding]:
    """Every finding; shapes, which are local to a subject, only of the given files if any are given."""
    shaped = checks.shape_findings(bench, files)
    return {*bench.value_findings, *shaped, *checks.check_query_findings(bench, CONDITIONS)}


def grave(found: Iterable[Finding], shape: str) -> set[str]:
    """The shapes that refuse something; warnings count where the example is made for one."""
    return {finding.shape for finding in found if finding.severity == "violation" or finding.shape == shape}


class Trial:
    """The graph with examples laid beside it, and what is found beyond what is found without them."""

    def __init__(self, loaded: Facts) -> None:
        self.loaded = loaded
        self.before = all_findings(CheckContext(loaded))

    def of(self, examples: Iterable[FactFile]) -> set[Finding]:
        facts_ = self.loaded
        names = set()
        for example in examples:
            facts_ = facts_.with_file(example)
            names.add(example.name)
        return all_findings(CheckContext(facts_), names) - self.before

    def after(self, update: str) -> set[Finding]:
        bench = CheckContext(self.loaded)
        before = set(bench.store)
        bench.store.update(update)
        changed = {quad.subject for quad in before ^ set(bench.store)}
        assert changed, "the update changes nothing"
        return all_findings(bench, self.speaking_of(changed)) - self.before

    def speaking_of(self, things: Collection[object]) -> set[str]:
        """Return the names of the files in which shapes can find another thing now, for they look no further."""
        return {
            file.name
            for file in self.loaded.files
            if any(quad.subject in things or quad.object in things for quad in file.quads)
        }

    @cached_property
    def together(self) -> dict[str, set[Finding]]:
        """What is found in each example's own file, when those without a common subject are checked at once."""
        found: dict[str, set[Finding]] = {}
        for examples in apart([read(path) for path in ADDED if path.stem != "Turtle"]):
            batch = self.of(examples)
            for example in examples:
                found[example.name] = {finding for finding in batch if finding.path == example.name}
        return found


def read(path: Path) -> FactFile:
    return fact_files.read(path, path.parent, "broken")


def apart(examples: Iterable[FactFile]) -> list[list[FactFile]]:
    """Part the examples into groups in which no two describe the same subject."""
    groups: list[tuple[list[FactFile], set[str]]] = []
    for example in examples:
        own = {str(quad.subject) for quad in example.quads}
        for members, subjects in groups:
            if not own & subjects:
                members.append(example)
                subjects |= own
                break
        else:
            groups.append(([example], own))
    return [members for members, _ in groups]


@pytest.fixture(scope="module")
def trial(loaded: Facts) -> Trial:
    return Trial(loaded)


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """The shapes as people write them."""
    graph = Graph()
    for path in sorted(folder("shapes").glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def test_the_graph_itself_has_no_violation(trial: Trial) -> None:
    assert [str(finding) for finding in trial.before if finding.severity == "violation"] == []


@pytest.mark.parametrize("path", [p for p in ADDED if p.stem != "Turtle"], ids=lambda path: path.stem)
def test_the_example_is_refused_by_its_shape_alone(path: Path, trial: Trial) -> None:
    found = trial.together[f"broken/{path.name}"]
    if grave(found, path.stem) != {path.stem}:  # refused at another place than its own file
        found = trial.of([read(path)])
    assert grave(found, path.stem) == {path.stem}, "\n".join(map(str, sorted(found)))
    assert_readable(found)


@pytest.mark.parametrize("path", CHANGES, ids=lambda path: path.stem)
def test_the_change_is_refused_by_its_shape_alone(path: Path, trial: Trial) -> None:
    found = trial.after(path.read_text(encoding="utf-8"))
    assert grave(found, path.stem) == {path.stem}, "\n".join(map(str, sorted(found)))
    assert_readable(found)


def test_a_file_that_is_not_turtle_is_refused_with_its_line() -> None:
    path = BROKEN / "Turtle.ttl"
    (finding,) = checks.check([str(path)])
    fault = path.read_text(encoding="utf-8").splitlines().index("    rdm:recognition code:uncontested")
    assert finding.location == fact_files.Location(
        path.as_posix(), fault + 2
    )  # seen where the next line goes on
    assert_readable([finding])


def assert_readable(found: Collection[Finding]) -> None:
    """A finding is ``file:line: severity: what is wrong: how to mend it``."""
    assert found
    for finding in found:
        assert re.match(
            r"[\w./-]+\.ttl:[1-9]\d*: (violation|warning|info): \S.*: [A-Z].*\.$", str(finding)
        ), finding


def constraining(shapes: Graph) -> set[str]:
    """The names of all shapes that refuse something themselves, and not only through their properties."""
    inner = set(shapes.subjects(RDF.type, SH.PropertyShape))
    outer = {
        shape for shape in shapes.subjects(RDF.type, SH.NodeShape) if (shape, SH.message, None) in shapes
    }
    return {str(shape).removeprefix(SHAPES) for shape in inner | outer}


def test_every_shape_and_check_query_has_an_example(shapes: Graph) -> None:
    examples = {path.stem for path in (*ADDED, *CHANGES)}
    assert examples == constraining(shapes) | {condition.shape for condition in CONDITIONS} | OWN


def test_every_shape_has_a_name_a_message_and_says_how_to_mend(shapes: Graph) -> None:
    for kind in (SH.NodeShape, SH.PropertyShape):
        for shape in shapes.subjects(RDF.type, kind):
            assert not isinstance(shape, BNode)
            assert str(shape).startswith(SHAPES), shape
    for name in constraining(shapes):
        shape = URIRef(SHAPES + name)
        for wanted in (SH.message, REMEDY):
            (text,) = shapes.objects(shape, wanted)
            assert getattr(text, "language", None) == "en", f"{name}: the text has no language"
        assert shapes.value(shape, SH.severity) is not None, f"{name}: no severity"


def test_every_node_shape_without_a_message_constrains_nothing_itself(shapes: Graph) -> None:
    grouping = {RDF.type, SH.targetClass, SH.property}
    for shape in shapes.subjects(RDF.type, SH.NodeShape):
        if (shape, SH.message, None) not in shapes:
            assert set(shapes.predicates(shape)) == grouping, shape


def test_property_shapes_are_named_after_their_node_shape_and_look_at_plain_properties(shapes: Graph) -> None:
    used = set()
    for shape, inner in shapes.subject_objects(SH.property):
        assert str(inner).startswith(f"{shape}-"), inner
        used.add(inner)
    for inner in shapes.subjects(RDF.type, SH.PropertyShape):
        assert inner in used, f"{inner} belongs to no node shape"
        # One file can be checked by itself only because no shape looks further than a property's value.
        assert isinstance(shapes.value(inner, SH.path), URIRef), inner


def test_check_queries_have_one_shape_each_and_say_how_to_mend() -> None:
    names = [condition.shape for condition in CONDITIONS]
    assert len(names) == len(set(names))
    for condition in CONDITIONS:
        assert condition.remedy.endswith("."), condition.path.name
        assert not condition.summary.endswith("."), condition.path.name
