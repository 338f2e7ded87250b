"""The one form of a fact file: long Turtle, subjects and predicates sorted, one object a line.

Two people who state the same fact write the same bytes, so that a difference between two versions is a change.
"""

from pathlib import Path

from rdflib import Graph

from readmission import journal
from readmission.facts import FactFile
from readmission.journal import Change
from readmission.resources import folder


def canonical(text: str) -> str:
    """Return Turtle in the form the repository keeps; raises rdflib's BadSyntax when it is no Turtle.

    Comments are no statements and are not kept: write a skos:editorialNote.
    """
    graph = Graph(bind_namespaces="none")
    graph.parse(data=text, format="turtle")
    return graph.serialize(format="longturtle")


def rewrite(files: list[FactFile]) -> list[Path]:
    """Bring files into canonical form, all or none of a data folder, and return those that changed.

    Raises SyntaxFault for a file that is no Turtle, and Unwritten for one that has changed since it was read.
    """
    changed: dict[str, list[Change]] = {}
    for file in files:
        assert file.quads is not None  # not Turtle: SyntaxFault, before anything is written
        wanted = canonical(file.text)
        if wanted != file.text:
            changed.setdefault(file.name.partition("/")[0], []).append(Change(file.path, file.text, wanted))
    for name, changes in changed.items():
        journal.write(folder(name), changes, f"the formatting of {name}")
    return [change.path for changes in changed.values() for change in changes]
