"""The endpoint and the pages, served until interrupted."""

import argparse
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from readmission import current_release, release
from readmission.building import pipeline
from readmission.commands import options
from readmission.commands.output import print_message
from readmission.engine.execution import QueryService
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.errors import ParameterError
from readmission.release import Release
from readmission.web.app import Data, Dataset, Settings
from readmission.web.server import server
from readmission.web.server.server import ServerOptions
from readmission.workers.system import memory

_NICE_BUILD = 19


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    text = "the address to listen on; 127.0.0.1 by default"
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=text)
    text = "the port to listen on; 8000 by default, and 0 for any that is free"
    parser.add_argument("--port", type=options.parse_port, default=8000, metavar="PORT", help=text)
    text = "serve these RDF files instead of the built-in graph"
    parser.add_argument("--data", nargs="+", type=Path, metavar="FILE", help=text)
    _add_limits(parser)
    _add_outside(parser)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    """Add what an operator may say of queries from outside; the limits in force stand at ``/limits``."""
    text = "stop a query after this many seconds; 10 by default"
    parser.add_argument("--deadline", type=options.parse_positive, metavar="SECONDS", help=text)
    text = "memory in MiB that one query may use; 512 by default, less where the machine has less"
    parser.add_argument("--memory", type=options.parse_count, metavar="MIB", help=text)
    text = "how many long queries run at a time; by default one for each processor, but at least two"
    parser.add_argument("--long-queries", type=options.parse_count, metavar="COUNT", help=text)
    text = "how many short queries may wait for a worker, and how many long ones; 32 and 16 by default"
    parser.add_argument("--waiting", type=options.parse_count, metavar="COUNT", help=text)
    text = "address of the proxy in front; its X-Forwarded-For, -Proto, -Host and -Prefix are trusted"
    parser.add_argument("--proxy", metavar="ADDRESS", help=text)
    text = "serve metrics for Prometheus at this place, such as 9464 (on 127.0.0.1) or 10.0.0.5:9464"
    parser.add_argument("--metrics", type=options.parse_address, metavar="[HOST:]PORT", help=text)
    text = "lines of JSON on standard error: for each query and each request (the default), for queries alone, or none"
    parser.add_argument("--log", choices=("all", "queries", "none"), default="all", help=text)


def _add_outside(parser: argparse.ArgumentParser) -> None:
    """Add what it takes to answer public queries from an existing SPARQL engine."""
    group = parser.add_argument_group("another SPARQL engine that answers the queries of /sparql and /graphs")
    text = "its SPARQL 1.1 query address; it is tested before it is used"
    group.add_argument("--engine", metavar="URL", help=text)
    text = (
        "its address for the Graph Store Protocol, to load the release into it where it does not hold it yet; if it "
        "needs a login, set READMISSION_ENGINE_LOGIN=user:password in the environment"
    )
    group.add_argument("--graph-store", metavar="URL", help=text)
    text = "serve even if the engine answers some questions wrongly: without these questions, which /limits lists"
    group.add_argument("--despite-faults", action="store_true", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; on SIGHUP, serve the newest release from when it is ready."""
    options = _server_options(arguments)

    def prepare() -> tuple[Dataset, QueryService | None]:
        served = _open_dataset(arguments)
        limits = options.settings.limits
        return served, _open_engine(arguments, served, limits) if arguments.engine else None

    def next_release() -> tuple[Dataset, QueryService | None]:
        if not arguments.data:
            _build_apart()
        return prepare()

    return server.run(prepare, next_release, arguments.host, arguments.port, options)


def _build_first(top: Path, say: release.Say) -> Release:
    """Build in another process, whose memory goes with it; the port answers 503 meanwhile."""
    say("until a release is built, requests are answered with 503 (come back later)")
    _build_apart(niceness=0)
    found = release.last(top)
    assert found, "a build has made it current"
    return found


def _build_apart(niceness: int = _NICE_BUILD) -> None:
    """Build in a process of its own; by default it gives way, so that it takes no time from the answers of this one."""
    command = [sys.executable, "-m", "readmission.cli", "build"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr) as building:
        os.setpriority(os.PRIO_PROCESS, building.pid, niceness)
        memory.raise_oom_score(memory.OOM_SCORE_WORKER, building.pid)
    if building.returncode:
        raise pipeline.BuildError("nothing was built, see above")


def _server_options(arguments: argparse.Namespace) -> ServerOptions:
    """Return how to run the server; what the operator does not state stays at its default."""
    stated = {"deadline": arguments.deadline, "long_slots": arguments.long_queries}
    stated |= {"quick_queue": arguments.waiting, "long_queue": arguments.waiting}
    limits = Limits(**{name: value for name, value in stated.items() if value is not None})
    if arguments.memory is not None:
        limits = replace(limits, memory=arguments.memory * MEBIBYTE)
    return ServerOptions(Settings(limits=limits), arguments.proxy, arguments.metrics, arguments.log)


def _open_dataset(arguments: argparse.Namespace) -> Dataset:
    """Return what to serve: given files, the release of the facts, or the last whole one when there is no new one."""
    if arguments.data:
        return Data.open(arguments.data)
    try:
        return current_release.on_disk(print_message, _build_first)
    except pipeline.BuildError as fault:
        kept = release.last(release.home())
        if kept is None:
            raise
        print_message(f"{fault}\nserving the last whole release instead: {kept.version}")
        return kept


def _open_engine(arguments: argparse.Namespace, served: Dataset, limits: Limits) -> QueryService:
    """Return the outside engine, holding the release and tried; raises EngineError when it may not be relied on."""
    from readmission import external_engine
    from readmission.engine.remote import RemoteEngine

    if isinstance(served, Data):
        raise ParameterError("--engine serves the release, and --data other files; choose one of the two")
    store = None
    if arguments.graph_store:
        store = external_engine.GraphStore(arguments.graph_store, os.environ.get("READMISSION_ENGINE_LOGIN"))
    held = external_engine.ensure_loaded(served, RemoteEngine(arguments.engine), store, say=print_message)
    faults = external_engine.check_engine(
        held, served, limits.deadline, arguments.despite_faults, say=print_message
    )
    return external_engine.ForwardingService(held, limits, faults)
