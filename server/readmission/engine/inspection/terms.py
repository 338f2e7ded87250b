"""The properties, classes, graphs and things that a release knows, and those that a query names and it does not."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from readmission.engine.inspection.findings import QueryWarning, Suggestion
from readmission.engine.interface import Engine, text_of
from readmission.engine.syntax.patterns import Bind, Expression, Filter, Group, Named, Triples, Values
from readmission.engine.syntax.queries import QueryTree, Select
from readmission.engine.syntax.tokens import Token
from readmission.namespaces import BASE, NAMESPACES
from readmission.query_files import lookup

RDF_TYPE = NAMESPACES["rdf"] + "type"
_MOST_NAMES = 500
_MOST_SEARCHES = 20
"""Names of one query for which near ones are sought."""

Use = tuple[Token, str]
"""A name in the text, and the kind of thing that it stands for: property, class, graph or thing."""


class Vocabulary:
    """What a release knows; read from it when a query first asks, and kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _terms(self, query: str) -> frozenset[str]:
        return frozenset(text_of(row[0]) for row in self._engine.select(query).rows)

    @cached_property
    def kinds(self) -> Mapping[str, frozenset[str]]:
        """The IRIs of each kind; of things only those of our own namespaces, and of these the ones with a class."""
        return {
            "property": self._terms(lookup("properties")) | {RDF_TYPE},
            "class": self._terms(lookup("classes")),
            "graph": self._terms(lookup("graphs")),
            "thing": self._terms(lookup("typed-things", start=ox.Literal(BASE))),
        }

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The English label of each term."""
        return {row["term"]: row["label"] for row in self._engine.select(lookup("labels")).texts()}

    @cached_property
    def _folded(self) -> Mapping[str, Mapping[str, list[str]]]:
        """The terms of each kind by their local name and their label, without case and spaces."""
        found: dict[str, dict[str, list[str]]] = {}
        for kind, terms in self.kinds.items():
            words = found.setdefault(kind, {})
            for term in sorted(terms):
                for word in {_fold(_local(term)), _fold(self.labels.get(term, ""))} - {""}:
                    words.setdefault(word, []).append(term)
        return found

    def knows(self, iri: str, kind: str) -> bool:
        """Whether an IRI stands in that place in some statement; a thing of our namespaces: in any place."""
        if iri in self.kinds[kind] or kind != "thing" or not iri.startswith(BASE):
            return kind == "thing" or iri in self.kinds[kind]
        return bool(self._engine.select(lookup("occurrence", term=ox.NamedNode(iri))).rows)

    def near(self, iri: str, kind: str) -> list[str]:
        """Return the terms of a kind that are spelt or called nearly so, at most three."""
        words: Mapping[str, list[str]] = self._folded[kind]
        sought = _fold(_local(iri))
        if kind == "thing":  # among 20,000 things only its like are meant
            words = {word: like for word, known in words.items() if (like := _rank_names(iri, known))}
        found = process.extract(
            sought, words.keys(), scorer=fuzz.ratio, limit=3, score_cutoff=60 if len(sought) < 5 else 75
        )
        ranked = [term for word, _, _ in found for term in words[word]]
        return list(dict.fromkeys(ranked))[:3]


def _rank_names(iri: str, terms: Iterable[str]) -> list[str]:
    namespace = _namespace(iri)
    return [term for term in terms if _namespace(term) == namespace]


def _namespace(iri: str) -> str:
    return iri[: len(iri) - len(_local(iri))]


def _local(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]


def _fold(word: str) -> str:
    return re.sub(r"[\W_]+", "", word).lower()


def unknown_terms(query: QueryTree, vocabulary: Vocabulary) -> Iterator[QueryWarning]:
    """Find the names of a query that no statement of the release has in that place."""
    seen: set[tuple[str, str]] = set()
    sought = 0
    for token, kind in _uses(query):
        iri = query.iri(token)
        if iri is None or (iri, kind) in seen or len(seen) > _MOST_NAMES:
            continue
        seen.add((iri, kind))
        if not vocabulary.knows(iri, kind):
            sought += 1
            yield from _warnings_of(query, token, iri, kind, vocabulary, sought <= _MOST_SEARCHES)


def _warnings_of(
    query: QueryTree, token: Token, iri: str, kind: str, vocabulary: Vocabulary, seek: bool
) -> Iterator[QueryWarning]:
    if kind in ("property", "class") and iri.startswith(BASE) and vocabulary.knows(iri, "thing"):
        told = f"{token.text} is a {kind} of the ontology, but no statement of this release uses it."
        yield QueryWarning(f"unused-{kind}", told, token.start)
    else:
        yield _finding(query, token, iri, kind, vocabulary.near(iri, kind) if seek else [], vocabulary)


_TEXTS = {
    "property": "No statement of this release has {} as its property",
    "class": "Nothing in this release is of the class {}",
    "graph": "This release has no graph {}",
    "thing": "This release does not know {}",
}


def _finding(
    query: QueryTree, token: Token, iri: str, kind: str, near: list[str], vocabulary: Vocabulary
) -> QueryWarning:
    told = _TEXTS[kind].format(token.text)
    if not near:
        return QueryWarning(f"unknown-{kind}", f"{told}.", token.start)
    suggestions = tuple(
        Suggestion(_name(query, term), term, vocabulary.labels.get(term, "")) for term in near
    )
    first = suggestions[0].name
    mended = query.with_text(token.start, token.end, first)
    told += f"; did you mean {first}?"
    return QueryWarning(f"unknown-{kind}", told, token.start, mended, suggestions=suggestions)


def _name(query: QueryTree, iri: str) -> str:
    """Write an IRI with the longest of the query's prefixes that fits."""
    fitting = [
        (namespace, prefix)
        for prefix, namespace in query.prefixes.items()
        if namespace and iri.startswith(namespace) and re.fullmatch(r"\w[\w-]*", iri[len(namespace) :])
    ]
    if not fitting:
        return f"<{iri}>"
    namespace, prefix = max(fitting, key=lambda known: len(known[0]))
    return f"{prefix}:{iri[len(namespace) :]}"


