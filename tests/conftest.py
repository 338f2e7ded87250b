"""What tests share: one release of the repository's own facts, built once and never written to."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

import readmission
from readmission import release
from readmission.building import pipeline
from readmission.files import disk
from readmission.release import Release
from readmission.sources import fact_files

pytest_plugins = ["pytester"]
NO_QUICK_FIXTURES = {"home", "serving"}
"""What asks for a release or a server."""


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "fail tests that would be skipped for want of a program: all of them are installed here"
    parser.addoption("--nothing-skipped", action="store_true", help=text)


def pytest_configure() -> None:
    """Have answers as wide as in a file, whatever the terminal is that the tests run in."""
    os.environ["COLUMNS"] = "120"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Hold tests to the mark `quick`."""
    if item.get_closest_marker("quick") and (
        slow := NO_QUICK_FIXTURES & {*getattr(item, "fixturenames", ())}
    ):
        reason = (
            f"{item.nodeid} uses {sorted(slow)}, so it is not quick; take the mark from its file, or move it"
        )
        raise pytest.UsageError(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    spared = item.get_closest_marker("spared")
    if item.config.getoption("--nothing-skipped") and report.skipped and not spared:
        _, _, reason = (
            report.longrepr if isinstance(report.longrepr, tuple) else ("", 0, "for no reason told")
        )
        report.outcome, report.longrepr = "failed", reason
    return report


@pytest.fixture(scope="session")
def home(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder of releases for tests alone, so that no test sees or leaves anything in the user's cache.

    All processes that share the tests share it, and so does the next run: a release is built again only when
    something that it is made from has changed. ``--cache-clear`` empties it.
    """
    assert pytestconfig.cache, "tests keep their releases in pytest's cache; leave out -p no:cacheprovider"
    top = pytestconfig.cache.mkdir("releases")
    patch = pytest.MonkeyPatch()
    patch.setenv("READMISSION_HOME", str(top))
    patch.setattr(pipeline, "read", read_once(release.read))
    yield top
    patch.undo()


def read_once(read: Callable[[Path], Release]) -> Callable[[Path], Release]:
    """Return a reader that opens each release once, as long as its files stay: most tests of commands open the same."""
    known: dict[tuple[str, ...], Release] = {}

    def read_again(path: Path) -> Release:
        if not path.is_dir():
            return read(path)  # which says what is wrong
        files = sorted(each for each in path.glob("*") if each.is_file())
        key = (
            str(path.resolve()),
            *(f"{each.name} {each.stat().st_mtime_ns} {each.stat().st_size}" for each in files),
        )
        if key not in known:
            known[key] = read(path)
        return known[key]

    return read_again


@pytest.fixture(scope="session")
def built(home: Path) -> Release:
    """The release of the facts as they are; fails with the findings when a check refuses them."""
    # whoever comes second waits, and finds it built
    with disk.lock(home.with_name("release.lock"), create=True):
        return pipeline.current(home)


@pytest.fixture(scope="session")
def graph(built: Release) -> "readmission.Graph":
    """The library over the release."""
    return readmission.Graph(built)


@pytest.fixture(scope="session")
def loaded() -> fact_files.Facts:
    """The fact files and the ontology, as read."""
    return fact_files.load()


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[..., str]]:
    """Start ``readmission serve --data FILES`` as users do, on a free port; returns the address of its front page."""
    started: list[subprocess.Popen[str]] = []

    def start(*files: Path, port: int = 0) -> str:
        program = Path(sys.executable).with_name("readmission")
        command = [str(program), "serve", "--port", str(port), "--data", *map(str, files)]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        started.append(server)
        assert server.stderr is not None
        told: list[str] = []
        for line in server.stderr:
            told.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                # it logs every query there, and would stop when nobody read that
                threading.Thread(target=server.stderr.read, daemon=True).start()
                return found.group()
        pytest.fail("the server ended before it listened:\n" + "".join(told))

    yield start
    for server in started:
        server.terminate()
    for server in started:
        server.wait(timeout=30)
        assert server.stderr is not None
        server.stderr.close()
