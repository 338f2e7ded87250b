"""What contributors install and run by habit: it is pinned, it is there, and it checks what they have changed."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import lock

pytestmark = pytest.mark.quick

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
    "hooks"
]


def wanted() -> Iterator[Requirement]:
    """Yield what the project and its developers need on this system."""
    project = PROJECT["project"]
    lists = [project["dependencies"], *project.get("optional-dependencies", {}).values(),
             *PROJECT["dependency-groups"].values()]  # fmt: skip
    for requirement in map(Requirement, (line for lines in lists for line in lines)):
        ours = canonicalize_name(requirement.name) == project["name"]
        if not ours and (requirement.marker is None or requirement.marker.evaluate()):
            yield requirement


def test_each_requirement_is_pinned_to_a_version_that_it_allows() -> None:
    pinned = {
        canonicalize_name(name): Version(version)
        for name, version in re.findall(r"^(\S+)==(\S+)$", LOCK, re.M)
    }
    wrong = [
        str(each) for each in wanted()
        if (found := pinned.get(canonicalize_name(each.name))) is None or found not in each.specifier
    ]  # fmt: skip
    assert not wrong, f"run `make lock`: requirements.lock does not fit {wrong}"


def test_the_lock_file_names_versions_and_nothing_else() -> None:
    lines = [
        line
        for line in LOCK.removeprefix(lock.HEAD).splitlines()
        if not re.fullmatch(r"[\w.-]+==[\w.!+-]+", line)
    ]
    assert not lines, f"run `make lock` instead of editing requirements.lock: {lines}"


def test_the_project_itself_is_left_out_of_the_lock_file() -> None:
    report: dict[str, Any] = {
        "install": [
            {"metadata": {"name": "readmission", "version": "1"}, "download_info": {"dir_info": {}}},
            {"metadata": {"name": "Flask", "version": "3.1.2"}, "download_info": {"archive_info": {}}},
        ]
    }
    assert lock.locked(report) == f"{lock.HEAD}flask==3.1.2\n"


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_each_hook_runs_a_program_that_is_installed(hook: dict[str, Any]) -> None:
    program = Path(sys.executable).with_name(Path(hook["entry"].split()[0]).name)
    assert hook["entry"].startswith(".venv/bin/"), "hooks judge as `make lint` does, so they run from .venv"
    assert program.is_file(), f"add {program.name} to the development tools in pyproject.toml"


def test_hooks_for_facts_take_fact_files_alone() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    files = tracked.stdout.splitlines()
    for hook in (hook for hook in HOOKS if hook["id"].startswith("readmission-")):
        taken = {path for path in files if re.search(hook["files"], path)}
        facts = {path for path in files if path.endswith(".ttl") and path.startswith(("graph/", "ontology/"))}
        assert taken == facts, f"mend `files` of {hook['id']}: {sorted(taken ^ facts)[:5]}"


def test_the_container_for_development_is_set_up_by_make() -> None:
    stated = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    program, goal = stated["postCreateCommand"].split()
    assert program == "make"
    assert re.search(rf"^{re.escape(goal)}:", MAKEFILE, re.M), f"the Makefile has no goal {goal}"


def test_a_quick_test_that_needs_a_release_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((REPOSITORY / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = quick: fast")
    pytester.makepyfile("import pytest\n@pytest.mark.quick\ndef test_it(graph): pass")
    done = pytester.runpytest_inprocess("--collect-only")
    assert done.ret != 0
    assert "so it is not quick" in "".join(done.outlines + done.errlines)
