"""An import that is ready to be written into a copy of the facts, for those who stop it there."""

import csv
import io
import shutil
from pathlib import Path

from harness.kills import digests
from readmission import dates
from readmission.files import journal
from readmission.resources import folder
from readmission.table_import import RecordedFacts, importing

# Pairs of which no real instrument is known; each row is of another file of facts.
TABLE = (
    {
        "european_state": "DEU", "partner": "TON", "kind": "bilateral-readmission-agreement", "nature": "binding",
        "title": "Abkommen über die Rückübernahme", "title_language": "de", "signed": "1998-04",
        "persons": "own-nationals", "source_title": "List of the ministry, 2018", "evidence_level": "official-list",
    },
    {
        "european_state": "ITA", "partner": "NRU", "kind": "memorandum-of-understanding", "nature": "non-binding",
        "title": "Memorandum d’intesa", "title_language": "it", "signed": "2017-02-02", "persons": "own-nationals",
        "source_title": "A newspaper", "source_url": "https://press.example/2016", "evidence_level": "press",
    },
)  # fmt: skip
COLUMNS = sorted({column for row in TABLE for column in row})


def table(path: Path, rows: object = TABLE) -> Path:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, "")
    writer.writeheader()
    writer.writerows(rows)  # type: ignore[arg-type]
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(graph: Path) -> dict[str, str]:
    """What the next command finds below the folder of facts."""
    with journal.reading(graph):
        return digests(graph)


class Import:
    """An import that is ready to be written into a folder of facts, and the folder before and after it."""

    def __init__(self, top: Path) -> None:
        self.graph = Path(shutil.copytree(folder("graph"), top / "graph"))
        self.before = digests(self.graph)
        self.found = importing.convert(
            table(top / "table.csv"), RecordedFacts(self.graph), today=dates.today()
        )
        after = Path(shutil.copytree(self.graph, top / "after"))
        for change in (*self.found.changes, *self.found.ledger):
            (after / change.file.path.relative_to(self.graph)).write_text(change.file.text, encoding="utf-8")
        self.after = digests(after)
        self.spare = shutil.copytree(self.graph, top / "spare")

    def restore(self) -> None:
        shutil.rmtree(self.graph)
        shutil.copytree(self.spare, self.graph)
