"""The release to use: that of the facts as they are, or the one that came with the program.

Where the extra ``build`` is installed, the facts decide: their release is found, or built. Without it nothing can be
built, so the release that a wheel carries is used as it is, by its own digest.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from readmission import extras, packed_release, release
from readmission.release import Release, Say

if TYPE_CHECKING:
    from readmission.building import pipeline


def to_ask(say: Say = lambda _: None) -> Release:
    """Return the release, to ask; it may be in memory only.

    Raises MissingExtraError where it would have to be built and cannot, BuildError where the facts are refused.
    """
    if packed := _packed_only():
        return packed_release.load(packed)
    return _from_facts(say)


def on_disk(say: Say = lambda _: None, make: "pipeline.Builder | None" = None) -> Release:
    """Return the release in the folder of releases, for those who need its files; raises what ``to_ask`` does.

    ``make`` builds it where that is needed, in place of this process.
    """
    if packed := _packed_only():
        return packed_release.unpack(packed, release.home())
    return _from_facts(say, make)


def _packed_only() -> Path | None:
    return None if extras.is_installed("build") else packed_release.find()


def _from_facts(say: Say, make: "pipeline.Builder | None" = None) -> Release:
    extras.require("build")
    from readmission.building import pipeline  # what only asks starts without it

    return pipeline.current(release.home(), say, make)
