"""The key gate: no key that was typed ahead is lost or reaches the wrong screen.

Textual 8.2 runs bindings asynchronously after later keys were already forwarded, so a burst that opens a form and fills it
goes to the old screen. The gate queues every key and paste, forwards one, and waits until whatever
it set off has settled: the focused widget, its ancestors, the screen and the app have handled what was posted to them, and
no story holds the gate.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events

from netbill_tui.terminal.one_paint import PATIENCE_S, OnePaint

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump

    _Base = App[int]
else:
    _Base = object

_PATIENCE_S = 2.0
# Typed while the gate is held, these empty the queue: the operator wants out.
_ESCAPES = ("ctrl+c", "f12")


class KeyGate(OnePaint, _Base):
    """A mixin in front of `App`."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._queue: deque[events.Event] = deque()
        self._pumping = False
        self._holds = 0
        self._free = asyncio.Event()
        self._free.set()

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes; everything else goes its way."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            if isinstance(event, events.Key) and event.key == "ctrl+j":
                # Enter typed before the start arrives as a line feed.
                event = events.Key("enter", "\r")
                event.set_sender(self)
            if self._holds and isinstance(event, events.Key) and event.key in _ESCAPES:
                self.drop_keys()
                return
            self._queue.append(event)
            if not self._pumping:
                self._pumping = True
                self._pump_task = asyncio.create_task(self._pump())
            return
        await super().on_event(event)

    @property
    def keys_waiting(self) -> int:
        """How many keys are typed ahead."""
        return len(self._queue)

    def hold_keys(self) -> None:
        """Keep typed keys until `release_keys`: a story is running whose end decides where they go."""
        self._holds += 1
        self._free.clear()

    def release_keys(self) -> None:
        """Undo one `hold_keys`."""
        self._holds = max(0, self._holds - 1)
        if not self._holds:
            self._free.set()

    def key_comes(self, event: events.Key) -> None:
        """A key is about to reach the screen."""

    def drop_keys(self) -> None:
        """Forget what was typed ahead: after an error it was meant for a screen that did not come."""
        self._queue.clear()

    async def _pump(self) -> None:
        try:
            while self._queue:
                await self._free.wait()
                if not self._queue:
                    break
                event = self._queue.popleft()
                await self._screen_settled()
                if isinstance(event, events.Key):
                    self.key_comes(event)
                self.paints_once()
                try:
                    await super().on_event(event)
                    await self._settle()
                    await self._read()
                finally:
                    self.paints()
        except Exception as error:
            self._handle_exception(error)
        finally:
            self._pumping = False

    async def _read(self) -> None:
        """Wait for the stories that the key began, as long as a screen may wait for its first paint."""
        if self._holds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._free.wait(), PATIENCE_S)

    async def _handled(self, pump: "MessagePump") -> None:
        """Wait until everything posted to this pump so far was handled."""
        done = asyncio.Event()
        if pump.call_later(done.set):
            try:
                await asyncio.wait_for(done.wait(), _PATIENCE_S)
            except TimeoutError:
                return

    async def _screen_settled(self) -> None:
        screen = self.screen
        if not screen._mounted_event.is_set():
            try:
                await asyncio.wait_for(screen._mounted_event.wait(), _PATIENCE_S)
            except TimeoutError:
                return
        await self._handled(screen)

    async def _settle(self) -> None:
        for _ in range(2):
            focused = self.focused
            chain: list[MessagePump] = list(focused.ancestors_with_self) if focused is not None else [self.screen, self]
            for pump in chain:
                if not pump.is_running:
                    continue
                await self._handled(pump)
            if not self.is_running:
                return
        await self._screen_settled()
