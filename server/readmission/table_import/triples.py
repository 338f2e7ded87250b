"""Entries written as facts, node by node, in the form that the files of bilateral instruments have.

Every node keeps the column it came from, so that a check that refuses it can name the cell.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from rdflib import DCTERMS, RDF, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from readmission.dates import EDTF
from readmission.namespaces import BASE, ID, NAMESPACES, prefixes
from readmission.table_import.entry import (
    BILATERAL,
    BINDING,
    NATURE_UNKNOWN,
    NON_BINDING,
    PROTOCOL,
    READMISSION,
    UNVERIFIED,
    Entry,
    StatedDate,
)
from readmission.table_import.recorded import BENELUX

_PREFIXES = (
    "code", "dcterms", "edtf", "rdm", "skos", "xsd",
    "bilateral", "body", "country", "eura", "event", "evidence", "intra-european", "scope", "side", "source",
)  # fmt: skip

# What an instrument is called when its kind is not.
_NAMES = {READMISSION: "agreement on readmission", "other-kind": "instrument of another kind"}
_UNKNOWN = "Nature unknown: no source seen tells whether the text obliges under international law."
_UNSEEN = "General knowledge; no source was seen."
_NO_OTHER_DAY = "No other day is stated; a text that does not bind works from the day on which it is agreed."
_PERSONS = "It is named after readmission; that it covers nationals of the partner follows from that name."
# What may work from its signature on when nobody says whether it binds: the check unknown-nature-without-start.
_MAY_WORK = ("administrative-arrangement", "exchange-of-letters", "memorandum-of-understanding")
_FIRST_DAY = "Not known whether and when it began to work; not binding it would work from the signature."


def new_graph() -> Graph:
    """Return an empty graph that knows the prefixes of fact files."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in prefixes(*_PREFIXES).items():
        graph.bind(prefix, namespace)
    return graph


def slug(entry: Entry, taken: Collection[str]) -> str:
    """Return the free name of an entry's instrument: side, partner, year, and a number from the second on."""
    number, name = 1, entry.slug
    while f"{ID}{entry.group}/{name}" in taken:
        number += 1
        name = f"{entry.slug}-{number}"
    return name


