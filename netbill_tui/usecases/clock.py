"""The machine's clock against the book's own history and its server's clock: where they do not fit, nothing is written.

A payment under a wrong clock is dated on a day that is not, and everything behind it is told wrong. So a write asks first: not
more than five minutes before the last entry, not too long after it, and five minutes at most from the server's clock. Whoever may
accepts the clock, which the audit tells. Source: security.md 2.9, start-up self-check.
"""

from datetime import UTC, datetime

from netbill_tui.billing.cycles import local_time
from netbill_tui.billing.dates import short
from netbill_tui.db import operators as rows
from netbill_tui.errors import ClockProblem, InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import clean, counted
from netbill_tui.usecases.session import Session
from netbill_tui.usecases.writing import writing

NEAR_US = 5 * 60 * 1_000_000
DAY_US = 86_400 * 1_000_000


def _shown(session: Session, at_us: int) -> str:
    moment = local_time(datetime.fromtimestamp(at_us / 1e6, UTC), session.book.timezone)
    return f"{short(moment.date())}, {moment:%H:%M}"


def problem_of(session: Session, last_us: int, server_us: int) -> ClockProblem | None:
    """What is wrong with the clock, or None.

    Args:
        session: Whose clock.
        last_us: When the last entry of the book was written, UTC microseconds; 0 in a book without any.
        server_us: What the server's clock says; 0 where the book has none.
    """
    now = session.now_us()
    if server_us and abs(now - server_us) > NEAR_US:
        return ClockProblem(
            f"The clock here says {_shown(session, now)} and the server's {_shown(session, server_us)}; nothing is written until "
            "one of them is set.", ahead=False,
        )  # fmt: skip
    if last_us and now < last_us - NEAR_US:
        return ClockProblem(
            f"The clock says {_shown(session, now)}, and the last entry of the book is of {_shown(session, last_us)}; nothing is "
            "written until the clock is set. If the entry is what is wrong: netbill clock accept --reason WHY.", ahead=False,
        )  # fmt: skip
    if last_us and now > last_us + session.clock_days * DAY_US:
        days = (now - last_us) // DAY_US
        return ClockProblem(
            f"The last entry of the book is of {_shown(session, last_us)}, {counted(days, 'day')} ago. If today really is "
            f"{short(session.today())}: netbill clock accept (in the screens :clock accept --yes).", ahead=True,
        )  # fmt: skip
    return None


def problem(session: Session) -> ClockProblem | None:
    """What is wrong with the clock now, or None."""
    return problem_of(session, rows.moments(session.db)[0], session.server_us())


def accept(session: Session, reason: str = "", *, dry_run: bool = False) -> None:
    """Say that the clock is right, whatever the last entry says: from now on entries are compared with this one.

    Raises:
        InvalidInput: The clock stands before the last entry, and no reason was given.
        NotPermitted: The operator may not.

    Side effect: one audit event.
    """
    found = problem(session)
    words = clean(reason, "The reason", limit=200)
    if found is not None and not found.ahead and len(words) < 3:
        raise InvalidInput("Type why the entries are wrong and not the clock: --reason 'the clock stood a year ahead'.")
    session.needs(rights.CLOCK)
    if dry_run:
        return
    last, _ = rows.moments(session.db)
    with writing(session, rights.CLOCK, posts=False) as tx:
        tx.note("clock.accept", session.today().isoformat(), {"last": last, "reason": words})
