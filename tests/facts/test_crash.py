"""Facts that are changed by a program that is killed at any moment are whole: as before, or as after."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import kills
from harness.kills import digests, flips
from harness.prepared import Import, read
from readmission import dates
from readmission.files import disk, journal
from readmission.sources import fact_files, formatting, ledger
from readmission.table_import import ImportRefusedError, RecordedFacts, importing

# --- imports -------------------------------------------------------------------------------------------------------


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


def test_a_killed_rollback_is_resumed(ready: Import) -> None:
    at = 0
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
    other = importing.convert(
        ready.graph.with_name("table.csv"), RecordedFacts(ready.graph), today=dates.today()
    )
    assert ready.found.write()
    with pytest.raises(ImportRefusedError, match="has changed since it was read"):
        other.write()
    assert read(ready.graph) == ready.after


def test_the_next_import_counts_on_a_ledger_that_can_be_read(ready: Import) -> None:
    path = ready.graph / ledger.LEDGER
    path.write_bytes(path.read_bytes()[:5_000])
    with pytest.raises(ledger.LedgerError, match=r"graph/instruments/bilateral/ledger\.csv:\d+: "):
        importing.convert(ready.graph.with_name("table.csv"), RecordedFacts(ready.graph), today=dates.today())


def test_facts_that_are_read_are_not_written_meanwhile_nor_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    seen, save = [], disk.save

    def seeing(path: Path, data: bytes) -> None:
        seen.append(busy(fcntl.LOCK_SH))
        save(path, data)

    monkeypatch.setattr(disk, "save", seeing)
    journal.write(tmp_path, [journal.FileChange(tmp_path / "one.ttl", None, "# one\n")], "a trial")
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
        journal.FileChange(top / "one.ttl", "# before\n", "# after\n"),
        journal.FileChange(top / "two.ttl", "# before\n", "# after\n"),
        journal.FileChange(top / "three.ttl", None, "# after\n"),
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


def test_files_changed_by_others_are_never_overwritten(interrupted: Path) -> None:
    (interrupted / "two.ttl").write_text("# by hand\n", encoding="utf-8")
    before = digests(interrupted)
    for _ in range(2):
        with pytest.raises(
            journal.UnfinishedChangesError, match=r"two\.ttl has been changed since.*remove the journal"
        ):
            read(interrupted)
        assert digests(interrupted) == before
    (interrupted / journal.JOURNAL).unlink()
    read(interrupted)


def test_a_rollback_is_logged(interrupted: Path) -> None:
    program = (
        "import sys, pathlib; from readmission.sources import fact_files;"
        "fact_files.read_folder(pathlib.Path(sys.argv[1]), 'graph')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(interrupted)], check=False, capture_output=True, text=True
    )
    told = "the import of t.csv was interrupted; it is undone, and the files are as before it: run it again\n"
    assert (done.returncode, done.stderr) == (0, told)
    assert set(digests(interrupted)) == {"one.ttl", "two.ttl"}


def test_a_damaged_journal_is_refused(interrupted: Path) -> None:
    whole = (interrupted / journal.JOURNAL).read_bytes()
    for damage in (*flips(whole, 200, seed=3), b"", whole[:-1], b"[]", b"\xff\xfe"):
        (interrupted / journal.JOURNAL).write_bytes(damage)
        before = digests(interrupted)
        with pytest.raises(journal.UnfinishedChangesError, match="the journal cannot be read"):
            read(interrupted)
        assert digests(interrupted) == before
    (interrupted / journal.JOURNAL).write_bytes(whole)
    assert set(read(interrupted)) == {"one.ttl", "two.ttl"}


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "link/outside.txt", "./one.ttl"])
def test_a_journal_changes_nothing_outside_its_folder(interrupted: Path, name: str) -> None:
    """A journal may come with somebody else's checkout."""
    from readmission.files import digest_json

    outside = interrupted.with_name("outside.txt")
    outside.write_text("kept", encoding="utf-8")
    (interrupted / "link").symlink_to(interrupted.parent)
    entry = {"name": name, "before": "changed", "after": hashlib.sha256(b"kept").hexdigest()}
    (interrupted / journal.JOURNAL).write_bytes(digest_json.dumps({"what": "an import", "files": [entry]}))
    with pytest.raises(journal.UnfinishedChangesError, match="remove the journal"):
        read(interrupted)
    assert outside.read_text(encoding="utf-8") == "kept"


# --- formatting ----------------------------------------------------------------------------------------------------


def test_a_formatting_killed_at_any_change_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = tmp_path / "graph"
    graph.mkdir()
    for name in "abc":
        text = f"<http://example.org/{name}> <http://example.org/p> 1 , 2 .\n"
        (graph / f"{name}.ttl").write_text(text, encoding="utf-8")
    monkeypatch.setattr(formatting, "folder", lambda name: tmp_path / name)
    before, files = digests(graph), list(fact_files.read_folder(graph, "graph"))
    for at in kills.each(lambda: formatting.rewrite(files)):
        assert read(graph) == before, f"not as before, after a kill at change {at}"
    after = read(graph)
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())
