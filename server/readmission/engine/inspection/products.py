"""Cross products: parts of a group that no variable joins, so that each solution of one meets each of the other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from readmission.engine.syntax.patterns import (
    NONE,
    Bind,
    Filter,
    Group,
    Minus,
    Named,
    Names,
    Optional,
    Part,
    Triples,
    Values,
    joined,
)
from readmission.engine.syntax.queries import Select

SHORT = 50
"""Rows of a VALUES that is written to be tried with everything."""


@dataclass(frozen=True, eq=False)
class Member:
    """Something that is joined in a group: where it begins, and what it can be joined by."""

    start: int
    ends: Names
    free: bool = False
    """Whether it is a triple pattern of three variables."""
    counts: bool = True
    """Whether it multiplies; a BIND, a short VALUES, or what is said of one thing only tie others together."""


@dataclass(frozen=True, eq=False)
class Product:
    """A group whose members fall into sets that no variable joins."""

    group: Group
    sets: tuple[tuple[Member, ...], ...]

    @property
    def variables(self) -> list[list[str]]:
        """The variables of each set."""
        ends = (joined(member.ends for member in members) for members in self.sets)
        return [sorted(name for name in names if not name.startswith("_")) for names in ends]

    @property
    def is_filtered(self) -> bool:
        """Whether a filter compares variables of two sets."""
        return any(
            sum(not filter_.mentioned.isdisjoint(names) for names in self.variables) > 1
            for filter_ in self.group.filters
        )


def products(group: Group, given: Names = NONE) -> Iterator[Product]:
    """Find the cross products of a group and of all groups within; ``given`` is what comes from around it."""
    sets = _sets(_joined(group), given)
    if len(sets) > 1:
        yield Product(group, sets)
    for nested, known in within(group, given):
        yield from products(nested, known)


def free(group: Group, given: Names = NONE) -> Iterator[Member]:
    """Find the triple patterns of three variables that nothing else narrows, no named graph either."""
    members = _joined(group)
    used = Counter(name for member in members for name in member.ends)
    chosen = [part.groups[0] for part in group.parts if isinstance(part, Named) and not part.graph.variable]
    for member in members:
        if member.free and not member.ends & given and all(used[name] == 1 for name in member.ends):
            yield member
    for nested, known in within(group, given):
        if nested not in chosen:
            yield from free(nested, known)


def within(group: Group, given: Names) -> Iterator[tuple[Group, Names]]:
    """Return the groups within one, each with the variables that the parts around it bind."""
    used = Counter(name for part in group.parts for name in part.visible)
    for part in group.parts:
        known = NONE
        if part.groups and not isinstance(
            part, Minus | Select
        ):  # these two see nothing of what is around them
            known = given | group.visible - {name for name in part.visible if used[name] == 1}
        for nested in part.groups:
            yield nested, known


def _joined(group: Group) -> list[Member]:
    return [member for part in group.parts for member in _members(part) if member.ends]


def _members(part: Part) -> Iterator[Member]:
    match part:
        case Triples():
            for pattern in part.patterns:
                free = len(pattern.variables) == 3
                yield Member(pattern.subject.start, pattern.ends, free, not pattern.is_of_one)
        case Bind():
            yield Member(part.start, part.mentioned, counts=False)
        case Values():
            yield Member(part.start, part.visible, counts=part.rows > SHORT)
        case Optional():
            # the filter of an OPTIONAL sees what stands before: it may tie the two together
            tied = joined(filter_.mentioned for filter_ in part.groups[0].filters)
            yield Member(part.start, part.visible | tied, counts=_multiplies(part))
        case Filter() | Minus():
            pass
        case Select():
            yield Member(part.start, part.visible, counts=not part.is_single)
        case _:
            yield Member(part.start, part.visible, counts=_multiplies(part))


def _multiplies(part: Part) -> bool:
    return any(member.counts for group in part.groups for member in _joined(group))


def _sets(members: list[Member], given: Names) -> tuple[tuple[Member, ...], ...]:
    """Return the members in sets that variables join, in the order of the text."""
    root = {"": ""} | {name: name for member in members for name in member.ends}

    def top(name: str) -> str:
        while root[name] != name:
            root[name] = name = root[root[name]]
        return name

    for member in members:
        first, *others = (("" if name in given else name) for name in sorted(member.ends))
        for other in others:
            root[top(other)] = top(first)
    found: dict[str, list[Member]] = {}
    for member in members:
        name = min(member.ends)
        found.setdefault(top("" if name in given else name), []).append(member)
    return tuple(
        tuple(counted)
        for known in found.values()
        if (counted := [member for member in known if member.counts])
    )
