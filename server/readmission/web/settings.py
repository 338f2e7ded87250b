"""What an operator may choose about the served pages and the endpoint."""

from dataclasses import dataclass, field

from readmission.engine.limits import MEBIBYTE, Limits


@dataclass(frozen=True)
class Settings:
    """Settings of the web application; every value has a default that is safe on the open internet."""

    title: str = "Readmission Graph"
    pages: bool = True
    """Country pages and the overview; off when the data served are not ours (``serve --data``)."""
    page_rows: int = 1000
    """Rows or lines of a query's answer shown on a page; the downloads always hold all of them."""
    largest_request: int = 1_000_000
    """Bytes of a request's body; a larger one is refused with 413."""
    max_age: int = 300
    """How long a cache may reuse an answer without asking again."""
    cache_bytes: int = 64 * MEBIBYTE
    """Bytes of answers kept in memory, so that repeated questions cost next to nothing; 0 keeps none."""
    bytes_in_flight: int = 8 * 64 * MEBIBYTE
    """Bytes of long answers that are sent at a time; who comes when slow readers hold so much has to wait."""
    limits: Limits = field(default_factory=Limits)
    """What queries from outside may use."""
