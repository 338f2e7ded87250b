"""How machines find the way: ``robots.txt`` (RFC 9309), ``sitemap.xml`` (sitemaps.org), VoID (its section 7.2)."""

from functools import lru_cache
from xml.sax.saxutils import escape

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from readmission.engine.interface import text_of
from readmission.namespaces import BASE
from readmission.query_files import lookup
from readmission.web.pages.site import Site
from readmission.web.publication.addresses import THING_PLACES

_ROBOTS = """\
User-agent: *
# every day has pages of its own: a calendar without an end
Disallow: /*?
Disallow: /sparql
Disallow: /inspect
Disallow: /graphs
Allow: /
Sitemap: {root}sitemap.xml
"""
_SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{listed}
</urlset>
"""
_PAGES = ("", "matrix", "events", "changes", "work", "data", "ontology")
_MOST = 50_000  # addresses in one sitemap (sitemaps.org)


def blueprint(site: Site) -> Blueprint:
    """Return the routes over one release."""
    routes = Blueprint("discovery", __name__)

    @lru_cache(maxsize=1)
    def paths() -> tuple[str, ...]:
        things = site.release.engine.select(lookup("described-things")).rows
        found = (text_of(row[0]).removeprefix(BASE) for row in things)
        documents = [f"{path}.html" for path in found if path.startswith(THING_PLACES)]
        countries = [f"countries/{code}" for code in sorted(site.names)]
        return (*_PAGES, *countries, *documents)[:_MOST]

    @routes.get("/robots.txt")
    def robots() -> Response:
        return site.add_caching(
            Response(_ROBOTS.format(root=request.url_root), content_type="text/plain; charset=utf-8")
        )

    @routes.get("/sitemap.xml")
    def sitemap() -> Response:
        listed = "\n".join(f"<url><loc>{escape(request.url_root + path)}</loc></url>" for path in paths())
        body = _SITEMAP.format(listed=listed)
        return site.add_caching(Response(body, content_type="application/xml"))

    @routes.get("/.well-known/void")
    def void() -> AnyResponse:
        return redirect(url_for("data.dataset"), 302)

    return routes
