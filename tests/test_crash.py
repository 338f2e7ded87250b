"""A program that is killed at any moment leaves facts, releases and exports whole: as before, or as after."""

import csv
import fcntl
import hashlib
import io
import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

import kills
from readmission import canonical, facts, journal, ledger, release, shelf
from readmission.export import export
from readmission.release import Damaged, Release
from readmission.resources import folder
from readmission.tabular import Holdings, ImportRefused, intake

# Pairs of which no real instrument is known; each row is of another file of facts.
TABLE = (
    {
        "european_state": "DEU", "partner": "TON", "kind": "bilateral-readmission-agreement", "nature": "binding",
        "title": "Abkommen über die Rückübernahme", "title_language": "de", "signed": "1998-04",
        "persons": "own-nationals", "source_title": "List of the ministry, 2018", "evidence_level": "official-list",
    },
    {
        "european_state": "ITA", "partner": "NRU", "kind": "memorandum-of-understanding", "nature": "non-binding",
        "title": "Memorandum d’intesa", "title_language": "it", "signed": "2017-02-02", "persons": "own-nationals",
        "source_title": "A newspaper", "source_url": "https://press.example/2016", "evidence_level": "press",
    },
)  # fmt: skip
COLUMNS = sorted({column for row in TABLE for column in row})


