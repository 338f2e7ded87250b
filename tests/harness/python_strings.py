"""What strings of the program say that belongs elsewhere: SPARQL, which is a file, and namespaces, which are a table.

``PYTHONPATH=tests python tests/harness/python_strings.py`` lists both; another package's folder may be named.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

PACKAGE = Path(__file__).parents[2] / "server" / "readmission"
COMPOSES = ("engine/rewriting/", "engine/syntax/", "engine/sparql_text.py")
"""Where a query that was read is written anew, and the declaration that it lacks."""
TABLE = "namespaces.py"

_WORD = (
    r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE|INSERT|DELETE|WHERE|UNION|OPTIONAL|MINUS|GRAPH|FILTER|EXISTS|BIND|VALUES"
    r"|SERVICE|(?:ORDER|GROUP)\s+BY|HAVING)\b"
)
_TERM = r"(?:[?$]\w+|[\w-]*:[\w-]+|<[^<>\s]*>)"
_SPARQL = re.compile(
    rf"{_WORD}[^{{?$]*(?:\{{|[?$]\w)"  # a keyword with its group or its variable
    rf"|\bPREFIX\s+[\w-]*:\s*<"
    rf"|[?$]\w+\s+(?:a|{_TERM}(?:[|/]{_TERM})*)\s+(?:{_TERM}|[\"\d])"  # a triple pattern
)
_NAMESPACE = re.compile(
    r"https?://(?:w3id\.org/eu-readmission/|www\.w3\.org/(?:ns|\d{4})/|(?:purl|rdfs|schema)\.org/|xmlns\.com/"
    r"|id\.loc\.gov/)|https?://\S*#$"
)
_REGEX_ESCAPE = re.compile(r"\\(?=[./])")


def strings(source: str) -> Iterator[tuple[int, str]]:
    """Yield each string of a module with its line, but documentation; what a string is filled with becomes ``x``."""
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in documents or id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(_typed(part) or "x" for part in node.values)
        elif isinstance(node, ast.Constant) and (text := _typed(node)):
            yield node.lineno, text


def _typed(node: ast.AST) -> str | None:
    """Return the string that a node is."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_sparql(text: str) -> bool:
    """Tell whether a string is a query or a part of one, also within an address."""
    return _SPARQL.search(unquote(text)) is not None


def sparql(package: Path = PACKAGE) -> list[str]:
    """Return where SPARQL stands in strings of a package."""
    return [place for name, place, text in _all(package)
            if not name.startswith(COMPOSES) and is_sparql(text)]  # fmt: skip


def namespaces(package: Path = PACKAGE) -> list[str]:
    """Return where namespaces are typed outside their table."""
    return [place for name, place, text in _all(package)
            if name != TABLE and _NAMESPACE.search(_REGEX_ESCAPE.sub("", text))]  # fmt: skip


def lookups(package: Path = PACKAGE) -> Iterator[tuple[str, str | None]]:
    """Yield where each call of ``lookup`` is, and the name that it is given; None where that is no plain string."""
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "lookup":
                name = _typed(node.args[0]) if node.args else None
                yield f"{path.relative_to(package).as_posix()}:{node.lineno}", name


def _all(package: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        for line, text in strings(path.read_text(encoding="utf-8")):
            yield name, f"{name}:{line}: {' '.join(text.split())[:60]}", text


if __name__ == "__main__":
    where = Path(sys.argv[1]) if sys.argv[1:] else PACKAGE
    for title, found in (("SPARQL", sparql(where)), ("namespaces", namespaces(where))):
        print(f"{title}: {len(found)}", *found, sep="\n  ")
