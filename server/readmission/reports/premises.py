"""The premises of a verdict in the order people read them: by instrument, each once, with its sources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readmission.answers.coverage import Premise


@dataclass(frozen=True)
class Proof:
    """Where a premise is written, and how good that evidence is."""

    source: str
    url: str
    locator: str
    level: str
    note: str


@dataclass(frozen=True)
class Reason:
    """A premise with the sources that prove it; dates as stated."""

    kind: str
    what: str
    date: str
    until: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class Ground:
    """The reasons that one instrument, or one search report, gives for the verdict."""

    instrument: str
    name: str
    situation: str
    reasons: tuple[Reason, ...]


_ORDER = ("covers", "contested", "may cover", "closes the world", "does not cover", "comes later")


def grounds(premises: Iterable[Premise], names: Mapping[str, str]) -> tuple[Ground, ...]:
    """Group premises by situation and instrument, what covers first; within, by date."""
    grouped: dict[tuple[str, str], dict[Reason, list[Proof]]] = {}
    for premise in premises:
        reason = Reason(premise.kind, premise.what, premise.date, premise.until, ())
        reasons = grouped.setdefault((premise.situation, premise.instrument), {})
        proof = Proof(premise.source, _web(premise.url), premise.locator, premise.level, premise.note)
        reasons.setdefault(reason, []).append(proof)
    ordered = sorted(grouped, key=_place)
    return tuple(_ground(situation, name, grouped[situation, name], names) for situation, name in ordered)


def _place(key: tuple[str, str]) -> tuple[int, str]:
    situation, instrument = key
    return _ORDER.index(situation) if situation in _ORDER else len(_ORDER), instrument


def _ground(
    situation: str, instrument: str, reasons: Mapping[Reason, list[Proof]], names: Mapping[str, str]
) -> Ground:
    told = [
        Reason(reason.kind, reason.what, reason.date, reason.until, tuple(dict.fromkeys(proofs)))
        for reason, proofs in reasons.items()
    ]
    told.sort(key=lambda reason: (reason.date.strip("["), reason.kind, reason.what))
    return Ground(instrument, names.get(instrument, instrument), situation, tuple(told))


def date_in_words(date: str) -> str:
    """Return a date as stated (EDTF) in words: ``[2014-05-22..2014-06-12]`` lies between two days."""
    if date.startswith("["):
        first, _, last = date.strip("[]").partition("..")
        return f"between {first} and {last}" if last else f"{first} or later"
    if date.endswith("~"):
        return f"about {date[:-1]}"
    return f"{date[:-1]}, uncertain" if date.endswith("?") else date


def _web(url: str) -> str:
    """Only web addresses become links."""
    return url if url.startswith(("https://", "http://")) else ""
