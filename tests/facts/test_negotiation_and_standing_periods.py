"""When a negotiation is under way, and what a state is to the Union: the rules, on invented histories."""

import pyoxigraph as ox
import pytest

from readmission.building import rules
from readmission.namespaces import BASE
from readmission.sources.fact_files import load

PREFIXES = f"""
PREFIX body: <{BASE}id/body/>
PREFIX code: <{BASE}code/>
PREFIX country: <{BASE}id/country/>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX rdm: <{BASE}ontology#>
"""
OPEN, UNKNOWN = "", ""
Bounds = tuple[str, str, str, str]
"""First day possible and certain, then the first day possibly and certainly no longer."""

# Events of a negotiation by type and date; "signature" is that of the instrument it resulted in.
NEGOTIATIONS: dict[str, tuple[list[tuple[str, str]], list[Bounds]]] = {
    "a mandate alone opens nothing": ([("mandate", "2000-01-01")], []),
    "a report opens, and nothing ends it": (
        [("negotiation-reported-under-way", "2021-02-10")],
        [("2021-02-10", "2021-02-10", OPEN, OPEN)],
    ),
    "a later round belongs to the same period": (
        [("negotiation-opened", "2016-10"), ("negotiation-round", "2022-07-07")],
        [("2016-10-01", "2016-10-31", OPEN, OPEN)],
    ),
    "what begins and ends on uncertain days is certain in between only": (
        [("negotiation-opened", "2001"), ("negotiation-concluded", "2003-05")],
        [("2001-01-01", "2001-12-31", "2003-05-01", "2003-05-31")],
    ),
    "a start that no day bounds is never certain": (
        [("negotiation-opened", "[2001-01-01..]"), ("negotiation-suspended", "2004-01-01")],
        [("2001-01-01", UNKNOWN, "2004-01-01", "2004-01-01")],
    ),
    "talks that were suspended begin again": (
        [("negotiation-opened", "2001-01-01"), ("negotiation-suspended", "2002-01-01"),
         ("negotiation-round", "2005-01-01")],
        [("2001-01-01", "2001-01-01", "2002-01-01", "2002-01-01"), ("2005-01-01", "2005-01-01", OPEN, OPEN)],
    ),
    "a stop on the day of a round comes after it": (
        [("negotiation-opened", "2001-01-01"), ("negotiation-round", "2002-01-01"),
         ("negotiation-concluded", "2002-01-01")],
        [("2001-01-01", "2001-01-01", "2002-01-01", "2002-01-01")],
    ),
    "the signature of the result ends it, even on the day of a round": (
        [("negotiation-opened", "2001-01-01"), ("negotiation-round", "2002-01-01"), ("signature", "2002-01-01")],
        [("2001-01-01", "2001-01-01", "2002-01-01", "2002-01-01")],
    ),
    "a report that it is not under way ends it": (
        [("negotiation-opened", "2016-11"), ("negotiation-reported-not-under-way", "2021-02-10")],
        [("2016-11-01", "2016-11-30", "2021-02-10", "2021-02-10")],
    ),
}  # fmt: skip

