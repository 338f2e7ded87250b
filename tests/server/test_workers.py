"""What the workers promise: a query ends at its limits, takes nobody else with it, and opens nothing."""

import contextlib
import gc
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest

from harness.pooled import pooled
from readmission.engine.client_budgets import ClientBudgets
from readmission.engine.embedded import EmbeddedEngine
from readmission.engine.execution import Answer, InProcessService, Outcome, Query, UnansweredError
from readmission.engine.limits import MEBIBYTE, NICE_DEFAULT, NICE_LONG_QUERY, NICE_UNKNOWN_CLIENT, Limits
from readmission.engine.running_query import RunningQuery
from readmission.workers.call import Call
from readmission.workers.pool import Pool
from readmission.workers.scheduler import Lane, Lanes, QueuedQuery

pytestmark = pytest.mark.alone  # it measures time

JSON = "application/sparql-results+json"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
BOMB = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c"
DOUBLING = (
    "SELECT ?x40 { BIND('xxxxxxxxxxxxxxxx' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + "}"
)
DEADLINE = 1.0
SLACK = 1.0  # other programs use this machine too; tests/benchmarks/runaways.py measures

Asking = Callable[..., Answer]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some hundred statements: enough for a product of them without end."""
    path = tmp_path_factory.mktemp("data") / "data.nq"
    lines = (f'<urn:s{n % 20}> <urn:p{n % 7}> "value {n}" <urn:g{n % 3}> .\n' for n in range(600))
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pool(data: Path) -> Iterator[Pool]:
    limits = Limits(
        deadline=DEADLINE, memory=64 * MEBIBYTE, answer=200_000, quick_slots=2, long_slots=2,
        quick_queue=4, long_queue=2, at_once=20, share=1000.0, heavy=1000.0,
    )  # fmt: skip
    with pooled(data, limits=limits) as pool:
        _until(lambda: pool.state().idle == 4, "the workers did not start")
        yield pool


def ask(pool: Pool, text: str, client: str = "somebody", **running: object) -> Answer:
    return pool.ask(Query(text, JSON, "application/n-triples"), RunningQuery(client=client, **running))  # type: ignore[arg-type]


def refused(pool: Pool, text: str, **running: object) -> tuple[Outcome, float]:
    """Return how a query ended that got no answer, and after how many seconds."""
    begun = time.monotonic()
    with pytest.raises(UnansweredError) as caught:
        ask(pool, text, **running)  # type: ignore[arg-type]
    return caught.value.outcome, time.monotonic() - begun


def test_an_answer_is_the_same_as_in_this_process(pool: Pool, data: Path) -> None:
    store = ox.Store()
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_QUADS)
    here = InProcessService(EmbeddedEngine(store), 10**9)
    for text in (
        "ASK {}",
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?p",
        "DESCRIBE <urn:s1>",
    ):
        query = Query(text, JSON, "application/n-triples", named_graphs=())
        there, local = pool.ask(query, RunningQuery()), here.ask(query, RunningQuery())
        assert sorted(there.body.splitlines()) == sorted(local.body.splitlines())
        assert (there.form, there.rows, there.is_cacheable) == (local.form, local.rows, local.is_cacheable)


@pytest.mark.parametrize(
    "media_type", [JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"]
)
@pytest.mark.parametrize(
    ("values", "rows"),
    [
        ("", 0),
        ('"a" "b"', 2),
        (r'"line\nbreak" "a,b" "q\"q" ""', 4),
        (r'"}},{" "}},{\"" "},{\"x\"" "<result>" "{}" "\r\n"', 6),
        ('"}},{"', 1),
        ("UNDEF UNDEF", 2),
        ("UNDEF <urn:a> <<( <urn:a> <urn:b> 1 )>>", 3),
    ],
)
def test_rows_are_counted_exactly(media_type: str, values: str, rows: int) -> None:
    query = Query(f"SELECT ?x ?y {{ VALUES ?x {{ {values} }} }}", media_type, None)
    assert InProcessService(EmbeddedEngine(ox.Store()), 10**6).ask(query, RunningQuery()).rows == rows


@pytest.mark.parametrize(
    "text",
    [
        ENDLESS,
        "SELECT DISTINCT ?c ?f ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(CONCAT(?c, ?f, ?i)) > 1000) }",
        'SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(CONCAT(?c, ?f, ?i), "(x+x+)+y")) }',
    ],
)
def test_a_query_is_stopped_at_its_deadline(pool: Pool, text: str) -> None:
    outcome, seconds = refused(pool, text)
    assert outcome is Outcome.DEADLINE
    assert DEADLINE <= seconds < DEADLINE + SLACK
    assert ask(pool, "ASK {}").form == "ask"


def test_a_client_may_ask_for_an_earlier_deadline_and_not_for_a_later_one(pool: Pool) -> None:
    outcome, seconds = refused(pool, ENDLESS, timeout=0.3)
    assert (outcome, seconds < DEADLINE) == (Outcome.DEADLINE, True)
    assert refused(pool, ENDLESS, timeout=60.0)[1] < DEADLINE + SLACK


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        DOUBLING,
        "SELECT * { FILTER(" + "(" * 200_000 + "1" + ")" * 200_000 + ") }",
    ],
    ids=["order by", "doubling", "nesting"],
)
def test_out_of_memory_or_stack_ends_one_query_only(pool: Pool, text: str) -> None:
    before = pool.supervisor.zygote
    outcome, _ = refused(pool, text)
    assert outcome in (Outcome.MEMORY, Outcome.DEADLINE)
    assert ask(pool, "ASK {}").form == "ask"
    assert pool.supervisor.zygote == before, "the zygote died with a worker"


def test_a_too_large_answer_is_refused_and_never_cut(pool: Pool) -> None:
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with pytest.raises(UnansweredError, match=r"larger than 200,000 bytes.*LIMIT") as caught:
        ask(pool, text)
    assert caught.value.outcome is Outcome.TOO_LARGE
    assert ask(pool, "SELECT * { ?a ?b ?c }").rows == 600


ENDINGS = {
    "killed from inside": "SELECT * { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }",
    "memory": BOMB,
    "deadline": ENDLESS,
    "too large": "SELECT * { ?a ?b ?c . ?d ?e ?f }",
    "unreadable": "SELECT",
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_a_failed_query_leaves_nothing_in_memory(pool: Pool, text: str) -> None:
    """Its text may be a megabyte, and the collector may not look for what goes in circles for hours."""
    gc.collect()
    gc.disable()
    try:
        with pytest.raises(UnansweredError):
            ask(pool, text)
        _until(
            lambda: not _in_memory(Call), "the calls of refused queries stay in memory: find what holds them"
        )
    finally:
        gc.enable()


def _in_memory(kind: type) -> bool:
    return any(isinstance(one, kind) for one in gc.get_objects())


def test_a_client_disconnect_stops_the_query(pool: Pool) -> None:
    leaving = time.monotonic() + 0.3
    outcome, seconds = refused(pool, ENDLESS, client_disconnected=lambda: time.monotonic() > leaving)
    assert outcome is Outcome.DISCONNECTED
    assert seconds < DEADLINE
    _settled(pool)


def test_a_stopped_query_ends(pool: Pool) -> None:
    running = RunningQuery(client="owner")
    threading.Timer(0.2, setattr, (running, "is_stopped", True)).start()
    with pytest.raises(UnansweredError) as caught:
        pool.ask(Query(ENDLESS, JSON, None), running)
    assert caught.value.outcome is Outcome.STOPPED


def test_a_full_queue_or_long_wait_is_busy_with_retry_after(pool: Pool) -> None:
    with ThreadPoolExecutor(16) as threads:
        asked = [threads.submit(ask, pool, f"# {n}\n{ENDLESS}", f"client {n}") for n in range(16)]
        faults = [_fault(each) for each in asked]
    outcomes = [fault.outcome for fault in faults]
    assert set(outcomes) == {Outcome.DEADLINE, Outcome.BUSY}
    assert outcomes.count(Outcome.DEADLINE) >= 2
    assert all((fault.retry_after or 0) >= 1 for fault in faults if fault.outcome is Outcome.BUSY)
    _settled(pool)


def test_long_queries_do_not_block_the_fast_lane(pool: Pool) -> None:
    with ThreadPoolExecutor(4) as threads:
        heavy = [threads.submit(ask, pool, ENDLESS, f"heavy {n}") for n in range(4)]
        time.sleep(0.4)
        begun = time.monotonic()
        for _ in range(20):
            assert ask(pool, "ASK {}", "light").form == "ask"
        seconds = time.monotonic() - begun
        assert {_fault(each).outcome for each in heavy} <= {Outcome.DEADLINE, Outcome.BUSY}
    assert seconds < DEADLINE, "short queries waited for long ones"


def test_no_query_reads_a_file_or_calls_another_server(pool: Pool, data: Path) -> None:
    assert refused(pool, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")[0] is Outcome.FEDERATION
    assert ask(pool, f"SELECT * FROM <{data.as_uri()}> {{ ?s ?p ?o }}").rows == 0
    assert refused(pool, f"LOAD <{data.as_uri()}>")[0] is Outcome.UPDATE


@pytest.mark.parametrize("confined", [False, True])
def test_a_worker_cannot_open_a_socket(confined: bool) -> None:
    """RLIMIT_NOFILE is 0 in a worker: the engine itself, asked past all our checks, opens nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0 if confined else 20)
        program = (
            "import os, sys, pyoxigraph; from readmission.workers.worker import confine\n"
            "store = pyoxigraph.Store()\n"
            f"if {confined}: confine(os.getppid(), 2**30, 2**32)\n"
            "list(store.query('SELECT * { SERVICE <http://127.0.0.1:' + sys.argv[1] + '/> { ?s ?p ?o } }'))"
        )
        port = str(server.getsockname()[1])
        caller = subprocess.Popen([sys.executable, "-c", program, port], stderr=subprocess.DEVNULL)
        if confined:
            assert caller.wait(30) != 0
            with pytest.raises(BlockingIOError):
                server.accept()
        else:  # the same call does reach the server from a process that is free
            server.accept()[0].close()
            caller.wait(30)


