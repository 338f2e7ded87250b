"""The ledgers that stand beside the facts, as tests read them."""

import csv

from readmission.resources import folder


def ledger_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a ledger in their order; it is named below the folder ``graph``."""
    with (folder("graph") / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
