"""What memory there is for us and our processes, and which process the kernel ends first when it runs out (Linux)."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

OOM_SCORE_WORKER = 1000
"""For workers and other processes that are started again without loss: proc_pid_oom_score_adj(5)."""
OOM_SCORE_ZYGOTE = 500
"""For a process that takes its workers with it, but no connection."""
_OWN = Path("/proc/self")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def available(process: Path = _OWN) -> int:
    """Return the bytes that this process may share with all it starts.

    The least of what the machine has and of what its control group and those above it allow: ``memory.max`` in
    version 2, ``memory.limit_in_bytes`` in version 1 (Linux: admin-guide/cgroup-v2 and cgroup-v1/memory).
    """
    return min([os.sysconf("SC_PHYS_PAGES") * _PAGE, *_limits(process)])


def usage(process: Path = _OWN) -> tuple[int, int]:
    """Return the bytes that a process holds for itself, and those of files that it shares with others."""
    _, resident, shared = (process / "statm").read_text(encoding="ascii").split()[:3]
    return (int(resident) - int(shared)) * _PAGE, int(shared) * _PAGE


def raise_oom_score(score: int, process: int | str = "self") -> None:
    """Raise the OOM score of a process, so that the kernel ends it before others.

    No privilege is needed to raise it.
    """
    place = Path(f"/proc/{process}/oom_score_adj")
    with contextlib.suppress(
        OSError, ValueError
    ):  # it has gone, or there is no such file: then all are alike
        if int(place.read_text(encoding="ascii")) < score:
            place.write_text(str(score), encoding="ascii")


def _limits(process: Path) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for folder, name in _groups(process):
            with contextlib.suppress(OSError, ValueError):  # the root has no such file; "max" is no number
                yield int((folder / name).read_text(encoding="ascii"))


def _groups(process: Path) -> Iterator[tuple[Path, str]]:
    """Return the folder of each control group that we are in, those above it too, and the file with its limit."""
    paths = dict(_memberships(process))
    for line in (process / "mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, system = line.partition(" - ")
        root, point = (part.replace("\\040", " ") for part in mount.split(" ")[3:5])
        kind, _, options = system.split(" ", 2)
        if kind == "cgroup2" and "" in paths:
            yield from _upwards(Path(point), root, paths[""], "memory.max")
        elif kind == "cgroup" and "memory" in options.split(",") and "memory" in paths:
            yield from _upwards(Path(point), root, paths["memory"], "memory.limit_in_bytes")


def _memberships(process: Path) -> Iterator[tuple[str, str]]:
    """Return our path for each controller; that of version 2 has no name."""
    for line in (process / "cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _upwards(top: Path, root: str, path: str, name: str) -> Iterator[tuple[Path, str]]:
    """Return the folders from ours up to the top; a container may see its own as the top, or under another name."""
    inner = path.removeprefix(root) if path.startswith(root) else ""
    folder = top / inner.strip("/")
    if ".." in folder.parts:  # our group lies outside of what this container sees
        folder = top
    while True:
        yield folder, name
        if folder == top:
            return
        folder = folder.parent
