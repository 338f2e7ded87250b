"""Hundreds of kills: at random moments, and of the commands themselves."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness import kills
from harness.kills import digests
from harness.prepared import TABLE, Import, read, table
from readmission import release, resources
from readmission.files import release_folder

KILLS = 100
# The command line without the checks, which write nothing and take most of the time.
PROGRAM = (
    "from readmission import cli; from readmission.building import checks;"
    "checks.examine = lambda bench: []; raise SystemExit(cli.main())"
)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Import:
    return Import(tmp_path_factory.mktemp("kills"))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with few facts: those of no instruments."""
    top = tmp_path_factory.mktemp("few")
    for name in resources.FOLDERS:
        shutil.copytree(resources.folder(name), top / name)
    shutil.rmtree(top / "graph" / "instruments")
    package, ignored = Path(release.__file__).parent, shutil.ignore_patterns("__pycache__", "data")
    shutil.copytree(package, top / "server" / "readmission", ignore=ignored)
    return top


@pytest.mark.slow
def test_an_import_killed_at_random_moments_is_as_before_or_as_after(ready: Import) -> None:
    began = time.monotonic()
    assert kills.ended(ready.found.write, lambda: None) == 0
    length, chance, found = time.monotonic() - began, random.Random(5), {False: 0, True: 0}
    assert read(ready.graph) == ready.after
    for number in range(KILLS):
        ready.restore()
        kills.sometime(ready.found.write, chance.uniform(0, length))
        now = read(ready.graph)
        assert now in (ready.before, ready.after), f"half, after kill {number}"
        found[now == ready.before] += 1
    assert found[True], found


@pytest.mark.slow
def test_the_import_command_killed_at_any_change_can_be_run_again(few: Path, tmp_path: Path) -> None:
    """Import, kill, and the same command once more, which says that the first is undone and does it all."""
    graph = Path(shutil.copytree(resources.folder("graph"), tmp_path / "graph"))
    before = digests(graph)
    command = [sys.executable, "-m", "readmission.cli", "import", "--into", str(graph)]
    row = table(tmp_path / "table.csv", TABLE[:1])
    start = "import sys; from harness import kills; from readmission import cli"
    program = f"{start}; kills.Kill(int(sys.argv.pop(1)))(); {RUN}"
    for at in (3, 9, 12):
        killed = [sys.executable, "-B", "-c", program, str(at), *command[3:], str(row)]
        surroundings = os.environ | {"PYTHONPATH": str(Path(kills.__file__).parents[1])}
        assert subprocess.run(killed, check=False, env=surroundings).returncode == -signal.SIGKILL
        assert digests(graph) != before, f"change {at} is none of the import's"
        again = subprocess.run([*command, str(row)], check=False, capture_output=True, text=True)
        assert again.returncode == 0, again.stderr
        assert at < 4 or "was interrupted; it is undone" in again.stderr
        assert "1 instruments added" in again.stdout
        shutil.rmtree(graph)
        shutil.copytree(resources.folder("graph"), graph)


RUN = "raise SystemExit(cli.main())"


@pytest.mark.slow
def test_builds_killed_at_random_moments_leave_the_next_command_its_work(few: Path, tmp_path: Path) -> None:
    home, chance = tmp_path / "home", random.Random(7)
    surroundings = os.environ | {"PYTHONPATH": str(few / "server"), "READMISSION_HOME": str(home)}

    def started() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", PROGRAM, "build"]
        return subprocess.Popen(command, env=surroundings, cwd=few, stdout=subprocess.PIPE, text=True)

    def built() -> str:
        told, _ = started().communicate()
        found = release.last(home)
        assert found
        assert found.version in told
        assert {path.name for path in home.iterdir()} - {release_folder.CURRENT, release_folder.LOCK} <= {
            path.name for path in whole()
        }
        return found.version

    def whole() -> list[Path]:
        return [
            path for path in home.iterdir() if path.is_dir() and not path.is_symlink() and release.read(path)
        ]

    began = time.monotonic()
    version = built()
    length = time.monotonic() - began
    for number in range(KILLS // 4):
        last = release.last(home)
        assert last
        if number % 2:
            shutil.rmtree(home / os.readlink(home / release_folder.CURRENT))
        with started() as process:
            time.sleep(chance.uniform(length / 2, length))
            process.kill()
        assert built() == version, f"after kill {number}"


@pytest.mark.slow
def test_builds_in_containers_that_do_not_see_each_other_share_a_cache(few: Path, tmp_path: Path) -> None:
    """Each is process 1 of its own, so that a process id tells neither whether the other lives."""
    apart = ["unshare", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("NOT TESTED in other name spaces of processes: they may not be made here")
    home = tmp_path / "home"
    surroundings = os.environ | {"PYTHONPATH": str(few / "server"), "READMISSION_HOME": str(home)}
    command = [*apart, sys.executable, "-c", PROGRAM, "build"]
    both = [
        subprocess.Popen(command, env=surroundings, cwd=few, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert told[0] == told[1]
    assert release.last(home)
