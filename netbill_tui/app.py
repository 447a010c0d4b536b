"""The program: theme, first screen, the two threads that work for it, and how it ends."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn, TextIO, cast

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.filter import LineFilter, Monochrome

from netbill_tui import commands
from netbill_tui.errors import InvalidInput
from netbill_tui.screens.access.sign_in import SignInScreen
from netbill_tui.screens.reports.dashboard import DashboardScreen
from netbill_tui.screens.shell import verbs
from netbill_tui.screens.shell.base import NetbillScreen, forms_among, save_quietly
from netbill_tui.screens.shell.desk import OperatorsDesk
from netbill_tui.screens.shell.frame import FrameScreen
from netbill_tui.screens.shell.lanes import Calls
from netbill_tui.screens.shell.lock import LockScreen
from netbill_tui.screens.shell.program import RunWords
from netbill_tui.settings import Settings
from netbill_tui.styles import roles, theme_files
from netbill_tui.terminal import signals
from netbill_tui.terminal.environment import charset_of, is_ascii
from netbill_tui.terminal.escape_driver import escape_driver
from netbill_tui.terminal.key_gate import KeyGate
from netbill_tui.terminal.line_filter import PlainGlyphs, Scrub, Uncoloured
from netbill_tui.usecases.access.sign_in import leave
from netbill_tui.usecases.core.incidents import record
from netbill_tui.usecases.core.session import Session

LEFT_BY: dict[int, str] = {signal.SIGHUP: "the line was lost", signal.SIGTERM: "terminated"}
LOOK_S = 5.0  # so often the clock of an idle sitting is looked at


_DARK = tuple(str(n) for n in range(16))  # of the last field of COLORFGBG, but for white


def _chosen(settings: Settings) -> str:
    """The theme of the settings; where none is named the terminal may say whether it is dark, which tells two of them apart."""
    if settings.origins.get("theme", "default") != "default" or not (background := os.environ.get("COLORFGBG", "")):
        return settings.theme
    last = background.rpartition(";")[2]
    return "ansi-light" if last in ("7", "15") else "ansi-dark" if last in _DARK else settings.theme


def no_unlock(session: Session) -> None:  # noqa: ARG001 - what an unlocker gets
    """Stands where nobody can sign in by himself."""
    raise InvalidInput("Type the password.")


def no_words(session: Session, words: list[str], out: TextIO, form: str) -> int:  # noqa: ARG001 - what a runner gets
    """Stands where no shell was handed over."""
    raise InvalidInput("You cannot use shell commands on this screen.")


class NetbillApp(KeyGate, App[int]):
    """One session on one terminal."""

    CSS_PATH = ["styles/layout.tcss", "styles/widgets.tcss"]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [Binding("ctrl+z", "not_stopped", show=False)]

    def __init__(
        self, session: Session, settings: Settings, run_words: RunWords = no_words, shell_words: tuple[str, ...] = ()
    ) -> None:
        """Make the program.

        Args:
            session: The open book.
            settings: How it is shown.
            run_words: Runs a command of the shell in the session.
            shell_words: The names of these commands.
        """
        super().__init__(driver_class=escape_driver(charset_of(settings.charset), differences=settings.writer == "differences"))
        self.session = session
        self.settings = settings
        self.run_words = run_words
        self.shell_words = shell_words
        self.calls = Calls(session)
        self.desk = OperatorsDesk(pane=settings.slow == "off")
        self.incident = ""
        self.leaving = False
        self.left_by = 0
        self.unlocks_itself = session.book.demo
        self.unlock_again: Callable[[Session], None] = session.unlock or no_unlock
        # Of Textual's own colours nothing is seen: what is painted is painted by roles, in the terminal's own sixteen.
        self.theme = "ansi-dark"
        self.show_theme(_chosen(settings))
        commands.use(settings.keys)
        self.set_keymap({name: keys for name, keys in settings.keys.items()})

    def show_theme(self, name: str) -> None:
        """Show everything in this theme; where no colour is wanted it is without.

        Raises:
            InvalidInput: There is no such theme, or its file cannot be read.
        """
        words = theme_files.roles_of(name)
        roles.use(name, roles.THEMES["mono"] if self.no_color else words)
        if self.is_running:
            for screen in self.screen_stack:
                for widget in screen.walk_children(with_self=True):
                    widget.refresh()

    def draw_anew(self) -> None:
        """Write everything again, whatever the terminal may show: something else may have written to it."""
        forget = getattr(self._driver, "forget", None)
        if forget is not None:
            forget()
        self.refresh(layout=True)
        self.screen.refresh(layout=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and ours last. Its one for no colour fails at a segment without a style; ours stands for it."""
        walls: list[LineFilter] = [Scrub()]
        if is_ascii(self.settings.glyphs, self.settings.charset):
            walls.append(PlainGlyphs())
        if self.no_color:
            walls.append(Uncoloured())
        return [*(f for f in super().get_line_filters() if not isinstance(f, Monochrome)), *walls]

    async def on_mount(self) -> None:
        """Listen to signals; go to the first screen, or sign in before it."""
        if not self.is_headless:
            signals.install(asyncio.get_running_loop(), self._leave)
        if self.settings.reader == "on":
            self.add_class("reader")
            if self._driver is not None:
                self._driver.write("\x1b[?25h")
        if self.settings.slow == "on":
            self.add_class("slow")
        self.set_interval(LOOK_S, self._look_at_the_clock)
        # What stands now stays; collecting it again and again is what makes a key late.
        gc.freeze()
        if self.session.operator is not None:
            await self.push_screen(DashboardScreen())
        else:
            await self.push_screen(SignInScreen())

    async def on_event(self, event: events.Event) -> None:
        """A key is a sign of life."""
        if isinstance(event, (events.Key, events.Paste)):
            self.session.sitting.used()
        elif isinstance(event, events.Resize):
            resized = getattr(self._driver, "resized", None)
            if resized is not None:
                resized(*event.size)
        await super().on_event(event)

    def action_not_stopped(self) -> None:
        """^Z: a sitting is not put to sleep with what it shows; and it takes nothing back."""
        if isinstance(self.screen, FrameScreen):
            self.screen.refuse("^Z does nothing here: ^X locks, q leaves. To take a payment back press v and give a reason.")

    async def run_line(self, screen: NetbillScreen, text: str) -> None:
        """Do what a line behind `:` says, on a screen."""
        await verbs.run_line(screen, text)

    def line_words(self) -> list[str]:
        """What the line completes."""
        return verbs.words_of(self)

    def key_comes(self, event: events.Key) -> None:
        """A key is about to reach the screen: what was said before may be over."""
        self.calls.key_comes()
        if isinstance(self.screen, FrameScreen):
            self.screen.key_comes(event)

    def on_app_blur(self) -> None:
        """The operator looks elsewhere: what is revealed is hidden, where the terminal tells that."""
        self._hide_secrets()

    def _hide_secrets(self) -> None:
        for screen in self.screen_stack:
            hide = getattr(screen, "hide_secrets", None)
            if hide is not None:
                hide()

    def _look_at_the_clock(self) -> None:
        why = self.session.sitting.overdue() if self.session.operator is not None else ""
        if why and not self.leaving:
            self.lock(why)

    def action_lock(self) -> None:
        """Lock the screens."""
        self.lock("key")

    def lock(self, why: str) -> None:
        """Keep what is half typed, drop the keys, and hide everything until the password is typed again."""
        if self.session.sitting.locked is not None or self.session.operator is None:
            return
        self.run_worker(cast(Any, partial(self._lock, why)), group="lock", exclusive=True, exit_on_error=True)

    async def _lock(self, why: str) -> None:
        forms = [*forms_among(self.screen_stack), *self.desk.waiting]
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.gather(*(save_quietly(f) for f in forms)), 1.0)
        self._hide_secrets()
        self.desk.phones.clear()
        self._clipboard = ""
        self.drop_keys()
        self.session.lock()
        await self.push_screen(LockScreen(why))

    async def action_quit(self) -> None:
        """Textual's own ^Q has priority and would end the program at once: ask first."""
        ask = getattr(self.screen, "action_quit_program", None)
        if ask is not None:
            ask()
        else:
            self.bell()  # a small form is left first, by F12

    def _leave(self, number: int) -> None:
        self.leaving, self.left_by = True, number
        self._saving = asyncio.get_running_loop().create_task(self._save_and_exit(128 + number))

    def _why_left(self) -> str:
        return LEFT_BY.get(self.left_by, "left")

    async def _save_and_exit(self, code: int) -> None:
        """Store what stands in half-filled forms, one second at most, and end."""
        forms = [*forms_among(self.screen_stack), *self.desk.waiting]
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.gather(*(save_quietly(f) for f in forms)), 1.0)
        self.exit(code)

    def leave(self, code: int = 0) -> None:
        """End the program."""
        self.leaving = True
        self.exit(code)

    async def on_unmount(self) -> None:
        """Wait for the writer, two seconds at most; a posting is finished or rolled back, never cut."""
        if self.session.sitting.is_stored:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.calls.last(leave, self.session, self._why_left()), 1.0)
        await self.calls.close()

    def _fatal_error(self) -> None:
        # Textual would print every local variable of every frame, decrypted ones too (docs/security.md, *The
        # terminal, files, the host*).
        self.bell()
        if self._exception is not None and not self.incident:
            # A worker's failure wraps what went wrong.
            self.incident = record(getattr(self._exception, "error", self._exception))
        self._close_messages_no_wait()

    def panic(self, *renderables: Any) -> None:  # noqa: ARG002 - they may hold what is sealed
        """As a fatal error: what an exception says of itself may hold what is sealed."""
        self._fatal_error()


def _leave(session: Session, number: int) -> NoReturn:
    """End after a signal, whatever became of the terminal: where it is gone the driver's threads would wait for it for ever."""
    with contextlib.suppress(Exception):
        session.db.connect()
        leave(session, LEFT_BY.get(number, "terminated"))
        session.db.close()
    os._exit(128 + number)


def run(session: Session, settings: Settings, run_words: RunWords, shell_words: tuple[str, ...], *, mouse: bool = False) -> int:
    """Open the screens; the exit code."""
    import sys

    # Each of the two threads opens its own connection; this one would only hold a read lock.
    session.db.close()
    app = NetbillApp(session, settings, run_words, shell_words)
    try:
        code = app.run(mouse=mouse)
    except Exception:
        if not app.left_by:
            raise
    if app.left_by:
        _leave(session, app.left_by)
    if app.incident:
        print(f"netbill: {app.incident}", file=sys.stderr)
        return 1
    return code or 0
