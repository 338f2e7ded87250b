"""What is promised where memory, processes or rights are scarce: a clear word, and a front that lives on."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.endurance import endured
from harness.pooled import pooled
from harness.running import PROGRAM, Server, runs, started, wait_for
from harness.wire import Client, Reply, get_query, request
from readmission.engine.execution import Outcome, Query, UnansweredError
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.engine.rate_limiter import RateLimiter
from readmission.engine.running_query import RunningQuery
from readmission.web.app import Data, Settings
from readmission.web.server import memory_fit
from readmission.workers import worker_connection
from readmission.workers.pool import Pool
from readmission.workers.system import memory
from readmission.workers.worker_connection import WorkerLostError

pytestmark = pytest.mark.alone  # it measures time

JSON = "application/sparql-results+json"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
READY = request(b"GET", b"/ready")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.nq"
    lines = (f'<urn:s{n % 20}> <urn:p{n % 7}> "value {n}" <urn:g{n % 3}> .\n' for n in range(600))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def ask(pool: Pool, text: str, client: str = "somebody") -> str:
    """Return how a query ended: with an answer, or with what is told in its place."""
    try:
        return pool.ask(Query(text, JSON, None), RunningQuery(client=client)).form
    except UnansweredError as fault:
        return f"{fault.outcome}: {fault}"


# -- how much there is -----------------------------------------------------------------------------------------------


def place(folder: Path, group: str, mount: str) -> Path:
    process = folder / "process"
    process.mkdir()
    (process / "cgroup").write_text(group)
    (process / "mountinfo").write_text(mount)
    return process


@pytest.mark.parametrize(
    ("path", "root", "limits", "wanted"),
    [
        ("/a/b", "/", {"a/b": "max", "a": "50000000"}, 50_000_000),
        ("/a/b", "/", {"a/b": "40000000", "a": "50000000"}, 40_000_000),
        ("/a/b", "/", {"a/b": "60000000", "a": "max"}, 60_000_000),
        ("/docker/x", "/docker/x", {"": "30000000"}, 30_000_000),
        ("/", "/", {"": "30000000"}, 30_000_000),
        ("/../../y", "/", {"": "20000000"}, 20_000_000),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_the_lowest_cgroup_limit_counts(
    tmp_path: Path, path: str, root: str, limits: dict[str, str], wanted: int, version: int
) -> None:
    top = tmp_path / "top of groups"
    unlimited = {1: "9223372036854771712", 2: "max"}[version]
    for folder, limit in limits.items():
        (top / folder).mkdir(parents=True, exist_ok=True)
        name = {1: "memory.limit_in_bytes", 2: "memory.max"}[version]
        (top / folder / name).write_text((unlimited if limit == "max" else limit) + "\n")
    escaped = str(top).replace(" ", "\\040")
    group = {1: f"4:cpu,memory:{path}\n0::/else\n", 2: f"0::{path}\n"}[version]
    system = {1: "cgroup cgroup rw,cpu,memory", 2: "cgroup2 cgroup2 rw"}[version]
    mount = f"35 31 0:32 {root} {escaped} rw,relatime shared:9 - {system}\n"
    assert memory.available(place(tmp_path, group, mount)) == wanted


def test_without_cgroups_the_memory_of_the_machine_counts(tmp_path: Path) -> None:
    assert memory.available(tmp_path) == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


# -- what fits -------------------------------------------------------------------------------------------------------

TAKEN = 200 * MEBIBYTE


@pytest.fixture
def few(data: Path, monkeypatch: pytest.MonkeyPatch) -> Data:
    monkeypatch.setattr(memory_fit, "_measure", lambda *_: TAKEN)
    return Data.open([data])


@pytest.mark.parametrize(
    "stated", [Limits(), Limits(memory=2048 * MEBIBYTE), Limits(quick_slots=1, long_slots=1)]
)
@pytest.mark.parametrize("size", [240, 256, 300, 512, 700, 1024, 2048, 3000, 4096, 8192, 65_536])
def test_all_queries_together_fit_into_the_memory_that_there_is(few: Data, stated: Limits, size: int) -> None:
    given = memory_fit.fit(Settings(limits=stated), few, size * MEBIBYTE)
    limits = given.limits
    most = limits.workers * (limits.memory + limits.growth) + given.cache_bytes + given.bytes_in_flight
    assert TAKEN + most <= size * MEBIBYTE
    assert min(limits.quick_slots, limits.long_slots) >= 1
    assert limits.memory >= 8 * MEBIBYTE
    assert limits.answer <= given.bytes_in_flight, "an answer that can never be sent"
    assert (limits.workers, limits.memory) <= (stated.workers, stated.memory)


def test_memory_of_the_data_is_measured(data: Path) -> None:
    taken = memory_fit._measure(Data.open([data]), Settings())
    assert 60 * MEBIBYTE < taken < 400 * MEBIBYTE, (
        "two Python processes, one with the application over few data"
    )


def test_limits_that_fit_are_not_reduced(few: Data) -> None:
    assert memory_fit.fit(Settings(), few, 8192 * MEBIBYTE) == Settings()


def test_too_little_memory_is_refused_with_the_amount_needed(few: Data) -> None:
    with pytest.raises(memory_fit.MemoryShortageError, match=r"150 MiB.*and (\d+) are needed") as caught:
        memory_fit.fit(Settings(), few, 150 * MEBIBYTE)
    needed = int(str(caught.value).split(" and ")[1].split()[0])
    assert memory_fit.fit(Settings(), few, needed * MEBIBYTE).limits.workers == 2


def test_the_message_names_each_reduced_limit() -> None:
    given = Settings(limits=Limits(quick_slots=1, long_slots=1, memory=20 * MEBIBYTE, answer=2 * MEBIBYTE))
    told = memory_fit.describe(Settings(limits=Limits(quick_slots=4, long_slots=2)), given, 256 * MEBIBYTE)
    assert told.startswith(
        "256 MiB of memory: 2 queries run at a time in place of 6, each with 20 MiB in place of 512"
    )


# -- who goes first --------------------------------------------------------------------------------------------------


def test_oom_scores_end_workers_first_and_the_front_last(data: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--data", str(data)) as server:
        front = score(server.process.pid)
        assert {score(pid) for pid in server.workers()} == {1000}
        assert {score(pid) for pid in server.zygotes()} == {max(front, 500)}


def score(pid: int) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text())


def test_the_front_outlives_the_heaviest_queries(data: Path, tmp_path: Path) -> None:
    """A short look, at few data; tests/slow has the release, and a minute for each size."""
    light, ends, lives = endured(tmp_path, 176, 6, "--data", str(data))
    assert lives, "the front was killed"
    assert light[200] > 0, f"light queries ended with {light}"
    assert set(light) <= {200, 503}, f"light queries ended with {light}"
    assert ends <= {200, 503, 504, 507, 422}, f"attacks ended with {ends}"


# -- what is told ----------------------------------------------------------------------------------------------------


def test_large_answers_that_are_right_alone_are_right_at_once(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has its worker end after it; nobody else is handed to that worker."""
    losses: list[WorkerLostError] = []

    class NotedError(WorkerLostError):
        def __init__(self) -> None:
            losses.append(self)

    monkeypatch.setattr(worker_connection, "WorkerLostError", NotedError)
    limits = Limits(deadline=60, memory=24 * MEBIBYTE, at_once=100, quick_queue=100, quick_time=10)
    large = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 15000"
    with pooled(data, limits=limits) as pool, ThreadPoolExecutor(8) as threads:
        wait_for(pool.is_ready, "no worker came")
        alone = pool.ask(Query(large, JSON, None), RunningQuery())
        before = set(pool.supervisor.workers.alive)
        asked = list(threads.map(lambda n: ask(pool, f"{large} #{n}", f"client {n % 8}"), range(40)))
        assert alone.rows == 15_000
        assert not before & set(pool.supervisor.workers.alive), (
            "these answers are not large: the test proves nothing"
        )
    assert set(asked) == {"select"}
    assert not losses, f"{len(losses)} queries were handed to workers that were about to end"


