"""The servers under comparison, each with the same statements: started, loaded, measured, and ended with the bench."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import installing
from harness import outside_engines
from harness.outside_engines import MissingEngineError, free_port
from harness.running import descendants, share

OURS, OXIGRAPH, RDFLIB, VIRTUOSO = "ours", "oxigraph", "rdflib-endpoint", "virtuoso"
WAITING = 128
"""Queries that may wait at ours: the load generator has up to 64 connections, more than an unknown public may queue."""


@dataclass(frozen=True)
class Server:
    """A server that is ready, and how long it took from its start through loading to its first answer."""

    name: str
    url: str
    pid: int
    seconds: float

    @property
    def processes(self) -> list[int]:
        """All its processes."""
        return [self.pid, *descendants(self.pid)]

    @property
    def memory(self) -> float:
        """MiB that its processes take, what they share counted once."""
        return sum(map(share, self.processes)) / 1024


@dataclass(frozen=True)
class Data:
    """N-Quads to load. ``release``: our server finds the same statements by itself, as the release."""

    path: Path
    release: bool
    patience: float
    """Seconds that a server may take to load them."""

    @property
    def pages(self) -> int:
        """Pages of memory for Virtuoso: as much as the data take as text."""
        return 40_000 + self.path.stat().st_size // 8192


Opener = Callable[[Data, Path], AbstractContextManager[Server]]


@contextmanager
def ours(data: Data, _: Path) -> Iterator[Server]:
    """Run ``readmission serve`` as an operator does behind a proxy, every protection on."""
    program, port, begun = Path(sys.executable).with_name("readmission"), free_port(), time.monotonic()
    command = [str(program), "serve", "--port", str(port), "--proxy", "127.0.0.1", "--waiting", str(WAITING)]
    command += [] if data.release else ["--data", str(data.path)]
    url = f"http://127.0.0.1:{port}/sparql"
    with outside_engines.running(command, None, url, data.patience) as pid:
        yield Server(OURS, url, pid, time.monotonic() - begun)


@contextmanager
def oxigraph(data: Data, _: Path) -> Iterator[Server]:
    """Run the Oxigraph server with the data in memory, where it is fastest."""
    begun = time.monotonic()
    with outside_engines.oxigraph("--union-default-graph") as place:
        url = f"{place.graph_store}?no_transaction"
        with data.path.open("rb") as statements:
            headers = {"Content-Type": "application/n-quads", "Content-Length": str(data.path.stat().st_size)}
            request = urllib.request.Request(url, statements, headers, method="POST")
            urllib.request.urlopen(request, timeout=data.patience).close()
        yield Server(OXIGRAPH, place.query, place.pid, time.monotonic() - begun)


@contextmanager
def rdflib(data: Data, _: Path) -> Iterator[Server]:
    """Run rdflib-endpoint; its default graph is the union of the named graphs."""
    program, port, begun = installing.rdflib_endpoint(), free_port(), time.monotonic()
    command = [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), str(data.path)]
    url = f"http://127.0.0.1:{port}/"
    with outside_engines.running(command, None, url, data.patience) as pid:
        yield Server(RDFLIB, url, pid, time.monotonic() - begun)


@contextmanager
def virtuoso(data: Data, folder: Path) -> Iterator[Server]:
    """Run Virtuoso with a new database, loaded by its bulk loader; its default graph is all graphs."""
    for program in ("virtuoso-t", "isql-vt"):
        installing.debian(program, "virtuoso-opensource-7-bin")
    begun = time.monotonic()
    with outside_engines.virtuoso(folder, data.pages) as place:
        (folder / "statements.nq").symlink_to(data.path)
        order = "ld_dir('.', 'statements.nq', 'urn:x:none'); rdf_loader_run(); checkpoint;"
        command = ["isql-vt", f"127.0.0.1:{place.sql}", "dba", "dba", f"exec={order}"]
        subprocess.run(command, capture_output=True, timeout=data.patience, check=True)
        yield Server(VIRTUOSO, place.query, place.pid, time.monotonic() - begun)


OPENERS: dict[str, Opener] = {OURS: ours, OXIGRAPH: oxigraph, RDFLIB: rdflib, VIRTUOSO: virtuoso}

__all__ = [
    "OPENERS",
    "OURS",
    "OXIGRAPH",
    "RDFLIB",
    "VIRTUOSO",
    "WAITING",
    "Data",
    "MissingEngineError",
    "Server",
    "oxigraph",
]
