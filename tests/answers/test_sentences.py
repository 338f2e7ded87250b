"""The sentence that answers for twelve partners on two days, each checked by hand against the facts.

``tests/expected/sentences.txt`` has a line for each: country, day, sentence. When a fact changes one, check the new one
against its source, then change the file.
"""

from pathlib import Path

import pytest

from readmission import Graph
from readmission.reports.sentences import country_sentence, pair_sentence
from readmission.reports.side_sentences import state_sentence

PINNED = (Path(__file__).parents[1] / "expected" / "sentences.txt").read_text(encoding="utf-8").splitlines()
PARTNERS = "NGA MAR SEN IRQ VNM XKX ARM TUR BLR DZA IND AFG".split()


def test_twelve_partners_are_pinned_on_two_days() -> None:
    assert [line.split(" ", 2)[:2] for line in PINNED] == [
        [partner, day] for partner in PARTNERS for day in ("2021-02-10", "2026-11-28")
    ]


@pytest.mark.parametrize("line", PINNED, ids=lambda line: line[:14])
def test_a_sentence_says_what_was_checked_by_hand(graph: Graph, line: str) -> None:
    country, day, sentence = line.split(" ", 2)
    assert country_sentence(graph.gaps(country, day)) == sentence, (
        "check it, then change tests/expected/sentences.txt"
    )


def test_a_pair_and_a_state_have_a_sentence_too(graph: Graph) -> None:
    denmark = graph.why("DNK", "ALB", "2026-11-28")
    assert pair_sentence(denmark.row, denmark.country.name) == (
        "Denmark has an instrument of its own in force with Albania, since 1 December 2008. "
        "At EU level the EU–Albania readmission agreement does not apply to it (Protocol 22)."
    )
    assert state_sentence(graph.state("SVK", "2026-11-28")).startswith(
        "Slovakia is recorded with instruments of its own in force with 3 partners: North Macedonia, Serbia and "
    )


def test_names_stand_with_their_articles(graph: Graph) -> None:
    netherlands = graph.why("NLD", "ARM", "2026-11-28")
    assert pair_sentence(netherlands.row, "Armenia").startswith(
        "The Netherlands has an instrument of its own with Armenia"
    )
    assert "with the Philippines" in country_sentence(graph.gaps("PHL", "2026-11-28"))
