"""What fits on one page of A4 about a country: a page complete in itself, for the web and the command line alike."""

from importlib.resources import files

import jinja2

from readmission.answers.coverage import Gaps
from readmission.reports import words
from readmission.reports.sentences import country_sentence
from readmission.web.pages import grouping

TEMPLATE = "brief.html"


def brief_page(found: Gaps, persons: str, template: jinja2.Template, **parts: str) -> str:
    """Return the page as HTML; ``persons`` is the label of their category.

    ``parts`` are the ``address`` of the sources, and the ``style`` itself or the address of a ``stylesheet``.
    """
    return template.render(
        gaps=found,
        persons=persons,
        words=words,
        sentence=country_sentence(found),
        exceptions=grouping.exceptions(found),
        unrecorded=grouping.unrecorded(found),
        **parts,
    )


def brief_alone(found: Gaps, persons: str) -> str:
    """Return the page as HTML that needs no other file."""
    loader = jinja2.PackageLoader("readmission.web")
    template = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True).get_template(TEMPLATE)
    style = (files("readmission.web.pages") / "static" / "brief.css").read_text(encoding="utf-8")
    return brief_page(found, persons, template, style=style)
