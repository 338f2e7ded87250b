"""Conditions that reach over several nodes: ``queries/checks/<fault>.rq``, which must return nothing.

Columns of a row: ``?focus``, the subject to mend; ``?detail``, what is wrong with it (optional);
``?path``, the property whose line is shown (optional).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from readmission.engine.interface import Engine
from readmission.resources import folder
from readmission.sources.query_headers import HeaderError, read_header


class CheckQueryError(ValueError):
    """A check query whose columns are not as promised; names the file."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a check query; ``source`` says where the rule comes from."""

    shape: str
    summary: str
    remedy: str
    severity: Literal["violation", "warning", "info"]
    source: str = ""


@dataclass(frozen=True)
class CheckRow:
    """One row of a check query: what is wrong with one subject."""

    focus: str
    detail: str
    path: str


@dataclass(frozen=True)
class CheckQuery:
    """A check query with its header: what is wrong where it answers, and how to mend that."""

    path: Path
    shape: str
    summary: str
    remedy: str
    severity: str
    text: str

    @cached_property
    def needs_derived(self) -> bool:
        """Whether the query reads what the rules derive: bounds of dates, force periods, coverage."""
        return any(word in self.text for word in _DERIVED)

    @property
    def on_ontology(self) -> bool:
        """Whether the query judges terms and codes, which stand in the ontology's files only."""
        return self.path.stem.startswith("ontology-")

    def rows(self, engine: Engine) -> Iterator[CheckRow]:
        """Run the query over the union of all graphs; yield its rows."""
        for row in engine.select(self.text).texts():
            if not row.get("focus"):
                raise CheckQueryError(f"{self.path.name}: a row without ?focus; select the subject to mend")
            yield CheckRow(row["focus"], row.get("detail", ""), row.get("path", ""))


_DERIVED = ("Earliest", "Latest", "rdm:earliest", "rdm:latest", "rdm:ForcePeriod", "rdm:StateBinding")


def load() -> tuple[CheckQuery, ...]:
    """Return every check query in the order of names; raises HeaderError."""
    return tuple(read(path) for path in sorted(folder("queries").joinpath("checks").glob("*.rq")))


def read(path: Path) -> CheckQuery:
    """Read one check query; raises HeaderError."""
    text = path.read_text(encoding="utf-8")
    header = read_header(path.name, text, _Header)
    if header is None:
        raise HeaderError(
            f"{path.name}: it has no header; write shape, summary, remedy and severity after #+"
        )
    return CheckQuery(path, header.shape, header.summary, header.remedy, header.severity, text)
