"""Whether an XML document is whole (XML 1.0, section 2.1), and how far its entities would make it grow.

Ontology editors declare entities as short names for namespaces; those are few and short. Entities made of entities, or
used without end, would fill the memory (CWE-776), so their sizes are bounded.
"""

import re
from typing import IO
from xml.parsers import expat

LONGEST_ENTITY = 10_000
"""Characters that an entity may stand for."""
GROWTH, GROWTH_ALLOWANCE = 20, 2**20
"""The text that entities make of a document has at most GROWTH times its bytes, and SPARED characters more."""

_REFERENCE = re.compile(r"&([^#;][^;]*);")
_CHUNK = 65_536


class XmlError(ValueError):
    """A document that is not XML, not whole, or not safe to read; ``line`` is counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def require_whole(file: IO[bytes]) -> None:
    """Read a document from here to its end; raises XmlError where it is not well-formed, or grows too far."""
    reader = _XmlReader()
    try:
        while chunk := file.read(_CHUNK):
            reader.read(chunk)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as fault:
        line, reason = reader.parser.ErrorLineNumber, expat.ErrorString(fault.code)
        raise XmlError(
            line, f"no whole XML ({reason}); the file may be cut off: fetch or save it again"
        ) from fault


class _XmlReader:
    """An expat parser that counts text only in documents that declare entities."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.XmlDeclHandler = self._on_declaration
        self.parser.EntityDeclHandler = self._on_entity
        self._sizes: dict[str, int] = {}
        self._bytes = self._growth = 0

    def read(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        self.parser.Parse(chunk, False)

    def _on_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
            raise XmlError(1, f"the XML says that it is {encoding}; save it as UTF-8")

    def _on_entity(self, name: str, _parameter: bool, value: str | None, *_: object) -> None:
        if value is None:  # stands elsewhere; nothing elsewhere is read
            return
        used = sum(self._sizes.get(other, 0) for other in _REFERENCE.findall(value))
        size = self._sizes[name] = len(value) + used
        if size > LONGEST_ENTITY:
            self._refuse(f"the entity {name} stands for more than {LONGEST_ENTITY:,} characters")
        self.parser.CharacterDataHandler = self._on_text
        self.parser.StartElementHandler = self._on_element

    def _on_text(self, text: str) -> None:
        self._grow(len(text))

    def _on_element(self, _name: str, attributes: dict[str, str]) -> None:
        self._grow(sum(map(len, attributes.values())))

    def _grow(self, characters: int) -> None:
        self._growth += characters
        if self._growth > GROWTH * self._bytes + GROWTH_ALLOWANCE:
            self._refuse(f"its entities make it more than {GROWTH} times as long")

    def _refuse(self, what: str) -> None:
        message = f"{what}; such documents fill the memory and are not read. Write the text out"
        raise XmlError(self.parser.CurrentLineNumber, message)
