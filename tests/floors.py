"""Count the rooms of the package, the floors they lie on, and the arrows of imports between them.

    python tests/floors.py

A room is a module or a folder at the top of the package, and each folder of the web. On the lowest floor are those that
import no other room; each other lies one floor above the highest that it imports.
"""

from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import grimp

PACKAGE = "readmission"
_DIVIDED = "web"


def room(module: str) -> str | None:
    """Return the room of a module; None for the package itself, which opens the rooms it is asked for."""
    parts = module.split(".")[1:]
    return ".".join(parts[: 2 if parts[0] == _DIVIDED else 1]) if parts and parts != [_DIVIDED] else None


def arrows() -> dict[str, set[str]]:
    """Return for each room those that it imports."""
    graph, found = grimp.build_graph(PACKAGE, cache_dir=None), defaultdict[str, set[str]](set)
    for module in graph.modules:
        if (here := room(module)) is None:
            continue
        others = {room(other) for other in graph.find_modules_directly_imported_by(module)}
        found[here] |= {other for other in others if other is not None} - {here}
    return dict(found)


def floors(imports: dict[str, set[str]]) -> dict[str, int]:
    """Return the floor of each room, the lowest being 1. Raises CycleError where imports go round in a circle."""
    found: dict[str, int] = {}
    for one in TopologicalSorter(imports).static_order():
        found[one] = 1 + max((found[other] for other in imports.get(one, ())), default=0)
    return found


def main() -> int:
    """Print the floors from the top down, and the counts."""
    imports = arrows()
    try:
        found = floors(imports)
    except CycleError as fault:
        print(f"a circle of imports: {' → '.join(fault.args[1])}")
        return 1
    for floor in range(max(found.values()), 0, -1):
        print(f"{floor:3}  {'  '.join(sorted(one for one in found if found[one] == floor))}")
    print(
        f"{len(found)} rooms on {max(found.values())} floors, {sum(map(len, imports.values()))} arrows, no circle"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
