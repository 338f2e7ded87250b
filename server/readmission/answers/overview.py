"""The state of the whole field on a date: what the question ``overview`` lists, counted."""

import datetime
from dataclasses import dataclass
from typing import Any

from readmission import questions
from readmission.release import Release

_LISTS = ("negotiations_open", "visa_measures_in_force")
_COUNTS = (
    "eu_readmission_agreements_in_force",
    "eu_arrangements_operational",
    "joint_readmission_committees",
    "joint_working_groups",
    "acp_partners",
)
_PROVISIONS = ("agreements", "partners", "seed_agreements", "seed_partners")


@dataclass(frozen=True)
class Overview:
    """The items behind each figure; ``figures`` counts them."""

    on: datetime.date
    version: str
    items: dict[str, tuple[str, ...]]

    def figures(self) -> dict[str, Any]:
        """Return the figures under the keys the command line and the API promise."""
        counted = {name: len(self.items.get(name, ())) for name in _COUNTS}
        listed = {name: list(self.items.get(name, ())) for name in _LISTS}
        provisions = {name: len(self.items.get(f"provisions_{name}", ())) for name in _PROVISIONS}
        return {**counted, "provisions": provisions, **listed}


def overview(release: Release, on: datetime.date) -> Overview:
    """Return the state of the field on a day."""
    rows = questions.find("overview").run(release.engine, {"on": on.isoformat()}, release.gazetteer).texts()
    items: dict[str, tuple[str, ...]] = {}
    for row in rows:
        items[row["figure"]] = (*items.get(row["figure"], ()), row["item"])
    return Overview(on, release.version, items)
