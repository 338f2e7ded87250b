"""What the files of answers promise: one schema and one writer, for the command line and the web alike."""

import pytest

from readmission.cli import main
from readmission.release import Release
from readmission.web.app import create_app

ANSWERS = [
    ("gaps Georgia --on 2021-02-10", "/countries/GEO", "on=2021-02-10", "json csv"),
    ("gaps TUR --on 2020-01-31 --persons third-country-nationals", "/countries/TUR",
     "on=2020-01-31&persons=third-country-nationals", "json csv"),
    ("why Denmark Georgia --on 2021-02-10", "/countries/GEO/why/DNK", "on=2021-02-10", "json csv"),
    ("why Norway Georgia --on 2021-02-10", "/countries/GEO/why/NOR", "on=2021-02-10", "json csv"),
    ("matrix --on 2021-02-10 --group acp", "/matrix", "on=2021-02-10&group=acp", "json csv xlsx"),
    ("events --from 2024-01-01 --to 2024-12-31 --country NGA", "/events",
     "from=2024-01-01&to=2024-12-31&country=NGA", "json csv"),
    ("changes --from 2020-06-30 --to 2020-07-01", "/changes", "from=2020-06-30&to=2020-07-01", "json csv"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "path", "parameters", "kinds"), ANSWERS)
def test_the_command_line_prints_the_bytes_that_the_web_sends(
    command: str,
    path: str,
    parameters: str,
    kinds: str,
    built: Release,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    client = create_app(built).test_client()
    for kind in kinds.split():
        assert main([*command.split(), "--format", kind]) == 0
        said = capsysbinary.readouterr().out
        sent = client.get(f"{path}.{kind}?{parameters}")
        assert sent.status_code == 200, sent.text
        assert sent.data == said, f"{path}.{kind} is not what `readmission {command} --format {kind}` prints"
        assert sent.data, f"{path}.{kind} is empty"


def test_why_says_that_a_state_was_no_member(built: Release) -> None:
    client = create_app(built).test_client()
    told = client.get("/countries/GEO/why/NOR.json?on=2021-02-10").get_json()
    assert (told["is_member"], told["own"]["status"], told["state"]["name"]) == (False, "in-force", "Norway")
