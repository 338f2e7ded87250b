"""Names of countries as they are held, each with the languages in which the country is called so."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from readmission.engine.interface import Engine
from readmission.query_files import lookup

_LANGUAGES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "ga": "Irish", "hr": "Croatian",
    "hu": "Hungarian", "it": "Italian", "lt": "Lithuanian", "lv": "Latvian", "mt": "Maltese", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish",
}  # fmt: skip
"""The official languages of the Union by their codes, in English."""
_SHOWN = 3


class Name(NamedTuple):
    """A name of a country, and the codes of the languages that have it."""

    text: str
    languages: Iterable[str]

    @property
    def is_english(self) -> bool:
        """Whether English has it, alone or among others."""
        return "en" in self.languages

    @property
    def spoken(self) -> str:
        """The languages in English, such as ``Danish, German and Swedish``; of more than three, two and how many."""
        found = sorted({_LANGUAGES.get(code, code) for code in self.languages})
        if len(found) > _SHOWN:
            found = [*found[: _SHOWN - 1], f"{len(found) - _SHOWN + 1} other languages"]
        return " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))


def read(engine: Engine) -> Iterator[tuple[str, Name]]:
    """Yield each name of each country, by the country's IRI."""
    found: dict[tuple[str, str], list[str]] = {}
    for country, name in engine.select(lookup("country-names")).rows:
        if isinstance(country, ox.NamedNode) and isinstance(name, ox.Literal):
            found.setdefault((country.value, name.value), []).append(name.language or "")
    return ((iri, Name(text, codes)) for (iri, text), codes in found.items())
