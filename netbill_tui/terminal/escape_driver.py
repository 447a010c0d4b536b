"""Escape without the driver's own tenth of a second.

Textual's driver waits 100 ms in its select whatever ESCDELAY says, so a lone Escape is heard that late.
This one waits as long as the parser wants, and not longer. The loop is that of Textual 8.2, so a test holds both alike.
"""

import os
import selectors
import shutil
import sys
from typing import TYPE_CHECKING, Any

from netbill_tui.terminal.difference import Picture
from netbill_tui.terminal.incoming import Incoming
from netbill_tui.terminal.steady_lines import steady_lines

if TYPE_CHECKING:
    from textual.driver import Driver

_IDLE_S = 0.1


def escape_driver(charset: str, *, differences: bool = True) -> "type[Driver] | None":
    """The driver for a real terminal; None, which is Textual's own choice, where there is none.

    Args:
        charset: The terminal's character set.
        differences: Send only what differs from what the terminal shows.
    """
    if sys.platform == "win32" or not (sys.__stdin__ is not None and sys.__stdin__.isatty()):
        return None
    from textual._time import get_time
    from textual._xterm_parser import XTermParser
    from textual.drivers.linux_driver import LinuxDriver

    class EscapeDriver(LinuxDriver):
        """Reads keys; waits for the rest of an escape sequence exactly as long as ESCDELAY says. Writes names in their cells."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._picture = Picture(*shutil.get_terminal_size()) if differences else None

        def write(self, data: str) -> None:
            """Write to the terminal what differs from what it shows."""
            super().write(steady_lines(data) if self._picture is None else self._picture.write(data))

        def resized(self, columns: int, rows: int) -> None:
            """A terminal of another size shows nothing that is known."""
            if self._picture is not None:
                self._picture.resize(columns, rows)

        def forget(self) -> None:
            """Something else may have written to the terminal: everything is written anew."""
            if self._picture is not None:
                self._picture.forget()

        def _sigcont_application(self, *_: Any) -> None:
            """It goes on after a stop, or its line was dropped: heard between two paints, which a signal may come into."""
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._go_on)

        def _go_on(self) -> None:
            # Of a line that was dropped no terminal is left to be set up; SIGHUP is on its way.
            if self._writer_thread is None or not os.isatty(self.fileno):
                return
            self.suspend_application_mode()
            self.resume_application_mode()
            self.forget()
            self._app.refresh(layout=True)

        def run_input_thread(self) -> None:
            """Wait for input and dispatch events."""
            selector = selectors.SelectSelector()
            selector.register(self.fileno, selectors.EVENT_READ)
            parser = XTermParser(self._debug)
            incoming = Incoming(charset)
            try:
                while not self.exit_event.is_set():
                    until = parser._timeout_time
                    wait = _IDLE_S if until is None else max(0.0, min(_IDLE_S, until - get_time() + 0.0005))
                    if selector.select(wait):
                        data = os.read(self.fileno, 4096)
                        text = incoming.text(data)
                        for event in parser.feed(text) if text else ():
                            self.process_message(event)
                        if not data:
                            # The other end is gone, and SIGHUP is on its way.
                            self.exit_event.wait(_IDLE_S)
                    elif held := incoming.flush():
                        for event in parser.feed(held):
                            self.process_message(event)
                    for event in parser.tick():
                        self.process_message(event)
            finally:
                selector.close()

    return EscapeDriver
