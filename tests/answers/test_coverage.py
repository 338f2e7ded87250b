"""Statuses a coordinator must be able to defend, in both layers: pinned for the cases whose answer the sources give."""

import pytest

from readmission import Graph, dates
from readmission.answers.coverage import Gaps, Row
from readmission.answers.statuses import EU, OWN
from readmission.countries.gazetteer import UnknownCountryError
from readmission.errors import ParameterError
from readmission.reports import words

MEMBERS_2021 = set(
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN "
    "IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE".split()
)


def row(found: Gaps, state: str) -> Row:
    return next(row for row in found.rows if row.code == state)


def eu(found: Gaps, state: str) -> str:
    return row(found, state).pair.eu.status


def own(found: Gaps, state: str) -> str:
    return row(found, state).pair.own.status


def told(found: Row) -> str:
    """Every instrument of a row with its status in words."""
    return "; ".join(
        f"{held.instrument}: {words.standing(name, held)}"
        for name, layer in ((EU, found.pair.eu), (OWN, found.pair.own))
        for held in layer.instruments
    )


def statuses(found: Gaps) -> dict[str, str]:
    return {row.code: row.pair.eu.status for row in found.rows}


def test_albania_has_an_agreement_of_the_union_but_for_denmark_which_has_one_of_its_own(graph: Graph) -> None:
    found = graph.gaps("ALB", "2021-02-10")
    assert set(statuses(found)) == MEMBERS_2021
    for state in MEMBERS_2021 - {"DNK"}:
        assert eu(found, state) == "agreement", row(found, state)
    assert eu(found, "DNK") == "does-not-bind"
    assert own(found, "DNK") == "in-force"
    assert "Protocol 22" in told(row(found, "DNK"))
    assert own(graph.gaps("ALB", "2008-11-30"), "DNK") == "none-recorded", "its signature is not on record"


def test_ireland_is_bound_with_albania_only_since_its_later_opt_in(graph: Graph) -> None:
    assert eu(graph.gaps("ALB", "2014-05-21"), "IRL") == "does-not-bind"
    assert eu(graph.gaps("ALB", "2014-06-01"), "IRL") == "unconfirmed"
    assert eu(graph.gaps("ALB", "2014-06-12"), "IRL") == "agreement"


def test_ireland_is_not_bound_with_ukraine(graph: Graph) -> None:
    found = graph.gaps("UKR", "2021-02-10")
    assert eu(found, "IRL") == "does-not-bind"
    assert "Protocol 21" in told(row(found, "IRL"))


def test_georgia_flips_on_the_day_of_entry_into_force(graph: Graph) -> None:
    before, after = graph.gaps("GEO", "2011-02-28"), graph.gaps("GEO", "2011-03-01")
    assert eu(before, "AUT") == "signed"
    assert "starts on 1 March 2011" in told(row(before, "AUT"))
    assert eu(after, "AUT") == "agreement"


def test_the_united_kingdom_is_a_row_only_while_a_member(graph: Graph) -> None:
    assert eu(graph.gaps("GEO", "2019-06-01"), "GBR") == "agreement"
    assert "GBR" not in statuses(graph.gaps("GEO", "2021-02-10"))
    assert "GBR" not in statuses(graph.gaps("GEO", "2020-02-01"))


def test_the_united_kingdom_stays_bound_in_the_transition(graph: Graph) -> None:
    found = graph.why("GBR", "GEO", "2020-06-01")
    assert not found.is_member
    assert found.row.pair.eu.status == "agreement"
    assert any(p.kind == "membership" and "transition" in p.what for p in found.premises)
    assert graph.why("GBR", "GEO", "2021-06-01").row.pair.eu.status == "does-not-bind"


def test_croatia_is_a_row_from_its_accession_on(graph: Graph) -> None:
    assert "HRV" not in statuses(graph.gaps("GEO", "2013-06-30"))
    assert eu(graph.gaps("GEO", "2013-07-01"), "HRV") == "agreement"


