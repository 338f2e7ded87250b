"""The wheel: it holds every data file and the built release; who only asks needs little, all commands work with all."""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from readmission import current_release, extras, packed_release, release
from readmission.extras import MissingExtraError
from readmission.release import DamagedReleaseError, Release
from readmission.resources import FOLDERS

MEGABYTES = 120
"""The most that an installation may take which only asks."""
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, built: Release) -> Path:
    """A wheel built from the checkout; its hook finds the release of these tests."""
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
    surroundings = {**os.environ, "HATCH_BUILD_HOOKS_ENABLE": "true"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


def _install(wheel: Path, top: Path) -> Path:
    """Make an environment with the wheel alone, and return the folder of its packages."""
    subprocess.run([sys.executable, "-m", "venv", str(top)], check=True)
    install = [str(top / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return next(top.glob("lib/python3*/site-packages"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies are those of the running tests, without the checkout."""
    top = tmp_path_factory.mktemp("environment")
    packages = _install(wheel, top)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return top


@pytest.fixture(scope="session")
def asking(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment as `pip install WHEEL` leaves it: the base, copied from that of the running tests."""
    top = tmp_path_factory.mktemp("asking")
    packages = _install(wheel, top)
    for name in needed("readmission"):
        for file in distribution(name).files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                (packages / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), packages / file)
    return top


def needed(name: str) -> set[str]:
    """Return the distributions that one requires, directly or through others, without any extra."""
    stated = [Requirement(text) for text in requires(name) or ()]
    first = {one.name for one in stated if not one.marker or one.marker.evaluate({"extra": ""})}
    return first.union(*(needed(one) for one in first))


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
    held = {name for name in names if not name.startswith("readmission/data/release/")}
    missing = {f"readmission/data/{name}" for name in tracked} ^ held
    assert not missing, f"git and the wheel differ: {sorted(missing)[:5]}; commit them or mend pyproject.toml"


def test_the_wheel_holds_the_release(wheel: Path, built: Release) -> None:
    assert built.path is not None
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("readmission/data/release/")}
    files = {packed_release.PACKED, release.MANIFEST_FILE}
    assert names == {f"readmission/data/release/{built.path.name}/{name}" for name in files}, (
        "the build hook (hatch_build.py) has to put one release in"
    )


def test_the_installed_program_is_the_wheels(installed: Path, away: Path) -> None:
    code = "import readmission; print(readmission.__file__)"
    done = subprocess.run(
        [str(installed / "bin" / "python"), "-c", code], cwd=away, capture_output=True, text=True, check=True
    )
    assert str(installed) in done.stdout


def test_every_command_works_from_the_wheel(installed: Path, away: Path) -> None:
    found = json.loads(run(installed, away, "overview", "--on", "2021-02-10", "--format", "json"))
    assert found["eu_readmission_agreements_in_force"] == 18
    assert "the readmission agreement has been in force since 1 May 2006" in run(
        installed, away, "gaps", "ALB", "--on", "2021-02-10"
    )
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


def test_with_all_extras_the_release_of_the_wheel_is_that_of_its_facts(
    installed: Path, tmp_path: Path
) -> None:
    done = _ran(installed, tmp_path, "build")
    assert done.returncode == 0, done.stderr
    assert "building" not in done.stderr, (
        "the fingerprint in the wheel is not that of the wheel: see building/fingerprint.py and hatch_build.py"
    )


def _ran(environment: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "READMISSION_HOME": str(home)}
    command = [str(environment / "bin" / "readmission"), *arguments]
    return subprocess.run(command, cwd=home, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "question",
    [
        ("gaps", "Georgia", "--on", "2021-02-10"),
        ("why", "Denmark", "Albania", "--on", "2021-02-10"),
        ("overview", "--on", "2021-02-10", "--bilateral"),
        ("matrix", "--on", "2021-02-10"),
        ("network", "--on", "2021-02-10"),
        ("query", "gaps"),
    ],
    ids=lambda question: question[0],
)
def test_who_only_asks_is_answered_the_same(
    asking: Path, tmp_path: Path, home: Path, question: tuple[str, ...]
) -> None:
    start = time.monotonic()
    done = _ran(asking, tmp_path, *question)
    print(f"readmission {question[0]}: {time.monotonic() - start:.2f} s")  # for people: `make bench` judges
    assert done.returncode == 0, done.stderr
    checkout = _ran(Path(sys.prefix), home, *question)
    assert (done.stdout, done.stderr) == (checkout.stdout, checkout.stderr)
    assert not list(tmp_path.iterdir()), "asking copies nothing into the folder of releases"


def test_who_only_asks_installs_little(asking: Path) -> None:
    packages = next(asking.glob("lib/python3*/site-packages"))
    tools = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
    sizes = [
        path.stat().st_size
        for top in packages.iterdir()
        if not top.name.startswith(tools)
        for path in [top, *top.rglob("*")]
        if path.is_file()
    ]
    megabytes = sum(sizes) / 1_000_000
    print(f"installed: {megabytes:.0f} MB in {len(sizes)} files")
    assert megabytes < MEGABYTES, "move what asking does not need to an extra in pyproject.toml"


def test_what_builds_and_serves_is_not_there_for_who_only_asks(asking: Path) -> None:
    modules = [module for several in extras.MODULES.values() for module in several] + ["jpype"]
    code = "import importlib.util, sys; print(*(n for n in sys.argv[1:] if importlib.util.find_spec(n)))"
    command = [str(asking / "bin" / "python"), "-c", code, *modules]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not found, f"the base requires {found}; these belong to an extra"


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("check",), "build"),
        (("import", "table.csv"), "build"),
        (("format",), "build"),
        (("serve",), "serve"),
        (("query", "gaps", "--engine", "http://127.0.0.1:1/"), "external"),
    ],
)
def test_a_command_whose_extra_is_missing_says_what_to_type(
    asking: Path, tmp_path: Path, arguments: tuple[str, ...], extra: str
) -> None:
    done = _ran(asking, tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.endswith(f"type: pip install 'readmission[{extra}]'\n"), done.stderr
    assert done.stderr.count("\n") == 1, f"one line, and no traceback: {done.stderr}"


def test_the_release_of_a_wheel_is_exported_without_what_builds(asking: Path, tmp_path: Path) -> None:
    assert "readmission.nq" in _ran(asking, tmp_path, "export", "out").stdout


def test_every_extra_is_known_by_its_modules() -> None:
    stated = [Requirement(text) for text in requires("readmission") or ()]
    modules = packages_distributions()
    for extra, known in extras.MODULES.items():
        here, base = ({_plain(one.name) for one in stated if _holds(one, of)} for of in (extra, ""))
        named = {_plain(name) for module in known for name in modules[module]}
        absent = here - base - named
        assert not absent, f"extras.py: name the module of {absent} under {extra!r}"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _holds(one: Requirement, extra: str) -> bool:
    return not one.marker or one.marker.evaluate({"extra": extra})


def test_where_nothing_is_packed_and_nothing_builds_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packed_release, "find", lambda: None)
    monkeypatch.setattr(
        extras, "find_spec", lambda name: None if name == "rdflib" else importlib.util.find_spec(name)
    )
    for open_release in (current_release.to_ask, current_release.on_disk):
        with pytest.raises(MissingExtraError, match=r"pip install 'readmission\[build\]'"):
            open_release()


