"""A country named in another language than English: answered with a word about what was understood, or refused."""

import json

import pytest
from flask.testing import FlaskClient

from readmission import Graph, current_release
from readmission.cli import main
from readmission.release import Release
from readmission.web.app import create_app

Run = pytest.CaptureFixture[str]
NIGER = "understood as: Niger (Latvian: Nigēra)\n"
REFUSAL = "did you mean Nigeria (NGA), or Niger (NER), which is Nigēra in Latvian?"
BROWSER = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def _one_release(built: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """All commands ask the same release, which is read once."""
    monkeypatch.setattr(current_release, "to_ask", lambda *_: built)


@pytest.fixture(scope="module")
def client(built: Release) -> FlaskClient:
    app = create_app(built)
    app.testing = True
    return app.test_client()


CALLS = (
    "gaps {}", "brief {}", "state {}", "compare {} Senegal", "why Germany {}", "events --country {}",
    "events --state {}", "network --partner {}", "query gaps --param country={}", "query events --param country={}",
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_command_says_on_stderr_what_a_name_was_taken_for(capsys: Run, call: str) -> None:
    assert main(call.format("Nigēra").split()) == 0
    assert capsys.readouterr().err == NIGER


@pytest.mark.parametrize("call", CALLS)
def test_a_command_says_nothing_of_codes_and_english_names(capsys: Run, call: str) -> None:
    for name in ("Niger", "NER", "ne"):
        assert main(call.format(name).split()) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("call", CALLS)
def test_a_command_refuses_what_may_be_a_slip(capsys: Run, call: str) -> None:
    assert main(call.format("Nigera").split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith(f"{REFUSAL}\n")


def test_data_are_the_same_whatever_the_language(capsys: Run) -> None:
    answers = set()
    for name in ("Nigēra", "Niger", "NER"):
        assert main(["gaps", name, "--format", "json"]) == 0
        answers.add(capsys.readouterr().out)
    assert len(answers) == 1


def test_python_takes_a_name_in_any_language(graph: Graph) -> None:
    assert graph.gaps("Géorgie", on="2021-02-10").country.alpha3 == "GEO"


def test_the_search_leads_to_a_page_that_says_what_it_understood(client: FlaskClient) -> None:
    for address in ("/countries?name=Nig%C4%93ra", "/countries/Nig%C4%93ra"):
        found = client.get(address, headers=BROWSER)
        assert found.location == "/countries/NER?name=Nig%C4%93ra"
    assert "Understood as: Niger (Latvian: Nigēra)." in client.get(found.location, headers=BROWSER).text


@pytest.mark.parametrize("name", ["Niger", "NER", "ne", "Republic of the Niger"])
def test_the_search_carries_no_english_name_and_no_code(client: FlaskClient, name: str) -> None:
    assert client.get("/countries", query_string={"name": name}).location == "/countries/NER"


@pytest.mark.parametrize(
    "name", ["<b>Niger</b>", "G\u0113orgie", "Géorgie", "Atlantis", "x" * 5000, "Nigera", ""]
)
def test_a_page_repeats_nothing_that_is_no_name_of_its_country(client: FlaskClient, name: str) -> None:
    page = client.get("/countries/NER", query_string={"name": name}, headers=BROWSER)
    assert page.status_code == 200
    assert "Understood as" not in page.text


def test_files_are_the_same_with_a_name_in_their_address(client: FlaskClient) -> None:
    for kind in ("application/json", "text/csv"):
        addresses = ("/countries/NER", "/countries/NER?name=Nig%C4%93ra")
        plain, named = (client.get(address, headers={"Accept": kind}).data for address in addresses)
        assert plain == named, kind


def test_the_events_say_what_they_understood(client: FlaskClient) -> None:
    page = client.get("/events?country=Nig%C4%93ra&state=Alemania", headers=BROWSER).text
    assert "Understood as: Niger (Latvian: Nigēra)." in page
    assert "Understood as: Germany (Spanish: Alemania)." in page
    assert "Understood as" not in client.get("/events?country=Niger&state=DEU", headers=BROWSER).text


@pytest.mark.parametrize("address", ["/countries?name=Nigera", "/countries/Nigera", "/events?country=Nigera"])
def test_a_page_refuses_what_may_be_a_slip_with_a_way_to_both(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers=BROWSER)
    assert page.status_code == 404
    assert '/countries/NGA"' in page.text
    assert '/countries/NER"' in page.text
    assert REFUSAL in json.loads(client.get(address).data)["detail"]