def test_afghanistan_has_an_arrangement_for_all(graph: Graph) -> None:
    found = graph.gaps("AFG", "2021-02-10")
    assert set(statuses(found).values()) == {"arrangement"}
    assert len(found.rows) == 27


def test_nigeria_is_told_in_two_layers(graph: Graph) -> None:
    found = graph.gaps("NGA", "2026-11-28")
    holding = {row.name for row in found.rows if row.pair.own.instruments}
    assert holding == {"Austria", "Belgium", "Denmark", "Ireland", "Italy", "Malta", "Spain"}
    nothing = [row for row in found.rows if row.pair.own.status == "none-recorded"]
    assert len(nothing) == 20
    assert all(row.search and row.search.depth for row in nothing), "each has a depth of search"
    common = found.common
    assert common
    assert {held.instrument: held.status for held in common.instruments} == {
        "provision/samoa-2023-art-74": "unconfirmed",
        "provision/cotonou-2000-art-13": "ended",
    }
    assert [(each.kind, each.since) for each in found.beside] == [("negotiation", "2016-10")]
    ended = next(held for held in common.instruments if held.status == "ended")
    assert [reason.day for reason in ended.reasons] == ["2024-01-01"]


def test_texts_of_spain_and_portugal_with_morocco_are_told_and_are_for_other_persons(graph: Graph) -> None:
    found = graph.gaps("MAR", "2026-11-28")
    assert own(found, "ESP") == own(found, "PRT") == "other-persons"
    assert {held.instrument for held in row(found, "ESP").pair.own.instruments} == {
        "bilateral/esp-mar-1992", "bilateral/esp-mar-2007", "bilateral/esp-mar-2019", "bilateral/esp-mar-2022",
    }  # fmt: skip


@pytest.mark.parametrize("on", ["1995-01-01", "2010-01-01", "2021-02-10", "2024-03-01", "2026-11-21"])
@pytest.mark.parametrize("country", ["NGA", "BRA", "USA", "MAR", "COK"])
def test_nobody_is_known_to_have_none_without_a_source_that_says_so(
    graph: Graph, country: str, on: str
) -> None:
    for found in graph.gaps(country, on).rows:
        assert (found.pair.own.status == "known-none") <= bool(found.pair.own.closed_by), found
        assert found.pair.verdict != "lacks" or found.pair.own.closed_by, found


def test_an_official_answer_closes_the_kinds_that_it_names_on_its_own_day_only(graph: Graph) -> None:
    answer = "negative/irl-africa-2005"
    on_the_day = row(graph.gaps("SEN", "2005-12-31"), "IRL").pair
    assert (on_the_day.own.status, on_the_day.own.closed_by) == ("known-none", (answer,))
    assert on_the_day.verdict != "lacks", "it speaks of agreements only, so that other kinds may exist"
    assert own(graph.gaps("SEN", "2006-01-01"), "IRL") == "none-recorded"
    assert own(graph.gaps("NGA", "2005-12-31"), "IRL") == "unconfirmed", "what is recorded is told"


@pytest.mark.parametrize(
    ("state", "country", "on", "after", "closer"),
    [
        ("AUT", "AFG", "2013-05-21", "2013-05-22", "negative/aut-2013"),
        ("AUT", "PAK", "2019-12-31", "2020-01-01", "completeness/aut-2019"),
        ("CHE", "PAK", "2024-07-02", "2024-07-03", "completeness/che-2024-07"),
        ("FIN", "PAK", "2020-07-31", "2020-08-01", "completeness/fin-2020-07-agreements"),
        ("GBR", "IRN", "2020-07-10", "2020-07-11", "completeness/gbr-2020-07"),
        ("IRL", "SEN", "2005-11-23", "2006-01-01", "negative/irl-africa-2005"),
        ("NOR", "IRN", "2017-06-30", "2017-07-01", "completeness/bilateral-nor-2017-06"),
    ],
)
def test_an_official_list_closes_the_world_on_its_days(
    graph: Graph, state: str, country: str, on: str, after: str, closer: str
) -> None:
    own_then = graph.why(state, country, on).row.pair.own
    assert own_then.status == "known-none"
    assert closer in own_then.closed_by
    assert graph.why(state, country, after).row.pair.own.status == "none-recorded"


