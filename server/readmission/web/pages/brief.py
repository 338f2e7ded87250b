"""What fits on one page of A4 about a country: a page complete in itself, for the web and the command line alike."""

import jinja2

from readmission.answers.coverage import Gaps
from readmission.reports import words
from readmission.reports.sentences import country_sentence
from readmission.web.pages import grouping


TEMPLATE = "brief.html"


def brief_page(found: Gaps, persons: str, template: jinja2.Template | None = None, address: str = "") -> str:
    """Return the page as HTML; ``persons`` is the label of their category, ``address`` leads to the sources.

    A server gives the ``template`` that it has read; without one it is read from the package.
    """
    return (template or _template()).render(
        gaps=found,
        persons=persons,
        address=address,
        words=words,
        sentence=country_sentence(found),
        exceptions=grouping.exceptions(found),
        unrecorded=grouping.unrecorded(found),
    )


def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("readmission.web")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True).get_template(TEMPLATE)
