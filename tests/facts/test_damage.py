"""Releases and exports that are killed, cut or changed: whole, or told and made anew; never half, never a traceback."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from harness import kills
from harness.kills import digests, flips
from readmission import release
from readmission.building import pipeline
from readmission.building.export import export
from readmission.files import release_folder
from readmission.release import DamagedReleaseError, Release
from readmission.sources import fact_files


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Statements enough for a small release."""
    found = ox.Store()
    found.extend(list(fact_files.load(["ontology"]).quads)[:300])
    return found


@pytest.fixture
def home(tmp_path: Path, store: ox.Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for releases of these statements, quickly built; their key is that of no state of the facts."""
    monkeypatch.setattr(pipeline, "fingerprint", lambda: "f" * 32)
    monkeypatch.setattr(pipeline, "_derive", lambda _: store)
    monkeypatch.setattr(fact_files, "load", lambda: None)
    return tmp_path / "home"


def nothing(home: Path) -> None:
    """No release before the first."""


def older(home: Path) -> None:
    """An older release, to which ``current`` points."""
    pipeline.write(new(home / ("0" * 32)), ox.Store())
    release_folder.point(home, "0" * 32)


def damaged(home: Path) -> None:
    """A release of the present facts, with a bit changed."""
    pipeline.write(new(home / ("f" * 32)), ox.Store())
    (home / ("f" * 32) / release.DATASET_FILE).write_bytes(b"x")
    release_folder.point(home, "f" * 32)


def new(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("start", [nothing, older, damaged])
def test_a_build_killed_at_any_change_is_done_by_the_next_command(
    home: Path, start: Callable[[Path], None]
) -> None:
    start(home)
    spare = home.with_name("spare")
    if home.exists():
        shutil.copytree(home, spare, symlinks=True)
    at = 0
    for at in kills.each(lambda: pipeline.current(home)):
        if start is older:
            last = release.last(home)
            assert last, f"the last whole release is lost, after a kill at change {at}"
        found = pipeline.current(home)
        assert found == release.last(home), f"not built, after a kill at change {at}"
        assert release.read(home / ("f" * 32)) == found
        assert not [path for path in home.glob(f"{release_folder.DRAFT}*") if any(path.iterdir())], (
            f"a draft is left, after a kill at change {at}"
        )
        shutil.rmtree(home)
        if spare.exists():
            shutil.copytree(spare, home, symlinks=True)
    assert at > 8, "there are fewer changes than a build makes: does the generator still see them?"
    assert release.last(home)


def test_of_two_builds_at_once_the_second_takes_the_release_of_the_first(
    home: Path, store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each other's sight or not: while one builds, another begins and ends."""
    inner: list[Release] = []

    def derived(_: object) -> ox.Store:
        if not inner:
            inner.append(Release("", None, {}))  # so that the other build does not begin a third
            inner[0] = pipeline.build(home)
        return store

    monkeypatch.setattr(pipeline, "_derive", derived)
    outer = pipeline.build(home)
    assert inner == [outer]
    written = (home / ("f" * 32) / release.DATASET_FILE).stat().st_ino
    pipeline.build(home)
    assert (home / ("f" * 32) / release.DATASET_FILE).stat().st_ino == written, (
        "the second is not the first one's"
    )


def test_facts_that_change_during_a_build_are_not_released_under_the_old_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(("e" * 32, "f" * 32))
    monkeypatch.setattr(pipeline, "fingerprint", lambda: next(keys))
    with pytest.raises(pipeline.BuildRefusedError, match="changed while they were read"):
        pipeline.build(home)
    assert not home.exists()


@pytest.mark.parametrize("name", [release.MANIFEST_FILE, release.DATASET_FILE])
def test_a_release_with_any_bit_changed_is_refused_where_it_is_named(home: Path, name: str) -> None:
    path = pipeline.build(home).path
    assert path
    whole = (path / name).read_bytes()
    for damage in flips(whole, 800 if name == release.MANIFEST_FILE else 400, seed=1):
        (path / name).write_bytes(damage)
        with pytest.raises(DamagedReleaseError, match=f"{name}: .*copy the release whole, or remove"):
            release.read(path)
    (path / name).write_bytes(whole)
    assert release.read(path)


def emptied(path: Path) -> None:
    for file in path.iterdir():
        file.write_bytes(b"")


def bare(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def without_seal(path: Path) -> None:
    """As a version of the program before seals wrote it."""
    import json

    manifest = json.loads((path / release.MANIFEST_FILE).read_bytes())
    del manifest["seal"]
    (path / release.MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def cut(path: Path) -> None:
    os.truncate(path / release.DATASET_FILE, 1_000)


def flipped(path: Path) -> None:
    data = (path / release.MANIFEST_FILE).read_bytes()
    (path / release.MANIFEST_FILE).write_bytes(data.replace(b'"version"', b'"vers\xefon"'))


def nested(path: Path) -> None:
    (path / release.MANIFEST_FILE).write_bytes(b"[" * 100_000)


def folders(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()
        file.mkdir()


def a_file(path: Path) -> None:
    shutil.rmtree(path)
    path.write_bytes(b"")


def a_loop(path: Path) -> None:
    shutil.rmtree(path)
    path.symlink_to(path)


@pytest.mark.parametrize(
    "damage", [emptied, bare, without_seal, cut, flipped, nested, folders, a_file, a_loop]
)
def test_a_damaged_release_is_built_again_and_the_program_says_so(
    home: Path, damage: Callable[[Path], None]
) -> None:
    before = pipeline.build(home)
    assert before.path
    damage(before.path)
    with pytest.raises(DamagedReleaseError, match="copy the release whole, or remove"):
        release.read(before.path)
    told: list[str] = []
    assert pipeline.current(home, told.append) == before
    assert len(told) == 1
    assert str(before.path) in told[0]
    assert told[0].endswith("building it again …")
    assert release.last(home) == before
    assert not list(home.glob(f"{release_folder.DRAFT}*"))


def test_other_files_beside_the_releases_are_ignored(home: Path) -> None:
    home.mkdir()
    (home / f"{release_folder.DRAFT}abc").mkdir()
    (home / f"{release_folder.DRAFT}abc" / "file").touch()
    (home / f"{release_folder.DRAFT}1-pointer").symlink_to("nowhere")
    (home / f"{release_folder.DRAFT}{os.getpid()}").touch()
    (home / release_folder.CURRENT).mkdir()
    (home / "notes").mkdir()
    found = pipeline.current(home)
    assert release.last(home) == found
    assert {path.name for path in home.iterdir()} == {
        release_folder.LOCK,
        release_folder.CURRENT,
        "notes",
        "f" * 32,
    }


def test_a_wrong_current_link_is_corrected(home: Path) -> None:
    found = pipeline.build(home)
    for wrong in ("nowhere", "notes", release_folder.CURRENT):
        (home / release_folder.CURRENT).unlink()
        (home / release_folder.CURRENT).symlink_to(wrong)
        assert pipeline.current(home) == found
        assert release.last(home) == found


def test_a_home_that_is_a_file_is_reported(home: Path) -> None:
    home.touch()
    with pytest.raises(pipeline.ReleaseWriteError, match=r"could not be written into .*READMISSION_HOME"):
        pipeline.current(home)


def test_a_build_leaves_three_releases_and_those_that_are_in_use(home: Path) -> None:
    paths = [new(home / (digit * 32)) for digit in "01234"]
    for age, path in enumerate(reversed(paths), start=1):
        pipeline.write(path, ox.Store())
        written = 1_700_000_000 - age
        os.utime(path / release.MANIFEST_FILE, (written, written))
    new(home / "notes")
    told: list[str] = []
    with release.read(paths[0]).use():
        found = pipeline.current(home, told.append)
    stay = {paths[0], paths[3], paths[4], found.path}
    left = {path for path in home.iterdir() if (path / release.MANIFEST_FILE).exists()}
    assert left == {*stay, home / release_folder.CURRENT}
    assert (home / "notes").is_dir(), "what is no release is removed"
    assert any(line.startswith("removed 2 old release(s)") for line in told), "say how many are removed"


def test_the_current_release_is_never_removed(home: Path) -> None:
    found = pipeline.build(home)
    assert found.path
    os.utime(found.path / release.MANIFEST_FILE, (0, 0))
    for digit in "01":
        pipeline.write(new(home / (digit * 32)), ox.Store())
    assert len(release_folder.prune(home, release.MANIFEST_FILE, 0)) == 2
    assert release.last(home) == found


# --- exports -------------------------------------------------------------------------------------------------------


def test_an_export_killed_at_any_change_is_whole_or_not_there(home: Path, tmp_path: Path) -> None:
    built, target = pipeline.build(home), tmp_path / "kept" / "out"
    export(built, tmp_path / "right")
    wanted = digests(tmp_path / "right")
    at = 0
    for at in kills.each(lambda: export(built, target)):
        assert not target.exists() or digests(target) in ({}, wanted), f"half, after a kill at change {at}"
        if target.exists():
            target.rmdir()
    assert at > 5
    assert digests(target) == wanted
    assert list(target.parent.iterdir()) == [target], "a draft is left behind"
