"""The sentence that answers: what Member States have with a country, and what one state has, each layer by itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from readmission.answers.coverage import Gaps, Row
from readmission.answers.statuses import OWN, Holding, Layer
from readmission.answers.union import NEGOTIATION, Beside
from readmission.reports import words
from readmission.reports.words import capital, day, law, listed, number, the

_ENTRY_NOT_CONFIRMED = {"no-entry-into-force", "start-not-established", "dates-rough", "unverified"}

_OWN: dict[str, tuple[str, str]] = {
    "in-force-contested": ("has one that one side contests", "have one that one side contests"),
    "in-operation": ("applies one that does not bind", "apply one that does not bind"),
    "unconfirmed": (
        "has one whose entry into force is not confirmed",
        "have one whose entry into force is not confirmed",
    ),
    "nature": (
        "has one of which it is not established that it binds",
        "have one of which it is not established that it binds",
    ),
    "does-not-bind": ("is not bound by one of several states", "are not bound by one of several states"),
    "other-persons": (
        "has one that is not known to cover these persons",
        "have one that is not known to cover these persons",
    ),
    "signed": ("has signed one that is not yet in force", "have signed one that is not yet in force"),
    "ended": ("had one that has ended or is suspended", "had one that has ended or is suspended"),
    "known-none": ("has none, says an official source", "have none, say official sources"),
}  # fmt: skip
"""What one state, or several, have of their own beside what is in force, in the order in which it is said."""


_APART = {
    "does-not-bind": "does not bind",
    "unconfirmed": "is not confirmed for",
    "none": "is not recorded for",
}

_INSIDE = {
    "member": "itself a Member State",
    "associated": "associated with Schengen",
    "in transition": "in the transition period after its membership",
}


def country_sentence(found: Gaps) -> str:
    """Return what Member States have of their own with a country, then what there is at EU level."""
    if not found.rows:
        return f"On {day(found.on.isoformat())} there was no Member State."
    if found.inside:
        return _no_gap(found)
    return f"{own_sentence(found.rows, found.country.name)} {eu_sentence(found)}"


def _no_gap(found: Gaps) -> str:
    """Return that the country is no third country on the day, and where the instruments with it are told."""
    what = _INSIDE[found.inside]
    return (
        f"{capital(the(found.country.name))} was {what} on that day, so that nothing between it and a Member State "
        "is a gap; the question between-european-states lists what is recorded."
    )


def own_sentence(rows: Sequence[Row], country: str) -> str:
    """Return what Member States have of their own."""
    groups = _by_status(rows)
    holding = groups.pop("in-force", [])
    named = the(country)
    if not holding and not groups:
        return f"No Member State is recorded with an instrument of its own with {named}."
    if not holding:
        first = f"No Member State is recorded with an instrument of its own in force with {named}"
    elif len(holding) == 1:
        first = f"{capital(the(holding[0]))} has an instrument of its own in force with {named}"
    else:
        having = f"{number(len(holding))} Member States have instruments of their own in force"
        first = f"{having} with {named}: {listed(holding)}"
    return (
        ". ".join([first, *(_others(words, groups[code]) for code, words in _OWN.items() if code in groups)])
        + "."
    )


def _others(words: tuple[str, str], states: Sequence[str]) -> str:
    if len(states) == 1:
        return f"{capital(the(states[0]))} {words[0]}"
    return f"{number(len(states))} {words[1]}: {listed(states)}"


def _by_status(rows: Iterable[Row]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.pair.own.status != "none-recorded":
            groups.setdefault(_group(row.pair.own), []).append(row.name)
    return groups


def _group(own: Layer) -> str:
    codes = {reason.code for held in own.best for reason in held.reasons}
    return "nature" if own.status == "unconfirmed" and not codes & _ENTRY_NOT_CONFIRMED else own.status


def eu_sentence(found: Gaps) -> str:
    """Return what there is at EU level: for most Member States, then for whom it is something else."""
    common = found.common
    assert common
    parts = [*_agreement(common), *_talks(found.beside), *_instruments(common, found.country.name)]
    parts.extend(_exceptions(row for row in found.exceptions if row.pair.eu.status != common.status))
    return f"At EU level {'; '.join(parts)}."


def _exceptions(rows: Iterable[Row]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for row in rows:
        words = _APART.get(row.pair.eu.status, "is something else for")
        groups.setdefault(words, []).append(row.name)
    for words, states in groups.items():
        yield f"it {words} {listed(states)}"


def _agreement(eu: Layer) -> Iterator[str]:
    if eu.status == "agreement":
        yield f"the readmission agreement has been in force since {_since(eu.best[0])}"
    elif eu.status == "agreement-contested":
        yield f"the readmission agreement is in force, and one side has contested it since {_since(eu.best[0])}"
    else:
        yield (
            "there is no readmission agreement in force"
            if _has_agreement(eu)
            else "there is no readmission agreement"
        )


def _has_agreement(eu: Layer) -> bool:
    return any(held.instrument.startswith("eura/") for held in eu.instruments)


def _talks(beside: Iterable[Beside]) -> Iterator[str]:
    for each in beside:
        if each.kind == NEGOTIATION:
            year = each.since.strip("[")[:4]
            yield f"talks {'have' if each.is_certain else 'may have'} been open since {year}"


def _instruments(eu: Layer, country: str) -> Iterator[str]:
    if eu.status not in ("agreement", "agreement-contested"):
        for held in eu.best:
            yield _SAID[held.status](held, country)


def _since(held: Holding) -> str:
    told = held.reasons[0]
    return day(told.day) + (" at the latest" if told.code == "in-effect-by" else "")


def _called(held: Holding) -> str:
    """Return how a sentence calls an instrument: ``the Samoa clause``, or its name."""
    if not held.instrument.startswith("provision/"):
        return f"the {held.name}"
    head, _, place = held.name.partition(" Agreement, ")
    if place:
        return f"the {head} clause"
    return f"the clause of a wider agreement ({held.name.partition('(')[2].removesuffix(')')})"


def _arrangement(held: Holding, _: str) -> str:
    contested = next((day(told.day) for told in held.reasons if told.code == "contested"), "")
    if contested:
        return f"one side has contested {_called(held)}, which does not bind, since {contested}"
    return f"{_called(held)}, which does not bind, has been applied since {_since(held)}"


def _unconfirmed(held: Holding, country: str) -> str:
    codes = {told.code: told for told in held.reasons}
    start = codes.get("start-not-established")
    if start and start.law == "partner-signature":
        return f"{_called(held)} was signed on {day(start.day)} and its application is not confirmed"
    if "pair-not-established" in codes:
        return f"it is not established whether {_called(held)} binds {the(country)}"
    if "text-not-seen" in codes:
        return f"the text of {_called(held)} was not seen"
    return f"the effect of {_called(held)} is not confirmed"


_SAID: dict[str, Callable[[Holding, str], str]] = {
    "arrangement": _arrangement,
    "clause": lambda held, _: f"{_called(held)} has been in effect since {_since(held)}",
    "unconfirmed": _unconfirmed,
    "does-not-bind": lambda held, _: f"{_called(held)} is in effect for others",
    "other-persons": lambda held, _: f"{_called(held)} is not known to cover these persons",
    "signed": lambda held, _: f"{_called(held)} is signed or agreed, and not in force",
    "ended": lambda held, _: f"{_called(held)} has ended or is suspended",
}


def pair_sentence(row: Row, country: str) -> str:
    """Return what one state has of its own with a country, and what the Union has for it."""
    own, eu = row.pair.own, row.pair.eu
    state = capital(the(row.name))
    if own.status == "none-recorded":
        first = f"No instrument of {the(row.name)} with {the(country)} is recorded."
    elif own.status == "in-force":
        first = (
            f"{state} has an instrument of its own in force with {the(country)}, since {_since(own.best[0])}."
        )
    else:
        words = _OWN[_group(own)][0].replace(" one ", f" an instrument of its own with {the(country)} ", 1)
        first = f"{state} {words}."
    excluded = next(
        (told.law for held in eu.best for told in held.reasons if told.code == "does-not-apply"), ""
    )
    if excluded:
        return f"{first} At EU level {_called(eu.best[0])} does not apply to it ({law(excluded)})."
    return f"{first} At EU level {'; '.join([*_agreement(eu), *_instruments(eu, country)])}."


def nothing_in_words(row: Row) -> str:
    """Return what is known of a state without an instrument on record: how it was searched for, and until when."""
    if row.pair.own.status == "known-none":
        return words.status(OWN, "known-none")
    search = row.search
    return f"{words.DEPTH[search.depth]} ({search.day})" if search else words.DEPTH[""]