def test_each_worker_has_its_own_random_numbers(pool: Pool) -> None:
    with ThreadPoolExecutor(4) as threads:
        text = "SELECT (STRUUID() AS ?x) (RAND() AS ?y) {}"
        bodies = {each.result().body for each in [threads.submit(ask, pool, text) for _ in range(4)]}
    _kill_all(pool)
    bodies.add(ask(pool, text).body)
    assert len(bodies) == 5


def test_a_killed_worker_is_replaced_and_its_query_retried(pool: Pool) -> None:
    for _ in range(3):
        _kill_all(pool)
        assert ask(pool, "ASK {}").form == "ask"
    _settled(pool)


def test_no_process_is_left_over_after_many_kills(pool: Pool) -> None:
    for n in range(10):
        refused(pool, f"# again {n}\n{ENDLESS}", timeout=0.05)
    _settled(pool)
    _until(lambda: len(_children(pool.supervisor.zygote)) == 4, "workers leak")
    assert set(_children(pool.supervisor.zygote)) == set(pool.supervisor.workers.alive)


def test_a_dead_zygote_is_restarted_with_new_workers(data: Path) -> None:
    with pooled(data, limits=Limits(quick_slots=1, long_slots=1)) as pool:
        assert ask(pool, "ASK {}").form == "ask"
        first, workers = pool.supervisor.zygote, list(pool.supervisor.workers.alive)
        assert first is not None
        os.kill(first, 9)
        _until(lambda: pool.supervisor.zygote != first and pool.state().idle == 2, "no second zygote came")
        assert ask(pool, "ASK {}").form == "ask"
        _until(lambda: not any(map(_runs, workers)), "workers outlived their zygote")
        second = pool.supervisor.zygote
        assert second is not None
    _until(lambda: not _runs(second), "the zygote outlived its pool")


