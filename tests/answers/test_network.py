"""The network's figures, on a graph small enough to work out by hand, and on the release."""

import datetime
import io
import json
from dataclasses import replace
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest

from readmission import questions
from readmission.answers import network_measures
from readmission.answers.coverage import gaps
from readmission.answers.network import LAYERS, RANKS, European, Network, Pair, Policy, network
from readmission.answers.network_measures import Advice, Closure, Component, Neighbour, ScatteredPartner
from readmission.building import rules
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.embedded import EmbeddedEngine
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.reports.terminal import network as network_report
from readmission.sources import fact_files

DAY = datetime.date(2021, 2, 10)

EUROPEANS = (
    European("AUT"),
    European("BEL"),
    European("DNK", position="protocol-22"),
    European("NOR", standing="associated"),
    European("GBR", standing="former member"),
)
PARTNERS = ("DZA", "GEO", "MAR", "PER", "VNM")

# With rank 4 and above, E of the Union, o of its own:
#
#        DZA  GEO  MAR  PER  VNM
#   AUT  (o)   E    o              (o): possible only, counts from rank 3 on
#   BEL   o    E    o
#   DNK             o
#   GBR
#   NOR                       o
PAIRS = (
    Pair("AUT", "GEO", "eura/geo", 6, "eu"),
    Pair("BEL", "GEO", "eura/geo", 6, "eu"),
    Pair("AUT", "MAR", "bilateral/aut-mar-2001", 6, "own"),
    Pair("BEL", "MAR", "bilateral/bel-mar-2002", 4, "own"),
    Pair("DNK", "MAR", "bilateral/dnk-mar-2003", 5, "own"),
    Pair("BEL", "DZA", "bilateral/bel-dza-2004", 6, "own"),
    Pair("BEL", "DZA", "bilateral/bel-dza-2009", 4, "own"),
    Pair("NOR", "VNM", "bilateral/nor-vnm-2005", 6, "own"),
    Pair("AUT", "DZA", "bilateral/aut-dza-2006", 3, "own"),
)


def small(least: int = 4, layer: str = "both", pairs: tuple[Pair, ...] = PAIRS) -> Network:
    return Network(pairs, Policy(DAY, least=least, layer=layer), EUROPEANS, PARTNERS, {"MAR": "Morocco"})


def told(found: Network, state: str | None = None, partner: str | None = None) -> str:
    """Return the report of a network on one line."""
    return " ".join(network_report.text(found, state, partner).split())


def test_the_policy_decides_what_a_link_is() -> None:
    # the two instruments of BEL and DZA are one link
    assert [len(small(least).links) for least in sorted(RANKS)] == [8, 7, 6, 5]
    assert {layer: len(small(layer=layer).links) for layer in LAYERS} == {"both": 7, "own": 5, "eu": 2}


def test_a_link_has_the_rank_of_its_best_instrument_and_names_all() -> None:
    assert small().graph.edges["state:BEL", "partner:DZA"] == {
        "rank": 6,
        "layers": "own",
        "instruments": "bilateral/bel-dza-2004 bilateral/bel-dza-2009",
    }


def test_the_policy_is_told_with_the_figures() -> None:
    said = Policy(DAY, least=5, layer="own", version="2026-01-01-abc").sentence()
    assert said == (
        "A link is an instrument of the state's own that covers own-nationals on 2021-02-10 with rank "
        "6 (binding), 5 (contested by a side); release 2026-01-01-abc."
    )
    assert small().policy.sentence() in told(small())
    assert network_report.as_data(small())["policy"]["says"] == small().policy.sentence()
    assert small().graph.graph["policy"] == small().policy.sentence()
    for section in network_report.as_data(small())["figures"].values():
        assert section["policy"] == small().policy.sentence(), "each figure cites what it was counted under"
    report = told(small())
    assert report.count("own-nationals, 2021-02-10, rank 4 or more, any instrument") == 4
    assert "Not counted: 1 pair that" in report