def test_a_worker_killed_from_outside_is_not_reported_as_out_of_memory(data: Path) -> None:
    with (
        pooled(data, limits=Limits(deadline=30, quick_slots=2, long_slots=1)) as pool,
        ThreadPoolExecutor(1) as threads,
    ):
        wait_for(lambda: len(pool.supervisor.workers.idle) == 3, "no worker came")
        asked = threads.submit(ask, pool, ENDLESS)
        while not asked.done():
            for worker in [one for one in list(pool.supervisor.workers.alive.values()) if one.was_asked]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.1)
        told = asked.result()
    assert told.startswith(f"{Outcome.BUSY}: the process that ran the query was ended from outside"), told


@pytest.mark.parametrize("size", [16, 64, 256])
def test_a_query_over_its_memory_limit_answers_507(data: Path, size: int) -> None:
    doubling = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    with pooled(data, limits=Limits(memory=size * MEBIBYTE, quick_slots=1, long_slots=1)) as pool:
        wait_for(pool.is_ready, "no worker came")
        told = ask(pool, f"SELECT ?x40 {{ BIND('xxxxxxxxxxxxxxxx' AS ?x0) {doubling} }}")
    assert told.startswith(f"{Outcome.MEMORY}: the query needed more than {size} MiB"), told


# -- what keeps queries from being answered --------------------------------------------------------------------------

