"""An instrument as a row of a table states it, before it is written as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from readmission.countries.gazetteer import Country
from readmission.dates import Bounds

READMISSION = "bilateral-readmission-agreement"
PROTOCOL = "implementing-protocol"
BINDING, NON_BINDING, NATURE_UNKNOWN = "binding", "non-binding", "nature-unknown"
UNVERIFIED = "unverified"
BILATERAL, INTRA_EUROPEAN = "bilateral", "intra-european"


@dataclass(frozen=True)
class Side:
    """The European side: its name in IRIs and files, its actor and its states (IRIs), its name in words."""

    slug: str
    actor: str
    states: frozenset[str]
    name: str

    @classmethod
    def of(cls, state: Country) -> "Side":
        """Return the side of one state that signs for itself."""
        return cls(state.alpha3.lower(), state.iri, frozenset({state.iri}), state.name)


@dataclass(frozen=True)
class StatedDate:
    """A date as stated (EDTF) and its bounds."""

    stated: str
    bounds: Bounds


@dataclass(frozen=True)
class Entry:
    """One row, read: codes are codes of the lists, ``dates`` only those given, ``texts`` the cells by column.

    ``group`` is the folder and namespace of its instrument: between European states, or with a third country.
    """

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
    group: str

    @property
    def slug(self) -> str:
        """The name of its instrument among those of its group, before a number tells it from another."""
        return f"{self.side.slug}-{self.partner.alpha3.lower()}-{self.year or 'undated'}"

    @property
    def year(self) -> str:
        """The year of signature, else of entry into force; empty when it is not one known year."""
        first = self.dates.get("signed") or self.dates.get("entry_into_force")
        if not first or not first.bounds.latest or first.bounds.latest.year != first.bounds.earliest.year:
            return ""
        return str(first.bounds.earliest.year)


def in_order(side: Side, partner: Country) -> tuple[Side, Country]:
    """Return two European states by their codes, so that an instrument has one name however it is written."""
    if len(side.states) > 1 or side.slug <= partner.alpha3.lower():
        return side, partner
    return Side.of(partner), Country(side.actor, side.slug.upper(), side.name)