def table(path: Path, rows: object = TABLE) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, "")
    writer.writeheader()
    writer.writerows(rows)  # type: ignore[arg-type]
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def digests(top: Path) -> dict[str, str]:
    """The digest of every file below a folder, of those whose names are hidden too."""
    files = (path for path in sorted(top.rglob("*")) if path.is_file())
    return {str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read(graph: Path) -> dict[str, str]:
    """What the next command finds below the folder of facts."""
    with journal.reading(graph):
        return digests(graph)


# --- imports -------------------------------------------------------------------------------------------------------


class Import:
    """An import that is ready to be written into a folder of facts, and the folder before and after it."""

    def __init__(self, top: Path) -> None:
        self.graph = Path(shutil.copytree(folder("graph"), top / "graph"))
        self.before = digests(self.graph)
        self.found = intake.convert(table(top / "table.csv"), Holdings(self.graph))
        after = Path(shutil.copytree(self.graph, top / "after"))
        for change in (*self.found.changes, *self.found.ledger):
            (after / change.file.path.relative_to(self.graph)).write_text(change.file.text, encoding="utf-8")
        self.after = digests(after)
        self.spare = shutil.copytree(self.graph, top / "spare")

    def restore(self) -> None:
        shutil.rmtree(self.graph)
        shutil.copytree(self.spare, self.graph)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Import:
    return Import(tmp_path_factory.mktemp("crash"))


@pytest.fixture
def ready(prepared: Import) -> Iterator[Import]:
    yield prepared
    prepared.restore()


def test_an_import_killed_at_any_change_is_undone_by_the_next_command(
    ready: Import, caplog: pytest.LogCaptureFixture
) -> None:
    at = 0
    for at in kills.each(ready.found.write):
        assert read(ready.graph) == ready.before, f"not as before, after a kill at change {at}"
    assert at > 15, f"{at} changes are fewer than an import makes: does the generator still see them?"
    assert "the import of" in caplog.text
    assert "interrupted; it is undone" in caplog.text
    assert read(ready.graph) == ready.after, "an import that nobody kills is not whole"


def test_an_import_killed_in_the_middle_of_a_file_is_undone(ready: Import) -> None:
    sizes = sorted({len(change.file.text.encode()) // 2 for change in ready.found.changes} | {1, 100})
    for size in sizes:
        assert kills.torn(ready.found.write, size), f"no file of the import is larger than {size} bytes"
        assert read(ready.graph) == ready.before, f"not as before, after a write torn at {size} bytes"


def test_an_undoing_that_is_killed_is_taken_up_again(ready: Import) -> None:
    for last in kills.each(ready.found.write):
        if (ready.graph / journal.JOURNAL).exists():
            at = last
        read(ready.graph)
    ready.restore()
    assert kills.ended(ready.found.write, kills.Kill(at)) < 0
    for again in kills.each(lambda: read(ready.graph)):
        assert (ready.graph / journal.JOURNAL).exists() or digests(ready.graph) == ready.before, again
    assert read(ready.graph) == ready.before


def test_of_two_imports_at_once_one_is_written_and_one_refused(ready: Import) -> None:
    """The second was ready before the first was written, and would lose the first's lines of the ledger."""
    other = intake.convert(ready.graph.with_name("table.csv"), Holdings(ready.graph))
    assert ready.found.write()
    with pytest.raises(ImportRefused, match="has changed since it was read"):
        other.write()
    assert read(ready.graph) == ready.after


def test_facts_that_are_read_are_not_written_meanwhile_nor_the_other_way_round(tmp_path: Path) -> None:
    def busy(kind: int) -> bool:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    with journal.reading(tmp_path):
        assert busy(fcntl.LOCK_EX), "a writer does not wait for readers"
        assert not busy(fcntl.LOCK_SH), "readers wait for each other"
    path, seen = tmp_path / "one.ttl", []

    class Seen(str):
        """A text that tells when it is written."""

        def encode(self, *_: str) -> bytes:
            seen.append(busy(fcntl.LOCK_SH))
            return b""

    journal.write(tmp_path, [journal.Change(path, None, Seen())], "a trial")
    assert seen
    assert all(seen), "readers do not wait for a writer"


# --- journals that cannot be followed ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of facts with a change of three files that was killed before its last step."""
    top = tmp_path_factory.mktemp("half")
    for name in ("one.ttl", "two.ttl"):
        (top / name).write_text("# before\n", encoding="utf-8")
    changes = [
        journal.Change(top / "one.ttl", "# before\n", "# after\n"),
        journal.Change(top / "two.ttl", "# before\n", "# after\n"),
        journal.Change(top / "three.ttl", None, "# after\n"),
    ]

    def unlink(path: Path, **_: bool) -> None:
        if path.name == journal.JOURNAL:
            os.kill(os.getpid(), signal.SIGKILL)

    def write() -> None:
        Path.unlink = unlink  # type: ignore[assignment,method-assign]
        journal.write(top, changes, "the import of t.csv")

    assert kills.ended(write, lambda: None) < 0
    assert {path.name for path in top.iterdir()} == {journal.JOURNAL, "one.ttl", "two.ttl", "three.ttl"}
    assert (top / "one.ttl").read_text(encoding="utf-8") == "# after\n"
    return top


@pytest.fixture
def interrupted(half: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(half, tmp_path / "graph"))


def test_what_somebody_else_has_changed_meanwhile_is_never_overwritten(interrupted: Path) -> None:
    (interrupted / "two.ttl").write_text("# by hand\n", encoding="utf-8")
    before = digests(interrupted)
    for _ in range(2):
        with pytest.raises(journal.Unfinished, match=r"two\.ttl has been changed since.*remove the journal"):
            read(interrupted)
        assert digests(interrupted) == before
    (interrupted / journal.JOURNAL).unlink()
    read(interrupted)


def test_a_journal_with_any_bit_changed_is_not_followed(interrupted: Path) -> None:
    whole = (interrupted / journal.JOURNAL).read_bytes()
    for damage in (*flips(whole, 200, seed=3), b"", whole[:-1], b"[]", b"\xff\xfe"):
        (interrupted / journal.JOURNAL).write_bytes(damage)
        before = digests(interrupted)
        with pytest.raises(journal.Unfinished, match="the journal cannot be read"):
            read(interrupted)
        assert digests(interrupted) == before
    (interrupted / journal.JOURNAL).write_bytes(whole)
    assert set(read(interrupted)) == {"one.ttl", "two.ttl"}


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "link/outside.txt", "./one.ttl"])
def test_a_journal_changes_nothing_outside_its_folder(interrupted: Path, name: str) -> None:
    """A journal may come with somebody else's checkout."""
    from readmission import sealed

    outside = interrupted.with_name("outside.txt")
    outside.write_text("kept", encoding="utf-8")
    (interrupted / "link").symlink_to(interrupted.parent)
    entry = {"name": name, "before": "changed", "after": hashlib.sha256(b"kept").hexdigest()}
    (interrupted / journal.JOURNAL).write_bytes(sealed.dumps({"what": "an import", "files": [entry]}))
    with pytest.raises(journal.Unfinished, match="remove the journal"):
        read(interrupted)
    assert outside.read_text(encoding="utf-8") == "kept"


# --- formatting ----------------------------------------------------------------------------------------------------


def test_a_formatting_killed_at_any_change_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = tmp_path / "graph"
    graph.mkdir()
    for name in "abc":
        text = f"<http://example.org/{name}> <http://example.org/p> 1 , 2 .\n"
        (graph / f"{name}.ttl").write_text(text, encoding="utf-8")
    monkeypatch.setattr(canonical, "folder", lambda name: tmp_path / name)
    before, files = digests(graph), list(facts.below(graph, "graph"))
    for at in kills.each(lambda: canonical.rewrite(files)):
        assert read(graph) == before, f"not as before, after a kill at change {at}"
    after = read(graph)
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())


# --- releases ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Statements enough for a small release."""
    found = ox.Store()
    found.extend(list(facts.load(["ontology"]).quads)[:300])
    return found


