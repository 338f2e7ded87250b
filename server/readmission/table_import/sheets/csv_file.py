"""Tables as text: encodings and separators are recognised, never guessed at.

RFC 4180 is what is expected; semicolons and tabs, UTF-16 and Windows-1252 are what spreadsheets write too.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from readmission.table_import.columns import NAMES, key
from readmission.table_import.table_errors import refused

WINDOWS = "Windows-1252"
Records = Iterator[tuple[int, list[str]]]
"""The rows that are not empty: the number of each as spreadsheets count, and its cells."""

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_MARKS = (  # the longer mark first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)  # fmt: skip
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
SAVE = "save the table as a workbook (.xlsx) or as CSV (UTF-8)"


def read(name: str, data: bytes) -> tuple[str, str, Records]:
    """Return the encoding of a table, the word for its separator, and its records; raises ImportRefusedError."""
    text, encoding = _decode(name, data)
    stated = re.match(r"sep=(.)\r?\n", text)  # Excel's own first line
    text = text[stated.end() :] if stated else text
    separator = stated[1] if stated and stated[1] in _SEPARATORS else _separator(text)
    return encoding, _SEPARATORS[separator], _records(name, text, separator)


def _decode(name: str, data: bytes) -> tuple[str, str]:
    if data.startswith(b"%PDF"):
        raise refused(name, 0, "the file is a PDF, no table", SAVE)
    marked = next((label for mark, label in _MARKS if data.startswith(mark)), None)
    if marked:
        return _decode_strictly(name, data, marked).removeprefix("\ufeff"), marked
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise refused(
            name, row, "the row holds NUL bytes, so the file is no text or UTF-16 without its mark", SAVE
        )
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as fault:
        if _UTF8_LETTER.search(data):
            row = data[: fault.start].count(b"\n") + 1
            raise refused(name, row, "the row is not UTF-8, though others are", SAVE) from fault
    return _decode_strictly(name, data, WINDOWS), WINDOWS


def _decode_strictly(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        row = data[: fault.start].count(b"\n") + 1
        raise refused(name, row, f"the row cannot be read as {encoding}", SAVE) from fault


def _separator(text: str) -> str:
    """Return the separator by which the first line that is not empty names the most columns."""
    line = next((line for line in text.splitlines() if line.strip()), "")

    def named(separator: str) -> int:
        return sum(key(cell.strip(' "')) in NAMES for cell in line.split(separator))

    return max(_SEPARATORS, key=named)


def _records(name: str, text: str, separator: str) -> Records:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            remedy = (
                "look for a double quote that is not closed, and write a double quote inside a text twice"
            )
            raise refused(name, number, f"the row is no CSV ({fault})", remedy) from fault
        if any(cell.strip() for cell in record):
            yield number, record
