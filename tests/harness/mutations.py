"""Random faults in the facts, of the kinds a tired hand makes; used by ``mutate.py``."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from readmission.dates import EDTF
from readmission.engine.interface import text_of
from readmission.namespaces import BASE
from readmission.sources.fact_files import FactFile, Facts

RDM, CODE, COUNTRY = f"{BASE}ontology#", f"{BASE}code/", f"{BASE}id/country/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EDTF_TYPE = ox.NamedNode(EDTF)
BOOLEAN = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
DATES = {f"{RDM}date", f"{RDM}from", f"{RDM}until"}


@dataclass(frozen=True)
class Fault:
    """One change: which kind, in which file, and the statements taken out and put in."""

    kind: str
    file: str
    gone: tuple[ox.Quad, ...]
    come: tuple[ox.Quad, ...]

    def __str__(self) -> str:
        shown = " ".join(
            _short(term) for term in (self.gone[0].subject, self.gone[0].predicate, self.gone[0].object)
        )
        became = f" → {_short(self.come[0].object)}" if self.come else f" ({len(self.gone)} statements gone)"
        return f"{self.kind}: {self.file}: {shown}{became}"


def _short(term: object) -> str:
    return str(term).replace(BASE, "").replace("id/", "")[:90]


Maker = Callable[[FactFile, random.Random], Fault | None]


def with_object(kind: str, file: FactFile, quad: ox.Quad, term: ox.NamedNode | ox.Literal) -> Fault:
    return Fault(kind, file.name, (quad,), (ox.Quad(quad.subject, quad.predicate, term, quad.graph_name),))


def event_dropped(file: FactFile, chance: random.Random) -> Fault | None:
    events = [
        q.subject for q in file.quads if q.predicate == TYPE and text_of(q.object) == f"{RDM}StatusEvent"
    ]
    if not events:
        return None
    event = chance.choice(events)
    gone = [quad for quad in file.quads if quad.subject == event]
    # its evidence goes with it, for a whole event is forgotten, and not half of one
    proofs = {quad.object for quad in gone if quad.predicate.value == f"{RDM}evidence"}
    kept = {q.object for q in file.quads if q.predicate.value == f"{RDM}evidence" and q.subject != event}
    gone += [quad for quad in file.quads if quad.subject in proofs - kept]
    return Fault("event dropped", file.name, tuple(gone), ())


def _dated(file: FactFile) -> list[ox.Quad]:
    return [quad for quad in file.quads if quad.predicate.value in DATES]


def date_shifted(file: FactFile, chance: random.Random) -> Fault | None:
    found = [quad for quad in _dated(file) if text_of(quad.object)[:4].isdigit()]
    if not found:
        return None
    quad = chance.choice(found)
    text = text_of(quad.object)
    year = int(text[:4]) + chance.choice([-1, 1])
    return with_object(
        "date shifted by a year", file, quad, ox.Literal(f"{year}{text[4:]}", datatype=EDTF_TYPE)
    )


def date_impossible(file: FactFile, chance: random.Random) -> Fault | None:
    found = [quad for quad in _dated(file) if len(text_of(quad.object)) == len("2011-03-01")]
    if not found:
        return None
    quad = chance.choice(found)
    text = text_of(quad.object)[:5] + chance.choice(["13-01", "02-30", "04-31", "00-10"])
    return with_object("date made impossible", file, quad, ox.Literal(text, datatype=EDTF_TYPE))


def country_swapped(file: FactFile, chance: random.Random) -> Fault | None:
    found = [
        q for q in file.quads if isinstance(q.object, ox.NamedNode) and text_of(q.object).startswith(COUNTRY)
    ]
    if not found:
        return None
    quad = chance.choice(found)
    others = [
        "DEU",
        "FRA",
        "DNK",
        "IRL",
        "GEO",
        "ARM",
        "MDA",
        "PAK",
        "LKA",
        "GMB",
        "KAZ",
        "TUR",
        "AUT",
        "AUS",
    ]
    other = chance.choice([code for code in others if COUNTRY + code != text_of(quad.object)])
    return with_object("country swapped", file, quad, ox.NamedNode(COUNTRY + other))


def applies_flipped(file: FactFile, chance: random.Random) -> Fault | None:
    found = [quad for quad in file.quads if quad.predicate.value == f"{RDM}applies"]
    if not found:
        return None
    quad = chance.choice(found)
    flipped = "false" if text_of(quad.object) == "true" else "true"
    return with_object("applies flipped", file, quad, ox.Literal(flipped, datatype=BOOLEAN))


def type_changed(file: FactFile, chance: random.Random) -> Fault | None:
    typed = [
        f"{RDM}{name}" for name in ("eventType", "category", "legalReason", "role", "nature", "recognition")
    ]
    found = [q for q in file.quads if q.predicate == TYPE or q.predicate.value in typed]
    quad = chance.choice(found)
    if quad.predicate == TYPE:
        names = [
            f"{RDM}{name}"
            for name in ("StatusEvent", "Evidence", "EUReadmissionAgreement", "Membership", "Source")
        ]
    else:
        names = [f"{CODE}{name}" for name in KINDRED[quad.predicate.value.removeprefix(RDM)]]
    new = chance.choice([name for name in names if name != text_of(quad.object)])
    return with_object("type changed", file, quad, ox.NamedNode(new))


KINDRED = {
    "eventType": (
        "signature",
        "entry-into-force",
        "suspension",
        "termination",
        "mandate",
        "amendment",
        "initialled",
    ),
    "category": ("own-nationals", "third-country-nationals", "stateless-persons", "former-nationals"),
    "legalReason": ("protocol-22", "protocol-21-opt-in", "protocol-21-no-opt-in", "protocol-21-late-opt-in"),
    "role": ("member", "associated", "candidate", "in-transition"),
    "nature": ("binding", "non-binding", "nature-unknown"),
    "recognition": ("uncontested", "unilateral", "contested", "settled"),
}


def evidence_removed(file: FactFile, chance: random.Random) -> Fault | None:
    found = [quad for quad in file.quads if quad.predicate.value == f"{RDM}evidence"]
    return Fault("evidence removed", file.name, (chance.choice(found),), ()) if found else None


def iri_mistyped(file: FactFile, chance: random.Random) -> Fault | None:
    found = [
        q for q in file.quads if isinstance(q.object, ox.NamedNode) and text_of(q.object).startswith(BASE)
    ]
    quad = chance.choice(found)
    text = text_of(quad.object)
    at = chance.randrange(max(text.rfind("/"), text.rfind("#")) + 1, len(text))
    slip = chance.choice(
        [text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[:at] + "x" + text[at + 1 :]]
    )
    return with_object("IRI mistyped", file, quad, ox.NamedNode(slip)) if slip != text else None


MAKERS: tuple[Maker, ...] = (
    event_dropped, date_shifted, date_impossible, country_swapped,
    applies_flipped, type_changed, evidence_removed, iri_mistyped,
)  # fmt: skip


def faults(loaded: Facts, count: int, seed: int) -> Iterator[Fault]:
    """Yield ``count`` different faults, every kind about as often, in files of facts."""
    chance = random.Random(seed)
    files = [file for file in loaded.files if file.name.startswith("graph/")]
    seen: set[Fault] = set()
    while len(seen) < count:
        made = chance.choice(MAKERS)(chance.choice(files), chance)
        if made and made not in seen:
            seen.add(made)
            yield made
