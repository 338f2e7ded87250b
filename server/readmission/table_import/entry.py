"""An instrument as a row of a table states it, before it is written as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from readmission.countries.gazetteer import Country
from readmission.dates import Bounds

READMISSION = "bilateral-readmission-agreement"
PROTOCOL = "implementing-protocol"
BINDING, NON_BINDING, NATURE_UNKNOWN = "binding", "non-binding", "nature-unknown"
UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Side:
    """The European side: its name in IRIs and files, its actor and its states (IRIs), its name in words."""

    slug: str
    actor: str
    states: frozenset[str]
    name: str


@dataclass(frozen=True)
class StatedDate:
    """A date as stated (EDTF) and its bounds."""

    stated: str
    bounds: Bounds


@dataclass(frozen=True)
class Entry:
    """One row, read: codes are codes of the lists, ``dates`` only those given, ``texts`` the cells by column."""

    row: int
    side: Side
    partner: Country
    kind: str
    nature: str
    language: str
    persons: tuple[str, ...]
    dates: Mapping[str, StatedDate]
    source_kind: str
    level: str
    implements: str
    texts: Mapping[str, str]

    @property
    def year(self) -> str:
        """The year of signature, else of entry into force; empty when it is not one known year."""
        first = self.dates.get("signed") or self.dates.get("entry_into_force")
        if not first or not first.bounds.latest or first.bounds.latest.year != first.bounds.earliest.year:
            return ""
        return str(first.bounds.earliest.year)
