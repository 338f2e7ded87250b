"""A network and its figures for a reader: lines for a terminal, or data for a program; policy and meaning with each."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from readmission.answers import network_measures
from readmission.answers.network import Network
from readmission.reports.text_table import table

# A terminal shows the first of each figure; the data hold all.
_ROWS = 12
_CODES = 12
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
_LEVEL_NOTE = {
    "all": "One instrument of the Union links all the states it binds at once, so most Member States look alike here; "
    "level own compares what each state holds of its own.",
    "own": "Instruments of the Union are left out: what shows is what each state holds of its own or with a few.",
    "eu": "Instruments of the states' own are left out: what shows is whom the Union's instruments bind.",
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
        asking = network_measures.to_ask(network, state)
        found.append(Section("to_ask", f"Whom {network.name(state)} can ask, partner by partner", asking))
    if partner:
        alike = network_measures.partners_alike(network, partner)
        found.append(Section("partners_alike", f"Partners most like {network.name(partner)}", alike))
        closing = network_measures.closing(network, partner)
        found.append(Section("closing", "What one agreement of the Union would close", (closing,)))
    return tuple(found) or _whole(network)


def _whole(network: Network) -> tuple[Section, ...]:
    return (
        Section("scattered", "Scattered partners", network_measures.scattered(network)),
        Section("closing", "What one agreement of the Union would close", network_measures.closings(network)),
        Section("groups", "Connected groups", network_measures.groups(network)),
        Section("centrality", "Centrality", network_measures.centrality(network) if network.links else ()),
    )


def lines(network: Network, state: str | None = None, partner: str | None = None) -> Iterator[str]:
    """Yield the report for a terminal, line by line; raises ParameterError for one who is not in the network."""
    shown = sections(network, state, partner)
    yield from _head(network)
    if state:
        yield _row_line(network, state)
    if partner:
        yield _column_line(network, partner)
    if state and partner:
        yield _pair_line(network, state, partner)
    for section in shown:
        yield from ("", f"{section.title} ({network.policy.brief()})", network_measures.MEANING[section.name])
        yield from _rows(network, section)


def _head(network: Network) -> Iterator[str]:
    alone = network_measures.alone(network)
    states, partners = len(network.held), len(network.holders)
    yield f"{states} European states, {partners} partners, {len(network.links)} links."
    yield network.policy.sentence()
    yield _LEVEL_NOTE[network.policy.level]
    if missed := len(network.on_file - set(network.links)):
        told = "that an instrument on file covers with a lower rank or at another level"
        yield f"Not counted: {_count(missed, 'pair')} {told}."
    if not network.links:
        yield "No instrument on file counts under this policy: a gap in the record before it is one in the law."
    else:
        yield f"Without any link: {len(alone.partners)} partners; states: {' '.join(alone.states) or 'none'}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _row_line(network: Network, state: str) -> str:
    linked, gaps = len(network.held[state]), len(network.gaps(state))
    return (
        f"{network.name(state)} is linked with {_count(linked, 'partner')}; {_count(gaps, 'gap')} in its row."
    )


def _column_line(network: Network, partner: str) -> str:
    linked, gaps = len(network.holders[partner]), len(network.open_states(partner))
    return f"{network.name(partner)} is linked with {_count(linked, 'state')}; {_count(gaps, 'gap')} in its column."


def _pair_line(network: Network, state: str, partner: str) -> str:
    pair = f"{network.name(state)} and {network.name(partner)}"
    if found := network.links.get((state, partner)):
        return f"{pair} are linked by {', '.join(f'{each.instrument} ({each.rank})' for each in found)}."
    if partner not in network.gaps(state):
        return f"{pair} are not linked; between these two no gap is counted."
    if network.policy.level == "eu":
        return f"{pair} are not linked; an instrument of their own does not count under this policy."
    rest = len(network_measures.closing(network, partner, [state]).left)
    return (
        f"{pair} are not linked; an instrument of their own would close this pair alone: "
        f"{len(network.gaps(state)) - 1} gaps would stay in the row, {rest} in the column."
    )


def _rows(network: Network, section: Section) -> Iterator[str]:
    if not section.rows:
        yield "  none under this policy"
        return
    names = [field.name for field in fields(section.rows[0])]
    cells = [[_cell(network, getattr(row, name)) for name in names] for row in section.rows[:_ROWS]]
    yield from table([_HEADINGS.get(name, name) for name in names], cells).splitlines()
    if len(section.rows) > _ROWS:
        yield f"and {len(section.rows) - _ROWS} more; the JSON form lists all"


def _cell(network: Network, value: Any) -> str:
    if isinstance(value, tuple):
        more = f" and {len(value) - _CODES} more" if len(value) > _CODES else ""
        return f"{len(value)}: {' '.join(value[:_CODES])}{more}" if value else "0"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{network.name(value)} ({value})" if value in network.names else str(value)


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
    alone = {"without_link": asdict(network_measures.alone(network))}
    return {"policy": policy, **alone, "figures": found, "graph": network.as_json()}