def test_of_the_member_states_only_austria_is_told_to_have_none_with_afghanistan_in_2013(
    graph: Graph,
) -> None:
    rows = graph.gaps("AFG", "2013-05-21").rows
    assert [row.code for row in rows if row.pair.own.status == "known-none"] == ["AUT"]


def test_a_list_closes_nothing_for_european_partners_and_for_those_that_it_names(graph: Graph) -> None:
    for country in ("CHE", "NOR", "NGA"):
        assert graph.why("AUT", country, "2019-12-31").row.pair.own.status != "known-none"
        assert "completeness/aut-2019" not in graph.why("AUT", country, "2019-12-31").row.pair.own.closed_by


def test_research_and_the_press_close_nothing(graph: Graph) -> None:
    assert not row(graph.gaps("IRQ", "2026-02-08"), "DEU").pair.own.closed_by
    assert own(graph.gaps("COD", "2022-08-29"), "CYP") == "none-recorded"


def test_third_country_nationals_are_not_covered_with_turkey_in_2016(graph: Graph) -> None:
    found = graph.gaps("TUR", "2016-01-01", "third-country-nationals")
    assert eu(found, "AUT") == "other-persons"
    assert {eu(found, state) for state in ("DNK", "IRL")} == {"does-not-bind"}
    assert not {row.pair.eu.status for row in found.rows} & {"agreement", "unconfirmed", "none"}
    assert "starts on 1 October 2017" in told(row(found, "AUT"))
    assert eu(graph.gaps("TUR", "2016-01-01"), "AUT") == "agreement"


def test_a_suspension_that_one_side_announces_is_a_contest_not_an_end(graph: Graph) -> None:
    assert eu(graph.gaps("TUR", "2019-07-21"), "AUT") == "agreement"
    turkey = graph.gaps("TUR", "2021-02-10")
    assert eu(turkey, "AUT") == "agreement-contested"
    assert "contested since 22 July 2019" in told(row(turkey, "AUT"))
    assert eu(graph.gaps("BLR", "2021-10-05"), "AUT") == "agreement-contested"
    assert eu(graph.gaps("PAK", "2015-12-01"), "AUT") == "agreement-contested"
    assert eu(graph.gaps("PAK", "2016-04-01"), "AUT") == "agreement"


def test_states_of_protocols_21_and_22_are_left_open_where_no_source_speaks(graph: Graph) -> None:
    found = graph.gaps("IRQ", "2021-02-10")
    assert eu(found, "AUT") == "clause"
    assert eu(found, "DNK") == "unconfirmed"
    assert "not established whether it binds" in told(row(found, "DNK"))


def test_a_clause_whose_text_was_not_seen_is_not_confirmed(graph: Graph) -> None:
    found = graph.gaps("VNM", "2021-02-10")
    assert eu(found, "AUT") == "unconfirmed"
    assert "its text was not seen" in told(row(found, "AUT"))


def test_an_old_clause_that_is_superseded_covers_no_more(graph: Graph) -> None:
    assert eu(graph.gaps("COK", "2023-12-31"), "AUT") == "clause"
    cook = graph.gaps("COK", "2024-06-01")
    assert eu(cook, "AUT") == "unconfirmed"
    assert "cotonou-2000-art-13: ended" in told(row(cook, "AUT"))


def test_a_clause_applied_in_part_may_but_need_not_apply(graph: Graph) -> None:
    assert eu(graph.gaps("NZL", "2021-02-10"), "AUT") == "unconfirmed"
    assert eu(graph.gaps("NZL", "2022-07-21"), "AUT") == "clause"


