"""The checker: one file as good as all, fast, and readable; and what must hold of the derived facts."""

from collections import defaultdict
from pathlib import Path

import pytest

from readmission.building import check_queries, checks
from readmission.building.check_context import CheckContext, Finding
from readmission.release import Release
from readmission.sources import fact_files
from readmission.sources.fact_files import Facts
from readmission.sources.query_headers import HeaderError

BROKEN = sorted((Path(__file__).parents[1] / "broken").glob("*.ttl"))
# Examples of many kinds of faults: each a file that is checked by itself and as part of the whole.
SAMPLE = [
    path
    for path in BROKEN
    if path.stem
    in {"EventShape-date", "StatedDate", "MembershipOverlap", "ListOrder", "PartnerSide", "CompletenessSpan"}
]


@pytest.fixture(scope="module")
def whole(loaded: Facts) -> dict[str, list[Finding]]:
    """All findings of the graph with the sample laid beside it, file by file."""
    found = defaultdict(list)
    for finding in checks.check(facts=beside(loaded), owl=False):
        found[finding.path].append(finding)
    return found


def beside(loaded: Facts) -> Facts:
    for path in SAMPLE:
        loaded = loaded.with_file(fact_files.read_file(path))
    return loaded


@pytest.mark.parametrize("each", [6, pytest.param(1, marks=pytest.mark.slow)], ids=["sixth", "file"])
def test_shapes_of_one_file_find_what_they_find_in_the_whole(each: int, loaded: Facts) -> None:
    """Over all files of the graph and the broken examples, or each sixth of them."""
    bench = CheckContext(beside(loaded))
    found = defaultdict(list)
    for finding in checks.shape_findings(bench):
        found[finding.path].append(finding)
    for file in bench.facts.files[::each]:
        there = [one for one in checks.shape_findings(bench, {file.name}) if one.path == file.name]
        assert sorted(there) == sorted(found[file.name]), file.name


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_one_broken_file_is_judged_as_in_the_whole(
    path: Path, whole: dict[str, list[Finding]], loaded: Facts
) -> None:
    found = checks.check([str(path)], facts=beside(loaded))
    assert [each for each in found if each.path == path.as_posix()] == whole[path.as_posix()]
    assert whole[path.as_posix()]


UNSEEN = """PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
<https://w3id.org/eu-readmission/dataset>
    dc:description "a property of no registry"@en ;
    dcterms:issued "2026-02-30"^^xsd:date .
_:b
    skos:prefLabel "one"@en .
  []
    skos:altLabel "two"@en .
"""
FOUND = {("OntologyUnregisteredTerm", 6), ("IllTyped", 7), ("BlankNode", 9), ("BlankNode", 10)}


