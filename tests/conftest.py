"""What tests share: one release of the repository's own facts, built once and never written to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import readmission
from readmission import facts, release
from readmission.release import Release


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of releases of its own, so that no test sees or leaves anything in the user's cache."""
    top = tmp_path_factory.mktemp("releases")
    patch = pytest.MonkeyPatch()
    patch.setenv("READMISSION_HOME", str(top))
    yield top
    patch.undo()


@pytest.fixture(scope="session")
def built(home: Path) -> Release:
    """The release of the facts as they are; fails with the findings when a check refuses them."""
    return release.current(home)


@pytest.fixture(scope="session")
def graph(built: Release) -> "readmission.Graph":
    """The library over the release."""
    return readmission.Graph(built)


@pytest.fixture(scope="session")
def loaded() -> facts.Facts:
    """The fact files and the ontology, as read."""
    return facts.load()
