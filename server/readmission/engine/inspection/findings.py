"""What an inspection tells: a code, a plain sentence, its place, and the mended text where there is one."""

from dataclasses import asdict, dataclass, field

from readmission.engine.sparql_text import position


@dataclass(frozen=True)
class Suggestion:
    """A term that may have been meant."""

    name: str
    iri: str
    label: str = ""


@dataclass(frozen=True)
class QueryWarning:
    """One thing to know before a query runs. ``equal``: whether the mended text is proven to give the same rows."""

    code: str
    text: str
    offset: int | None = None
    mended: str | None = None
    equal: bool | None = None
    applied: bool | None = None
    """Whether the endpoint does by itself what the mended text does."""
    reasons: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = field(default=())

    def to_dict(self, query: str) -> dict[str, object]:
        """Return the finding for programs, with line and column; what does not apply is left out."""
        fields: dict[str, object] = {"code": self.code, "text": self.text}
        if self.offset is not None:
            fields["line"], fields["column"] = position(query, self.offset)
        optional = {"mended": self.mended, "equal": self.equal, "applied": self.applied}
        fields |= {name: value for name, value in optional.items() if value is not None}
        if self.reasons:
            fields["reasons"] = list(self.reasons)
        if self.suggestions:
            fields["suggestions"] = [asdict(suggestion) for suggestion in self.suggestions]
        return fields
