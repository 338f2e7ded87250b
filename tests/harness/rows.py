"""The rows of a SELECT, so that two texts of one query can be compared."""

from collections import Counter

import pyoxigraph as ox


def rows(store: ox.Store, text: str) -> Counter[tuple[tuple[str, str], ...]]:
    """Return each row as its bound variables, and how often it comes; the default graph is the union."""
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        tuple(sorted((name, str(term)) for name, term in zip(names, row, strict=True) if term is not None))
        for row in found
    )
