"""The one form of a fact file: long Turtle, subjects and predicates sorted, one object a line.

Two people who state the same fact write the same bytes, so that a difference between two versions is a change.
"""

from pathlib import Path

from rdflib import Graph

from readmission.facts import FactFile


def canonical(text: str) -> str:
    """Return Turtle in the form the repository keeps; raises rdflib's BadSyntax when it is no Turtle.

    Comments are no statements and are not kept: write a skos:editorialNote.
    """
    graph = Graph(bind_namespaces="none")
    graph.parse(data=text, format="turtle")
    return graph.serialize(format="longturtle")


def rewrite(files: list[FactFile]) -> list[Path]:
    """Bring files into canonical form and return those that changed. A file that is no Turtle stays untouched."""
    changed = []
    for file in files:
        assert file.quads is not None  # not Turtle: SyntaxFault, before anything is written
        wanted = canonical(file.text)
        if wanted != file.text:
            draft = file.path.with_suffix(".ttl.new")
            draft.write_text(wanted, encoding="utf-8")
            draft.replace(file.path)
            changed.append(file.path)
    return changed
