"""Why a Member State is, or is not, covered with a country on a date: the verdict and each premise with its source."""

import argparse
from collections.abc import Iterator, Sequence

from readmission.answers import coverage
from readmission.commands import options
from readmission.commands.output import as_file, opened
from readmission.reports import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("state", help="code or name")
    parser.add_argument("country", help="code or name")
    options.dated(parser)
    options.persons(parser)
    options.formats(parser, "json", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print a verdict and its premises."""
    found = coverage.why(opened(), arguments.state, arguments.country, arguments.on, arguments.persons)
    if arguments.format != "table":
        return as_file(schema.of_why(found), arguments.format)
    print(_told(found))
    return 0


def _told(found: coverage.Why) -> str:
    """Return the verdict for a pair, then each premise with its sources."""
    asked = (
        f"{found.state.name} and {found.country.name} on {found.on}: {found.persons}; release {found.version}"
    )
    premises = [
        "\n".join([*premise, *(line for source in sources for line in source)])
        for premise, sources in _grouped(found.premises).items()
    ]
    told = premises or ["No premise is recorded for this pair."]
    return "\n\n".join(["\n".join([asked, *_verdict(found)]), *told])


def _verdict(found: coverage.Why) -> Iterator[str]:
    if found.row is None:
        yield f"{found.state.name} was no Member State of the Union on that day; instruments may bind it all the same."
        return
    yield f"verdict: {found.row.verdict} ({found.row.rank}); weakest evidence: {found.row.evidence or 'none'}"
    yield f"hint: {found.row.hint or 'none'}"


def _grouped(premises: Sequence[coverage.Premise]) -> dict[tuple[str, str], list[list[str]]]:
    """Return, for each premise as two lines of text, its sources as lines; an address stays on one line."""
    found: dict[tuple[str, str], list[list[str]]] = {}
    for each in premises:
        span = each.date + (f" until {each.until}" if each.until else "")
        head = f"{each.situation}: {each.instrument_name or each.instrument} ({each.instrument})".replace(
            " ()", ""
        )
        told = ", ".join(part for part in (each.source, each.locator) if part)
        source = [f"    {each.level}: {told}", *(f"      {part}" for part in (each.url, each.note) if part)]
        found.setdefault((head, "  " + " ".join(part for part in (span, each.what) if part)), []).append(
            source
        )
    return found
