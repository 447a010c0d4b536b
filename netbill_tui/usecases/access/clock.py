"""A clock that does not fit the book, under which nothing is written, is accepted by whoever may.

Source: docs/security.md, *The clock*.
"""

from netbill_tui.db.access import operators
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import clean
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing


def accept(session: Session, reason: str = "", *, dry_run: bool = False) -> None:
    """Say that the clock is right, whatever the last entry says: from now on entries are compared with this one.

    Raises:
        InvalidInput: The clock stands before the last entry, and no reason was given.
        NotPermitted: The operator may not.

    Side effect: one audit event.
    """
    problem = session.clock_problem()
    words = clean(reason, "The reason", limit=200)
    if problem is not None and not problem.ahead and len(words) < 3:
        raise InvalidInput("Type why the entries are wrong and not the clock: --reason 'the clock stood a year ahead'.")
    session.needs(rights.CLOCK)
    if dry_run:
        return
    last = operators.moments(session.db).last_us
    with writing(session, rights.CLOCK, posts=False) as tx:
        tx.note("clock.accept", session.today().isoformat(), {"last": last, "reason": words})