@pytest.fixture
def home(tmp_path: Path, store: ox.Store, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for releases of these statements, quickly built; their key is that of no state of the facts."""
    monkeypatch.setattr(release, "key", lambda: "f" * 32)
    monkeypatch.setattr(release, "_derived", lambda _: store)
    monkeypatch.setattr(facts, "load", lambda: None)
    return tmp_path / "home"


def nothing(home: Path) -> None:
    """No release before the first."""


def older(home: Path) -> None:
    """An older release, to which ``current`` points."""
    release.write(new(home / ("0" * 32)), ox.Store())
    shelf.point(home, "0" * 32)


def damaged(home: Path) -> None:
    """A release of the present facts, with a bit changed."""
    release.write(new(home / ("f" * 32)), ox.Store())
    (home / ("f" * 32) / release.DATASET).write_bytes(b"x")
    shelf.point(home, "f" * 32)


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
    for at in kills.each(lambda: release.current(home)):
        if start is older:
            last = release.last(home)
            assert last, f"the last whole release is lost, after a kill at change {at}"
        found = release.current(home)
        assert found == release.last(home), f"not built, after a kill at change {at}"
        assert release.read(home / ("f" * 32)) == found
        assert not [path for path in home.glob(f"{shelf.DRAFT}*") if any(path.iterdir())], (
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
            inner[0] = release.build(home)
        return store

    monkeypatch.setattr(release, "_derived", derived)
    outer = release.build(home)
    assert inner == [outer]
    written = (home / ("f" * 32) / release.DATASET).stat().st_ino
    release.build(home)
    assert (home / ("f" * 32) / release.DATASET).stat().st_ino == written, "the second is not the first one's"


def test_facts_that_change_during_a_build_are_not_released_under_the_old_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(("e" * 32, "f" * 32))
    monkeypatch.setattr(release, "key", lambda: next(keys))
    with pytest.raises(release.BuildRefused, match="changed while they were read"):
        release.build(home)
    assert not home.exists()


def flips(data: bytes, most: int, seed: int) -> list[bytes]:
    """The data with one bit changed, for each bit or for some of them."""
    bits = range(len(data) * 8)
    chosen = bits if len(bits) <= most else random.Random(seed).sample(bits, most)
    return [
        data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :] for bit in chosen
    ]


@pytest.mark.parametrize("name", [release.MANIFEST, release.DATASET])
def test_a_release_with_any_bit_changed_is_refused_where_it_is_named(home: Path, name: str) -> None:
    path = release.build(home).path
    assert path
    whole = (path / name).read_bytes()
    for damage in flips(whole, 800 if name == release.MANIFEST else 400, seed=1):
        (path / name).write_bytes(damage)
        with pytest.raises(Damaged, match=f"{name}: .*copy the release whole, or remove"):
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

    manifest = json.loads((path / release.MANIFEST).read_bytes())
    del manifest["seal"]
    (path / release.MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def cut(path: Path) -> None:
    os.truncate(path / release.DATASET, 1_000)


def flipped(path: Path) -> None:
    data = (path / release.MANIFEST).read_bytes()
    (path / release.MANIFEST).write_bytes(data.replace(b'"version"', b'"vers\xefon"'))


def nested(path: Path) -> None:
    (path / release.MANIFEST).write_bytes(b"[" * 100_000)


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
    before = release.build(home)
    assert before.path
    damage(before.path)
    with pytest.raises(Damaged, match="copy the release whole, or remove"):
        release.read(before.path)
    told: list[str] = []
    assert release.current(home, told.append) == before
    assert len(told) == 1
    assert str(before.path) in told[0]
    assert told[0].endswith("building it again …")
    assert release.last(home) == before
    assert not list(home.glob(f"{shelf.DRAFT}*"))


def test_what_else_lies_beside_the_releases_is_in_nobodys_way(home: Path) -> None:
    home.mkdir()
    (home / f"{shelf.DRAFT}abc").mkdir()
    (home / f"{shelf.DRAFT}abc" / "file").touch()
    (home / f"{shelf.DRAFT}1-pointer").symlink_to("nowhere")
    (home / f"{shelf.DRAFT}{os.getpid()}").touch()
    (home / shelf.CURRENT).mkdir()
    (home / "notes").mkdir()
    found = release.current(home)
    assert release.last(home) == found
    assert {path.name for path in home.iterdir()} == {shelf.LOCK, shelf.CURRENT, "notes", "f" * 32}


def test_a_pointer_that_points_elsewhere_is_mended(home: Path) -> None:
    found = release.build(home)
    for wrong in ("nowhere", "notes", shelf.CURRENT):
        (home / shelf.CURRENT).unlink()
        (home / shelf.CURRENT).symlink_to(wrong)
        assert release.current(home) == found
        assert release.last(home) == found


def test_a_home_that_is_a_file_is_told(home: Path) -> None:
    home.touch()
    with pytest.raises(release.Unwritten, match=r"could not be written into .*READMISSION_HOME"):
        release.current(home)


# --- exports -------------------------------------------------------------------------------------------------------


def test_an_export_killed_at_any_change_is_whole_or_not_there(home: Path, tmp_path: Path) -> None:
    built, target = release.build(home), tmp_path / "kept" / "out"
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


# --- the ledger ----------------------------------------------------------------------------------------------------


def test_the_next_import_counts_on_a_ledger_that_can_be_read(ready: Import) -> None:
    path = ready.graph / ledger.LEDGER
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(ledger.Unreadable, match=r"graph/instruments/bilateral/ledger\.csv:\d+: "):
        intake.convert(ready.graph.with_name("table.csv"), Holdings(ready.graph))
