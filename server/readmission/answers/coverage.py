"""What Member States have with a country on a date, what one state has with all, and why."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readmission import errors, parameters, questions
from readmission.answers.statuses import Layer, Pair, layer_of, local, pairs, thing
from readmission.answers.union import Beside, beside
from readmission.countries.gazetteer import Country
from readmission.engine.interface import text_of
from readmission.query_files import lookup
from readmission.release import Release

OWN_NATIONALS = "own-nationals"
NOTHING = Pair(Layer("none", 0, "not-recorded", (), ()), Layer("none-recorded", 0, "not-recorded", (), ()))
"""A pair of which no instrument can be recorded, for the state is not European."""


@dataclass(frozen=True)
class Search:
    """How thoroughly the instruments of a state were searched for, on which day as stated (EDTF), in which source."""

    depth: str
    day: str
    statement: str
    source: str


@dataclass(frozen=True)
class Row:
    """What one side of a pair has with the other on the day; ``code`` and ``name`` are the other side's.

    ``standing`` is what a state is to the Union on the day, one of ``parameters.STANDINGS``; empty for a partner.
    """

    code: str
    name: str
    pair: Pair
    search: Search | None
    standing: str = ""


@dataclass(frozen=True)
class Gaps:
    """The answer to "which Member States lack an instrument with this country on this date": a row for each.

    ``others`` are the rows of the European states that are no Member States on the day; ``inside`` is what the country
    itself is to the Union then, empty for a third country.
    """

    country: Country
    on: datetime.date
    persons: str
    version: str
    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    beside: tuple[Beside, ...]
    inside: str = ""

    @property
    def common(self) -> Layer | None:
        """What the Union has for most Member States; None on a day without any."""
        layers = [row.pair.eu for row in self.rows]
        kinds = Counter(layer.kind for layer in layers)
        return max(layers, key=lambda layer: (kinds[layer.kind], layers.count(layer)), default=None)

    @property
    def exceptions(self) -> tuple[Row, ...]:
        """The Member States for which it is something else, and not only since another day."""
        common = self.common
        return tuple(row for row in self.rows if common and row.pair.eu.kind != common.kind)


@dataclass(frozen=True)
class StateAnswer:
    """What one European state has with each partner of any European instrument on the day."""

    state: Country
    on: datetime.date
    persons: str
    version: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Premise:
    """One fact about a pair and one source that proves it; dates as stated (EDTF)."""

    layer: str
    instrument: str
    instrument_name: str
    kind: str
    what: str
    date: str
    until: str
    note: str
    source: str
    url: str
    locator: str
    level: str


@dataclass(frozen=True)
class Why:
    """What a pair has, with every premise down to its source; ``is_member`` says whether the state was one that day."""

    country: Country
    state: Country
    on: datetime.date
    persons: str
    version: str
    is_member: bool
    row: Row
    premises: tuple[Premise, ...]


def gaps(release: Release, country: str, on: datetime.date, persons: str = OWN_NATIONALS) -> Gaps:
    """Return one row for each Member State on the day; raises UnknownCountryError or ParameterError."""
    found = release.gazetteer.find(country)
    rows = _european_states(release, found, on, persons)
    members = tuple(row for row in rows if row.standing == parameters.MEMBER)
    others = tuple(row for row in rows if row.standing != parameters.MEMBER)
    standing = standings(release, on).get(found.alpha3, "")
    inside = standing if standing in parameters.INSIDE else ""
    return Gaps(
        found, on, persons, release.version, members, others, beside(release, found.alpha3, on), inside
    )


def _european_states(release: Release, country: Country, on: datetime.date, persons: str) -> tuple[Row, ...]:
    check_persons(release, persons)
    values = {"country": country.alpha3, "on": on.isoformat(), "persons": persons, "standing": parameters.ANY}
    told = questions.find("gaps").run(release.engine, values, release.gazetteer).texts()
    return _rows(told, "state", searches(release, country.alpha3, on))


def standings(release: Release, on: datetime.date) -> dict[str, str]:
    """Return what each European state is to the Union on a day, by its code; those that are nothing are left out."""
    rows = questions.find("european-states").run(release.engine, {"on": on.isoformat()}, release.gazetteer)
    return {row["code"]: row["standing"] for row in rows.texts()}


def state(release: Release, name: str, on: datetime.date, persons: str = OWN_NATIONALS) -> StateAnswer:
    """Return one row for each partner; raises UnknownCountryError or ParameterError.

    A state that is not European, or was none yet, has rows of which nothing is recorded.
    """
    found = release.gazetteer.find(name)
    values = {"state": found.alpha3, "on": on.isoformat(), "persons": check_persons(release, persons)}
    told = questions.find("state").run(release.engine, values, release.gazetteer).texts()
    search = searches(release, found.alpha3, on).get(found.alpha3)
    rows = _rows(told, "country", {row["countryCode"]: search for row in told if search})
    return StateAnswer(found, on, persons, release.version, rows)


def _rows(
    told: Iterable[Mapping[str, str]], side: str, found: Mapping[str, Search | None]
) -> tuple[Row, ...]:
    rows = tuple(told)
    first = {row[f"{side}Code"]: row for row in reversed(rows)}
    listed = (
        Row(code, first[code][f"{side}Name"], pair, found.get(code), first[code].get("standing", ""))
        for code, pair in pairs(rows, side).items()
    )
    return tuple(sorted(listed, key=lambda row: row.name))


def searches(release: Release, country: str, on: datetime.date) -> dict[str, Search]:
    """Return the most thorough search for instruments of each European state with a country, by the state's code."""
    values = {"country": country, "on": on.isoformat()}
    found: dict[str, Search] = {}
    for row in questions.find("searches").run(release.engine, values, release.gazetteer).texts():
        depth = local(row["depth"]).removeprefix("depth-")
        search = Search(depth, row["asOf"], thing(row["search"]), row["sourceTitle"])
        found.setdefault(row["stateCode"], search)
    return found


