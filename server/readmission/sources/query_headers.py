"""The header of a query file: YAML in the ``#+`` comments that open it (grlc's convention), read into a typed Struct.

Every scalar is text: a parameter called ``on`` must not become a truth value, nor a default of 2021-02-10 a date.
"""

import difflib
import re
from typing import Any, TypeVar

import msgspec
import yaml

from readmission.errors import UserError

_T = TypeVar("_T", bound=msgspec.Struct)
_MARK = "#+"
_PLACE = re.compile(r" - at `\$\.?(?P<key>[^`]*)`$")
_EXAMPLES = "the headers in queries/questions and queries/checks are examples"
# The loader in C, where PyYAML has it, reads ten times as fast.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class HeaderError(UserError, ValueError):
    """A header that is not as promised: the message names the file and the key, and says how to mend it."""


def read_header(file: str, text: str, kind: type[_T]) -> _T | None:
    """Return the header of a query file's ``text``, or None when it has none; raise HeaderError.

    ``file`` is what messages call the file. ``kind`` is a Struct whose fields are the keys that may stand in the
    header; those without a default must.
    """
    marked = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.startswith(_MARK)]
    try:
        stated = yaml.load("\n".join(line[2:].removeprefix(" ") for _, line in marked), Loader=_LOADER)  # noqa: S506
    except yaml.MarkedYAMLError as fault:
        at = fault.problem_mark.line if fault.problem_mark else 0
        line = marked[min(at, len(marked) - 1)][0]
        remedy = 'put a text that holds a colon or begins with a sign in double quotes: summary: "…"'
        raise HeaderError(f"{file}:{line}: the header is no YAML ({fault.problem}); {remedy}") from fault
    except yaml.YAMLError as fault:  # such as a character that YAML does not allow
        raise HeaderError(f"{file}: the header is no YAML ({fault}); {_EXAMPLES}") from fault
    return convert(f"{file}: the header", stated, kind) if stated else None


def convert(place: str, stated: object, kind: type[_T]) -> _T:
    """Return what YAML states as a Struct; raise HeaderError, which names the ``place`` and the key at fault."""
    if not isinstance(stated, dict):
        raise HeaderError(f"{place} has no keys; write one `key: value` a line; {_EXAMPLES}")
    if wrong := _keys_fault(stated, kind):
        raise HeaderError(f"{place} {wrong}")
    try:
        return msgspec.convert(stated, kind)
    except msgspec.ValidationError as fault:
        told = str(fault)
        key = (match := _PLACE.search(told)) and match["key"].partition("[")[0]
        what = told[:1].lower() + _PLACE.sub("", told)[1:]
        raise HeaderError(f"{place}: {key or 'a key'}: {what}; mend the value; {_EXAMPLES}") from fault


def _keys_fault(stated: dict[str, Any], kind: type[msgspec.Struct]) -> str:
    """Return which keys a header lacks or should not have, and how to mend it; empty when it is as it should be."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key in stated:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            return f"has an unknown key {key!r}; {f'write {near[0]}' if near else 'its keys are ' + ', '.join(fields)}"
    lacks = [name for name, field in fields.items() if field.required and not stated.get(name)]
    return f"lacks {', '.join(lacks)}; write `{lacks[0]}: …` after {_MARK}" if lacks else ""