@pytest.mark.parametrize(("least", "layer", "named"), [(2, "both", "least: 2"), (4, "all", "layer: 'all'")])
def test_a_policy_that_is_none_is_refused(least: int, layer: str, named: str) -> None:
    with pytest.raises(ParameterError, match=named):
        Policy(DAY, least=least, layer=layer)


def test_scattered_partners_have_many_own_instruments_and_none_of_the_union() -> None:
    morocco = ScatteredPartner(
        "MAR",
        ("AUT", "BEL", "DNK"),
        ("bilateral/aut-mar-2001", "bilateral/bel-mar-2002", "bilateral/dnk-mar-2003"),
    )
    assert network_measures.scattered_partners(small()) == (
        morocco,
    )  # GEO: the Union has one; DZA, VNM: one state only
    # with possible ones Algeria has two states as well
    assert [each.partner for each in network_measures.scattered_partners(small(least=3))] == ["MAR", "DZA"]
    assert network_measures.scattered_partners(small(least=6)) == ()  # only Austria's with Morocco is left


@pytest.mark.parametrize("layer", LAYERS)
def test_scattered_partners_are_the_same_in_each_layer(layer: str) -> None:
    assert network_measures.scattered_partners(small(layer=layer)) == network_measures.scattered_partners(
        small()
    )


def test_states_alike_share_partners() -> None:
    # AUT {GEO MAR}, BEL {DZA GEO MAR}: 2 of 3; DNK {MAR}: 1 of 2; NOR and GBR share nothing
    assert network_measures.states_alike(small(), "AUT") == (
        Neighbour("BEL", 0.666667, ("GEO", "MAR"), ("DZA",)),
        Neighbour("DNK", 0.5, ("MAR",), ()),
    )


def test_states_compared_by_their_own_instruments_only() -> None:
    # AUT {MAR}, BEL {DZA MAR}, DNK {MAR}
    assert network_measures.states_alike(small(layer="own"), "AUT") == (
        Neighbour("DNK", 1.0, ("MAR",), ()),
        Neighbour("BEL", 0.5, ("MAR",), ("DZA",)),
    )


def test_whom_to_ask_names_the_most_alike_first() -> None:
    # DNK {MAR}: AUT is like it by 1/2, BEL by 1/3; nobody can tell about Peru
    assert network_measures.whom_to_ask(small(), "DNK") == (
        Advice("DZA", ("BEL",), ()),
        Advice("VNM", ("NOR",), ()),
        Advice("GEO", (), ("AUT", "BEL")),
    )


def test_partners_alike_share_states() -> None:
    # GEO {AUT BEL}, MAR {AUT BEL DNK}: 2 of 3; DZA {BEL}: 1 of 2
    assert network_measures.partners_alike(small(), "GEO") == (
        Neighbour("MAR", 0.666667, ("AUT", "BEL"), ("DNK",)),
        Neighbour("DZA", 0.5, ("BEL",), ()),
    )


def test_nothing_in_common_is_no_likeness() -> None:
    assert network_measures.likeness(frozenset(), frozenset()) == 0
    assert network_measures.likeness(frozenset({"MAR"}), frozenset({"DZA"})) == 0
    assert network_measures.states_alike(small(), "GBR") == ()


def test_gaps_are_rows_and_columns_without_a_link() -> None:
    assert small().gaps("AUT") == ("DZA", "PER", "VNM")
    assert small().open_states("DZA") == ("AUT", "DNK", "GBR", "NOR")


def test_an_agreement_of_the_union_closes_gaps_of_the_states_it_reaches() -> None:
    # it reaches AUT and BEL: Denmark has Protocol 22, Norway and the United Kingdom are no Member States
    assert network_measures.closures(small()) == (
        Closure("PER", ("AUT", "BEL"), ("DNK", "GBR", "NOR")),
        Closure("VNM", ("AUT", "BEL"), ("DNK", "GBR")),
        Closure("DZA", ("AUT",), ("DNK", "GBR", "NOR"), perhaps=("AUT",)),
    )
    assert network_measures.closure(small(), "MAR") == Closure("MAR", (), ("GBR", "NOR"))


