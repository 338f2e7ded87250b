"""Countries by code or by name, in any language the graph holds, with suggestions for a slip of the pen.

A name is found or refused, never guessed at: one that two countries share is refused with both, and so is a name of
one country in another language, written without its accents, that may be a slip in the English name of another one.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz.distance import OSA

from readmission.countries import former_states, names, spellings
from readmission.countries.former_states import FormerState
from readmission.countries.names import Name
from readmission.engine.interface import Engine
from readmission.errors import UserError
from readmission.query_files import lookup

LONGEST = 200
"""The most characters a name of a country may have: Kosovo's name with its reservation is the longest, with 170."""

# Of a text that is no name, the start is enough to know it again.
_SHOWN = 60

# Letters of the longest word: a shorter one is likelier another name than one with so many slips. Kurdistan is not
# Kyrgyzstan.
_ONE_SLIP, _TWO_SLIPS = 5, 10
_SHORTEST_START = 4


class UnknownCountryError(UserError, ValueError):
    """A text that names no country we hold: ``what`` is wrong, how to ``mend`` it, and the nearest names with codes."""

    def __init__(
        self, asked: str, suggestions: tuple[str, ...] = (), what: str = "", remedy: str = ""
    ) -> None:
        near = (
            f"did you mean {', '.join(suggestions)}?" if suggestions else "use an ISO 3166-1 code such as GEO"
        )
        self.asked, self.suggestions = asked, suggestions
        self.what = what or f"{asked[:_SHOWN]!r} is no country or territory we hold"
        self.remedy = remedy or near
        super().__init__(f"{self.what}; {self.remedy}")


class AmbiguousCountryError(UnknownCountryError):
    """A name that several countries share; ``suggestions`` are these."""

    def __init__(self, asked: str, several: tuple[str, ...]) -> None:
        what = f"{asked!r} may mean {former_states.listed(several)}"
        super().__init__(asked, several, what, "write the code of the one that is meant")


class LikelySlipError(AmbiguousCountryError):
    """A country's name in another language, without its accents, that may be a slip in the English name of others."""

    def __init__(self, asked: str, near: tuple[str, ...], found: "Country", name: "Name") -> None:
        what = f"{asked[:_SHOWN]!r} is no country or territory in English"
        remedy = f"did you mean {', '.join(near)}, or {found}, which is {name.text} in {name.spoken}?"
        UnknownCountryError.__init__(self, asked, (*near, str(found)), what, remedy)


class FormerStateError(UnknownCountryError):
    """The name of a state that is no more; ``suggestions`` are the states that came after it."""

    def __init__(self, asked: str, states: tuple[FormerState, ...]) -> None:
        after = dict.fromkeys(each for state in states for each in (*state.continuators, *state.successors))
        what = f"{asked!r} is no state any more: {'. '.join(state.history for state in states)}"
        mends = [state.remedy if len(states) == 1 else f"for {state.name} {state.remedy}" for state in states]
        super().__init__(asked, tuple(after), what, ". Or ".join(mends))


@dataclass(frozen=True)
class Country:
    """A country or territory: its IRI, its alpha-3 code and its English name."""

    iri: str
    alpha3: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.alpha3})"


@dataclass(frozen=True)
class Match:
    """A country, and the name by which it was found; None where that was its code."""

    country: Country
    name: Name | None = None

    @property
    def explanation(self) -> str:
        """What to tell who may have meant another country, such as ``Niger (Latvian: Nigēra)``.

        Empty where a code or an English name says which is meant.
        """
        if self.name is None or self.name.is_english:
            return ""
        return f"{self.country.name} ({self.name.spoken}: {self.name.text})"


