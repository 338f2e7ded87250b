"""Engines of other people, started on the loopback address for a test and ended with it."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from readmission.engine.interface import EngineError
from readmission.engine.remote import RemoteEngine
from readmission.external_engine import GraphStore

VIRTUOSO = """[Database]
DatabaseFile = virtuoso.db
TransactionFile = virtuoso.trx
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = 1000000
"""


class MissingEngineError(RuntimeError):
    """An engine that is not installed; the message says how to install it."""


@dataclass(frozen=True)
class Place:
    """Where an engine listens, and how its graph store is written to."""

    query: str
    graph_store: str
    pid: int
    login: str | None = None
    sql: int | None = None
    """Port of Virtuoso's own protocol, for loading in bulk."""

    def store(self) -> GraphStore:
        return GraphStore(self.graph_store, self.login)


@contextmanager
def oxigraph(*options: str) -> Iterator[Place]:
    """Run the Oxigraph server, with its data in memory."""
    program = Path(sys.executable).with_name("oxigraph")
    if not program.is_file():
        raise MissingEngineError("the Oxigraph server is not installed: pip install --group dev")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(program), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with running(command, None, f"{url}/query") as pid:
        yield Place(f"{url}/query", f"{url}/store", pid)


@contextmanager
def virtuoso(folder: Path, buffers: int = 40_000) -> Iterator[Place]:
    """Run Virtuoso with a new database in a folder, and room in memory for so many pages of 8 kB."""
    program = shutil.which("virtuoso-t")
    if program is None:
        raise MissingEngineError("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    http, sql = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    text = VIRTUOSO.format(sql=sql, http=http, buffers=buffers, dirty=buffers * 3 // 4)
    settings.write_text(text, encoding="ascii")
    url = f"http://127.0.0.1:{http}"
    with running([program, "+foreground", "+configfile", str(settings)], folder, f"{url}/sparql") as pid:
        # the login that every new database has; this one is gone in a moment
        yield Place(f"{url}/sparql", f"{url}/sparql-graph-crud-auth", pid, "dba:dba", sql)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(command: list[str], folder: Path | None, url: str, patience: float = 60) -> Iterator[int]:
    """Run a program until it is no longer needed; yields the process once it answers queries."""
    engine = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(engine, url, patience)
        yield engine.pid
    finally:
        engine.terminate()
        try:
            engine.wait(30)
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()


def _wait(engine: subprocess.Popen[bytes], url: str, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            RemoteEngine(url, timeout=5).results("ASK { <urn:x:a> <urn:x:b> <urn:x:c> }")
            return
        except EngineError:
            if engine.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)
