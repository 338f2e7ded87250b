"""The command line: ``readmission overview | gaps | why | matrix | query | check | export | serve …``.

Each command is a module of ``readmission.commands`` with ``arguments(parser)`` and ``run(arguments)``, imported only
when it is the one called: asking for help or for a single answer must not wait for what a server or a check needs.
Exit status: 0 when all is well, 1 when a check found a violation, 2 when the call or its input was wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from readmission import extras
from readmission.commands.console import take_every_letter
from readmission.errors import UserFault

COMMANDS = {
    "overview": ("overview", "The state of the whole field on a date."),
    "gaps": ("gaps", "One row per Member State: what covers it with a country on a date."),
    "why": ("why", "The verdict for a Member State and a country, and each premise with its source."),
    "query": ("query", "Ask a question by name, a SPARQL file, or standard input (-)."),
    "matrix": ("matrix", "A verdict for each European state and each partner on a date."),
    "changes": ("changes", "The pairs whose verdict differs between two dates, and the events."),
    "network": ("network", "Who has instruments with whom: who is alike, whom to ask, what one more would close."),
    "check": ("check", "Check the facts, or some files: file:line: severity: what is wrong: how to mend it."),
    "import": ("intake", "Take over a table of bilateral instruments (CSV), or refuse it with row and column."),
    "build": ("build", "Build the release of the facts as they are."),
    "export": ("export", "Write the release as N-Quads, TriG, Turtle and JSON-LD with checksums."),
    "format": ("format", "Bring fact files into the one form the repository keeps."),
    "serve": ("serve", "Serve the endpoint and the pages."),
}  # fmt: skip
"""Every command with its module and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    take_every_letter()
    stated = sys.argv[1:] if argv is None else list(argv)
    called = stated[0] if stated else ""
    try:
        arguments = _parser(called).parse_args(stated)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (UserFault, OSError) as fault:
        return _tell(called, fault)
    except ModuleNotFoundError as fault:
        if missing := extras.explain(fault):
            return _tell(called, missing)
        raise
    except KeyboardInterrupt:
        return 130


def _tell(called: str, fault: Exception) -> int:
    print(f"readmission {called}: {fault}", file=sys.stderr)
    return 2


def _parser(called: str) -> argparse.ArgumentParser:
    """Return a parser that knows all commands by name, and the arguments of the one that is called."""
    parser = argparse.ArgumentParser(
        prog="readmission", description="The knowledge graph of the EU's readmission instruments."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        added = subparsers.add_parser(name, help=text, description=text)
        if name == called:
            command = import_module(f"readmission.commands.{module}")
            command.arguments(added)
            added.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
