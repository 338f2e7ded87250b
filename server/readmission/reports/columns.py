"""The dictionary of columns, ``queries/columns.csv``: what a column of a question holds, and as which type.

A name has one type and one meaning in every question. A row that begins with ``*`` is for all names that end so and
have no row of their own, with their beginning in the place of ``*``; a row that names questions is for those only.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from readmission.resources import folder


@dataclass(frozen=True)
class Column:
    """A row of the dictionary; ``questions`` is empty where it holds for all of them."""

    name: str
    type: str
    meaning: str
    questions: frozenset[str] = frozenset()


def find(name: str, question: str) -> Column:
    """Return what the dictionary says of a column of a question; raises LookupError where it says nothing."""
    for each in _candidates(name):
        if question in each.questions or not each.questions:
            return replace(
                each, name=name, meaning=each.meaning.replace("*", name.removesuffix(each.name[1:]))
            )
    raise LookupError(
        f"{question}: the column {name} is not in queries/columns.csv; add a row, or use a name that is"
    )


def _candidates(name: str) -> Iterator[Column]:
    """Yield rows that may be meant, the narrowest first: those of the name itself before those of its ending."""
    named = sorted((each for each in dictionary() if each.name == name), key=lambda each: not each.questions)
    yield from named
    yield from (each for each in dictionary() if each.name[0] == "*" and name.endswith(each.name[1:]))


@cache
def dictionary() -> tuple[Column, ...]:
    """Return all rows, in the order of the file."""
    with folder("queries").joinpath("columns.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Column(row["column"], row["type"], row["meaning"], frozenset(row["questions"].split()))
            for row in csv.DictReader(file)
        )