def test_a_killed_front_leaves_no_process(data: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from readmission.engine.limits import Limits; from readmission.workers.pool import Pool\n"
        "from readmission.engine.execution import Query; from readmission.engine.running_query import RunningQuery\n"
        "async def main():\n"
        "    pool = Pool([Path(sys.argv[1])], Limits(quick_slots=1, long_slots=1))\n"
        f"    query = asyncio.create_task(pool.answer(Query({ENDLESS!r}, {JSON!r}, None), RunningQuery()))\n"
        "    while pool.state().idle != 1: await asyncio.sleep(0.01)\n"
        "    print(pool.supervisor.zygote, *pool.supervisor.workers.alive, flush=True); await query\n"
        "asyncio.run(main())"
    )
    front = subprocess.Popen([sys.executable, "-c", program, data], stdout=subprocess.PIPE, text=True)
    assert front.stdout is not None
    processes = [int(pid) for pid in front.stdout.readline().split()]
    assert len(processes) == 3
    front.kill()
    front.wait()
    front.stdout.close()
    _until(lambda: not any(map(_runs, processes)), "processes outlived the front")


def test_long_slots_are_shared_fairly_between_clients() -> None:
    limits = Limits(long_slots=2, quick_slots=1)
    shares = ClientBudgets(limits)
    lanes: Lanes[QueuedQuery] = Lanes(limits, shares)
    greedy = [QueuedQuery("greedy", Lane.LONG) for _ in range(3)]
    for ticket in greedy:
        assert lanes.enter(ticket, 0.0)
    lanes.start(greedy[0])
    assert lanes.next(0.0) is None, "a client holds more than its slots"
    modest = QueuedQuery("modest", Lane.LONG)
    assert lanes.enter(modest, 0.0)
    assert lanes.next(0.0) is modest
    lanes.start(modest)
    shares.charge("used much", 3.0, 0.0)
    first, second = QueuedQuery("used much", Lane.QUICK), QueuedQuery("used little", Lane.QUICK)
    assert lanes.enter(first, 0.0)
    assert lanes.enter(second, 0.0)
    assert lanes.next(0.0) is second


