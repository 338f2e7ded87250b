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


class ConditionError(ValueError):
    """A check query whose columns are not as promised; names the file."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The header of a check query; ``source`` says where the rule comes from."""

    shape: str
    summary: str
    mend: str
    severity: Literal["violation", "warning", "info"]
    source: str = ""


@dataclass(frozen=True)
class Fault:
    """One row of a check query: what is wrong with one subject."""

    focus: str
    detail: str
    path: str


@dataclass(frozen=True)
class Condition:
    """A check query with its header: what is wrong where it answers, and how to mend that."""

    path: Path
    shape: str
    summary: str
    mend: str
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

    def faults(self, engine: Engine) -> Iterator[Fault]:
        """Run the query over the union of all graphs; yield its rows."""
        for row in engine.select(self.text).texts():
            if not row.get("focus"):
                raise ConditionError(f"{self.path.name}: a row without ?focus; select the subject to mend")
            yield Fault(row["focus"], row.get("detail", ""), row.get("path", ""))


_DERIVED = ("Earliest", "Latest", "rdm:earliest", "rdm:latest", "rdm:ForcePeriod", "rdm:StateBinding")


def load() -> tuple[Condition, ...]:
    """Return every check query in the order of names; raises HeaderError."""
    return tuple(read(path) for path in sorted(folder("queries").joinpath("checks").glob("*.rq")))


def read(path: Path) -> Condition:
    """Read one check query; raises HeaderError."""
    text = path.read_text(encoding="utf-8")
    header = read_header(path.name, text, _Header)
    if header is None:
        raise HeaderError(f"{path.name}: it has no header; write shape, summary, mend and severity after #+")
    return Condition(path, header.shape, header.summary, header.mend, header.severity, text)
