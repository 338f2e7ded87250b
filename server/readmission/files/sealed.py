"""JSON that tells when any bit of it has changed: it carries a digest of itself, and has one text only."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_SEAL = "seal"


class Broken(ValueError):
    """Bytes that nobody sealed, or that have changed since."""


def dumps(values: Mapping[str, Any]) -> bytes:
    """Return an object as JSON (ASCII) with its seal, the SHA-256 of the rest, as last member."""
    return _text({**values, _SEAL: hashlib.sha256(_text(values)).hexdigest()})


def loads(data: bytes) -> dict[str, Any]:
    """Return the object without its seal; raises Broken for whatever ``dumps`` has not written, to the bit."""
    try:
        values: dict[str, Any] = json.loads(data)
        del values[_SEAL]
        whole = dumps(values) == data
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise Broken(f"it is empty, damaged, or of another version of the program ({fault})") from fault
    if not whole:
        raise Broken("it has changed since it was written")
    return values


def _text(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, indent=2) + "\n").encode("ascii")
