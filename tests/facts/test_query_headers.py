"""Headers of query files: whoever writes one wrongly is told the file, the key, and how to mend it."""

from pathlib import Path

import pytest

from readmission import parameters, questions
from readmission.building import check_queries
from readmission.errors import UserError
from readmission.sources.query_headers import HeaderError

QUERY = "SELECT ?focus {}\n"
CHECK = ("shape: Some", "summary: Something is wrong", "remedy: Mend it", "severity: violation")


def written(*header: str) -> str:
    return "".join(f"#+ {line}\n" for line in header) + QUERY


def test_a_header_is_read_and_every_scalar_is_text() -> None:
    lines = (
        "summary: How many?", "question: C01", "tags: [coordinators, '7']", "parameters:",
        "  on: {type: date, default: 2021-02-10, description: The day}",
    )  # fmt: skip
    found = questions.parse("some", written(*lines), "some.rq")
    assert (found.summary, found.ids, found.tags) == ("How many?", ("C01",), ("coordinators", "7"))
    assert found.parameters == (parameters.Parameter("on", "date", "2021-02-10", "The day"),)


def test_a_query_without_a_header_has_no_parameters() -> None:
    assert questions.parse("some", QUERY, "some.rq").parameters == ()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("sumary: x",), r"some\.rq: the header has an unknown key 'sumary'; write summary"),
        (("summary: x", "colour: red"), r"unknown key 'colour'; its keys are summary, .*parameters"),
        (("tags: [a]",), r"some\.rq: the header lacks summary; write `summary: …`"),
        (("summary:",), r"lacks summary"),
        (("summary: [a]",), r"some\.rq: the header: summary: expected `str`, got `array`; mend"),
        (("summary: x", "tags: coordinators"), r"tags: expected `array`"),
        (("summary: x", "tags: [[a]]"), r"tags: expected `str`"),
        (("summary: x", "parameters: {on: 2021-02-10}"), r"parameters: expected `object`"),
        (("summary: x", "parameters: {on: {type: date}}"), r"the parameter 'on' lacks default"),
        (("summary: x", "parameters: {on: {type: day, default: d}}"), r"'on': there is no type 'day'; choose of date"),
        (("summary: x", "parameters: {on: {typ: date, default: d}}"), r"the parameter 'on' has .* 'typ'; write type"),
        (("- summary",), r"some\.rq: the header has no keys; write"),
        (("summary: x", "remedy: y: z"), r"some\.rq:2: the header is no YAML .*double quotes"),
        (("summary: 'x",), r"some\.rq:1: the header is no YAML"),
        (("summary: \0",), r"some\.rq: the header is no YAML"),
    ],
)  # fmt: skip
def test_a_question_with_a_wrong_header_is_refused_with_the_key_and_the_way_to_mend_it(
    lines: tuple[str, ...], told: str
) -> None:
    with pytest.raises(HeaderError, match=told) as refused:
        questions.parse("some", written(*lines), "some.rq")
    assert isinstance(refused.value, UserError), "the command line must tell it without a traceback"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((), r"some\.rq: it has no header; write shape"),
        ((*CHECK[:3], "severity: grave"), r"some\.rq: the header: severity: invalid enum value 'grave'"),
        ((*CHECK, "tags: [a]"), r"some\.rq: the header has an unknown key 'tags'; its keys are shape"),
        (CHECK[:2], r"some\.rq: the header lacks remedy, severity"),
    ],
)
def test_a_check_query_with_a_wrong_header_is_refused(
    lines: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "some.rq"
    path.write_text(written(*lines), encoding="utf-8")
    with pytest.raises(HeaderError, match=told):
        check_queries.read(path)
