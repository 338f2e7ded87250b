"""The first process of a container (PID 1): the system gives it all orphans, and it has to reap them."""

import os
import signal

from readmission.workers.system import child_processes

_FORWARDED_SIGNALS = (
    signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH,
)  # fmt: skip


def fork_under_init() -> int | None:
    """Go on in a child, and return None there; here be its init until it ends, and return its exit status.

    Call it while the process has a single thread. Signals go on to the child, but for those that the terminal has
    sent to it as well.
    """
    known = {*_FORWARDED_SIGNALS, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, known)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return None
    while True:
        received = signal.sigwaitinfo(known)
        if received.si_signo != signal.SIGCHLD:
            if received.si_code <= 0:  # from a process, not from the kernel
                os.kill(child, received.si_signo)
        elif (status := dict(child_processes.reap()).get(child)) is not None:
            return status if status >= 0 else 128 - status
