"""A sitting: from signing in until the keys are dropped."""

import os
from collections.abc import Callable

from netbill_tui.usecases.core import host

IDLE_S = 900  # so long without a key, and the keys are dropped
OVER_S = 12 * 3600  # so long after signing in, whatever is done, one signs in again


class Sitting:
    """How long somebody has been signed in, and under which id.

    Attributes:
        id: Names the sitting in the audit.
        kind: `screens` or `command`.
        is_stored: The book has a row of this sitting, which can be ended from outside.
        locked: Who locked the screens by doing nothing; None while they are open.
        ticks: Microseconds since the machine was started, which nobody can set.
    """

    __slots__ = ("_began_us", "_used_us", "id", "is_stored", "kind", "locked", "ticks")

    def __init__(self) -> None:
        self.id = os.urandom(8).hex()
        self.kind = "command"
        self.is_stored = False
        self.locked: str | None = None
        self.ticks: Callable[[], int] = host.boot_us
        self._began_us = self._used_us = self.ticks()

    def begin(self) -> None:
        """Start the clocks of a sitting under a new id."""
        self.id = os.urandom(8).hex()
        self._began_us = self._used_us = self.ticks()
        self.is_stored = True

    def used(self) -> None:
        """The operator did something: the idle clock begins again."""
        self._used_us = self.ticks()

    def overdue(self) -> str:
        """`idle` after a quarter of an hour without a key, `over` after twelve hours, else empty."""
        now = self.ticks()
        if now - self._began_us >= OVER_S * 1_000_000:
            return "over"
        return "idle" if now - self._used_us >= IDLE_S * 1_000_000 else ""
