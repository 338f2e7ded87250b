"""The build hook of the wheel: builds the release, or finds it built, and puts it in."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReleaseHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts the release of the checkout into the wheel; `make wheel` switches it on."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the packed release to what a wheel holds; an editable install reads the checkout itself."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "server"))
        from readmission import packed_release, release
        from readmission.building import pipeline

        built = pipeline.current(release.home(), self.app.display_info)
        assert built.path is not None
        self._drafts = tempfile.TemporaryDirectory(prefix="readmission-")
        packed = Path(self._drafts.name) / built.path.name
        packed_release.pack(built.path, packed)
        build_data["force_include"][str(packed)] = f"readmission/data/release/{packed.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the packed release: the wheel has it."""
        if version != "editable":
            self._drafts.cleanup()
