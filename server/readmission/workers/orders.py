"""What the front tells a zygote at its start."""

from msgspec import Struct


class Orders(Struct, frozen=True):
    """What a zygote is told at its start, as JSON: what to load, and what its workers are and may use."""

    files: tuple[tuple[int, str], ...]
    """The handle and the name of each file; it is read by its handle, for its name may be gone."""
    ours: bool
    """Whether the files are of our own making, and need not be checked."""
    memory: int
    """Bytes that a worker may take for one query."""
    growth: int
    """Bytes that it may keep from one query to the next."""
    largest: int
    """Bytes of the largest answer."""
    application: str | None = None
    """``module:function``, called with the engine and ``argument``, returns what answers HTTP requests."""
    argument: str = ""
