"""Releases: the same bytes from the same sources, and never a half one, whenever a build is killed."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from harness.running import started
from harness.wire import Client, get_query
from readmission import release, resources
from readmission.building import pipeline
from readmission.building.export import ExportError, export
from readmission.engine.embedded import EmbeddedEngine, load_files
from readmission.files import release_folder
from readmission.release import DATASET_FILE, Release
from readmission.web.app import create_app

# The checks write nothing; they are left out here because each test builds many times.
BUILD = (
    "from readmission import release; from readmission.building import checks, pipeline;"
    "checks.examine = lambda bench: [];"
    "pipeline.current(release.home())"
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the program and its data, as in a checkout somewhere else."""
    return copied(tmp_path / "sources")


def copied(target: Path) -> Path:
    for name in resources.FOLDERS:
        shutil.copytree(resources.folder(name), target / name)
    package = Path(release.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "data")
    shutil.copytree(package, target / "server" / "readmission", ignore=ignored)
    return target


def start(sources: Path, home: Path, seed: str = "0") -> subprocess.Popen[bytes]:
    surroundings = os.environ | {
        "PYTHONPATH": str(sources / "server"), "READMISSION_HOME": str(home), "PYTHONHASHSEED": seed,
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", BUILD], env=surroundings, cwd=sources)


def build(sources: Path, home: Path, seed: str = "0") -> Release:
    assert start(sources, home, seed).wait(timeout=120) == 0
    found = release.last(home)
    assert found
    return found


def whole(path: Path) -> bool:
    """Whether a release's bytes are those its manifest promises."""
    import json

    stated = json.loads((path / release.MANIFEST_FILE).read_text())["sha256"]
    return bool(stated == hashlib.sha256((path / release.DATASET_FILE).read_bytes()).hexdigest())


def releases(home: Path) -> list[Path]:
    return [
        path for path in home.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] != "."
    ]


def test_two_builds_in_different_folders_give_identical_bytes(tmp_path: Path) -> None:
    one = build(copied(tmp_path / "one"), tmp_path / "home-one", seed="1")
    other = build(copied(tmp_path / "elsewhere" / "two"), tmp_path / "home-two", seed="2")
    assert one.path
    assert other.path
    for name in (release.DATASET_FILE, release.MANIFEST_FILE):
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
    assert one.path.name == other.path.name
    assert one.version == other.version


@pytest.mark.parametrize("kills", [4, pytest.param(11, marks=pytest.mark.slow)])
def test_a_build_killed_at_any_moment_leaves_the_last_release(
    sources: Path, tmp_path: Path, kills: int
) -> None:
    home = tmp_path / "home"
    first = build(sources, home)
    change(sources)
    began = time.monotonic()
    finished = start(sources, tmp_path / "measured")
    finished.wait(timeout=120)
    length = time.monotonic() - began
    for part in range(1, kills + 2):
        process = start(sources, home)
        wait_for_kill(process, home, length * part / kills)
        last = release.last(home)
        assert last, f"no release after a kill at part {part} of {kills}"
        assert all(whole(path) for path in releases(home)), (
            f"half a release after a kill at part {part} of {kills}"
        )
        if last.version != first.version:  # this one was quicker than its kill: a whole new release
            break
    after = build(sources, home)
    assert after.version != first.version
    assert not list(home.glob(f"{release_folder.DRAFT}*")), "a killed build left its draft behind"


def wait_for_kill(process: subprocess.Popen[bytes], home: Path, seconds: float) -> None:
    """Kill after so many seconds, or, in the last parts, as soon as the draft appears."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if seconds > 1 and any(home.glob(f"{release_folder.DRAFT}*")):
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()


# The command line without the checks, with no file larger than the second argument's bytes where there is one.
PROGRAM = """
import resource, sys
from readmission import cli
from readmission.building import checks
checks.examine = lambda bench: []
if limit := int(sys.argv.pop(1)):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(cli.main())
"""
LARGEST = {"a limit": 1_000_000, "a full disk": 0}


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A program with few facts, and a home with its release, some megabytes large; both to be copied."""
    top = tmp_path_factory.mktemp("little")
    shutil.rmtree(copied(top / "sources") / "graph" / "instruments")
    build(top / "sources", top / "home")
    return top / "sources", top / "home"


