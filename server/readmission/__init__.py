"""The Readmission Graph: build it, check it, ask it, publish it.

>>> import readmission
>>> graph = readmission.open()
>>> graph.gaps("Georgia", on="2021-02-10").rows[0].pair.eu.status
'agreement'
"""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readmission.answers.coverage import Gaps, StateAnswer, Why
    from readmission.answers.events import Events
    from readmission.answers.matrix import Change, Matrix
    from readmission.answers.network import Network
    from readmission.answers.overview import Overview
    from readmission.engine.interface import Solutions
    from readmission.release import Release


class Graph:
    """A release to ask from Python: the same answers as the command line and the endpoint give."""

    def __init__(self, release: "Release") -> None:
        self.release = release

    @property
    def version(self) -> str:
        """The version of the release: the date of the data and the digest of its bytes."""
        return self.release.version

    def query(self, text: str) -> "Solutions":
        """Run a SPARQL SELECT; ``.rows`` are terms, ``.texts()`` plain texts, ``.frame()`` a pandas DataFrame."""
        return self.release.engine.select(text)

    def ask(self, question: str, values: Mapping[str, str] | None = None) -> "Solutions":
        """Answer one of the questions by its name, with parameters as texts; a day that is not given is today."""
        from readmission import questions

        return questions.find(question).run(self.release.engine, values or {}, self.release.gazetteer)

    def overview(self, on: str | datetime.date | None = None) -> "Overview":
        """Return the state of the field on a day, today by default."""
        from readmission.answers.overview import overview

        return overview(self.release, _day(on))

    def gaps(
        self, country: str, on: str | datetime.date | None = None, persons: str = "own-nationals"
    ) -> "Gaps":
        """Return one row per Member State: what it has of its own with a country on a day, and what the Union has."""
        from readmission.answers import coverage

        return coverage.gaps(self.release, country, _day(on), persons)

    def state(
        self, name: str, on: str | datetime.date | None = None, persons: str = "own-nationals"
    ) -> "StateAnswer":
        """Return one row per partner: what a European state has of its own with it on a day, and what the Union has."""
        from readmission.answers import coverage

        return coverage.state(self.release, name, _day(on), persons)

    def why(
        self, state: str, country: str, on: str | datetime.date | None = None, persons: str = "own-nationals"
    ) -> "Why":
        """Return what one pair has, with each premise and its source."""
        from readmission.answers import coverage

        return coverage.why(self.release, state, country, _day(on), persons)

    def matrix(
        self, on: str | datetime.date | None = None, persons: str = "own-nationals", group: str | None = None
    ) -> "Matrix":
        """Return both layers for each European state and each partner on a day, or for a group of partners."""
        from readmission.answers.matrix import matrix

        return matrix(self.release, _day(on), persons, group)

    def changes(
        self,
        first: str | datetime.date,
        last: str | datetime.date | None = None,
        persons: str = "own-nationals",
    ) -> "tuple[Change, ...]":
        """Return the pairs that the events of a period moved, both its ends included."""
        from readmission.answers.matrix import changes

        return changes(self.release, _day(first), _day(last), persons)

    def events(
        self,
        first: str | datetime.date,
        last: str | datetime.date | None = None,
        country: str | None = None,
        state: str | None = None,
    ) -> "Events":
        """Return what happened from a day to a day, both included, or what of it touches a country or a state."""
        from readmission.answers.events import events

        return events(self.release, _day(first), _day(last), country, state)

    def network(
        self,
        on: str | datetime.date | None = None,
        persons: str = "own-nationals",
        least: int = 4,
        layer: str = "own",
    ) -> "Network":
        """Return the two-sided graph of European states and partners on a day."""
        from readmission.answers.network import network

        return network(self.release, _day(on), persons, least, layer)


def open() -> Graph:  # noqa: A001 - readmission.open() is how libraries of data are opened
    """Open the release that came with the program; in a checkout that of the facts as they are, built the first time.

    Raises MissingExtraError where a release would have to be built and ``readmission[build]`` is not installed, and
    BuildError where the facts are refused.
    """
    from readmission import current_release

    return Graph(current_release.to_ask())


def _day(on: str | datetime.date | None) -> datetime.date:
    from readmission import dates

    if on is None:
        return dates.today()
    return on if isinstance(on, datetime.date) else dates.day(on)
