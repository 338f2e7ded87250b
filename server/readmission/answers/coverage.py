"""What Member States have with a country on a date, what one state has with all, and why."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readmission import errors, questions
from readmission.answers.statuses import OWN, Layer, Pair, layer_of, local, pairs, thing
from readmission.answers.union import Beside, beside
from readmission.countries.gazetteer import Country
from readmission.engine.interface import text_of
from readmission.query_files import lookup
from readmission.release import Release

OWN_NATIONALS = "own-nationals"


@dataclass(frozen=True)
class Search:
    """How thoroughly the instruments of a state were searched for, on which day as stated (EDTF), in which source."""

    depth: str
    day: str
    statement: str
    source: str


@dataclass(frozen=True)
class Row:
    """What one side of a pair has with the other on the day; ``code`` and ``name`` are the other side's."""

    code: str
    name: str
    pair: Pair
    search: Search | None


@dataclass(frozen=True)
class Gaps:
    """The answer to "which Member States lack an instrument with this country on this date": a row for each."""

    country: Country
    on: datetime.date
    persons: str
    version: str
    rows: tuple[Row, ...]
    beside: tuple[Beside, ...]

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
    rows = _member_states(release, found, on, persons)
    return Gaps(found, on, persons, release.version, rows, beside(release, found.alpha3, on))


def _member_states(release: Release, country: Country, on: datetime.date, persons: str) -> tuple[Row, ...]:
    values = {"country": country.alpha3, "on": on.isoformat(), "persons": check_persons(release, persons)}
    told = questions.find("gaps").run(release.engine, values, release.gazetteer).texts()
    return _rows(told, "state", searches(release, country.alpha3, on))


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
    names = {row[f"{side}Code"]: row[f"{side}Name"] for row in rows}
    listed = (Row(code, names[code], pair, found.get(code)) for code, pair in pairs(rows, side).items())
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
    rows = _member_states(release, partner, on, persons)
    row = next((row for row in rows if row.code == member.alpha3), None)
    values = {
        "state": member.alpha3,
        "country": partner.alpha3,
        "on": on.isoformat(),
        "persons": persons,
    }
    told = questions.find("why").run(release.engine, values, release.gazetteer).texts()
    premises = tuple(_premise(each) for each in told)
    seen = row or _row_of_another(release, member, partner, on, persons, told)
    return Why(partner, member, on, persons, release.version, row is not None, seen, premises)


def _row_of_another(
    release: Release,
    state_: Country,
    partner: Country,
    on: datetime.date,
    persons: str,
    told: Iterable[Mapping[str, str]],
) -> Row:
    """Return the row of a state that is no Member State on the day; ``told`` are the premises of the pair."""
    for row in state(release, state_.alpha3, on, persons).rows:
        if row.code == partner.alpha3:
            return Row(state_.alpha3, state_.name, row.pair, row.search)
    search = searches(release, partner.alpha3, on).get(state_.alpha3)
    return Row(state_.alpha3, state_.name, _pair_of_nothing(told), search)


def _pair_of_nothing(told: Iterable[Mapping[str, str]]) -> Pair:
    """Return the pair of a partner of which no instrument is on record, with who says that there is none."""
    closers = (thing(row["premise"]) for row in told if not row["instrument"] and layer_of(row) == OWN)
    closed = tuple(dict.fromkeys(closers))
    status, rank = ("known-none", 1) if closed else ("none-recorded", 0)
    return Pair(Layer("none", 0, "not-recorded", (), ()), Layer(status, rank, "not-recorded", (), closed))


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
