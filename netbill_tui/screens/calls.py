"""Services off the event loop: a reader thread and a writer thread, each with its own connection.

A newer search replaces one that waits and interrupts one that runs. A write is never cancelled.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from netbill_tui.services.session import Session, Stopped

T = TypeVar("T")
LEAVE_S = 2.0


class Replaced(Exception):
    """A newer search took the place of this one."""


class Calls:
    """Runs services for the screens."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._reader = ThreadPoolExecutor(1, "reader", initializer=self._connect)
        self._writer = ThreadPoolExecutor(1, "writer", initializer=self._connect)
        self._reader_thread = 0
        self._searches = 0
        self._searching = False

    def _connect(self) -> None:
        if threading.current_thread().name.startswith("reader"):
            self._reader_thread = threading.get_ident()

    def _run(self, work: Callable[[], T]) -> T:
        # Opened here, not in the initializer: a book that cannot be opened is an answer, not a broken pool.
        self._session.db.connect()
        return work()

    async def read(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """The service's answer, from the reader."""
        loop = asyncio.get_running_loop()
        for last_try in (False, True):
            try:
                return await loop.run_in_executor(self._reader, self._run, lambda: service(*args, **kwargs))
            except Stopped:
                # An interrupt that was meant for the search before it came late.
                if last_try:
                    raise
        raise AssertionError("unreachable")

    async def write(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """The service's answer, from the writer. What was begun is finished, whoever waits for it."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._writer, self._run, lambda: service(*args, **kwargs))
        return await asyncio.shield(work)

    async def search(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """As `read`, for as-you-type: only the newest is answered.

        Raises:
            Replaced: A newer search began.
        """
        self._searches += 1
        mine = self._searches
        if self._searching and self._reader_thread:
            self._session.db.interrupt(self._reader_thread)

        def work() -> T:
            if mine != self._searches:
                raise Replaced
            self._searching = True
            try:
                return service(*args, **kwargs)
            finally:
                self._searching = False

        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._reader, self._run, work)
        except Exception:
            if mine != self._searches:
                raise Replaced from None
            raise
        if mine != self._searches:
            raise Replaced
        return found

    async def close(self) -> None:
        """Close both connections; the writer ends what it began, two seconds at most."""
        loop = asyncio.get_running_loop()
        for pool in (self._reader, self._writer):
            closing = loop.run_in_executor(pool, self._session.db.close)
            try:
                await asyncio.wait_for(asyncio.shield(closing), LEAVE_S)
            except (TimeoutError, RuntimeError):
                continue
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
