"""Use cases off the event loop: a reader, a writer and a counter, each a thread with its own connection.

A newer search replaces one that waits and interrupts one that runs. A write is never cancelled.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from netbill_tui.errors import NotPermitted
from netbill_tui.usecases.access.sittings import still
from netbill_tui.usecases.audit.trail import note_refusal
from netbill_tui.usecases.core.session import Session, Stopped

T = TypeVar("T")
LEAVE_S = 2.0
AGAIN_S = 1.0


class Replaced(Exception):
    """A newer search took the place of this one."""


class _Watch:
    """Whether who is signed in may still see and do things: asked once for all that one key sets off, and each second."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key = 0
        self._asked = (-1, 0.0)  # for which key, and when

    def key_comes(self) -> None:
        self._key += 1

    def ask(self) -> None:
        # Taken before it is asked: what was answered before a key came does not answer for that key.
        key, now = self._key, time.monotonic()
        if self._asked[0] != key or now - self._asked[1] >= AGAIN_S:
            still(self._session)
            self._asked = (key, now)


class _Lane:
    """A thread with its own connection, where a newer call can take the place of the one that runs."""

    def __init__(self, session: Session, name: str, watch: _Watch) -> None:
        self._session = session
        self._watch = watch
        self.pool = ThreadPoolExecutor(1, name, initializer=self._begin)
        self._thread = 0
        self._calls = 0
        self._at_work = False

    def _begin(self) -> None:
        self._thread = threading.get_ident()

    def run(self, work: Callable[[], T]) -> T:
        """Work on this thread, with its connection."""
        # Opened here, not in the initializer: a book that cannot be opened is an answer, not a broken pool.
        self._session.db.connect()
        # Somebody who was disabled, or whose sitting was ended, sees nothing more from the next action on.
        self._watch.ask()
        try:
            return work()
        except NotPermitted as refused:
            note_refusal(self._session, "screens", str(refused))
            raise

    async def newest(self, service: Callable[[], T]) -> T:
        """The service's answer, unless a newer call began."""
        self._calls += 1
        mine = self._calls
        if self._at_work and self._thread:
            self._session.db.interrupt(self._thread)

        def work() -> T:
            if mine != self._calls:
                raise Replaced
            self._at_work = True
            try:
                return service()
            finally:
                self._at_work = False

        try:
            answer = await asyncio.get_running_loop().run_in_executor(self.pool, self.run, work)
        except Exception:
            if mine != self._calls:
                raise Replaced from None
            raise
        if mine != self._calls:
            raise Replaced
        return answer


class Calls:
    """Runs services for the screens: on a reader, a writer, and a counter for sums that nobody waits for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._watch = _Watch(session)
        self._reader = _Lane(session, "reader", self._watch)
        self._writer = _Lane(session, "writer", self._watch)
        self._counter = _Lane(session, "counter", self._watch)
        self._long = _Lane(session, "long", self._watch)

    def key_comes(self) -> None:
        """Whoever was disabled meanwhile is refused what this key sets off."""
        self._watch.key_comes()

    async def read(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """The service's answer, from the reader."""
        loop = asyncio.get_running_loop()
        for last_try in (False, True):
            try:
                return await loop.run_in_executor(self._reader.pool, self._reader.run, lambda: service(*args, **kwargs))
            except Stopped:
                # An interrupt that was meant for the search before it came late.
                if last_try:
                    raise
        raise AssertionError("unreachable")

    async def write(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """The service's answer, from the writer. What was begun is finished, whoever waits for it."""
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._writer.pool, self._writer.run, lambda: service(*args, **kwargs))
        return await asyncio.shield(work)

    async def long(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """The answer of long work that posts in batches, beside what the operator posts meanwhile; never cancelled."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._long.pool, self._long.run, lambda: service(*args, **kwargs)))

    async def search(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """As `read`, for as-you-type: only the newest is answered.

        Raises:
            Replaced: A newer search began.
        """
        return await self._reader.newest(lambda: service(*args, **kwargs))

    async def count(self, service: Callable[..., T], *args: object, **kwargs: object) -> T:
        """A sum over a whole list, beside everything else; a newer one takes its place.

        Raises:
            Replaced: A newer one began.
        """
        return await self._counter.newest(lambda: service(*args, **kwargs))

    async def last(self, service: Callable[..., T], *args: object) -> T:
        """What is done on the way out, from the writer, whatever becomes of the sitting."""

        def work() -> T:
            self._session.db.connect()
            return service(*args)

        return await asyncio.get_running_loop().run_in_executor(self._writer.pool, work)

    async def close(self) -> None:
        """Close the connections; the lanes end what they began, two seconds at most for all of them together."""
        loop = asyncio.get_running_loop()
        lanes = (self._counter, self._reader, self._writer, self._long)
        closing = [loop.run_in_executor(lane.pool, self._session.db.close) for lane in lanes]
        await asyncio.wait(closing, timeout=LEAVE_S)
        for lane in lanes:
            lane.pool.shutdown(wait=False, cancel_futures=True)
