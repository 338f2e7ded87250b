"""The state of the field, and the bilateral instruments on record, as text for a terminal."""

from collections.abc import Iterator

from readmission.answers.inventory import NOTE, Inventory, Line
from readmission.answers.overview import Overview
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import paragraph, table

_FIGURES = {
    "eu_readmission_agreements_in_force": "EU readmission agreements in force",
    "eu_arrangements_operational": "EU arrangements in operation",
    "contested_by_one_side": "of these, suspended or ended according to one side only",
    "negotiations_open": "negotiations under way",
    "provisions_agreements": "wider EU agreements with a readmission clause",
    "provisions_partners": "partners bound by such a clause",
    "provisions_seed_agreements": "clauses listed in COM(2021) 56, footnote 14",
    "provisions_seed_partners": "partners listed there",
    "visa_measures_in_force": "countries under a visa measure",
    "joint_readmission_committees": "joint readmission committees",
    "joint_working_groups": "joint working groups",
    "acp_partners": "members of the Organisation of African, Caribbean and Pacific States",
}
"""The figures in the order of the report, in words."""

_COUNTED = (
    "instruments",
    "rows",
    "merged",
    "refused",
    "disagreements",
    "published",
    "recorded",
    "shortfall",
)


def overview_text(found: Overview, naming: Naming) -> str:
    """Return each figure with its count and the names of all that it counts."""
    heading = f"Readmission on {found.on}; release {found.version}"
    return f"{heading}\n\n{table(('figure', 'count', 'items'), [*_figures(found, naming)])}"


def _figures(found: Overview, naming: Naming) -> Iterator[tuple[str, str, str]]:
    words = _FIGURES | {name: name.replace("_", " ") for name in found.items if name not in _FIGURES}
    for name, told in words.items():
        items = found.items.get(name, ())
        named = sorted(naming.thing(each) if "/" in each else naming.country(each) for each in items)
        yield told, str(len(items)), "; ".join(named)


def inventory_text(found: Inventory, naming: Naming) -> str:
    """Return a line for each European state and the total, what the columns mean, and what was searched."""
    lines = (*found.lines, found.total)
    total = found.total.rows
    head = [
        f"Bilateral instruments on record; release {found.version}",
        paragraph(
            f"{total.rows} rows of the source tables = {total.instruments} instruments + {total.merged} merged "
            f"(a row of an instrument already there) + {total.refused} refused."
        ),
    ]
    meaning = [
        NOTE,
        "disagreements: instruments about which sources contradict each other. published, recorded: a published "
        "total, and how many of it are recorded; they may count different things, as the searches below say.",
    ]
    searched = [paragraph(f"- {line.search.statement}", "", "  ") for line in lines if line.search]
    return "\n\n".join([
        "\n".join(head),
        table(("state", *_COUNTED), [_inventory_row(line, naming) for line in lines]),
        "\n".join(map(paragraph, meaning)),
        "\n".join(["How far the search went", *searched]),
    ])  # fmt: skip


def _inventory_row(line: Line, naming: Naming) -> list[str]:
    figures = line.figures()
    name = naming.with_id(line.name, line.code) if line.code else line.name
    return [name, *("?" if figures[each] is None else str(figures[each]) for each in _COUNTED)]
