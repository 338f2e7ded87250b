"""What the documents show is what the program does and what the files hold."""

import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from readmission import resources
from readmission.cli import main

REPOSITORY = Path(__file__).parents[2]
RELEASE = re.compile(r"release \S+")


def blocks(name: str) -> list[str]:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    return re.findall(r"```turtle\n(.*?)```", text, re.DOTALL)


def test_the_readmes_answer_is_what_the_command_prints(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- answer -->\n    \$ readmission (.+)\n((?:    .*\n|\n)*)", readme)
    assert shown, "README.md has no example after <!-- answer -->"
    assert main(shlex.split(shown[1])) == 0
    wanted = RELEASE.sub("release …", capsys.readouterr().out).strip()
    found = "\n".join(line.removeprefix("    ") for line in shown[2].splitlines()).strip()
    assert RELEASE.sub("release …", found) == wanted, f"put this into README.md:\n{wanted}"


@pytest.mark.parametrize("block", blocks("CONTRIBUTING.md"), ids=lambda block: block.split("\n")[0])
def test_each_line_that_the_guide_explains_stands_in_a_fact_file(block: str) -> None:
    eu = resources.folder("graph") / "instruments" / "eu"
    text = (eu / "gmb-2018.ttl").read_text() + (eu / "geo.ttl").read_text()
    assert block.rstrip("\n") in text, (
        "CONTRIBUTING.md shows lines that the fact file does not hold; copy them anew"
    )


def test_the_readme_fits_one_screen() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= 60


_MORE = sorted(path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "docs").rglob("*.md"))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *_MORE]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_in_documents_lead_somewhere(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    missing = [target for target in targets if not ((REPOSITORY / name).parent / target).exists()]
    assert not missing, f"{name} links to {missing}"


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE))
    assert {"overview", "gaps", "why", "query", "check", "export", "serve"} <= commands
    for command in commands:
        with suppress(SystemExit):  # a parser's own help ends the program
            assert main([command, "--help"]) == 0
        assert f"usage: readmission {command}" in capsys.readouterr().out


def test_the_version_is_kept_once() -> None:
    import tomllib
    from importlib.metadata import version

    stated = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert version("readmission") == stated, "run make test again after a change of version"
    assert f"version: {stated}" in (REPOSITORY / "CITATION.cff").read_text()
    assert sys.version_info >= (3, 11)
