"""What the bench needs and does not find it installs: in a virtual environment of its own, or from Debian."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from harness.outside_engines import MissingEngineError

APART = Path(sys.prefix) / "peers"
"""Beside our own packages, so that what rdflib-endpoint needs does not disturb them."""
PINNED = ("rdflib-endpoint==0.6.3", "rdflib==7.6.0", "uvicorn==0.54.0")


def rdflib_endpoint() -> Path:
    """Return the program of rdflib-endpoint; raises MissingEngineError when it cannot be installed."""
    program = APART / "bin" / "rdflib-endpoint"
    if not program.is_file():
        venv.create(APART, with_pip=True)
        _run([str(APART / "bin" / "python"), "-m", "pip", "install", "--quiet", *PINNED], PINNED[0])
    return program


def debian(program: str, package: str) -> str:
    """Return the path of a program that Debian packages; raises MissingEngineError when it cannot be installed."""
    if (found := shutil.which(program)) is None:
        if shutil.which("apt-get") is None or os.geteuid():
            raise MissingEngineError(
                f"{program} is not installed, and this user may not: apt-get install {package}"
            )
        _run(["apt-get", "update", "--quiet"], package)
        _run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package], package)
        found = shutil.which(program)
    if found is None:
        raise MissingEngineError(f"{package} holds no {program} here")
    return found


def _run(command: list[str], package: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise MissingEngineError(f"{package} could not be installed: {told[0]}")
