"""What the graph has already: names, codes, agreements, sources and the instruments of each pair of states."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import pyoxigraph as ox

from readmission.countries.gazetteer import Country, Gazetteer
from readmission.dates import Bounds, bounds
from readmission.engine.embedded import EmbeddedEngine
from readmission.errors import DateError
from readmission.namespaces import NAMESPACES
from readmission.query_files import Value, lookup
from readmission.sources import fact_files
from readmission.sources.fact_files import Facts
from readmission.table_import.cells.alphabets import script
from readmission.table_import.cells.content import code_key
from readmission.table_import.entry import BILATERAL, INTRA_EUROPEAN

BENELUX = f"{NAMESPACES['body']}benelux"
_GROUPS = [ox.Literal(NAMESPACES[group]) for group in (BILATERAL, INTRA_EUROPEAN)]

# Kinds that only the Union, or many states together, can conclude.
_NOT_BILATERAL = {
    "eu-readmission-agreement", "eu-readmission-arrangement", "eu-visa-facilitation-agreement",
    "multilateral-convention", "readmission-provision", "wider-agreement",
}  # fmt: skip
# An editor states these in no table: the program infers, and source:not-seen alone is no source.
_NOT_STATED = {"inferred", "source-none", "source-glossary"}


@dataclass
class RecordedInstrument:
    """An instrument already recorded: IRI, bound European states, partners, kind, titles by language, dates."""

    iri: str
    kind: str
    states: set[str]
    partners: set[str]
    titles: set[tuple[str, str]]
    signed: Bounds | None = None
    in_force: Bounds | None = None


class RecordedFacts:
    """The facts below a folder ``graph``, with the ontology of the program; read once, asked for every row.

    Raises FactSyntaxError when a fact file is not Turtle.
    """

    def __init__(self, graph: Path) -> None:
        self.graph = graph
        ontology = fact_files.load(["ontology"]).files
        self.facts = Facts((*ontology, *fact_files.read_folder(graph, "graph")))
        self._engine = EmbeddedEngine(self.facts.store())
        self.gazetteer = Gazetteer.of(self._engine)

    def _select(self, query: str) -> list[dict[str, str]]:
        return self._engine.select(query).texts()

    def _of_instruments(self, query: Callable[[Value], str]) -> list[dict[str, str]]:
        return [row for start in _GROUPS for row in self._select(query(start))]

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """For each codelist a row may use: codes and labels, as keys of ``content.code``, and the code meant."""
        lists = ("instrument-kind", "instrument-nature", "person-category", "source-kind", "evidence-level")
        return {name: dict(self._codes(name)) for name in lists}

    @property
    def codes(self) -> dict[str, list[str]]:
        """The codes of each codelist a row may use."""
        return {name: sorted(set(names.values())) for name, names in self.names.items()}

    def _codes(self, scheme: str) -> Iterator[tuple[str, str]]:
        for row in self._select(lookup("scheme-labels", scheme=ox.NamedNode(NAMESPACES["scheme"] + scheme))):
            code = row["code"].rsplit("/", 1)[1]
            if code not in _NOT_BILATERAL | _NOT_STATED:
                yield code_key(row["name"]), code
                yield code, code

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {
            row["code"].rsplit("/", 1)[1]: row["name"] for row in self._select(lookup("instrument-kinds"))
        }

    def label(self, kind: str) -> str:
        """Return the English name of a kind of instrument."""
        return self._labels[kind]

    @cached_property
    def members(self) -> dict[str, set[str]]:
        """The states that are or were in the Union, in the Schengen area or in the Benelux, by group."""
        found: dict[str, set[str]] = {}
        for row in self._select(lookup("group-members")):
            found.setdefault(row["group"].rsplit("/", 1)[1], set()).add(row["state"])
        return found

    @cached_property
    def european(self) -> frozenset[str]:
        """Every state that is or was in the Union or in the Schengen area."""
        return frozenset().union(*self.members.values())

    @cached_property
    def _agreements(self) -> dict[str, str]:
        return {row["partner"]: row["agreement"] for row in self._select(lookup("union-agreements"))}

    @cached_property
    def _apart(self) -> set[tuple[str, str]]:
        return {(row["agreement"], row["state"]) for row in self._select(lookup("states-apart"))}

    def agreement_of_the_union(self, states: frozenset[str], partner: str) -> str | None:
        """Return the agreement of the Union with a partner when it binds these states, else None."""
        found = self._agreements.get(partner)
        bound = states <= self.members["EU"] and not any((found, state) in self._apart for state in states)
        return found if bound else None

    @cached_property
    def sources(self) -> dict[tuple[str, str], str]:
        """The sources already recorded, by web address and title."""
        return {(row["url"], row["title"]): row["source"] for row in self._select(lookup("recorded-sources"))}

    @cached_property
    def names_taken(self) -> frozenset[str]:
        """Every IRI of a bilateral instrument that the facts speak of, whether they describe it or not."""
        return frozenset(
            row["one"] for row in self._of_instruments(lambda start: lookup("recorded-iris", start=start))
        )

    @cached_property
    def instruments(self) -> dict[str, RecordedInstrument]:
        """Every instrument of European states, by its IRI; between two of them each is a partner of the other."""
        found: dict[str, RecordedInstrument] = {}
        for row in self._of_instruments(lambda start: lookup("recorded-instruments", start=start)):
            kind = row["kind"].rsplit("/", 1)[-1]
            known = found.setdefault(row["one"], RecordedInstrument(row["one"], kind, set(), set(), set()))
            known.partners |= {row["partner"]} if row["partner"] else set()
            known.states.add(row["actor"])
        for known in found.values():
            known.states -= known.partners
            known.partners = known.partners or known.states
        self._describe(found)
        return found

    @cached_property
    def _pairs(self) -> dict[tuple[str, str], list[RecordedInstrument]]:
        pairs: dict[tuple[str, str], list[RecordedInstrument]] = {}
        for known in self.instruments.values():
            for state, partner in product(sorted(known.states), sorted(known.partners)):
                pairs.setdefault((state, partner), []).append(known)
        return pairs

    def instruments_between(self, states: frozenset[str], partner: str) -> list[RecordedInstrument]:
        """Return the instruments recorded between any of these states and a partner."""
        found = (known for state in sorted(states) for known in self._pairs.get((state, partner), ()))
        return list({known.iri: known for known in found}.values())

    def _describe(self, found: dict[str, RecordedInstrument]) -> None:
        for row in self._of_instruments(lambda start: lookup("recorded-titles", start=start)):
            if row["one"] in found:
                found[row["one"]].titles.add((row["language"], row["title"]))
        for row in self._of_instruments(lambda start: lookup("recorded-dates", start=start)):
            known = found.get(row["one"])
            if known and row["type"].endswith("/signature"):
                known.signed = _bounds(row["date"])
            elif known:
                known.in_force = _bounds(row["date"])

    @cached_property
    def names_with_letters(self) -> frozenset[str]:
        """The words in the names of countries, in small letters, that have Latin letters beyond A to Z."""
        names = (row["name"].casefold() for row in self._select(lookup("country-labels")))
        words = (word for name in names for word in re.findall(r"\w+", name))
        return frozenset(word for word in words if not word.isascii() and script(word[0]) == "LATIN")

    def names_country(self, text: str) -> bool:
        """Whether a text is the code or a name of a country; asks no further, where ``country`` looks for near ones."""
        return self.gazetteer.names(text)

    def country(self, text: str) -> Country:
        """Return a country by code or name; raises UnknownCountryError with suggestions."""
        return self.gazetteer.find(text)


def _bounds(text: str) -> Bounds | None:
    """Return the bounds of a recorded date; a faulty one is for the checks to tell."""
    try:
        return bounds(text)
    except DateError:
        return None
