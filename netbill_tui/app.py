"""The program: theme, first screen, the two threads that work for it, and how it ends."""

import asyncio
from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.filter import LineFilter

from netbill_tui.screens.calls import Calls
from netbill_tui.screens.dashboard import DashboardScreen
from netbill_tui.screens.sign_in import SignInScreen
from netbill_tui.services.incidents import record
from netbill_tui.services.session import Session
from netbill_tui.settings import Settings
from netbill_tui.terminal import signals
from netbill_tui.terminal.key_gate import KeyGate
from netbill_tui.terminal.line_filter import Scrub


class NetbillApp(KeyGate, App[int]):
    """One session on one terminal."""

    CSS_PATH = ["styles/layout.tcss", "styles/widgets.tcss"]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self.calls = Calls(session)
        self.incident = ""
        self.theme = settings.theme

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and ours last."""
        return [*super().get_line_filters(), Scrub()]

    async def on_mount(self) -> None:
        """Listen to signals; go to the first screen, or sign in before it."""
        if not self.is_headless:
            signals.install(asyncio.get_running_loop(), self._leave)
        if self.session.operator is not None:
            await self.push_screen(DashboardScreen())
        else:
            await self.push_screen(SignInScreen())

    async def action_quit(self) -> None:
        """Textual's own ^Q has priority and would end the program at once: ask first."""
        ask = getattr(self.screen, "action_quit_program", None)
        if ask is not None:
            ask()

    def _leave(self, number: int) -> None:
        self.exit(128 + number)

    def leave(self, code: int = 0) -> None:
        """End the program."""
        self.exit(code)

    async def on_unmount(self) -> None:
        """Wait for the writer, two seconds at most; a posting is finished or rolled back, never cut."""
        await self.calls.close()

    def _fatal_error(self) -> None:
        # Textual would print every local variable of every frame, decrypted ones too (security.md, finding 4).
        self.bell()
        if self._exception is not None and not self.incident:
            # A worker's failure wraps what went wrong.
            self.incident = record(getattr(self._exception, "error", self._exception))
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:  # noqa: ARG002 - they may hold what is sealed
        """As a fatal error: what an exception says of itself may hold what is sealed."""
        self._fatal_error()


def run(session: Session, settings: Settings, *, mouse: bool = False) -> int:
    """Open the screens; the exit code."""
    import sys

    # Each of the two threads opens its own connection; this one would only hold a read lock.
    session.db.close()
    app = NetbillApp(session, settings)
    code = app.run(mouse=mouse)
    if app.incident:
        print(f"netbill: {app.incident}", file=sys.stderr)
        return 1
    return code or 0
