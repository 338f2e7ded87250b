"""Verdicts a coordinator must be able to defend: pinned for the cases whose answer the sources give."""

import pytest

from readmission import Graph, dates
from readmission.answers.coverage import GapRow, Gaps
from readmission.countries.gazetteer import UnknownCountryError
from readmission.errors import ParameterError

MEMBERS_2021 = set(
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN "
    "IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE".split()
)


def row(found: Gaps, state: str) -> GapRow:
    return next(row for row in found.rows if row.state == state)


def verdicts(found: Gaps) -> dict[str, str]:
    return {row.state: row.verdict for row in found.rows}


def test_albania_is_covered_by_the_union_but_for_denmark_which_has_an_agreement_of_its_own(
    graph: Graph,
) -> None:
    found = graph.gaps("ALB", "2021-02-10")
    assert set(verdicts(found)) == MEMBERS_2021
    for state in MEMBERS_2021 - {"DNK"}:
        assert row(found, state).verdict == "covered-binding", row(found, state)
        assert "eura/alb" in row(found, state).instruments
    denmark = row(found, "DNK")
    assert denmark.verdict == "covered-binding"
    assert denmark.instruments == ("bilateral/dnk-alb-2008",)
    assert "Protocol 22" in denmark.hint
    assert row(graph.gaps("ALB", "2008-11-30"), "DNK").verdict == "not-in-force"


def test_ireland_is_covered_with_albania_only_since_its_later_opt_in(graph: Graph) -> None:
    assert row(graph.gaps("ALB", "2014-05-21"), "IRL").verdict == "not-in-force"
    assert row(graph.gaps("ALB", "2014-06-01"), "IRL").verdict == "possibly-covered"
    assert row(graph.gaps("ALB", "2014-06-12"), "IRL").verdict == "covered-binding"


def test_ireland_is_not_covered_with_ukraine(graph: Graph) -> None:
    ireland = row(graph.gaps("UKR", "2021-02-10"), "IRL")
    assert ireland.verdict == "not-in-force"
    assert "Protocol 21" in ireland.hint


def test_georgia_flips_on_the_day_of_entry_into_force(graph: Graph) -> None:
    before, after = graph.gaps("GEO", "2011-02-28"), graph.gaps("GEO", "2011-03-01")
    assert row(before, "AUT").verdict == "not-in-force"
    assert "starts later, 2011-03-01" in row(before, "AUT").hint
    assert row(after, "AUT").verdict == "covered-binding"


def test_the_united_kingdom_is_a_row_only_while_a_member(graph: Graph) -> None:
    assert row(graph.gaps("GEO", "2019-06-01"), "GBR").verdict == "covered-binding"
    assert "GBR" not in verdicts(graph.gaps("GEO", "2021-02-10"))
    assert "GBR" not in verdicts(graph.gaps("GEO", "2020-02-01"))


def test_the_united_kingdom_stays_bound_in_the_transition(graph: Graph) -> None:
    premises = graph.why("GBR", "GEO", "2020-06-01").premises
    assert graph.why("GBR", "GEO", "2020-06-01").row is None
    assert any(
        p.situation == "covers" and p.kind == "membership" and "transition" in p.what for p in premises
    )


def test_croatia_is_a_row_from_its_accession_on(graph: Graph) -> None:
    assert "HRV" not in verdicts(graph.gaps("GEO", "2013-06-30"))
    assert row(graph.gaps("GEO", "2013-07-01"), "HRV").verdict == "covered-binding"


def test_afghanistan_is_non_binding_for_all(graph: Graph) -> None:
    found = graph.gaps("AFG", "2021-02-10")
    assert set(verdicts(found).values()) == {"covered-non-binding"}
    assert len(found.rows) == 27


