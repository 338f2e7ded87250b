"""The statements that record a world, as fact files would."""

from collections.abc import Iterator

import pyoxigraph as ox

from harness.worlds.facts import (
    JOINED,
    LEFT,
    PROTOCOLS,
    PROTOCOLS_SINCE,
    TRANSITION_OVER,
    Closing,
    Event,
    Instrument,
    World,
)
from readmission.dates import EDTF
from readmission.namespaces import ID, NAMESPACES

GRAPH = ox.NamedNode("urn:test")
TYPE = ox.NamedNode(f"{NAMESPACES['rdf']}type")
CLASSES = {
    ("eu", "binding"): "EUReadmissionAgreement", ("eu", "non-binding"): "EUReadmissionArrangement",
    ("own", "binding"): "BilateralReadmissionAgreement", ("own", "non-binding"): "BilateralArrangement",
}  # fmt: skip


def node(prefix: str, name: str) -> ox.NamedNode:
    """Return the IRI of a name in one of the program's namespaces."""
    return ox.NamedNode(NAMESPACES.get(prefix, f"{ID}{prefix}/") + name)


def code(name: str) -> ox.NamedNode:
    return node("code", name)


def edtf(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(EDTF))


class Record:
    """Statements about one thing."""

    def __init__(self, prefix: str, name: str, kind: str) -> None:
        self.name = node(prefix, name)
        self.quads = [ox.Quad(self.name, TYPE, node("rdm", kind), GRAPH)]

    def say(self, name: str, *values: ox.NamedNode | ox.Literal, prefix: str = "rdm") -> "Record":
        self.quads += [ox.Quad(self.name, node(prefix, name), value, GRAPH) for value in values]
        return self

    def label(self, text: str) -> "Record":
        return self.say("prefLabel", ox.Literal(text, language="en"), prefix="skos")

    def span(self, start: str | None, end: str | None) -> "Record":
        self.say("from", *([edtf(start)] if start else []))
        return self.say("until", *([edtf(end)] if end else []))

    def proof(self, *levels: str) -> Iterator[ox.Quad]:
        """Yield all that is said, with a piece of evidence for each level."""
        for index, level in enumerate(levels):
            piece = Record(
                "evidence", f"{self.name.value.rpartition('/id/')[2].replace('/', '-')}-{index}", "Evidence"
            )
            yield from piece.say("evidenceLevel", code(level)).quads
            self.say("evidence", piece.name)
        yield from self.quads


def europe() -> Iterator[ox.Quad]:
    """Yield the five European states, their memberships, and the positions of those with a protocol."""
    for state, joined in JOINED.items():
        yield from Record("country", state, "State").say("alpha3", ox.Literal(state)).label(state).quads
        yield from membership(
            state, "member", joined.isoformat(), LEFT.isoformat() if state == "GBR" else None
        )
    yield from membership("GBR", "in-transition", LEFT.isoformat(), TRANSITION_OVER.isoformat())
    for state in PROTOCOLS:
        position = Record("position", state.lower(), "TreatyPosition").say("state", node("country", state))
        yield from position.span(PROTOCOLS_SINCE.isoformat(), None).proof("official-text")


def membership(state: str, role: str, start: str, end: str | None) -> Iterator[ox.Quad]:
    record = (
        Record("membership", f"eu-{state.lower()}-{role}", "Membership")
        .say("role", code(role))
        .span(start, end)
    )
    record.say("organization", node("body", "EU"), prefix="org").say(
        "member", node("country", state), prefix="org"
    )
    yield from record.proof("official-text")


def recorded(world: World) -> Iterator[ox.Quad]:
    """Yield the statements of a world."""
    partner = Record("country", world.partner, "State").say("alpha3", ox.Literal(world.partner))
    yield from partner.label(world.partner).quads
    for index, instrument in enumerate(world.instruments):
        yield from of_instrument(instrument, f"w{world.number}-{index}", partner.name)
    for index, closing in enumerate(world.closings):
        yield from of_closing(closing, f"w{world.number}-{index}", partner.name)


