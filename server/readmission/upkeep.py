"""Commands that keep the graph: check, build, import, format, export, serve. Each returns the exit status."""

import argparse
import dataclasses
import os
import subprocess
import sys
from typing import Any

from readmission import export, facts, questions, release, resources
from readmission.commands import opened


def check(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when one is a violation."""
    from readmission import checks

    found = checks.check(arguments.files, progress=sys.stderr.isatty())
    for finding in found:
        print(finding)
    grave = sum(finding.severity == "violation" for finding in found)
    print(f"{grave} violations, {len(found) - grave} warnings and remarks", file=sys.stderr)
    return 1 if grave else 0


def build(_: argparse.Namespace) -> int:
    """Build the release of the facts as they are."""
    built = opened()
    print(f"release {built.version}: {built.counts['statements']} statements in {built.path}")
    return 0


def export_(arguments: argparse.Namespace) -> int:
    """Write the release into a new folder."""
    for path in export.export(opened(), arguments.dir):
        print(f"{path} {path.stat().st_size} bytes")
    return 0


def format_(arguments: argparse.Namespace) -> int:
    """Bring fact files into canonical form."""
    from readmission.canonical import rewrite

    chosen = [file for file in facts.load().files if not arguments.files or file.name in arguments.files]
    for path in rewrite(chosen):
        print(f"rewritten: {path}")
    return 0


def import_(arguments: argparse.Namespace) -> int:
    """Take over a table of bilateral instruments; nothing is written when a row is in doubt."""
    from readmission import tabular

    graph = arguments.into or resources.folder("graph")
    if not graph.is_dir():
        raise NotADirectoryError(
            f"--into {graph}: there is no such folder; name the folder graph of a checkout"
        )
    holdings = tabular.Holdings(graph)
    if arguments.template:
        sys.stdout.write(tabular.template())
        print(tabular.guide(holdings.codes), file=sys.stderr)
        return 0
    if arguments.file is None:
        raise questions.ParameterError("name a table, or ask for its header with --template")
    try:
        intake = tabular.prepare(arguments.file, holdings, skip_duplicates=arguments.skip_duplicates)
        written = [] if arguments.dry_run else intake.write()
    except tabular.ImportRefused as refused:
        print(f"readmission import: {refused}", file=sys.stderr)
        return 2
    if arguments.dry_run:
        sys.stdout.write(intake.diff())
    for path in written:
        print(f"written: {path}")
    print(intake.summary(), file=sys.stderr if arguments.dry_run else sys.stdout)
    return 0


def serve(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from readmission.web import serving

    operation = _operation(arguments)

    def prepared() -> tuple[Any, Any]:
        served = _served(arguments)
        return served, _forwarded(arguments, served, operation) if arguments.engine else None

    def next_release() -> tuple[Any, Any]:
        if (
            not arguments.data
        ):  # in a process that gives way, so that it takes no time from the answers of this one
            build = [sys.executable, "-m", "readmission.cli", "build"]
            with subprocess.Popen(build, stdin=subprocess.DEVNULL) as building:
                os.setpriority(os.PRIO_PROCESS, building.pid, 19)
            if building.returncode:
                raise release.BuildRefused("the facts were refused, see above")
        return prepared()

    return serving.run(prepared, next_release, arguments.host, arguments.port, operation)


def _forwarded(arguments: argparse.Namespace, served: Any, operation: Any) -> Any:
    """Return the outside engine, holding the release and tried; raises EngineFault when it may not be relied on."""
    from readmission import outside
    from readmission.remote import Remote

    if arguments.data:
        raise questions.ParameterError(
            "--engine serves the release, and --data other files; choose one of the two"
        )
    store = None
    if arguments.graph_store:
        store = outside.GraphStore(arguments.graph_store, os.environ.get("READMISSION_ENGINE_LOGIN"))
    held = outside.hold(served, Remote(arguments.engine), store, say=_say)
    limits = operation.settings.limits
    faults = outside.tried(held, served, limits.deadline, arguments.despite_faults, say=_say)
    return outside.Forwarded(held, limits, faults)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _operation(arguments: argparse.Namespace) -> Any:
    """Return how to run the server; what the operator does not state stays at its default."""
    from readmission.web import Settings
    from readmission.web.serving import Operation
    from readmission.workers import Limits
    from readmission.workers.limits import MEBIBYTE

    stated = {"deadline": arguments.deadline, "long_slots": arguments.long_queries}
    limits = Limits(**{name: value for name, value in stated.items() if value is not None})
    if arguments.memory is not None:
        limits = dataclasses.replace(limits, memory=arguments.memory * MEBIBYTE)
    return Operation(Settings(limits=limits), arguments.proxy, arguments.metrics)


def _served(arguments: argparse.Namespace) -> Any:
    """Return what to serve: given files, the release of the facts, or the last whole one when they are refused."""
    if arguments.data:
        from readmission.web import Data

        return Data.opened(arguments.data)
    try:
        return opened()
    except release.BuildRefused as fault:
        kept = release.last(release.home())
        if kept is None:
            raise
        print(f"{fault}\nserving the last whole release instead: {kept.version}", file=sys.stderr)
        return kept
