"""Whether the clock of this machine agrees with the book and with the book's server.

Source: docs/security.md, *The clock*.
"""

from typing import TYPE_CHECKING

from netbill_tui.db.core.engine import Database
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.calendar import Calendar, utc_now

if TYPE_CHECKING:
    from netbill_tui.errors import ClockProblem


class ClockCheck:
    """Compares the clock of a session with the last entry of its book, and with the server where the book is on one."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._server_off: int | None = None

    def problem(self, db: Database, most_days: int, last_us: int | None = None) -> "ClockProblem | None":
        """What is wrong with the clock, or None.

        Args:
            db: The open book.
            most_days: So long after the last entry the clock is doubted; 0 never doubts it for that.
            last_us: When the last entry was written, where that is known.
        """
        from netbill_tui.billing.core.clock import problem_of
        from netbill_tui.db.access.operators import moments

        last = moments(db).last_us if last_us is None else last_us
        calendar = self._calendar
        return problem_of(calendar.now_us(), last, self._server_us(db), timezone=calendar.timezone, most_days=most_days)

    def _server_us(self, db: Database) -> int:
        """What the clock of the book's server says, UTC microseconds; 0 where the book is a file.

        Asked once a sitting and carried on by the machine's own clock, which nobody can set.
        """
        if db.kind != "postgres" or self._calendar.clock is not utc_now:
            # A clock that was given is no machine's, so there is nothing to compare.
            return 0
        if self._server_off is None:
            from netbill_tui.db.access.operators import moments

            self._server_off = moments(db).server_us - host.boot_us()
        return host.boot_us() + self._server_off
