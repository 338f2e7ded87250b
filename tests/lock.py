"""Write the versions that pip has chosen as a lock file.

    pip install --dry-run --ignore-installed --report - … | python tests/lock.py > requirements.lock

Versions only, no hashes: an index that mirrors another one need not hold every file of a version.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

HEAD = """\
# The versions that make, .ci/run and the Dockerfile install. `make lock` writes this file; do not edit it.
"""


def locked(report: dict[str, Any]) -> str:
    """Return a lock file for an installation report of pip; the project itself is left out."""
    return "".join([HEAD, *sorted(f"{line}\n" for line in _lines(report["install"]))])


def _lines(installed: Iterable[dict[str, Any]]) -> Iterable[str]:
    for each in installed:
        if "dir_info" not in each["download_info"]:
            yield f"{each['metadata']['name'].lower()}=={each['metadata']['version']}"


if __name__ == "__main__":
    sys.stdout.write(locked(json.load(sys.stdin)))
