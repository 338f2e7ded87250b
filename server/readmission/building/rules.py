"""Derivation: the CONSTRUCT rules of ``queries/rules`` in the order of their names, each into its own graph.

Nothing derived is ever edited: the graphs ``…/graph/derived/<rule>`` are made anew with every release.
"""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from readmission.dates import EDTF, bounds
from readmission.namespaces import DERIVED_GRAPH_BASE, NAMESPACES
from readmission.resources import folder

_RDM = NAMESPACES["rdm"]
_DATE = ox.NamedNode(f"{NAMESPACES['xsd']}date")

# A stated date and the pair of computed bounds it gets.
_BOUNDS = {
    f"{_RDM}date": ("earliest", "latest"),
    f"{_RDM}from": ("fromEarliest", "fromLatest"),
    f"{_RDM}until": ("untilEarliest", "untilLatest"),
}


def rule_files() -> list[Path]:
    """Return the rules in the order they run."""
    return sorted(folder("queries").joinpath("rules").glob("*.rq"))


def derive(store: ox.Store, first: int = 0, last: int = 99) -> None:
    """Add the derived graphs to a store that holds the asserted ones; raises SyntaxError on a broken rule.

    ``first`` and ``last`` are the numbers of the rules to run: who needs no coverage stops before it is
    computed, and goes on from there when it is needed after all. Bounds of dates come before every rule.
    """
    if first == 0:
        store.bulk_extend(list(_bounds(store)))
    for path in rule_files():
        if first <= int(path.stem.split("-", 1)[0]) <= last:
            store.bulk_extend(list(_conclusions(store, path)))


def _conclusions(store: ox.Store, path: Path) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(DERIVED_GRAPH_BASE + path.stem.split("-", 1)[1])
    found = store.query(path.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    if not isinstance(found, ox.QueryTriples):
        raise SyntaxError(f"{path.name}: a rule is a CONSTRUCT query")
    for triple in found:
        yield ox.Quad(triple.subject, triple.predicate, triple.object, graph)


def _bounds(store: ox.Store) -> Iterator[ox.Quad]:
    """Compute the calendar bounds of every stated date (EDTF): what SPARQL cannot parse by itself."""
    graph = ox.NamedNode(f"{DERIVED_GRAPH_BASE}bounds")
    for predicate, names in _BOUNDS.items():
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            stated = quad.object
            if not isinstance(stated, ox.Literal) or stated.datatype.value != EDTF:
                continue  # the shapes refuse it with file and line
            found = bounds(stated.value)
            for name, day in zip(names, (found.earliest, found.latest), strict=True):
                if day is not None:
                    value = ox.Literal(day.isoformat(), datatype=_DATE)
                    yield ox.Quad(quad.subject, ox.NamedNode(_RDM + name), value, graph)
