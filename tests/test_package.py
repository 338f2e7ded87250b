"""The wheel: it holds every data file, and all commands work from it, outside any checkout."""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from readmission.resources import FOLDERS

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the checkout."""
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(target),
        str(REPOSITORY),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are those of the running tests, without the checkout."""
    top = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(top)], check=True)
    install = [str(top / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    packages = next(top.glob("lib/python3*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return top


@pytest.fixture(scope="session")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout, to work from and to keep releases in."""
    return tmp_path_factory.mktemp("away")


def run(installed: Path, away: Path, *arguments: str) -> str:
    surroundings = {**os.environ, "READMISSION_HOME": str(away / "releases")}
    command = [str(installed / "bin" / "readmission"), *arguments]
    done = subprocess.run(command, cwd=away, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"readmission {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def test_the_wheel_holds_what_git_holds(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", *FOLDERS], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("readmission/data/")}
    missing = {f"readmission/data/{name}" for name in tracked} ^ names
    assert not missing, f"git and the wheel differ: {sorted(missing)[:5]}; commit them or mend pyproject.toml"


def test_the_installed_program_is_the_wheels(installed: Path, away: Path) -> None:
    code = "import readmission; print(readmission.__file__)"
    done = subprocess.run(
        [str(installed / "bin" / "python"), "-c", code], cwd=away, capture_output=True, text=True, check=True
    )
    assert str(installed) in done.stdout


def test_every_command_works_from_the_wheel(installed: Path, away: Path) -> None:
    found = json.loads(run(installed, away, "overview", "--on", "2021-02-10", "--format", "json"))
    assert found["eu_readmission_agreements_in_force"] == 18
    assert "covered-binding" in run(installed, away, "gaps", "ALB", "--on", "2021-02-10")
    assert "Protocol 22" in run(installed, away, "why", "DNK", "ALB", "--on", "2021-02-10")
    assert "AUT" in run(installed, away, "query", "gaps", "--format", "csv")
    (fact,) = installed.glob("lib/python3*/site-packages/readmission/data/graph/instruments/eu/geo.ttl")
    run(installed, away, "check", str(fact))  # the build has checked them all
    assert "readmission.nq" in run(installed, away, "export", "out")
    assert found["release"] in run(installed, away, "build")


@pytest.fixture
def address(installed: Path, away: Path) -> Iterator[str]:
    """A running server of the wheel on a free port of the loopback interface."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    surroundings = {**os.environ, "READMISSION_HOME": str(away / "releases")}
    command = [str(installed / "bin" / "readmission"), "serve", "--port", port]
    with subprocess.Popen(command, cwd=away, env=surroundings, stdout=subprocess.DEVNULL) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < until, "the server did not answer within 60 s"
            time.sleep(0.1)


def test_the_server_of_the_wheel_answers(address: str) -> None:
    with urllib.request.urlopen(f"{address}/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D&format=json") as answer:
        assert json.load(answer)["boolean"] is True
    with urllib.request.urlopen(f"{address}/openapi.json") as description:
        assert "/sparql" in json.load(description)["paths"]
    with urllib.request.urlopen(f"{address}/countries/GEO?on=2021-02-10") as page:
        assert b"Georgia" in page.read()
