"""What the pages promise a coordinator: the gaps with a country on a day, and the reasons for them."""

import csv
import datetime
import io
import json
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from readmission import dates
from readmission.answers import coverage
from readmission.answers.matrix import matrix
from readmission.release import Release
from readmission.reports.marks import MARK, TONES
from readmission.reports.premises import date_in_words
from readmission.web.app import create_app
from readmission.web.pages import catalogue

DAY = datetime.date(2021, 2, 10)
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = (
    "/",
    "/?on=2021-02-10",
    "/countries/GEO",
    "/countries/GEO?on=2021-02-10&persons=third-country-nationals",
    "/countries/GMB?on=2021-02-10",
    "/countries/FRA?on=2021-02-10",
    "/countries/GEO/why/DNK?on=2021-02-10",
    "/countries/GEO/why/IRL?on=2021-02-10",
    "/countries/GEO/why/GBR?on=2021-02-10",
    "/matrix?on=2021-02-10",
    "/events?from=2024-01-01&to=2024-12-31",
    "/events?from=2020-01-01&to=2024-12-31&country=Nigeria",
    "/changes?from=2020-07-01&to=2020-07-01",
    "/work?on=2021-02-10",
    "/sparql?format=html",
    "/sparql?example=gaps",
    "/countries/Atlantis",
)


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    app = create_app(built)
    app.testing = True
    return app.test_client()


