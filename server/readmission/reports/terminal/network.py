"""A network and its figures for a reader: text for a terminal, or data for a program; policy and meaning with each."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from readmission.answers import network_measures
from readmission.answers.network import Network
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import paragraph, table

# A terminal shows the first of each figure; the data hold all.
_ROWS = 12
_NAMES = 6
_HEADINGS = {
    "code": "name",
    "states": "states",
    "beyond": "has beyond",
    "shared": "in common",
    "closed": "would close for",
    "left": "would leave open",
    "perhaps": "perhaps covered",
    "own": "with one of their own",
    "common": "by the Union's only",
    "between": "between others",
}
_LAYER_NOTE = {
    "both": "One instrument of the Union links all the states that it binds at once, so most Member States look alike "
    "here. `--layer own` compares the instruments that each state has of its own.",
    "own": "Instruments of the Union are left out: only those that a state has alone or with a few others count.",
    "eu": "Instruments that states have of their own are left out: only those of the Union count.",
}


@dataclass(frozen=True)
class Section:
    """One figure: its name in ``network_measures.MEANING``, its title, and its rows (dataclasses of that module)."""

    name: str
    title: str
    rows: tuple[Any, ...]


def sections(network: Network, state: str | None = None, partner: str | None = None) -> tuple[Section, ...]:
    """Return the figures on a state, on a partner, or (with neither) on the whole; raises ParameterError.

    ``state`` and ``partner`` are alpha-3 codes.
    """
    found: list[Section] = []
    if state:
        alike = network_measures.states_alike(network, state)
        found.append(Section("states_alike", f"States most like {network.name(state)}", alike))
        asking = network_measures.whom_to_ask(network, state)
        found.append(Section("to_ask", f"Whom {network.name(state)} can ask, partner by partner", asking))
    if partner:
        alike = network_measures.partners_alike(network, partner)
        found.append(Section("partners_alike", f"Partners most like {network.name(partner)}", alike))
        closing = network_measures.closure(network, partner)
        found.append(Section("closing", "What one agreement of the Union would close", (closing,)))
    return tuple(found) or _whole(network)


def _whole(network: Network) -> tuple[Section, ...]:
    return (
        Section("scattered", "Scattered partners", network_measures.scattered_partners(network)),
        Section("closing", "What one agreement of the Union would close", network_measures.closures(network)),
        Section("groups", "Connected groups", network_measures.groups(network)),
        Section("centrality", "Centrality", network_measures.centrality(network) if network.links else ()),
    )


def text(
    network: Network, state: str | None = None, partner: str | None = None, naming: Naming | None = None
) -> str:
    """Return the report for a terminal; raises ParameterError for one who is not in the network."""
    named = naming or Naming()
    shown = sections(network, state, partner)
    head = [*_head(network, named)]
    if state:
        head.append(_row_line(network, state))
    if partner:
        head.append(_column_line(network, partner))
    if state and partner:
        head.append(_pair_line(network, state, partner, named))
    return "\n\n".join(["\n".join(map(paragraph, head)), *(_section(network, each, named) for each in shown)])


def _section(network: Network, section: Section, naming: Naming) -> str:
    """Return a figure: its title and what it is counted under, its rows, and what they mean."""
    title = paragraph(f"{section.title} ({network.policy.brief()})")
    return "\n".join(
        [title, *_rows(network, section, naming), paragraph(network_measures.MEANING[section.name])]
    )


def _head(network: Network, naming: Naming) -> Iterator[str]:
    alone = network_measures.without_links(network)
    states, partners = len(network.partners_of), len(network.states_of)
    yield f"{states} European states, {partners} partners, {len(network.links)} links."
    yield network.policy.sentence()
    yield _LAYER_NOTE[network.policy.layer]
    if missed := len(network.recorded_pairs - set(network.links)):
        told = "that a recorded instrument covers with a lower rank or in another layer"
        yield f"Not counted: {_count(missed, 'pair')} {told}."
    if not network.links:
        yield "No recorded instrument counts under this policy. A gap in the record is not yet a gap in the law."
    else:
        named = ", ".join(_name(network, naming, each) for each in alone.states)
        yield f"Without any link: {len(alone.partners)} partners; states: {named or 'none'}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _row_line(network: Network, state: str) -> str:
    linked, gaps = len(network.partners_of[state]), len(network.gaps(state))
    return (
        f"{network.name(state)} is linked with {_count(linked, 'partner')}; {_count(gaps, 'gap')} in its row."
    )


def _column_line(network: Network, partner: str) -> str:
    linked, gaps = len(network.states_of[partner]), len(network.open_states(partner))
    return f"{network.name(partner)} is linked with {_count(linked, 'state')}; {_count(gaps, 'gap')} in its column."


def _pair_line(network: Network, state: str, partner: str, naming: Naming) -> str:
    pair = f"{network.name(state)} and {network.name(partner)}"
    if found := network.links.get((state, partner)):
        return f"{pair} are linked by {', '.join(f'{naming.thing(each.instrument)} ({each.rank})' for each in found)}."
    if partner not in network.gaps(state):
        return f"{pair} are not linked; between these two no gap is counted."
    if network.policy.layer == "eu":
        return f"{pair} are not linked; an instrument of their own does not count under this policy."
    rest = len(network_measures.closure(network, partner, [state]).left)
    return (
        f"{pair} are not linked; an instrument of their own would close this pair alone: "
        f"{len(network.gaps(state)) - 1} gaps would stay in the row, {rest} in the column."
    )


def _rows(network: Network, section: Section, naming: Naming) -> Iterator[str]:
    if not section.rows:
        yield "  none under this policy"
        return
    names = [field.name for field in fields(section.rows[0])]
    cells = [[_cell(network, naming, getattr(row, name)) for name in names] for row in section.rows[:_ROWS]]
    yield table([_HEADINGS.get(name, name) for name in names], cells)
    if len(section.rows) > _ROWS:
        yield f"and {len(section.rows) - _ROWS} more; the JSON form lists all"


def _cell(network: Network, naming: Naming, value: Any) -> str:
    if isinstance(value, tuple):
        named = "; ".join(_name(network, naming, each) for each in value[:_NAMES])
        more = f" and {len(value) - _NAMES} more" if len(value) > _NAMES else ""
        return f"{len(value)}: {named}{more}" if value else "0"
    if isinstance(value, float):
        return f"{value:.3f}"
    return _name(network, naming, value) if isinstance(value, str) else str(value)


def _name(network: Network, naming: Naming, value: str) -> str:
    """Return the name of a country by its code, or of an instrument by its identifier."""
    return naming.thing(value) if "/" in value else naming.with_id(network.name(value), value)


def as_data(network: Network, state: str | None = None, partner: str | None = None) -> dict[str, Any]:
    """Return policy, figures (each with its meaning) and graph as one JSON object, in a stable order."""
    policy = {
        **asdict(network.policy),
        "on": network.policy.on.isoformat(),
        "says": network.policy.sentence(),
    }
    found = {
        section.name: {
            "title": section.title,
            "meaning": network_measures.MEANING[section.name],
            "policy": network.policy.sentence(),
            "rows": [asdict(row) for row in section.rows],
        }
        for section in sections(network, state, partner)
    }
    alone = {"without_link": asdict(network_measures.without_links(network))}
    return {"policy": policy, **alone, "figures": found, "graph": network.as_json()}
