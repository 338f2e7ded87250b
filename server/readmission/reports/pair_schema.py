"""The schema of answers about pairs: what Member States have with a country, a state with all, and why.

A status, a reason and a depth are codes; words for them are in ``words.py``.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from readmission.answers.comparison import Comparison
from readmission.answers.coverage import Gaps, Row, StateAnswer, Why
from readmission.answers.statuses import EU, OWN, Holding, Layer
from readmission.answers.union import JOINT_BODY, NEGOTIATION
from readmission.reports.schema import Report, head
from readmission.reports.sentences import country_sentence, pair_sentence
from readmission.reports.side_sentences import state_sentence

_ROWS = (
    "country", "state", "name", "on", "persons", "layer", "status", "instrument", "instrument_name",
    "instrument_status", "reasons", "evidence", "search_depth", "search_day", "closed_by", "verdict", "rank", "release",
)  # fmt: skip
"""The columns of the tables of ``gaps`` and ``state``: a row for each instrument, or for a layer without any."""


def gaps_report(found: Gaps) -> Report:
    """Return the sentence, the EU level once with its exceptions, and a row for each Member State."""
    data = {
        "country": asdict(found.country),
        **head(found),
        "sentence": country_sentence(found),
        "eu": {
            "common": _layer(found.common) if found.common else None,
            "exceptions": [
                {"state": row.code, "name": row.name, **_layer(row.pair.eu)} for row in found.exceptions
            ],
            "negotiations": [asdict(each) for each in found.beside if each.kind == NEGOTIATION],
            "visa_measures": [asdict(each) for each in found.beside if each.kind.startswith("visa")],
            "joint_body": [asdict(each) for each in found.beside if each.kind == JOINT_BODY],
        },
        "own": {
            "counts": Counter(row.pair.own.status for row in found.rows),
            "known_none_sources": sorted({each for row in found.rows for each in row.pair.own.closed_by}),
        },
        "rows": [_row(row, "state") for row in found.rows],
    }
    table = [_ROWS, *_cells(found, found.rows, found.country.alpha3)]
    return Report(f"gaps-{found.country.alpha3}-{found.on}-{found.persons}", data, table)


def state_report(found: StateAnswer) -> Report:
    """Return the sentence and a row for each partner; in the table ``country`` is the partner."""
    data = {
        "state": asdict(found.state),
        **head(found),
        "sentence": state_sentence(found),
        "counts": {
            layer: Counter((row.pair.eu if layer == EU else row.pair.own).status for row in found.rows)
            for layer in (EU, OWN)
        },
        "rows": [_row(row, "country") for row in found.rows],
    }
    table = [_ROWS, *_cells(found, found.rows, "", found.state.alpha3)]
    return Report(f"state-{found.state.alpha3}-{found.on}-{found.persons}", data, table)


def comparison_report(found: Comparison) -> Report:
    """Return the answer of each side, and the rows that differ; in the table a column for each side and layer."""
    sides = [
        (gaps_report(side) if isinstance(side, Gaps) else state_report(side)).data for side in found.sides
    ]
    names = [side.country.alpha3 if isinstance(side, Gaps) else side.state.alpha3 for side in found.sides]
    differing = [
        {"code": line.code, "name": line.name,
         "sides": [{"eu": pair.eu.status, "own": pair.own.status} for pair in line.pairs]}
        for line in found.differing
    ]  # fmt: skip
    heading = ["code", "name", *(f"{name} {layer}" for name in names for layer in (OWN, EU))]
    rows = [
        [line.code, line.name, *(cell for pair in line.pairs for cell in (pair.own.status, pair.eu.status))]
        for line in found.lines
    ]
    data = {"release": found.sides[0].version, "sides": sides, "differing": differing}
    return Report(f"compare-{'-'.join(names)}-{found.sides[0].on}", data, [heading, *rows])


def _layer(layer: Layer) -> dict[str, Any]:
    """Return a layer: its status, the instruments behind it, and the reasons, one object for each."""
    reasons = [
        {"instrument": held.instrument, **asdict(reason)}
        for held in layer.instruments
        for reason in held.reasons
    ]
    return {
        "status": layer.status,
        "instruments": [_holding(held) for held in layer.instruments],
        "reasons": reasons,
    }


def _holding(held: Holding) -> dict[str, str]:
    return {"id": held.instrument, "name": held.name, "status": held.status, "evidence": held.evidence}


def _row(row: Row, side: str) -> dict[str, Any]:
    search = asdict(row.search) if row.search and not row.pair.own.instruments else None
    own = {**_layer(row.pair.own), "closed_by": row.pair.own.closed_by, "search": search}
    summary = {"verdict": row.pair.verdict, "rank": row.pair.rank, "evidence": row.pair.evidence}
    return {side: row.code, "name": row.name, "eu": _layer(row.pair.eu), "own": own, **summary}


def _cells(
    found: Gaps | StateAnswer, rows: Iterable[Row], country: str, state: str = ""
) -> Iterable[list[str]]:
    """Yield a line for each instrument of each layer, or one for a layer of which nothing is recorded."""
    for row in rows:
        for name, layer in ((OWN, row.pair.own), (EU, row.pair.eu)):
            for held in layer.instruments or (None,):
                cells = {
                    "country": country or row.code,
                    "state": state or row.code,
                    "name": row.name,
                    **head(found),
                    "layer": name,
                    "status": layer.status,
                    "verdict": row.pair.verdict,
                    "rank": str(row.pair.rank),
                    "closed_by": "|".join(layer.closed_by),
                    **(_held_cells(held) if held else _search_cells(row, name)),
                }
                yield [cells.get(column, "") for column in _ROWS]


def _held_cells(held: Holding) -> dict[str, str]:
    reasons = "|".join(" ".join(filter(None, (each.code, each.day, each.law))) for each in held.reasons)
    return {
        "instrument": held.instrument, "instrument_name": held.name, "instrument_status": held.status,
        "reasons": reasons, "evidence": held.evidence,
    }  # fmt: skip


def _search_cells(row: Row, layer: str) -> dict[str, str]:
    if layer == EU or not row.search:
        return {}
    return {"search_depth": row.search.depth, "search_day": row.search.day}


def why_report(found: Why) -> Report:
    """Return what a pair has, and its premises: a row for each source."""
    premises = [asdict(premise) for premise in found.premises]
    data = {
        "state": asdict(found.state),
        "country": asdict(found.country),
        **head(found),
        "is_member": found.is_member,
        "sentence": pair_sentence(found.row, found.country.name),
        **{name: value for name, value in _row(found.row, "code").items() if name not in ("code", "name")},
        "premises": premises,
    }
    heading = list(premises[0]) if premises else []
    table = [heading, *(list(premise.values()) for premise in premises)]
    return Report(f"why-{found.state.alpha3}-{found.country.alpha3}-{found.on}-{found.persons}", data, table)
