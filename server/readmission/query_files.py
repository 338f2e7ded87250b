"""The texts of queries: those of ``queries/lookups``, which the program asks for itself, and terms put into any text.

A parameter ``on`` stands in a text as ``?_on`` and is replaced by an RDF term before the query runs, so that it
reaches every sub-select; a value is never pasted in. After VALUES it may be several terms, after LIMIT a number.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import pyoxigraph as ox

from readmission.resources import folder

Term = ox.NamedNode | ox.Literal
Value = Term | int | Sequence[Term]
# A parameter is replaced where it is a variable, not where the same letters stand in a string, an IRI or a comment.
_MARKED = re.compile(
    r"(\"\"\".*?\"\"\"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|#[^\n]*)|\?_(\w+)", re.DOTALL
)
_HEADER = re.compile(r"^#\+.*\n", re.MULTILINE)


def lookup(name: str, **terms: Value) -> str:
    """Return the query ``queries/lookups/<name>.rq`` without its header, with a value for each parameter.

    Raises LookupError when there is no such file, and TypeError when ``terms`` are not the parameters of the text.
    """
    known = _lookups()
    if name not in known:
        raise LookupError(
            f"there is no queries/lookups/{name}.rq; write it, or name one of {', '.join(known)}"
        )
    text = known[name]
    if wrong := sorted(parameters(text) ^ terms.keys()):
        raise TypeError(
            f"queries/lookups/{name}.rq: give one term for each ?_name that stands in it, and no other; "
            f"see {', '.join(wrong)}"
        )
    return bind(text, terms) if terms else text


def bind(text: str, terms: Mapping[str, Value]) -> str:
    """Put a term in the place of each ``?_name``; raises KeyError for a name without a term."""

    def put(match: re.Match[str]) -> str:
        return match[1] if match[1] is not None else _text(terms[match[2]])

    return _MARKED.sub(put, text)


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, Sequence) else str(value)


@cache
def parameters(text: str) -> frozenset[str]:
    """Return the names of the parameters of a text."""
    return frozenset(match[2] for match in _MARKED.finditer(text) if match[2] is not None)


@cache
def _lookups() -> dict[str, str]:
    """Read all texts when the first is wanted: a worker that has begun to answer may open no file any more."""
    paths = sorted(folder("queries").joinpath("lookups").glob("*.rq"))
    return {path.stem: _HEADER.sub("", path.read_text(encoding="utf-8")).strip() for path in paths}
