"""Tables of instruments as spreadsheets save them."""

import csv
import io

from readmission.table_import.columns import NAMES


def written(
    rows: object, separator: str = ",", encoding: str = "utf-8", end: str = "\r\n", names: object = NAMES
) -> bytes:
    """Return rows as a spreadsheet saves them; ``names`` are the headers in their order."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(names), "", delimiter=separator, lineterminator=end)  # type: ignore[call-overload]
    writer.writeheader()
    writer.writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue().encode(encoding)