@pytest.fixture
def few(little: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of that program."""
    shutil.copytree(little[0], tmp_path / "few")
    return tmp_path / "few"


@pytest.fixture
def small(little: tuple[Path, Path], tmp_path: Path) -> Iterator[Path]:
    """A file system that holds one such release, and no two."""
    place = tmp_path / "small"
    place.mkdir()
    size = (little[1] / "current" / "dataset.nq").stat().st_size * 3 // 2
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("NOT TESTED with a full disk: there is no mount here")
    if mounted.returncode:
        pytest.skip(f"NOT TESTED with a full disk: {mounted.stderr.strip()}")
    yield place / "home"
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("reason", LARGEST)
def test_a_full_disk_leaves_the_last_release(
    little: tuple[Path, Path], few: Path, tmp_path: Path, reason: str, request: pytest.FixtureRequest
) -> None:
    home = tmp_path / "home" if reason == "a limit" else request.getfixturevalue("small")
    shutil.copytree(little[1], home, symlinks=True)
    first = release.last(home)
    assert first
    change(few)
    surroundings = os.environ | {"PYTHONPATH": str(few / "server"), "READMISSION_HOME": str(home)}
    program = (sys.executable, "-c", PROGRAM, str(LARGEST[reason]))
    done = subprocess.run(
        [*program, "build"], env=surroundings, cwd=few, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert str(home) in done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert release.last(home) == first
    left = [path for path in home.iterdir() if path.name not in (release_folder.CURRENT, release_folder.LOCK)]
    assert left == [first.path], "a draft was left behind"
    assert whole(home / "current")
    with started(tmp_path, surroundings=surroundings, program=program) as server:
        told = Client(server.port).send(get_query("ASK {}"))
        assert told.headers["x-release"] == first.version
        assert f"serving the last whole release instead: {first.version}" in server.log.read_text()


def test_a_damaged_release_is_never_served(little: tuple[Path, Path], few: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(little[1], home, symlinks=True)
    first = release.last(home)
    assert first
    assert first.path
    statements = (first.path / release.DATASET_FILE).read_bytes()
    for damage in (
        statements[: statements.index(b"\n", 10_000) + 1],
        statements.replace(b"2020", b"2021", 1),
        b"",
    ):
        (first.path / release.DATASET_FILE).write_bytes(damage)
        with pytest.raises(release.DamagedReleaseError, match="built again"):
            release.last(home)
    assert build(few, home).version == first.version, "the program does not build it again by itself"
    shutil.rmtree(first.path)
    assert release.last(home) is None


def test_a_deleted_release_is_still_served(little: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(little[1], tmp_path / "home", symlinks=True)
    served = release.last(tmp_path / "home")
    assert served
    assert served.path
    client = create_app(served).test_client()
    file = client.get("/dataset.nq")
    assert file.data == (served.path / release.DATASET_FILE).read_bytes()
    assert file.headers["ETag"] == f'"{served.version}"', "replicas give the same file the same tag"
    file.close()
    shutil.rmtree(served.path)
    assert client.get("/dataset.nq").status_code == 404
    everything = "SELECT (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } }"
    told = client.get("/sparql.csv", query_string={"query": everything})
    assert told.text.split() == ["n", str(served.counts["statements"])]
    assert client.get("/countries/GEO").status_code == 200


def test_a_release_that_is_served_is_not_removed_until_the_server_ends(
    little: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(little[1], home, symlinks=True)
    served = release.last(home)
    assert served
    surroundings = os.environ | {"PYTHONPATH": str(little[0] / "server"), "READMISSION_HOME": str(home)}
    program = (sys.executable, "-c", PROGRAM, "0")
    with started(tmp_path, surroundings=surroundings, program=program):
        (home / release_folder.CURRENT).unlink()
        assert not release_folder.prune(home, release.MANIFEST_FILE, 0), (
            "the release of a running server was removed"
        )
    assert release_folder.prune(home, release.MANIFEST_FILE, 0) == [served.path]


def change(sources: Path) -> None:
    """Change a fact, so that there is another release to build."""
    fact = sources / "graph" / "dataset.ttl"
    fact.write_text(fact.read_text().replace("Readmission Graph", "Readmission Graph, changed"))


def test_facts_with_a_violation_are_not_released(sources: Path, tmp_path: Path) -> None:
    path = sources / "graph" / "instruments" / "eu" / "geo.ttl"
    path.write_text(path.read_text().replace("code:entry-into-force", "code:entry-into-farce"))
    command = [sys.executable, "-m", "readmission.cli", "build"]
    surroundings = os.environ | {
        "PYTHONPATH": str(sources / "server"),
        "READMISSION_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, cwd=sources)
    assert done.returncode == 2
    assert "graph/instruments/eu/geo.ttl:" in done.stderr
    assert not (tmp_path / "home").exists() or not releases(tmp_path / "home")


def test_a_release_is_found_again_and_not_built_twice(built: Release, home: Path) -> None:
    assert built.path
    written = (built.path / release.DATASET_FILE).stat().st_mtime_ns
    assert pipeline.current(home).version == built.version
    assert (built.path / release.DATASET_FILE).stat().st_mtime_ns == written


def test_an_export_holds_the_same_statements_in_every_form(built: Release, tmp_path: Path) -> None:
    import pyoxigraph as ox

    files = {path.name: path for path in export(built, tmp_path / "out")}
    assert set(files) == {
        "SHA256SUMS",
        "readmission.jsonld",
        "readmission.nq",
        "readmission.trig",
        "readmission.ttl",
    }
    kinds = {"nq": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "jsonld": ox.RdfFormat.JSON_LD}
    wanted = pipeline.lines(ox.parse(path=str(files["readmission.nq"]), format=kinds["nq"]))
    assert "".join(wanted) == files["readmission.nq"].read_text(), "the N-Quads are not canonical"
    for end in ("trig", "jsonld"):
        found = pipeline.lines(ox.parse(path=str(files[f"readmission.{end}"]), format=kinds[end]))
        assert found == wanted, f"readmission.{end} differs from the N-Quads"
    triples = {str(quad.triple) for quad in ox.parse(path=str(files["readmission.nq"]), format=kinds["nq"])}
    turtle = list(ox.parse(path=str(files["readmission.ttl"]), format=ox.RdfFormat.TURTLE))
    assert len(turtle) == len(triples)
    sums = [line.split("  ") for line in files["SHA256SUMS"].read_text().splitlines()]
    assert {name for _, name in sums} == set(files) - {"SHA256SUMS"}
    for stated, name in sums:
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == stated, name


def test_an_export_never_mixes_with_other_files(built: Release, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(ExportError, match="not empty"):
        export(built, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_a_release_is_read_without_checks_exactly_as_with_them(built: Release) -> None:
    """Reading skips the validation of what the build has validated; that must not change a single statement."""
    assert built.path is not None
    checked = load_files([built.path / DATASET_FILE])
    quick = load_files([built.path / DATASET_FILE], trusted=True)

    def named(engine: EmbeddedEngine) -> set[ox.Quad]:  # blank nodes get new names each time
        return {quad for quad in engine.store if ox.BlankNode not in map(type, (quad.subject, quad.object))}

    assert len(checked.store) == len(quick.store)
    assert named(checked) == named(quick), (
        "write the data set as the strict reader reads it (language tags, IRIs)"
    )
