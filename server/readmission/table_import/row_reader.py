"""Rows read into entries: every cell by itself, then what only several cells together show."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import TypeVar

from readmission.countries.gazetteer import Country, FormerStateError, UnknownCountryError
from readmission.namespaces import ID
from readmission.table_import import letters
from readmission.table_import.cells import addresses, content, days, languages
from readmission.table_import.columns import COLUMNS, REQUIRED
from readmission.table_import.duplicates import Register
from readmission.table_import.entry import (
    BILATERAL,
    BINDING,
    INTRA_EUROPEAN,
    NATURE_UNKNOWN,
    PROTOCOL,
    READMISSION,
    UNVERIFIED,
    Entry,
    Side,
    StatedDate,
    in_order,
)  # fmt: skip
from readmission.table_import.recorded import BENELUX, RecordedFacts
from readmission.table_import.sheets.table_file import Row, Sheet
from readmission.table_import.table_errors import CellError, ImportRefusedError, TableProblem

_T = TypeVar("_T")
_UNSAID = "nothing says which agreement it carries out"
# What kind of source stands behind a level when the table does not say.
_USUAL_SOURCE = {
    "official-text": "source-gazette", "official-list": "source-government", "official-secondary": "source-government",
    "academic": "source-academic", "press": "source-press",
}  # fmt: skip
_BENELUX = re.compile(r"(the )?benelux([ -](states|union|countries|staaten|staten|landen))?", re.IGNORECASE)
_SEVERAL = re.compile(r"[;,/|&+]|\s(?:and|und|et)\s", re.IGNORECASE)
_CODED = {column.name: column.codelist for column in COLUMNS if column.codelist}


class RowReader:
    """One row on its way to an entry; gathers all its faults, so that it can be mended in one go."""

    def __init__(
        self, sheet: Sheet, row: Row, recorded: RecordedFacts, today: date, *,
        register: Register | None = None, trust_letters: bool = False,
    ) -> None:  # fmt: skip
        self._sheet, self._row, self._recorded, self._today = sheet, row, recorded, today
        self._register, self._trust_letters = register or Register(recorded), trust_letters
        self._faults: list[TableProblem] = []
        self._texts: dict[str, str] = {}
        for name in row.cells:
            self._texts[name] = self._try_cell(name, self._clean) or ""

    def entry(self) -> Entry:
        """Return the row as an entry; raises ImportRefusedError with every fault of the row."""
        side, partner = self._read("european_state", self._side), self._read("partner", self._country)
        self._read("title", self._title)
        self._read("title_english", self._title)
        language = self._read("title_language", languages.language) or ""
        dates = {name: self._read(name, self._when) for name in ("signed", "entry_into_force", "ended")}
        kind, level, nature = self._code("kind"), self._code("evidence_level"), self._nature()
        given = {name: when for name, when in dates.items() if when}
        persons = self._read("persons", self._persons)
        if persons is None:
            persons = ("own-nationals",) if kind == READMISSION else ()
        source_kind = self._source_kind(level)
        if side and partner and partner.iri in side.states:
            self._fault("partner", f"{partner.name} stands on both sides", "write the other side")
        self._check_dates(given, nature)
        self._check_language(language, side, partner)
        implements = self._implements(side, partner) if side and partner and kind == PROTOCOL else ""
        if self._faults or side is None or partner is None:
            raise ImportRefusedError(self._faults)
        group = INTRA_EUROPEAN if partner.iri in self._recorded.european else BILATERAL
        if group == INTRA_EUROPEAN:
            side, partner = in_order(side, partner)
        return Entry(
            self._row.number, side, partner, kind, nature, language, persons, given, source_kind, level, implements,
            self._texts, group,
        )  # fmt: skip

    def _fault(self, column: str, what: str, remedy: str) -> None:
        self._faults.append(TableProblem(self._sheet.path, self._row.number, column, what, remedy))

    def _try_cell(self, name: str, read: Callable[[str], _T]) -> _T | None:
        try:
            return read(name)
        except CellError as fault:
            self._fault(name, fault.what, fault.remedy)
            return None

    def _read(self, name: str, read: Callable[[str], _T]) -> _T | None:
        """Read a cell, unless it is empty or has been found at fault already."""
        text = self._texts[name]
        return self._try_cell(name, lambda _: read(text)) if text else None

    def _clean(self, name: str) -> str:
        text = content.clean(self._row.cells[name])
        if content.says_nothing(text) and (name, text.casefold()) != ("persons", "none"):
            raise CellError(
                f"{text!r} says nothing", "fill the cell" if name in REQUIRED else "leave the cell empty"
            )
        if not text and name in REQUIRED:
            raise CellError("the cell is empty", "fill it")
        return text

    def _side(self, text: str) -> Side:
        if _BENELUX.fullmatch(text):
            return Side("benelux", BENELUX, frozenset(self._recorded.members["benelux"]), "Benelux")
        state = self._country(text)
        if state.iri not in self._recorded.european:
            what = f"{state.name} is no Member State, Schengen associated state or former Member State"
            raise CellError(what, "write the European state here, and the other side in the column partner")
        return Side.of(state)

    def _country(self, text: str) -> Country:
        try:
            return self._recorded.country(text)
        except UnknownCountryError as fault:
            self._refuse_other_sort(text, "a country or territory")
            if _BENELUX.fullmatch(text):
                raise CellError(
                    "the Benelux is no partner", "write it in the column european_state"
                ) from fault
            if isinstance(fault, FormerStateError):
                remedy = (
                    f"{fault.remedy}; say in status_note that {text} concluded it, "
                    "and rdm:concludedWith in the fact"
                )
                raise CellError(fault.what, remedy) from fault
            if self._several(text):
                remedy = "write a row for each state; for an instrument of the Benelux states write Benelux"
                raise CellError(f"{text[:60]!r} is no single state we hold", remedy) from fault
            raise CellError(fault.what, fault.remedy) from fault

    def _several(self, text: str) -> bool:
        """Whether the text names two countries or more."""
        return sum(map(self._recorded.names_country, _SEVERAL.split(text, 20))) > 1

    def _refuse_other_sort(self, text: str, wanted: str) -> None:
        """Raise CellError when a cell clearly belongs into another column."""
        sort = self._sort(text)
        if sort and sort != wanted:
            what = f"{text[:60]!r} is {sort}, not {wanted}"
            raise CellError(what, "see whether columns are swapped, and put each cell under its own header")

    def _sort(self, text: str) -> str:
        if days.looks_like_date(text):
            return "a date"
        if text.lower().startswith(("http://", "https://", "www.")):
            return "a web address"
        for column, codelist in _CODED.items():
            if text in self._recorded.names[codelist].values():
                return f"a code of the column {column}"
        return "a country or territory" if self._recorded.names_country(text) else ""

    def _title(self, text: str) -> str:
        self._refuse_other_sort(text, "a title")
        if not any(letter.isalpha() for letter in text):
            raise CellError(f"{text[:60]!r} has no letters", "write the title as published")
        return text

    def _when(self, text: str) -> StatedDate:
        try:
            return StatedDate(text, days.stated_date(text, self._today))
        except CellError:
            self._refuse_other_sort(text, "a date")
            raise

    def _code(self, column: str) -> str:
        def found(text: str) -> str:
            try:
                return content.code(text, self._recorded.names[_CODED[column]])
            except CellError:
                self._refuse_other_sort(text, f"a code of the column {column}")
                raise

        return self._read(column, found) or ""

    def _nature(self) -> str:
        """Return the nature; a protocol is binding by its definition, anything else unknown when nobody says."""
        nature, kind = self._code("nature"), content.code_key(self._texts["kind"])
        protocol = self._recorded.names["instrument-kind"].get(kind) == PROTOCOL
        if protocol and nature not in ("", BINDING):
            remedy = "leave the cell empty, or choose the kind administrative-arrangement or other-kind"
            self._fault("nature", "an implementing protocol carries out an agreement and binds", remedy)
        return BINDING if protocol else nature or NATURE_UNKNOWN

    def _persons(self, text: str) -> tuple[str, ...]:
        if text.casefold() == "none":
            return ()
        names = self._recorded.names["person-category"]
        return tuple(sorted({content.code(part.strip(), names) for part in text.split("|")}))

    def _source_kind(self, level: str) -> str:
        """Return the kind of source, and refuse a level without a source, or a source without a level."""
        cited = [name for name in ("source_url", "source_title") if self._texts[name]]
        self._texts["source_url"] = self._read("source_url", addresses.address) or ""
        if level and level != UNVERIFIED and not cited:
            remedy = f"fill source_url or source_title, or write {UNVERIFIED} as evidence_level"
            self._fault("source_url", "no source is given", remedy)
        if level == UNVERIFIED and cited:
            remedy = "choose the level that the source has, or empty this cell"
            self._fault(cited[0], "a source is given, and the evidence is called unverified", remedy)
        return self._code("source_kind") or _USUAL_SOURCE.get(level, "source-none")

    def _check_dates(self, dates: dict[str, StatedDate], nature: str) -> None:
        for before, after in pairwise(dates):
            last = dates[after].bounds.latest
            if last is not None and last < dates[before].bounds.earliest:
                self._fault(after, f"{dates[after].stated} lies before {before}, {dates[before].stated}",
                            "correct one of the two")  # fmt: skip
        opens = "entry_into_force" in dates or (nature == "non-binding" and "signed" in dates)
        told = any(fault.column in ("nature", "entry_into_force") for fault in self._faults)
        if "ended" in dates and not opens and not told:
            remedy = "fill entry_into_force too: a range such as [1998-04-22..2004-12-31] when its day is not known"
            self._fault("ended", "it ends, but nothing says that it began", remedy)

    def _check_language(self, language: str, side: Side | None, partner: Country | None) -> None:
        """Refuse letters that are not of the language, the code of a state, and a rendering of an English title."""
        if side and partner and language:
            states = {state.rpartition("/")[2] for state in side.states} | {partner.alpha3}
            self._try_cell("title_language", lambda _: languages.refuse_code_of_state(language, states))
        known = letters.Letters(language, self._recorded.names_with_letters)
        for name in () if self._trust_letters else letters.TEXTS:
            if self._texts[name]:
                self._try_cell(name, lambda name: known.check(name, self._row.cells[name]))
        if language == "en" and self._texts["title_english"]:
            self._fault("title_english", "the title is in English already", "leave the cell empty")

    def _implements(self, side: Side, partner: Country) -> str:
        """Return the IRI of the agreement that a protocol carries out: stated, of the Union, or the only one."""
        stated = self._texts["implements"]
        known = self._register.agreements(side.states, partner.iri)
        union = self._recorded.agreement_of_the_union(side.states, partner.iri)
        fitting = [union] if union else known
        choices = [union, *known] if union else known
        if stated:
            fitting = [iri for iri in choices if iri == ID + stated]
        if len(fitting) == 1:
            return fitting[0]
        choice = ", ".join(iri.removeprefix(ID) for iri in choices)
        what = f"{stated!r} is no agreement of these sides" if stated else _UNSAID
        self._fault("implements", what, f"write one of {choice}" if choice else "import that agreement first")
        return ""
