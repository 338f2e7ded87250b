"""How long a process may run on while another one, which has just woken up, waits for the processor.

Linux lets a process finish its slice before one with a slice as long may take its place, however much the first gives
way: with 250 ticks a second that is up to 4 ms, many times what a short query takes. One with a shorter slice takes
its place at once (sched_setattr(2), ``sched_runtime`` of SCHED_OTHER, since Linux 6.12; older ones do not look at it).
"""

import ctypes
import os
import platform
import struct

_LONG = 50_000_000  # nanoseconds; the usual slice is 3 ms or less
_NUMBERS = {
    "x86_64": 314,
    "aarch64": 274,
    "riscv64": 274,
}  # of the system call: glibc has no name for it before 2.41
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")  # struct sched_attr, version 0


def lengthen(pid: int, niceness: int) -> None:
    """Let every process with the usual slice take the place of this one at once.

    ``niceness`` is the one it has, for the call sets both. Nothing happens where the system does not know of slices.
    """
    number = _NUMBERS.get(platform.machine())
    if number is None:
        return
    attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, niceness, 0, _LONG, 0, 0)
    ctypes.CDLL(None).syscall(number, pid, attributes, 0)