def test_one_instrument_of_a_state_closes_one_pair() -> None:
    assert network_measures.closure(small(), "DZA", ["AUT"]) == Closure(
        "DZA", ("AUT",), ("DNK", "GBR", "NOR"), perhaps=("AUT",)
    )
    assert network_measures.closure(small(), "DZA", ["BEL"]).closed == ()  # it has one
    assert (
        "Austria and DZA are not linked; an instrument of their own would close this pair alone: "
        "2 gaps would stay in the row, 3 in the column."
    ) in told(replace(small(), names={"AUT": "Austria"}), "AUT", "DZA")


def test_an_instrument_of_a_layer_that_does_not_count_closes_nothing() -> None:
    assert network_measures.closures(small(layer="own")) == ()
    assert network_measures.closure(small(layer="own"), "DZA", ["AUT"]).closed == ("AUT",)
    assert network_measures.closure(small(layer="eu"), "DZA", ["AUT"]).closed == ()
    assert network_measures.closure(small(layer="eu"), "DZA").closed == ("AUT", "BEL")


def test_groups_hang_together_by_links() -> None:
    assert network_measures.groups(small()) == (
        Component(("AUT", "BEL", "DNK"), ("DZA", "GEO", "MAR")),
        Component(("NOR",), ("VNM",)),
    )
    assert network_measures.without_links(small()) == Component(("GBR",), ("PER",))


def test_centrality_counts_links_and_shortest_chains() -> None:
    # AUT-GEO-BEL-MAR is a ring of four, DNK hangs on MAR, DZA on BEL.
    # Through MAR: DNK to AUT, BEL, GEO, DZA (4), half of AUT to BEL and half of AUT to DZA: 5; BEL likewise.
    # Through AUT: half of GEO to MAR, half of GEO to DNK: 1; GEO likewise. 10 nodes: 9 * 8 / 2 = 36 pairs of others.
    found = {f"{each.side}:{each.code}": each for each in network_measures.centrality(small())}
    between = {
        "partner:MAR": 5 / 36,
        "state:BEL": 5 / 36,
        "partner:GEO": 1 / 36,
        "state:AUT": 1 / 36,
    }
    assert {name: each.between for name, each in found.items()} == pytest.approx(
        dict.fromkeys(found, 0.0) | between, abs=1e-6
    )
    assert list(found)[:4] == list(between)
    links = {name: (each.links, each.share) for name, each in found.items()}
    assert links["partner:MAR"] == (3, 0.6)  # of five states
    assert links["state:AUT"] == (2, 0.4)  # of five partners
    assert links["state:GBR"] == links["partner:PER"] == (0, 0.0)


def test_a_former_member_may_stand_on_both_sides() -> None:
    both = small(pairs=(*PAIRS, Pair("NOR", "GBR", "bilateral/gbr-nor-2020", 6, "own")))
    assert both.graph.has_edge("state:NOR", "partner:GBR")
    assert "state:GBR" in both.graph
    assert "GBR" not in both.gaps("GBR")
    assert "GBR" in both.gaps("AUT")


def test_no_gap_is_counted_between_states_of_the_union_and_its_associates() -> None:
    old = small(pairs=(*PAIRS, Pair("AUT", "NOR", "bilateral/aut-nor-1958", 6, "own")))
    assert ("AUT", "NOR") in old.links
    assert old.open_states("NOR") == ()


def test_one_who_is_not_in_the_network_is_refused() -> None:
    with pytest.raises(ParameterError, match="state: PRK is not in the network; it holds AUT, BEL"):
        network_measures.states_alike(small(), "PRK")
    with pytest.raises(ParameterError, match="partner: AUT is not in the network; it holds DZA, GEO"):
        network_measures.closure(small(), "AUT")


def test_each_figure_has_its_meaning() -> None:
    shown = [*network_report.sections(small()), *network_report.sections(small(), "AUT", "GEO")]
    assert {section.name for section in shown} == set(network_measures.MEANING)


@pytest.mark.parametrize(
    ("state", "partner", "line"),
    [
        (None, None, "Without any link: 1 partners; states: GBR."),
        ("AUT", None, "AUT is linked with 2 partners; 3 gaps in its row."),
        (None, "MAR", "Morocco is linked with 3 states; 2 gaps in its column."),
        ("DNK", "MAR", "DNK and Morocco are linked by bilateral/dnk-mar-2003 (5)."),
    ],
)
def test_the_report_counts(state: str | None, partner: str | None, line: str) -> None:
    assert line in told(small(), state, partner)