OBSTACLES = {
    "setrlimit": ("resource.setrlimit = refused", "setrlimit"),
    "address space": (
        "real = resource.setrlimit\n"
        "def lowered(what, limits):\n"
        "    if what == resource.RLIMIT_AS: raise ValueError('not allowed to raise maximum limit')\n"
        "    real(what, limits)\n"
        "resource.setrlimit, resource.getrlimit = lowered, lambda _: (700 * 2**20, 700 * 2**20)",
        "ulimit -v",
    ),
    "fork": ("os.fork = refused", "no process can be started"),
    "pidfd_open": ("os.pidfd_open = refused", "no process can be started"),
}


@pytest.mark.parametrize(
    ("hindrance", "reason"),
    [
        pytest.param(*told, marks=[pytest.mark.slow] * (name != "setrlimit"), id=name)
        for name, told in OBSTACLES.items()
    ],
)
def test_a_server_that_cannot_confine_workers_exits_with_a_reason(
    data: Path, tmp_path: Path, hindrance: str, reason: str
) -> None:
    """As in a container whose seccomp profile refuses it; the zygote alone meets the obstacle."""
    program = f"import os, resource\ndef refused(*_): raise PermissionError(1, 'Operation not permitted')\n{hindrance}"
    only = f"import sys\nif 'readmission.workers.zygote' in sys.orig_argv: exec({program!r})\n"
    (tmp_path / "sitecustomize.py").write_text(only)
    done = subprocess.run(
        [*PROGRAM, "serve", "--port", "0", "--memory", "1024", "--data", str(data)], capture_output=True, text=True,
        timeout=60, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert reason in done.stderr.splitlines()[-1], done.stderr
    assert "Traceback" not in done.stderr, done.stderr


def test_failing_workers_are_replaced_at_a_limited_rate(data: Path) -> None:
    seen: set[int] = set()
    with pooled(data, limits=Limits(quick_slots=2, long_slots=1)) as pool:
        wait_for(pool.is_ready, "no worker came")
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for pid in list(pool.supervisor.workers.alive):
                seen.add(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
        assert 10 <= len(seen) <= 32 + 3 + 2 * 5, f"{len(seen)} workers in 3 seconds"
        wait_for(lambda: ask(pool, "ASK {}") == "ask", "no worker came back")


def test_a_busy_zygote_loses_no_query(data: Path) -> None:
    """While it makes the application no worker comes: those that there are stay, long and short queries in turn."""
    product = (
        "SELECT (COUNT(*) AS ?n) {{ ?s{0} ?p ?o . ?t ?q ?r . FILTER(STRLEN(STR(?o)) > STRLEN(STR(?r))) }}"
    )
    with pooled(data, limits=Limits(quick_slots=2, long_slots=1, quick_time=0.02, at_once=20)) as pool:
        wait_for(lambda: pool.state().idle == 3, "no worker came")
        assert pool.supervisor.zygote
        os.kill(pool.supervisor.zygote, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(8) as clients:
                texts = [product.format(n) if n % 2 else "ASK {}" for n in range(16)]
                assert set(clients.map(lambda text: ask(pool, text), texts)) == {"ask", "select"}
            assert pool.is_ready(), "the last worker was ended, and none can come"
        finally:
            os.kill(pool.supervisor.zygote, signal.SIGCONT)
        wait_for(lambda: pool.state().workers == 3, "the workers did not come back")


def test_a_zygote_lost_after_its_first_worker_is_restarted(data: Path) -> None:
    with pooled(data) as pool:
        wait_for(pool.is_ready, "no worker came")
        assert pool.supervisor.zygote
        os.kill(pool.supervisor.zygote, signal.SIGKILL)
        wait_for(lambda: pool.supervisor.zygotes == 2, "no other zygote came")
        assert pool.supervisor.first_worker.result() == ""


def test_replacement_is_limited_to_two_workers_a_second() -> None:
    pace, now = RateLimiter(32, 2.0), 1000.0
    waits = [pace.delay(now) for _ in range(52)]
    assert waits[:32] == [0.0] * 32
    assert waits[-1] == pytest.approx(10.0)
    assert pace.delay(now + 60) == 0.0


@pytest.mark.parametrize("change", [pytest.param("removed", marks=pytest.mark.slow), "replaced"])
def test_a_deleted_data_file_is_still_served_after_the_zygote_restarts(
    data: Path, tmp_path: Path, change: str
) -> None:
    with started(tmp_path, "--data", str(data)) as server:
        before = ask_again(server)
        if change == "replaced":
            (tmp_path / "other.nq").write_text("<urn:a> <urn:b> <urn:c> .\n")
            (tmp_path / "other.nq").replace(data)
        else:
            data.unlink()
        first = server.zygotes()
        os.kill(first[0], signal.SIGKILL)
        wait_for(lambda: not runs(first[0]) and server.ready(), "no query is answered any more")
        after = ask_again(server)
        assert (after.body, after.headers["x-release"]) == (before.body, before.headers["x-release"])
        assert "the process that forks the workers has ended with -9" in server.log.read_text()
        assert "Queries are answered again." in server.log.read_text()


def test_a_data_file_changed_in_place_is_not_served_before_sighup(data: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--data", str(data)) as server:
        data.write_text("<urn:a> <urn:b> <urn:c> .\n")
        os.kill(server.zygotes()[0], signal.SIGKILL)
        wait_for(
            lambda: "data.nq has been changed; SIGHUP has it read anew" in server.log.read_text(),
            "nothing is said",
        )
        assert Client(server.port).send(READY).status == 503
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "from now on" in server.log.read_text(), "SIGHUP does not help")
        assert b'"1"' in ask_again(server).body
        assert Client(server.port).send(READY).status == 200


@pytest.mark.slow
def test_sighup_restarts_workers_even_without_a_newer_release(data: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--data", str(data)) as server:
        os.utime(data)
        os.kill(server.zygotes()[0], signal.SIGKILL)
        wait_for(lambda: "has been changed" in server.log.read_text(), "nothing is said")
        server.process.send_signal(signal.SIGHUP)
        wait_for(server.ready, "SIGHUP does not help")


def ask_again(server: Server) -> Reply:
    return Client(server.port).send(get_query(COUNT, Cache_Control=b"no-cache"))


# -- the first process of a container --------------------------------------------------------------------------------

ORPHANS = """
import ctypes, os, signal, sys, time
from readmission.web.server.first_process import fork_under_init
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come to this process, as they do to PID 1
status = fork_under_init()
if status is not None:
    sys.exit(status)
signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
orphans = []
for _ in range(5):
    mine, theirs = os.pipe()
    if os.fork() == 0:
        child = os.fork()
        if child:
            os.write(theirs, str(child).encode())
        os._exit(0)
    os.wait()
    orphans.append(os.read(mine, 20).decode())
print(*orphans, flush=True)
time.sleep(60)
"""


def test_pid_1_reaps_orphans_and_forwards_signals_and_exit_status() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        orphans = [int(pid) for pid in process.stdout.readline().split()]
        assert len(orphans) == 5
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans), "zombies are left")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 7


UNSHARE = ("unshare", "--fork", "--pid", "--mount-proc", "--kill-child=TERM")


def unshares() -> bool:
    try:
        return (
            subprocess.run([*UNSHARE, "true"], capture_output=True, timeout=20, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


@pytest.mark.spared
def test_pid_1_leaves_no_zombie_and_stops(data: Path, tmp_path: Path) -> None:
    if not unshares():
        pytest.skip("no PID namespace may be made here")
    with started(tmp_path, "--data", str(data), program=(*UNSHARE, *PROGRAM)) as server:
        for pid in server.zygotes():
            os.kill(pid, signal.SIGKILL)  # its workers become orphans
        wait_for(server.ready, "no zygote came back")
        wait_for(lambda: all(map(runs, server.family())), "zombies are left")
        first = server.family()[0]
        os.kill(first, signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert "Stopped." in server.log.read_text()