def of_instrument(instrument: Instrument, name: str, partner: ox.NamedNode) -> Iterator[ox.Quad]:
    kind = (
        "ReadmissionProvision" if instrument.is_clause else CLASSES.get((instrument.layer, instrument.form))
    )
    record = Record("bilateral", name, kind or "ReadmissionInstrument").label(name).say("partner", partner)
    ours = Record("side", f"{name}-europe", "ContractingSide")
    if instrument.layer == "eu":
        ours.say("sideActor", node("body", "EU"))
    else:
        actors = (node("country", state) for state in instrument.states)
        ours.say("sideBinds" if len(instrument.states) > 2 else "sideActor", *actors)
    theirs = Record("side", f"{name}-partner", "ContractingSide").say("sideActor", partner)
    record.say("hasSide", ours.name, theirs.name)
    yield from (*ours.quads, *theirs.quads)
    if instrument.per_partner:
        record.say("appliesPerPartner", ox.Literal(True))
    if instrument.outside_title_v:
        record.say("legalBasis", code("other-legal-basis"))
    yield from nature(instrument, record, name)
    yield from of_persons(instrument, record.name, name)
    concerned = node("wider", name) if instrument.is_clause else record.name
    for index, event in enumerate(instrument.events):
        yield from of_event(event, f"{name}-{index}", concerned, record.name)
    for index, said in enumerate(instrument.statements):
        about = Record("application", f"{name}-{index}", "ApplicationStatement").say("concerns", record.name)
        about.say("state", node("country", said.state) if said.state else partner)
        about.say("applies", ox.Literal(said.applies)).say("legalReason", code(said.reason))
        yield from about.span(said.start, said.end).proof("official-text")


def nature(instrument: Instrument, record: Record, name: str) -> Iterator[ox.Quad]:
    if instrument.is_clause:
        wider = Record("wider", name, "WiderAgreement")
        yield from wider.quads
        record.say("inWiderAgreement", wider.name).say("clauseEffect", code(instrument.form))
    natures = {"non-binding": "non-binding", "unknown": "nature-unknown"}
    record.say("nature", code(natures.get(instrument.form, "binding")))
    yield from record.proof("official-text")


def of_persons(instrument: Instrument, about: ox.NamedNode, name: str) -> Iterator[ox.Quad]:
    for category in instrument.persons:
        scope = Record("scope", f"{name}-{category}", "PersonScope").say("concerns", about)
        yield from scope.say("category", code(category)).proof("official-text")


def of_event(event: Event, name: str, agreement: ox.NamedNode, instrument: ox.NamedNode) -> Iterator[ox.Quad]:
    """A clause lives with its agreement; what is for some persons alone is said of the clause itself."""
    record = Record("event", name, "StatusEvent").say("concerns", instrument if event.category else agreement)
    record.say("eventType", code(event.kind)).say("recognition", code(event.recognition)).say(
        "date", edtf(event.stated)
    )
    if event.category:
        record.say("category", code(event.category))
    if event.state:
        record.say("state", node("country", event.state))
    yield from record.proof(*event.levels)


def of_closing(closing: Closing, name: str, partner: ox.NamedNode) -> Iterator[ox.Quad]:
    kind = "NegativeFinding" if closing.is_finding else "CompletenessStatement"
    record = Record("negative" if closing.is_finding else "completeness", name, kind).say(
        "scopePartner", partner
    )
    if not closing.is_finding:
        record.say("completenessLevel", code("complete" if closing.is_complete else "partial"))
    if closing.states is None:
        record.say("scopeAllStates", ox.Literal(True))
    else:
        record.say("scopeState", *(node("country", state) for state in closing.states))
    record.say("scopeAllKinds", ox.Literal(closing.kinds is None))
    record.say("scopeKind", *(code(each) for each in closing.kinds or ()))
    record.say("asOf", edtf(closing.asof))
    yield from record.span(closing.start, closing.end).proof(closing.level)
