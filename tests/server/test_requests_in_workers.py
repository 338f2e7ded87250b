"""Requests that workers answer: within the limits of queries, whatever the application does."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.pooled import pooled
from harness.running import wait_for
from readmission.engine.execution import Outcome, Query, UnansweredError
from readmission.engine.limits import Limits
from readmission.engine.running_query import RunningQuery
from readmission.workers.messages import Request, Response
from readmission.workers.pool import Pool

DEADLINE = 1.5


@contextmanager
def equipped(folder: Path, limits: Limits) -> Iterator[Pool]:
    data = folder / "data.nt"
    data.write_text("<x:a> <x:b> <x:c> .\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        with pooled(
            data, limits=limits, application=("harness.misbehaving:application", "as told")
        ) as running:
            wait_for(running.supervisor.application_ready.is_set, "no worker has the application", 60)
            yield running


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    limits = Limits(deadline=DEADLINE, quick_slots=2, long_slots=2, at_once=2)
    with equipped(tmp_path_factory.mktemp("data"), limits) as running:
        yield running


def respond(
    pool: Pool, path: str, body: bytes = b"", client: str = "", timeout: float | None = None
) -> Response:
    request = Request({"REQUEST_METHOD": "GET", "PATH_INFO": path}, body)
    service = pool.respond(request, RunningQuery(client=client, timeout=timeout))
    return asyncio.run_coroutine_threadsafe(service, pool._loop).result(30)


def test_the_application_answers_over_the_data(pool: Pool) -> None:
    reply = respond(pool, "/", b" and a body")
    assert (reply.status, reply.headers, reply.body) == (200, [("Argument", "as told")], b"1 and a body")


@pytest.mark.parametrize(
    ("path", "outcome", "told"),
    [
        ("/fault", Outcome.FAILED, "RuntimeError: no view foresaw this"),
        ("/memory", Outcome.MEMORY, ""),
        ("/time", Outcome.DEADLINE, f"after {DEADLINE:g} seconds"),
        ("/crash", Outcome.FAILED, ""),
        ("/leave", Outcome.FAILED, ""),
        ("/file", Outcome.FAILED, "Too many open files"),
    ],
)
def test_an_application_error_harms_no_other_request(
    pool: Pool, path: str, outcome: Outcome, told: str
) -> None:
    with pytest.raises(UnansweredError) as refusal:
        respond(pool, path)
    assert refusal.value.outcome is outcome
    assert told in str(refusal.value)
    assert respond(pool, "/").status == 200
    assert pool.ask(Query("ASK {}", "application/sparql-results+json", None), RunningQuery()).form == "ask"


def test_the_client_may_ask_for_an_earlier_deadline(pool: Pool) -> None:
    with pytest.raises(UnansweredError, match=r"after 0\.2 seconds"):
        respond(pool, "/time", timeout=0.2)


def test_requests_and_queries_share_a_clients_budget(pool: Pool) -> None:
    async def all_at_once() -> list[object]:
        request = Request({"REQUEST_METHOD": "GET", "PATH_INFO": "/time"}, b"")
        held = [pool.respond(request, RunningQuery(client="greedy", timeout=0.5)) for _ in range(2)]
        query = Query("ASK {}", "application/sparql-results+json", None)
        return list(
            await asyncio.gather(
                *held, pool.answer(query, RunningQuery(client="greedy")),
                pool.respond(request, RunningQuery(timeout=0.1)),
                return_exceptions=True,
            )
        )  # fmt: skip

    ended = asyncio.run_coroutine_threadsafe(all_at_once(), pool._loop).result(30)
    outcomes = [fault.outcome if isinstance(fault, UnansweredError) else None for fault in ended]
    assert [outcome is Outcome.RATE for outcome in outcomes] == [False, False, True, False]


def test_workers_have_the_application_after_a_zygote_restart(pool: Pool) -> None:
    zygote = pool.supervisor.zygote
    assert zygote
    os.kill(zygote, signal.SIGKILL)
    wait_for(
        lambda: pool.supervisor.zygote != zygote and pool.supervisor.application_ready.is_set(),
        "no new zygote",
        60,
    )
    wait_for(lambda: respond(pool, "/").status == 200, "no answer", 30)


def test_a_worker_without_the_application_answers_busy(
    tmp_path: Path,
) -> None:
    """It waited for a worker that has it, and the zygote of that one was lost meanwhile."""
    data = tmp_path / "data.nt"
    data.write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    with pooled(data) as plain, pytest.raises(UnansweredError) as caught:
        respond(plain, "/")
    assert caught.value.outcome is Outcome.BUSY
    assert caught.value.retry_after


def test_a_slow_page_is_rendered_once(tmp_path: Path) -> None:
    limits = Limits(deadline=30, quick_slots=4, long_slots=1, quick_time=0.05)
    with equipped(tmp_path, limits) as pool, ThreadPoolExecutor(9) as clients:
        before = set(pool.supervisor.workers.alive)
        asked = [clients.submit(respond, pool, "/work", b"0.2", f"client {number}") for number in range(9)]
        assert [one.result().status for one in asked] == [200] * 9
        assert set(pool.supervisor.workers.alive) == before, "a worker was ended in the middle of a page"
