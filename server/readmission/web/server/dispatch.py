"""Requests that the workers' application answers: all but the signs of life, and queries being stopped.

They are admitted as queries are: in the same lanes, at the expense of the same share, until the same deadline. What
the front does itself for a request is a matter of microseconds, so that nobody's pages hold up anybody's queries.
"""

import asyncio
from typing import TYPE_CHECKING

from readmission.engine.execution import Outcome, Unanswered
from readmission.web.endpoint.request import Asked
from readmission.web.endpoint.running_queries import ASKED, HEAVY, ID, LEFT, TOLD, Case, Desk, Told
from readmission.web.http.problems import Conflict, RequestFault
from readmission.web.http.reply import Reply
from readmission.workers.messages import Request
from readmission.workers.pool import Pool

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_FRONT = ("/health", "/ready", "/queries/")
_OF_AN_ENGINE = ("/sparql", "/graphs", "/graph/", "/limits", "/openapi.json")
"""What the front answers where an engine elsewhere answers the queries."""
_INSPECTION = "/inspect"
_INSPECTION_SECONDS = 2.0
_LONGEST_START = 30.0  # seconds
_TOO_MUCH = {Outcome.DEADLINE, Outcome.MEMORY}
_FILE = "X-Sendfile"
"""The header by which an application has its server send a file (Flask's USE_X_SENDFILE): a worker can open none."""
_TOLD_HERE = {ID.lower(), "server-timing", _FILE.lower()}
"""Headers of which the front knows more."""


class Dispatch:
    """Has the workers answer what the front does not."""

    def __init__(self, desk: Desk, pool: Pool, *, asks_workers: bool) -> None:
        self._desk, self._pool = desk, pool
        self._here = _FRONT if asks_workers else (*_FRONT, *_OF_AN_ENGINE)

    async def reply(self, environ: "WSGIEnvironment") -> Reply | None:
        """Return the workers' reply; None where the front's application has to answer, or to tell of a refusal."""
        path = environ["PATH_INFO"]
        if path.startswith(self._here):
            return None
        reply = await self._asked(environ)
        if path == _INSPECTION and isinstance(reply, Told) and _is_too_much(reply.fault):
            reply = await self._asked({**environ, HEAVY: str(reply.fault)})
        if isinstance(reply, Told):
            environ[TOLD] = reply
            return None
        return reply

    async def _asked(self, environ: "WSGIEnvironment") -> Reply | Told:
        """Return the reply, or why there is none."""
        address, stated, running = environ.get("REMOTE_ADDR", ""), environ.get(_NUMBER), None
        try:
            if not self._pool.keeper.equipped.is_set():
                await self._begun(environ)
            with self._desk.case(None, stated, address, _timeout(environ), environ[LEFT]) as case:
                running = case.running
                return await self._answered(environ, case)
        except (Unanswered, RequestFault, Conflict) as fault:
            return Told(fault.with_traceback(None), running)

    async def _begun(self, environ: "WSGIEnvironment") -> None:
        """Wait until workers have the application: the seconds that a server takes to start are not the client's.

        Raises Unanswered when they come to nothing.
        """
        keeper, longest = self._pool.keeper, _LONGEST_START
        if keeper.was_equipped:  # the zygote was lost, and nobody knows whether there will be another
            longest = (_timeout(environ) or self._pool.limits.deadline) / 2
        try:
            await asyncio.wait_for(keeper.equipped.wait(), longest)
        except TimeoutError as fault:
            raise Unanswered(Outcome.BUSY, "no worker is ready; try again soon", retry_after=5) from fault

    async def _answered(self, environ: "WSGIEnvironment", case: Case) -> Reply:
        request = Request(_texts(environ, case.running.id), environ["wsgi.input"].getvalue())
        response = await self._pool.respond(request, case.running)
        case.note = response.note
        file = next((value for name, value in response.headers if name == _FILE), None)
        headers = [field for field in response.headers if field[0].lower() not in _TOLD_HERE]
        told = headers + self._desk.told(case.running)
        sent = None if environ["REQUEST_METHOD"] == "HEAD" else file
        return Reply(response.status, told, response.body, file=sent)


_NUMBER = f"HTTP_{ID.upper().replace('-', '_')}"


def _timeout(environ: "WSGIEnvironment") -> float | None:
    """Return the seconds that the client would wait, as far as it says so; an inspection has few."""
    asked: Asked | None = environ.get(ASKED)
    stated = asked.timeout if asked else None
    return (
        min(stated or _INSPECTION_SECONDS, _INSPECTION_SECONDS)
        if environ["PATH_INFO"] == _INSPECTION
        else stated
    )


def _is_too_much(fault: Exception) -> bool:
    return isinstance(fault, Unanswered) and fault.outcome in _TOO_MUCH


def _texts(environ: "WSGIEnvironment", number: str) -> dict[str, str]:
    """Return what of an environment is text, with the number of the request."""
    return {name: value for name, value in environ.items() if isinstance(value, str)} | {_NUMBER: number}
