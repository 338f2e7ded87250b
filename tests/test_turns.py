"""Pages are made a few at a time, and nobody may have them all; whoever is refused is told when to come back."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from flask import Blueprint, Flask

from readmission.web import problems
from readmission.web.turns import Turns
from running import awaited


@dataclass
class Pages:
    """An application whose pages take until ``made`` is set."""

    turns: Turns
    made: threading.Event = field(default_factory=threading.Event)
    beginning: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    at_once: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        routes = Blueprint("pages", __name__)

        @routes.get("/page")
        def page() -> str:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            self.beginning.release()
            assert self.made.wait(30)
            self.at_once -= 1
            return "a page"

        @routes.get("/fault")
        def fault() -> str:
            raise RuntimeError("a page that cannot be made")

        self.turns.register(routes)
        self.app = Flask(__name__)
        problems.register(self.app)
        self.app.logger.disabled = True
        self.app.register_blueprint(routes)

    def ask(self, number: int = 1, path: str = "/page") -> tuple[int, str | None]:
        """Return the status, and when to come back."""
        client = self.app.test_client()
        told = client.get(path, environ_base={"REMOTE_ADDR": f"127.0.0.{number}"})
        return told.status_code, told.headers.get("Retry-After")

    def under_way(self) -> int:
        return self.turns._clients.total()


def test_so_many_are_made_at_once_and_the_others_wait() -> None:
    pages = Pages(Turns(at_once=2, waiting=4))
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(pages.ask, number) for number in range(6)]
        awaited(lambda: pages.under_way() == 6, "some were refused")
        assert all(pages.beginning.acquire(timeout=5) for _ in range(2))
        pages.made.set()
        assert Counter(each.result() for each in asked) == {(200, None): 6}
    assert pages.most == 2
    assert pages.under_way() == 0


def test_who_asks_for_too_many_is_refused_and_others_are_not() -> None:
    pages = Pages(Turns(at_once=2, waiting=6, each=2))
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(pages.ask) for _ in range(2)]
        awaited(lambda: pages.under_way() == 2, "some were refused")
        assert pages.ask() == (429, "1")
        other = threads.submit(pages.ask, 2)
        awaited(lambda: pages.under_way() == 3, "another client was refused")
        pages.made.set()
        assert {each.result() for each in (*asked, other)} == {(200, None)}
    assert pages.ask() == (200, None)


@pytest.mark.parametrize(("waiting", "longest"), [(0, 20.0), (1, 0.1)])
def test_where_no_place_is_free_one_is_told_to_come_back(waiting: int, longest: float) -> None:
    pages = Pages(Turns(at_once=1, waiting=waiting, longest=longest))
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(pages.ask)
        assert pages.beginning.acquire(timeout=5)
        assert pages.ask(2) == (503, "5")
        pages.made.set()
        assert asked.result() == (200, None)
    assert pages.ask(2) == (200, None)


def test_a_page_that_cannot_be_made_gives_its_turn_back() -> None:
    pages = Pages(Turns(at_once=1, waiting=0))
    pages.made.set()
    assert [pages.ask(path="/fault")[0] for _ in range(3)] == [500] * 3
    assert pages.ask() == (200, None)
