"""A letter and a tone for each status, where there is no room for words: in the cells of the matrix."""

from readmission.answers.matrix import BOTH, Cell
from readmission.answers.statuses import EU, OWN
from readmission.reports import words

TITLES = {OWN: "Own instruments", EU: "EU level", BOTH: "Own instruments and EU level"}
MARK = {
    EU: {
        "agreement": "A",
        "agreement-contested": "C",
        "arrangement": "R",
        "clause": "L",
        "unconfirmed": "?",
        "does-not-bind": "x",
        "other-persons": "p",
        "signed": "s",
        "ended": "e",
        "none": ".",
    },
    OWN: {
        "in-force": "F",
        "in-force-contested": "C",
        "in-operation": "O",
        "unconfirmed": "?",
        "does-not-bind": "x",
        "other-persons": "p",
        "signed": "s",
        "ended": "e",
        "known-none": "0",
        "none-recorded": ".",
    },
}
"""A letter for each status, where room is short."""

TONES = {
    "agreement": 6, "in-force": 6, "agreement-contested": 5, "in-force-contested": 5, "arrangement": 4, "clause": 4,
    "in-operation": 4, "unconfirmed": 3, "does-not-bind": 2, "other-persons": 2, "signed": 2, "ended": 2,
    "known-none": 1, "none": 0, "none-recorded": 0,
}  # fmt: skip
"""How much a status is worth, 0 to 6, as far as a colour can say it."""


def layers(view: str) -> tuple[str, ...]:
    """Return the layers that a view shows, own first."""
    return (OWN, EU) if view == BOTH else (view,)


def legend(layer: str) -> str:
    """Return what the letters of a layer mean."""
    marks = "; ".join(f"{mark} {words.status(layer, code)}" for code, mark in MARK[layer].items())
    return f"{TITLES[layer]}: {marks}"


def letters(cell: Cell, view: str) -> str:
    """Return the letters of a cell, one for each layer of the view."""
    return "".join(MARK[layer][cell.shown(layer)] for layer in layers(view))
