"""How a text for people names things: by name; the identifier follows in brackets where somebody asks for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from readmission.namespaces import BASE

# such as eura/geo, but not a part of an address
_IDENTIFIER = re.compile(r"(?<![\w./:-])[a-z-]+/[a-z0-9-]+(?![\w/])")


@dataclass(frozen=True)
class Naming:
    """Names by IRI, and whether identifiers are shown too. Without any names, identifiers stand for themselves."""

    names: Mapping[str, str] = field(default_factory=dict)
    ids: bool = False

    def iri(self, iri: str) -> str:
        """Return the name of what an IRI identifies; an IRI of ours without its common beginning when it has none."""
        return self._named(iri, iri.removeprefix(BASE))

    def thing(self, identifier: str) -> str:
        """Return the name of a thing by its identifier, such as ``eura/geo``."""
        return self._named(f"{BASE}id/{identifier}", identifier)

    def country(self, code: str) -> str:
        """Return the name of a country by its alpha-3 code."""
        return self._named(f"{BASE}id/country/{code}", code)

    def text(self, text: str) -> str:
        """Return a text with the name of each thing in the place of its identifier."""
        return _IDENTIFIER.sub(lambda found: self.thing(found.group()), text)

    def with_id(self, name: str, identifier: str) -> str:
        """Return a name that is known already, with its identifier where identifiers are shown."""
        return f"{name} [{identifier}]" if self.ids and name != identifier else name

    def _named(self, iri: str, identifier: str) -> str:
        return self.with_id(self.names.get(iri, identifier), identifier)
