"""What can be told of a query before it runs: cross products, variables without values, slow negation, unknown names.

``inspect`` reads a text that an engine has found to be SPARQL; ``rewritten`` gives the engine a faster text with the
same rows, where there is one. Both take bounded time, and run nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from readmission.engine.inspection.bindings import unbound_variables
from readmission.engine.inspection.findings import QueryWarning, Suggestion
from readmission.engine.inspection.products import Product, free, products
from readmission.engine.inspection.terms import Vocabulary, unknown_terms
from readmission.engine.rewriting.negation import denials
from readmission.engine.rewriting.paths import LIMITATION, with_unknown_ends
from readmission.engine.rewriting.plan import (
    LARGEST_REWRITTEN_TEXT,
    alternative,
    gains,
    rewrite,
    rewrite_tree,
)
from readmission.engine.syntax.patterns import AGGREGATES
from readmission.engine.syntax.queries import QueryTree
from readmission.engine.syntax.reading import read
from readmission.engine.syntax.tokens import UnclearQueryError

__all__ = [
    "LARGEST_REWRITTEN_TEXT",
    "LIMITATION",
    "Inspection",
    "QueryWarning",
    "Suggestion",
    "Vocabulary",
    "inspect",
    "rewrite",
    "with_unknown_ends",
]


MOST_FINDINGS = 20
"""Findings of one kind that are told of one text."""


_SHOWN = 5


@dataclass(frozen=True)
class Inspection:
    """What was found in a text, in its order; ``unread`` says why nothing could be looked for."""

    findings: tuple[QueryWarning, ...]
    rewritten: str | None = None
    """The text that is run in its place, with the same rows."""
    unread_reason: str | None = None


def inspect(text: str, vocabulary: Vocabulary) -> Inspection:
    """Look a query over. Never fails: of a text that is not understood here nothing is said."""
    if len(text) > LARGEST_REWRITTEN_TEXT:
        return Inspection((), unread_reason=f"the text is longer than {LARGEST_REWRITTEN_TEXT:,} characters")
    try:
        query = read(text)
    except UnclearQueryError as fault:
        return Inspection((), unread_reason=str(fault))
    runs = rewrite_tree(query)
    kinds = (
        _of_products(query),
        unbound_variables(query),
        _of_denials(query, runs),
        unknown_terms(query, vocabulary),
    )
    found = [finding for kind in kinds for finding in islice(kind, MOST_FINDINGS)]
    found.sort(key=lambda finding: finding.offset or 0)
    return Inspection(tuple(found), rewrite(text))


def _of_products(query: QueryTree) -> Iterator[QueryWarning]:
    crossed = list(products(query.select.group))
    everything = list(free(query.select.group))
    for product in crossed:
        yield _of_product(product)
    for member in everything:
        message = (
            "This pattern matches every statement, for nothing narrows its three variables. Name a property, "
            "a class or a thing."
        )
        yield QueryWarning("everything", message, member.start)
    top = [product for product in crossed if product.group is query.select.group and not product.is_filtered]
    if (top or everything) and _is_long(query):
        message = "The answer may be very long: add LIMIT, or count with COUNT first."
        yield QueryWarning("no-limit", message, query.select.start)
    if top and "ORDER" in query.select.words:
        message = "ORDER BY has to make all rows of the cross product before it gives the first."
        yield QueryWarning("ordered-product", message, query.select.start)


def _of_product(product: Product) -> QueryWarning:
    one, *others = (_list_names(names) for names in product.variables[:_SHOWN])
    message = f"No variable joins {one} with {' or with '.join(others)}, so each is combined with each"
    if product.is_filtered:
        message += "; a FILTER compares them only when all pairs are made"
    return QueryWarning(
        "cross-product", f"{message}. Join them, unless every combination is meant.", product.sets[1][0].start
    )


def _list_names(names: list[str]) -> str:
    shown = ", ".join(f"?{name}" for name in names[:_SHOWN]) or "a blank node"
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _is_long(query: QueryTree) -> bool:
    words = query.select.words
    return query.select.form != "ASK" and "LIMIT" not in words and not words & (AGGREGATES | {"GROUP"})


def _of_denials(query: QueryTree, runs: str | None) -> Iterator[QueryWarning]:
    for denial in denials(query):
        if denial.is_lookup:
            continue
        equal = not denial.alone or not denial.with_rows
        message = "FILTER NOT EXISTS asks its pattern again for every row; MINUS asks it once. "
        if equal:
            message += "Both give the same rows here."
        else:
            message += "MINUS may give other rows here, so compare them."
        if applied_ := runs is not None and gains(denial):
            message += " The endpoint runs the faster form by itself."
        yield QueryWarning(
            "not-exists",
            message,
            denial.filter.start,
            alternative(query, denial),
            equal=equal,
            applied=applied_,
            reasons=() if equal else denial.alone,
        )
