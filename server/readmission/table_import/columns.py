"""The columns of a table of bilateral instruments: one row an instrument."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readmission.table_import.cells.invisible import visible


@dataclass(frozen=True)
class Column:
    """A column: whether its cells must be filled, what they may say, and an example.

    ``codelist`` is the list its codes are from (the local name of the scheme), or empty.
    """

    name: str
    required: bool
    says: str
    example: str
    codelist: str = ""


_DATE = "year, month and day as 1998-04-22, or 1998-04, 1998, or a range such as [1998-04-22..1998-06-30]"

COLUMNS = (
    Column(
        "european_state", True,
        "the Member State or Schengen associated state, or the United Kingdom: code or name in any language; "
        "Benelux for an instrument that binds Belgium, the Netherlands and Luxembourg together",
        "DEU",
    ),
    Column("partner", True,
           "the country or territory of the other side: code or name in any language; another European state for an "
           "instrument between the two, whichever of them is written first",
           "Morocco"),
    Column("kind", True, "a code, or its name in English, French or German", "bilateral-readmission-agreement",
           "instrument-kind"),
    Column("nature", False, "whether it binds in law; empty: nature-unknown, which never counts as binding",
           "binding", "instrument-nature"),
    Column("nature_ground", False, "why it is taken to bind or not, in English", "Ratified by law; Article 12."),
    Column(
        "implements", False,
        "the agreement that an implementing protocol carries out, on file or in this table (side-partner-year); "
        "empty: that of the Union with the partner where it binds the state, else the only readmission agreement of "
        "the same sides",
        "eura/geo",
    ),
    Column("title", True, "the title as published, in its own language",
           "Vereinbarung über die Rückübernahme von Personen"),
    Column("title_language", True, "the language of the title: its two-letter code (ISO 639-1)", "de"),
    Column("title_english", False, "the title in English, when it is in another language",
           "Arrangement on the readmission of persons"),
    Column("signed", False, f"the day of signature: {_DATE}", "1998-04-22"),
    Column(
        "entry_into_force", False,
        f"the day from which it applies: {_DATE}; when a source only reports it as in force, the range "
        "from the signature to the date of that report; empty: never in force as far as recorded, "
        "except that a non-binding instrument starts with its signature, and that a memorandum, exchange of letters "
        "or administrative arrangement of unknown nature may",
        "1998-06-01",
    ),
    Column("ended", False, f"the first day without effect: {_DATE}", "2004-05-01"),
    Column("persons", False,
           "the persons it covers: codes parted by |, or none; empty: own-nationals for readmission agreements, "
           "none for every other kind",
           "own-nationals|stateless-persons", "person-category"),
    Column("persons_ground", False,
           "why it is taken to cover them, in English, when the source does not name them; they are inferred then, "
           "as those of a readmission agreement are from its name when persons is empty",
           "Named after readmission; the article on persons was not read."),
    Column("told_apart_by", False,
           "what tells the text apart from another of the same sides, kind and day of signature, in English; needed "
           "for such a text only",
           "Covers stateless persons; the other text of that day covers nationals."),
    Column("status_note", False, "what the source says on the status, in English",
           "Reported as in force by the ministry in 2019."),
    Column("official_reference", False, "the place in the national gazette or collection", "BGBl. 1998 II, p. 1148"),
    Column("source_title", False, "what the source is, in English; with source_url empty, where to find it",
           "Federal Law Gazette 1998 II, p. 1148"),
    Column("source_url", False,
           "the web address of the source, without a password; letters beyond ASCII are stored as %C3%BC; this or "
           "source_title, except for unverified",
           "https://www.bgbl.de/1998-ii-1148"),
    Column("source_kind", False,
           "what kind of source it is; empty: gazette for official-text, government for official-list and "
           "official-secondary, academic, or press",
           "source-gazette", "source-kind"),
    Column("evidence_level", True,
           "how far the source goes; unverified: general knowledge, without any source",
           "official-text", "evidence-level"),
    Column("locator", False, "the place in the source: article, page, number", "Article 1"),
    Column("instrument", False,
           "the instrument on file that the row tells of again: the row goes to the ledger only",
           "bilateral/deu-mar-1998"),
    Column("reason", False,
           "why the row is no instrument, or not proven, in English: the row goes to the ledger only",
           "No text seen; a guess from the visa waiver of the same day."),
)  # fmt: skip

NAMES = tuple(column.name for column in COLUMNS)
REQUIRED = tuple(column.name for column in COLUMNS if column.required)


def template() -> str:
    """Return the first row of an empty table, in CSV."""
    return ",".join(NAMES) + "\r\n"


def guide(codes: Mapping[str, Sequence[str]], width: int = 100) -> str:
    """Return the help on the columns; ``codes`` are the codes of each codelist a row may use."""
    intro = (
        "One row an instrument, columns in any order; a column that may be empty may be missing. Save as a workbook "
        "(.xlsx) or as CSV (UTF-8) with comma, semicolon or tab between the cells. In a workbook, a date is read as "
        "precisely as its cell shows it. A row is refused, never guessed at, when in doubt."
    )
    return "\n\n".join([textwrap.fill(intro, width), *(_entry(column, codes, width) for column in COLUMNS)])


def _entry(column: Column, codes: Mapping[str, Sequence[str]], width: int) -> str:
    text = [column.says]
    if column.codelist:
        text.append(f"Codes: {', '.join(codes[column.codelist])}.")
    text.append(f"Example: {column.example}")
    head = f"{column.name} ({'required' if column.required else 'may be empty'})"
    indented = (
        textwrap.fill(
            part,
            width,
            initial_indent="  ",
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for part in text
    )
    return "\n".join([head, *indented])


def key(header: str) -> str:
    """Return the cell of a header row in the form in which names of columns are compared."""
    return re.sub(r"[\s_-]+", "_", visible(header).strip().casefold())