def test_an_empty_network_has_figures_that_say_so() -> None:
    empty = small(pairs=())
    assert (
        "No recorded instrument counts under this policy. A gap in the record is not yet a gap in the law."
        in told(empty)
    )
    assert network_measures.groups(empty) == ()
    assert {each.between for each in network_measures.centrality(empty)} == {0.0}
    bare = Network((), Policy(DAY))
    assert told(bare).startswith("0 European states, 0 partners, 0 links.")
    assert network_measures.centrality(bare) == ()


def test_graphml_comes_back_as_it_went(tmp_path: Path) -> None:
    path = tmp_path / "network.graphml"
    small().graphml(path)
    back = nx.read_graphml(path)
    assert dict(back.nodes(data=True)) == dict(small().graph.nodes(data=True))
    assert edges(back) == edges(small().graph)
    assert back.graph["policy"] == small().policy.sentence()


def test_json_comes_back_as_it_went() -> None:
    back = nx.node_link_graph(json.loads(json.dumps(small().as_json())), edges="edges")
    assert nx.utils.graphs_equal(back, small().graph)


def edges(graph: nx.Graph) -> dict[frozenset[str], dict[str, object]]:
    return {frozenset((one, other)): data for one, other, data in graph.edges(data=True)}


def test_exports_do_not_depend_on_the_order_of_rows() -> None:
    turned = replace(
        small(pairs=tuple(reversed(PAIRS))),
        europeans=tuple(reversed(EUROPEANS)),
        known_partners=tuple(reversed(PARTNERS)),
    )
    assert turned.as_graphml() == small().as_graphml()
    assert network_report.as_data(turned) == network_report.as_data(small())


# Derived coverage, of which a rule makes the status periods that `pairs` reads.
COVERAGE = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX code: <https://w3id.org/eu-readmission/code/>
PREFIX body: <https://w3id.org/eu-readmission/id/body/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
BASE <https://w3id.org/eu-readmission/id/>
<eura/geo> rdm:hasSide <side/eu> , <side/geo> ; rdm:strength code:strength-binding ; rdm:layer code:layer-eu .
<side/eu> rdm:sideActor body:EU .
<side/geo> rdm:sideActor <country/GEO> .
<bilateral/benelux> rdm:hasSide <side/benelux> ; rdm:strength code:strength-arrangement ; rdm:layer code:layer-own .
<side/benelux> rdm:sideActor body:benelux ; rdm:sideBinds <country/BEL> .
<c/certain> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <eura/geo> ; rdm:boundState <country/AUT> ; rdm:partner <country/GEO> ;
  rdm:category code:own-nationals ; rdm:strength code:strength-binding ;
  rdm:fromEarliest "2011-03-01"^^xsd:date ; rdm:fromLatest "2011-03-01"^^xsd:date .
<c/own> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <bilateral/benelux> ; rdm:boundState <country/BEL> ; rdm:partner <country/GEO> , <country/ARM> ;
  rdm:category code:own-nationals ; rdm:strength code:strength-arrangement ;
  rdm:fromEarliest "2001-01-01"^^xsd:date ; rdm:fromLatest "2001-12-31"^^xsd:date .
<c/later> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <bilateral/benelux> ; rdm:boundState <country/NLD> ; rdm:partner <country/GEO> ;
  rdm:category code:own-nationals ; rdm:strength code:strength-arrangement ; rdm:fromEarliest "2020-01-01"^^xsd:date .
<c/contested> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <eura/geo> ; rdm:boundState <country/POL> ; rdm:partner <country/GEO> ;
  rdm:category code:own-nationals ; rdm:strength code:strength-binding ; rdm:contest <contest/1> ;
  rdm:fromEarliest "2011-03-01"^^xsd:date ; rdm:fromLatest "2011-03-01"^^xsd:date .
