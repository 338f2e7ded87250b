"""The events of a period as text for a terminal: by kind, in the order of their days, each with its evidence."""

from collections.abc import Iterable, Iterator

from readmission.answers.events import Event, Events
from readmission.reports.premises import date_in_words
from readmission.reports.terminal.naming import Naming
from readmission.reports.terminal.table import paragraph

_FEW = 3


def events_text(found: Events, naming: Naming) -> str:
    """Return a block for each kind of event, and one for those of which the day is not known well enough."""
    certain, possible = found.certain(), found.possible()
    parts = [paragraph(_heading(found, len(certain)))]
    for name, rows in by_kind(certain):
        parts.append("\n".join([paragraph(capital(name)), *(_line(row, naming) for row in rows)]))
    if possible:
        told = f"{len(possible)} more may lie in the period: their days are not known well enough."
        lines = (_line(row, naming, [row.kind_name]) for row in possible)
        parts.append("\n".join([paragraph(told), *lines]))
    return "\n\n".join(parts)


def by_kind(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    """Gather events by the name of their kind, in alphabetical order."""
    gathered: dict[str, list[Event]] = {}
    for each in events:
        gathered.setdefault(each.kind_name, []).append(each)
    return sorted(gathered.items(), key=lambda kind: kind[0].casefold())


def particulars(event: Event, naming: Naming) -> Iterator[str]:
    """Yield what a name does not say: the states and partners that an event touches, many as a number, and details."""
    for codes, what in ((event.states, "states"), (event.partners, "partners")):
        if len(codes) > _FEW:
            yield f"{len(codes)} {what}"
        else:
            yield from (naming.country(code) for code in codes if not _is_named(event, code, naming))
    yield from event.details


def capital(text: str) -> str:
    """Return a text that begins a line."""
    return text[:1].upper() + text[1:]


def _is_named(event: Event, code: str, naming: Naming) -> bool:
    return Naming(naming.names).country(code) in event.name


def _heading(found: Events, number: int) -> str:
    whom = [each.name for each in (found.state, found.country) if each]
    touching = f" that touch {' and '.join(whom)}" if whom else ""
    what = "event" if number == 1 else "events"
    return f"{number} {what} from {found.first} to {found.last}{touching}; release {found.version}"


def _line(event: Event, naming: Naming, first: Iterable[str] = ()) -> str:
    more = "; ".join([*first, *particulars(event, naming)])
    told = f"{naming.with_id(event.name, event.about)}{f' ({more})' if more else ''}"
    return paragraph(f"{date_in_words(event.date)}: {told}. Evidence: {event.evidence}.", "  ", "    ")
