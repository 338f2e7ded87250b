"""More bilateral instruments than there are, for measuring growth: distinct and valid copies of those on file.

A copy has a name, a partner and years of its own: the partners change places, and every date moves back by the same
whole years, so that the order of events stays. Left out are protocols, which belong to one agreement with one partner,
instruments that share a name but for a number, and those with statements on the states they apply to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from readmission.sources.fact_files import FactFile, Facts

BILATERAL = "graph/instruments/bilateral/"

_INSTRUMENT = re.compile(r"^bilateral:(\S+)$", re.MULTILINE)
_PARTNERS = re.compile(r"rdm:partner((?:\s+country:[A-Z]{3} ?,?)+)")
_COUNTRY = re.compile(r"country:([A-Z]{3})\b")
_STATED = re.compile(r'"[^"]*"\^\^edtf:EDTF')
_YEAR = re.compile(r"\b(\d{4})(-02-29)?")
_YEARS = 7


@dataclass(frozen=True)
class Original:
    """A file of bilateral instruments, and the subjects in it that can be copied."""

    file: FactFile

    @cached_property
    def slugs(self) -> list[str]:
        """The names of the instruments that can be copied, longest first."""
        found = _INSTRUMENT.findall(self.file.text)
        numbered = {re.sub(r"-\d$", "", slug) for slug in found if re.search(r"-\d$", slug)}
        apart = [slug for slug in found if re.sub(r"-\d$", "", slug) not in numbered]
        return sorted((slug for slug in apart if slug not in self._tied), key=len, reverse=True)

    @cached_property
    def _tied(self) -> set[str]:
        blocks = self.file.text.split("\n\n")
        tied = [
            block
            for block in blocks
            if "rdm:implementsAgreement" in block or "rdm:ApplicationStatement" in block
        ]
        return {slug for block in tied for slug in re.findall(r"\bbilateral:([\w-]+)", block)}

    @cached_property
    def named(self) -> re.Pattern[str]:
        """Where the name of one of these instruments stands, alone or in the name of a fact about it."""
        return re.compile(rf"(?<=[:-])({'|'.join(self.slugs)})(?=[\s-]|$)")

    @cached_property
    def _copied(self) -> str:
        first, *blocks = self.file.text.rstrip("\n").split("\n\n")
        return (
            "\n\n".join([first, *(block for block in blocks if self.named.search(block.split("\n")[0]))])
            + "\n"
        )

    def copy(self, number: int, partners: list[str]) -> FactFile:
        """Return the file with other names, partners and years."""
        moved = dict(zip(partners, partners[number % len(partners) :] + partners, strict=False))
        text = self.named.sub(rf"\1-c{number}", self._copied)
        text = _COUNTRY.sub(lambda code: f"country:{moved.get(code[1], code[1])}", text)
        text = _STATED.sub(
            lambda stated: _YEAR.sub(lambda year: _earlier(year, number % _YEARS), stated[0]), text
        )
        name = self.file.name.replace(".ttl", f"-{number}.ttl")
        graph = type(self.file.graph)(f"{self.file.graph.value}-{number}")
        return FactFile(self.file.path, name, graph, text)


def _earlier(year: re.Match[str], years: int) -> str:
    return f"{int(year[1]) - years}" + ("-02-28" if year[2] else "")


def multiplied(loaded: Facts, times: int) -> Facts:
    """Return the facts with about ``times`` as many bilateral instruments."""
    originals = [Original(file) for file in loaded.files if file.name.startswith(BILATERAL)]
    copied = [original for original in originals if original.slugs]
    wanted = (times - 1) * sum(len(_INSTRUMENT.findall(original.file.text)) for original in originals)
    rounds = ceil(wanted / sum(len(original.slugs) for original in copied))
    partners = _partners(originals)
    copies = (original.copy(number, partners) for number in range(1, rounds + 1) for original in copied)
    return Facts((*loaded.files, *copies))


def _partners(originals: list[Original]) -> list[str]:
    """Return the codes of the partners that are the European side of no instrument."""
    sides = {original.file.path.stem.upper() for original in originals}
    found: Iterator[str] = (
        code
        for original in originals
        for stated in _PARTNERS.findall(original.file.text)
        for code in _COUNTRY.findall(stated)
    )
    return sorted(set(found) - sides)
