"""The questions of ``queries/questions``: one ``.rq`` file is documentation, example, test and route at once.

A file opens with a header (``Header`` below). ``query_files.bind`` puts an RDF term in the place of each parameter.
What the columns hold is said once for all questions, in ``queries/columns.csv``.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec
import pyoxigraph as ox

from readmission import dates
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.interface import Engine, Solutions
from readmission.errors import DateError, ParameterError, UserError
from readmission.namespaces import ID, NAMESPACES
from readmission.query_files import Term, bind
from readmission.resources import folder
from readmission.sources import query_headers

ANY = "any"
"""The value of a parameter that may name a country or a standing, but need not."""
MEMBER = "member"
STANDINGS = (MEMBER, "associated", "in transition", "former member", "no member")
"""What a European state can be to the Union on a day; "no member" is one that is none of the others."""
INSIDE = STANDINGS[:3]
"""A state that is one of these is no third country; the transition is like membership (Article 127)."""
_XSD = NAMESPACES["xsd"]
_NAME = re.compile(r"[a-z0-9-]+")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCAL = re.compile(r"[\w.-]+(/[\w.%()-]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


class UnknownQuestionError(UserError, LookupError):
    """A name that no question has."""


@dataclass(frozen=True)
class Parameter:
    """A typed parameter of a question, with the value it has when the caller gives none.

    The default of a day is ``today``, or a year from the day of another parameter, such as ``a year before to``.
    """

    name: str
    kind: str
    default: str
    description: str = ""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a question; each of its ``parameters`` has a type, a default and a description."""

    summary: str
    description: str = ""
    question: str | tuple[str, ...] = ()
    """Which of the competency questions it answers."""
    tags: tuple[str, ...] = ()
    parameters: dict[str, dict[str, str]] = {}
    empty: str = ""
    """Why there are no rows, as long as the facts are not there."""
    rows: tuple[tuple[str, ...], ...] | None = None
    """The rows that a query over values of its own must have."""


