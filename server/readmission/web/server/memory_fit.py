"""Reduces the limits to the memory of the machine: fewer queries at a time, with less for each."""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from readmission.engine.embedded import load_files
from readmission.engine.limits import MEBIBYTE, Limits
from readmission.errors import UserError
from readmission.release import Release
from readmission.web.endpoint.dataset import Dataset, files
from readmission.web.server import application_worker
from readmission.web.settings import Settings
from readmission.workers.system import memory

_PROGRAM = 128 * MEBIBYTE  # of all processes together, without data
_DATA = 12  # times the size of the files, at most, that the data and what is made of them take in memory
_APPLICATION = 12 * MEBIBYTE  # by which the front grows until it serves
_ENOUGH = 160 * MEBIBYTE  # for a worker; with more memory, more of them rather than larger ones
_LEAST = 10 * MEBIBYTE  # for a worker, which then answers what people ask most


class MemoryShortageError(UserError, OSError):
    """The machine, or its control group, has not the memory that these data need."""


def fit(settings: Settings, served: Dataset, allowed: int) -> Settings:
    """Return settings whose memory, all together, is not more than ``allowed`` bytes. Raises MemoryShortageError.

    What the data take is measured only where it could be too much: that loads them.
    """
    limits, sending = settings.limits, settings.cache_bytes + settings.bytes_in_flight
    size = sum(file.stat().st_size for file in files(served))
    if sys.platform != "linux" or allowed >= _total(limits) + sending + _PROGRAM + _DATA * size:
        return settings
    room = allowed - _measure(served, settings)
    front = min(room // 3, sending)
    fitting = _reduce(limits, room - front)
    if fitting is None:
        needed = (allowed - room + 3 * _LEAST) // MEBIBYTE + 1
        raise MemoryShortageError(
            f"there are {allowed // MEBIBYTE} MiB of memory here, and {needed} are needed for these data and two "
            "queries; give the server more: on the machine, or in its control group (memory.max, docker run --memory)"
        )
    answer = min(limits.answer, front // 4, max(fitting.memory // 4, MEBIBYTE))
    return replace(
        settings,
        limits=replace(fitting, answer=answer),
        cache_bytes=min(settings.cache_bytes, front // 4),
        bytes_in_flight=min(settings.bytes_in_flight, front // 2),
    )


def describe(wanted: Settings, given: Settings, allowed: int) -> str:
    """Return in a line what has been reduced, and from what."""
    before, after = wanted.limits, given.limits
    return (
        f"{allowed // MEBIBYTE} MiB of memory: {after.workers} queries run at a time in place of {before.workers}, "
        f"each with {after.memory // MEBIBYTE} MiB in place of {before.memory // MEBIBYTE}, and an answer may have "
        f"{after.answer / MEBIBYTE:.1f} MiB in place of {before.answer / MEBIBYTE:.0f}."
    )


def _total(limits: Limits) -> int:
    return limits.workers * (limits.memory + limits.growth)


def _measure(served: Dataset, settings: Settings) -> int:
    """Return the bytes that front and zygote will take; they share the program's files.

    What the zygote takes is measured in a process of its own, which gives it all back.
    """
    arguments = (
        tuple(map(str, files(served))),
        isinstance(served, Release),
        application_worker.encode_options(served, settings),
    )
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        zygote, _ = apart.submit(_load_and_measure, *arguments).result()
    own, shared = memory.usage()
    return zygote + own + shared + _APPLICATION


def _load_and_measure(
    names: tuple[str, ...], trusted: bool, argument: str
) -> tuple[int, int]:  # as it is sent
    """Return what a process holds that has loaded data, and made the application over them."""
    engine = load_files([Path(name) for name in names], trusted=trusted)
    answering = application_worker.application(engine, argument)
    held = memory.usage()
    del answering  # until now it had to be there
    return held


def _reduce(limits: Limits, room: int) -> Limits | None:
    """Return limits that fit: at least one short and one long query; None when even those do not."""
    if _total(limits) <= room:
        return limits
    workers = min(limits.workers, max(2, room // min(_ENOUGH, limits.memory + limits.growth)))
    each = room // workers
    if each < _LEAST:
        return None
    long = min(limits.long_slots, max(1, workers * limits.long_slots // limits.workers))
    return replace(
        limits,
        memory=min(limits.memory, max(each * 4 // 5, each - 64 * MEBIBYTE)),
        long_slots=long,
        quick_slots=min(limits.quick_slots, workers - long),
    )
