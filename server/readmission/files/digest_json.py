"""JSON with its own SHA-256 digest, so that any changed bit is detected."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_DIGEST = "seal"


class DigestError(ValueError):
    """Bytes without a valid digest."""


def dumps(values: Mapping[str, Any]) -> bytes:
    """Return an object as JSON (ASCII) with the SHA-256 of the rest as its last member."""
    return _text({**values, _DIGEST: hashlib.sha256(_text(values)).hexdigest()})


def loads(data: bytes) -> dict[str, Any]:
    """Return the object without its digest; raises DigestError for bytes that ``dumps`` has not written."""
    try:
        values: dict[str, Any] = json.loads(data)
        del values[_DIGEST]
        whole = dumps(values) == data
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise DigestError(f"it is empty, damaged, or of another version of the program ({fault})") from fault
    if not whole:
        raise DigestError("it has changed since it was written")
    return values


def _text(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, indent=2) + "\n").encode("ascii")
