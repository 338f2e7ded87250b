"""What a state has with a partner on a day, in two layers that are never mixed: at EU level, and of its own.

A status is a code of the scheme of its layer (``ontology/statuses.ttl``); words for codes are in ``reports``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

EU, OWN = "eu", "own"
LAYERS = (EU, OWN)

VERDICTS = (
    "not-recorded", "lacks", "not-in-force", "possibly-covered", "covered-non-binding", "covered-contested",
    "covered-binding",
)  # fmt: skip
"""The codes of the verdicts in the order of their ranks, 0 to 6."""


@dataclass(frozen=True)
class Reason:
    """Why an instrument has its status: a code, the day that it speaks of (ISO 8601), and a legal reason, as codes."""

    code: str
    day: str = ""
    law: str = ""


@dataclass(frozen=True)
class Holding:
    """One instrument on record by the day, with its status for the pair and the weakest evidence behind it."""

    instrument: str
    name: str
    status: str
    rank: int
    reasons: tuple[Reason, ...]
    evidence: str


@dataclass(frozen=True)
class Layer:
    """The best status of a layer, every instrument on record in it, and who says that there is none."""

    status: str
    rank: int
    verdict: str
    instruments: tuple[Holding, ...]
    closed_by: tuple[str, ...]

    @property
    def best(self) -> tuple[Holding, ...]:
        """The instruments that have the status of the layer."""
        return tuple(each for each in self.instruments if each.status == self.status)

    @property
    def kind(self) -> tuple[object, ...]:
        """What two layers share that differ in their days only."""
        return tuple(
            (
                held.instrument,
                held.status,
                *((each.code.removesuffix("-by"), each.law) for each in held.reasons),
            )
            for held in self.instruments
        )

    @property
    def evidence(self) -> str:
        """The weakest evidence behind the status; empty where it needs none."""
        return self.best[0].evidence if self.best else ""


@dataclass(frozen=True)
class Pair:
    """Both layers of a pair, and the verdict that sums them up: the better of those they stand for."""

    eu: Layer
    own: Layer

    @property
    def rank(self) -> int:
        """The rank of the verdict, 0 to 6."""
        return max(VERDICTS.index(self.eu.verdict), VERDICTS.index(self.own.verdict))

    @property
    def verdict(self) -> str:
        """The code of the verdict."""
        return VERDICTS[self.rank]

    @property
    def evidence(self) -> str:
        """The weakest evidence behind the verdict."""
        return self.eu.evidence if self.eu.verdict == self.verdict else self.own.evidence


def pairs(rows: Iterable[Mapping[str, str]], side: str) -> dict[str, Pair]:
    """Return the pairs of the questions ``gaps`` and ``state``, by the code of the other ``side``: state or country."""
    gathered: dict[str, dict[str, list[Mapping[str, str]]]] = {}
    for row in rows:
        gathered.setdefault(row[f"{side}Code"], {}).setdefault(layer_of(row), []).append(row)
    return {code: Pair(*(_layer(layers[name]) for name in LAYERS)) for code, layers in gathered.items()}


def _layer(rows: Sequence[Mapping[str, str]]) -> Layer:
    """Read the rows of a layer; they come with the highest rank first."""
    first = rows[0]
    by_instrument: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        if row["instrument"]:
            by_instrument.setdefault(row["instrument"], []).append(row)
    closed = dict.fromkeys(thing(row["closer"]) for row in rows if row["closer"])
    return Layer(
        status=status(first["status"]),
        rank=int(first["rank"]),
        verdict=local(first["verdict"]),
        instruments=tuple(_holding(each) for each in by_instrument.values()),
        closed_by=tuple(closed),
    )


def _holding(rows: Sequence[Mapping[str, str]]) -> Holding:
    first = rows[0]
    reasons = dict.fromkeys(
        Reason(local(row["cause"]).removeprefix("reason-"), row["causeDay"], local(row["law"]))
        for row in rows
    )
    return Holding(
        instrument=thing(first["instrument"]),
        name=first["instrumentName"],
        status=status(first["status"]),
        rank=int(first["rank"]),
        reasons=tuple(reasons),
        evidence=local(first["weakest"]),
    )


def status(iri: str) -> str:
    """Return the name of a status within its layer, such as ``none-recorded`` for ``…/code/own-none-recorded``."""
    return local(iri).partition("-")[2]


def layer_of(row: Mapping[str, str]) -> str:
    """Return the layer of a row, ``eu`` or ``own``; empty where it has none."""
    return local(row["layer"]).removeprefix("layer-")


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rpartition("/")[2]


def thing(iri: str) -> str:
    """Return the identifier of a thing, such as ``eura/geo``."""
    return iri.rpartition("/id/")[2]