def test_an_agreement_signed_and_not_in_force_is_told(graph: Graph) -> None:
    malaysia = graph.gaps("MYS", "2023-01-01")
    assert eu(malaysia, "AUT") == "signed"
    assert "no entry into force recorded" in told(row(malaysia, "AUT"))


WHY = [
    ("AUT", "ALB", "2021-02-10", "entry into force", "eura/alb"),
    ("DNK", "ALB", "2021-02-10", "Protocol 22", "eura/alb"),
    ("IRL", "ALB", "2021-02-10", "later acceptance", "eura/alb"),
    ("IRL", "UKR", "2021-02-10", "Protocol 21", "eura/ukr"),
    ("GBR", "GEO", "2019-06-01", "applies to United Kingdom", "eura/geo"),
    ("HRV", "GEO", "2013-07-01", "European Union", "eura/geo"),
    ("FRA", "AFG", "2021-02-10", "start of operation", "arrangement/afg-2016"),
    ("FRA", "NGA", "2021-02-10", "entry into force", "provision/cotonou-2000-art-13"),
    ("ESP", "MAR", "2021-02-10", "covers third-country nationals", "bilateral/esp-mar-1992"),
]


@pytest.mark.parametrize(("state", "country", "on", "said", "instrument"), WHY)
def test_why_gives_premises_a_lawyer_can_check(
    graph: Graph, state: str, country: str, on: str, said: str, instrument: str
) -> None:
    premises = graph.why(state, country, on).premises
    found = [p for p in premises if p.instrument == instrument and said.lower() in p.what.lower()]
    assert found, f"no premise says {said!r}: {[p.what for p in premises]}"
    for premise in premises:
        assert premise.source
        assert premise.level
        assert premise.date or premise.kind in ("application", "persons", "completeness"), premise


def test_a_deferred_start_is_among_the_premises(graph: Graph) -> None:
    premises = graph.why("FRA", "TUR", "2016-01-01", "third-country-nationals").premises
    assert any("2017-10-01" in p.date for p in premises), premises


@pytest.mark.parametrize(
    "name", ["GEO", "geo", "GE", "Georgia", "Géorgie", "Georgien", "Грузия", "Γεωργία", "gruzija"]
)
def test_a_country_is_found_by_code_and_by_name_in_many_languages(graph: Graph, name: str) -> None:
    assert graph.gaps(name, "2021-02-10").country.alpha3 == "GEO"


@pytest.mark.parametrize(
    ("name", "code"),
    [("Turkey", "TUR"), ("Türkiye", "TUR"), ("Ivory Coast", "CIV"), ("Cape Verde", "CPV"), ("Kosovo", "XKX")],
)
def test_the_names_of_the_communication_are_understood(graph: Graph, name: str, code: str) -> None:
    assert graph.gaps(name, "2021-02-10").country.alpha3 == code


@pytest.mark.parametrize(
    ("asked", "near"), [("Gorgia", "GEO"), ("Nigerria", "NGA"), ("Albanie ", "ALB"), ("Afgan", "AFG")]
)
def test_a_near_miss_is_answered_with_suggestions(graph: Graph, asked: str, near: str) -> None:
    try:
        assert graph.gaps(asked, "2021-02-10").country.alpha3 == near
    except UnknownCountryError as fault:
        assert near in str(fault)  # noqa: PT017 - both outcomes are right, a silent wrong one is not


def test_an_unknown_category_of_persons_is_refused_with_those_there_are(graph: Graph) -> None:
    with pytest.raises(ParameterError, match="own-nationals"):
        graph.gaps("GEO", "2021-02-10", "nationals")


def test_every_answer_names_its_release_and_its_day(graph: Graph) -> None:
    found = graph.gaps("GEO")
    assert found.on == dates.today()
    assert found.version == graph.version
