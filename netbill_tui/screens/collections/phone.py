"""The phone number of the account under the cursor: opened where the cursor rests, once an account and sitting."""

from collections.abc import Callable
from functools import partial

from textual.timer import Timer

from netbill_tui.errors import NetbillError, NotPermitted, SessionEnded
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.customers import profiles

REST_S = 0.15  # who only passes by opens nothing


class Phone:
    """Numbers that were opened in this sitting; each opening has left its audit event. A locked screen forgets them."""

    def __init__(self, screen: NetbillScreen, came: Callable[[], None]) -> None:
        """Nothing is open yet.

        Args:
            screen: On which the numbers are shown.
            came: Called when the number of the account under the cursor is there.
        """
        self._screen, self._came = screen, came
        self._timer: Timer | None = None
        self._account = ""
        self._turn = 0
        self._opening: set[str] = set()

    @property
    def _open(self) -> dict[str, str]:
        return self._screen.netbill.desk.phones

    def known(self, account: str) -> str:
        """The number, or nothing where it was not opened or there is none."""
        return self._open.get(account, "")

    def rest_on(self, account: str) -> None:
        """The cursor came to an account; where it rests its number is opened."""
        self._account = account
        self.stop()
        session = self._screen.session
        if account not in self._open and session.settings.can_post and session.operator is not None:
            self._timer = self._screen.set_timer(REST_S, self._opens)

    def stop(self) -> None:
        """The cursor rests nowhere: the screen is left, or another is above it."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def forget(self) -> None:
        """Nothing that was opened is known any more, nor what is being opened now."""
        self.stop()
        self._turn += 1
        self._open.clear()

    def _opens(self) -> None:
        account = self._account
        if self._screen.is_current and account not in self._opening and account not in self._open:
            # At once, and not when the work begins: a busy machine lets the cursor rest a second time before it does.
            self._opening.add(account)
            self._screen.beside(partial(self._read, account), "phone")

    async def _read(self, account: str) -> None:
        turn = self._turn
        try:
            # Not by the screen's own way of writing: nobody waits for this, and nothing is said of it.
            contact = await self._screen.netbill.calls.write(profiles.show_contact, self._screen.session, account)
        except SessionEnded:
            raise
        except NotPermitted:
            contact = []  # not one's right: asked once, and the audit has it
        except NetbillError:
            return  # the book is busy: it is asked again when the cursor comes back
        finally:
            self._opening.discard(account)
        if turn != self._turn or self._screen.session.sitting.locked is not None:
            return
        self._open[account] = next((value for kind, value in contact if kind == "phone"), "")
        if account == self._account and self._open[account]:
            self._came()
