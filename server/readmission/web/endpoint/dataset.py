"""What the web application needs of a release, and the example queries it offers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from readmission import questions
from readmission.countries.gazetteer import Gazetteer
from readmission.engine.embedded import load_files
from readmission.engine.execution import QueryService
from readmission.engine.interface import Engine
from readmission.questions import Question
from readmission.release import DATASET_FILE, Release
from readmission.reports.terminal.question_help import spoken_days


@dataclass(frozen=True)
class Data:
    """Any data with a version, such as the files of ``serve --data``."""

    version: str
    engine: Engine
    files: tuple[Path, ...] = ()
    modified: datetime | None = None

    @classmethod
    def open(cls, files: Sequence[Path]) -> "Data":
        """Open RDF files; their version is the digest of their bytes. Raises DataError."""
        digest = hashlib.sha256()
        engine = load_files(files)
        for path in files:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        changed = max(path.stat().st_mtime for path in files)
        version = f"data-{digest.hexdigest()[:12]}"
        return cls(version, engine, tuple(files), datetime.fromtimestamp(changed, UTC))


Dataset = Release | Data
"""What the application serves: it has a version and an engine, and never changes while it is served."""


def files(served: Dataset) -> tuple[Path, ...]:
    """Return the files that hold what is served, for another process to load."""
    if isinstance(served, Data):
        return served.files
    assert served.path is not None
    return (served.path / DATASET_FILE,)


def modified(served: Dataset) -> datetime | None:
    """Return when the data changed last: the day that a release states, or when the files were written."""
    if isinstance(served, Data):
        return served.modified
    try:
        return datetime.strptime(served.version[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:  # a release that states no day
        return None


@dataclass(frozen=True)
class Example:
    """A question as a query to start from: a name for the address, the question in words, and its text."""

    question: Question
    gazetteer: Gazetteer

    @property
    def name(self) -> str:
        """What the address calls it."""
        return self.question.name

    @property
    def summary(self) -> str:
        """The question in words."""
        return self.question.summary

    @property
    def text(self) -> str:
        """The query with the defaults of today, under the question and the days that it is asked for."""
        lines = self.question.sparql({}, self.gazetteer).splitlines()
        headings = [f"# {told}" for told in (self.summary, spoken_days(self.question, {})) if told]
        return "\n".join([*headings, *(line for line in lines if not line.startswith("#+"))]) + "\n"


@dataclass(frozen=True)
class Examples:
    """Every question as a query that runs as it stands, its parameters at their defaults; other data have none."""

    served: Dataset
    service: QueryService

    @cached_property
    def by_name(self) -> dict[str, Example]:
        """The examples by name, without the questions that the engine gets wrong."""
        if not isinstance(self.served, Release):
            return {}
        wrong = {fault.name for fault in self.service.mismatches if fault.kind == "question"}
        return {
            name: Example(question, self.served.gazetteer)
            for name, question in questions.load().items()
            if name not in wrong
        }
