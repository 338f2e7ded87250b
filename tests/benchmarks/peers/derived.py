"""What derivation is worth: the gap and matrix questions over verdicts derived beforehand, and over the facts alone.

The plain queries (``plain/*.rq``) run on an Oxigraph server that holds the asserted graphs only: as a researcher
writes them, with FILTER NOT EXISTS, and rewritten by hand for that engine. Every request has its own day or country.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.peers.asking import Rows, UnansweredError, ask
from benchmarks.peers.servers import Server
from readmission import questions
from readmission.answers.statuses import VERDICTS, local
from readmission.countries.gazetteer import Gazetteer

PLAIN = Path(__file__).with_name("plain")
DAYS = ("2005-01-01", "2012-06-30", "2021-02-10", "2024-12-31", "2026-11-21")
COUNTRIES = ("GEO", "SRB", "TUR", "MAR", "NGA", "GMB", "RUS", "CIV", "UKR", "ALB")
FORMS = {"-rewritten": "rewritten by hand", "": "as researchers write it"}
"""The slow form comes last: a query that is given up goes on in the Oxigraph server, and slows what is asked then."""
_COVERED = 3
"""Rank from which a verdict says that an instrument covers, or possibly covers, the pair."""

Pairs = set[tuple[str, str]]


@dataclass
class Race:
    """One question in two forms: seconds of each, and the pairs that only one of the answers calls open."""

    name: str
    form: str
    ratios: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    compared: int = 0
    only_ours: Pairs = field(default_factory=set)
    only_plain: Pairs = field(default_factory=set)
    over: str | None = None
    """Why the plain form was given up."""
    refused: str | None = None
    """Why ours gave no answer."""


def races(server: Server, facts: Server, gazetteer: Gazetteer, patience: float, many: int) -> Iterator[Race]:
    """Ask our server and the one with the facts alone in turn, ``many`` times each."""
    asked = {"gaps": _gaps(many), "matrix": [{"on": day} for day in DAYS[: many // 2]]}
    for form in FORMS:
        for name, values in asked.items():
            yield _race(Race(name, form), values, (server, facts), gazetteer, patience)


def _gaps(many: int) -> list[dict[str, str]]:
    return [
        {"country": country, "on": DAYS[number % len(DAYS)]}
        for number, country in enumerate(COUNTRIES[:many])
    ]


def _race(
    race: Race,
    asked: Sequence[dict[str, str]],
    servers: tuple[Server, Server],
    gazetteer: Gazetteer,
    patience: float,
) -> Race:
    derived = questions.find(race.name)
    plain = questions.read(PLAIN / f"{race.name}{race.form}.rq")
    for values in asked:
        # a form never asked before: nothing of it is in memory
        text = f"{derived.sparql(values, gazetteer)}# {race.form}"
        try:
            ours = ask(servers[0], text, patience)
        except UnansweredError as fault:
            race.refused = str(fault)
            return race
        race.ours.append(ours.seconds)
        try:
            theirs = ask(servers[1], plain.sparql(values, gazetteer), patience)
        except UnansweredError as fault:
            race.over = str(fault)
            race.ratios.append(patience / median(race.ours))
            return race
        race.plain.append(theirs.seconds)
        race.ratios.append(theirs.seconds / ours.seconds)
        _compare(race, values, ours.rows, theirs.rows)
    return race


def _rank(row: dict[str, str]) -> int:
    return VERDICTS.index(local(row["verdict"]))


def _compare(race: Race, values: dict[str, str], ours: Rows, plain: Rows) -> None:
    """Note where the answers differ in what the plain form can tell: which pairs of members nothing covers."""
    here, on = values.get("country", ""), values["on"]
    if race.name == "gaps":
        states = {row["stateCode"] for row in ours}
        covered = {row["stateCode"] for row in ours if _rank(row) >= _COVERED}
        known = {(state, f"{here} on {on}") for state in states - covered}
    else:
        known = {
            (row["stateCode"], f"{row['partnerCode']} on {on}")
            for row in ours
            if row["standing"] == "member" and _rank(row) < _COVERED
        }
    found = {(row["state"], f"{row.get('partner', here)} on {on}") for row in plain}
    race.compared += len(known | found)
    race.only_ours |= known - found
    race.only_plain |= found - known
