"""What is asked: cheap, middle and heavy questions, each in many texts, made from what is on file."""

import re
from dataclasses import dataclass

from benchmarks.peers.asking import ask
from benchmarks.peers.servers import Server

_PREFIXES = """
PREFIX rdm: <https://w3id.org/eu-readmission/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_INSTRUMENTS = f"""{_PREFIXES}
SELECT DISTINCT ?thing WHERE {{ ?thing a rdm:ReadmissionInstrument }} ORDER BY ?thing LIMIT 1000"""
_STATES = f"""{_PREFIXES}
SELECT ?thing (COUNT(?side) AS ?sides) WHERE {{ ?side rdm:sideActor ?thing . ?thing a rdm:State }}
GROUP BY ?thing ORDER BY DESC(?sides) LIMIT 12"""

_LOOK_UP = "SELECT ?p ?o WHERE {{ <{}> ?p ?o }}"
_HISTORY = f"""{_PREFIXES}
SELECT ?instrument ?name ?partner ?event ?type ?date WHERE {{{{
  ?side rdm:sideActor <{{}}> . ?instrument rdm:hasSide ?side ; skos:prefLabel ?name ; rdm:partner ?partner .
  ?event rdm:concerns ?instrument ; rdm:eventType ?type ; rdm:date ?date }}}}"""
_COUNTS = f"""{_PREFIXES}
SELECT ?state ?category (COUNT(DISTINCT ?partner) AS ?partners) (COUNT(DISTINCT ?instrument) AS ?instruments) WHERE {{
  ?coverage a rdm:Coverage ; rdm:boundState ?state ; rdm:category ?category ; rdm:partner ?partner ;
    rdm:instrument ?instrument }} GROUP BY ?state ?category"""


@dataclass(frozen=True)
class Question:
    """A kind of question, and texts that ask it, of one thing each."""

    name: str
    asks: str
    texts: tuple[str, ...]

    @property
    def samples(self) -> tuple[str, ...]:
        """Texts to compare the servers' rows with: the first, one in the middle, and the last."""
        return tuple(dict.fromkeys((self.texts[0], self.texts[len(self.texts) // 2], self.texts[-1])))


def questions(server: Server) -> list[Question]:
    """Return the questions; ``server`` says which instruments and states there are."""
    instruments, states = (
        [row["thing"] for row in ask(server, _line(text), 60).rows] for text in (_INSTRUMENTS, _STATES)
    )
    return [
        Question("cheap", "all of one instrument", tuple(_LOOK_UP.format(thing) for thing in instruments)),
        Question(
            "middle",
            "the events of one state's instruments",
            tuple(_line(_HISTORY.format(thing)) for thing in states),
        ),
        Question("heavy", "partners and instruments of each state, counted", (_line(_COUNTS),)),
    ]


def _line(text: str) -> str:
    """Return a text without line breaks: the load generator reads one from each line."""
    return re.sub(r"\s+", " ", text).strip()