class Statements:
    """The facts of one entry: ``facts`` for the file of its side, ``sources`` for that of its source.

    ``kind`` is the kind of instrument in words; ``cited`` are the sources there are, by web address and title.
    """

    def __init__(self, entry: Entry, name: str, kind: str, cited: Mapping[tuple[str, str], str]) -> None:
        self._entry, self._name, self._texts = entry, f"{entry.group}-{name}", entry.texts
        self.iri = f"{ID}{entry.group}/{name}"
        self.facts, self.sources = Graph(bind_namespaces="none"), Graph(bind_namespaces="none")
        self.columns: dict[str, str] = {}
        self.cites: dict[tuple[str, str], str] = {}
        self._source = self._cite(cited)
        self._instrument(_protocol(entry) if entry.implements else _NAMES.get(entry.kind, kind))
        self._sides()
        self._scopes()
        self._events()

    def _add(self, subject: str, column: str, **values: Node | str | None) -> None:
        """State properties of rdm: of a subject; a text is the local part of an IRI below the base."""
        self.columns.setdefault(subject, column)
        for name, value in values.items():
            if value is not None:
                term = _literal(value)
                self.facts.add((URIRef(subject), RDF.type if name == "a" else _rdm(name), term))

    def _note(self, subject: str, text: str) -> None:
        self.facts.add((URIRef(subject), SKOS.editorialNote, Literal(text, lang="en")))

    def _prove(
        self, subject: str, *, inferred: str = "", note: str = "", locator: str = "", stated: bool = True
    ) -> None:
        """Add the next evidence of a node: the source of the row, or what is inferred from it, and how."""
        entry, name = self._entry, subject.removeprefix(ID).replace("/", "-")
        number = len(list(self.facts.objects(URIRef(subject), _rdm("evidence")))) + 1
        evidence = f"{ID}evidence/{name}-{number}"
        seen = entry.level != UNVERIFIED
        level = "inferred" if inferred and seen else entry.level
        method = "inferred" if inferred else "read" if seen else "general-knowledge"
        place = locator or (self._texts["locator"] if stated else "")
        self._add(subject, "", evidence=URIRef(evidence))
        self._add(
            evidence, "evidence_level", a="ontology#Evidence", source=URIRef(self._source),
            evidenceLevel=f"code/{level}", method=f"code/{method}", locator=Literal(place) if place else None,
        )  # fmt: skip
        told = inferred or note or ("" if seen else _UNSEEN)
        if told:
            self._note(evidence, told)

    def _cite(self, cited: Mapping[tuple[str, str], str]) -> str:
        """Return the IRI of the source: the recorded one with this address and title, else a new one."""
        url, title, entry = self._texts["source_url"], self._texts["source_title"], self._entry
        if entry.level == UNVERIFIED:
            return f"{ID}source/not-seen"
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        held = cited.get((url, title or host))
        if held:
            return held
        digest = hashlib.sha256(f"{url}|{title}".encode()).hexdigest()[:8]
        iri = f"{ID}source/{_ascii(host or title)[:60].strip('-') or 'source'}-{digest}"
        self.columns[iri] = "source_url" if url else "source_title"
        self.cites = {(url, title or host): iri}
        node = URIRef(iri)
        self.sources.add((node, RDF.type, _rdm("Source")))
        self.sources.add((node, DCTERMS.title, Literal(title or host, lang="en")))
        self.sources.add((node, _rdm("sourceKind"), URIRef(NAMESPACES["code"] + entry.source_kind)))
        if url:
            self.sources.add((node, _rdm("url"), Literal(url, datatype=XSD.anyURI)))
        return iri

    def _class(self) -> str:
        entry = self._entry
        if entry.kind == PROTOCOL:
            return "ImplementingProtocol"
        if entry.nature == BINDING:
            main = entry.kind == READMISSION
            return "BilateralReadmissionAgreement" if main else "BilateralCooperationAgreement"
        return "BilateralArrangement" if entry.nature == NON_BINDING else "ReadmissionInstrument"

    def _instrument(self, kind: str) -> None:
        entry, node = self._entry, URIRef(self.iri)
        self._add(
            self.iri, "title", a=f"ontology#{self._class()}", nature=f"code/{entry.nature}",
            instrumentKind=f"code/{entry.kind}",
            partner=URIRef(entry.partner.iri) if entry.group == BILATERAL else None,
            implementsAgreement=URIRef(entry.implements) if entry.implements else None,
        )  # fmt: skip
        self.facts.add((node, SKOS.prefLabel, Literal(self._label(kind), lang="en")))
        self.facts.add((node, DCTERMS.title, Literal(self._texts["title"], lang=entry.language)))
        if self._texts["title_english"]:
            self.facts.add((node, SKOS.altLabel, Literal(self._texts["title_english"], lang="en")))
        for reference in filter(None, map(str.strip, self._texts["official_reference"].split(";"))):
            self._add(self.iri, "", officialReference=Literal(reference))
        for note in ("status_note", "told_apart_by"):
            if self._texts[note]:
                self._note(self.iri, self._texts[note])
        self._prove(self.iri)
        self._prove_nature()

    def _label(self, kind: str) -> str:
        """Return a name that no other text of the pair has: with the year, and a number from the second on."""
        entry = self._entry
        number = self.iri.removeprefix(f"{ID}{entry.group}/{entry.slug}").strip("-")
        told = ", ".join(part for part in (entry.year, number and f"no. {number}") if part)
        return f"{entry.side.name}–{entry.partner.name}: {kind}" + (f" ({told})" if told else "")

    def _prove_nature(self) -> None:
        nature, ground = self._entry.nature, self._texts["nature_ground"]
        if ground:
            self._prove(self.iri, note=ground, locator="nature", stated=False)
        elif self._entry.kind == PROTOCOL:
            told = "Binding: a protocol carries out a binding agreement and is concluded under it."
            self._prove(self.iri, inferred=told, locator="nature")
        elif nature in (BINDING, NON_BINDING):
            told = f"{nature.capitalize()} according to the editor who recorded it, without a ground."
            self._prove(self.iri, inferred=told, locator="nature")
        else:
            self._prove(self.iri, inferred=_UNKNOWN, locator="nature")

    def _sides(self) -> None:
        entry = self._entry
        for number, actor in ((1, entry.side.actor), (2, entry.partner.iri)):
            side = f"{ID}side/{self._name}-{number}"
            self._add(self.iri, "", hasSide=URIRef(side))
            column = "european_state" if number == 1 else "partner"
            self._add(side, column, a="ontology#ContractingSide", sideActor=URIRef(actor))
            if actor == BENELUX:
                for state in sorted(entry.side.states):
                    self._add(side, column, sideBinds=URIRef(state))

    def _scopes(self) -> None:
        for category in self._entry.persons:
            scope = f"{ID}scope/{self._name}-{category}"
            what = f"code/{category}"
            self._add(scope, "persons", a="ontology#PersonScope", concerns=URIRef(self.iri), category=what)
            ground = self._texts["persons_ground"] or ("" if self._texts["persons"] else _PERSONS)
            self._prove(
                scope, inferred=ground, locator="" if self._texts["persons_ground"] else ground and "title"
            )

    def _events(self) -> None:
        dates, binds = self._entry.dates, self._entry.nature != NON_BINDING
        unknown = self._entry.nature == NATURE_UNKNOWN and self._entry.kind in _MAY_WORK
        if "signed" in dates:
            self._event("signature", "signed", dates["signed"])
        if "entry_into_force" in dates:
            opening = "entry-into-force" if binds else "start-of-operation"
            self._event(opening, "entry_into_force", dates["entry_into_force"])
        elif "signed" in dates and not binds:
            self._event("start-of-operation", "signed", dates["signed"], _NO_OTHER_DAY)
        elif "signed" in dates and unknown:
            first = dates["signed"].bounds.earliest
            self._event(
                "start-of-operation", "signed", StatedDate(f"[{first}..]", dates["signed"].bounds), _FIRST_DAY
            )
        if "ended" in dates:
            self._event("termination", "ended", dates["ended"])

    def _event(self, kind: str, column: str, when: StatedDate, inferred: str = "") -> None:
        event = f"{ID}event/{self._name}-{kind}"
        self._add(
            event, column, a="ontology#StatusEvent", concerns=URIRef(self.iri), eventType=f"code/{kind}",
            date=Literal(when.stated, datatype=URIRef(EDTF)), recognition="code/uncontested",
        )  # fmt: skip
        self._prove(event, inferred=inferred)


def _protocol(entry: Entry) -> str:
    """Return what a protocol is called: after the agreement that it carries out."""
    of_union = entry.implements.startswith(NAMESPACES["eura"])
    return f"protocol implementing the {f'EU–{entry.partner.name}' if of_union else 'bilateral'} readmission agreement"


def _rdm(name: str) -> URIRef:
    return URIRef(NAMESPACES["rdm"] + name)


def _literal(value: Node | str) -> Node:
    if isinstance(value, (URIRef, Literal)):
        return value
    return URIRef(f"{BASE}{value}")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
