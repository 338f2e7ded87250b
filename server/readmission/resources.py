"""Where the data folders are: in the installed copy, or in the checkout this module is edited in."""

from pathlib import Path

FOLDERS = ("ontology", "graph", "shapes", "queries")


def folder(name: str) -> Path:
    """Return the folder ``name`` (one of ``FOLDERS``) of the installed copy, else of the checkout.

    A wheel keeps the folders under ``readmission/data``; an editable install reads the repository's own.
    """
    if name not in FOLDERS:
        raise ValueError(f"there is no data folder {name!r}; choose one of {', '.join(FOLDERS)}")
    installed = Path(__file__).with_name("data") / name
    return installed if installed.is_dir() else Path(__file__).parents[2] / name
