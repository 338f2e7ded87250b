"""What a question asks, takes and answers: each parameter with meaning, default and example, and each column."""

import shlex
from collections.abc import Iterator, Mapping

from readmission import columns, dates
from readmission.questions import Parameter, Question
from readmission.reports.terminal.table import paragraph

KINDS = {
    "date": ("a day", "2024-12-31"),
    "integer": ("a whole number", "12"),
    "country": ("a country or territory, by code or by name in any language of the EU", "Georgia"),
    "state": ("a European state, by code or by name in any language of the EU", "Germany"),
    "any-country": ("any, or a country or state by code or by name in any language of the EU", "Georgia"),
    "persons": ("a category of persons", "third-country-nationals"),
    "standing": ("what a state is to the Union, or any", "associated"),
    "code": ("a code in lower case", "own-nationals"),
    "instrument": ("an identifier, the last two parts of an address", "eura/geo"),
    "language": ("a language code", "de"),
    "text": ("any text", "visa"),
}
"""For each type of parameter, what a value of it is, with an example."""


def question_help(question: Question) -> str:
    """Return the help on a question, folded to the terminal's width."""
    parts = [
        f"usage: readmission query {shlex.quote(question.name)} [--param NAME=VALUE] [--format FORMAT] [--ids]",
        paragraph(question.summary),
        paragraph(question.description),
        "\n".join(_parameters(question)),
        "\n".join(_columns(question)),
        "\n".join(["example:", f"  {_example(question)}"]),
        "The other options are those of `readmission query --help`.",
    ]
    return "\n\n".join(part for part in parts if part)


def _parameters(question: Question) -> Iterator[str]:
    if not question.parameters:
        yield "parameters: none"
        return
    yield "parameters:"
    for parameter in question.parameters:
        what, example = KINDS[parameter.kind]
        told = f"{parameter.description.rstrip('.')}: " if parameter.description else ""
        yield f"  {parameter.name}"
        yield paragraph(
            f"{told}{what}, such as {_stated(parameter, example)}; by default {parameter.default}", "      "
        )


def _columns(question: Question) -> Iterator[str]:
    """Yield what each column holds, as the dictionary of columns says; nothing for a file with columns of its own."""
    try:
        found = {name: columns.find(name, question.name) for name in question.columns}
    except (LookupError, SyntaxError):
        return
    yield "columns:"
    for name, column in found.items():
        yield paragraph(
            f"{name} ({column.type}): {column.meaning[:1].lower()}{column.meaning[1:]}", "  ", "      "
        )


def spoken_days(question: Question, values: Mapping[str, str]) -> str:
    """Return the days that a question is answered for, such as "on 2021-02-10"; empty where it takes none.

    Raises ParameterError for a value that is no day.
    """
    days, today = question.days(values), dates.today()
    return ", ".join(f"{name} {on}{' (today)' if on == today else ''}" for name, on in days.items())


def _stated(parameter: Parameter, value: str) -> str:
    return shlex.quote(f"{parameter.name}={value}")


def _example(question: Question) -> str:
    """Return a call that gives every parameter its default, which is sure to have an answer."""
    values = {each.name: each.default for each in question.parameters}
    values |= {name: on.isoformat() for name, on in question.days({}).items()}
    stated = [f"--param {_stated(each, values[each.name])}" for each in question.parameters]
    return " ".join(["readmission query", shlex.quote(question.name), *stated])
