"""The dataset that a query's own FROM clauses name (SPARQL 1.1 Query, section 13.2).

Outside engines differ in what they do about FROM: some read graphs that hold other people's data, some fetch
them. So the clauses are read here, and the engine is told the dataset in the request, which goes first
(SPARQL 1.1 Protocol, section 2.1.4).
"""

import re
from urllib.parse import urljoin

from readmission.engine.interface import QueryError
from readmission.engine.sparql_text import position, skeleton

_FROM = re.compile(r"(?<![\w:.-])FROM(?![\w:-])(\s+NAMED(?![\w:-]))?", re.IGNORECASE)
_GRAPH = re.compile(
    r"\s*(?:<([^<>\"{}|^`\\\s]*)>|([A-Za-z][\w.-]*)?:([\w/-][\w/.%-]*[\w/-]|[\w/-])?(?=[\s{<]))"
)
_PREFIX_DECLARATION = re.compile(r"PREFIX\s+([A-Za-z][\w.-]*)?:\s*<([^<>\s]*)>", re.IGNORECASE)
_BASE = re.compile(r"BASE\s*<([^<>\s]*)>", re.IGNORECASE)
_CODEPOINT = re.compile(r"\\u|\\U")


def read_dataset(text: str, base: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the graphs after FROM and those after FROM NAMED; raises QueryError where one cannot be made out."""
    found: tuple[list[str], list[str]] = ([], [])
    for clause in _FROM.finditer(skeleton(text).bare):
        graph = _GRAPH.match(text, clause.end())
        if graph is None or (name := _resolve(text, graph, base)) is None:
            line, column = position(text, clause.start())
            raise QueryError(
                f"line {line}, column {column}: write the whole IRI of the graph after FROM, in <…>"
            )
        found[1 if clause[1] else 0].append(name)
    return tuple(found[0]), tuple(found[1])


def mentions_graphs(text: str) -> bool:
    """Tell whether a query may look into named graphs; when in doubt, yes."""
    seen = skeleton(text)
    return bool(seen.doubts) or "graph" in seen.bare.lower() or _CODEPOINT.search(text) is not None


def _resolve(text: str, graph: re.Match[str], base: str | None) -> str | None:
    iri, prefix, local = graph.groups()
    if iri is not None:
        stated = _BASE.search(text[: graph.start()])
        return str(urljoin(stated[1] if stated else base or "", iri))
    declared: dict[str, str] = {
        name or "": start for name, start in _PREFIX_DECLARATION.findall(text[: graph.start()])
    }
    start = declared.get(prefix or "")
    return None if start is None else start + (local or "")
