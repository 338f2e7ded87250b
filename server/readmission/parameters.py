"""The parameters of questions: of which type each is, and the RDF term that a value of it becomes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from readmission import dates
from readmission.countries.gazetteer import Gazetteer
from readmission.errors import DateError, ParameterError
from readmission.namespaces import ID, NAMESPACES
from readmission.query_files import Term

ANY = "any"
"""The value of a parameter that may name a country or a standing, but need not."""
MEMBER = "member"
STANDINGS = (MEMBER, "associated", "in transition", "former member", "no member")
"""What a European state can be to the Union on a day; "no member" is one that is none of the others."""
INSIDE = STANDINGS[:3]
"""A state that is one of these is no third country; the transition is like membership (Article 127)."""
_XSD = NAMESPACES["xsd"]
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCAL = re.compile(r"[\w.-]+(/[\w.%()-]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Parameter:
    """A typed parameter of a question, with the value it has when the caller gives none.

    The default of a day is ``today``, or a year from the day of another parameter, such as ``a year before to``.
    """

    name: str
    kind: str
    default: str
    description: str = ""

    @property
    def names_country(self) -> bool:
        """Whether its value names a country or a state."""
        return KINDS[self.kind] in (_country, _country_or_any)


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
