"""Measure the endpoint side by side with the Oxigraph server, rdflib-endpoint and Virtuoso.

    make peers               the release, and a hundred times as many bilateral instruments
    make peers PEERS=--quick the release alone, 16 connections, one round of a second each
    PYTHONPATH=tests .venv/bin/python -m peers --scale 1 --seconds 2 --rounds 3

The servers hold the same statements and run side by side; each is measured in turn, some seconds at a time. What is
not installed is installed (Debian's wrk and Virtuoso, rdflib-endpoint in .venv/peers). Exit status 1 when nothing
could be measured; a target that is missed is told, not an error.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import urllib.error
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers import derived, installing, statements, telling
from benchmarks.peers.load import PATIENCE, Generator
from benchmarks.peers.measuring import Measurement
from benchmarks.peers.questions import questions
from benchmarks.peers.servers import OPENERS, OURS, WAITING, Data, Server, oxigraph
from benchmarks.peers.targets import CONNECTIONS
from harness.outside_engines import MissingEngineError
from readmission import release
from readmission.building import pipeline
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.interface import EngineError

NOTE = f"""Ours runs with every protection on and every limit at its default but one: deadline, memory cap, a
process for each query, shares and turns of each client. Raised: --waiting {WAITING}, for 64 connections are more than
an unknown public may queue. The generator asks as 4,096 clients behind one proxy (--proxy, X-Forwarded-For), so
that no client's share had to be raised; all servers get the same requests. Cold: no text is asked twice. Repeated:
one text again and again, which ours answers from memory; the others have no cache."""


def main() -> int:
    """Measure each scale and print the tables."""
    arguments = _arguments()
    try:
        wrk = installing.debian("wrk", "wrk")
    except MissingEngineError as missing:
        print(f"nothing can be measured: {missing}", file=sys.stderr)
        return 1
    print(NOTE)
    for scale in arguments.scale:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peers-")))
            _scale(scale, arguments, Generator(wrk, folder, arguments.seconds), stack)
    return 0


def _scale(scale: int, arguments: argparse.Namespace, generator: Generator, stack: ExitStack) -> None:
    data = statements.data(scale)
    print(f"\n{scale}x: {data.path.stat().st_size / 1e6:,.0f} MB of statements", flush=True)
    servers, missing = _started(data, generator.folder, stack, (OURS, *arguments.peers))
    for name, reason in missing.items():
        print(f"{name}: {reason}", flush=True)
    if OURS in missing:
        raise SystemExit("our own server did not start, so there is nothing to compare")
    before = {server.name: server.memory for server in servers}
    measurement = Measurement(servers, questions(servers[0]), generator, PATIENCE)
    results = measurement.run(arguments.rounds, arguments.connections)
    print(f"\n{telling.speeds(results, missing)}\n\n{telling.starts(servers, before)}\n")
    print("\n".join(telling.judgements(results, missing)))
    print(f"\nVerdicts derived beforehand against plain queries over the facts alone, {scale}x", flush=True)
    _race(data, servers[0], generator.folder, 2 if arguments.quick else 10)


def _started(
    data: Data, folder: Path, stack: ExitStack, wanted: Sequence[str]
) -> tuple[list[Server], dict[str, str]]:
    """Return the servers that run, ours first, and why the others do not."""
    servers: list[Server] = []
    missing: dict[str, str] = {}
    for name in wanted:
        print(f"starting {name} …", file=sys.stderr, flush=True)
        place = folder / name
        place.mkdir()
        try:
            servers.append(stack.enter_context(OPENERS[name](data, place)))
        except MissingEngineError as reason:
            missing[name] = str(reason)
        except (subprocess.TimeoutExpired, TimeoutError, EngineError):
            missing[name] = f"not ready within {data.patience:g} s"
        except (subprocess.CalledProcessError, urllib.error.URLError, OSError) as fault:
            missing[name] = f"did not start: {fault}"
    return servers, missing


def _race(data: Data, server: Server, folder: Path, many: int) -> None:
    gazetteer = Gazetteer.of(pipeline.current(release.home()).engine)
    try:
        with statements.asserted(data, folder) as facts, oxigraph(facts, folder) as plain:
            found = derived.races(server, plain, gazetteer, PATIENCE, many)
            for line in telling.worth(found):
                print(line, flush=True)
    except MissingEngineError as reason:
        print(f"NONE {reason}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 100], help="how many times the facts")
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement at least")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=list(CONNECTIONS))
    peers = [name for name in OPENERS if name != OURS]
    parser.add_argument(
        "--peers", nargs="+", default=peers, choices=peers, metavar="PEER", help=", ".join(peers)
    )
    text = "the release alone, 16 connections, one round of a second each"
    parser.add_argument("--quick", action="store_true", help=text)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.scale, arguments.connections = [1], [16]
        arguments.seconds, arguments.rounds = 1, 1
    return arguments


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
