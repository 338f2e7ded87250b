"""A release is built again when something that it is made from has changed, and only then."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from readmission.building import fingerprint
from readmission.resources import FOLDERS, folder

PACKAGE = Path(fingerprint.__file__).parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program with its data, laid out as in a wheel, in which a test may change what it likes."""
    package = tmp_path / "readmission"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FOLDERS:
        shutil.copytree(folder(name), package / "data" / name)
    return package


def run(copy: Path, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(copy.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=copy.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def fingerprinted(copy: Path) -> str:
    return run(copy, "from readmission.building.fingerprint import fingerprint; print(fingerprint())")


def changed(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")


@pytest.mark.parametrize(
    "pattern", ["data/queries/rules/*.rq", "data/graph/**/*.ttl", "data/shapes/*.ttl", "data/ontology/*.ttl",
                "data/queries/checks/*.rq", "data/queries/lookups/release-date.rq",
                "**/dates.py", "**/checks.py", "**/rules.py", "**/embedded.py"]
)  # fmt: skip
def test_what_a_release_is_made_from_changes_its_key(copy: Path, pattern: str) -> None:
    before = fingerprinted(copy)
    changed(min(copy.glob(pattern)))
    assert fingerprinted(copy) != before


def test_pages_commands_and_workers_build_nothing_again(copy: Path) -> None:
    before = fingerprinted(copy)
    paths = [path for name in ("web", "commands", "workers") for path in (copy / name).rglob("*.*")]
    assert len(paths) > 50
    for path in paths:
        if path.suffix in (".py", ".html", ".css", ".yaml"):
            changed(path)
    assert fingerprinted(copy) == before


def test_queries_that_no_build_runs_build_nothing_again(copy: Path) -> None:
    before = fingerprinted(copy)
    queries = copy / "data" / "queries"
    paths = [*queries.glob("questions/*.rq"), *queries.glob("traps/*.rq"), queries / "lookups" / "codes.rq"]
    assert len(paths) > 100
    for path in paths:
        changed(path)
    assert fingerprinted(copy) == before


def test_a_module_that_has_moved_still_counts(copy: Path) -> None:
    (copy / "moved").mkdir()
    (copy / "moved" / "__init__.py").touch()
    (copy / "dates.py").rename(copy / "moved" / "days.py")
    for path in copy.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("readmission.dates import", "readmission.moved.days import"), encoding="utf-8"
        )
    before = fingerprinted(copy)
    changed(copy / "moved" / "days.py")
    assert fingerprinted(copy) != before


def test_all_modules_that_a_build_imports_count(copy: Path) -> None:
    (copy / "__init__.py").write_text("", encoding="utf-8")  # it imports much that a build does not need
    names = "name for name in sys.modules if name.startswith('readmission.')"
    loaded = run(
        copy, f"import sys; from readmission.building import checks, pipeline; print(*({names}))"
    ).split()
    counted = {
        ".".join(("readmission", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for path in fingerprint.modules()
    }
    assert set(loaded) == counted


def test_another_version_of_an_engine_builds_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.fingerprint()
    for engine in fingerprint.PINNED_DISTRIBUTIONS:
        with monkeypatch.context() as patch:
            patch.setattr(
                fingerprint, "version", lambda name, engine=engine: "other" if name == engine else ""
            )
            one = fingerprint.fingerprint()
        assert one != before


def test_the_engines_are_pinned() -> None:
    stated = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    dependencies = [*stated["project"]["dependencies"], *stated["project"]["optional-dependencies"]["build"]]
    loose = [
        name
        for name in fingerprint.PINNED_DISTRIBUTIONS
        if not any(one.startswith(f"{name}==") for one in dependencies)
    ]
    assert not loose, f"pin these in pyproject.toml, for they decide what a release says: {loose}"
