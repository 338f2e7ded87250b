"""The questions of ``queries/questions``: one ``.rq`` file is documentation, example, test and route at once.

A file opens with a YAML header in ``#+`` comments (grlc's convention): summary, description, question, tags,
parameters. ``query_files.bind`` puts an RDF term in the place of each parameter.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import yaml

from readmission.countries.gazetteer import Gazetteer
from readmission.dates import day
from readmission.engine.interface import Engine, Solutions
from readmission.errors import DateError, ParameterError, UserFault
from readmission.namespaces import ID, NAMESPACES
from readmission.query_files import Term, bind
from readmission.resources import folder

_XSD = NAMESPACES["xsd"]
_NAME = re.compile(r"[a-z0-9-]+")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCAL = re.compile(r"[\w.-]+(/[\w.%()-]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")

# BaseLoader keeps every scalar a text: a parameter called "on" must not become a truth value. The one in C, where
# PyYAML has it, reads ten times as fast.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class UnknownQuestion(UserFault, LookupError):
    """A name that no question has."""


@dataclass(frozen=True)
class Parameter:
    """A typed parameter of a question, with the value it has when the caller gives none."""

    name: str
    kind: str
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
    header: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def sparql(self, values: Mapping[str, str], gazetteer: Gazetteer) -> str:
        """Return the query with each parameter replaced by its RDF term; raises ParameterError."""
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := set(values) - set(known):
            names = ", ".join(known) or "none"
            raise ParameterError(f"{self.name}: unknown parameter {sorted(unknown)[0]!r}; it takes {names}")
        terms = {
            name: term(parameter, values.get(name, parameter.default), gazetteer)
            for name, parameter in known.items()
        }
        return bind(self.text, terms)

    def run(self, engine: Engine, values: Mapping[str, str], gazetteer: Gazetteer) -> Solutions:
        """Ask the engine and return all rows."""
        return engine.select(self.sparql(values, gazetteer))


def _date(value: str, _: Gazetteer) -> ox.Literal:
    return ox.Literal(day(value).isoformat(), datatype=ox.NamedNode(f"{_XSD}date"))


def _integer(value: str, _: Gazetteer) -> ox.Literal:
    if not re.fullmatch(r"-?\d{1,9}", value):
        raise ValueError("write a whole number, such as 12")
    return ox.Literal(value, datatype=ox.NamedNode(f"{_XSD}integer"))


def _country(value: str, gazetteer: Gazetteer) -> ox.NamedNode:
    return ox.NamedNode(gazetteer.find(value).iri)


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
    "persons": _code,
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
    """Read one ``.rq`` file, once in the life of a process; raises ParameterError naming it when its header is none."""
    return parse(path.stem, path.read_text(encoding="utf-8"))


def parse(name: str, text: str) -> Question:
    """Read the text of a question; one without a header is a plain query without parameters."""
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        header = yaml.load("\n".join(lines), Loader=_LOADER) or {"summary": name}  # noqa: S506
        return _question(name, text, header)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as fault:
        raise ParameterError(f"{name}: the #+ header is not as CONTRIBUTING.md shows it ({fault})") from fault


def _question(name: str, text: str, header: dict[str, Any]) -> Question:
    ids = header.get("question", [])
    parameters = tuple(
        Parameter(key, stated["type"], str(stated["default"]), stated.get("description", ""))
        for key, stated in (header.get("parameters") or {}).items()
    )
    return Question(
        name=name,
        summary=header["summary"],
        text=text,
        description=str(header.get("description", "")).strip(),
        ids=tuple(ids) if isinstance(ids, list) else (str(ids),),
        tags=tuple(header.get("tags", [])),
        parameters=parameters,
        header=header,
    )


def find(name: str) -> Question:
    """Return the question of that name; raises UnknownQuestion with the nearest names."""
    path = folder("queries") / "questions" / f"{name}.rq"
    if _NAME.fullmatch(name) and path.is_file():
        return read(path)
    import difflib

    near = difflib.get_close_matches(name, [each.stem for each in _files()], n=3)
    mend = f"did you mean {' or '.join(near)}?" if near else "`readmission query` lists all questions"
    raise UnknownQuestion(f"there is no question {name!r}; {mend}")
