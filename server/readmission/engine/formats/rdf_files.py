"""RDF files of any kind, loaded whole or refused: their format, their encoding, and their end.

The engine's own parsers decide what a statement is. This module decides what they let pass: an RDF/XML file that is cut
off (XML 1.0, section 2.1, calls that a fatal error), entities that grow without end, and byte-order marks.
"""

import mmap
import re
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from readmission.engine.formats.well_formed import XmlError, require_whole
from readmission.errors import UserError
from readmission.files.encoding import BYTE_ORDER_MARK, other_encoding

_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG, ".rdf": ox.RdfFormat.RDF_XML, ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML, ".jsonld": ox.RdfFormat.JSON_LD, ".json": ox.RdfFormat.JSON_LD,
    ".n3": ox.RdfFormat.N3, ".txt": ox.RdfFormat.N_TRIPLES,
}  # fmt: skip
_LINES = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
_HEAD = 65_536
_NO_RDF = re.compile(rb"\s*(?:#[^\n]*\n\s*)*(?:(Prefix|Ontology)\s*(\(|:))|<(?:\w+:)?Ontology[\s>]")
_JSON = re.compile(rb"\s*(?:\{|\[\s*[\{\[\]\"])")
_VERSION = re.compile(
    rb"""^[ \t]*VERSION[ \t]+(["'])1\.[12](?:-basic)?\1[ \t]*(?=[#\r\n]|\Z)""", re.MULTILINE
)
"""The version directive of RDF 1.2 N-Triples and N-Quads, section 2; it states nothing that is to be loaded."""


class DataError(UserError, ValueError):
    """A file that cannot be served; the message names the file and says how to mend it."""


def load(store: ox.Store, path: Path, source: Path | None = None, *, trusted: bool = False) -> None:
    """Load a file of RDF whole into a store; raises DataError. ``source`` is where it is read, if not at its name.

    A ``trusted`` file, written by this program from checked data, is not checked again: that saves a third of the
    time.
    """
    try:
        source = source or path
        kind, text = (_by_ending(path), None) if trusted else _inspect(path, source)
        base = path.absolute().as_uri()
        if text is None:
            store.bulk_load(path=str(source), format=kind, base_iri=base, lenient=trusted)
        else:
            store.bulk_load(text, format=kind, base_iri=base)
    except OSError as fault:
        raise DataError(f"{path}: cannot be read ({fault.strerror or fault}); check its name") from fault
    except XmlError as fault:
        raise DataError(f"{path}:{fault.line}: {fault}") from fault
    except SyntaxError as fault:
        raise DataError(f"{path}:{fault.lineno or 1}: {_in_plain_words(fault.msg)}") from fault


def _inspect(path: Path, source: Path) -> tuple[ox.RdfFormat, bytes | None]:
    """Return a file's format, and its text where the engine cannot read the file as it is."""
    with source.open("rb") as file:
        head = file.read(_HEAD)
        if other := other_encoding(head):
            raise DataError(f"{path}:1: the file is {other}; save it as UTF-8")
        start = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
        kind = _kind(path, head[start:])
        if kind == ox.RdfFormat.RDF_XML:
            file.seek(start)
            require_whole(file)
        text = _without_version(file, start) if kind in _LINES and head else None
        if text is None and start:
            file.seek(start)
            text = file.read()
        return kind, text


def _by_ending(path: Path) -> ox.RdfFormat:
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise DataError(f"{path}: unknown kind of file; its name has to end in {' '.join(_FORMATS)}")
    return kind


def _kind(path: Path, head: bytes) -> ox.RdfFormat:
    """Return the format of a file by its ending, and by its beginning where one ending stands for several formats."""
    kind = _by_ending(path)
    if kind != ox.RdfFormat.RDF_XML:
        return kind
    if _NO_RDF.match(head) or (_is_xml(head) and _NO_RDF.search(head)):
        raise DataError(f"{path}:1: an OWL syntax that is not RDF; save the file as Turtle or as RDF/XML")
    if _is_xml(head) or not head.strip():
        return kind
    return ox.RdfFormat.JSON_LD if _JSON.match(head) else ox.RdfFormat.TURTLE


def _is_xml(head: bytes) -> bool:
    return re.match(rb"\s*<(?:[?!]|[\w-]+:\w+[\s>])", head) is not None


def _without_version(file: IO[bytes], start: int) -> bytes | None:
    """Return the text without the version directive, which the engine does not know; None where there is none."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text.find(b"VERSION") < 0:
            return None
        mended, directives = _VERSION.subn(b"", text[start:])
        return mended if directives else None


def _in_plain_words(message: str) -> str:
    """Return what the engine's parser says, in words for whoever has to mend the file."""
    if "LoadDocumentCallback" in message:
        return (
            "its @context is an address, and no other server is asked here; put the context itself into the file, "
            "or turn the file into Turtle first"
        )
    return f"{message}; mend the file and try again"
