"""Countries by code or by name, in any language the graph holds, with suggestions for a near miss."""

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from readmission.engine import Engine, text_of
from readmission.facts import BASE
from readmission.faults import UserFault

_PREFIXES = f"""
PREFIX rdm: <{BASE}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_COUNTRIES = f"""{_PREFIXES}
SELECT ?country ?alpha3 ?alpha2 ?label WHERE {{
  ?country rdm:alpha3 ?alpha3 ; skos:prefLabel ?label .
  FILTER(LANG(?label) = "en")
  OPTIONAL {{ ?country rdm:alpha2 ?alpha2 }}
}}
"""
_NAMES = f"""{_PREFIXES}
SELECT DISTINCT ?country (STR(?label) AS ?name) WHERE {{
  ?country rdm:alpha3 ?alpha3 ; skos:prefLabel|skos:altLabel ?label .
}}
"""


class UnknownCountry(UserFault, ValueError):
    """A text that names no country we hold; ``suggestions`` are the nearest names with their codes."""

    def __init__(self, asked: str, suggestions: tuple[str, ...]) -> None:
        near = (
            f"did you mean {', '.join(suggestions)}?" if suggestions else "use an ISO 3166-1 code such as GEO"
        )
        super().__init__(f"{asked!r} is no country or territory we hold; {near}")
        self.asked, self.suggestions = asked, suggestions


@dataclass(frozen=True)
class Country:
    """A country or territory: its IRI, its alpha-3 code and its English name."""

    iri: str
    alpha3: str
    name: str


class Gazetteer:
    """Finds countries by alpha-3, alpha-2 or name; accents and case do not matter."""

    def __init__(self, entries: Iterable[tuple[Country, str]]) -> None:
        self._by_key: dict[str, list[Country]] = {}
        for country, name in entries:
            found = self._by_key.setdefault(_key(name), [])
            if country not in found:
                found.append(country)

    @classmethod
    def of(cls, engine: Engine) -> "Gazetteer":
        """Read every code and name from the graph."""
        rows = engine.select(_COUNTRIES).texts()
        known = {row["country"]: Country(row["country"], row["alpha3"], row["label"]) for row in rows}

        def entries() -> Iterable[tuple[Country, str]]:
            for row in rows:
                codes = (row["alpha3"], row["alpha2"])
                yield from ((known[row["country"]], code) for code in codes if code)
            for country, name in engine.select(_NAMES).rows:
                if found := known.get(text_of(country)):
                    yield found, text_of(name)

        return cls(entries())

    def find(self, text: str) -> Country:
        """Return the one country meant; raises UnknownCountry with suggestions otherwise."""
        found = self._by_key.get(_key(text), [])
        exact = [country for country in found if country.alpha3 == text.upper()] or found
        if len(exact) == 1:
            return exact[0]
        raise UnknownCountry(text, tuple(f"{c.name} ({c.alpha3})" for c in exact) or self.suggest(text))

    def suggest(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Return the nearest names, each with its code."""
        keys = [key for key in self._by_key if _key(text) and key.startswith(_key(text))]
        keys += difflib.get_close_matches(_key(text), self._by_key, n=3 * most, cutoff=0.7)
        found = {country: None for key in keys for country in self._by_key[key]}
        return tuple(f"{country.name} ({country.alpha3})" for country in list(found)[:most])


def _key(name: str) -> str:
    if name.isascii():  # most are, and the others take ten times as long
        return name.casefold().strip()
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold().strip()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
