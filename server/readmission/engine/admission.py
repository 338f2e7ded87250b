"""Whether a client's next query is let in: the same rule and the same refusals whatever engine answers."""

import math
import time
from collections import Counter

from readmission.engine.client_budgets import ClientBudgets
from readmission.engine.execution import Outcome, UnansweredError
from readmission.engine.limits import Limits


class Admission:
    """Counts each client's queries that are inside, and knows what is left of its share; for one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self.budgets = ClientBudgets(limits)
        self._limits = limits
        self._count_by_client: Counter[str] = Counter()
        window = math.ceil(limits.share / limits.refill)
        self._policy = f'"engine-seconds";q={limits.share:.0f};w={window}'

    def enter(self, client: str) -> None:
        """Let a client's query in, until ``leave``. Raises UnansweredError when its share or its number is used up."""
        if wait := self.budgets.retry_after(client, time.monotonic()):
            raise UnansweredError(
                Outcome.RATE,
                f"your share of the engine, {self._limits.share:g} seconds, is used up; "
                f"{self._limits.refill:g} come back each second",
                retry_after=wait,
            )
        if self._count_by_client[client] >= self._limits.at_once:
            raise UnansweredError(
                Outcome.RATE,
                f"{self._limits.at_once} of your queries are under way; wait for one of them",
                retry_after=1,
            )
        self._count_by_client[client] += 1

    def leave(self, client: str) -> None:
        """Count a query out that was let in; a client of which none is left is forgotten."""
        self._count_by_client[client] -= 1
        if not self._count_by_client[client]:
            del self._count_by_client[client]

    @property
    def query_count(self) -> int:
        """How many queries are inside, of all clients together."""
        return self._count_by_client.total()

    def headers(self, client: str) -> dict[str, str]:
        """Return the headers RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers), in seconds."""
        left, back = self.budgets.remaining(client, time.monotonic())
        return {"RateLimit-Policy": self._policy, "RateLimit": f'"engine-seconds";r={left};t={back}'}