def test_one_file_is_judged_by_what_only_the_whole_shows(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(UNSEEN, encoding="utf-8")
    found = {(each.shape, each.line) for each in checks.check([str(path)]) if each.path == path.as_posix()}
    assert found >= FOUND
    assert capfd.readouterr().err == "", "a library speaks beside us"


def test_the_place_is_the_line_of_the_property(loaded: Facts) -> None:
    path = next(path for path in BROKEN if path.stem == "WrongCode")
    (finding,) = checks.check([str(path)])
    assert "rdm:recognition code:amendment" in path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert finding.location == fact_files.Location(path.as_posix(), finding.line)


def test_a_missing_part_is_placed_at_the_subject(loaded: Facts) -> None:
    path = next(path for path in BROKEN if path.stem == "EventShape-date")
    (finding,) = checks.check([str(path)])
    assert path.read_text(encoding="utf-8").splitlines()[finding.line - 1].startswith("event:")


def test_a_condition_needs_a_whole_header(tmp_path: Path) -> None:
    path = tmp_path / "fault.rq"
    path.write_text("#+ summary: Something is wrong\nSELECT ?focus {}\n", encoding="utf-8")
    with pytest.raises(HeaderError, match=r"fault\.rq: the header lacks shape, remedy, severity"):
        check_queries.read(path)


# What follows from the rules alone: facts cannot break it, a changed rule can.
PREFIXES = """
PREFIX body: <https://w3id.org/eu-readmission/id/body/>
PREFIX code: <https://w3id.org/eu-readmission/code/>
PREFIX country: <https://w3id.org/eu-readmission/id/country/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
"""


def overlap(kind: str, key: str) -> str:
    """Return what finds two periods of a kind that hold on one day for the same thing."""
    return f"""
      ?found a rdm:{kind} ; rdm:{key} ?same ; rdm:fromLatest ?from .
      ?other a rdm:{kind} ; rdm:{key} ?same ; rdm:fromLatest ?from2 .
      FILTER(STR(?found) < STR(?other))
      OPTIONAL {{ ?found rdm:untilEarliest ?until }} OPTIONAL {{ ?other rdm:untilEarliest ?until2 }}
      FILTER(COALESCE(?from < ?until2, true) && COALESCE(?from2 < ?until, true))"""


DERIVED = {
    "a force period ends after it begins": """
      ?found a rdm:ForcePeriod ; rdm:fromEarliest ?from ; rdm:untilLatest ?until . FILTER(?until <= ?from)""",
    "force periods of one scope do not overlap": overlap("ForcePeriod", "inScope"),
    "a negotiation period ends after it begins, and rests on events of its negotiation": """
      ?found a rdm:NegotiationPeriod ; rdm:concerns ?negotiation ; rdm:fromEarliest ?from .
      OPTIONAL { ?found rdm:untilLatest ?until }
      FILTER(COALESCE(?until <= ?from, false) || NOT EXISTS { ?found rdm:basis/rdm:affects ?negotiation })""",
    "negotiation periods of one negotiation do not overlap": overlap("NegotiationPeriod", "concerns"),
    "a state has one standing on a day": overlap("StandingPeriod", "state"),
    "every state that was ever a Member State has a standing to this day": """
      ?membership org:organization body:EU ; rdm:role code:member ; org:member ?found .
      FILTER NOT EXISTS {
        ?period a rdm:StandingPeriod ; rdm:state ?found . FILTER NOT EXISTS { ?period rdm:untilEarliest ?end } }""",
    "a coverage has every dimension and two premises": """
      ?found a rdm:Coverage . FILTER(
        NOT EXISTS { ?found rdm:boundState ?m ; rdm:partner ?c ; rdm:category ?g ; rdm:fromEarliest ?d }
        || NOT EXISTS { ?found rdm:strength ?strength }
        || NOT EXISTS { ?found rdm:basis ?one , ?two . FILTER(?one != ?two) })""",
    "a state is covered by the Union's instruments from its accession on, unless a statement says otherwise": """
      { SELECT ?state (MIN(?day) AS ?joined) WHERE {
          ?membership org:member ?state ; org:organization body:EU ; rdm:fromEarliest ?day } GROUP BY ?state }
      ?found a rdm:Coverage ; rdm:instrument ?instrument ; rdm:boundState ?state ; rdm:fromEarliest ?from .
      FILTER(?from < ?joined)
      ?instrument rdm:hasSide/rdm:sideActor body:EU .
      FILTER NOT EXISTS { ?statement rdm:concerns ?instrument ; rdm:state ?state ; rdm:applies true }""",
    "Denmark is covered by no EU readmission agreement without a statement that it applies": """
      ?found a rdm:Coverage ; rdm:boundState country:DNK ; rdm:instrument ?instrument .
      ?instrument a rdm:EUReadmissionAgreement .
      FILTER NOT EXISTS { ?statement rdm:concerns ?instrument ; rdm:state country:DNK ; rdm:applies true }""",
}


@pytest.mark.parametrize("condition", DERIVED)
def test_derived(condition: str, built: Release) -> None:
    assert (
        built.engine.select(f"{PREFIXES} SELECT ?found WHERE {{ {DERIVED[condition]} }} LIMIT 5").rows == ()
    )
