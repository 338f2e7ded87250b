"""What commands take alike: a day, a category of persons, a format; and numbers that make sense."""

import argparse
import datetime

from readmission import dates, errors
from readmission.answers.coverage import OWN_NATIONALS

_LAST_PORT = 65_535


def add_day(parser: argparse.ArgumentParser) -> None:
    """Add ``--on DATE``."""
    parser.add_argument(
        "--on",
        type=parse_day,
        default=dates.today(),
        metavar="DATE",
        help="the day asked about, as 2024-12-31; today by default",
    )


def add_persons(parser: argparse.ArgumentParser) -> None:
    """Add ``--persons CODE``."""
    text = "the category of persons, such as third-country-nationals; own-nationals by default"
    parser.add_argument("--persons", default=OWN_NATIONALS, metavar="CODE", help=text)


def add_layer(parser: argparse.ArgumentParser, layers: tuple[str, ...]) -> None:
    """Add ``--layer``: which instruments count; the first of the layers by default."""
    text = f"which instruments count: own, those of a state; eu, those of the Union; both; {layers[0]} by default"
    parser.add_argument("--layer", default=layers[0], choices=layers, metavar="LAYER", help=text)


def add_formats(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add ``--format``: a table for people, or one of these."""
    text = f"what to write: {', '.join(('table', *names))}; a table by default"
    parser.add_argument("--format", choices=("table", *names), default="table", metavar="FORMAT", help=text)


def ids(parser: argparse.ArgumentParser) -> None:
    """Add ``--ids``."""
    text = "in the table, show the identifier of each thing in brackets after its name"
    parser.add_argument("--ids", action="store_true", help=text)


def parse_day(text: str) -> datetime.date:
    """Return the day of an argument."""
    try:
        return dates.day(text)
    except errors.DateError as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def parse_positive(text: str) -> float:
    """Return the number of an argument, more than 0."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def parse_count(text: str) -> int:
    """Return the whole number of an argument, 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of an argument; the loopback address where only a port is given."""
    host, _, number = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", parse_port(number)


def parse_port(text: str) -> int:
    """Return the number of a TCP port; 0 leaves the choice to the system."""
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: name a number from 0 to {_LAST_PORT}")
    return int(text)
