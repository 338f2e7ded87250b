"""Own instruments for eight partners on three days, checked by hand against the tables the facts come from.

A file ``expected/bilateral/XKX@2010-01-01.csv`` holds one row for each Member State of that day: its status of its own
and at EU level, and each instrument on record. When a fact changes one, check the new one against its source, then
change the file.
"""

import csv
import re
import shlex
from pathlib import Path

import pytest

from readmission import Graph
from readmission.answers.coverage import Row
from readmission.cli import main
from readmission.resources import folder

RULES = folder("graph") / "instruments" / "bilateral" / "README.md"
EXAMPLES = re.findall(r"`readmission ([^`]+)`\s+prints\s+`([^`]+)`", RULES.read_text(encoding="utf-8"))
FOLDER = Path(__file__).parents[1] / "expected" / "bilateral"
FILES = sorted(FOLDER.glob("*.csv"))
PARTNERS = "XKX MAR NGA VNM SRB DZA IRQ ARM".split()
DAYS = ("2010-01-01", "2021-02-10", "2026-11-21")


def held(row: Row) -> str:
    """Every instrument of a row with its status."""
    layers = (row.pair.own, row.pair.eu)
    return " ".join(f"{each.instrument}={each.status}" for layer in layers for each in layer.instruments)


def at(graph: Graph, state: str, country: str, on: str, persons: str = "own-nationals") -> Row:
    return next(row for row in graph.gaps(country, on, persons).rows if row.code == state)


def works(row: Row) -> set[str]:
    """The instruments that certainly work, and those that may."""
    wanted = ("in-force", "in-operation", "unconfirmed")
    return {each.instrument for each in row.pair.own.instruments if each.status in wanted}


def test_each_partner_is_pinned_on_each_day() -> None:
    assert {file.stem for file in FILES} == {f"{partner}@{day}" for partner in PARTNERS for day in DAYS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_statuses_are_those_checked_by_hand(graph: Graph, file: Path) -> None:
    partner, _, day = file.stem.partition("@")
    with file.open(encoding="utf-8", newline="") as opened:
        wanted = list(csv.DictReader(opened))
    found = [
        {"state": row.code, "own": row.pair.own.status, "eu": row.pair.eu.status, "instruments": held(row)}
        for row in graph.gaps(partner, day).rows
    ]
    changed = [(was, now) for was, now in zip(wanted, found, strict=True) if was != now]
    assert not changed, f"{file.name}: check against the sources, then change the file: {changed}"


@pytest.mark.parametrize("state", ["BEL", "LUX", "NLD"])
def test_one_benelux_agreement_covers_three_states_from_one_day(graph: Graph, state: str) -> None:
    before, after = (at(graph, state, "KAZ", day) for day in ("2017-05-31", "2017-06-01"))
    assert before.pair.own.status == "signed"
    assert after.pair.own.status == "in-force"
    assert "bilateral/benelux-kaz-2015" in works(after)


def test_a_benelux_agreement_may_bind_its_states_one_after_the_other(graph: Graph) -> None:
    covered = {
        day: {row.code for row in graph.gaps("BIH", day).rows if "bilateral/benelux-bih-2006" in works(row)}
        for day in ("2007-10-31", "2007-11-01", "2008-05-01", "2008-12-01")
    }
    assert covered == {
        "2007-10-31": set(),
        "2007-11-01": {"LUX"},
        "2008-05-01": {"LUX", "NLD"},
        "2008-12-01": {"BEL", "LUX", "NLD"},
    }


def test_an_instrument_of_unknown_nature_is_not_confirmed(graph: Graph) -> None:
    sweden = at(graph, "SWE", "IRQ", "2010-01-01").pair.own
    assert [(each.instrument, each.status) for each in sweden.instruments] == [
        ("bilateral/swe-irq-2008", "unconfirmed")
    ]
    assert "nature-not-established" in {reason.code for reason in sweden.instruments[0].reasons}


def test_the_transit_of_yugoslav_nationals_covers_nobody_for_readmission(graph: Graph) -> None:
    transit = "bilateral/multilateral-alb-bih-2000"
    assert not any(transit in works(row) for row in graph.gaps("ALB", "2004-01-01").rows)
    covered = {row.code for row in graph.gaps("ALB", "2004-05-01", "transit").rows if transit in works(row)}
    assert covered == {"AUT", "DEU", "HUN", "ITA", "SVN"}


def test_montenegro_is_not_confirmed_where_no_act_of_succession_was_seen(graph: Graph) -> None:
    slovakia = at(graph, "SVK", "MNE", "2007-01-01")
    assert slovakia.pair.own.status == "unconfirmed"
    assert works(slovakia) == {"bilateral/svk-srb-mne-2001"}
    assert at(graph, "SVK", "SRB", "2007-01-01").pair.own.status == "in-force"


def test_an_agreement_on_people_passing_through_does_not_cover_nationals(graph: Graph) -> None:
    nationals = at(graph, "ESP", "MAR", "2021-02-10")
    assert nationals.pair.own.status == "other-persons"
    assert "bilateral/esp-mar-1992" not in works(nationals)
    assert works(at(graph, "ESP", "MAR", "2021-02-10", "third-country-nationals")) == {
        "bilateral/esp-mar-1992"
    }


def test_provisional_application_covers_like_entry_into_force(graph: Graph) -> None:
    spain = at(graph, "ESP", "MAR", "2000-01-01", "third-country-nationals")
    assert (spain.pair.own.status, works(spain)) == ("in-force", {"bilateral/esp-mar-1992"})


def test_only_states_that_the_agreement_of_the_union_binds_are_overtaken(graph: Graph) -> None:
    answer = graph.ask("overtaken-bilateral-agreements", {"instrument": "eura/arm"}).texts()
    overtaken = {row["instrument"].rpartition("/id/")[2] for row in answer}
    assert "bilateral/benelux-arm-2009" in overtaken
    assert not overtaken & {"bilateral/che-arm-2003", "bilateral/dnk-arm-2004", "bilateral/nor-arm-2010"}
    assert {row["article"] for row in answer} == {"21"}


@pytest.mark.parametrize(("command", "words"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_the_rules_for_lawyers_show_what_the_command_prints(
    command: str, words: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(command)) == 0
    assert words in " ".join(capsys.readouterr().out.split()), (
        f"{RULES.name} says that readmission {command} prints {words!r}"
    )


def test_links_in_the_rules_for_lawyers_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", RULES.read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (RULES.parent / target).exists()] == []