class Gazetteer:
    """Finds countries by alpha-3, alpha-2 or name; ``spellings`` says what does not matter in a name."""

    def __init__(
        self,
        codes: Iterable[tuple[Country, str]] = (),
        names: Iterable[tuple[Country, Name]] = (),
        former: Iterable[tuple[FormerState, str]] = (),
    ) -> None:
        self._by_code = {code.casefold(): country for country, code in codes}
        self._by_key: dict[str, list[tuple[Country, Name]]] = {}
        self._words: set[str] = set()
        self._former: dict[str, dict[FormerState, None]] = {}
        for country, held in names:
            keys = tuple(spellings.variants(held.text))
            self._words.update(keys if held.text.isalpha() else ())
            for key in keys:
                self._by_key.setdefault(key, []).append((country, held))
        for state, name in former:
            for form in (name, f"former {name}", f"ex {name}"):
                for key in spellings.variants(form):
                    self._former.setdefault(key, {})[state] = None

    @classmethod
    def of(cls, engine: Engine) -> "Gazetteer":
        """Read every code and name from the graph."""
        rows = engine.select(lookup("countries")).texts()
        known = {row["country"]: Country(row["country"], row["alpha3"], row["label"]) for row in rows}
        codes = ((known[row["country"]], row[kind]) for row in rows for kind in ("alpha3", "alpha2"))
        return cls(
            ((country, code) for country, code in codes if code),
            ((known[iri], name) for iri, name in names.read(engine) if iri in known),
            former_states.read(engine, {iri: str(country) for iri, country in known.items()}),
        )

    def find(self, text: str) -> Country:
        """Return the one country meant; raises UnknownCountryError, with suggestions where there are near names."""
        return self.match(text).country

    def match(self, text: str) -> Match:
        """Return the one country meant and how it was found; raises UnknownCountryError as ``find`` does."""
        if len(text) > LONGEST:
            what = f"{text[:_SHOWN]!r}… has {len(text):,} characters, and no name of a country more than {LONGEST}"
            raise UnknownCountryError(text[:LONGEST], what=what)
        if coded := self._by_code.get(unicodedata.normalize("NFKC", text).strip().casefold()):
            return Match(coded)
        for key in spellings.readings(text):
            found, former = self._countries([key]), tuple(self._former.get(key, ()))
            if former:
                raise FormerStateError(text, former)
            if len(found) > 1:
                raise AmbiguousCountryError(text, tuple(map(str, found)))
            if found:
                return self._match_by_name(text, key, found[0])
        raise UnknownCountryError(text, self.suggest(text))

    def _match_by_name(self, text: str, key: str, country: Country) -> Match:
        names = [name for _, name in self._by_key[key]]
        if english := next((name for name in names if name.is_english), None):
            return Match(country, english)
        readings = frozenset(spellings.readings(text, marks=True))
        exact = [name for name in names if spellings.marked(name.text) in readings]
        name = min(exact or names, key=lambda name: name.text)
        if not exact and (near := self._nearly_english(text, key, country)):
            raise LikelySlipError(text, near, country, name)
        return Match(country, name)

    def _nearly_english(self, text: str, key: str, found: Country) -> tuple[str, ...]:
        """Return the other countries of whose English names the text may be a slip, however short it is."""
        alike = self._within(key, max(1, _slips(text)))
        near = [pair for each in alike for pair in self._by_key[each]]
        english = dict.fromkeys(country for country, name in near if name.is_english)
        return tuple(str(country) for country in english if country != found)

    def names(self, text: str) -> bool:
        """Whether a text is a code or a name of a country; looks for no near one."""
        try:
            self.find(text)
        except AmbiguousCountryError:
            return True
        except UnknownCountryError:
            return False
        return True

    def suggest(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Return the countries with a name one or two slips away, or of which the text is a start; none if too many."""
        key = spellings.key(text)
        if not key:
            return ()
        keys = self._within(key, _slips(text)) or self._begun(key)
        found = self._countries(keys)
        return tuple(map(str, found)) if len(found) <= most else ()

    def _countries(self, keys: Iterable[str]) -> tuple[Country, ...]:
        return tuple(dict.fromkeys(country for key in keys for country, _ in self._by_key.get(key, ())))

    def _within(self, key: str, slips: int) -> list[str]:
        """Return the keys of names that are no more slips away."""
        return [
            name for name in self._like(key, slips) if OSA.distance(key, name, score_cutoff=slips) <= slips
        ]

    @cached_property
    def _alike(self) -> dict[tuple[str, int], list[str]]:
        """The keys by first letter and length: a slip in the first letter makes another name too often."""
        alike: dict[tuple[str, int], list[str]] = {}
        for key in filter(None, self._by_key):
            alike.setdefault((key[0], len(key)), []).append(key)
        return alike

    def _like(self, key: str, slips: int) -> Iterator[str]:
        """Yield the keys worth a comparison: a few dozen."""
        for length in range(len(key) - slips, len(key) + slips + 1):
            yield from self._alike.get((key[0], length), ())

    def _begun(self, key: str) -> Iterator[str]:
        """Yield the names of one word of which a key is the start, and no less than half: America is not Samoa."""
        if len(key) >= _SHORTEST_START:
            for length in range(len(key) + 1, min(2 * len(key), LONGEST) + 1):
                alike = self._alike.get((key[0], length), ())
                yield from (name for name in alike if name.startswith(key) and name in self._words)


def _slips(text: str) -> int:
    """Return how many slips a text may have and still be known again: none in a short word, two in a long one."""
    longest = spellings.longest_word(text)
    return (longest >= _ONE_SLIP) + (longest >= _TWO_SLIPS)
