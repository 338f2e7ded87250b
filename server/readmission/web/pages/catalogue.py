"""What the pages name, read from the graph: partners with their instruments, countries, and codes."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from readmission.engine.interface import Engine
from readmission.namespaces import NAMESPACES
from readmission.query_files import lookup

KINDS = (
    ("EUReadmissionAgreement", "EU readmission agreements"),
    ("EUReadmissionArrangement", "EU arrangements, not binding"),
    ("ReadmissionProvision", "Readmission clauses in wider EU agreements"),
    ("BilateralReadmissionAgreement", "Bilateral readmission agreements"),
    ("BilateralCooperationAgreement", "Bilateral agreements on other cooperation"),
    ("BilateralArrangement", "Bilateral arrangements, not binding"),
    ("ReadmissionInstrument", "Others, binding or not unknown"),
    ("ImplementingProtocol", "Implementing protocols"),
)
"""Classes of instruments in the order of the pages, with their names."""


@dataclass(frozen=True)
class PartnerRow:
    """A partner with the number of instruments of each kind of KINDS: (in force, recorded)."""

    alpha3: str
    name: str
    counts: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Code:
    """A code of a codelist in English."""

    label: str
    definition: str


def partners(engine: Engine, on: datetime.date, names: Mapping[str, str]) -> tuple[PartnerRow, ...]:
    """Return every partner with its instruments; in force means certainly so, as a whole, on the day."""
    day = ox.Literal(on.isoformat(), datatype=ox.NamedNode(f"{NAMESPACES['xsd']}date"))
    rows = engine.select(lookup("instruments-by-partner", on=day)).texts()
    return tuple(_partners(rows, names))


def _partners(rows: list[dict[str, str]], names: Mapping[str, str]) -> Iterable[PartnerRow]:
    kinds = [kind for kind, _ in KINDS]
    counts: dict[str, list[list[int]]] = {}
    for row in rows:
        of_partner = counts.setdefault(_local(row["partner"]), [[0, 0] for _ in kinds])
        cell = of_partner[kinds.index(_local(row["class"]))]
        cell[0] += row["inForce"] == "1"
        cell[1] += 1
    for alpha3 in sorted(counts, key=lambda code: names.get(code, code)):
        yield PartnerRow(
            alpha3, names.get(alpha3, alpha3), tuple((held, all_) for held, all_ in counts[alpha3])
        )


def countries(engine: Engine) -> dict[str, str]:
    """Return the English name of every country and territory by its alpha-3 code, in the order of names."""
    return {row["alpha3"]: row["name"] for row in engine.select(lookup("countries-by-name")).texts()}


def things(engine: Engine) -> dict[str, str]:
    """Return names of instruments and texts of search reports, by identifier such as ``eura/geo``."""
    rows = engine.select(lookup("thing-names")).texts()
    return {row["thing"].rpartition("/id/")[2]: row["label"] for row in rows}


def codes(engine: Engine) -> dict[str, Code]:
    """Return the labels and definitions of every code."""
    rows = engine.select(lookup("codes")).texts()
    return {row["code"]: Code(_capital(row["label"]), _capital(row["definition"])) for row in rows}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _local(iri: str) -> str:
    return iri.replace("#", "/").rpartition("/")[2]