def test_a_full_queue_evicts_the_client_that_used_most() -> None:
    limits = Limits(long_queue=2)
    shares = ClientBudgets(limits)
    lanes: Lanes[QueuedQuery] = Lanes(limits, shares)
    shares.charge("heavy", 9.0, 0.0)
    shares.charge("some", 2.0, 0.0)
    waiting = [QueuedQuery("some", Lane.LONG), QueuedQuery("heavy", Lane.LONG)]
    assert all(lanes.enter(ticket, 0.0) for ticket in waiting)
    assert not lanes.enter(QueuedQuery("heavy", Lane.LONG), 0.0)
    assert lanes.enter(QueuedQuery("light", Lane.LONG), 0.0)
    assert (waiting[0].place, waiting[1].place) == (lanes.waiting[Lane.LONG], None)
    assert len(lanes.waiting[Lane.LONG]) == 2


def test_an_unknown_client_runs_at_lower_priority_than_one_of_short_queries(data: Path) -> None:
    with pooled(data, limits=Limits(quick_slots=3, long_slots=1)) as pool:
        _until(lambda: len(pool.supervisor.workers.idle) == 4, "not all workers came")
        for asked in range(3):
            ask(pool, f"ASK {{}} #{asked}", client="somebody")
            gave_way = [
                one.niceness for one in pool.supervisor.workers.alive.values() if one.niceness != NICE_DEFAULT
            ]
            assert gave_way == [NICE_UNKNOWN_CLIENT], (
                "a stranger's worker gives way, and is not taken for others"
            )
        before = set(pool.supervisor.workers.alive)
        refused(pool, ENDLESS, client="another", timeout=0.5)
        _until(lambda: len(pool.supervisor.workers.idle) == 4, "the worker of a long query was not replaced")
        assert len(before - set(pool.supervisor.workers.alive)) == 1


