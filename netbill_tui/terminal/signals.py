"""SIGHUP and SIGTERM: finish or roll back, restore the terminal, exit. A second signal leaves at once."""

import asyncio
import os
import signal
from collections.abc import Callable

GRACE_S = 2.0


def install(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Call `leave` with the signal's number, once; whatever it does must end within two seconds.

    Args:
        loop: The running loop.
        leave: Asks the program to end with exit code 128 + number.
    """
    seen: list[int] = []

    def handle(number: int) -> None:
        if seen:
            os._exit(128 + number)
        seen.append(number)
        loop.call_later(GRACE_S, os._exit, 128 + number)
        leave(number)

    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, handle, int(number))
    # No way to a shell by ^Z, and none by ^\ (docs/security.md, *The terminal, files, the host*).
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)
