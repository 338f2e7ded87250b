"""The house is as docs/architecture.md shows it. The directions of imports are a contract that `make lint` checks."""

import re
from pathlib import Path

import pytest

import floors

pytestmark = pytest.mark.quick

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "server" / "readmission"
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
MOST_MODULES = 12
FOLDERS = sorted({path.parent for path in PACKAGE.rglob("*.py")})


def test_the_page_explains_every_room() -> None:
    shown = {f"{folder.relative_to(PACKAGE).parts[0]}/" for folder in FOLDERS if folder != PACKAGE}
    shown |= {path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}
    missing = [name for name in sorted(shown) if f"`{name}" not in PAGE]
    assert not missing, f"add these to the table of docs/architecture.md: {missing}"


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|rq|toml))`", PAGE))
    everything = [path.relative_to(REPOSITORY).as_posix() for top in ("server", "queries", "tests")
                  for path in (REPOSITORY / top).rglob("*.*") if "node_modules" not in path.parts]  # fmt: skip
    lost = [
        name
        for name in named
        if not any(f"/{path}".endswith(f"/{name}") for path in [*everything, "pyproject.toml"])
    ]
    assert not lost, f"docs/architecture.md names files that are not there: {lost}"


def test_imports_go_down_and_never_round() -> None:
    assert floors.floors(floors.arrows()), "a circle of imports is told by python tests/floors.py"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE.parent).as_posix())
def test_a_folder_is_taken_in_at_a_glance(folder: Path) -> None:
    modules = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    if folder.name == "commands":  # one for each command
        return
    assert len(modules) <= MOST_MODULES, f"divide {folder.name}: it has {len(modules)} modules"