@dataclass(frozen=True)
class _Names:
    """Collects the names of a query."""

    query: QueryTree

    def of_select(self, select: Select) -> Iterator[Use]:
        yield from ((token, "thing") for token in select.iris)
        for expression in (
            *(column.expression for column in select.columns or ()),
            *select.modifiers.expressions,
        ):
            if expression:
                yield from self.of_expression(expression)
        if select.modifiers.values:
            yield from ((token, "thing") for token in select.modifiers.values.iris)
        yield from self.of_group(select.group)

    def of_group(self, group: Group) -> Iterator[Use]:
        for part in group.parts:
            match part:
                case Triples():
                    yield from self.of_triples(part)
                case Filter() | Bind():
                    yield from self.of_expression(part.expression)
                case Values():
                    yield from ((token, "thing") for token in part.iris)
                case Select():
                    yield from self.of_select(part)
                case _:
                    if isinstance(part, Named):
                        yield from _constant(part.graph, "graph")
                    for nested in part.groups:
                        yield from self.of_group(nested)

    def of_triples(self, part: Triples) -> Iterator[Use]:
        for pattern in part.patterns:
            for token in pattern.path.iris:
                yield from _constant(token, "property")
            yield from _constant(pattern.subject, "thing")
            predicate = (
                pattern.path.iris[-1:] if not (pattern.path.term and pattern.path.term.variable) else ()
            )
            typed = any(token.text == "a" or self.query.iri(token) == RDF_TYPE for token in predicate)
            yield from _constant(pattern.object, "class" if typed else "thing")

    def of_expression(self, expression: Expression) -> Iterator[Use]:
        yield from ((token, "thing") for token in expression.iris)
        for group in expression.groups:
            yield from self.of_group(group)


def _constant(token: Token, kind: str) -> Iterator[Use]:
    if token.kind in ("iri", "name"):
        yield token, kind


def _uses(query: QueryTree) -> Iterator[Use]:
    yield from ((token, "graph") for token in query.graphs)
    yield from _Names(query).of_select(query.select)
