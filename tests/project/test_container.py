"""The image: what can be said of it without a container engine."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.running import wait_for
from readmission.release import Release

REPOSITORY = Path(__file__).parents[2]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    """Return the instructions of each stage: name and arguments."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    found: list[list[Instruction]] = []
    for line in filter(None, text.splitlines()):
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, arguments))
    return found


def last(name: str) -> str:
    """Return the arguments of the instruction that counts in the image."""
    found = [arguments for instruction, arguments in stages()[-1] if instruction == name]
    assert found, f"the last stage of the Dockerfile has no {name}"
    return found[-1]


def copied() -> list[str]:
    """Return what is taken from the checkout."""
    lines = [arguments for stage in stages() for name, arguments in stage if name == "COPY"]
    return [source for line in lines if "--from" not in line for source in line.split()[:-1]]


def test_what_is_copied_is_there_and_is_let_through() -> None:
    let_through = re.findall(
        r"^!(.+)", (REPOSITORY / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE
    )
    missing = [source for source in copied() if not (REPOSITORY / source).exists()]
    assert not missing, f"the Dockerfile copies what is not in the repository: {missing}"
    assert sorted(copied()) == sorted(let_through), (
        "have .dockerignore let through what the Dockerfile copies"
    )


def test_the_copied_files_are_enough_to_install_the_program(tmp_path: Path) -> None:
    for source in copied():
        if (REPOSITORY / source).is_dir():
            shutil.copytree(REPOSITORY / source, tmp_path / source)
        else:
            shutil.copy(REPOSITORY / source, tmp_path)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"copy in the Dockerfile what the build misses: {done.stdout}{done.stderr}"
    with zipfile.ZipFile(next((tmp_path / "out").glob("*.whl"))) as wheel:
        names = {"/".join(name.split("/")[:3]) for name in wheel.namelist()}
    assert {f"readmission/data/{name}" for name in ("graph", "ontology", "queries", "shapes")} <= names
    assert "readmission/cli.py" in names


def test_the_release_is_built_into_the_image_and_found_there() -> None:
    first, final = stages()
    assert ("RUN", "readmission build") in first
    homes = {re.search(r"READMISSION_HOME=(\S+)", arguments)[1] for stage in (first, final)  # type: ignore[index]
             for name, arguments in stage if name == "ENV"}  # fmt: skip
    (home,) = homes
    assert home.startswith(f"{last('COPY').split()[-1]}/"), "the release lies where no stage copies it from"


def test_the_program_is_not_root() -> None:
    names = [name for name, _ in stages()[-1]]
    assert last("USER") not in ("root", "0")
    assert names.index("USER") < names.index("CMD")


@pytest.fixture
def address(built: Release, tmp_path: Path) -> Iterator[str]:
    """The server as the image starts it, on a free port, and on the loopback address."""
    words = ["0" if word == "8000" else word for word in json.loads(last("CMD"))]
    words = ["127.0.0.1" if word == "0.0.0.0" else word for word in words]
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(words, stderr=written, env=surroundings())
    try:
        yield wait_for(
            lambda: re.search(r"Serving on (\S+)/", log.read_text()), f"it does not start: {words}", 60
        )[1]
    finally:
        process.terminate()
        process.wait(30)


def surroundings() -> dict[str, str]:
    """Return the environment, with our programs first, as in the image."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def test_its_command_starts_and_its_check_of_health_tells_when_it_answers(address: str) -> None:
    program = json.loads(last("HEALTHCHECK").partition("CMD ")[2])

    def healthy(at: str) -> bool:
        words = [word.replace("http://127.0.0.1:8000", at) for word in program]
        return subprocess.run(words, capture_output=True, env=surroundings(), check=False).returncode == 0

    wait_for(lambda: healthy(address), "the check of health never finds it ready", 60)
    assert not healthy("http://127.0.0.1:9"), "the check of health takes a dead server for a ready one"
