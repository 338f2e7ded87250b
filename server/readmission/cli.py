"""The command line: ``readmission overview | gaps | why | matrix | query | check | export | serve …``.

Each command is a module of ``readmission.commands`` with ``arguments(parser)`` and ``run(arguments)``, imported only
when it is the one called: asking for help or for a single answer must not wait for what a server or a check needs.
Without a command it shows its help.
Exit status: 0 when all is well, 1 when a check found a violation, 2 when the call or its input was wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from readmission import extras
from readmission.commands.console import take_every_letter
from readmission.commands.version import Version
from readmission.errors import UserError

COMMANDS = {
    "overview": ("overview", "Count what is in force on a date: agreements, arrangements, clauses, negotiations."),
    "gaps": ("gaps", "Show what each Member State has with a country on a date, and what the Union has."),
    "state": ("state", "Show for each partner what a European state has with it on a date."),
    "compare": ("compare", "Show two or more countries, or European states, side by side."),
    "brief": ("brief", "Write what fits on one page about a country, as text or as a page to print."),
    "why": ("why", "Explain what a Member State has with a country, with the source of each reason."),
    "query": ("query", "Ask a question by its name, or run a SPARQL file or standard input (-)."),
    "matrix": ("matrix", "Show what each European state has with each partner on a date."),
    "events": ("events", "Tell what happened in a period: every dated event, with its evidence."),
    "changes": ("changes", "List what an event of a period moved, and why."),
    "network": ("network", "Compare states and partners by their instruments: who is alike, whom to ask."),
    "check": ("check", "Check the facts, or some files; each finding has file and line, and how to correct it."),
    "import": ("intake", "Add a table of bilateral instruments (CSV or Excel), or say which row and column is wrong."),
    "build": ("build", "Build a release from the facts as they are now."),
    "export": ("export", "Write the release as N-Quads, TriG, Turtle and JSON-LD, with checksums."),
    "format": ("format", "Rewrite fact files in the form that the repository keeps."),
    "redirects": ("redirects", "Write the file by which w3id.org sends our IRIs to a server."),
    "serve": ("serve", "Serve the SPARQL endpoint and the pages."),
}  # fmt: skip
"""Every command with its module and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    take_every_letter()
    stated = sys.argv[1:] if argv is None else list(argv)
    called = stated[0] if stated else ""
    if not stated:
        _parser(called).print_help()
        return 0
    try:
        arguments = _parser(called).parse_args(stated)
        run: Callable[[argparse.Namespace], int] = arguments.run
        return run(arguments)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (UserError, OSError) as fault:
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
        prog="readmission",
        description="Ask the Readmission Graph which Member States have an instrument with a country, and why.",
        epilog="`readmission COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action=Version)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        # a command may put another --help in the place of argparse's
        added = subparsers.add_parser(name, help=text, description=text, conflict_handler="resolve")
        added.add_argument("--version", action=Version)
        if name == called:
            command = import_module(f"readmission.commands.{module}")
            command.arguments(added)
            added.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
