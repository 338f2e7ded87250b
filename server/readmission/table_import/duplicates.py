"""Whether a row tells of an instrument that is recorded already, or that the table has told of before."""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from readmission.dates import Bounds
from readmission.table_import.cells.invisible import visible
from readmission.table_import.entry import READMISSION, Entry
from readmission.table_import.recorded import RecordedFacts, RecordedInstrument

# Titles of one instrument, copied by two people, differ by a word or a spelling; two instruments by more. The share
# of letters that both have in the same order.
_SIMILAR = 0.8
_SHARED = 0.3  # of the words: without as many in common, letters need not be compared


class Register:
    """The instruments recorded and those of the rows read so far, by pair of states."""

    def __init__(self, recorded: RecordedFacts) -> None:
        self._recorded = recorded
        self._new: dict[tuple[str, str], list[tuple[int, RecordedInstrument]]] = {}

    def add(self, entry: Entry, iri: str) -> None:
        """Remember the instrument of a row."""
        for state in entry.side.states:
            self._new.setdefault((state, entry.partner.iri), []).append((entry.row, _instrument(entry, iri)))

    def agreements(self, states: Collection[str], partner: str) -> list[str]:
        """Return the IRIs of the readmission agreements of the same sides, on file and in the rows read so far."""
        own = self._recorded.instruments_between(frozenset(states), partner)
        new = (each for state in states for _, each in self._new.get((state, partner), ()))
        return sorted({each.iri for each in (*own, *new) if each.kind == READMISSION})

    def find_recorded(self, entry: Entry) -> tuple[RecordedInstrument, str] | None:
        """Return the recorded instrument that a row repeats, and in what."""
        for other in self._recorded.instruments_between(entry.side.states, entry.partner.iri):
            if shared := _shared(entry, other):
                return other, shared
        return None

    def find_earlier(self, entry: Entry) -> tuple[int, str] | None:
        """Return the number of the earlier row that a row repeats, and in what."""
        for state in sorted(entry.side.states):
            for row, other in self._new.get((state, entry.partner.iri), ()):
                if shared := _shared(entry, other):
                    return row, shared
        return None


def _shared(entry: Entry, other: RecordedInstrument) -> str:
    """Return what makes a row of the same sides a repetition; empty when it is none.

    Two texts of one kind and one day are rare: the row has to say what tells them apart.
    """
    one = _instrument(entry, "")
    if is_same(one, other):
        return "the same sides, no other date, a similar title"
    apart = entry.texts["told_apart_by"] or not _same_day(one, other)
    return "" if apart else "the same sides, kind and day of signature"


def _same_day(one: RecordedInstrument, other: RecordedInstrument) -> bool:
    exact = one.signed is not None and one.signed.exact
    return exact and one.kind == other.kind and one.signed == other.signed


def _instrument(entry: Entry, iri: str) -> RecordedInstrument:
    titles = {(entry.language, entry.texts["title"]), ("en", entry.texts["title_english"])}
    signed, in_force = (entry.dates.get(name) for name in ("signed", "entry_into_force"))
    return RecordedInstrument(
        iri, entry.kind, set(entry.side.states), {entry.partner.iri}, {each for each in titles if each[1]},
        signed.bounds if signed else None, in_force.bounds if in_force else None,
    )  # fmt: skip


def is_same(one: RecordedInstrument, other: RecordedInstrument) -> bool:
    """Whether two instruments of the same sides are one: no other date, and a similar title in some language.

    Where no language has the titles of both, the same kind on the same date decides.
    """
    dated = _same_date(((one.signed, other.signed), (one.in_force, other.in_force)))
    if dated is False:
        return False
    comparable = False
    for language, title in one.titles:
        for other_language, other_title in other.titles:
            if language == other_language:
                comparable = True
                if _similar(_words(title), _words(other_title)):
                    return True
    return not comparable and dated is True and one.kind == other.kind


def _same_date(dates: Iterable[tuple[Bounds | None, Bounds | None]]) -> bool | None:
    """Whether the first date that both give can be one day; None when they have no such date."""
    for one, other in dates:
        if one and other:
            return _reaches(one, other) and _reaches(other, one)
    return None


def _reaches(one: Bounds, other: Bounds) -> bool:
    return one.latest is None or other.earliest <= one.latest


@lru_cache(maxsize=8192)
def _words(title: str) -> tuple[str, frozenset[str]]:
    """Return a title in small letters without its marks and invisible characters, and its words."""
    found = re.findall(r"\w+", visible(title).casefold())
    return " ".join(found), frozenset(found)


def _similar(one: tuple[str, frozenset[str]], other: tuple[str, frozenset[str]]) -> bool:
    if one[0] == other[0]:
        return True
    if len(one[1] & other[1]) < _SHARED * max(len(one[1]), len(other[1])):
        return False
    # the longest common subsequence takes microseconds for texts of any kind, where difflib may take seconds
    return 2.0 * LCSseq.similarity(one[0], other[0]) / (len(one[0]) + len(other[0])) >= _SIMILAR