# Memberships by organisation, role, start and end.
STATES: dict[str, tuple[list[tuple[str, str, str, str]], list[tuple[str, *Bounds]]]] = {
    "who joined is a Member State from that day on": (
        [("EU", "member", "2013-07-01", OPEN)],
        [("member-state", "2013-07-01", "2013-07-01", OPEN, OPEN)],
    ),
    "who left is in transition first, and a former member after it": (
        [("EU", "member", "1973-01-01", "2020-02-01"), ("EU", "in-transition", "2020-02-01", "2021-01-01")],
        [("member-state", "1973-01-01", "1973-01-01", "2020-02-01", "2020-02-01"),
         ("state-in-transition", "2020-02-01", "2020-02-01", "2021-01-01", "2021-01-01"),
         ("former-member-state", "2021-01-01", "2021-01-01", OPEN, OPEN)],
    ),
    "who is associated was nothing before": (
        [("schengen-area", "associated", "2008-12-12", OPEN)],
        [("associated-state", "2008-12-12", "2008-12-12", OPEN, OPEN)],
    ),
    "a candidate, and a member of Schengen alone, has no standing": (
        [("EU", "candidate", "2005-12-17", OPEN), ("schengen-area", "member", "2007-12-21", OPEN)],
        [],
    ),
    "days on which the end is uncertain are certain in neither period": (
        [("EU", "member", "2000-01-01", "2030-03")],
        [("member-state", "2000-01-01", "2000-01-01", "2030-03-01", "2030-03-31"),
         ("former-member-state", "2030-03-01", "2030-03-31", OPEN, OPEN)],
    ),
    "who comes back, or is associated later, is a former member in between only": (
        [("EU", "member", "2000-01-01", "2010-01-01"), ("schengen-area", "associated", "2012", "2020-01-01"),
         ("EU", "member", "2020-01-01", OPEN)],
        [("member-state", "2000-01-01", "2000-01-01", "2010-01-01", "2010-01-01"),
         ("former-member-state", "2010-01-01", "2010-01-01", "2012-01-01", "2012-12-31"),
         ("associated-state", "2012-01-01", "2012-12-31", "2020-01-01", "2020-01-01"),
         ("member-state", "2020-01-01", "2020-01-01", OPEN, OPEN)],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def derived() -> ox.Store:
    """All invented histories, and what the rules derive from them."""
    store = ox.Store()
    store.bulk_extend(load(("ontology",)).quads)
    facts = "".join(negotiation(name, events) for name, (events, _) in NEGOTIATIONS.items())
    facts += "".join(memberships(name, stated) for name, (stated, _) in STATES.items())
    store.load(f"{PREFIXES}{facts}".encode(), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:test"))
    rules.derive(store)
    return store


def negotiation(name: str, events: list[tuple[str, str]]) -> str:
    """Return a negotiation, its result and their events as Turtle."""
    subject = iri("negotiation", name)
    text = f"{subject} a rdm:Negotiation ; rdm:resultedIn {iri('eura', name)} ."
    for number, (kind, date) in enumerate(events):
        about = iri("eura", name) if kind == "signature" else subject
        text += f"""
            {iri("event", f"{name} {number}")} a rdm:StatusEvent ; rdm:concerns {about} ;
              rdm:eventType code:{kind} ; rdm:date "{date}"^^edtf:EDTF ; rdm:recognition code:uncontested ."""
    return text


def memberships(name: str, stated: list[tuple[str, str, str, str]]) -> str:
    """Return the memberships of a state as Turtle."""
    text = ""
    for number, (body, role, start, end) in enumerate(stated):
        until = f'; rdm:until "{end}"^^edtf:EDTF' if end else ""
        text += f"""
            {iri("membership", f"{name} {number}")} a rdm:Membership ; org:organization body:{body} ;
              org:member {iri("country", name)} ; rdm:role code:{role} ; rdm:from "{start}"^^edtf:EDTF {until} ."""
    return text


def iri(kind: str, name: str) -> str:
    return f"<{BASE}id/{kind}/{name.replace(' ', '-').replace(',', '')}>"


def rows(store: ox.Store, text: str) -> list[tuple[str, ...]]:
    """Return rows as text, codes without their namespace, unbound values as an empty text."""
    bounds = " ".join(
        f"OPTIONAL {{ ?period rdm:{name} ?{name} }}"
        for name in ("fromEarliest", "fromLatest", "untilEarliest", "untilLatest")
    )
    query = f"""{PREFIXES} SELECT DISTINCT ?standing ?fromEarliest ?fromLatest ?untilEarliest ?untilLatest
                WHERE {{ {text} {bounds} }} ORDER BY ?fromEarliest ?untilEarliest"""
    found = store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(term.value.rpartition("/code/")[2] if term else "" for term in row) for row in found]


@pytest.mark.parametrize("name", NEGOTIATIONS)
def test_negotiations(name: str, derived: ox.Store) -> None:
    text = f"?period a rdm:NegotiationPeriod ; rdm:concerns {iri('negotiation', name)} ."
    found = [row[1:] for row in rows(derived, text)]
    assert found == NEGOTIATIONS[name][1], f"{name}: mend queries/rules/47-negotiation-periods.rq"


@pytest.mark.parametrize("name", STATES)
def test_standings(name: str, derived: ox.Store) -> None:
    text = f"?period a rdm:StandingPeriod ; rdm:state {iri('country', name)} ; rdm:standing ?standing ."
    assert rows(derived, text) == STATES[name][1], f"{name}: mend queries/rules/55-standing-periods.rq"


@pytest.mark.parametrize("kind", ["NegotiationPeriod", "StandingPeriod"])
def test_every_period_says_what_it_rests_on(kind: str, derived: ox.Store) -> None:
    query = f"""{PREFIXES} ASK {{
        ?period a rdm:{kind} FILTER NOT EXISTS {{ ?period rdm:basis/(rdm:recognition|rdm:role) ?stated }} }}"""
    assert not derived.query(query, use_default_graph_as_union=True), f"a {kind} without rdm:basis"
