"""Text that people hand in: UTF-8, with or without a byte-order mark (RFC 3629, section 6)."""

import codecs

from readmission.errors import UserError

BYTE_ORDER_MARK = codecs.BOM_UTF8
_OTHERS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Marks of other encodings; that of UTF-32 begins like that of UTF-16, so it comes first."""


class EncodingError(UserError, ValueError):
    """A text that is not UTF-8: the message names it, the ``line``, counted from 1, and the way to mend it."""

    def __init__(self, name: str, line: int, message: str) -> None:
        super().__init__(f"{name}:{line}: {message}")
        self.line, self.message = line, message


def decode(data: bytes, name: str) -> str:
    """Return the text of some bytes, without a byte-order mark; raises EncodingError under the given name."""
    if other := other_encoding(data):
        raise EncodingError(name, 1, f"the file is {other}; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        at = fault.start + (
            len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
        )  # the codec counts from behind the mark
        line = len(data[:at].splitlines() or [b""]) + data[:at].endswith((b"\n", b"\r"))
        message = f"the byte {data[at]:#04x} is not UTF-8; save the file as UTF-8"
        raise EncodingError(name, line, message) from fault


def other_encoding(data: bytes) -> str | None:
    """Return the name of the encoding that the first bytes show, or None where they may be UTF-8."""
    for mark, name in _OTHERS.items():
        if data.startswith(mark):
            return name
    return "UTF-16" if b"\0" in data[:2] else None
