"""The overdue balances are brought to today, once on the first use of a business date."""

from collections.abc import Callable

from netbill_tui.db.core.engine import CommitUnknown, Database
from netbill_tui.db.receivables import balances
from netbill_tui.errors import Busy, NotSaved

PAUSE_S = 0.005  # between two steps, for whoever waits to post


class Rollover:
    """Remembers up to which day the overdue balances of a book are known to be right."""

    def __init__(self) -> None:
        self._rolled = self._begun = ""

    def to(self, db: Database, today: str, check: Callable[[], None], *, whole: bool) -> None:
        """Bring the balances to this day, an ISO date, where that was not done yet; step by step in a large book.

        Args:
            db: The open book.
            today: The business date of this moment.
            check: Raises where the book must not be written now.
            whole: Of every customer, as one who reads wants it; who posts goes on once it is begun, and what they post stands at
                this day.

        Raises:
            Busy: Another desk brings them to another day.
            NotSaved: It is not known whether they stand at this day.
        """
        if today in ((self._rolled,) if whole else (self._rolled, self._begun)):
            return
        at = balances.rolled(db)
        left = at.on != today or at.in_steps
        begun = False
        while left and (whole or at.on != today):
            check()
            if begun and balances.rolled(db).on != today:
                # A desk whose clock stands at another day brings them there: neither waits for the other without an end.
                raise Busy("The book is being brought to another date; try again in a moment.")
            begun = True
            try:
                with db.write():
                    left = balances.roll(db, today)
            except CommitUnknown as error:
                db.connect()
                raise NotSaved("The book could not be brought to today's date; check disk and server, then try again.") from error
            if not whole:
                break
            if left:
                db.give_way(PAUSE_S)
        self._begun = today
        if not left:
            self._rolled = today