class Outline(HTMLParser):
    """Collects what a page must get right whatever its content: one h1, labelled fields, known addresses."""

    VOID = frozenset(("meta", "link", "input", "br", "hr", "img", "option", "col"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.fields: set[str] = set()
        self.labels: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("input", "select", "textarea"):
            self.fields.add(values["id"])
        if tag == "label":
            self.labels.add(values["for"])
        if tag == "a":
            self.addresses.append(values["href"])
        if tag in ("link", "script", "img", "iframe") and values.get("rel") != "alternate":
            self.loaded.append(values.get("href") or values.get("src", ""))
        assert "style" not in values, "inline styles are refused by the content security policy"
        assert not any(name.startswith("on") for name in values), "pages work without scripts"

    def handle_endtag(self, tag: str) -> None:
        if tag != "option":
            assert self.open.pop() == tag


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_well_formed_labelled_and_free_of_foreign_resources(
    client: FlaskClient, address: str
) -> None:
    answer = client.get(address, headers=BROWSER)
    outline = Outline()
    outline.feed(answer.text)
    assert outline.open == []
    assert outline.headings.count("h1") == 1
    assert outline.fields <= outline.labels
    assert len(outline.ids) == len(set(outline.ids))
    assert all(loaded.startswith("/static/") for loaded in outline.loaded)
    assert "<script" not in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", PAGES[:12])
def test_every_page_says_which_release_it_shows(client: FlaskClient, built: Release, address: str) -> None:
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 200
    assert built.version in answer.text
    assert "does not mean" in answer.text
    assert "creativecommons.org" in answer.text


@pytest.mark.parametrize(
    "address",
    ["/", "/countries/GEO", "/countries/GEO/why/DNK", "/changes?from=2020-07-01&to=2020-07-01", "/work"],
)
def test_links_within_the_site_lead_somewhere(client: FlaskClient, address: str) -> None:
    outline = Outline()
    outline.feed(client.get(address, headers=BROWSER).text)
    within = sorted({link.partition("#")[0] for link in outline.addresses if link.startswith("/")})
    assert len(within) >= 3
    for link in within[:: max(7, len(within) // 12)]:
        assert client.get(link, headers=BROWSER, follow_redirects=True).status_code == 200, link


def test_the_front_page_tells_the_state_of_the_field_on_a_day(client: FlaskClient) -> None:
    page = client.get("/?on=2021-02-10", headers=BROWSER).text
    assert "The field on" in page
    assert "10 February 2021" in page
    assert re.search(r"<dt>EU readmission agreements in force</dt><dd>18</dd>", page)
    assert "(today)" in client.get("/", headers=BROWSER).text


def test_the_front_page_lists_partners_with_their_instruments(client: FlaskClient) -> None:
    page = client.get("/?on=2021-02-10", headers=BROWSER).text
    for alpha3 in ("GEO", "GMB", "HKG", "TUR"):
        assert f"/countries/{alpha3}?on=2021-02-10" in page


def test_the_front_page_counts_every_bilateral_instrument_under_one_kind(built: Release) -> None:
    kinds = {name for name, _ in catalogue.KINDS}
    rows = built.engine.select(
        "PREFIX rdm: <https://w3id.org/eu-readmission/ontology#> SELECT ?instrument ?class ?nature WHERE {"
        " ?instrument a ?class ; rdm:nature ?nature FILTER(CONTAINS(STR(?instrument), '/id/bilateral/')) }"
    ).texts()
    counted: dict[str, list[str]] = {row["instrument"]: [] for row in rows}
    for row in rows:
        name = row["class"].rpartition("#")[2]
        if name in kinds and (name != "ReadmissionInstrument" or row["nature"].endswith("nature-unknown")):
            counted[row["instrument"]].append(name)
    odd = {each: names for each, names in counted.items() if len(names) != 1}
    assert not odd, "give each class of instruments one place in catalogue.KINDS"


@pytest.mark.parametrize("name", ["Georgien", "Géorgie", "georgia", "GE", "geo", "Gruzja"])
def test_a_country_is_found_by_its_name_in_any_language(client: FlaskClient, name: str) -> None:
    answer = client.get("/countries", query_string={"name": name, "on": "2021-02-10"})
    place, _, told = answer.location.partition("&name=")  # a name in another language is told again
    assert (answer.status_code, place) == (302, "/countries/GEO?on=2021-02-10")
    assert bool(told) == (name in ("Georgien", "Géorgie", "Gruzja"))


@pytest.mark.parametrize("code", ["geo", "GE", "ge"])
def test_other_codes_lead_to_the_one_address_of_a_country(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/countries/{code}?on=2021-02-10")
    assert (answer.status_code, answer.location) == (301, "/countries/GEO?on=2021-02-10")
    answer = client.get(f"/countries/{code}.csv")
    assert (answer.status_code, answer.location) == (301, "/countries/GEO.csv")
    answer = client.get(f"/countries/{code}/why/dk")
    assert (answer.status_code, answer.location) == (301, "/countries/GEO/why/DNK")


def test_an_unknown_country_is_told_with_suggestions(client: FlaskClient) -> None:
    page = client.get("/countries/Gorgia?on=2021-02-10", headers=BROWSER)
    assert page.status_code == 404
    assert 'href="/countries/GEO?on=2021-02-10"' in page.text
    told = json.loads(client.get("/countries/Gorgia").data)
    assert {"title": "Georgia (GEO)", "href": "/countries/GEO"} in told["suggestions"]


def test_the_page_of_a_country_names_every_member_state_and_both_layers(
    client: FlaskClient, built: Release
) -> None:
    page = client.get("/countries/GEO?on=2021-02-10", headers=BROWSER).text
    rows = coverage.gaps(built, "GEO", DAY).rows
    assert len(rows) == 27
    for row in rows:
        assert row.name in page
        assert f"/countries/GEO/why/{row.code}?on=2021-02-10" in page
    assert "the readmission agreement has been in force since 1 March 2011; it does not bind Denmark" in page
    assert 'agreement in force</span> <a href="/id/eura/geo">EU–Georgia readmission agreement</a>' in page
    assert "EU–Georgia readmission agreement: does not bind this state: does not apply (Protocol 22)" in page
    assert "None recorded” is not “has none”" in page
    assert "eura/geo" not in page.replace('href="/id/eura/geo"', ""), "people read names"


def test_the_default_day_is_today_and_shown(client: FlaskClient) -> None:
    assert "(today)" in client.get("/countries/GEO", headers=BROWSER).text
    assert "(today)" not in client.get("/countries/GEO?on=2021-02-10", headers=BROWSER).text


def test_a_member_state_as_partner_is_explained(client: FlaskClient) -> None:
    page = client.get("/countries/FRA?on=2021-02-10", headers=BROWSER).text
    assert "France was itself a Member State on that day" in page


def test_json_and_csv_hold_every_row_of_the_page(client: FlaskClient, built: Release) -> None:
    rows = coverage.gaps(built, "GEO", DAY).rows
    told = json.loads(client.get("/countries/GEO.json?on=2021-02-10").data)
    assert [row["state"] for row in told["rows"]] == [row.code for row in rows]
    assert (told["on"], told["persons"], told["release"]) == ("2021-02-10", "own-nationals", built.version)
    assert sum(told["own"]["counts"].values()) == len(rows)
    answer = client.get("/countries/GEO.csv?on=2021-02-10")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["state"] for row in table if row["layer"] == "own"] == [
        row.code for row in rows for _ in row.pair.own.instruments or (None,)
    ]
    assert {(row["state"], row["status"]) for row in table if row["layer"] == "eu"} == {
        (row.code, row.pair.eu.status) for row in rows
    }


def test_the_same_address_answers_programs_in_json(client: FlaskClient) -> None:
    answer = client.get("/countries/GEO?on=2021-02-10", headers={"Accept": "application/json"})
    assert answer.json == client.get("/countries/GEO.json?on=2021-02-10").json
    assert "Accept" in answer.headers["Vary"]


def test_a_pair_is_explained_down_to_a_linked_source(client: FlaskClient) -> None:
    page = client.get("/countries/GEO/why/DNK?on=2021-02-10", headers=BROWSER).text
    assert "does not apply to it (Protocol 22)" in page
    assert "EU–Georgia readmission agreement" in page
    assert re.search(r'<a href="https?://[^"]+" rel="external">[^<]+</a>', page)


def test_a_state_that_was_no_member_is_said_to_be_none(client: FlaskClient) -> None:
    page = client.get("/countries/GEO/why/GBR?on=2021-02-10", headers=BROWSER).text
    assert "was not a Member State of the Union on this day" in page


@pytest.mark.parametrize(
    ("parameters", "said"), [("on=yesterday", "2021-02-10"), ("persons=nobody", "own-nationals")]
)
def test_an_invalid_parameter_lists_the_valid_values(client: FlaskClient, parameters: str, said: str) -> None:
    answer = client.get(f"/countries/GEO?{parameters}")
    assert answer.status_code == 400
    assert said in answer.text


def test_every_example_query_is_answered(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=BROWSER).text
    names = re.findall(r"/sparql\?example=([a-z0-9-]+)", page)
    assert "gaps" in names
    assert f"# on {dates.today()} (today)" in client.get("/sparql?example=partners", headers=BROWSER).text
    form = client.get("/sparql?example=gaps", headers=BROWSER).text
    assert "country/GEO" in form
    assert "?_country" not in form


def test_the_whole_graph_can_be_downloaded(client: FlaskClient, built: Release) -> None:
    answer = client.get("/dataset.nq")
    assert answer.mimetype == "application/n-quads"
    assert answer.data.count(b"\n") == built.counts["statements"]
    answer.close()


def test_pages_answer_304(client: FlaskClient) -> None:
    first = client.get("/countries/GEO?on=2021-02-10", headers=BROWSER)
    again = client.get(
        "/countries/GEO?on=2021-02-10", headers={**BROWSER, "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2011-03-01", "2011-03-01"),
        ("2016~", "about 2016"),
        ("2016-02?", "2016-02, uncertain"),
        ("[2014-05-22..2014-06-12]", "between 2014-05-22 and 2014-06-12"),
        ("[2014-05-22..]", "2014-05-22 or later"),
    ],
)
def test_dates_are_said_in_words(date: str, words: str) -> None:
    assert date_in_words(date) == words


def test_the_matrix_groups_states_and_leads_from_each_cell_to_its_reasons(
    client: FlaskClient, built: Release
) -> None:
    page = client.get("/matrix?on=2021-02-10", headers=BROWSER).text
    found = matrix(built, DAY)
    assert page.index("Member States (27)") < page.index(
        "Schengen associated countries, not Member States (4)"
    )
    assert page.index(">Norway<") > page.index("Schengen associated countries")
    for (state, partner), held in list(found.cells.items())[:: len(found.cells) // 40]:
        tone, mark = TONES[held.own], MARK["own"][held.own]
        cell = f'<td class="r{tone}"><a href="/countries/{partner}/why/{state}?on=2021-02-10">{mark}</a></td>'
        assert cell in page, f"{state} and {partner}: the page shows another status than the matrix"
    for mark in MARK["own"].values():
        assert f'">{mark} ' in page, f"the legend does not explain {mark}"
    both = client.get("/matrix?on=2021-02-10&layer=both", headers=BROWSER).text
    assert f">{MARK['own'][found.cells['DEU', 'GEO'].own]}A</a>" in both
    assert client.get("/matrix?layer=all").status_code == 400


def test_the_matrix_is_there_as_files_with_the_same_cells(client: FlaskClient, built: Release) -> None:
    found = matrix(built, DAY, group="negotiating")
    asked = "on=2021-02-10&group=negotiating"
    cells = json.loads(client.get(f"/matrix.json?{asked}").data)["cells"]
    assert {(cell["state"], cell["partner"]): cell["own"] for cell in cells} == {
        pair: cell.own for pair, cell in found.cells.items()
    }
    rows = list(csv.DictReader(io.StringIO(client.get(f"/matrix.csv?{asked}").text, newline="")))
    assert {row["state"] for row in rows} == {state.code for state in found.states}
    assert client.get(f"/matrix.xlsx?{asked}").data.startswith(b"PK")
    assert client.get("/matrix?group=Atlantis").status_code == 400


def test_associated_countries_stand_below_the_member_states(client: FlaskClient) -> None:
    page = client.get("/countries/GEO?on=2021-02-10", headers=BROWSER).text
    below = page.index("Schengen associated countries, not Member States")
    assert page.index("/countries/GEO/why/SWE") < below < page.index("/countries/GEO/why/CHE")
    assert len(json.loads(client.get("/countries/GEO.json?on=2021-02-10").data)["rows"]) == 27
    reasons = client.get("/countries/GEO/why/CHE?on=2021-02-10", headers=BROWSER).text
    assert "Switzerland has an instrument of its own in force with Georgia" in reasons
    assert "was not a Member State" in reasons


def test_the_changes_name_the_event_that_caused_them(client: FlaskClient) -> None:
    page = client.get("/changes?from=2020-07-01&to=2020-07-01", headers=BROWSER).text
    assert "2020-07-01 entry into force (EU–Belarus readmission agreement)" in page
    told = json.loads(client.get("/changes.json?from=2020-07-01&to=2020-07-01").data)
    assert {change["partner"] for change in told["changes"]} == {"BLR"}
    rows = list(csv.DictReader(io.StringIO(client.get("/changes.csv?from=2020-07-01&to=2020-07-01").text)))
    assert len(rows) == len(told["changes"]) == 25
    assert client.get("/changes?from=2021-01-01&to=2020-01-01").status_code == 400


def test_the_work_to_do_says_why_and_what_would_settle_it(client: FlaskClient) -> None:
    page = client.get("/work?on=2021-02-10", headers=BROWSER).text
    assert "no figures on return decisions by pair" in page
    assert page.index("visa measure of Article 25a of the Visa Code, adopted") < page.index(
        "Nationals need a visa;"
    )
    assert 'id="IRN"' in page
    assert "The press only" in page or "the press only" in page, "how far the search went is missing"
    rows = json.loads(client.get("/work.json?on=2021-02-10").data)["rows"]
    assert all(row["settledBy"] and row["whatIsOpen"] for row in rows)
    weights = [int(row["weight"]) for row in rows]
    assert weights == sorted(weights, reverse=True)
    for address in ("/", "/countries/IRN"):
        assert 'href="/work' in client.get(address, headers=BROWSER).text


@pytest.mark.parametrize("path", ["/countries/GEO", "/countries/GEO.json", "/matrix.csv", "/work", "/"])
@pytest.mark.parametrize("stated", ["date=2010-05-01", "day=2010-05-01&on=2021-02-10", "On=2010-05-01"])
def test_a_day_that_no_page_reads_is_refused_and_not_answered_as_today(
    client: FlaskClient, path: str, stated: str
) -> None:
    answer = client.get(f"{path}?{stated}")
    assert answer.status_code == 400
    assert "is not read here; ask about a day as on=2010-05-01" in answer.get_data(as_text=True)


def test_a_state_has_a_page_and_files_from_the_other_side(client: FlaskClient) -> None:
    page = client.get("/member-states/SVK?on=2026-11-21", headers=BROWSER).text
    assert "Slovakia is recorded with instruments of its own in force with 3 partners" in page
    told = json.loads(client.get("/member-states/SVK.json?on=2026-11-21").data)
    ukraine = next(row for row in told["rows"] if row["country"] == "UKR")
    assert (ukraine["own"]["status"], ukraine["eu"]["status"]) == ("ended", "agreement")
    assert client.get("/member-states/Slovakia").location == "/member-states/SVK"


def test_countries_and_states_stand_side_by_side(client: FlaskClient) -> None:
    page = client.get("/compare?c=NGA,SEN&on=2026-11-21", headers=BROWSER).text
    assert "Nigeria: own" in page
    assert "Senegal: EU level" in page
    told = json.loads(client.get("/compare.json?c=SVK,CZE&on=2026-11-21").data)
    assert [side["state"]["alpha3"] for side in told["sides"]] == ["SVK", "CZE"]
    assert {line["code"] for line in told["differing"]} >= {"VNM", "UKR"}
    assert client.get("/compare?c=NGA").status_code == 400


def test_the_brief_is_one_page_of_what_the_answer_says(client: FlaskClient) -> None:
    page = client.get("/countries/NGA/brief?on=2026-11-21", headers=BROWSER).text
    assert "Two Member States have instruments of their own in force with Nigeria: Austria and Italy." in page
    for state in ("Austria", "Belgium", "Ireland", "Italy", "Malta", "Spain"):
        assert f"<strong>{state}</strong>" in page
    assert "<style" not in page, "the rules of content security allow no style in a page"
    assert 'href="/static/brief.css"' in page
