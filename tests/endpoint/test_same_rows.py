"""The whole release in engines of other people: every question and every trap has the rows of the embedded store.

Apache Jena ARQ, by other people and in another language, is the referee: it sides with the embedded store on all of
them. The engines that can be put behind ``serve --engine`` are tried by that command itself; what one of them gets
wrong is listed here, by name, and nothing else may differ.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from harness.arq import Arq
from harness.outside_engines import MissingEngineError, Place, oxigraph, virtuoso
from readmission import questions
from readmission.external_engine import comparison
from readmission.release import DATASET_FILE, Release

SECONDS = 60
TRAPS = comparison.traps()
ASKED = {**questions.load(), **TRAPS}
# Virtuoso 7.2.5.1, of Debian 12. Truth values come back as numbers; differences of dates and 1/4 are 0; MINUS takes
# rows away that share no variable; a text in a language joins with the text alone; UNDEF joins with nothing; the sum
# of nothing is nothing; a filter that makes no sense ends the query; some queries its compiler does not read.
VIRTUOSO: set[str] = set(
    """bilateral-instruments changed-statuses days-to-entry-into-force gaps last-meetings longest-mandates open-pairs
    parallel-agreements partners readmission-agreements signed-not-in-force verified-absence
    division empty-count failed-filter free-path languages minus-apart open-values optional-filter truth-values
    """.split()
)
FAULTS: dict[str, set[str]] = {"oxigraph": set(), "virtuoso": VIRTUOSO}
UNANSWERED = {"between-european-states"}
"""Questions that ARQ does not answer in minutes; the server of Oxigraph is asked them below."""
ENGINES = ["oxigraph", pytest.param("virtuoso", marks=pytest.mark.slow)]
UNSTEADY: dict[str, set[str]] = {
    "oxigraph": set(),
    # Filters over dates lose rows without a word, in some databases of the same statements and not in others.
    "virtuoso": {"date-range", "date-range-joined", "fragmented-partners", "unrecorded-protocols"},
}


@dataclass(frozen=True)
class Trial:
    """What ``readmission serve --engine`` said of an engine, and what it answered through it, if it served at all."""

    engine: str
    said: str
    statements: int | None
    status: int | None

    def wrong(self) -> set[str]:
        """Return the questions and traps that it found the engine to get wrong."""
        return set(re.findall(r"^  wrong: (?:question|trap) ([\w-]+):", self.said, re.MULTILINE))


@pytest.fixture(scope="module")
def referee(built: Release) -> Arq:
    assert built.path is not None
    return Arq(built.path / DATASET_FILE, SECONDS)


@pytest.fixture(scope="module")
def trials(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Trial]:
    """Tries an engine from the command line, with the release that the tests have built, and once only."""
    found: dict[str, Trial] = {}

    def tried(engine: str) -> Trial:
        if engine not in found:
            with ExitStack() as stack:
                try:
                    place = stack.enter_context(
                        oxigraph() if engine == "oxigraph" else virtuoso(tmp_path_factory.mktemp(engine))
                    )
                except MissingEngineError as missing:
                    pytest.skip(f"NOT TESTED with {engine}: {missing}")
                found[engine] = served(engine, place)
        return found[engine]

    return tried


def served(engine: str, place: Place) -> Trial:
    """Serve through an engine, ask for one answer, and stop."""
    program = Path(sys.executable).with_name("readmission")
    command = [str(program), "serve", "--port", "0", "--deadline", str(SECONDS), "--engine", place.query]
    surroundings = {**os.environ, "READMISSION_ENGINE_LOGIN": place.login or ""}
    said, statements = "", None
    with subprocess.Popen(
        [*command, "--graph-store", place.graph_store], stderr=subprocess.PIPE, text=True, env=surroundings
    ) as serving:
        assert serving.stderr is not None
        for line in lines(serving.stderr):
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line.partition("Serving on")[2]):
                query = "SELECT(COUNT(*)AS%20%3Fn)WHERE%7B%3Fs%20%3Fp%20%3Fo%7D"
                with urlopen(f"{found[0]}sparql.csv?query={query}", timeout=SECONDS) as answer:
                    statements = int(answer.read().split()[1])
                serving.terminate()
    return Trial(engine, said, statements, serving.returncode)


def lines(stream: Iterator[str]) -> Iterator[str]:
    """Yield lines as they come; pytest shows them when a test fails."""
    for line in stream:
        print(line, end="")
        yield line


@pytest.mark.parametrize("name", sorted(ASKED.keys() - UNANSWERED))
def test_the_referee_sides_with_the_embedded_store(name: str, built: Release, referee: Arq) -> None:
    text = ASKED[name].sparql({}, built.gazetteer)
    told = comparison.difference(text, referee, built.engine)
    assert not told, (
        f"Apache Jena ARQ answers {name} otherwise: {told}; find out who is right before you go on"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_gives_the_same_rows_or_is_known_not_to(
    engine: str, trials: Callable[[str], Trial]
) -> None:
    wrong = trials(engine).wrong() - UNSTEADY[engine]
    assert not wrong - FAULTS[engine], f"{engine} gets these wrong, see above"
    assert not FAULTS[engine] - wrong, f"{engine} gets these right now; take them off the list of its faults"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_is_right_is_served_and_another_is_not(
    engine: str, trials: Callable[[str], Trial], built: Release
) -> None:
    found = trials(engine)
    assert f"switched to: {built.counts['statements']} statements" in found.said
    if found.wrong():
        assert found.status == 2
        assert "so nothing is served" in found.said
    else:
        assert found.status == 0
        assert found.statements is not None
        assert "gives the same answers to all of them" in found.said