<contest/1> rdm:contestedFrom "2021-01-01"^^xsd:date ; rdm:contestedUntil "2021-03-01"^^xsd:date .
<c/ended> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <eura/geo> ; rdm:boundState <country/GBR> ; rdm:partner <country/GEO> ;
  rdm:category code:own-nationals ; rdm:strength code:strength-binding ;
  rdm:fromEarliest "2011-03-01"^^xsd:date ; rdm:fromLatest "2011-03-01"^^xsd:date ;
  rdm:untilEarliest "2021-01-01"^^xsd:date ; rdm:untilLatest "2021-01-01"^^xsd:date .
<c/others> a rdm:Coverage ; rdm:weakestEvidence code:press ; rdm:provenFrom "2001-01-01"^^xsd:date ;
  rdm:instrument <eura/geo> ; rdm:boundState <country/DNK> ; rdm:partner <country/GEO> ;
  rdm:category code:transit ; rdm:strength code:strength-binding ;
  rdm:fromEarliest "2011-03-01"^^xsd:date ; rdm:fromLatest "2011-03-01"^^xsd:date .
"""


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2001-06-01", "BEL-ARM own 3, BEL-GEO own 3"),  # begun on an unknown day of the year
        ("2019-01-01", "AUT-GEO eu 6, BEL-ARM own 4, BEL-GEO own 4, GBR-GEO eu 6, POL-GEO eu 6"),
        ("2021-02-10", "AUT-GEO eu 6, BEL-ARM own 4, BEL-GEO own 4, NLD-GEO own 3, POL-GEO eu 5"),
        ("2021-03-01", "AUT-GEO eu 6, BEL-ARM own 4, BEL-GEO own 4, NLD-GEO own 3, POL-GEO eu 6"),
    ],
)
def test_the_question_ranks_each_pair_and_tells_the_layer(day: str, told: str) -> None:
    store = fact_files.load(("ontology",)).store()
    store.load(COVERAGE.encode(), format=ox.RdfFormat.TURTLE)
    rules.derive(store, first=92)
    rows = questions.find("pairs").run(EmbeddedEngine(store), {"on": day}, Gazetteer(())).texts()
    assert told == ", ".join(
        f"{row['state'][-3:]}-{row['partner'][-3:]} {row['layer'].rpartition('-')[2]} {row['rank']}"
        for row in rows
    )


def test_the_release_gives_the_network_that_gaps_tell(built: Release) -> None:
    found = network(built, DAY, layer="both")
    rows = gaps(built, "GEO", DAY).rows
    assert {row.code: row.pair.rank for row in rows if row.pair.rank >= 4} == {
        state: max(pair.rank for pair in pairs)
        for (state, partner), pairs in found.links.items()
        if partner == "GEO" and state in {row.code for row in rows}
    }
    assert len([each for each in found.europeans if each.standing == "member"]) == 27
    assert {each.code for each in found.europeans if each.position} == {"DNK", "IRL"}
    assert {each.code for each in found.europeans if each.standing == "associated"} == set(
        "CHE ISL LIE NOR".split()
    )


def test_denmark_is_the_gap_of_georgia_that_the_union_does_not_close(built: Release) -> None:
    closing = network_measures.closure(network(built, DAY, layer="eu"), "GEO")
    assert closing.closed == ()
    assert "DNK" in closing.left
    assert "IRL" not in closing.left


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("day", ["1990-01-01", "2020-06-01", "2026-11-21"])
def test_every_figure_works_on_the_release(built: Release, layer: str, day: str) -> None:
    found = network(built, datetime.date.fromisoformat(day), layer=layer)
    assert all(layer in ("both", pair.layer) for pair in found.counted_pairs)
    assert told(found)
    assert nx.is_bipartite(found.graph)
    assert json.loads(json.dumps(network_report.as_data(found)))["figures"]
    assert len(nx.read_graphml(io.BytesIO(found.as_graphml().encode()))) == len(found.graph)


def test_a_category_that_nobody_has_is_refused(built: Release) -> None:
    with pytest.raises(ParameterError, match="persons: 'martians' is no category"):
        network(built, DAY, persons="martians")
