"""How long pages take that nobody has asked for yet: each is asked for on days of its own, so that none is in memory.

Milliseconds of the processor, in the process that makes the pages, without a connection. The first request of each
kind, which also loads templates, is not counted.
"""

import datetime
import time
from statistics import median

from readmission import release
from readmission.building import pipeline
from readmission.web.app import create_app

PAGES = ("/countries/NGA", "/countries/MAR", "/member-states/DEU", "/member-states/SVK")
COMPARISONS = ("/compare?c=NGA&c=SEN", "/compare?c=SVK&c=CZE")
LIMIT = 60.0
"""Milliseconds of a page."""
_FIRST_DAY = datetime.date(2026, 11, 1)

Page = tuple[str, float]
"""A path, milliseconds."""


def first_pages(runs: int = 9) -> list[Page]:
    """Return the median milliseconds of each page, on days that were not asked about before."""
    client = create_app(pipeline.current(release.home())).test_client()
    found = []
    for path in (*PAGES, *COMPARISONS):
        taken = []
        for number in range(runs + 1):
            day = _FIRST_DAY - datetime.timedelta(days=37 * number)
            start = time.process_time()
            answer = client.get(f"{path}{'&' if '?' in path else '?'}on={day}")
            taken.append(1000 * (time.process_time() - start))
            if answer.status_code != 200:
                raise SystemExit(
                    f"{path} on {day} answers {answer.status}; mend tests/benchmarks/first_pages.py"
                )
        found.append((path, median(taken[1:])))
    return found
