"""What can be told of a query before it runs: cross products, variables without values, slow negation, unknown names.

``inspect`` reads a text that an engine has found to be SPARQL; ``rewritten`` gives the engine a faster text with the
same rows, where there is one. Both take bounded time, and run nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from readmission.engine.inspection.bindings import unbound
from readmission.engine.inspection.findings import Finding, Suggestion
from readmission.engine.inspection.products import Product, free, products
from readmission.engine.inspection.terms import Vocabulary, unknown
from readmission.engine.rewriting.negation import denials
from readmission.engine.rewriting.paths import LIMITATION, with_unknown_ends
from readmission.engine.rewriting.plan import LARGEST, alternative, applied, gains, rewritten
from readmission.engine.syntax.patterns import AGGREGATES
from readmission.engine.syntax.queries import Query
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import Unclear

__all__ = [
    "LARGEST",
    "LIMITATION",
    "Finding",
    "Inspection",
    "Suggestion",
    "Vocabulary",
    "inspect",
    "rewritten",
    "with_unknown_ends",
]


MOST = 20
"""Findings of one kind that are told of one text."""


_SHOWN = 5


@dataclass(frozen=True)
class Inspection:
    """What was found in a text, in its order; ``unread`` says why nothing could be looked for."""

    findings: tuple[Finding, ...]
    rewritten: str | None = None
    """The text that is run in its place, with the same rows."""
    unread: str | None = None


def inspect(text: str, vocabulary: Vocabulary) -> Inspection:
    """Look a query over. Never fails: of a text that is not understood here nothing is said."""
    if len(text) > LARGEST:
        return Inspection((), unread=f"the text is longer than {LARGEST:,} characters")
    try:
        query = read(text)
    except Unclear as fault:
        return Inspection((), unread=str(fault))
    runs = applied(query)
    kinds = (_of_products(query), unbound(query), _of_denials(query, runs), unknown(query, vocabulary))
    found = [finding for kind in kinds for finding in islice(kind, MOST)]
    found.sort(key=lambda finding: finding.offset or 0)
    return Inspection(tuple(found), rewritten(text))


def _of_products(query: Query) -> Iterator[Finding]:
    crossed = list(products(query.select.group))
    everything = list(free(query.select.group))
    for product in crossed:
        yield _of_product(product)
    for member in everything:
        told = (
            "This pattern matches every statement, for nothing narrows its three variables. Name a property, "
            "a class or a thing."
        )
        yield Finding("everything", told, member.start)
    top = [product for product in crossed if product.group is query.select.group and not product.is_filtered]
    if (top or everything) and _is_long(query):
        told = "The answer may be very long: add LIMIT, or count with COUNT first."
        yield Finding("no-limit", told, query.select.start)
    if top and "ORDER" in query.select.words:
        told = "ORDER BY has to make all rows of the cross product before it gives the first."
        yield Finding("ordered-product", told, query.select.start)


def _of_product(product: Product) -> Finding:
    one, *others = (_listed(names) for names in product.variables[:_SHOWN])
    told = f"No variable joins {one} with {' or with '.join(others)}, so each is combined with each"
    if product.is_filtered:
        told += "; a FILTER compares them only when all pairs are made"
    return Finding(
        "cross-product", f"{told}. Join them, unless every combination is meant.", product.sets[1][0].start
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"?{name}" for name in names[:_SHOWN]) or "a blank node"
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _is_long(query: Query) -> bool:
    words = query.select.words
    return query.select.form != "ASK" and "LIMIT" not in words and not words & (AGGREGATES | {"GROUP"})


def _of_denials(query: Query, runs: str | None) -> Iterator[Finding]:
    for denial in denials(query):
        if denial.is_lookup:
            continue
        equal = not denial.alone or not denial.with_rows
        told = "FILTER NOT EXISTS asks its pattern again for every row; MINUS asks it once. "
        if equal:
            told += "Both give the same rows here."
        else:
            told += "MINUS may give other rows here, so compare them."
        if applied_ := runs is not None and gains(denial):
            told += " The endpoint runs the faster form by itself."
        yield Finding(
            "not-exists",
            told,
            denial.filter.start,
            alternative(query, denial),
            equal=equal,
            applied=applied_,
            reasons=() if equal else denial.alone,
        )