class _Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter as the header states it."""

    type: str
    default: str
    description: str = ""


@dataclass(frozen=True)
class Question:
    """One question: what it asks, for whom, with which parameters, and its SPARQL text."""

    name: str
    summary: str
    text: str = field(repr=False)
    description: str = ""
    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    header: Header = field(default_factory=lambda: Header(""), repr=False)

    def sparql(self, values: Mapping[str, str], gazetteer: Gazetteer) -> str:
        """Return the query with each parameter replaced by its RDF term; raises ParameterError."""
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := set(values) - set(known):
            names = ", ".join(known) or "none"
            raise ParameterError(f"{self.name}: unknown parameter {sorted(unknown)[0]!r}; it takes {names}")
        stated = {name: values.get(name, each.default) for name, each in known.items()}
        stated |= {name: on.isoformat() for name, on in self.days(values).items()}
        return bind(self.text, {name: term(each, stated[name], gazetteer) for name, each in known.items()})

    def days(self, values: Mapping[str, str]) -> dict[str, datetime.date]:
        """Return the days that it is answered for, by the names of parameters; raises ParameterError."""
        stated = {
            each.name: values.get(each.name, each.default) for each in self.parameters if each.kind == "date"
        }
        found = {name: _day(name, stated) for name in sorted(stated, key=lambda name: name not in values)}
        return {name: found[name] for name in stated}

    def countries(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the countries and states that values name, by the names of parameters."""
        return {
            each.name: values[each.name]
            for each in self.parameters
            if KINDS[each.kind] in (_country, _country_or_any) and values.get(each.name, ANY) != ANY
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of its answer, in their order."""
        found = ox.Store().query(self.text)
        return tuple(each.value for each in found.variables) if isinstance(found, ox.QuerySolutions) else ()

    def run(self, engine: Engine, values: Mapping[str, str], gazetteer: Gazetteer) -> Solutions:
        """Ask the engine and return all rows."""
        return engine.select(self.sparql(values, gazetteer))


def _day(name: str, stated: Mapping[str, str]) -> datetime.date:
    try:
        return dates.stated_day(stated[name], stated)
    except DateError as fault:
        raise ParameterError(f"{name}: {fault}") from fault


def _date(value: str, _: Gazetteer) -> ox.Literal:
    return ox.Literal(dates.day(value).isoformat(), datatype=ox.NamedNode(f"{_XSD}date"))


def _integer(value: str, _: Gazetteer) -> ox.Literal:
    if not re.fullmatch(r"-?\d{1,9}", value):
        raise ValueError("write a whole number, such as 12")
    return ox.Literal(value, datatype=ox.NamedNode(f"{_XSD}integer"))


def _country(value: str, gazetteer: Gazetteer) -> ox.NamedNode:
    return ox.NamedNode(gazetteer.find(value).iri)


def _country_or_any(value: str, gazetteer: Gazetteer) -> Term:
    return ox.Literal(ANY) if value == ANY else _country(value, gazetteer)


def _standing(value: str, _: Gazetteer) -> ox.Literal:
    if value not in (ANY, *STANDINGS):
        raise ValueError(f"choose one of {', '.join((ANY, *STANDINGS))}")
    return ox.Literal(value)


def _code(value: str, _: Gazetteer) -> ox.NamedNode:
    if not _CODE.fullmatch(value):
        raise ValueError("write a code in lower case, such as own-nationals")
    return ox.NamedNode(NAMESPACES["code"] + value)


def _thing(value: str, _: Gazetteer) -> ox.NamedNode:
    local = value.removeprefix(ID)
    if not _LOCAL.fullmatch(local):
        raise ValueError("write an identifier such as eura/geo")
    return ox.NamedNode(ID + local)


def _language(value: str, _: Gazetteer) -> ox.Literal:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("write a language code such as de")
    return ox.Literal(value)


def _text(value: str, _: Gazetteer) -> ox.Literal:
    return ox.Literal(value)


KINDS: dict[str, Callable[[str, Gazetteer], Term]] = {
    "date": _date,
    "integer": _integer,
    "country": _country,
    "state": _country,
    "any-country": _country_or_any,
    "persons": _code,
    "standing": _standing,
    "code": _code,
    "instrument": _thing,
    "language": _language,
    "text": _text,
}


def term(parameter: Parameter, value: str, gazetteer: Gazetteer) -> Term:
    """Return the RDF term of a parameter's value; raises ParameterError that names it and says how to mend."""
    try:
        return KINDS[parameter.kind](value, gazetteer)
    except DateError as fault:
        raise ParameterError(f"{parameter.name}: {fault}") from fault
    except ValueError as fault:
        raise ParameterError(f"{parameter.name}: {value!r} does not fit; {fault}") from fault


def load() -> dict[str, Question]:
    """Read every question, by its name."""
    return {path.stem: read(path) for path in _files()}


def _files() -> list[Path]:
    return sorted(folder("queries").joinpath("questions").glob("*.rq"))


@cache
def read(path: Path) -> Question:
    """Read one ``.rq`` file, once in the life of a process; raises HeaderError."""
    return parse(path.stem, path.read_text(encoding="utf-8"), path.name)


def parse(name: str, text: str, file: str) -> Question:
    """Read the text of a question; one without a header is a plain query without parameters.

    ``file`` is what messages call it. Raises HeaderError for a header that is not as ``Header`` says.
    """
    header = query_headers.read_header(file, text, Header) or Header(summary=name)
    return Question(
        name=name,
        summary=header.summary,
        text=text,
        description=header.description.strip(),
        ids=(header.question,) if isinstance(header.question, str) else header.question,
        tags=header.tags,
        parameters=tuple(_parameter(file, key, stated) for key, stated in header.parameters.items()),
        header=header,
    )


def _parameter(file: str, name: str, stated: Mapping[str, str]) -> Parameter:
    place = f"{file}: the parameter {name!r}"
    found = query_headers.convert(place, stated, _Stated)
    if found.type not in KINDS:
        raise query_headers.HeaderError(
            f"{place}: there is no type {found.type!r}; choose of {', '.join(KINDS)}"
        )
    return Parameter(name, found.type, found.default, found.description)


def find(name: str) -> Question:
    """Return the question of that name; raises UnknownQuestionError with the nearest names."""
    path = folder("queries") / "questions" / f"{name}.rq"
    if _NAME.fullmatch(name) and path.is_file():
        return read(path)
    import difflib

    near = difflib.get_close_matches(name, [each.stem for each in _files()], n=3)
    remedy = f"did you mean {' or '.join(near)}?" if near else "`readmission query` lists all questions"
    raise UnknownQuestionError(f"there is no question {name!r}; {remedy}")
