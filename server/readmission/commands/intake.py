"""A table of bilateral instruments, taken over whole or refused with row and column."""

import argparse
import sys
from pathlib import Path

from readmission import dates, resources, table_import
from readmission.commands.output import progress, write_bytes
from readmission.errors import ParameterError


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a table: CSV or a workbook (.xlsx)"
    )
    text = "the sheet to read, of a workbook with several"
    parser.add_argument("--sheet", metavar="NAME", help=text)
    text = "print the header row, and help on every column"
    parser.add_argument("--template", action="store_true", help=text)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be written, and write nothing"
    )
    text = "leave out rows with an instrument that is recorded already"
    parser.add_argument("--skip-duplicates", action="store_true", help=text)
    text = "accept all letters as they are, after you have checked that no wrong encoding made them"
    parser.add_argument("--trust-letters", action="store_true", help=text)
    text = "the folder `graph` to write into; the one of this program by default"
    parser.add_argument("--into", type=Path, metavar="DIR", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Take over a table; nothing is written when a row is in doubt."""
    graph = arguments.into or resources.folder("graph")
    if not graph.is_dir():
        raise NotADirectoryError(
            f"--into {graph}: there is no such folder; name the folder graph of a checkout"
        )
    recorded = table_import.RecordedFacts(graph)
    if arguments.template:
        write_bytes(table_import.template().encode())
        print(table_import.guide(recorded.codes), file=sys.stderr)
        return 0
    if arguments.file is None:
        raise ParameterError("name the table to add, or show its header row with --template")
    with progress() as told:
        intake = table_import.prepare(
            arguments.file,
            recorded,
            today=dates.today(),
            skip_duplicates=arguments.skip_duplicates,
            trust_letters=arguments.trust_letters,
            sheet=arguments.sheet,
            progress=told,
        )
    written = [] if arguments.dry_run else intake.write()
    if arguments.dry_run:
        sys.stdout.write(intake.diff())
    for path in written:
        print(f"written: {path}")
    print(intake.summary(), file=sys.stderr if arguments.dry_run else sys.stdout)
    return 0