def test_workers_of_long_queries_are_reused_for_long_queries_only(data: Path) -> None:
    with pooled(data, limits=Limits(quick_slots=2, long_slots=1, quick_time=0.01)) as pool:
        _until(lambda: len(pool.supervisor.workers.idle) == 3, "not all workers came")
        before = set(pool.supervisor.workers.alive)
        for asked in range(3):
            ask(pool, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", client="patient")
            ask(pool, f"ASK {{}} #{asked}", client="quick")
        gave_way = sorted(one.niceness for one in pool.supervisor.workers.alive.values())
        assert gave_way == [NICE_DEFAULT, NICE_UNKNOWN_CLIENT, NICE_LONG_QUERY]
        assert set(pool.supervisor.workers.alive) == before, "each long answer costs a worker"


def test_queries_are_answered_where_priorities_cannot_be_set(data: Path) -> None:
    program = (
        "import asyncio, os, sys; from pathlib import Path\n"
        "def refused(*_): raise PermissionError\n"
        "os.setpriority = os.sched_setscheduler = refused  # as for a server under nice, or confined by its operator\n"
        "from readmission.engine.limits import Limits; from readmission.workers.pool import Pool\n"
        "from readmission.engine.execution import Query, UnansweredError\n"
        "from readmission.engine.running_query import RunningQuery\n"
        "async def main():\n"
        "    pool = Pool([Path(sys.argv[1])], Limits(quick_slots=1, long_slots=1, quick_time=0.02))\n"
        "    while not pool.is_ready(): await asyncio.sleep(0.01)\n"
        "    try:\n"
        f"        await pool.answer(Query({ENDLESS!r}, {JSON!r}, None), RunningQuery(timeout=1.0))\n"
        "    except UnansweredError as fault:\n"
        "        print(fault.outcome)\n"
        f"    print((await pool.answer(Query('ASK {{}}', {JSON!r}, None), RunningQuery())).form)\n"
        "    await pool.close()\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", program, data], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [Outcome.DEADLINE, "ask"], done.stderr


def test_a_budget_is_spent_and_refilled() -> None:
    shares = ClientBudgets(Limits(share=10.0, refill=0.5))
    assert (shares.retry_after("client", 0.0), shares.remaining("client", 0.0)) == (0, (10, 0))
    shares.charge("client", 12.0, 0.0)
    wait = shares.retry_after("client", 0.0)
    assert wait >= 1
    assert shares.retry_after("client", float(wait)) == 0
    assert shares.retry_after("another", 0.0) == 0


def test_a_client_over_its_budget_gets_retry_after(data: Path) -> None:
    with pooled(data, limits=Limits(share=0.2, quick_slots=1, long_slots=1, at_once=1)) as pool:
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(ask, pool, ENDLESS, "greedy", timeout=3.0)
            _until(lambda: sum(pool.state().running.values()) == 1, "the query did not start")
            assert refused(pool, "ASK {}", client="greedy")[0] is Outcome.RATE
            assert ask(pool, "ASK {}", "modest").form == "ask"
            assert _fault(first).outcome is Outcome.DEADLINE
        assert refused(pool, "ASK {}", client="greedy")[0] is Outcome.RATE
        assert ask(pool, "ASK {}", "modest").form == "ask"


def _fault(asked: "Future[Answer]") -> UnansweredError:
    fault = asked.exception(30)
    assert isinstance(fault, UnansweredError)
    return fault


def _settled(pool: Pool) -> None:
    _until(lambda: pool.state().idle == pool.limits.workers, "the pool does not come back to rest")
    assert not any([*pool.state().running.values(), *pool.state().waiting.values()])


def _kill_all(pool: Pool) -> None:
    for pid in list(pool.supervisor.workers.alive):
        with contextlib.suppress(ProcessLookupError):  # it has gone, which the pool may not have heard yet
            os.kill(pid, 9)


def _until(true: Callable[[], bool], fault: str) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, fault
        time.sleep(0.02)


def _children(pid: int | None) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
