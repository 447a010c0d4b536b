"""What of a transaction on a server waits to be sent, and a driver that sends it first."""

import threading
from collections.abc import Callable
from typing import Any

import peewee

from netbill_tui.db.core.reads import Params


class Flight(threading.local):
    """What of this thread's transaction waits to be sent: its begin and what it changes, until a read or the commit takes it.

    `sent` is whether the server has seen any of it: what was done there cannot be repeated on another connection.
    """

    def __init__(self) -> None:
        self.inside = self.sent = False
        self.waiting: list[bytes] = []
        self.size = 0

    def begin(self, statement: bytes) -> None:
        """A transaction begins, by this statement."""
        if self.inside:
            raise RuntimeError("a transaction within a transaction")  # what waits would be forgotten
        self.inside, self.sent, self.waiting, self.size = True, False, [statement], 0

    def wait(self, statement: bytes) -> None:
        """Let a statement wait behind the others."""
        self.waiting.append(statement)
        self.size += len(statement)

    def clear(self) -> None:
        """Nothing waits any more."""
        self.waiting, self.size = [], 0

    def end(self) -> None:
        """The transaction is over, however it ended."""
        self.inside = False
        self.clear()


class Direct(peewee.PostgresqlDatabase):
    """What is asked of peewee itself comes behind what waits."""

    flush: Callable[[], None]

    def execute_sql(self, sql: str, params: Params | None = None) -> Any:
        """Send what waits, then this."""
        self.flush()
        return super().execute_sql(sql, params)
