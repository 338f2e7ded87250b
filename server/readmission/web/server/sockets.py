"""The socket that the server listens on, and how many connections may be open at a time."""

import contextlib
import errno
import resource
import socket

from readmission.web.server.rsgi import BACKLOG

_MOST_CONNECTIONS = 16_384
_OTHER_HANDLES = 512  # that the process holds beside its connections


class PortTakenError(OSError):
    """Another program listens on this port."""


class AddressError(OSError):
    """The system does not let us listen there."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises PortTakenError or AddressError."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=BACKLOG)
    except OSError as fault:
        raise socket_error(fault, host, port) from fault


def connections() -> int:
    """Return how many connections may be open at a time, having raised what the system allows as far as it goes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # not ours to raise
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        _MOST_CONNECTIONS if most == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, most - _OTHER_HANDLES)
    )


def socket_error(fault: OSError, host: str, port: int) -> OSError:
    """Return what to tell an operator when a place to listen on cannot be had."""
    if fault.errno == errno.EADDRINUSE:
        return PortTakenError(
            f"port {port} of {host} is taken; stop the other program or choose another --port"
        )
    reason = fault.strerror or str(fault)
    return AddressError(f"cannot listen on {host} port {port} ({reason}); choose another --host or --port")