@pytest.mark.parametrize("on", ["1995-01-01", "2010-01-01", "2021-02-10", "2024-03-01", "2026-11-21"])
@pytest.mark.parametrize("country", ["NGA", "BRA", "USA", "MAR", "COK"])
def test_nobody_lacks_without_a_statement_that_closes_the_world(graph: Graph, country: str, on: str) -> None:
    for found in graph.gaps(country, on).rows:
        assert found.verdict != "lacks" or found.closed_by, found


def test_third_country_nationals_are_not_covered_with_turkey_in_2016(graph: Graph) -> None:
    found = graph.gaps("TUR", "2016-01-01", "third-country-nationals")
    assert set(verdicts(found).values()) == {"not-in-force"}
    assert "starts later, 2017-10-01" in row(found, "AUT").hint
    assert row(graph.gaps("TUR", "2016-01-01"), "AUT").verdict == "covered-binding"


def test_a_suspension_that_one_side_announces_is_a_contest_not_an_end(graph: Graph) -> None:
    assert row(graph.gaps("TUR", "2019-07-21"), "AUT").verdict == "covered-binding"
    turkey = row(graph.gaps("TUR", "2021-02-10"), "AUT")
    assert turkey.verdict == "covered-contested"
    assert "contested since 2019-07-22" in turkey.hint
    assert row(graph.gaps("BLR", "2021-10-05"), "AUT").verdict == "covered-contested"
    assert row(graph.gaps("PAK", "2015-12-01"), "AUT").verdict == "covered-contested"
    assert row(graph.gaps("PAK", "2016-04-01"), "AUT").verdict == "covered-binding"


def test_states_of_protocols_21_and_22_are_left_open_where_no_source_speaks(graph: Graph) -> None:
    found = graph.gaps("VNM", "2021-02-10")
    assert row(found, "AUT").verdict == "covered-non-binding"
    assert row(found, "DNK").verdict == "possibly-covered"
    assert "not established whether it binds" in row(found, "DNK").hint


def test_an_old_clause_that_is_superseded_covers_no_more(graph: Graph) -> None:
    assert row(graph.gaps("COK", "2023-12-31"), "AUT").verdict == "covered-non-binding"
    cook = row(graph.gaps("COK", "2024-06-01"), "AUT")
    assert cook.verdict == "possibly-covered"
    assert "cotonou-2000-art-13: ended" in cook.hint


def test_a_clause_applied_in_part_may_but_need_not_apply(graph: Graph) -> None:
    assert row(graph.gaps("NZL", "2021-02-10"), "AUT").verdict == "possibly-covered"
    assert row(graph.gaps("NZL", "2022-07-21"), "AUT").verdict == "covered-non-binding"


def test_an_agreement_signed_and_not_in_force_is_told(graph: Graph) -> None:
    malaysia = row(graph.gaps("MYS", "2023-01-01"), "AUT")
    assert malaysia.verdict == "not-in-force"
    assert "no entry into force recorded" in malaysia.hint


WHY = [
    ("AUT", "ALB", "2021-02-10", "entry into force", "covers"),
    ("DNK", "ALB", "2021-02-10", "Protocol 22", "does not cover"),
    ("IRL", "ALB", "2021-02-10", "later acceptance", "covers"),
    ("IRL", "UKR", "2021-02-10", "Protocol 21", "does not cover"),
    ("GBR", "GEO", "2019-06-01", "applies to United Kingdom", "covers"),
    ("HRV", "GEO", "2013-07-01", "European Union", "covers"),
    ("FRA", "AFG", "2021-02-10", "start of operation", "covers"),
    ("FRA", "NGA", "2021-02-10", "entry into force", "covers"),
]


@pytest.mark.parametrize(("state", "country", "on", "said", "situation"), WHY)
def test_why_gives_premises_a_lawyer_can_check(
    graph: Graph, state: str, country: str, on: str, said: str, situation: str
) -> None:
    premises = graph.why(state, country, on).premises
    found = [p for p in premises if p.situation == situation and said.lower() in p.what.lower()]
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
