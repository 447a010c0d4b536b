"""The overdue balances are brought to today, once on the first use of a business date."""

from collections.abc import Callable

from netbill_tui.db.core.engine import CommitUnknown, Database
from netbill_tui.db.receivables import balances
from netbill_tui.errors import NotSaved


class Rollover:
    """Remembers up to which day the overdue balances of a book are known to be right."""

    def __init__(self) -> None:
        self._rolled = ""

    def to(self, db: Database, today: str, check: Callable[[], None]) -> None:
        """Bring the balances to this day, an ISO date, under the write lock, where that was not done yet.

        Args:
            db: The open book.
            today: The business date of this moment.
            check: Raises where the book must not be written now.

        Raises:
            NotSaved: It is not known whether they stand at this day.
        """
        if self._rolled == today:
            return
        if balances.rolled_to(db) != today:
            check()
            try:
                with db.write():
                    balances.roll(db, today)
            except CommitUnknown as error:
                db.connect()
                raise NotSaved("The book could not be brought to today's date; check disk and server, then try again.") from error
        self._rolled = today
