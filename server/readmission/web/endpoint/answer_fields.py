"""The header fields of an answer to a query, whoever sends it: the fast path or the application."""

from datetime import datetime

from werkzeug.http import http_date

from readmission.engine.formats.table import Format
from readmission.web.endpoint.dataset import Dataset, modified
from readmission.web.endpoint.request import WEAK
from readmission.web.http.headers import cache_control
from readmission.web.http.reply import Fields, Freshness


class AnswerFields:
    """The fields of answers over one release: what they hold, and for how long they may be kept (RFC 9111)."""

    def __init__(self, served: Dataset, max_age: int) -> None:
        self.version = served.version
        self._seconds = max_age
        changed: datetime | None = modified(served)
        self._modified: Fields = [("Last-Modified", http_date(changed))] if changed else []

    def content(self, format_: Format) -> Fields:
        """Return what tells the format of an answer, and the name of the file that it may become."""
        return [
            ("Content-Type", format_.content_type),
            ("Content-Disposition", f'inline; filename="answer.{format_.extension}"'),
        ]

    def volatile(self) -> Fields:
        """Return what forbids to keep an answer that would be another one next time, as with NOW()."""
        return [("Cache-Control", "no-store")]

    def cacheable(self, tag: str, coding: str | None, *, weak: bool) -> tuple[Fields, Freshness]:
        """Return what tells for how long an answer may be kept, and under which tag: each coding has its own."""
        quoted = f'"{tag}{WEAK * weak}{f"-{coding}" if coding else ""}"'
        fields = [
            ("ETag", f"W/{quoted}" if weak else quoted),
            ("Cache-Control", cache_control(self._seconds)),
            *self._modified,
        ]
        return fields, (quoted, self._seconds)