def why(release: Release, name: str, country: str, on: datetime.date, persons: str = OWN_NATIONALS) -> Why:
    """Return what a pair has and all premises; raises UnknownCountryError or ParameterError."""
    member, partner = release.gazetteer.find(name), release.gazetteer.find(country)
    rows = {row.code: row for row in _european_states(release, partner, on, persons)}
    row = rows.get(member.alpha3) or Row(member.alpha3, member.name, NOTHING, None)
    values = {
        "state": member.alpha3,
        "country": partner.alpha3,
        "on": on.isoformat(),
        "persons": persons,
    }
    told = questions.find("why").run(release.engine, values, release.gazetteer).texts()
    premises = tuple(_premise(each) for each in told)
    is_member = row.standing == parameters.MEMBER
    return Why(partner, member, on, persons, release.version, is_member, row, premises)


def _premise(row: Mapping[str, str]) -> Premise:
    return Premise(
        layer=layer_of(row),
        instrument=thing(row["instrument"]),
        instrument_name=row["instrumentName"],
        kind=row["kind"],
        what=row["what"],
        date=row["date"],
        until=row["until"],
        note=row["note"],
        source=row["sourceTitle"],
        url=row["url"],
        locator=row["locator"],
        level=row["evidence"],
    )


def person_categories(release: Release) -> tuple[str, ...]:
    """Return the codes of the categories of persons that an instrument can cover."""
    return tuple(text_of(row[0]) for row in release.engine.select(lookup("person-categories")).rows)


def check_persons(release: Release, code: str) -> str:
    """Return the code when it is one of the codelist; raises ParameterError listing the codes otherwise."""
    known = person_categories(release)
    if code not in known:
        raise errors.ParameterError(f"persons: {code!r} is no category; choose one of {', '.join(known)}")
    return code


def partners(release: Release) -> tuple[Country, ...]:
    """Return every country or territory with which an instrument is recorded."""
    found = release.engine.select(lookup("partners")).rows
    return tuple(release.gazetteer.find(local(text_of(row[0]))) for row in found)