@pytest.fixture(scope="module")
def packed(built: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release as a wheel carries it."""
    assert built.path is not None
    target = tmp_path_factory.mktemp("packed") / built.path.name
    packed_release.pack(built.path, target)
    return target


@pytest.mark.parametrize("name", [packed_release.PACKED, release.MANIFEST_FILE])
@pytest.mark.parametrize("change", ["cut", "flipped", "absent"])
def test_a_packed_release_that_is_not_whole_is_refused(
    packed: Path, tmp_path: Path, name: str, change: str
) -> None:
    broken = tmp_path / packed.name
    shutil.copytree(packed, broken)
    data = bytearray((broken / name).read_bytes())
    middle = len(data) // 2
    data[middle] ^= 1
    (broken / name).write_bytes(data[:middle] if change == "cut" else data)
    if change == "absent":
        (broken / name).unlink()
    with pytest.raises(DamagedReleaseError, match="install the program again"):
        packed_release.load(broken)
    with pytest.raises(DamagedReleaseError, match="install the program again"):
        packed_release.unpack(broken, tmp_path / "home")
    assert not (tmp_path / "home" / packed.name).exists()


def test_a_packed_release_is_unpacked_as_it_was_built(packed: Path, built: Release, tmp_path: Path) -> None:
    found = packed_release.unpack(packed, tmp_path)
    assert (found.version, found.counts) == (built.version, built.counts)
    assert packed_release.load(packed).version == built.version
    assert found.path is not None
    assert built.path is not None
    for name in (release.DATASET_FILE, release.MANIFEST_FILE):
        assert (found.path / name).read_bytes() == (built.path / name).read_bytes()


def test_a_release_that_the_disk_does_not_take_names_the_folder(packed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(packed_release.UnpackError, match="READMISSION_HOME"):
        packed_release.unpack(packed, tmp_path / "file" / "home")


def test_the_import_of_the_library_does_no_work() -> None:
    code = "import sys, readmission; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"networkx", "pyoxigraph", "yaml", "platformdirs", "rdflib", "flask", "msgspec"}
    assert not heavy & set(done.stdout.split()), "import it in readmission/__init__.py where it is used"
