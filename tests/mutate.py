"""How much the checks notice: random faults in the facts, one at a time, and who refuses each.

    .venv/bin/python tests/mutate.py --count 500 --seed 1

Each fault changes one statement (or drops one event) of one fact file, as a tired hand would: an event is
lost, a date slips by a year or becomes impossible, two country codes are swapped, ``applies`` turns round,
a type changes, evidence goes missing, an IRI is mistyped. A fault is noticed by the checks (dates, shapes,
check queries) or by a pinned answer (``tests/expected``). Nothing in the repository is written.
"""

import argparse
import csv
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
from tqdm import tqdm

from readmission import checks, conditions, countries, facts, questions, rules
from readmission.checks import Bench
from readmission.dates import EDTF
from readmission.engine import Embedded, text_of
from readmission.facts import BASE, FactFile, Facts

EXPECTED = Path(__file__).parent / "expected"
RDM, CODE, COUNTRY = f"{BASE}ontology#", f"{BASE}code/", f"{BASE}id/country/"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
EDTF_TYPE = ox.NamedNode(EDTF)
BOOLEAN = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
DATES = {f"{RDM}date", f"{RDM}from", f"{RDM}until"}
GOAL = 0.95


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


class Judge:
    """The facts, read once, and what is found and answered when nothing is wrong."""

    def __init__(self) -> None:
        self.loaded = facts.load()
        self.files = {file.name: file for file in self.loaded.files}
        self.conditions = [condition for condition in conditions.load() if not condition.on_ontology]
        self.before = {_key(finding) for finding in checks.check(facts=self.loaded, owl=False)}

    def noticed_by(self, fault: Fault) -> str:
        """Return who notices the fault first, or the empty string."""
        file = self.files[fault.file]
        bench = Bench(self._with(file, fault))
        if bench.dated:
            return "date"
        if self._new(checks.shape_findings(bench, {file.name})):
            return "shape"
        if self._new(checks.condition_findings(bench, self.conditions)):
            return "check query"
        return self._other_answer(bench)

    def _with(self, file: FactFile, fault: Fault) -> Facts:
        changed = FactFile(file.path, file.name, file.graph, file.text)
        gone = set(fault.gone)
        # the statements are changed, and not the text: every fault is one that the parser lets pass
        changed.__dict__["quads"] = (*(quad for quad in file.quads if quad not in gone), *fault.come)
        return self.loaded.with_file(changed)

    def _new(self, found: Iterator[checks.Finding]) -> bool:
        return any(finding.severity != "info" and _key(finding) not in self.before for finding in found)

    def _other_answer(self, bench: Bench) -> str:
        store = bench.store
        rules.derive(store)
        engine = Embedded(store)
        gazetteer = countries.Gazetteer.of(engine)
        for path in sorted(EXPECTED.glob("*.csv")):
            if pinned_rows(path) != answer(path, engine, gazetteer):
                return f"answer {path.stem}"
        return ""


def _key(finding: checks.Finding) -> tuple[str, str, str]:
    return finding.shape, finding.focus, finding.message


def pinned_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def answer(path: Path, engine: Embedded, gazetteer: countries.Gazetteer) -> list[list[str]] | None:
    """Return the rows of a pinned question, or None where it cannot even be asked any more."""
    name, _, stated = path.stem.partition("@")
    values = dict(pair.split("=", 1) for pair in unquote(stated).split(",") if pair)
    try:
        found = questions.find(name).run(engine, values, gazetteer)
    except questions.ParameterError:
        return None
    return [list(row.values()) for row in found.texts()]


@cache
def the_judge() -> Judge:
    """One judge for each process."""
    return Judge()


def judged(fault: Fault) -> str:
    return the_judge().noticed_by(fault)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Tell how many random faults in the facts are noticed.")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    made = list(faults(facts.load(), asked.count, asked.seed))
    with ProcessPoolExecutor(asked.processes) as pool:
        results = list(tqdm(pool.map(judged, made, chunksize=5), total=len(made), disable=None))
    return report(made, results)


def report(made: Sequence[Fault], results: Sequence[str]) -> int:
    """Print the score by kind of fault and the faults that nobody noticed; 1 when the score is too low."""
    kinds, noticed = Counter(fault.kind for fault in made), Counter[str]()
    for fault, by in zip(made, results, strict=True):
        noticed[fault.kind] += bool(by)
    for kind, count in sorted(kinds.items()):
        print(f"{kind:24} {noticed[kind]:4} of {count}")
    print("noticed by " + ", ".join(f"{by.split()[0]} {n}" for by, n in by_first(results).most_common()))
    for fault, by in zip(made, results, strict=True):
        if not by:
            print(f"unnoticed: {fault}")
    score = sum(noticed.values()) / len(made)
    print(f"score {score:.1%} of {len(made)} faults; the goal is {GOAL:.0%}")
    return 0 if score >= GOAL else 1


def by_first(results: Sequence[str]) -> Counter[str]:
    return Counter(by.split()[0] for by in results if by)


if __name__ == "__main__":
    sys.exit(main())
