"""The front's side of the zygote: its process, and the socket on which it takes orders and tells of its workers."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

from msgspec import json

from readmission.workers.messages import FORK, LONGEST_NOTICE, ZygoteOptions

OnMessage = Callable[[bytes, Sequence[int]], bool]
"""Takes a message and the handles that came with it; false when the zygote is of no more use."""
_ALLOCATION = "glibc.malloc.tcache_count=2000:glibc.malloc.hugetlb=1"
"""The engine takes and gives back many small pieces of memory: kept at hand, they cost it less. On large pages the data
are shared with a new worker in half the time, which no other process gets meanwhile."""


class ZygoteConnection:
    """A zygote process, from its start to its end."""

    def __init__(self, orders: ZygoteOptions) -> None:
        """Start it; it inherits the handles that its orders name. Raises OSError."""
        self._socket, back = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        handles = [handle for handle, _ in orders.files]
        with back:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "readmission.workers.zygote", str(back.fileno()),
                     json.encode(orders).decode()],
                    pass_fds=[back.fileno(), *handles], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    env={"GLIBC_TUNABLES": _ALLOCATION, **os.environ},
                )  # fmt: skip
            except OSError:
                self._socket.close()
                raise

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def order(self) -> None:
        """Have it fork a worker. Raises OSError when it has gone."""
        self._socket.send(FORK)

    async def listen(self, on_message: OnMessage) -> None:
        """Hear all that it tells until it has gone, or is of no more use."""
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._socket, self._read, on_message, gone)
        try:
            await gone
        finally:
            loop.remove_reader(self._socket)

    def end(self) -> int:
        """End it, if it has not ended, and return how it did."""
        self._socket.close()
        self._process.kill()  # one that ends by itself is past that
        return self._process.wait()

    def _read(self, on_message: OnMessage, gone: "asyncio.Future[None]") -> None:
        """Hear all that there is: after an error the event loop looks at its socket no more."""
        while not gone.done():
            try:
                message, handles, _, _ = socket.recv_fds(self._socket, LONGEST_NOTICE, 2)
            except (
                ConnectionResetError
            ):  # it has ended with orders unread; what it said before comes after that
                continue
            except BlockingIOError:
                return
            except OSError:
                message, handles = b"", []
            if not message or not on_message(message, handles):
                gone.set_result(None)
